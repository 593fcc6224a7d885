"""Who an order, a consent or a legal request is about."""

from typing import Any

import pytest

from perennial import events
from perennial.errors import BodyUnreadable, NothingHappened
from tests.unit.platforms.deliveries import GONE, RECEIVED, at, order, sample, told

EVERYWHERE = ("email", "contact_email", "customer.email")


def contact(changes: dict[str, Any] | None = None, name: str = "order") -> events.Contact:
    found = order(changes, name).contact
    assert found is not None
    return found


def test_the_orders_own_email_wins_over_the_accounts() -> None:
    assert contact().email == "mina@okafor.example"
    assert contact({"email": None}).email == "mina@okafor.example"
    assert contact({"email": "", "contact_email": None}).email == "m.okafor@work.example"


def test_a_malformed_email_gives_way_to_the_next() -> None:
    assert contact({"email": "mina@okafor", "contact_email": "no"}).email == "m.okafor@work.example"


@pytest.mark.parametrize(
    ("value", "reason"), [(GONE, "absent"), (None, "null"), ("", "empty"), ("  ", "empty"), ("mina at home", "invalid")]
)
def test_a_missing_email_says_why(value: object, reason: str) -> None:
    found = contact(dict.fromkeys(EVERYWHERE, value))
    assert (found.email, found.email_missing) == (None, reason)


def test_only_an_absent_email_is_silence() -> None:
    assert "email" not in contact(name="order_protected").model_fields_set
    assert "email" in contact(name="order_pos").model_fields_set


def test_the_most_telling_reason_is_given() -> None:
    assert contact({"email": GONE, "contact_email": None, "customer.email": ""}).email_missing == "empty"
    assert contact({"email": "x@", "contact_email": None, "customer": None}).email_missing == "invalid"


def test_a_found_email_takes_back_that_one_was_missing() -> None:
    assert {"email", "email_missing"} <= contact().model_fields_set
    assert contact().email_missing is None


@pytest.mark.parametrize(
    "odd",
    [
        "a@b",
        "a b@c.de",
        "a@c.de, b@c.de",
        "a@c.de\nbcc: x@y.de",
        "Mina <a@c.de>",
        "@c.de",
        "a@@c.de",
        "a@c..de",
        "a@c.d",
    ]
    + ["a" * 65 + "@c.de", "a@" + "c" * 250 + ".de"],
)
def test_what_cannot_be_an_address_is_invalid(odd: str) -> None:
    assert contact(dict.fromkeys(EVERYWHERE, odd)).email_missing == "invalid"


@pytest.mark.parametrize("good", ["o'hara+shop@mail.example", "用户@例子.广告", "x_1@sub.a-b.example", " x@y.example "])
def test_unusual_addresses_are_taken(good: str) -> None:
    assert contact({"email": good}).email == good.strip()


def test_a_customer_may_be_null_or_absent() -> None:
    assert contact({"customer": None}).model_dump(include={"customer_id"}, exclude_unset=True) == {"customer_id": None}
    assert "customer_id" not in contact({"customer": GONE}).model_fields_set
    assert contact().customer_id == "6800000000000001"


def test_a_guests_name_is_on_the_bill_and_never_on_the_parcel() -> None:
    assert (contact().first_name, contact().last_name) == ("Mina", "Okafor")
    guest = contact({"customer": None, "billing_address.first_name": "Ada", "billing_address.last_name": None})
    assert (guest.first_name, guest.last_name) == ("Ada", None)
    assert contact(name="order_flat").first_name == "Lee"
    assert contact({"customer": None, "billing_address": None}).first_name is None


def test_the_phone_stays_as_the_shop_wrote_it() -> None:
    assert contact({"phone": " 0113 496 0001 "}).phone == "0113 496 0001"
    assert contact().phone == "+44 7700 900123"


@pytest.mark.parametrize("odd", ["555-555-SHIP", "n/a", "12345", "1" * 16, "+", ""])
def test_a_phone_that_cannot_be_dialled_is_none(odd: str) -> None:
    found = contact({"phone": odd, "customer": None})
    assert found.phone is None
    assert "phone" in found.model_fields_set


def test_the_parcels_phone_is_not_the_buyers() -> None:
    assert contact({"customer.phone": None}).phone is None
    assert "phone" not in contact({"phone": GONE, "customer": None}).model_fields_set


def test_the_locale_is_the_checkouts() -> None:
    assert contact().locale == "en-GB"
    assert "locale" not in contact(name="order_flat").model_fields_set


def test_the_checkbox_at_checkout_is_not_a_consent() -> None:
    assert order({"buyer_accepts_marketing": True}).accepts_marketing is True
    assert told("orders/create", sample("order", {"buyer_accepts_marketing": True})).type == "OrderPlaced"


# --- consent -----------------------------------------------------------------------------------------------------

EMAIL = ("customers_email_marketing_consent/update", "consent_email", "email_marketing_consent")
TEXT = ("customers_marketing_consent/update", "consent_text", "sms_marketing_consent")
STATES = [
    ("subscribed", "ConsentGiven"),
    ("SUBSCRIBED", "ConsentGiven"),
    ("pending", "ConsentPending"),
    ("unsubscribed", "ConsentWithdrawn"),
    ("redacted", "ConsentWithdrawn"),
    ("invalid", "ConsentWithdrawn"),
    ("not_subscribed", "ConsentAbsent"),
    (None, "ConsentAbsent"),
    (GONE, "ConsentAbsent"),
]


