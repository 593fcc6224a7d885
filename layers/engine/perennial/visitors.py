"""Who opened a page, and which touch led there: the little that most pages need, read without the aggregate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Visitor:
    """`redirect` leads to the customer that this one was merged into; of who was `erased`, only books are left."""

    email: str | None = None
    phone: str | None = None
    name: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    redirect: str | None = None
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """What the record of a touch says to a page."""

    order_id: str
    class_: str
    channel: str | None = None


def visitor_of(profile: Mapping[str, Any]) -> Visitor:
    """From a profile's document."""
    contact = profile.get("contact") or {}
    names = (contact.get("first_name"), contact.get("last_name"))
    return Visitor(
        email=contact.get("email"),
        phone=contact.get("phone"),
        name=" ".join(name for name in names if name) or None,
        locale=contact.get("locale"),
        time_zone=contact.get("time_zone"),
        redirect=profile.get("redirect"),
        erased=profile.get("erased_at") is not None,
    )


def trace_of(touch: Mapping[str, Any]) -> Trace:
    """From a touch's document."""
    return Trace(touch["order_id"], touch["class_"], touch.get("channel"))


def masked(address: str | None) -> str | None:
    """`m***@mail.example`, `+44*****123`: enough to know one's own, too little to learn another's."""
    if not address:
        return None
    name, at, domain = address.partition("@")
    return f"{name[:1]}***@{domain}" if at else f"{address[:3]}*****{address[-3:]}"
