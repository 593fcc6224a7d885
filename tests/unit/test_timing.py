"""Wall-clock arithmetic across clock changes: examples worth reading, and properties over every IANA zone."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import takewhile
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.timing import (
    Hours,
    Offset,
    add_business_days,
    at_hour,
    end_of_day,
    next_open,
    not_before,
    open_minutes,
    parse_offset,
    shift,
    start_of_day,
)

DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)

BERLIN, LONDON = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/London")
NEW_YORK, LOS_ANGELES = ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")
HONOLULU, AUCKLAND = ZoneInfo("Pacific/Honolulu"), ZoneInfo("Pacific/Auckland")
BEIRUT, SAO_PAULO, AZORES = ZoneInfo("Asia/Beirut"), ZoneInfo("America/Sao_Paulo"), ZoneInfo("Atlantic/Azores")

EVERY_ZONE = sorted(
    name for name in available_timezones() if "/" in name and name.split("/")[0] not in {"posix", "right"}
)

# Gaps and folds at midnight and by day, of 30 minutes and of two hours; odd offsets; none at all.
CHANGEFUL = [
    "Africa/Cairo",
    "America/Havana",
    "America/Los_Angeles",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Kathmandu",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/London",
    "Pacific/Chatham",
    "Pacific/Honolulu",
    "Pacific/Kiritimati",
]


def local(text: str, zone: ZoneInfo, fold: int = 0) -> datetime:
    return clock(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def clock(text: str) -> datetime:
    return datetime.fromisoformat(text)


def wall(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def exists(shown: datetime, zone: ZoneInfo) -> bool:
    return wall(shown.replace(tzinfo=zone).astimezone(UTC), zone) == shown


@cache
def changes(name: str) -> tuple[datetime, ...]:
    """The clock changes of twelve years, each by the day before it."""
    zone = ZoneInfo(name)
    days = [datetime(2020, 1, 1, tzinfo=UTC) + DAY * n for n in range(12 * 365)]
    offsets = [moment.astimezone(zone).utcoffset() for moment in days]
    return tuple(moment for moment, old, new in zip(days, offsets, offsets[1:], strict=False) if old != new)


clocks = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))
windows = st.tuples(clocks, clocks).filter(lambda hours: hours[0] < hours[1] or hours[1] == time())


def moments(name: str) -> st.SearchStrategy[datetime]:
    """Whole minutes, most within a day and a half of a clock change."""
    near = st.sampled_from((*changes(name), datetime(2026, 6, 1, tzinfo=UTC)))
    return st.builds(lambda moment, minutes: moment + MINUTE * minutes, near, st.integers(-1440, 2880))


@st.composite
def places(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """Any IANA zone, and a moment in it."""
    name = draw(st.sampled_from(EVERY_ZONE))
    return ZoneInfo(name), draw(moments(name))


@st.composite
def meetings(draw: st.DrawFn) -> tuple[datetime, Hours, list[ZoneInfo]]:
    """A moment near a clock change in one of up to three zones, hours, and the zones."""
    names = draw(st.lists(st.sampled_from(CHANGEFUL), min_size=1, max_size=3, unique=True))
    instant = draw(moments(draw(st.sampled_from(names))))
    return instant, draw(windows), [ZoneInfo(name) for name in names]


def legal(instant: datetime, hours: Hours, where: Sequence[ZoneInfo]) -> bool:
    def minute(shown: time) -> int:
        return shown.hour * 60 + shown.minute

    end = minute(hours[1]) or 1440
    return all(minute(hours[0]) <= minute(instant.astimezone(zone).time()) < end for zone in where)


def minutes_from(instant: datetime, days: int) -> Iterator[datetime]:
    return (instant + MINUTE * n for n in range(days * 1440 + 1))


# What a rival got wrong: Dittofeed's findNextLocalizedTimeInner


def test_dittofeed_friday_20_00_in_los_angeles_is_a_friday_there() -> None:
    friday_evening = local("2026-11-20T19:30", LOS_ANGELES)
    assert friday_evening.strftime("%A") == "Saturday"
    due = at_hour(friday_evening, time(20), LOS_ANGELES, not_earlier_than=friday_evening)
    assert due.astimezone(LOS_ANGELES).strftime("%A %H:%M") == "Friday 20:00"


def test_dittofeed_09_00_in_berlin_on_29_march_2026_is_09_00_and_not_10_00() -> None:
    saturday = local("2026-03-28T12:00", BERLIN)
    due = at_hour(saturday, time(9), BERLIN, not_earlier_than=saturday)
    assert wall(due, BERLIN) == clock("2026-03-29T09:00")
    assert due == datetime(2026, 3, 29, 7, tzinfo=UTC)


def test_dittofeed_08_00_in_new_york_on_1_november_2026_is_08_00_and_not_07_00() -> None:
    saturday = local("2026-10-31T12:00", NEW_YORK)
    due = at_hour(saturday, time(8), NEW_YORK, not_earlier_than=saturday)
    assert wall(due, NEW_YORK) == clock("2026-11-01T08:00")
    assert due == datetime(2026, 11, 1, 13, tzinfo=UTC)


# Offsets


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("3 days", Offset(days=3)),
        ("1 week", Offset(days=7)),
        ("2 hours", Offset(minutes=120)),
        (" 90 minutes ", Offset(minutes=90)),
        ("6 months", Offset(months=6)),
    ],
)
def test_a_span_is_read_as_months_days_and_minutes(text: str, offset: Offset) -> None:
    assert parse_offset(text) == offset


@pytest.mark.parametrize("text", ["", "3", "days", "3 fortnights", "-3 days", "3 days 2 hours"])
def test_what_is_no_span_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match="write a number and minutes, hours, days, weeks or months"):
        parse_offset(text)


# shift


@pytest.mark.parametrize(
    ("start", "offset", "zone", "end"),
    [
        ("2026-03-28T09:00", Offset(days=1), BERLIN, "2026-03-29T09:00"),
        ("2026-10-24T09:00", Offset(days=7), BERLIN, "2026-10-31T09:00"),
        ("2026-10-31T09:00", Offset(days=-7), BERLIN, "2026-10-24T09:00"),
        ("2026-03-28T02:30", Offset(days=1), BERLIN, "2026-03-29T03:30"),
        ("2026-10-03T02:15", Offset(days=1), ZoneInfo("Australia/Lord_Howe"), "2026-10-04T02:45"),
        ("2011-12-29T10:00", Offset(days=1), ZoneInfo("Pacific/Apia"), "2011-12-31T10:00"),
        ("2026-01-31T12:00", Offset(months=1), BERLIN, "2026-02-28T12:00"),
        ("2028-01-31T12:00", Offset(months=1), BERLIN, "2028-02-29T12:00"),
        ("2026-03-31T12:00", Offset(months=-1), BERLIN, "2026-02-28T12:00"),
        ("2026-12-31T23:59", Offset(months=2), NEW_YORK, "2027-02-28T23:59"),
        ("2026-01-15T12:00", Offset(months=-1), BERLIN, "2025-12-15T12:00"),
        ("2026-11-15T12:00", Offset(months=1), BERLIN, "2026-12-15T12:00"),
        ("2028-02-29T12:00", Offset(months=24), BERLIN, "2030-02-28T12:00"),
        ("2026-01-30T12:00", Offset(months=1, days=1), BERLIN, "2026-03-01T12:00"),
        ("2026-03-28T02:30", Offset(days=1, minutes=30), BERLIN, "2026-03-29T04:00"),
    ],
)
def test_months_and_days_keep_the_wall_clock_hour(start: str, offset: Offset, zone: ZoneInfo, end: str) -> None:
    assert wall(shift(local(start, zone), offset, zone), zone) == clock(end)


def test_minutes_are_absolute_across_a_clock_change() -> None:
    before = local("2026-03-29T01:30", BERLIN)
    assert shift(before, Offset(minutes=60), BERLIN) - before == timedelta(hours=1)
    assert wall(shift(before, Offset(minutes=60), BERLIN), BERLIN) == clock("2026-03-29T03:30")


@pytest.mark.parametrize("start", [local("2026-10-24T02:30", BERLIN), local("2025-10-26T02:30", BERLIN, fold=1)])
def test_days_that_end_in_a_doubled_hour_end_in_its_first(start: datetime) -> None:
    days = (date(2026, 10, 25) - start.date()).days
    assert shift(start, Offset(days=days), BERLIN) == local("2026-10-25T02:30", BERLIN, fold=0)


def test_days_from_a_doubled_hour_to_a_skipped_one_end_after_the_gap() -> None:
    second = local("2025-10-26T02:30", BERLIN, fold=1)
    assert shift(second, Offset(days=154), BERLIN) == local("2026-03-29T03:30", BERLIN)


def test_minutes_alone_leave_the_second_of_a_doubled_hour() -> None:
    second = local("2026-10-25T02:30", BERLIN, fold=1)
    assert shift(second, Offset(), BERLIN) == second
    assert shift(second, Offset(minutes=15), BERLIN) == second + 15 * MINUTE


@pytest.mark.parametrize("fold", [0, 1])
def test_a_day_after_either_of_a_doubled_hour_keeps_its_clock(fold: int) -> None:
    next_day = shift(local("2026-10-25T02:30", BERLIN, fold), Offset(days=1), BERLIN)
    assert wall(next_day, BERLIN) == clock("2026-10-26T02:30")


@settings(max_examples=300, deadline=None)
@given(places(), st.integers(-1000, 1000))
def test_in_every_zone_days_keep_the_clock_unless_it_skips_that_time(
    place: tuple[ZoneInfo, datetime], days: int
) -> None:
    zone, near = place
    instant = near - DAY * days
    goal = wall(instant, zone) + DAY * days
    result = shift(instant, Offset(days=days), zone)
    assert result.tzinfo is UTC
    if days == 0:
        assert result == instant
    elif exists(goal, zone):
        assert wall(result, zone) == goal
        assert all(wall(result - MINUTE * step, zone) != goal for step in range(10, 200, 10))
    else:
        assert timedelta() < wall(result, zone) - goal <= DAY


@settings(max_examples=300, deadline=None)
@given(places(), st.integers(-100, 100), st.integers(-400, 400), st.integers(-10_000, 10_000))
def test_months_come_before_days_and_days_before_minutes(
    place: tuple[ZoneInfo, datetime], months: int, days: int, minutes: int
) -> None:
    zone, instant = place
    at_once = shift(instant, Offset(months, days, minutes), zone)
    assert at_once - shift(instant, Offset(months, days), zone) == MINUTE * minutes
    shown, goal = wall(instant, zone), wall(shift(instant, Offset(months), zone), zone)
    if goal.time() == shown.time():  # else the clock skipped it
        assert (goal.year * 12 + goal.month) - (shown.year * 12 + shown.month) == months
        assert goal.day == shown.day or (goal.day < shown.day and (goal + DAY).day == 1)


# at_hour, not_before


def test_at_hour_stays_on_the_day_while_that_is_not_too_early() -> None:
    morning = local("2026-06-10T08:00", BERLIN)
    assert at_hour(morning, time(10), BERLIN, not_earlier_than=morning) == local("2026-06-10T10:00", BERLIN)


def test_at_hour_takes_the_very_hour() -> None:
    ten = local("2026-06-10T10:00", BERLIN)
    assert at_hour(ten, time(10), BERLIN, not_earlier_than=ten) == ten
    assert at_hour(ten, time(10), BERLIN, not_earlier_than=ten + SECOND) == local("2026-06-11T10:00", BERLIN)


def test_at_hour_may_lie_before_the_instant_where_that_is_not_too_early() -> None:
    evening = local("2026-06-10T18:00", BERLIN)
    assert at_hour(evening, time(10), BERLIN, not_earlier_than=evening - DAY) == local("2026-06-10T10:00", BERLIN)


def test_at_hour_goes_by_the_local_day_and_not_by_that_of_utc() -> None:
    late = local("2026-06-10T22:00", LOS_ANGELES)
    assert at_hour(late, time(23), LOS_ANGELES, not_earlier_than=late) == local("2026-06-10T23:00", LOS_ANGELES)


def test_an_hour_that_the_clock_skips_comes_after_the_gap() -> None:
    night = local("2026-03-29T00:10", BERLIN)
    assert at_hour(night, time(2, 30), BERLIN, not_earlier_than=night) == local("2026-03-29T03:30", BERLIN)


@pytest.mark.parametrize("fold", [0, 1])
def test_an_hour_that_comes_twice_means_the_first(fold: int) -> None:
    night = local("2026-10-25T00:10", BERLIN)
    due = at_hour(night, time(2, 30, fold=fold), BERLIN, not_earlier_than=night)
    assert due == local("2026-10-25T02:30", BERLIN, fold=0)


@settings(max_examples=250, deadline=None)
@given(places(), clocks, st.integers(-10_000, 200_000))
def test_at_hour_is_the_first_such_hour_that_is_not_too_early(
    place: tuple[ZoneInfo, datetime], hour: time, later: int
) -> None:
    zone, earliest = place
    instant = earliest - MINUTE * later
    result = at_hour(instant, hour, zone, not_earlier_than=earliest)
    assert result >= earliest
    first = instant.astimezone(zone).date()
    hours = (datetime.combine(first + DAY * n, hour, zone).astimezone(UTC) for n in range(200))
    assert result == next(moment for moment in hours if moment >= earliest)


def test_datetimes_of_one_zone_are_compared_as_instants_and_not_by_their_clocks() -> None:
    second = datetime(2026, 10, 25, 2, 10, tzinfo=BERLIN, fold=1)
    due = at_hour(second, time(2, 30), BERLIN, not_earlier_than=second)
    assert wall(due, BERLIN) == clock("2026-10-26T02:30")


def test_not_before_leaves_a_later_instant_alone() -> None:
    noon = local("2026-06-10T12:00", BERLIN)
    assert not_before(noon, time(10), BERLIN) == noon


def test_not_before_waits_for_the_hour_of_the_same_local_day() -> None:
    early = local("2026-06-10T22:30", LOS_ANGELES)
    assert not_before(early, time(23), LOS_ANGELES) == local("2026-06-10T23:00", LOS_ANGELES)
    assert not_before(local("2026-03-29T01:00", BERLIN), time(9), BERLIN) == local("2026-03-29T09:00", BERLIN)


# Days


@pytest.mark.parametrize(
    ("zone", "noon", "first", "last"),
    [
        (BERLIN, "2026-06-10T12:00", "2026-06-10T00:00", "2026-06-10T23:59:59"),
        (SAO_PAULO, "2017-10-15T12:00", "2017-10-15T01:00", "2017-10-15T23:59:59"),
        (SAO_PAULO, "2017-10-14T12:00", "2017-10-14T00:00", "2017-10-14T23:59:59"),
        (ZoneInfo("Africa/Cairo"), "2025-04-25T12:00", "2025-04-25T01:00", "2025-04-25T23:59:59"),
        (BEIRUT, "2026-03-29T12:00", "2026-03-29T01:00", "2026-03-29T23:59:59"),
        (ZoneInfo("America/Nuuk"), "2026-03-28T12:00", "2026-03-28T00:00", "2026-03-28T22:59:59"),
        (ZoneInfo("America/Toronto"), "1919-03-31T12:00", "1919-03-31T00:30", "1919-03-31T23:59:59"),
        (ZoneInfo("America/Toronto"), "1919-03-30T12:00", "1919-03-30T00:00", "1919-03-30T23:29:59"),
        (ZoneInfo("Pacific/Apia"), "2011-12-29T12:00", "2011-12-29T00:00", "2011-12-29T23:59:59"),
        (ZoneInfo("Pacific/Apia"), "2011-12-31T12:00", "2011-12-31T00:00", "2011-12-31T23:59:59"),
    ],
)
def test_a_day_runs_from_its_first_moment_to_its_last_second(zone: ZoneInfo, noon: str, first: str, last: str) -> None:
    assert wall(start_of_day(local(noon, zone), zone), zone) == clock(first)
    assert wall(end_of_day(local(noon, zone), zone), zone) == clock(last)


def test_a_day_whose_first_hour_comes_twice_begins_with_the_first() -> None:
    assert start_of_day(local("2026-10-25T12:00", AZORES), AZORES) == local("2026-10-25T00:00", AZORES, fold=0)
    assert end_of_day(local("2026-10-24T12:00", AZORES), AZORES) == local("2026-10-25T00:00", AZORES) - SECOND


@settings(max_examples=250, deadline=None)
@given(places())
def test_in_every_zone_a_day_holds_its_instants_and_no_others(place: tuple[ZoneInfo, datetime]) -> None:
    zone, instant = place
    first, last, today = start_of_day(instant, zone), end_of_day(instant, zone), wall(instant, zone).date()
    assert first <= instant < last + SECOND
    assert wall(first, zone).date() == wall(last, zone).date() == today
    assert wall(first - SECOND, zone).date() < today < wall(last + SECOND, zone).date()
    assert start_of_day(last + SECOND, zone) == last + SECOND


# Legal hours

DAYTIME: Hours = (time(9), time(20))


@pytest.mark.parametrize(
    ("asked", "opens"),
    [
        ("2026-06-10T08:59", "2026-06-10T09:00"),
        ("2026-06-10T09:00", "2026-06-10T09:00"),
        ("2026-06-10T19:59:59", "2026-06-10T19:59:59"),
        ("2026-06-10T20:00", "2026-06-11T09:00"),
        ("2026-03-28T21:00", "2026-03-29T09:00"),
        ("2026-10-24T21:00", "2026-10-25T09:00"),
    ],
)
def test_hours_hold_from_their_start_until_just_before_their_end(asked: str, opens: str) -> None:
    assert next_open(local(asked, BERLIN), DAYTIME, [BERLIN]) == local(opens, BERLIN)


def test_with_several_zones_it_is_open_from_the_westernmost_morning_to_the_easternmost_evening() -> None:
    opens = next_open(local("2026-06-10T00:00", NEW_YORK), DAYTIME, [NEW_YORK, LOS_ANGELES, HONOLULU])
    assert opens == local("2026-06-10T09:00", HONOLULU) == local("2026-06-10T15:00", NEW_YORK)
    assert open_minutes(opens, DAYTIME, [NEW_YORK, LOS_ANGELES, HONOLULU]) == 5 * 60


def test_a_gap_that_swallows_the_start_opens_with_its_end() -> None:
    assert next_open(local("2026-03-29T01:00", BERLIN), (time(2, 30), time(8)), [BERLIN]) == local(
        "2026-03-29T03:00", BERLIN
    )


def test_a_gap_that_swallows_all_hours_leaves_the_day_closed() -> None:
    assert next_open(local("2026-03-29T01:00", BERLIN), (time(2, 10), time(2, 50)), [BERLIN]) == local(
        "2026-03-30T02:10", BERLIN
    )


def test_a_clock_put_back_into_the_hours_opens_them_again() -> None:
    hours = (time(1), time(2, 30))
    assert open_minutes(local("2026-10-25T02:00", BERLIN), hours, [BERLIN]) == 30
    assert next_open(local("2026-10-25T02:45", BERLIN), hours, [BERLIN]) == local("2026-10-25T02:00", BERLIN, fold=1)


def test_a_clock_put_back_before_the_start_closes_the_hours_again() -> None:
    hours = (time(2, 30), time(8))
    assert open_minutes(local("2026-10-25T02:30", BERLIN), hours, [BERLIN]) == 30
    assert next_open(local("2026-10-25T02:00", BERLIN, fold=1), hours, [BERLIN]) == local(
        "2026-10-25T02:30", BERLIN, fold=1
    )


def test_hours_that_meet_only_between_two_continents_clock_changes_are_found() -> None:
    office = (time(9), time(17))
    opens = next_open(local("2026-12-01T00:00", LONDON), office, [LONDON, LOS_ANGELES])
    assert opens == local("2027-03-14T16:00", LONDON) == local("2027-03-14T09:00", LOS_ANGELES)


def test_hours_that_never_meet_are_none() -> None:
    assert next_open(local("2026-06-10T12:00", LONDON), (time(9), time(17)), [LONDON, AUCKLAND]) is None
    assert open_minutes(local("2026-06-10T12:00", LONDON), (time(9), time(17)), [LONDON, AUCKLAND]) == 0


def test_hours_that_end_at_midnight_end_with_the_day() -> None:
    evening = local("2026-06-10T22:00", BERLIN)
    assert open_minutes(evening, (time(9), time()), [BERLIN]) == 120
    assert next_open(evening + timedelta(hours=2), (time(9), time()), [BERLIN]) == local("2026-06-11T09:00", BERLIN)


def test_hours_of_all_day_never_close_and_are_told_as_one_day() -> None:
    evening = local("2026-06-10T22:00", BERLIN)
    assert next_open(evening, (time(), time()), [BERLIN, HONOLULU]) == evening
    assert open_minutes(evening, (time(), time()), [BERLIN, HONOLULU]) == 1440


def test_minutes_left_are_whole_ones() -> None:
    assert open_minutes(local("2026-06-10T19:00:30", BERLIN), DAYTIME, [BERLIN]) == 59
    assert open_minutes(local("2026-06-10T19:59:30", BERLIN), DAYTIME, [BERLIN]) == 0


@settings(max_examples=200, deadline=None)
@given(meetings())
def test_next_open_is_the_first_legal_minute_of_all(meeting: tuple[datetime, Hours, list[ZoneInfo]]) -> None:
    instant, hours, where = meeting
    result = next_open(instant, hours, where)
    expected = next((moment for moment in minutes_from(instant, 3) if legal(moment, hours, where)), None)
    if expected is not None:
        assert result == expected
    elif result is not None:
        assert result > instant + 3 * DAY
        assert legal(result, hours, where)
        assert not legal(result - MINUTE, hours, where)


@settings(max_examples=300, deadline=None)
@given(meetings())
def test_open_minutes_are_the_legal_minutes_in_a_row(meeting: tuple[datetime, Hours, list[ZoneInfo]]) -> None:
    instant, hours, where = meeting
    row = takewhile(lambda moment: legal(moment, hours, where), minutes_from(instant, 1))
    assert open_minutes(instant, hours, where) == min(sum(1 for _ in row), 1440)


@settings(max_examples=100, deadline=None)
@given(meetings(), st.integers(1, 59_999_999))
def test_an_instant_within_a_minute_opens_no_earlier_than_itself(
    meeting: tuple[datetime, Hours, list[ZoneInfo]], microseconds: int
) -> None:
    minute, hours, where = meeting
    instant = minute + timedelta(microseconds=microseconds)
    if legal(minute, hours, where):
        assert next_open(instant, hours, where) == instant
    else:
        assert next_open(instant, hours, where) == next_open(minute, hours, where)


def test_the_order_of_the_zones_does_not_matter() -> None:
    instant = local("2026-06-10T00:00", NEW_YORK)
    three = [NEW_YORK, HONOLULU, LOS_ANGELES]
    assert next_open(instant, DAYTIME, three) == next_open(instant, DAYTIME, three[::-1])
    assert three == [NEW_YORK, HONOLULU, LOS_ANGELES]


@pytest.mark.parametrize("hours", [(time(20), time(9)), (time(9), time(9))])
def test_hours_that_end_before_they_start_are_refused(hours: Hours) -> None:
    for ask in (next_open, open_minutes):
        with pytest.raises(ValueError, match="not within one day"):
            ask(local("2026-06-10T12:00", BERLIN), hours, [BERLIN])


def test_no_zone_at_all_is_refused_rather_than_legal_at_any_hour() -> None:
    for ask in (next_open, open_minutes):
        with pytest.raises(ValueError, match="without a zone"):
            ask(local("2026-06-10T12:00", BERLIN), DAYTIME, [])


@pytest.mark.parametrize("fold", [0, 1])
def test_an_instant_may_come_in_any_zone_and_goes_out_in_utc(fold: int) -> None:
    here = clock("2026-10-25T02:50").replace(tzinfo=BERLIN, fold=fold)
    there = here.astimezone(UTC)

    def answers(instant: datetime) -> list[datetime | None]:
        return [
            shift(instant, Offset(minutes=120), BERLIN),
            shift(instant, Offset(days=1), NEW_YORK),
            at_hour(instant, time(2, 30), BERLIN, not_earlier_than=instant),
            not_before(instant, time(2, 55), BERLIN),
            start_of_day(instant, BERLIN),
            end_of_day(instant, BERLIN),
            next_open(instant, (time(2), time(3)), [BERLIN]),
            next_open(instant, (time(3), time(4)), [BERLIN]),
        ]

    assert answers(here) == answers(there)
    assert all(answer is not None and answer.tzinfo is UTC for answer in answers(here))
    hours = (time(2), time(3, 30))
    assert open_minutes(here, hours, [BERLIN]) == open_minutes(there, hours, [BERLIN]) == 40 + 60 * (1 - fold)


def test_a_naive_instant_is_refused() -> None:
    naive = clock("2026-06-10T12:00")
    with pytest.raises(ValueError, match="no time zone"):
        shift(naive, Offset(days=1), BERLIN)
    with pytest.raises(ValueError, match="no time zone"):
        at_hour(local("2026-06-10T12:00", BERLIN), time(10), BERLIN, not_earlier_than=naive)
    with pytest.raises(ValueError, match="no time zone"):
        next_open(naive, DAYTIME, [BERLIN])


# Business days


@pytest.mark.parametrize(
    ("start", "days", "holidays", "end"),
    [
        ("2026-06-10", 0, [], "2026-06-10"),
        ("2026-06-13", 0, [], "2026-06-15"),
        ("2026-06-14", 0, ["2026-06-15"], "2026-06-16"),
        ("2026-06-10", 1, [], "2026-06-11"),
        ("2026-06-12", 1, [], "2026-06-15"),
        ("2026-06-13", 1, [], "2026-06-15"),
        ("2026-06-12", 4, [], "2026-06-18"),
        ("2026-06-10", 10, [], "2026-06-24"),
        ("2026-12-23", 2, ["2026-12-25"], "2026-12-28"),
        ("2026-12-25", 0, ["2026-12-25"], "2026-12-28"),
    ],
)
def test_business_days_leave_out_weekends_and_holidays(start: str, days: int, holidays: list[str], end: str) -> None:
    closed = tuple(map(date.fromisoformat, holidays))
    assert add_business_days(date.fromisoformat(start), days, closed) == date.fromisoformat(end)


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(1, 40), st.sets(st.integers(0, 60), max_size=10))
def test_so_many_business_days_lie_after_the_start(start: date, days: int, closed: set[int]) -> None:
    holidays = {start + DAY * ahead for ahead in closed}
    end = add_business_days(start, days, holidays)
    between = [start + DAY * ahead for ahead in range(1, (end - start).days + 1)]
    business = [day for day in between if day.isoweekday() not in (6, 7) and day not in holidays]
    assert len(business) == days
    assert business[-1] == end


def test_business_days_are_not_counted_backwards() -> None:
    with pytest.raises(ValueError, match="count forward"):
        add_business_days(date(2026, 6, 10), -1, ())
