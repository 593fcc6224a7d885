"""Once an hour: what time has passed by is put back into its line, or counted where an alarm hears it.

A wake that never came (its schedule lost, its message dropped) would leave its customer waiting for ever; so would
facts whose owner was found without them. What was met once is put off, twice as long each time: however much is late, a
run meets each thing once, the next run goes on with the rest, and what cannot be helped costs less and less. What is
told of people who have never bought is no trouble: it waits for their first order, is counted apart, and has an end.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from perennial import events
from perennial.outside import ForSweeping
from perennial.parking import of_a_newcomer
from perennial.ports import Late
from perennial.receipts import ACCOUNT
from perennial.receiving import lane_of

LATE = timedelta(minutes=30)
"""A wake may be spread by 15 minutes, is precise to one, and stands in a line: then it is late."""

WAITED = timedelta(days=1)
"""How long a fact may wait for its owner, or anything parked for a person, before somebody hears of it."""

KEPT = timedelta(days=400)
"""How long what is known of somebody who has never bought is kept: whoever buys within a year is still taken at their
word, and of everybody else nothing is left (docs/privacy.md).
"""

MOST = 1_600
"""Things of one kind that one run looks at in one store: some 30 seconds of calls."""

MOST_TIME = timedelta(minutes=4)
"""The function has five: what is left waits for the next hour."""

HOUR, DAY = timedelta(minutes=50), timedelta(hours=23)
"""After which a thing is met again, at first: a little less than a run or a day, which are never quite punctual."""

LONGEST = 5
"""Doublings after which it stays: a wake is put back every 27 hours, what is parked is told of every month."""


@dataclass(slots=True)
class Swept:
    """What one run did in one store. Only ids and counts: this is what is logged.

    `newcomers` are facts about people who have never bought, and `given_up` those of them whose time is over.
    """

    store: str
    wakes: int = 0
    facts: int = 0
    waiting: int = 0
    newcomers: int = 0
    given_up: int = 0

    def as_log(self) -> dict[str, str | int]:
        return asdict(self)


def sweep(outside: ForSweeping) -> Iterator[Swept]:
    """One run, store by store, and last what no store is known of.

    Run again after a crash at any point, it puts back what was not put off yet.
    """
    ends = outside.now() + MOST_TIME
    for store in sorted(outside.content.stores):
        swept = Swept(store)
        _ring_again(swept, outside, ends)
        _look_at_parked(swept, outside, ends)
        yield swept
    nobodys = Swept(ACCOUNT)
    _look_at_parked(nobodys, outside, ends)
    yield nobodys


def _ring_again(swept: Swept, outside: ForSweeping, ends: datetime) -> None:
    now = outside.now()
    for late in outside.overdue.find(swept.store, "wake", now - LATE, MOST):
        if outside.now() >= ends:
            return
        if late.owner is not None:
            outside.line.join(_wake(late, late.owner, now), late.owner, late.lane)
            swept.wakes += 1
        outside.overdue.put_off(late, now - LATE + _doubled(HOUR, late.looks))


def _wake(late: Late, customer: str, now: datetime) -> events.WakeDue:
    """A wake by hand: it carries no number, so that the run it causes sets and arms the next one as it finds right."""
    name = f"sweep:{customer}:{now:%Y%m%dT%H%M%S}"
    return events.WakeDue(type="WakeDue", id=name, store=late.store, occurred_at=now, customer=customer, epoch=0, n=0)


def _look_at_parked(swept: Swept, outside: ForSweeping, ends: datetime) -> None:
    now = outside.now()
    for late in outside.overdue.find(swept.store, "parked", now - WAITED, MOST):
        if outside.now() >= ends:
            return
        if late.owner is not None and late.facts:
            _hand_over(late, late.owner, outside)
            swept.facts += len(late.facts)
        elif late.owner is None and late.facts and all(map(of_a_newcomer, late.facts)):
            _leave_or_give_up(late, swept, outside)
        else:
            swept.waiting += max(1, len(late.facts))
            outside.overdue.put_off(late, now - WAITED + _doubled(DAY, late.looks))


def _leave_or_give_up(late: Late, swept: Swept, outside: ForSweeping) -> None:
    """What is told of somebody who has not bought waits quietly for their first order, and not for ever."""
    now, newest = outside.now(), max(fact.received_at or fact.occurred_at for fact in late.facts)
    if newest + KEPT <= now:
        outside.overdue.give_up(late)
        swept.given_up += len(late.facts)
        return
    swept.newcomers += len(late.facts)
    outside.overdue.put_off(late, min(now + _doubled(DAY, late.looks), newest + KEPT) - WAITED)


def _hand_over(late: Late, owner: str, outside: ForSweeping) -> None:
    for fact in late.facts:
        outside.line.join(fact, owner, lane_of(fact))
    outside.overdue.take_facts(late)


def _doubled(span: timedelta, looks: int) -> timedelta:
    return span * (1 << min(looks, LONGEST))
