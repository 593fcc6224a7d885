"""Shopify: who an event is about, what they said about marketing, and their legal requests."""

import re
from datetime import datetime
from typing import Literal

from perennial.errors import BodyUnreadable, NothingHappened
from perennial.events import ConsentEvent, CustomersMerged, PrivacyEvent
from perennial.platforms.bodies import Body, Fields, Reading

Missing = Literal["absent", "null", "empty", "invalid"]

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@(?:[\w-]+\.)+[\w-]{2,}")
_PHONE = re.compile(r"(?:\+|00)?[0-9]{7,15}")
_PHONE_MARKS = re.compile(r"[\s().\-/\u2010-\u2015]")
_SEVERITY: tuple[Missing, ...] = ("invalid", "empty", "null", "absent")

CONSENT: dict[str | None, str] = {
    "subscribed": "ConsentGiven",
    "pending": "ConsentPending",
    "unsubscribed": "ConsentWithdrawn",
    "redacted": "ConsentWithdrawn",
    "invalid": "ConsentWithdrawn",
    "not_subscribed": "ConsentAbsent",
    None: "ConsentAbsent",
}
"""States of shopify.dev's CustomerEmailMarketingState and CustomerSmsMarketingState, lower-case in webhooks.

`redacted` is an erased person and `invalid` an address Shopify gave up on: neither may be written to. A word we do not
know counts as pending, which is no yes: guessing wrong costs an offer, and the next `subscribed` mends it.
"""


def order_contact(order: Body) -> Fields:
    """The buyer. An order's own email wins over the account's: that is where the buyer asked to be written to.

    Without level-2 access to protected data the keys are absent; POS and draft orders have null or "". The phone is as
    the shop wrote it, for the engine to normalise, and never that of the delivery address: a present may go to another
    person's phone.
    """
    customer = order.part("customer")
    account = customer or Body({})
    contact = email((order, "email"), (order, "contact_email"), (account, "email"))
    contact |= _phone((order, "phone"), (account, "phone")) | _names(account, order.part("billing_address"))
    if "customer" in order:
        contact["customer_id"] = account.id_if_any("id")
    return contact | order.pick({"locale": ("customer_locale", Body.text)})


def email(*places: tuple[Body, str]) -> Fields:
    """The first well-formed address; without one, the most telling reason, so that "absent" means: never told."""
    found = [_email(body, name) for body, name in places]
    address = next((address for address, _ in found if address), None)
    if address:
        return {"email": address, "email_missing": None}
    reason = min((missing for _, missing in found if missing), key=_SEVERITY.index)
    return {"email_missing": reason} if reason == "absent" else {"email": None, "email_missing": reason}


def _email(body: Body, name: str) -> tuple[str | None, Missing | None]:
    if name not in body:
        return None, "absent"
    if body.fields[name] is None:
        return None, "null"
    address = body.text(name)
    if address is None:
        return None, "empty"
    return (address, None) if len(address) <= 254 and _EMAIL.fullmatch(address) else (None, "invalid")


def _phone(*places: tuple[Body, str]) -> Fields:
    if not any(name in body for body, name in places):
        return {}
    numbers = (body.text(name) for body, name in places)
    return {"phone": next((number for number in numbers if number and _can_be_dialled(number)), None)}


def _can_be_dialled(number: str) -> bool:
    return _PHONE.fullmatch(_PHONE_MARKS.sub("", number)) is not None


def _names(account: Body, billing: Body | None) -> Fields:
    """The account's name, else that on the bill. The delivery address may be another person's."""
    table = {"first_name": ("first_name", Body.text), "last_name": ("last_name", Body.text)}
    names = account.pick(table)
    return names if any(names.values()) or billing is None else billing.pick(table)


def email_consent(body: Body, told_at: datetime) -> Reading:
    contact = email((body, "email_address")) | {"customer_id": body.id_if_any("customer_id")}
    return _consent(body, told_at, contact, "email", "email_marketing_consent")


def text_consent(body: Body, told_at: datetime) -> Reading:
    contact = _phone((body, "phone")) | {"customer_id": body.id_if_any("id")}
    return _consent(body, told_at, contact, "text", "sms_marketing_consent")


def _consent(body: Body, told_at: datetime, contact: Fields, channel: str, name: str) -> Reading:
    """`consent_updated_at` moves only when the state does, and is null for a state that nobody ever set."""
    if not any(contact.get(key) for key in ("email", "phone", "customer_id")):
        raise BodyUnreadable("neither an address nor a customer's id: nobody knows whose consent this is")
    consent = body.part(name) or body.refuse(name, "an object")
    state = (consent.text("state") or "").lower() or None
    return ConsentEvent, {
        "type": CONSENT.get(state, "ConsentPending"),
        "occurred_at": consent.moment("consent_updated_at") or told_at,
        "channel": channel,
        "contact": contact,
        **consent.pick({"level": ("opt_in_level", Body.text)}),
    }


NOT_MERGED = frozenset({"failed", "in_progress", "requested"})
"""The other states of shopify.dev's CustomerMergeRequestStatus: a merge that comes about is told of again."""


def merged(body: Body, told_at: datetime) -> Reading:
    """Two customers that became one in Shopify Admin; the webhook names them by their gids and nothing else."""
    status = (body.text("status") or "").lower()
    if status in NOT_MERGED:
        raise NothingHappened("the merge is not completed: the two are still two")
    if status != "completed":
        raise BodyUnreadable("status: nobody knows this word, nor whether the two are one now")
    kept, gone = (body.id(f"admin_graphql_api_customer_{which}_id") for which in ("kept", "deleted"))
    contacts = {"contact": {"customer_id": kept}, "merged": {"customer_id": gone}}
    return CustomersMerged, {"type": "CustomersMerged", "occurred_at": told_at, **contacts}


def data_request(body: Body, told_at: datetime) -> Reading:
    request = body.part("data_request") or Body({})
    known = request.known({"request_id": ("id", Body.id_if_any)})
    return PrivacyEvent, _privacy(body, told_at, "DataRequested", "orders_requested") | known


def erasure(body: Body, told_at: datetime) -> Reading:
    return PrivacyEvent, _privacy(body, told_at, "ErasureRequested", "orders_to_redact")


def store_erasure(body: Body, told_at: datetime) -> Reading:
    return PrivacyEvent, {"type": "StoreErasureRequested", "occurred_at": told_at}


def _privacy(body: Body, told_at: datetime, type_: str, orders: str) -> Fields:
    customer = body.part("customer") or body.refuse("customer", "an object")
    contact = email((customer, "email")) | _phone((customer, "phone")) | {"customer_id": customer.id_if_any("id")}
    if not contact.get("email") and not contact["customer_id"]:
        raise BodyUnreadable("customer: neither an email nor an id: nobody knows whom this is about")
    return {"type": type_, "occurred_at": told_at, "contact": contact, "order_ids": body.ids(orders)}
