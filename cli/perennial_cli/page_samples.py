"""Every page in every state it can come to, made of the sample that messages are looked at with."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from perennial import facts
from perennial.facts import Facts
from perennial.links import PATHS
from perennial.page_facts import (
    Case,
    Choice,
    PageFacts,
    Person,
    Returned,
    Returning,
    Reviewed,
    Score,
    Upcoming,
)
from perennial.pages import bare_page
from perennial.pages.review import MOST
from perennial_cli.variants import SIGNATURE

LINKS = facts.Links(**{purpose.replace("-", "_"): f"/{path}/{SIGNATURE}" for purpose, path in PATHS.items()})
PERSON = Person("m***@mail.example", "+44*****123", "Mina Okafor")
LATER = timedelta(days=9)


def scenes(page: str, sample: Facts) -> Iterator[tuple[str, PageFacts]]:
    """The page's states, each with the words that say what is special about it. The first is the one to look at."""
    makers = {
        "unsubscribe": _unsubscribe,
        "preferences": _preferences,
        "order": _order,
        "review": _review,
        "score": _score,
        "returns": _returns,
        "not-me": _not_me,
        "trouble": _trouble,
    }
    bare = replace(bare_page(page, sample.store), links=LINKS, person=PERSON)
    yield from makers[page](bare, sample) if page in makers else [("as it is", bare)]


def _at(base: PageFacts, state: str, *problems: str) -> PageFacts:
    return replace(base, page=replace(base.page, state=state, problems=problems))


def _unsubscribe(bare: PageFacts, sample: Facts) -> Iterator[tuple[str, PageFacts]]:
    for state in ("ask", "done", "undone"):
        for channel in ("email", "text", "push"):
            for kind in ("marketing", "feedback", ""):
                yield f"{state}, {kind or 'both'} by {channel}", replace(_at(bare, state), channel=channel, kind=kind)
    yield "with a link too old to lead on", replace(bare, links=facts.Links("", "", "", "", ""))


def _preferences(bare: PageFacts, sample: Facts) -> Iterator[tuple[str, PageFacts]]:
    choices = tuple(
        Choice(f"{channel}-{kind}", channel, kind, channel == "email")
        for channel in ("email", "text", "push")
        for kind in ("feedback", "marketing")
    )
    placed, number = sample.order.placed_at, sample.order.number
    upcoming = (
        Upcoming("0123456789ab", "Three habits that make it last", "marketing", number, placed + LATER),
        Upcoming("0123456789ac", "How is it?", "feedback", number, placed + 2 * LATER, declined=True),
        Upcoming("0123456789ad", "", "transactional", number),
        Upcoming("0123456789ae", "", "feedback", number),
        Upcoming("0123456789af", "", "marketing", number),
    )
    full = replace(bare, choices=choices, upcoming=upcoming)
    yield "as it is", full
    yield "with nothing planned", replace(full, upcoming=(), choices=choices[:2], person=Person())
    for state in ("saved", "resting", "resumed", "skipped", "wanted"):
        yield state, replace(_at(full, state), resting_until=placed + LATER if state == "resting" else None)
    yield "a message that has gone", _at(full, "ask", "gone")
    yield "an unknown button", _at(full, "ask", "unknown")


def _order(bare: PageFacts, sample: Facts) -> Iterator[tuple[str, PageFacts]]:
    order = sample.order
    parcels = sample.parcels or ((sample.parcel,) if sample.parcel else ())
    parcels = parcels or _parcels(sample)
    moving = replace(order, parcels=parcels, shipped=True, on_its_way=True)
    yield "on its way", replace(bare, order=moving)
    yield "just placed", replace(bare, order=replace(order, parcels=()))
    yield "shipped", replace(bare, order=replace(moving, on_its_way=False))
    there = replace(parcels[0], delivered_at=order.placed_at + LATER)
    arrived = replace(moving, parcels=(there,), delivered=True, delivered_at=order.placed_at + LATER, on_its_way=False)
    yield "delivered", replace(bare, order=arrived)
    yield "delivered, nobody knows when", replace(bare, order=replace(arrived, delivered_at=None))
    yield "cancelled", replace(bare, order=replace(order, cancelled=True))
    yield "late", replace(bare, order=replace(moving, late=True), links=facts.Links("", "", "", "", ""))


