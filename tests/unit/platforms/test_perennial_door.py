"""Perennial's own door: canonical events, signed by Standard Webhooks."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from perennial import events
from perennial.errors import BodyUnreadable, Misconfigured, SignatureInvalid
from perennial.platforms import Secrets, perennial

NOW = datetime(2031, 5, 4, 12, tzinfo=UTC)
NEW, OLD = "whsec_bmV3LXNlY3JldC1vZi0yNC1ieXRlcw==", "b2xkLXNlY3JldC1vZi0yNC1ieXRlcw=="
SECRETS = Secrets(NEW, OLD)
BODY = b'{"type": "CustomerUpdated"}'
UPDATED = {"type": "CustomerUpdated", "occurred_at": "2031-05-04T11:00:00Z", "contact": {"email": "a@b.example"}}


def signed(secret: str = NEW, body: bytes = BODY, at: datetime = NOW) -> dict[str, str]:
    return perennial.sign({"Webhook-Id": "msg_1"}, body, secret, at)


def refusal(headers: Mapping[str, str], body: bytes = BODY, secrets: Secrets = SECRETS, now: datetime = NOW) -> str:
    with pytest.raises(SignatureInvalid) as refused:
        perennial.verify(headers, body, secrets, now)
    return str(refused.value)


def told(body: object, headers: Mapping[str, str] | None = None) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return perennial.parse(headers if headers is not None else {"Webhook-Id": "msg_1"}, raw, "larkspur", NOW)


# --- signatures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_current_and_previous_secret_are_accepted(secret: str) -> None:
    perennial.verify(signed(secret), BODY, SECRETS, NOW)


def test_our_signature_is_the_librarys() -> None:
    assert signed()["webhook-signature"] == Webhook(NEW).sign("msg_1", NOW, BODY.decode())


def test_the_library_accepts_what_we_sign_at_its_own_time() -> None:
    Webhook(NEW).verify(BODY, signed(at=datetime.now(UTC)))


@pytest.mark.parametrize("off", [timedelta(minutes=-5), timedelta(), timedelta(minutes=5)])
def test_five_minutes_are_tolerated_in_both_directions(off: timedelta) -> None:
    perennial.verify(signed(), BODY, SECRETS, NOW + off)


@pytest.mark.parametrize(
    "off", [timedelta(minutes=-5, seconds=-1), timedelta(minutes=5, seconds=1), timedelta(days=900)]
)
def test_more_than_five_minutes_are_stale(off: timedelta) -> None:
    assert "more than five minutes" in refusal(signed(), now=NOW + off)


def test_only_our_now_counts_and_not_the_machines_clock() -> None:
    long_ago = datetime(2001, 1, 1, tzinfo=UTC)
    perennial.verify(signed(at=long_ago), BODY, SECRETS, long_ago)


def test_one_of_several_signatures_is_enough() -> None:
    several = signed() | {"webhook-signature": f"v1a,abc v1,{'A' * 43}= {signed()['webhook-signature']} nonsense"}
    perennial.verify(several, BODY, SECRETS, NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_header_is_named(name: str) -> None:
    assert refusal({key: value for key, value in signed().items() if key != name}) == f"the header {name} is missing"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp"])
def test_id_and_time_are_signed(name: str) -> None:
    changed = signed() | {name: signed()[name][:-1] + "9"}
    assert "no signature matches" in refusal(changed)


@pytest.mark.parametrize("odd", ["soon", "-1", "1e9", "1614265330.0", "9" * 40, "١٢٣"])
def test_a_time_that_is_no_number_is_told(odd: str) -> None:
    assert "not a number of seconds" in refusal(signed() | {"webhook-timestamp": odd})


def test_another_secret_and_another_body_are_refused() -> None:
    assert "no signature matches" in refusal(signed("c3RyYW5nZXI="))
    assert "no signature matches" in refusal(signed(), BODY + b" ")
    assert "no signature matches" in refusal(signed(OLD), secrets=Secrets(NEW))


def test_a_signature_of_another_version_is_none() -> None:
    other = signed()["webhook-signature"].replace("v1,", "v2,")
    assert "no signature matches" in refusal(signed() | {"webhook-signature": other})


def test_empty_and_unreadable_bodies_are_refused() -> None:
    assert "empty" in refusal(signed(), b"")
    assert "not UTF-8" in refusal(signed(), b"\xff")


@pytest.mark.parametrize("bad", ["whsec_", "whsec_a", "====="])
def test_a_secret_that_is_no_key_is_our_mistake(bad: str) -> None:
    with pytest.raises(Misconfigured, match="base64"):
        perennial.verify(signed(), BODY, Secrets(bad), NOW)


def test_signing_gives_what_is_missing_and_the_same_body_the_same_id() -> None:
    first, second = (perennial.sign({}, BODY, NEW, NOW) for _ in range(2))
    assert first == second
    perennial.verify(first, BODY, SECRETS, NOW)


def test_an_old_delivery_can_be_signed_again() -> None:
    again = perennial.sign(signed(), BODY, NEW, NOW + timedelta(days=30))
    perennial.verify(again, BODY, SECRETS, NOW + timedelta(days=30))
    assert again["webhook-id"] == "msg_1"


def test_signing_keeps_a_time_that_still_holds() -> None:
    assert perennial.sign(signed(), BODY, NEW, NOW + timedelta(minutes=1)) == signed()


@given(st.text(), st.text(), st.text())
def test_made_up_headers_are_refused_and_break_nothing(delivery: str, time: str, signature: str) -> None:
    refusal({"webhook-id": delivery, "webhook-timestamp": time, "webhook-signature": signature})
    refusal(signed() | {"webhook-signature": signature})
    refusal(signed() | {"webhook-id": delivery or "x"})


# --- events ------------------------------------------------------------------------------------------------------


def test_a_canonical_event_is_taken_as_it_is_with_store_and_time_from_here() -> None:
    event = told(UPDATED)
    assert isinstance(event, events.CustomerUpdated)
    assert (event.store, event.received_at, event.id) == ("larkspur", NOW, "perennial:CustomerUpdated:msg_1")
    assert events.from_json(events.to_json(event)) == event


def test_the_senders_own_id_is_kept() -> None:
    assert told(UPDATED | {"id": "erp-17"}).id == "erp-17"


def test_without_any_id_the_bodys_hash_stands_in() -> None:
    assert told(UPDATED, {}).id.startswith("perennial:CustomerUpdated:sha256-")


def test_the_moment_of_receipt_is_ours() -> None:
    assert told(UPDATED | {"received_at": "1999-01-01T00:00:00Z"}).received_at == NOW


def test_nobody_outside_says_that_a_request_only_goes_on() -> None:
    request = {"type": "ErasureRequested", "occurred_at": NOW.isoformat(), "contact": {"email": "ann@example.com"}}
    assert told(request | {"goes_on": True}).goes_on is False


def test_the_store_may_be_named_again_but_not_another() -> None:
    assert told(UPDATED | {"store": "larkspur"}).store == "larkspur"
    for other in ("rival", None, 5):
        with pytest.raises(BodyUnreadable, match="^store: the body names another store"):
            told(UPDATED | {"store": other})


def test_nobody_outside_rings_the_alarm_clock() -> None:
    wake = {"type": "WakeDue", "occurred_at": "2031-05-04T11:00:00Z", "customer": "c1", "epoch": 1, "n": 1}
    with pytest.raises(BodyUnreadable, match="^type: no event of that name"):
        told(wake)


def test_every_event_from_outside_is_taken_and_no_other() -> None:
    assert perennial.TYPES.keys() == set(events.OUTSIDE.json_schema()["discriminator"]["mapping"])
    assert "WakeDue" not in perennial.TYPES


def test_silence_stays_silence() -> None:
    order = {"id": "A1", "total": 12.5, "lines": []}
    event = told({"type": "OrderPlaced", "occurred_at": "2031-05-04T11:00:00Z", "order": order})
    assert event.order.model_fields_set == {"id", "total", "lines"}
    assert str(event.order.total) == "12.5"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "CustomerUpdate"}, "^type: no event of that name"),
        ({"type": "ZoeUpdated"}, "^type: no event of that name; `perennial schema events` lists them$"),
        ({"type": None}, "^type: no event of that name"),
        ({"type": []}, "^type: expected text, got a list"),
        ({"contact": {"mail": 1}}, r"^contact\.mail: Extra inputs are not permitted"),
        ({"contact": []}, "^contact: Input should be a valid dictionary"),
        ({"contact": {"email": 5}}, r"^contact\.email: Input should be a valid string"),
        ({"contact": {"email": "\ud800"}}, "^a text holds half a character"),
        ({"occurred_at": "2031-05-04T11:00:00"}, "^occurred_at: Input should have timezone info"),
        ({"occurred_at": "soon"}, "^occurred_at: Input should be a valid datetime"),
        ({"id": ""}, "^id: String should have at least 1 character"),
        ({"id": "x" * 201}, "^id: String should have at most 200 characters"),
    ],
)
def test_a_wrong_event_is_refused_with_the_path_of_what_is_wrong(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(BodyUnreadable, match=reason):
        told(UPDATED | changes)


def test_a_missing_time_is_named() -> None:
    with pytest.raises(BodyUnreadable, match="^occurred_at: Field required$"):
        told({"type": "CustomerUpdated", "contact": {}})


def test_a_deep_mistake_has_its_whole_path() -> None:
    lines = [{"id": "1", "title": "A", "quantity": 1}, {"id": "2", "title": "B", "quantity": -1}]
    bought = {"type": "OrderPlaced", "occurred_at": "2031-05-04T11:00:00Z", "order": {"id": "A1", "lines": lines}}
    with pytest.raises(BodyUnreadable, match=r"^order\.lines\[1\]\.quantity: Input should be greater than"):
        told(bought)


@pytest.mark.parametrize(
    ("event", "path"),
    [
        ({"type": "OrderPlaced", "order": {"id": "x" * 201}}, "order.id"),
        ({"type": "ShipmentDelivered", "order_id": "x" * 201, "parcel": {"id": "p1"}}, "order_id"),
        ({"type": "OrderEdited", "order_id": "x" * 201, "edit": {"id": "e1"}}, "order_id"),
    ],
)
def test_an_order_id_that_no_key_can_hold_is_refused(event: dict[str, Any], path: str) -> None:
    with pytest.raises(BodyUnreadable, match=f"^{path}: String should have at most 200 characters$"):
        told({"occurred_at": "2031-05-04T11:00:00Z", **event})


def test_many_mistakes_are_told_briefly() -> None:
    with pytest.raises(BodyUnreadable) as refused:
        told(UPDATED | {"contact": {f"field{number}": 1 for number in range(50)}})
    assert len(str(refused.value)) < 400
