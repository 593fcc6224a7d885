"""Whether the books of a customer close: entered = sent + skipped + expired + failed + unconfirmed + waiting. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from perennial.customer import Customer, Touch, touch_id
from perennial.journeys import MILESTONES, Journey
from perennial.run_report import is_unbalanced
from perennial_cli.doctor.findings import Finding

OUTCOMES = frozenset({"sent", "skipped", "expired", "failed", "unconfirmed"})
SHOWN = 5
"""Customers that a finding names; there may be many, with one cause."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A touch of somebody without an outcome, and without anything that would bring it one."""

    customer: str
    enrolment: str
    touch: str


def lost(customer: Customer, records: Iterable[Touch], find: Callable[[str], Journey | None]) -> Iterator[Lost]:
    """Touches that were entered, as the journey promises or a record tells, and neither ended nor wait."""
    held = {record.id: record for record in records}
    for enrolment, version in sorted(_passages(customer, held.values()).items()):
        for touch in sorted(_entered(customer.profile.store, enrolment, find(version), held.values())):
            record = held.get(touch)
            if not (record is not None and record.state in OUTCOMES) and not _waits(customer, enrolment, record):
                yield Lost(customer.profile.customer, enrolment, touch)


def _passages(customer: Customer, records: Iterable[Touch]) -> Mapping[str, str]:
    """Every passage that anything tells of, and the version it began with."""
    told = {record.enrolment: record.version for record in records}
    return {**told, **{held.id: held.version for held in customer.enrolments.values()}}


def _entered(store: str, enrolment: str, journey: Journey | None, records: Iterable[Touch]) -> set[str]:
    """What hangs on something that every order reaches, and whatever has been put down."""
    promised = (
        [step.touch for step in journey.touches if step.per is None and _expected(journey, step.touch)]
        if journey
        else []
    )
    return {touch_id(store, enrolment, key) for key in promised} | {
        record.id for record in records if record.enrolment == enrolment
    }


def _expected(journey: Journey, name: str) -> bool:
    return any(
        moment.anchor in MILESTONES
        for step in journey.touches
        if step.touch == name
        for moment in journey.moments(step)
    )


def _waits(customer: Customer, enrolment: str, record: Touch | None) -> bool:
    """Whether the passage is under way with a wake ahead; a claim must be one that a wake will settle.

    What a merge has not brought along yet is under way too.
    """
    if enrolment not in customer.enrolments:
        return bool(customer.profile.moving) and customer.profile.wake is not None
    if is_unbalanced(customer):
        return False
    return record is None or record.state != "claimed" or _is_open(customer, record)


def _is_open(customer: Customer, record: Touch) -> bool:
    marks = (mark for mark in customer.profile.claims.values() if mark.enrolment == record.enrolment)
    return any(record.key in (mark.key, *mark.others) for mark in marks)


def unbalanced(store: str, found: Sequence[Lost], met: int) -> Iterator[Finding]:
    """`met` customers were looked at."""
    if not found:
        return
    people = sorted({one.customer for one in found})
    more = f" and {len(people) - SHOWN} more" if len(people) > SHOWN else ""
    yield Finding(
        "error",
        "unbalanced touches",
        f"{store}: {len(found)} touches of {len(people)} of {met} customers have no outcome and no wake: "
        f"{', '.join(people[:SHOWN])}{more}",
        f"perennial explain {people[0]} shows them; perennial ring {people[0]} gives a wake to whoever waits",
    )


def broken(store: str, people: Sequence[str]) -> Iterator[Finding]:
    """Customers who cannot be loaded: live items of different commits, or that nobody can read."""
    if people:
        yield Finding(
            "error",
            "unbalanced touches",
            f"{store}: {len(people)} customers cannot be loaded ({', '.join(people[:SHOWN])}): their events fail",
            "was the table restored? perennial rearm mends them (docs/restoring.md); else see its log",
        )
