import json
from typing import Any

import pytest

from perennial import events, wiring
from perennial.content import dump
from perennial.identity import Alias
from perennial.settings import ReceivingSettings
from tests.adapters.cloud import BUCKET, client, fault, items
from tests.handlers.conftest import Bundle
from tests.handlers.shop import MINA, STORE, fixture, headers, small_content

TWO_CALLS = {"UpdateItem": 1, "SendMessage": 1}


def _told(answer: dict[str, Any]) -> Any:
    return json.loads(answer["body"])


def _owner(alias: Alias) -> str | None:
    return wiring.for_receiving().directory.owner(STORE, alias)


def test_a_signed_order_joins_the_line_of_its_customer(bundle: Bundle) -> None:
    answer = bundle.post("orders/create", fixture("order"))
    assert (answer["statusCode"], _told(answer)["outcome"]) == (200, "queued")
    ((body, group),) = bundle.messages()
    event = events.from_json(body)
    assert (event.type, event.id) == ("OrderPlaced", "shopify:orders/create:b54557e4-0001")
    assert group == f"{STORE}:{_owner(Alias('email', MINA))}"
    assert bundle.messages("patient") == []


def test_whoever_ordered_before_is_the_same_customer(bundle: Bundle) -> None:
    bundle.post("orders/create", fixture("order", id=1, admin_graphql_api_id="gid://shopify/Order/1"))
    bundle.post("orders/create", fixture("order", id=2, admin_graphql_api_id="gid://shopify/Order/2"))
    bundle.post("orders/create", fixture("order", id=3, email="tom@example.com"))
    groups = [group for _, group in bundle.messages()]
    assert (groups[0] == groups[1], groups[0] == groups[2]) == (True, False)


def test_a_body_that_came_encoded_is_verified_over_its_own_bytes(bundle: Bundle) -> None:
    body = fixture("order", note="Grüße \u2603")
    assert bundle.post("orders/create", body, encoded=True)["statusCode"] == 200
    assert len(bundle.messages()) == 1


@pytest.mark.parametrize("spell", [str.lower, str.upper, str.title])
def test_headers_may_be_spelt_in_any_case(bundle: Bundle, spell: Any) -> None:
    body = fixture("order")
    spelt = {spell(name): value for name, value in headers("orders/create", body).items()}
    assert bundle.post("orders/create", body, headers=spelt)["statusCode"] == 200
    assert len(bundle.messages()) == 1


@pytest.mark.parametrize("signature", [None, "", "bm9uc2Vuc2U=", "ÿ"])
def test_what_is_not_signed_by_the_shop_is_refused_and_leaves_nothing(bundle: Bundle, signature: str | None) -> None:
    body = fixture("order")
    forged = headers("orders/create", body)
    del forged["x-shopify-hmac-sha256"]
    if signature is not None:
        forged["x-shopify-hmac-sha256"] = signature
    answer = bundle.post("orders/create", body, headers=forged)
    assert answer["statusCode"] == 401
    assert (items(), bundle.messages(), bundle.messages("patient")) == ([], [], [])


def test_a_body_that_was_changed_on_its_way_is_refused(bundle: Bundle) -> None:
    signed = headers("orders/create", fixture("order"))
    assert bundle.post("orders/create", fixture("order", note="x"), headers=signed)["statusCode"] == 401
    assert bundle.post("orders/create", b"", headers=signed)["statusCode"] == 401


@pytest.mark.parametrize("path", ["/webhooks/shopify/nobody", "/webhooks/ebay/larkspur", "/webhooks/SHOPIFY/larkspur"])
def test_an_address_that_is_not_set_up_is_unknown(bundle: Bundle, path: str) -> None:
    assert bundle.post("orders/create", fixture("order"), path=path)["statusCode"] == 404
    assert items() == []


def test_while_a_secret_is_rotated_both_are_taken(bundle: Bundle) -> None:
    value = json.dumps({"current": "new one", "previous": "hush-hush"})
    client("ssm").put_parameter(
        Name=f"/perennial/webhooks/{STORE}/shopify", Value=value, Type="SecureString", Overwrite=True
    )
    for secret, status in (("new one", 200), ("hush-hush", 200), ("older", 401)):
        assert bundle.post("orders/create", fixture("order"), secret=secret)["statusCode"] == status


def test_news_of_an_order_nobody_knows_yet_waits_at_the_order(bundle: Bundle) -> None:
    answer = bundle.post("fulfillments/create", fixture("fulfillment"))
    assert (answer["statusCode"], _told(answer)["reason"]) == (200, "nobody owns this yet")
    (waiting,) = wiring.for_receiving().parking.parked(STORE)
    assert (waiting.kind, events.from_json(waiting.content).type) == ("alias", "ShipmentShipped")
    assert bundle.messages() == []


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("orders/create", b"{"),
        ("orders/create", b"\xff\xfe\x00"),
        ("orders/create", b"[]"),
        ("products/update", b'{"id": 1}'),
    ],
)
def test_what_nobody_can_read_is_kept_and_not_refused(bundle: Bundle, topic: str, body: bytes) -> None:
    answer = bundle.post(topic, body, encoded=True)
    assert (answer["statusCode"], _told(answer)["outcome"]) == (200, "parked")
    parking = wiring.for_receiving().parking
    (kept,) = parking.parked(STORE)
    assert (kept.kind, kept.platform) == ("body", "shopify")
    assert parking.content(kept) == body.decode("utf-8", errors="backslashreplace")
    assert kept.headers["x-shopify-topic"] == topic


