"""What may be known of one order at any moment, made as simply as possible from the events about it."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from perennial import events
from perennial.store import Promise

LONG_AGO, NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
BEGUN = {"ReturnRequested", "WithdrawalDeclared"}


@dataclass(slots=True)
class SentBack:
    """A return: how far it has come, since when, and what it is about."""

    stages: set[str] = field(default_factory=set)
    since: datetime = datetime.max.replace(tzinfo=UTC)
    pieces: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Believed:
    """One order."""

    total: float | None = None
    currency: str | None = None
    placed_at: datetime | None = None
    cancelled: bool = False
    refunds: dict[str, events.Refund] = field(default_factory=dict)
    returns: dict[str, SentBack] = field(default_factory=lambda: defaultdict(SentBack))
    score: tuple[datetime, int] = (LONG_AGO, 10)
    settled_at: datetime = LONG_AGO
    estimates: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    delivered: dict[str, datetime] = field(default_factory=dict)
    pieces: Mapping[str, int] = field(default_factory=dict)
    loads: dict[str, Mapping[str, int]] = field(default_factory=dict)
    heard_of: set[str] = field(default_factory=set)
    weightless: set[str] = field(default_factory=set)

    @property
    def paid_back(self) -> bool:
        return (
            self.total is not None
            and sum(float(told.amount or 0) for told in self.refunds.values() if told.currency in (None, self.currency))
            >= self.total - 0.005
        )

    @property
    def coming_back(self) -> bool:
        """Whether a return is outstanding. Many shops tell the end of one only as a refund of its goods."""
        ended = {"ReturnExchanged", "ReturnClosed"}
        asked = [case for case in self.returns.values() if case.stages & BEGUN and not case.stages & ended]
        running = [case for case in asked if "ReturnRefunded" not in case.stages]
        return any(not case.pieces or set(case.pieces) & self._outstanding(asked) for case in running)

    def _outstanding(self, asked: list[SentBack]) -> set[str]:
        """Lines of which more pieces were to come back than were paid for since, and not all have been paid for."""
        since = min(case.since for case in asked)
        wanted = sum((Counter(case.pieces) for case in asked), Counter[str]())
        repaid, repaid_since = self._repaid(LONG_AGO), self._repaid(since)
        left = {line: self.pieces.get(line, count) - repaid[line] for line, count in wanted.items()}
        return {line for line, count in wanted.items() if count > repaid_since[line] and left[line] > 0}

    def _repaid(self, since: datetime) -> Counter[str]:
        paid = Counter[str]()
        for refund in self.refunds.values():
            for part in refund.lines if refund.refunded_at >= since else ():
                paid[part.line_id] += part.quantity
        return paid

    @property
    def resented(self) -> bool:
        return self.score[1] <= 6 and self.settled_at < self.score[0]

    def overdue(self, today: Any, zone: Any) -> bool:
        """Whether the last day that a carrier named for what is not there yet is over."""
        open_days = [
            told[1].astimezone(zone).date() for name, told in self.estimates.items() if name not in self.delivered
        ]
        return bool(open_days) and max(open_days) < today

    def late(self, today: date, zone: Any, promise: Promise) -> bool | None:
        """By the store's own promise, where no carrier named a day: some of it is not there, and its day is over.

        None where nobody can tell: what came back or was paid back in parts, came in parcels whose load nobody told, or
        left with carriers that say nothing.
        """
        plain = not self.returns and not any(told.lines for told in self.refunds.values()) and bool(self.pieces)
        known = all(self.loads.get(name) for name in {*self.delivered, *self.heard_of})
        if not (plain and known) or self.placed_at is None or set(self.estimates) - set(self.delivered):
            return None
        if Counter(self.pieces) <= self._inside(self.delivered):
            return False
        if Counter(self.pieces) <= self._inside(self.loads) and not self.heard_of:
            return None
        return promised(self.placed_at.astimezone(zone).date(), promise) < today

    def holds_nothing(self, parcel: str) -> bool:
        """Whether all that it lists are gift cards and the like, so that nobody carries it."""
        load = self.loads.get(parcel, {})
        return bool(load) and load.keys() <= self.weightless

    def _inside(self, parcels: Mapping[str, Any]) -> Counter[str]:
        found = Counter[str]()
        for name in parcels:
            found.update(self.loads.get(name, {}))
        return found


def promised(day: date, promise: Promise) -> date:
    """So many days on which the store works after that day."""
    left = promise.business_days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5 and day not in promise.holidays
    return day
