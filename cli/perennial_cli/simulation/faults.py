"""What can go wrong at each boundary, and how often. Drawn from the seed, so that every run can be had again."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from perennial_cli.simulation.chance import Luck

Way = Literal[
    "dies before", "dies during", "dies after", "throttled", "fails", "times out", "answer lost", "stalls", "raced"
]
"""At one outside call. *Dies during*: the call took effect, and its answer never reached anybody. *Dies after*: it took
effect, was heard, and the process is gone before its next call. *Throttled*, *fails* (5xx), *times out*: nothing took
effect, but only the first says so. *Answer lost*: it took effect, and the caller sees a timeout. *Stalls*: the worker
stands still for so long that its message is handed to another. *Raced*: another worker of the same customer goes
through in the meantime.
"""

WAYS: tuple[Way, ...] = (
    "dies before",
    "dies during",
    "dies after",
    "throttled",
    "fails",
    "times out",
    "answer lost",
    "stalls",
    "raced",
)


@dataclass(frozen=True, slots=True)
class Rates:
    """Chances, each of 1. `calls` are for one outside call, by way; `poisoned` is for one customer, `run_short` for
    one run of an erasure; the others are for one delivery, ring or report.
    """

    calls: tuple[float, ...] = (0.0,) * len(WAYS)
    delivery_doubled: float = 0.0
    delivery_delayed: float = 0.0
    message_again: float = 0.0
    run_short: float = 0.0
    timer_lost: float = 0.0
    timer_late: float = 0.0
    timer_doubled: float = 0.0
    report_lost: float = 0.0
    report_late: float = 0.0
    report_doubled: float = 0.0
    poisoned: float = 0.0
    unreadable: float = 0.0
    forged: float = 0.0
    outages: int = 0
    skew: int = 0


PROFILES = {
    "none": Rates(),
    "default": Rates(
        calls=(0.0005, 0.0003, 0.0003, 0.001, 0.0005, 0.0005, 0.0005, 0.0003, 0.001),
        delivery_doubled=0.03,
        delivery_delayed=0.02,
        message_again=0.002,
        run_short=0.2,
        timer_lost=0.002,
        timer_late=0.01,
        timer_doubled=0.005,
        report_lost=0.005,
        report_late=0.02,
        report_doubled=0.03,
        poisoned=0.03,
        unreadable=0.005,
        forged=0.005,
        outages=1,
        skew=1,
    ),
    "storm": Rates(
        calls=(0.006, 0.004, 0.004, 0.012, 0.004, 0.004, 0.006, 0.003, 0.01),
        delivery_doubled=0.15,
        delivery_delayed=0.10,
        message_again=0.02,
        run_short=0.6,
        timer_lost=0.03,
        timer_late=0.08,
        timer_doubled=0.05,
        report_lost=0.08,
        report_late=0.10,
        report_doubled=0.15,
        poisoned=0.2,
        unreadable=0.02,
        forged=0.02,
        outages=4,
        skew=3,
    ),
}
"""`outages` are of one service each, for minutes or hours, in a shop's whole time; `skew` is in seconds, either way."""

SERVICES = {
    **dict.fromkeys(("customers", "directory", "traces", "looks", "book", "overdue", "versions", "parking"), "table"),
    **dict.fromkeys(("text", "push"), "SNS"),
    "line": "queue",
    "timers": "scheduler",
    "email": "SES",
    "bodies": "bucket",
}
"""Which service stands behind each port."""

PORTS = ("customers", "directory", "line", "timers", "email", "text", "push", "book", "looks", "bodies")
"""What may be down for a while."""

DOWN: tuple[Way, ...] = ("throttled", "fails")
"""How a service answers that is down for a while."""


@dataclass(frozen=True, slots=True)
class Outage:
    service: str
    begins: datetime
    ends: datetime
    way: Way


@dataclass(slots=True)
class Faults:
    """`scripted` names single calls by their number, for the crash matrix. `only` are all the faults of a told story
    and `acts` all that its people do, by name; None means that both are drawn.
    """

    rates: Rates
    seed: str
    scripted: dict[int, Way] = field(default_factory=dict)
    only: Mapping[str, str] | None = None
    acts: Set[str] | None = None
    outages: list[Outage] = field(default_factory=list)
    over: bool = False

    def luck(self, name: str) -> Luck:
        return Luck(self.seed, name)

    def plan(self, start: datetime, days: int) -> None:
        """When which service is down for a while."""
        for number in range(self.rates.outages):
            luck = self.luck(f"outage {number}")
            begins = start + timedelta(minutes=luck.between(0, max(1, days) * 1440))
            ends = begins + timedelta(minutes=luck.choice((5, 40, 300)))
            self.outages.append(Outage(luck.choice(PORTS), begins, ends, luck.choice(DOWN)))

    def at_call(self, number: int, name: str, luck: Luck, service: str, now: datetime) -> str | None:
        """What goes wrong with one outside call; one of WAYS, unless a story was written by hand."""
        if number in self.scripted:
            return self.scripted[number]
        if self.only is not None:
            return self.only.get(name)
        if self.over or not any(self.rates.calls):
            return None
        down = next((out for out in self.outages if out.service == service and out.begins <= now < out.ends), None)
        return down.way if down else self._drawn(luck.random())

    def _drawn(self, drawn: float) -> Way | None:
        for way, rate in zip(WAYS, self.rates.calls, strict=True):
            drawn -= rate
            if drawn < 0:
                return way
        return None

    def happens(self, name: str, rate: float) -> bool:
        """Whether a delivery, ring or report of that name meets that fault."""
        if self.only is not None:
            return name in self.only
        return not self.over and rate > 0 and self.luck(name).random() < rate

    def does(self, name: str, rate: float) -> bool:
        """Whether somebody does what is named so."""
        return name in self.acts if self.acts is not None else self.luck(name).random() < rate
