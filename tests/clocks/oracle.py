"""Local time told a second time, to hold the engine against.

Nothing is shared with the engine: not `zoneinfo`, not the files of the tzdata package, not a line of its arithmetic.
pytz brings IANA's rules in a compilation of its own, as plain lists of changes; everything else is counted off minute
by minute on the clocks that follow from them. So no time is a `datetime` here. A *minute* is counted in UTC since
1970; what a clock *shows* is counted in minutes since 1970-01-01 00:00 on that very clock.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple

import pytz

HOUR, DAY = 60, 1440
EPOCH, BEGINNING = datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("1975-01-01")
BEFORE, LENGTH = 2 * DAY, 5 * DAY
"""A stretch begins two days before the day it is about: whatever a clock shows, it shows within."""

ALL_ZONES = tuple(pytz.all_timezones)
EDITION = pytz.VERSION.split(".")[:2]
"""As packages count it: 2026.6 is IANA's 2026f."""

Stretch = tuple[tuple[int, int], ...]
"""What a clock does in five days, counted from their first midnight in UTC: (from which minute on, minutes ahead)."""

Hours = tuple[time, time]


class Change(NamedTuple):
    """From `minute` on, a clock is `after` minutes ahead of UTC, and was `before`."""

    minute: int
    before: int
    after: int


def minute_of(moment: datetime) -> int:
    """Of an aware moment, or of what a clock shows."""
    naive = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    assert naive == naive.replace(second=0, microsecond=0), f"{moment} is not a whole minute"
    return (naive - EPOCH) // timedelta(minutes=1)


