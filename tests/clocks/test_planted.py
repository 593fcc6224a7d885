"""The suite looks at itself: each of these defects, every one of which some engine has had, must make it stop."""

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from perennial import timing
from perennial.timing import Hours, Offset
from tests.clocks import checks
from tests.clocks.probing import WEIRD, Engine

DAY = timedelta(days=1)
Check = Callable[[str, Engine], None]


def instant(shows: datetime, zone: ZoneInfo, fold: int = 0) -> datetime:
    return shows.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def skipped(shows: datetime, zone: ZoneInfo) -> bool:
    return instant(shows, zone).astimezone(zone).replace(tzinfo=None, fold=0) != shows


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def days_of_24_hours(moment: datetime, span: Offset, zone: ZoneInfo) -> datetime:
    return timing.shift(moment, Offset(span.months), zone) + DAY * span.days + timedelta(minutes=span.minutes)


def days_by_utc(moment: datetime, span: Offset, zone: ZoneInfo) -> datetime:
    return timing.shift(moment, span, ZoneInfo("UTC"))


def minutes_on_the_wall(moment: datetime, span: Offset, zone: ZoneInfo) -> datetime:
    return instant(wall(moment, zone) + timedelta(minutes=span.minutes), zone)


def the_second_of_two(moment: datetime, span: Offset, zone: ZoneInfo) -> datetime:
    found = timing.shift(moment, Offset(span.months, span.days), zone)
    goal = wall(found, zone)
    late = found if skipped(goal, zone) or not (span.months or span.days) else instant(goal, zone, fold=1)
    return late + timedelta(minutes=span.minutes)


def gaps_backwards(moment: datetime, span: Offset, zone: ZoneInfo) -> datetime:
    goal = wall(moment, zone) + DAY * span.days
    if span.months or not span.days or not skipped(goal, zone):
        return timing.shift(moment, span, zone)
    return instant(goal, zone, fold=1) + timedelta(minutes=span.minutes)


def months_that_run_over(moment: datetime, span: Offset, zone: ZoneInfo) -> datetime:
    """31 January and a month: 1 March."""
    shows = wall(moment, zone)
    month = timing.shift(instant(shows.replace(day=1, hour=12), zone), Offset(span.months), zone)
    over = shows.day > monthrange(month.year, month.month)[1]
    return timing.shift(moment, span, zone) + (DAY if over else timedelta())


def the_end_of_every_month_is_its_30th(moment: datetime, span: Offset, zone: ZoneInfo) -> datetime:
    found = timing.shift(moment, span, zone)
    return found - DAY if span.months and wall(found, zone).day == 31 else found


def the_hour_by_todays_offset(moment: datetime, hour: time, zone: ZoneInfo, *, not_earlier_than: datetime) -> datetime:
    """Dittofeed's."""
    ahead = moment.astimezone(zone).utcoffset() or timedelta()
    due = datetime.combine(wall(moment, zone).date(), hour, UTC) - ahead
    while due < not_earlier_than:
        due += DAY
    return due


def the_day_of_utc(moment: datetime, hour: time, zone: ZoneInfo, *, not_earlier_than: datetime) -> datetime:
    day = datetime.combine(moment.date(), time(12))
    return timing.at_hour(instant(day, zone), hour, zone, not_earlier_than=not_earlier_than)


def one_day_too_many(moment: datetime, hour: time, zone: ZoneInfo) -> datetime:
    """Parcelvoy's: a day is added once the hour has passed in UTC."""
    found = timing.not_before(moment, hour, zone)
    return found + DAY if found.date() > wall(moment, zone).date() else found


def midnight_exists(moment: datetime, zone: ZoneInfo) -> datetime:
    found = timing.start_of_day(moment, zone)
    return instant(datetime.combine(wall(found, zone).date(), time()), zone, fold=1)


def days_end_24_hours_on(moment: datetime, zone: ZoneInfo) -> datetime:
    return timing.start_of_day(moment, zone) + DAY - timedelta(seconds=1)


def quiet_hours_of_utc(moment: datetime, hours: Hours, zones: list[ZoneInfo]) -> datetime | None:
    return timing.next_open(moment, hours, [ZoneInfo("UTC")])


def quiet_hours_by_one_offset(moment: datetime, hours: Hours, zones: list[ZoneInfo]) -> datetime | None:
    """Laudspeaker's: a fixed distance from UTC, without summer time."""
    winter = datetime(2026, 1, 1, tzinfo=UTC).astimezone(zones[0]).utcoffset() or timedelta()
    found = timing.next_open(moment + winter, hours, [ZoneInfo("UTC")])
    return None if found is None else found - winter


def hours_left_on_the_wall(moment: datetime, hours: Hours, zones: list[ZoneInfo]) -> int:
    """What the clock shows is taken for what passes."""
    shows = wall(moment, zones[0])
    if not timing.open_minutes(moment, hours, zones):
        return 0
    end = datetime.combine(shows.date() + (DAY if hours[1] == time() else timedelta()), hours[1])
    return (end - shows) // timedelta(minutes=1)


DEFECTS: tuple[tuple[Check, Engine], ...] = (
    (checks.calendar_spans, Engine(shift=days_of_24_hours)),
    (checks.calendar_spans, Engine(shift=days_by_utc)),
    (checks.passing_minutes, Engine(shift=minutes_on_the_wall)),
    (checks.calendar_spans, Engine(shift=the_second_of_two)),
    (checks.calendar_spans, Engine(shift=gaps_backwards)),
    (checks.calendar_spans, Engine(shift=months_that_run_over)),
    (checks.calendar_spans, Engine(shift=the_end_of_every_month_is_its_30th)),
    (checks.hours_of_the_clock, Engine(at_hour=the_hour_by_todays_offset)),
    (checks.hours_of_the_clock, Engine(at_hour=the_day_of_utc)),
    (checks.hours_of_the_clock, Engine(not_before=one_day_too_many)),
    (checks.bounds_of_days, Engine(start_of_day=midnight_exists)),
    (checks.bounds_of_days, Engine(end_of_day=days_end_24_hours_on)),
    (checks.legal_hours, Engine(next_open=quiet_hours_of_utc)),
    (checks.legal_hours, Engine(next_open=quiet_hours_by_one_offset)),
    (checks.legal_hours, Engine(open_minutes=hours_left_on_the_wall)),
)


def planted(engine: Engine) -> str:
    right = Engine()
    (name,) = [field for field in engine.__slots__ if getattr(engine, field) != getattr(right, field)]
    return str(getattr(engine, name).__name__)


@pytest.mark.parametrize(("check", "engine"), DEFECTS, ids=[planted(engine) for _, engine in DEFECTS])
def test_a_defect_in_the_engine_is_found(check: Check, engine: Engine) -> None:
    with pytest.raises(AssertionError, match=r" in [\w/]+: .*, but it is "):
        in_some_zones(check, engine)


def in_some_zones(check: Check, engine: Engine) -> None:
    for zone in (*WEIRD, "Europe/Berlin", "America/New_York"):
        check(zone, engine)


def test_an_edition_of_the_rules_that_differs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vancouver stays an hour ahead from November 2026 on (2026f): an engine that has not heard of it is told."""
    monkeypatch.setattr(checks, "ZoneInfo", lambda name: ZoneInfo("America/Los_Angeles"))
    with pytest.raises(AssertionError, match="in America/Vancouver"):
        checks.both_show_the_same("America/Vancouver")
