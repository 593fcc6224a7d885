"""What can go wrong at each boundary, and how often. Drawn from the seed, so that every run can be had again."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Way = Literal["dies before", "dies during", "dies after", "refused", "answer lost", "stalls", "raced"]
"""At one outside call. *Dies during*: the call took effect, and its answer never reached anybody. *Dies after*: it took
effect, was heard, and the process is gone before its next call. *Refused*: a throttle or an outage, nothing took
effect. *Answer lost*: it took effect, and the caller sees a timeout. *Stalls*: the worker stands still for so long
that its message is handed to another. *Raced*: another worker of the same customer goes through in the meantime.
"""

WAYS: tuple[Way, ...] = ("dies before", "dies during", "dies after", "refused", "answer lost", "stalls", "raced")


@dataclass(frozen=True, slots=True)
class Rates:
    """Chances, each of 1. `calls` are for one outside call, by way; the others for one delivery, ring or report."""

    calls: tuple[float, ...] = (0.0,) * len(WAYS)
    delivery_doubled: float = 0.0
    delivery_delayed: float = 0.0
    message_again: float = 0.0
    timer_lost: float = 0.0
    timer_late: float = 0.0
    timer_doubled: float = 0.0
    report_lost: float = 0.0
    report_late: float = 0.0
    report_doubled: float = 0.0
    outages: int = 0
    skew: int = 0


PROFILES = {
    "none": Rates(),
    "default": Rates(
        calls=(0.0005, 0.0003, 0.0003, 0.002, 0.0005, 0.0003, 0.001),
        delivery_doubled=0.03,
        delivery_delayed=0.02,
        message_again=0.002,
        timer_lost=0.002,
        timer_late=0.01,
        timer_doubled=0.005,
        report_lost=0.005,
        report_late=0.02,
        report_doubled=0.03,
        outages=1,
        skew=1,
    ),
    "storm": Rates(
        calls=(0.006, 0.004, 0.004, 0.02, 0.006, 0.003, 0.01),
        delivery_doubled=0.15,
        delivery_delayed=0.10,
        message_again=0.02,
        timer_lost=0.03,
        timer_late=0.08,
        timer_doubled=0.05,
        report_lost=0.08,
        report_late=0.10,
        report_doubled=0.15,
        outages=4,
        skew=3,
    ),
}
"""`outages` are of one service each, for minutes or hours, in a shop's whole time; `skew` is in seconds, either way."""

SERVICES = ("customers", "directory", "line", "timers", "email", "text", "push", "book")


@dataclass(slots=True)
class Faults:
    """`scripted` names single calls by their number, for the crash matrix; nothing else goes wrong then."""

    rates: Rates
    chance: random.Random
    scripted: dict[int, Way] = field(default_factory=dict)
    outages: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    over: bool = False

    def plan(self, start: datetime, days: int) -> None:
        """When which service is down for a while."""
        for _ in range(self.rates.outages):
            begins = start + timedelta(minutes=self.chance.randrange(max(1, days) * 1440))
            ends = begins + timedelta(minutes=self.chance.choice((5, 40, 300)))
            self.outages.append((self.chance.choice(SERVICES), begins, ends))

    def at_call(self, number: int, service: str, now: datetime) -> Way | None:
        """What goes wrong with one outside call."""
        if number in self.scripted:
            return self.scripted[number]
        if self.over or not any(self.rates.calls):
            return None
        if any(name == service and begins <= now < ends for name, begins, ends in self.outages):
            return "refused"
        drawn = self.chance.random()
        for way, rate in zip(WAYS, self.rates.calls, strict=True):
            drawn -= rate
            if drawn < 0:
                return way
        return None

    def happens(self, rate: float) -> bool:
        return not self.over and rate > 0 and self.chance.random() < rate
