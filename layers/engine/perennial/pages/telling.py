"""Answers as events. Their ids are derived from what was answered, so that a double press is one event."""

import hashlib
from typing import Any, TypeVar

from perennial.events import Event
from perennial.pages import About

E = TypeVar("E", bound=Event)


def tell(about: About, kind: type[E], type_: str, **fields: Any) -> E:
    """The event, said now, on this page, by whoever holds the link of this touch."""
    event = kind(type=type_, id="-", store=about.shop.store, occurred_at=about.now, received_at=about.now, **fields)
    said = event.model_dump_json(exclude={"id", "occurred_at", "received_at"}, exclude_unset=True)
    return event.model_copy(update={"id": f"page:{about.purpose}:{about.touch}:{digest(said)}"})


def digest(text: str) -> str:
    """Twelve hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
