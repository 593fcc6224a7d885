"""Touches whose hour the store's quiet hours never allow: they would wait and expire, and nobody would hear why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

from perennial.errors import ContentInvalid
from perennial.journeys import Journey, Touch
from perennial.messages import Message
from perennial.store import Hours, Store
from perennial.timing import Offset
from perennial_cli.authoring import Survey
from perennial_cli.yaml_lines import Document, Path

DAY = 24 * 60
"""Minutes."""


def never_allowed(found: Survey) -> Iterator[ContentInvalid]:
    """Where some store never lets a touch go."""
    for touch, at, told, document, path in _missed(found):
        length = _minutes(touch.within or touch.expires)
        if length is not None and told.wait >= length:
            ends = f"within {touch.within}" if touch.within else f"before it expires, {touch.expires} later"
            advice = f"choose another hour, or let it wait for more than {Offset(minutes=told.wait)}"
            yield document.problem(f"from {at:%H:%M} it can never go {ends}: {told.hours}; {advice}", path)


def not_yet_allowed(found: Survey) -> Iterator[ContentInvalid]:
    """Where some store lets a touch go later than its own hour."""
    for touch, at, told, document, path in _missed(found):
        length = _minutes(touch.within or touch.expires)
        if length is None or told.wait < length:
            yield document.problem(f"at {at:%H:%M} it waits for {Offset(minutes=told.wait)}: {told.hours}", path)


@dataclass(frozen=True)
class Closed:
    """How many minutes nothing may be sent yet, and what is allowed, in words."""

    wait: int
    hours: str


def _missed(found: Survey) -> Iterator[tuple[Touch, time, Closed, Document, Path]]:
    """Every touch with an hour at which a store that runs it lets none of its channels send."""
    for journey, document in found.journeys.values():
        for index, touch in enumerate(journey.touches):
            folder = found.folders.get(touch.message)
            if folder is None or folder.message is None or touch.at is None:
                continue
            for store in _running(journey, found):
                closed = _closed(touch.at, folder.message, store)
                if closed is not None:
                    yield touch, touch.at, closed, document, ("touches", index, "at")


def _closed(at: time, message: Message, store: Store) -> Closed | None:
    allowed = _allowed(message, store)
    wait = min((_wait(at, hours) for hours in allowed.values()), default=0)
    told = ", ".join(f"{channel} {start:%H:%M}-{end:%H:%M}" for channel, (start, end) in allowed.items())
    return Closed(wait, f"the store {store.store!r} allows {told}") if wait else None


def _running(journey: Journey, found: Survey) -> Iterator[Store]:
    stores = (store for store, _ in found.stores.values())
    return (store for store in stores if not store.journeys or journey.journey in store.journeys)


def _allowed(message: Message, store: Store) -> dict[str, Hours]:
    """The hours of each of its channels; none for what asks no gate, and mail that is needed goes at any hour."""
    if message.to == "store" or (message.class_ == "transactional" and "email" in message.channels):
        return {}
    channels = [channel for channel in message.channels if channel != "text" or store.texts is not None]
    return {channel: getattr(store.quiet_hours, channel) for channel in channels}


def _wait(at: time, hours: Hours) -> int:
    """Minutes from that hour until one may send."""
    start, end = hours
    return 0 if start <= at and (at < end or end == time(0)) else (_of_day(start) - _of_day(at)) % DAY


def _of_day(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _minutes(span: Offset | None) -> int | None:
    """None for what lasts a day or longer, in which every hour comes."""
    return span.minutes if span is not None and not (span.days or span.months) else None
