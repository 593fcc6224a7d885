"""Where the engine's sense of time is looked at: every zone of IANA's, around every change of its clock, on plain days.

Zones whose clocks go alike for these two years are looked at closely once, and the others of them at fewer minutes
around the same changes. `PERENNIAL_CLOCKS=all` looks at all of them alike, for five years, and at every minute within
three hours of each change; it takes an hour.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest

from perennial import timing
from tests.clocks import oracle
from tests.clocks.oracle import ALL_ZONES, DAY, HOUR

ALL = os.environ.get("PERENNIAL_CLOCKS") == "all"
FIRST, LAST = date(2026, 1, 1), date(2031, 1, 1) if ALL else date(2028, 1, 1)

# Around a change, in minutes: gaps and folds are half an hour, one hour or two long, and begin or end at midnight.
_NEAR = (-1440, -121, -120, -61, -60, -45, -31, -30, -1, 0, 1, 15, 30, 31, 59, 60, 61, 90, 119, 120, 121, 1439)
NEAR = (-DAY, *range(-3 * HOUR, 3 * HOUR), DAY) if ALL else _NEAR
LESS_NEAR = (-31, -1, 0, 30)

# By no change of any clock; the ends of months and of a leap year's February among them.
PLAIN = tuple(
    datetime.fromisoformat(day) for day in ("2026-01-31", "2026-07-01", "2027-02-28", "2027-12-31", "2028-02-29")
)
PLAIN_CLOCKS = (0, 2 * HOUR + 30, 12 * HOUR, 23 * HOUR + 59)

WEIRD = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "America/Nuuk",
    "America/St_Johns",
    "America/Vancouver",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",
)

every_zone = pytest.mark.parametrize("zone", ALL_ZONES)


@dataclass(frozen=True, slots=True)
class Engine:
    """What is looked at; the tests of the tests plant defects here."""

    shift: Callable[..., datetime] = timing.shift
    at_hour: Callable[..., datetime] = timing.at_hour
    not_before: Callable[..., datetime] = timing.not_before
    start_of_day: Callable[..., datetime] = timing.start_of_day
    end_of_day: Callable[..., datetime] = timing.end_of_day
    next_open: Callable[..., datetime | None] = timing.next_open
    open_minutes: Callable[..., int] = timing.open_minutes


def moment(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)


def minute(found: datetime) -> int:
    """What the engine answered, which is an instant of UTC."""
    assert found.tzinfo is UTC
    return oracle.minute_of(found)


def changes(zone: str) -> list[oracle.Change]:
    return oracle.changes(zone, FIRST, LAST)


@cache
def _first_of_their_kind() -> frozenset[str]:
    """One of all the zones whose clocks go alike, for each way in which they go."""
    start = oracle.minute_of(datetime.combine(FIRST, time()))
    return frozenset({(oracle.shown(zone, start), *changes(zone)): zone for zone in reversed(ALL_ZONES)}.values())


def closely(zone: str) -> bool:
    return ALL or zone in _first_of_their_kind() or zone in WEIRD


@cache
def plain(zone: str) -> tuple[int, ...]:
    clocks = PLAIN_CLOCKS if closely(zone) else PLAIN_CLOCKS[1:2]
    return tuple(oracle.first_at(zone, oracle.minute_of(day) + shown) for day in PLAIN for shown in clocks)


def probes(zone: str) -> Iterator[int]:
    """Minutes on plain days, then those around every change."""
    yield from plain(zone)
    for change in changes(zone):
        yield from (change.minute + near for near in (NEAR if closely(zone) else LESS_NEAR))


def told(found: int | None, zone: str) -> str:
    """A minute as somebody there would say it, for a test that fails."""
    if found is None:
        return "never"
    return f"{oracle.EPOCH + timedelta(minutes=oracle.shown(zone, found)):%Y-%m-%d %H:%M} ({moment(found):%H:%MZ})"


def clock(text: str) -> time:
    return time.fromisoformat(text)


def agree(zone: str, what: object, asked: int, engine: int | None, witness: int | None) -> None:
    """Stops where the two differ, and says so as somebody in that zone would."""
    if engine != witness:
        words = " ".join(str(word) for word in what) if isinstance(what, tuple) else str(what)
        found, right = told(engine, zone), told(witness, zone)
        raise AssertionError(f"{words}, asked at {told(asked, zone)} in {zone}: {found}, but it is {right}")