@pytest.mark.parametrize(("topic", "name", "field"), [EMAIL, TEXT])
@pytest.mark.parametrize(("state", "type_"), STATES)
def test_each_state_of_consent_has_its_event(topic: str, name: str, field: str, state: object, type_: str) -> None:
    assert told(topic, sample(name, {f"{field}.state": state})).type == type_


def test_a_state_we_do_not_know_is_no_yes() -> None:
    assert told(EMAIL[0], sample(EMAIL[1], {"email_marketing_consent.state": "enthusiastic"})).type == "ConsentPending"


def test_consent_by_email_names_the_person_and_the_moment() -> None:
    event = told(EMAIL[0], sample(EMAIL[1]))
    assert (event.channel, event.level) == ("email", "confirmed_opt_in")
    assert (event.contact.email, event.contact.customer_id) == ("mina@okafor.example", "6800000000000001")
    assert event.occurred_at == at("2026-03-02T01:00:00Z")


def test_consent_by_text_has_its_customer_under_another_name() -> None:
    event = told(TEXT[0], sample(TEXT[1]))
    assert (event.channel, event.contact.phone) == ("text", "+44 7700 900123")
    assert event.contact.customer_id == "6800000000000001"
    assert "email" not in event.contact.model_fields_set


def undated(**more: str) -> Any:
    return told(EMAIL[0], sample(EMAIL[1], {"email_marketing_consent.consent_updated_at": None}), **more)


def test_consent_without_a_moment_was_said_when_the_shop_told_us() -> None:
    assert undated(triggered_at="2026-05-30T08:00:00.123456789Z").occurred_at == at("2026-05-30T08:00:00.123456Z")
    assert undated().occurred_at == RECEIVED


@pytest.mark.parametrize("forged", ["2030-01-01T00:00:00Z", "soon", "2026-05-30T08:00:00"])
def test_the_unsigned_moment_cannot_lie_in_the_future_or_break_anything(forged: str) -> None:
    assert undated(triggered_at=forged).occurred_at == RECEIVED


def test_consent_of_nobody_is_refused() -> None:
    with pytest.raises(BodyUnreadable, match="nobody knows whose consent"):
        told(TEXT[0], sample(TEXT[1], {"id": None, "phone": None}))


def test_consent_that_is_null_is_refused() -> None:
    with pytest.raises(BodyUnreadable, match="^email_marketing_consent: expected an object, got null"):
        told(EMAIL[0], sample(EMAIL[1], {"email_marketing_consent": None}))


# --- legal requests ----------------------------------------------------------------------------------------------


def test_a_data_request_names_person_orders_and_request() -> None:
    event = told("customers/data_request", sample("data_request"), triggered_at="2026-05-30T08:00:00Z")
    assert (event.type, event.request_id, event.order_ids) == ("DataRequested", "4242", ("9007199254740993",))
    assert (event.contact.email, event.contact.customer_id) == ("mina@okafor.example", "6800000000000001")
    assert event.occurred_at == at("2026-05-30T08:00:00Z")


def test_an_erasure_names_person_and_orders() -> None:
    event = told("customers/redact", sample("customer_redact"))
    assert (event.type, event.order_ids) == ("ErasureRequested", ("9007199254740993", "5550002"))


@pytest.mark.parametrize("none", [None, []])
def test_an_erasure_may_know_no_orders_and_no_email(none: object) -> None:
    changes = {"orders_to_redact": none, "customer.email": None}
    event = told("customers/redact", sample("customer_redact", changes))
    assert (event.order_ids, event.contact.email_missing) == ((), "null")


def test_an_erasure_of_nobody_is_refused() -> None:
    with pytest.raises(BodyUnreadable, match="nobody knows whom"):
        told("customers/redact", sample("customer_redact", {"customer": {"email": "", "phone": "+447700900123"}}))


def test_a_shop_that_left_wants_everything_erased() -> None:
    event = told("shop/redact", sample("shop_redact"))
    assert (event.type, event.store, event.contact) == ("StoreErasureRequested", "larkspur", events.Contact())


# Merges


def test_a_merge_names_the_customer_that_was_kept_and_the_one_that_went() -> None:
    event = told("customers/merge", sample("customers_merge"))
    assert (event.type, event.contact.customer_id, event.merged.customer_id) == ("CustomersMerged", "6001", "6002")


@pytest.mark.parametrize("status", ["failed", "IN_PROGRESS", "requested"])
def test_a_merge_that_is_not_completed_tells_of_nothing(status: str) -> None:
    with pytest.raises(NothingHappened, match="the merge is not completed"):
        told("customers/merge", sample("customers_merge", {"status": status}))


@pytest.mark.parametrize("status", ["undone", None])
def test_a_merge_of_which_nobody_knows_whether_it_is_completed_is_kept_for_a_person(status: str | None) -> None:
    with pytest.raises(BodyUnreadable, match="status") as refused:
        told("customers/merge", sample("customers_merge", {"status": status}))
    assert not isinstance(refused.value, NothingHappened)


@pytest.mark.parametrize("field", ["admin_graphql_api_customer_kept_id", "admin_graphql_api_customer_deleted_id"])
def test_a_merge_without_both_customers_is_refused(field: str) -> None:
    with pytest.raises(BodyUnreadable, match=r"customer_(kept|deleted)_id"):
        told("customers/merge", sample("customers_merge", {field: None}))