@cache
def offsets(zone: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Since 1975, when the last clock went by whole minutes: from which on it is how many minutes ahead of UTC."""
    told = pytz.timezone(zone)
    listed: Sequence[datetime] = getattr(told, "_utc_transition_times", ())  # pytz has no public list of them
    times = [BEGINNING, *(moment for moment in listed if moment > BEGINNING)]
    ahead = (told.fromutc(moment).utcoffset() or timedelta() for moment in times)
    return tuple(minute_of(moment) for moment in times), tuple(span // timedelta(minutes=1) for span in ahead)


def changes(zone: str, first: date, last: date) -> list[Change]:
    """Every change of the clock from one day to another."""
    at, ahead = offsets(zone)
    begin, end = (minute_of(datetime.combine(day, time())) for day in (first, last))
    found = [Change(*told) for told in zip(at[1:], ahead, ahead[1:], strict=False)]
    return [change for change in found if begin <= change.minute < end and change.before != change.after]


def shown(zone: str, minute: int) -> int:
    at, ahead = offsets(zone)
    return minute + ahead[max(bisect_right(at, minute) - 1, 0)]


def stretch(zone: str, about: int) -> tuple[int, Stretch]:
    """When the five days about a minute begin, and what the clock does in them: alike for all whose clocks go alike."""
    start = about // DAY * DAY - BEFORE
    at, ahead = offsets(zone)
    first = max(bisect_right(at, start) - 1, 0)
    last = max(bisect_right(at, start + LENGTH - 1), first + 1)
    return start, tuple((max(at[n] - start, 0), ahead[n]) for n in range(first, last))


@cache
def clock(known: Stretch) -> "array[int]":
    """What the clock shows at each minute of a stretch."""
    found = array("i")
    for (begin, ahead), end in zip(known, (*(begin for begin, _ in known[1:]), LENGTH), strict=True):
        found.extend(range(begin + ahead, end + ahead))
    return found


def first_at(zone: str, wanted: int) -> int:
    """The first minute at which the clock shows it. A time that it skips moves forward by what was skipped."""
    start, known = stretch(zone, wanted)
    return start + _first_in(known, wanted - start)


@cache
def _first_in(known: Stretch, wanted: int) -> int:
    clocks = clock(known)
    if wanted in clocks:
        return clocks.index(wanted)
    jump = next(n for n in range(1, LENGTH) if clocks[n - 1] < wanted < clocks[n])
    return jump + wanted - (clocks[jump - 1] + 1)


def shift(zone: str, minute: int, months: int, days: int, minutes: int) -> int:
    """Months, then days on the calendar of the clock; then minutes that pass."""
    if months or days:
        today, clock_time = divmod(shown(zone, minute), DAY)
        goal = add_months(date.fromordinal(DAY_ZERO + today), months).toordinal() - DAY_ZERO + days
        minute = first_at(zone, goal * DAY + clock_time)
    return minute + minutes


DAY_ZERO = EPOCH.toordinal()


def add_months(day: date, months: int) -> date:
    """The same day of a later or earlier month, or the last one that month has."""
    year, month = day.year, day.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        year, month = (year + 1, 1) if month > 12 else (year - 1, 12) if month < 1 else (year, month)
    return next(date(year, month, n) for n in range(day.day, 0, -1) if _exists(year, month, n))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def at_hour(zone: str, minute: int, hour: time, earliest: int) -> int:
    """Day by day from the one shown: the first such hour that is not too early."""
    return next(found for found in _hours(zone, shown(zone, minute) // DAY, hour) if found >= earliest)


def _hours(zone: str, day: int, hour: time) -> Iterator[int]:
    for later in range(day, day + 10_000):
        yield first_at(zone, later * DAY + _clock_minutes(hour))


def _clock_minutes(hour: time) -> int:
    return hour.hour * HOUR + hour.minute


def not_before(zone: str, minute: int, hour: time) -> int:
    return max(minute, next(_hours(zone, shown(zone, minute) // DAY, hour)))


def first_of_day(zone: str, minute: int) -> int:
    """The first minute of the day shown."""
    start, known = stretch(zone, minute)
    return start + _first_on(known, (shown(zone, minute) - start) // DAY)


def first_of_next_day(zone: str, minute: int) -> int:
    """The first minute of any later day: a zone may leave one out."""
    start, known = stretch(zone, minute)
    return start + _first_on(known, (shown(zone, minute) - start) // DAY + 1)


@cache
def _first_on(known: Stretch, day: int) -> int:
    return next(n for n, shows in enumerate(clock(known)) if shows // DAY >= day)


@cache
def _legal(known: Stretch, hours: Hours) -> bytes:
    """For each minute of a stretch, 1 if the clock is within the hours."""
    begin, end = _clock_minutes(hours[0]), _clock_minutes(hours[1]) or DAY
    day = bytes(begin <= n < end for n in range(DAY))
    return bytes(day[shows % DAY] for shows in clock(known))


def legal(zones: Sequence[str], minute: int, hours: Hours) -> bool:
    """Whether the clocks of all zones are within the hours."""
    begin, end = _clock_minutes(hours[0]), _clock_minutes(hours[1]) or DAY
    return all(begin <= shown(zone, minute) % DAY < end for zone in zones)


def _all_legal(zones: Sequence[str], about: int, hours: Hours) -> bytes:
    """From the midnight before a minute on, for three days: minute by minute, 1 if legal everywhere."""
    return _together(frozenset(stretch(zone, about)[1] for zone in zones), hours)[BEFORE:]


@cache
def _together(every: frozenset[Stretch], hours: Hours) -> bytes:
    together = (1 << 8 * LENGTH) - 1
    for known in every:
        together &= int.from_bytes(_legal(known, hours), "big")
    return together.to_bytes(LENGTH, "big")


def next_open(zones: Sequence[str], minute: int, hours: Hours, days: int = 366) -> int | None:
    """The first minute from this one on that is legal everywhere; None if there is none in so many days."""
    for day in range(minute // DAY * DAY, minute + days * DAY + 1, DAY):
        found = _all_legal(zones, day, hours).find(1, max(minute - day, 0), DAY)
        if found >= 0:
            return day + found if day + found <= minute + days * DAY else None
    return None


def open_minutes(zones: Sequence[str], minute: int, hours: Hours) -> int:
    """How many minutes from this one on are legal everywhere without a break; a day's at most."""
    day = minute // DAY * DAY
    found = _all_legal(zones, day, hours).find(0, minute - day)
    return min(found - (minute - day), DAY) if found >= 0 else DAY