def test_the_same_unreadable_body_is_kept_once(bundle: Bundle) -> None:
    for _ in range(2):
        bundle.post("orders/create", b"{")
        bundle.clock.move(hours=1)
    (kept,) = wiring.for_receiving().parking.parked(STORE)
    assert kept.parked_at == bundle.clock.now.replace(hour=8)


def test_a_legal_request_waits_for_a_person(bundle: Bundle) -> None:
    answer = bundle.post("customers/data_request", fixture("data_request"))
    assert (answer["statusCode"], _told(answer)["outcome"]) == (200, "parked")
    (kept,) = wiring.for_receiving().parking.parked(STORE)
    told = "DataRequested: answer it within 30 days, see `perennial export`"
    assert (kept.kind, kept.reason) == ("request", told)


def test_an_erasure_joins_the_line_of_whom_it_names(bundle: Bundle) -> None:
    answer = bundle.post("customers/redact", fixture("customer_redact"))
    assert (answer["statusCode"], _told(answer)["outcome"]) == (200, "queued")
    assert len(bundle.messages()) == 1


def test_an_order_too_large_for_a_queue_goes_by_way_of_the_bucket(bundle: Bundle) -> None:
    lines = json.loads(fixture("order"))["line_items"][0]
    many = [{**lines, "id": n, "title": f"Kettle {n} " + "x" * 400} for n in range(800)]
    assert bundle.post("orders/create", fixture("order", line_items=many))["statusCode"] == 200
    ((body, _),) = bundle.messages()
    key = json.loads(body)["stored_as"]
    stored: Any = events.from_json(client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())
    assert len(stored.order.lines) == 800


def test_a_webhook_is_accepted_with_two_calls(bundle: Bundle) -> None:
    bundle.post("orders/create", fixture("order"))
    bundle.calls.clear()
    bundle.post("orders/updated", fixture("order"), delivery="b54557e4-0002")
    assert bundle.calls == TWO_CALLS


def test_a_process_reads_its_secrets_once(bundle: Bundle) -> None:
    bundle.post("orders/create", fixture("order"))
    assert bundle.calls == {**TWO_CALLS, "GetParameter": 2}


def test_one_line_is_logged_with_ids_and_outcome(bundle: Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    bundle.post("orders/create", fixture("order"))
    (line,) = bundle.logged()
    assert (line["level"], line["message"], line["outcome"], line["store"]) == ("INFO", "webhook", "queued", STORE)
    assert line["event_id"] == "shopify:orders/create:b54557e4-0001"
    assert line["customer"] == _owner(Alias("email", MINA))
    assert '"WebhookQueued":[1.0]' in capsys.readouterr().out


def test_parked_and_refused_deliveries_are_counted(bundle: Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    bundle.post("orders/create", b"{")
    assert '"WebhookParked":[1.0]' in capsys.readouterr().out
    bundle.post("orders/create", b"{", secret="another")
    assert '"WebhookRefused":[1.0]' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("dynamodb", "UpdateItem", "ThrottlingException"),
        ("sqs", "SendMessage", "QueueDoesNotExist"),
        ("ssm", "GetParameter", "AccessDeniedException"),
    ],
)
def test_a_fault_of_our_own_is_answered_so_that_the_shop_tries_again(
    bundle: Bundle, capsys: pytest.CaptureFixture[str], service: str, operation: str, code: str
) -> None:
    with fault(client(service), operation, code):
        answer = bundle.post("orders/create", fixture("order"))
    assert answer["statusCode"] == 500
    (line,) = bundle.logged()
    assert (line["level"], line["message"]) == ("ERROR", "webhook failed")
    assert f"{operation}: {code}" in line["reason"]
    assert '"WebhookFailed":[1.0]' in capsys.readouterr().out
    assert bundle.post("orders/create", fixture("order"))["statusCode"] == 200


def test_a_fault_that_quotes_a_person_is_logged_without_its_words(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError(MINA)

    monkeypatch.setattr("perennial.receiving._addressee", broken)
    assert bundle.post("orders/create", fixture("order"))["statusCode"] == 500
    assert bundle.logged()[-1]["reason"].startswith("KeyError in broken, line ")


def test_a_store_without_a_secret_is_our_own_fault(bundle: Bundle) -> None:
    client("ssm").delete_parameter(Name=f"/perennial/webhooks/{STORE}/shopify")
    assert bundle.post("orders/create", fixture("order"))["statusCode"] == 500
    assert "no webhook secret is set" in bundle.logged()[-1]["reason"]


def test_a_store_takes_only_the_platforms_it_names(bundle: Bundle) -> None:
    with open(ReceivingSettings.read().content, "w") as file:
        file.write(dump(small_content(platforms=["perennial"])))
    wiring.forget()
    assert bundle.post("orders/create", fixture("order"))["statusCode"] == 404
