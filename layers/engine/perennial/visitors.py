"""Who opened a page, and which touch led there: the little that most pages need, read without the aggregate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Visitor:
    """`redirect` leads to the customer that this one was merged into; of who was `erased`, only books are left.
    `told_at` is when email and phone were last told of.
    """

    email: str | None = None
    phone: str | None = None
    name: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    redirect: str | None = None
    erased: bool = False
    told_at: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trace:
    """What the record of a touch says to a page. `to` is the address it went to, `at` when."""

    order_id: str
    class_: str
    channel: str | None = None
    to: str | None = None
    at: datetime | None = None

    @property
    def by(self) -> Literal["email", "text"]:
        """The kind of address that its links were sent to."""
        return "text" if self.channel == "text" else "email"


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
        told_at=told_at(profile.get("stamps") or {}),
    )


def told_at(stamps: Mapping[str, Any]) -> Mapping[str, datetime]:
    """Of a profile or of its document."""
    told = {name: stamps[name] for name in ("email", "phone") if name in stamps}
    return {name: at if isinstance(at, datetime) else datetime.fromisoformat(at) for name, at in told.items()}


def written_to(visitor: Visitor, trace: Trace | None) -> str | None:
    """The address that a message went to; None where nobody can say it.

    Of a record without it, the person's own, if that has not been told of since.
    """
    if trace is None:
        return None
    if trace.to is not None:
        return trace.to
    held, name = (visitor.phone, "phone") if trace.by == "text" else (visitor.email, "email")
    since = visitor.told_at.get(name)
    return held if trace.at is not None and since is not None and since <= trace.at else None


def is_their_own(visitor: Visitor, trace: Trace | None) -> bool:
    """Whether whoever holds the message reads the mailbox that is the person's now: only they speak for the person. A
    text's word is for the number that it went to, and a note lies on a device that the person uses.
    """
    if trace is not None and trace.channel in ("text", "push"):
        return True
    went, held = written_to(visitor, trace), visitor.email
    return went is not None and held is not None and went.casefold() == held.strip().casefold()


def trace_of(touch: Mapping[str, Any]) -> Trace:
    """From a touch's document."""
    at = datetime.fromisoformat(touch["at"])
    return Trace(touch["order_id"], touch["class_"], touch.get("channel"), touch.get("to"), at)


def masked(address: str | None) -> str | None:
    """`m***@mail.example`, `+44*****123`: enough to know one's own, too little to learn another's."""
    if not address:
        return None
    name, at, domain = address.partition("@")
    return f"{name[:1]}***@{domain}" if at else f"{address[:3]}*****{address[-3:]}"
