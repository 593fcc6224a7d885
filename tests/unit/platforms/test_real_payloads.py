"""Samples and signatures published by others. They stay outside the repository, in `../shared/payloads`.

Without them these tests are skipped, and say so; what they taught is in the project's own fixtures.
"""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from perennial import events
from perennial.errors import BodyUnreadable, SignatureInvalid
from perennial.platforms import Secrets, platform, shopify
from tests.unit.platforms.deliveries import RECEIVED, SHARED, told

pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="no ../shared/payloads beside the repository: published samples are not checked"
)

SHOPIFY = SHARED / "shopify"
FILES = sorted(SHOPIFY.rglob("*.json")) or [Path("none.json")]
NOT_TAKEN = (
    "checkouts_",
    "customer.",
    "customers_",
    "order_transactions_",
    "orders_delete",
    "returns_",
    "subscription_",
)
NOT_TOLD = ("abandoned_checkout", "customer_with_consent")


def topic_of(file: Path) -> str:
    """The topic a documented sample is named after; for REST resources, the topic that sends the same shape."""
    exact = {topic.replace("/", "_"): topic for topic in shopify.TOPICS}
    if file.stem in exact:
        return exact[file.stem]
    if file.stem.startswith(NOT_TAKEN + NOT_TOLD):
        return file.stem
    kinds = {"order": "orders/updated", "fulfillment_event": "fulfillment_events/create", "refund": "refunds/create"}
    kinds = {**kinds, "fulfillment": "fulfillments/update"}
    return next(kinds[kind] for kind in sorted(kinds, key=len, reverse=True) if file.stem.startswith(kind))


def read(*parts: str, topic: str | None = None) -> Any:
    file = SHOPIFY.joinpath(*parts).with_suffix(".json")
    return told(topic or topic_of(file), file.read_bytes())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_published_sample_is_an_event_or_refused_for_a_reason(file: Path) -> None:
    topic = topic_of(file)
    if file.stem == "customers_merge":
        with pytest.raises(BodyUnreadable, match="the merge is not completed"):
            told(topic, file.read_bytes())
    elif topic in shopify.TOPICS and file.parent.name != "go-shopify":
        event = told(topic, file.read_bytes())
        assert events.from_json(events.to_json(event)) == event
    else:
        with pytest.raises(BodyUnreadable, match="unknown topic|wrapped, in"):
            told(topic, file.read_bytes())


def test_every_documented_topic_we_take_has_been_read() -> None:
    documented = {topic_of(file) for file in FILES if file.parent.name == "docs-2026-04"}
    assert documented >= shopify.TOPICS.keys()


def test_all_documented_topics_of_the_order_agree_on_its_id_though_rounded() -> None:
    ours = [file.stem for file in FILES if topic_of(file) in shopify.TOPICS and "docs" in str(file)]
    read_all = [read("docs-2026-04", name) for name in ours if name != "customers_merge"]
    ids = {
        event.order.id if isinstance(event, events.OrderEvent) else getattr(event, "order_id", None)
        for event in read_all
    }
    assert ids - {None} == {"820982911946154500"}


def test_a_partly_refunded_order_keeps_both_totals() -> None:
    order = read("rest-2026-07", "order_partially_refunded_discount_3lines").order
    assert (order.total, order.current_total) == (Decimal("598.94"), Decimal("199.65"))
    assert [(line.quantity, line.current_quantity) for line in order.lines] == [(1, 0), (1, 1), (1, 0)]
    assert [(refund.amount, refund.settled) for refund in order.refunds] == [(Decimal("209.00"), True)]
    assert [parcel.cancelled for parcel in order.parcels] == [True]


def test_what_the_lines_come_to_is_what_was_paid_back() -> None:
    """Two transactions of 10.00 and 100.00; lines of 199.64 less a discrepancy of 89.64."""
    body = json.loads((SHOPIFY / "rest-2026-07" / "order_cancelled_refunded_gift_card_gateway.json").read_bytes())
    moved = told("orders/updated", body).order.refunds[0]
    body["refunds"][0]["transactions"] = []
    estimated = told("orders/updated", body).order.refunds[0]
    assert moved.amount == estimated.amount == Decimal("110.00")
    assert (moved.settled, estimated.settled) == (True, False)


def test_an_empty_email_is_told_from_a_null_one() -> None:
    contact = read("rest-2026-07", "order_no_customer_empty_email").order.contact
    assert (contact.email, contact.email_missing, contact.customer_id) == (None, "empty", None)


def test_the_placeholder_currency_of_a_documented_refund_is_not_believed() -> None:
    refund = read("docs-2026-04", "refunds_create").refund
    assert (refund.amount, refund.currency) == (Decimal("85.00"), "USD")


def test_one_number_with_two_addresses_keeps_both() -> None:
    tracking = read("rest-2026-07", "fulfillment_custom_carrier").parcel.tracking
    assert [(each.number, each.url is not None) for each in tracking] == [("123456789", True), (None, True)]


def test_the_shape_of_2016_without_its_wrapper_is_read() -> None:
    bare = json.loads((SHOPIFY / "go-shopify" / "order_2016.json").read_bytes())["order"]
    order = told("orders/create", bare).order
    assert (order.currency, order.total, order.shipping) == ("USD", Decimal("10.00"), Decimal("10.00"))
    assert order.contact.email == "jon@doe.ca"


def vectors() -> list[Any]:
    file = SHARED / "signatures.json"
    every = json.loads(file.read_bytes())["vectors"] if file.is_file() else []
    taken = [vector for vector in every if vector["id"].startswith(("shopify", "standard-webhooks"))]
    return [pytest.param(vector, id=vector["id"]) for vector in taken] or [pytest.param({}, id="none")]


@pytest.mark.parametrize("vector", vectors())
def test_published_signatures_are_judged_as_their_authors_do(vector: dict[str, Any]) -> None:
    scheme = platform("shopify" if vector["id"].startswith("shopify") else "perennial")
    now = datetime.fromtimestamp(int(vector["headers"].get("webhook-timestamp", 0)), UTC)
    body, secrets = vector["body"].encode(), Secrets(vector["secret"])
    if vector["valid"]:
        scheme.verify(vector["headers"], body, secrets, now)
        made = scheme.sign(vector["headers"], body, vector["secret"], now)
        assert vector["expected"] in made.values()
    else:
        with pytest.raises(SignatureInvalid, match="match"):
            scheme.verify(vector["headers"], body, secrets, now)


def test_received_is_later_than_every_sample() -> None:
    assert datetime(2026, 1, 1, tzinfo=UTC) < RECEIVED
