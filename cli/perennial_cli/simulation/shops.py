"""A random shop from a seed: its shoppers, their orders over the years, and what they say of being written to."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from perennial.store import Store
from perennial_cli.simulation.people import MARK, Person, a_person, aside
from perennial_cli.simulation.stories import Story, Telling, lines_for, live


@dataclass(frozen=True, slots=True)
class Shop:
    people: tuple[Person, ...]
    tellings: tuple[Telling, ...]


def a_shop(number: int, size: int, store: Store, start: datetime, days: int, chance: random.Random) -> Shop:
    """Everything that will happen, in the order in which it does."""
    people = tuple(a_person(number, which, chance) for which in range(size))
    told = [telling for person in people for telling in _life(person, number, store, start, days, chance)]
    told.sort(key=lambda telling: (telling.at, telling.person.number))
    return Shop(people, tuple(replace(telling, name=f"d{which}") for which, telling in enumerate(told)))


def _life(
    person: Person, shop: int, store: Store, start: datetime, days: int, chance: random.Random
) -> Iterator[Telling]:
    spree = _moment(start, days, chance) if chance.random() < 0.15 else None
    # Some furnish a kitchen in two weeks: only then is there more to say than the cap allows.
    for which in range(chance.choice((1, 1, 1, 2, 2, 3, 5)) if spree is None else 5):
        placed = _moment(start, days, chance) if spree is None else _moment(spree, 12, chance)
        story = Story(person, f"{shop}-{person.number}-{which}", placed, lines_for(store, chance), chance)
        live(story)
        yield from story.told
    yield from _words(person, start, days, chance)
    yield from _other_half(person, f"{shop}-{person.number}", store, placed, aside(chance, f"half of {person.number}"))


def _words(person: Person, start: datetime, days: int, chance: random.Random) -> Iterator[Telling]:
    """What a person says at no order in particular."""
    contact = {"email": person.email}
    for rate, type_, fields in _SAYINGS:
        if chance.random() < rate:
            number = {"phone": person.phones[-1]} if fields["channel"] == "text" and person.phones else {}
            yield _telling(person, type_, _moment(start, days, chance), contact=contact | number, **fields)
    if person.device:
        device = {"endpoint": person.device, "platform": "fcm"}
        yield _telling(person, "DeviceRegistered", _moment(start, days, chance), contact=contact, device=device)
    if chance.random() < 0.05:
        at = _moment(start, days, chance)
        yield _telling(person, "ErasureRequested", at, contact=contact, request_id=f"e{person.number}")


def _other_half(person: Person, named: str, store: Store, placed: datetime, chance: random.Random) -> Iterator[Telling]:
    """Whoever orders under another address as well leaves one list, and is found out: by hand, or as they log in."""
    if person.other_email is None:
        return
    for which in range(chance.choice((1, 1, 2))):
        again = _moment(placed, 5, chance)
        story = Story(person, f"{named}-w{which}", again, lines_for(store, chance), chance, email=person.other_email)
        live(story)
        yield from story.told
    other = {"email": person.other_email}
    if chance.random() < 0.4:
        at = _moment(placed, 60, chance)
        yield _telling(person, "ConsentWithdrawn", at, contact=other, channel="email", source="one-click")
    if chance.random() < 0.6:
        at = _moment(placed, 60, chance)
        yield _telling(person, "CustomersMerged", at, contact={"email": person.email}, merged=other)
        return
    for email in person.emails:
        contact = {"email": email, "customer_id": person.customer_id or f"{MARK}{named}w"}
        yield _telling(person, "CustomerUpdated", _moment(placed, 60, chance), contact=contact)


_SAYINGS: tuple[tuple[float, str, dict[str, Any]], ...] = (
    (0.12, "ConsentWithdrawn", {"channel": "email", "source": "preferences"}),
    (0.04, "ConsentGiven", {"channel": "email", "source": "preferences"}),
    (0.04, "ConsentWithdrawn", {"channel": "email", "classes": ["feedback"], "source": "preferences"}),
    (0.30, "ConsentGiven", {"channel": "text", "source": "checkout"}),
    (0.05, "ConsentWithdrawn", {"channel": "text", "source": "shop"}),
    (0.30, "ConsentGiven", {"channel": "push", "source": "checkout"}),
)


def _telling(person: Person, type_: str, at: datetime, **fields: Any) -> Telling:
    return Telling(at, person, {"type": type_, "occurred_at": at.isoformat(), **fields})


def _moment(start: datetime, days: int, chance: random.Random) -> datetime:
    return start + timedelta(seconds=chance.randrange(max(1, days) * 86_400))
