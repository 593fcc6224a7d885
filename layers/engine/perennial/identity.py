"""Who is who: normal forms of addresses, and the aliases that lead from them to a customer.

Only an email identifies a person across orders. Phones never merge people, nor do addresses on the store's denylist (a
till's address, a shared inbox). A customer id of the shop identifies where there is no email; beside one it says that
whoever has the address and whoever has the id are one person.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from perennial import events
from perennial.store import Store

AliasKind = Literal["email", "customer", "order", "tracking"]

NOBODYS_IDS = frozenset({"0", "guest", "null", "none", "undefined"})
"""What shops and scripts write where there is no customer: two guests are not one person."""

_EMAIL = re.compile(r"[^@\s<>\"(),:;\\\x00-\x1f]{1,64}@[^@\s<>\"(),:;\\\x00-\x1f]+\.[^@\s<>\"(),:;\\\x00-\x1f.]{2,}")


@dataclass(frozen=True, slots=True)
class Alias:
    """Something outside that leads to one customer. `value` is in its normal form."""

    kind: AliasKind
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


@lru_cache(maxsize=1024)
def normal_email(text: str | None) -> str | None:
    """Lower-cased and stripped, the domain as the DNS spells it; None for what is no address.

    Dots and tags stay: they may belong to two people.
    """
    local, at, domain = unicodedata.normalize("NFC", (text or "").strip().lower()).rpartition("@")
    spelt = [_label(label) for label in domain.split(".")]
    folded = f"{local}{at}{'.'.join(label or ' ' for label in spelt)}"
    return folded if _EMAIL.fullmatch(folded) and len(folded) <= 254 else None


def _label(label: str) -> str | None:
    """A part of a domain in ASCII (RFC 5891); None where it cannot be spelt so."""
    if label.isascii():
        return label
    if not all(letter.isalnum() or letter == "-" or unicodedata.combining(letter) for letter in label):
        return None
    spelt = "xn--" + label.encode("punycode").decode()
    return spelt if len(spelt) <= 63 else None


def deliverable(email: str) -> bool:
    """Whether SES takes the address: it refuses a local part that is not ASCII (SendEmail, `Destination`)."""
    return email.isascii()


@lru_cache(maxsize=4096)
def normal_phone(text: str | None, country: str | None) -> str | None:
    """E.164, read as a number of that country where it has no prefix; None for what is no possible number."""
    if not text:
        return None
    import phonenumbers  # 26 ms of import: only for customers with a phone

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def identifying_email(contact: events.Contact | None, store: Store) -> str | None:
    """The email that tells who this is, unless the store says that it belongs to nobody in particular."""
    email = normal_email(contact.email) if contact else None
    denied = {normal_email(entry) for entry in store.identity.denylist_emails}
    return None if email in denied else email


def personal_aliases(contact: events.Contact | None, store: Store) -> tuple[Alias, ...]:
    """What identifies the person, the stronger first."""
    email = identifying_email(contact, store)
    customer = contact.customer_id if contact else None
    by_email = (Alias("email", email),) if email else ()
    nobodys = not customer or customer.lower() in NOBODYS_IDS or customer in store.identity.denylist_customers
    return by_email if nobodys else (*by_email, Alias("customer", customer or ""))


def named_aliases(event: events.Event, store: Store) -> tuple[Alias, ...]:
    """Whatever identifies a person in an event. If it names more than one, it says that they lead to one person: an
    email beside a customer id, or the two customers that a shop has merged. Nothing else is evidence of that.
    """
    merged = event.merged if isinstance(event, events.CustomersMerged) else None
    named = (*personal_aliases(contact_of(event), store), *personal_aliases(merged, store))
    return tuple(dict.fromkeys(named))


def order_id_of(event: events.Event) -> str | None:
    """The order an event is about, if it is about one."""
    match event:
        case events.OrderEvent():
            return event.order.id
        case events.OrderEdited() | events.OrderRefunded() | events.ShipmentEvent():
            return event.order_id
        case events.ReviewGiven() | events.ScoreEvent() | events.ReturnEvent():
            return event.order_id
        case _:
            return None


def contact_of(event: events.Event) -> events.Contact | None:
    """The person an event names, if it names one."""
    match event:
        case events.OrderEvent():
            return event.order.contact
        case events.ConsentEvent() | events.CustomerUpdated() | events.CustomersMerged() | events.DeviceEvent():
            return event.contact
        case _:
            return None
