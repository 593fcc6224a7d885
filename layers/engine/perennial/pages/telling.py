"""Answers as canonical events, in the JSON that the line carries. Their ids are derived from what was answered, so that
a double press is one event.

The events' own models are left to those who read the line: to build them here would double the time in which a process
that has just started answers a mailbox's button. tests/unit/pages reads every answer with them.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from perennial.visitors import is_their_own, written_to

if TYPE_CHECKING:
    from perennial.pages import About


@dataclass(frozen=True, slots=True)
class Told:
    """One answer. `document` is the event as `events.from_json` reads it."""

    id: str
    store: str
    document: str


def tell(about: "About", type_: str, **fields: Any) -> Told:
    """The event, said now, on this page, by whoever holds the link of this touch."""
    said, now = _json({"type": type_, **fields}), about.now.isoformat()
    name = f"page:{about.purpose}:{about.touch}:{digest(said)}"
    told = {"id": name, "store": about.shop.store, "occurred_at": now, "received_at": now, "type": type_, **fields}
    return Told(name, about.shop.store, _json(told))


OTHER_ADDRESS = "other-address"
"""The source of a yes from a message that went to another mailbox than the person has now: it is nobody's own word."""


def yes_by(about: "About", own: str) -> str:
    """The source of a yes that is said here: `own` where the person alone can have said it."""
    return own if is_their_own(about.visitor, about.trace) else OTHER_ADDRESS


def spoken_for(about: "About") -> dict[str, Any]:
    """A yes to texts is one for a number: that of the text which led here, else the one that the page shows."""
    by_text = about.trace is not None and about.trace.by == "text"
    phone = written_to(about.visitor, about.trace) if by_text else about.visitor.phone
    return {"contact": {"phone": phone}} if phone else {}


def digest(text: str) -> str:
    """Twelve hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _json(document: dict[str, Any]) -> str:
    """Everything beyond ASCII is escaped: a queue does not take every character."""
    return json.dumps(document, sort_keys=True, default=datetime.isoformat)