def _parcels(sample: Facts) -> tuple[facts.Parcel, ...]:
    """Two, each with its share of the goods: nothing is on its way twice."""
    first, rest = sample.items[:1], sample.items[1:]
    tracking = (facts.Tracking("SP123456789", "https://swift.example/SP1"),)
    parcel = facts.Parcel("1", first, "Swift Parcel", tracking, shipped_at=sample.order.placed_at + timedelta(days=1))
    return (parcel, facts.Parcel("2", rest, "Swift Parcel")) if rest else (parcel,)


def _review(bare: PageFacts, sample: Facts) -> Iterator[tuple[str, PageFacts]]:
    items = (sample.items or sample.order.items)[:MOST]
    blank = tuple(Reviewed(str(index), item) for index, item in enumerate(items))
    said = tuple(replace(entry, stars=4, text="Quiet, and quick to clean.", publish=True) for entry in blank)
    full = replace(bare, order=sample.order, numbers=(1, 2, 3, 4, 5))
    yield "as it is", replace(full, reviews=blank)
    yield "given before", replace(full, reviews=tuple(replace(entry, given=True) for entry in said))
    yield "with both problems", replace(_at(full, "ask", "stars", "long"), reviews=said)
    yield "done", replace(_at(full, "done"), reviews=said)
    yield (
        "done, for ourselves",
        replace(_at(full, "done"), reviews=tuple(replace(entry, publish=False) for entry in said)),
    )
    yield "of nothing", full


def _score(bare: PageFacts, sample: Facts) -> Iterator[tuple[str, PageFacts]]:
    full = replace(bare, order=sample.order, numbers=tuple(range(11)))
    yield "as it is", full
    yield "chosen", replace(full, score=Score(9, "Came on the day."))
    yield "with both problems", _at(full, "ask", "score", "long")
    yield "done, low", replace(_at(full, "done"), score=Score(3, "The jug leaks."))
    yield "done, high", replace(_at(full, "done"), score=Score(10))


def _returns(bare: PageFacts, sample: Facts) -> Iterator[tuple[str, PageFacts]]:
    items, placed = sample.items or sample.order.items, sample.order.placed_at
    entries = tuple(Returned(str(index), item, item.quantity, item.quantity) for index, item in enumerate(items))
    form = Returning(entries, "exchange", "damaged", "The lid is cracked.", "Mina Okafor", "R-1A2B3C4D", placed, True)
    full = replace(
        bare, order=sample.order, returning=replace(form, items=_unwanted(entries), note="", wish="", reason="")
    )
    yield "as it is", full
    yield "without withdrawal", replace(full, returning=replace(full.returning, may_withdraw=False))
    problems = ("items", "wish", "reason", "long", "withdraw-items", "name", "late", "unknown")
    yield "with every problem", replace(_at(full, "ask", *problems), returning=form)
    for wish in ("refund", "exchange", "credit"):
        yield f"done, {wish}", replace(_at(full, "done"), returning=replace(form, wish=wish))
    yield "to be confirmed", replace(_at(full, "confirm"), returning=form)
    yield "withdrawn", replace(_at(full, "withdrawn"), returning=form)
    stages = ("requested", "withdrawn", "approved", "received", "refunded", "exchanged", "closed")
    cases = tuple(Case(f"R-{index}", stage, placed, items, "refund") for index, stage in enumerate(stages))
    yield "with all that has come back", replace(full, returning=replace(form, items=(), cases=cases))


def _unwanted(entries: tuple[Returned, ...]) -> tuple[Returned, ...]:
    return tuple(replace(entry, wanted=0) for entry in entries)


def _not_me(bare: PageFacts, sample: Facts) -> Iterator[tuple[str, PageFacts]]:
    for channel in ("email", "text"):
        yield f"by {channel}", replace(bare, channel=channel)
    yield "of nobody", replace(bare, person=Person())
    yield "done", _at(bare, "done")


def _trouble(bare: PageFacts, sample: Facts) -> Iterator[tuple[str, PageFacts]]:
    nobody = facts.Store(name="", url="", country="", postal_address="", support_email="")
    for state in ("unknown", "expired", "gone", "method", "too large", "unreadable"):
        yield state, _at(bare, state)
        yield f"{state}, of no store", replace(_at(bare_page("trouble", nobody), state))
