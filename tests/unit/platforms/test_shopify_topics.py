"""Headers are unsigned: a body must be what its topic says. And bodies that are no JSON are refused with a reason."""

import json
from typing import Any

import pytest

from perennial.errors import BodyUnreadable
from perennial.platforms import shopify, shopify_orders
from perennial.platforms.bodies import Body
from tests.unit.platforms.deliveries import RECEIVED, SAMPLES, headers, sample, told

OF_ORDERS = {topic for topic, name in SAMPLES.items() if name == "order"}
OF_PARCELS = {topic for topic, name in SAMPLES.items() if name == "fulfillment"}


def test_there_is_a_sample_for_every_topic() -> None:
    assert SAMPLES.keys() == shopify.TOPICS.keys()


@pytest.mark.parametrize("topic", SAMPLES)
def test_every_topic_is_read_under_either_spelling_of_its_headers(topic: str) -> None:
    body = json.dumps(sample(SAMPLES[topic])).encode()
    bare = {name.removeprefix("X-").upper(): value for name, value in headers(topic).items()}
    event = shopify.parse(bare, body, "larkspur", RECEIVED)
    assert event == told(topic, sample(SAMPLES[topic]))
    assert (event.id, event.received_at) == (f"shopify:{topic}:b54557e4-0001", RECEIVED)


@pytest.mark.parametrize(
    ("topic", "name"), [(topic, name) for topic in SAMPLES for name in sorted(set(SAMPLES.values()) - {SAMPLES[topic]})]
)
def test_a_body_under_another_topic_is_refused(topic: str, name: str) -> None:
    with pytest.raises(BodyUnreadable, match=f"^{topic}: the body has .*: it is something else$"):
        told(topic, sample(name))


def test_an_order_under_the_header_of_an_erasure_erases_nobody() -> None:
    disguised = sample("order") | {"shop_id": 1, "shop_domain": "x", "orders_to_redact": []}
    with pytest.raises(BodyUnreadable, match="the body has id: it is something else"):
        told("customers/redact", disguised)


@pytest.mark.parametrize("name", ["customer_redact", "data_request"])
def test_a_request_about_one_customer_never_erases_the_store(name: str) -> None:
    with pytest.raises(BodyUnreadable, match="the body has customer, .*: it is something else"):
        told("shop/redact", sample(name))


@pytest.mark.parametrize("topic", sorted(OF_ORDERS | OF_PARCELS | {"refunds/create", "fulfillment_events/create"}))
def test_a_gid_of_another_kind_is_refused(topic: str) -> None:
    other = sample(SAMPLES[topic], {"admin_graphql_api_id": "gid://shopify/DraftOrder/1"})
    with pytest.raises(BodyUnreadable, match="admin_graphql_api_id is not of the kind"):
        told(topic, other)


def test_a_subscription_may_leave_fields_out() -> None:
    few = ("id", "admin_graphql_api_id", "updated_at")
    whole = sample("order")
    event = told("orders/updated", {name: whole[name] for name in few})
    assert event.order.model_fields_set == {"id", "contact"}


def test_the_shops_domain_is_neither_needed_nor_believed() -> None:
    assert told("shop/redact", sample("shop_redact"), shop_domain="rival.example").store == "larkspur"


@pytest.mark.parametrize("wrapped", ["order", "orders"])
def test_a_wrapped_body_is_refused_by_name(wrapped: str) -> None:
    inside = sample("order") if wrapped == "order" else [sample("order")]
    with pytest.raises(BodyUnreadable, match=f"wrapped, in {wrapped}; webhooks send it bare"):
        told("orders/create", {wrapped: inside, "transactions": []})


@pytest.mark.parametrize("topic", ["orders/delete", "products/update", "app/uninstalled", "Order"])
def test_an_unknown_topic_is_refused_by_name(topic: str) -> None:
    with pytest.raises(BodyUnreadable, match=f"^unknown topic {topic.lower()}$"):
        told(topic, sample("order"))


def test_a_missing_topic_is_told() -> None:
    with pytest.raises(BodyUnreadable, match="x-shopify-topic is missing"):
        shopify.parse({}, b"{}", "larkspur", RECEIVED)


def test_a_topic_cannot_smuggle_anything_into_the_log() -> None:
    with pytest.raises(BodyUnreadable, match="^unknown topic hianewline$"):
        told("hi\na new line ü", {})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON: Expecting value at line 1, column 1"),
        (b'{"id": 1', "not JSON: Expecting ',' delimiter at line 1, column 9"),
        (b"id=1", "not JSON: Expecting value"),
        (b'{"id": NaN}', "not JSON: NaN is not a JSON number"),
        (b'{"id": -Infinity}', "not JSON: -Infinity is not a JSON number"),
        (b'{"id": 1e99999999999999999999}', "a number is too long"),
        (b'{"id": ' + b"9" * 5000 + b"}", "a number is too long"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"[]", "body: expected an object, got a list"),
        (b"null", "body: expected an object, got null"),
        (b'"order"', "body: expected an object, got text"),
        ('{"name": "Zoë"}'.encode("latin-1"), r"not UTF-8 \(at byte 12\)"),
        ('{"name": "Zoë"}'.encode("utf-16"), "not UTF-8"),
    ],
)
def test_what_is_no_json_object_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(BodyUnreadable, match=reason):
        told("orders/create", body)


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert told("shop/redact", b"\xef\xbb\xbf" + json.dumps(sample("shop_redact")).encode()).type


def test_without_a_delivery_id_the_same_body_has_the_same_event_id() -> None:
    body = json.dumps(sample("order")).encode()
    first, second = (shopify.parse({"x-shopify-topic": "orders/paid"}, body, "larkspur", RECEIVED) for _ in range(2))
    assert first.id == second.id
    assert first.id.startswith("shopify:orders/paid:sha256-")


def test_what_the_models_refuse_is_a_reason_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The readers should leave nothing for pydantic to refuse; if one does, the delivery is parked all the same."""

    def broken(*_: object) -> Any:
        event, fields = shopify_orders.updated(Body(sample("order")), RECEIVED)
        return event, fields | {"order": fields["order"] | {"total": "mina@okafor.example", "x y": 1}}

    monkeypatch.setattr(shopify, "TOPICS", {"orders/paid": shopify.Topic(broken, frozenset())})
    with pytest.raises(BodyUnreadable, match=r"^order\.total: Input should be .*; order\.…: Extra inputs"):
        told("orders/paid", sample("order"))
