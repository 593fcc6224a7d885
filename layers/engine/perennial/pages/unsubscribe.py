"""Leaving, in one press, and coming back in another. A mailbox's own button presses it too (RFC 8058)."""

from typing import Any

from perennial.forms import Form
from perennial.page_facts import PageFacts
from perennial.pages import About, Answered, Needs
from perennial.pages.telling import spoken_for, tell, yes_by

NEEDS: Needs = "touch"
OPTIONAL = ("feedback", "marketing")


def show(about: About, query: Form) -> PageFacts:
    return _page(about, "ask")


def answer(about: About, form: Form) -> Answered:
    """Whatever is sent here means leaving, unless it says `undo`: the link is the authority, not the body."""
    undo = form.one("do") == "undo"
    said: dict[str, Any] = {"channel": _channel(about), "classes": _classes(about), "evidence": about.touch}
    if not undo:
        event = tell(about, "ConsentWithdrawn", source="one-click", **said)
    else:
        said |= spoken_for(about) if said["channel"] == "text" else {}
        event = tell(about, "ConsentGiven", source=yes_by(about, "undo"), **said)
    return Answered(_page(about, "undone" if undo else "done"), (event,))


def _page(about: About, state: str) -> PageFacts:
    classes = _classes(about)
    return about.page(state, channel=_channel(about), kind=classes[0] if len(classes) == 1 else "")


def _channel(about: About) -> str:
    return (about.trace.channel if about.trace else None) or "email"


def _classes(about: About) -> tuple[str, ...]:
    """The class of the message that was left; both, where that is not known or was one nobody can leave."""
    return (about.trace.class_,) if about.trace and about.trace.class_ in OPTIONAL else OPTIONAL
