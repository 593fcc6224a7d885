"""Offsets, local hours and windows: wall-clock intentions kept with their zone until the last step.

Days, weeks and months are calendar units in local time ("3 days later" keeps the wall-clock hour across a clock
change); minutes and hours are absolute. Arguments are aware instants of any zone (ValueError for naive ones), results
are UTC. A wall time that a clock change skips moves forward by what was skipped; of one that comes twice, the first
counts.
"""

import re
from calendar import monthrange
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice
from zoneinfo import ZoneInfo

UNITS = {
    "minute": ("minutes", 1),
    "hour": ("minutes", 60),
    "day": ("days", 1),
    "week": ("days", 7),
    "month": ("months", 1),
}

Hours = tuple[time, time]
"""`[start, end)` on a wall clock, within one day; 00:00 as its end is the day's end."""

_TERM = re.compile(r"(\d{1,5})\s+(minute|hour|day|week|month)s?")
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MIDNIGHT = time()
_SEARCHED = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Offset:
    """A span of calendar months, calendar days and absolute minutes; may be negative."""

    months: int = 0
    days: int = 0
    minutes: int = 0

    def __neg__(self) -> "Offset":
        return Offset(-self.months, -self.days, -self.minutes)

    def __str__(self) -> str:
        time = (self.minutes, "minute") if self.minutes % 60 else (self.minutes // 60, "hour")
        parts = [(self.months, "month"), (self.days, "day"), time]
        named = [f"{abs(count)} {unit}{'' if abs(count) == 1 else 's'}" for count, unit in parts if count]
        return " ".join(named) or "0 minutes"


def parse_offset(text: str) -> Offset:
    """`3 days`, `1 week`, `90 minutes`. Raises ValueError with what to write instead."""
    match = _TERM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a span of time: write a number and minutes, hours, days, weeks or months")
    field, factor = UNITS[match[2]]
    return Offset(**{field: int(match[1]) * factor})


def shift(instant: datetime, offset: Offset, zone: ZoneInfo) -> datetime:
    """`offset` later: months (31 January + 1 month is the last of February), then days, then minutes.

    Raises OverflowError or ValueError beyond the year 9999.
    """
    moment = _utc(instant)
    # Without calendar units the wall clock has no say: the second 01:30 of a long night must not become the first.
    if offset.months or offset.days:
        wall = _wall(moment, zone)
        moment = _instant(_add_months(wall, offset.months) + timedelta(days=offset.days), zone)
    return moment + timedelta(minutes=offset.minutes)


def at_hour(instant: datetime, hour: time, zone: ZoneInfo, *, not_earlier_than: datetime) -> datetime:
    """`hour` on the local day of `instant`, or on the first later local day where it is not too early."""
    earliest = _utc(not_earlier_than)
    # The day before counts: an hour that its clock skips may slide past midnight.
    first = max(_local_day(instant, zone), _local_day(earliest, zone) - _DAY)
    moments = (_instant(datetime.combine(first + timedelta(days=days), hour), zone) for days in count())
    return next(moment for moment in moments if moment >= earliest)


def not_before(instant: datetime, hour: time, zone: ZoneInfo) -> datetime:
    """`instant` itself, or `hour` of the same local day if that is later."""
    return max(_utc(instant), _instant(datetime.combine(_local_day(instant, zone), hour), zone))


def start_of_day(instant: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of the local day, be it 00:00 or, where clocks go forward at midnight, 01:00."""
    return _first_moment(_local_day(instant, zone), zone)


def end_of_day(instant: datetime, zone: ZoneInfo) -> datetime:
    """One second before the next local day begins."""
    return _first_moment(_local_day(instant, zone) + _DAY, zone) - _SECOND


def next_open(instant: datetime, hours: Hours, zones: Sequence[ZoneInfo]) -> datetime | None:
    """The first moment from `instant` on at which every zone's clock is within `hours`.

    None if a year brings none: clocks that meet only while one continent keeps summer time and another does not, meet
    every year. Raises ValueError for no zones, and for hours that end before they start.
    """
    _check(hours, zones)
    moment = _utc(instant)
    last = moment + _SEARCHED
    order = list(zones)
    while moment <= last:
        closed = next((zone for zone in order if not _within(_wall(moment, zone), hours)), None)
        if closed is None:
            return moment
        moment = _opening(moment, hours, closed)
        # Who just objected is asked first: zones that never meet are soon side by side, and the search is short.
        order.remove(closed)
        order.insert(0, closed)
    return None


def open_minutes(instant: datetime, hours: Hours, zones: Sequence[ZoneInfo]) -> int:
    """Whole minutes until some zone's clock leaves `hours`: 0 if one is outside already, at most 1,440."""
    _check(hours, zones)
    moment = _utc(instant)
    return (min(_closing(moment, hours, zone) for zone in zones) - moment) // timedelta(minutes=1)


def add_business_days(start: date, days: int, holidays: Collection[date]) -> date:
    """The `days`-th business day after `start`, weekends and holidays left out, as Excel's WORKDAY counts.

    With 0 days it is `start` itself or, where that is no business day, the next one. Raises ValueError for less.
    """
    if days < 0:
        raise ValueError(f"{days} business days: count forward")
    days_ahead = (start + timedelta(days=ahead) for ahead in count(min(days, 1)))
    business_days = (day for day in days_ahead if day.weekday() < 5 and day not in holidays)
    return next(islice(business_days, max(days - 1, 0), None))


def _utc(instant: datetime) -> datetime:
    """By way of UTC, as Python compares and converts datetimes of one zone by their wall time alone."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone")
    return instant.astimezone(UTC)


def _wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    # PEP 495: with fold=0 a skipped wall time is read by the old offset, that is, moves forward by the gap.
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def _local_day(instant: datetime, zone: ZoneInfo) -> date:
    return _utc(instant).astimezone(zone).date()


def _add_months(wall: datetime, months: int) -> datetime:
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    return wall.replace(year=year, month=month + 1, day=min(wall.day, monthrange(year, month + 1)[1]))


def _first_moment(day: date, zone: ZoneInfo) -> datetime:
    midnight = datetime.combine(day, _MIDNIGHT)
    moment = _instant(midnight, zone)
    return moment if _wall(moment, zone) == midnight else _clock_change(moment - _DAY, moment, zone)


def _clock_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two, at most a day apart, from which on the clock of `after` holds.

    There is only one: since 1970 no two changes of a zone lie closer than six days (tzdata 2026f).
    """
    old = before.astimezone(zone).utcoffset()
    # Changes fall on whole seconds, so rounding both ends down keeps the change between them.
    low, high = before.replace(microsecond=0), after.replace(microsecond=0)
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high


def _check(hours: Hours, zones: Sequence[ZoneInfo]) -> None:
    start, end = hours
    if end != _MIDNIGHT and start >= end:
        raise ValueError(f"hours from {start} to {end} are not within one day")
    if not zones:
        raise ValueError("without a zone no hour is known to be legal")


def _within(wall: datetime, hours: Hours) -> bool:
    start, end = hours
    clock = wall.time()
    return start <= clock and (clock < end or end == _MIDNIGHT)


def _opening(moment: datetime, hours: Hours, zone: ZoneInfo) -> datetime:
    """The first moment from `moment` on at which the zone's clock is within `hours`."""
    while not _within(wall := _wall(moment, zone), hours):
        opening = datetime.combine(wall.date(), hours[0])
        if opening <= wall:
            opening += _DAY
        moment = _reach(moment, wall, opening, zone)
    return moment


def _closing(moment: datetime, hours: Hours, zone: ZoneInfo) -> datetime:
    """The first moment from `moment` on at which the zone's clock is not within `hours`; a day later at most."""
    last = moment + _DAY
    while moment < last and _within(wall := _wall(moment, zone), hours):
        closing = datetime.combine(wall.date(), hours[1])
        if closing <= wall:
            closing += _DAY
        moment = _reach(moment, wall, closing, zone)
    return min(moment, last)


def _reach(moment: datetime, wall: datetime, goal: datetime, zone: ZoneInfo) -> datetime:
    """When a clock that shows `wall` at `moment` shows `goal`, or else when it is changed on the way there."""
    due = moment + (goal - wall)
    return due if _wall(due, zone) == goal else _clock_change(moment, due, zone)
