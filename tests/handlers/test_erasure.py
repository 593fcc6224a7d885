"""A shop's redaction request through both functions: what lies in the table afterwards names nobody."""

import json
from datetime import timedelta

import pytest

from perennial import advancing
from perennial.platforms import shopify
from tests.adapters.cloud import BUCKET, client, fault, items
from tests.handlers.conftest import Bundle
from tests.handlers.shop import MINA, PERSONAL, SECRET, fixture

HELD = tuple(value for value in PERSONAL if value not in ("kettle", "hush-hush", "p" * 16))
"""Goods stay in the books."""

HOUR = timedelta(hours=1)


def named() -> list[str]:
    """Whatever personal lies in the table or the bucket."""
    bodies = client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    stored = [client("s3").get_object(Bucket=BUCKET, Key=body["Key"])["Body"].read().decode() for body in bodies]
    text = json.dumps([items(), stored]).lower().replace('\\"', '"')
    return [value for value in HELD if value in text]


def lived(bundle: Bundle) -> None:
    bundle.post("orders/create", fixture("order"))
    bundle.post("fulfillments/create", fixture("fulfillment"), delivery="2")
    bundle.post("customers_email_marketing_consent/update", fixture("consent_email"), delivery="3")
    assert bundle.advance() == []
    bundle.post("orders/create", b"{ unreadable, from " + MINA.encode() + b"x" * 400_000, delivery="4")


def test_one_request_leaves_nothing_personal_anywhere(bundle: Bundle) -> None:
    lived(bundle)
    assert {"okafor", "mina@"} <= set(named())
    bundle.post("customers/redact", fixture("customer_redact"), delivery="5")
    assert bundle.advance() == []
    assert named() == []
    (line,) = (line for line in bundle.logged() if line.get("event_type") == "ErasureRequested" and "emptied" in line)
    assert (line["outcome"], line["emptied"]["parked"]) == ("applied", 1)
    assert bundle.schedules() == []


def test_a_request_that_takes_many_runs_leaves_nothing_either(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run has time for one thing, and the request joins the line once more for the next."""
    monkeypatch.setattr(advancing, "MOST_TIME", timedelta(0))
    lived(bundle)
    bundle.post("customers/redact", fixture("customer_redact"), delivery="5")
    runs = 0
    while waiting := bundle.messages():
        assert [bundle.take(body, group) for body, group in waiting] == [[]]
        runs += 1
    assert (named(), bundle.schedules()) == ([], [])
    told = [line for line in bundle.logged() if line.get("event_type") == "ErasureRequested" and "emptied" in line]
    assert runs == len(told) > 3
    assert [line.get("goes_on", False) for line in told] == [True] * (runs - 1) + [False]


def test_what_the_shop_tells_afterwards_about_the_old_order_brings_nobody_back(bundle: Bundle) -> None:
    lived(bundle)
    bundle.post("customers/redact", fixture("customer_redact"), delivery="5")
    bundle.advance()
    bundle.clock.now += HOUR
    bundle.calls.clear()
    for n, topic in enumerate(("orders/updated", "orders/create", "orders/paid")):
        bundle.post(topic, fixture("order", total_price="1.00"), delivery=f"6{n}")
    assert bundle.advance() == []
    assert (named(), bundle.calls["SendEmail"]) == ([], 0)


def test_an_order_placed_afterwards_is_cared_for(bundle: Bundle) -> None:
    lived(bundle)
    bundle.post("customers/redact", fixture("customer_redact"), delivery="5")
    bundle.advance()
    bundle.clock.now += HOUR
    bundle.calls.clear()
    new = fixture(
        "order", id=7, **dict.fromkeys(("created_at", "processed_at", "updated_at"), bundle.clock.now.isoformat())
    )
    told = {
        "x-shopify-topic": "orders/create",
        "x-shopify-webhook-id": "7",
        "x-shopify-shop-domain": "larkspur.example",
    }
    bundle.post("orders/create", new, headers=shopify.sign(told, new, SECRET, bundle.clock.now))
    assert bundle.advance() == []
    assert bundle.advance() == [], "forwarded to whoever is new, and taken there"
    assert bundle.calls["SendEmail"] == 1


@pytest.mark.parametrize("operation", ["Query", "UpdateItem", "DeleteItem", "TransactWriteItems"])
def test_an_erasure_that_meets_a_fault_comes_again(bundle: Bundle, operation: str) -> None:
    lived(bundle)
    bundle.post("customers/redact", fixture("customer_redact"), delivery="5")
    ((body, group),) = bundle.messages()
    with fault(client("dynamodb"), operation, "InternalServerError", 500):
        assert bundle.take(body, group) != []
    assert bundle.take(body, group, received=2) == []
    assert named() == []


def test_a_stranger_can_be_erased_too(bundle: Bundle) -> None:
    bundle.post("customers/redact", fixture("customer_redact"))
    assert bundle.advance() == []
    assert named() == []
    bundle.post("orders/create", fixture("order"), delivery="2")
    assert bundle.advance() == []
    assert (named(), bundle.calls["SendEmail"]) == ([], 0)
