"""What has to hold in one zone: each function asks the engine and the oracle the same, and stops where they differ."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from perennial.timing import Offset
from tests.clocks import oracle
from tests.clocks.oracle import DAY, HOUR
from tests.clocks.probing import FIRST, LAST, Engine, agree, changes, clock, minute, moment, probes

SPANS = (
    Offset(days=1),
    Offset(days=3),
    Offset(days=7),
    Offset(days=28),
    Offset(days=-1),
    Offset(months=1),
    Offset(months=6),
    Offset(months=24),
    Offset(months=-1),
    Offset(months=1, days=2, minutes=90),
)
LENGTHS = (1, 30, 90, 24 * HOUR, 36 * HOUR, -90)
CLOCKS = tuple(clock(text) for text in ("00:00", "00:30", "02:00", "02:30", "10:00", "23:30"))
EARLIER = (0, -DAY, -3 * HOUR, 90)
HOURS = tuple(
    (clock(start), clock(end))
    for start, end in (
        ("08:00", "21:00"),
        ("09:00", "20:00"),
        ("00:00", "00:00"),
        ("02:15", "02:45"),
        ("22:30", "00:00"),
    )
)


def both_show_the_same(zone: str) -> None:
    """Every third noon of two years, and at the last minute before and the first after each change."""
    noon = oracle.minute_of(datetime.combine(FIRST, time(12)))
    asked = [noon + days * DAY for days in range(0, (LAST - FIRST).days, 3)]
    asked += [change.minute + step for change in changes(zone) for step in (-1, 0)]
    here = ZoneInfo(zone)
    for probe in asked:
        told = moment(probe).astimezone(here).replace(tzinfo=None)
        agree(zone, "the clock", probe, oracle.minute_of(told), oracle.shown(zone, probe))


def calendar_spans(zone: str, engine: Engine) -> None:
    here = ZoneInfo(zone)
    for start, span in _starts(zone):
        found = minute(engine.shift(moment(start), span, here))
        agree(zone, span, start, found, oracle.shift(zone, start, span.months, span.days, span.minutes))


def _starts(zone: str) -> Iterator[tuple[int, Offset]]:
    """Every span so that it ends at a probe, and some from there on."""
    for number, probe in enumerate(probes(zone)):
        for span in SPANS:
            yield oracle.shift(zone, probe, -span.months, -span.days, -span.minutes), span
        yield from ((probe, span) for span in SPANS[number % 3 :: 3])


def passing_minutes(zone: str, engine: Engine) -> None:
    here = ZoneInfo(zone)
    for probe in probes(zone):
        for length in LENGTHS:
            found = minute(engine.shift(moment(probe), Offset(minutes=length), here))
            agree(zone, Offset(minutes=length), probe, found, probe + length)


def hours_of_the_clock(zone: str, engine: Engine) -> None:
    here = ZoneInfo(zone)
    for number, probe in enumerate(probes(zone)):
        earliest = probe + EARLIER[number % len(EARLIER)]
        for hour in CLOCKS:
            found = minute(engine.at_hour(moment(probe), hour, here, not_earlier_than=moment(earliest)))
            agree(zone, ("at", hour), probe, found, oracle.at_hour(zone, probe, hour, earliest))
            found = minute(engine.not_before(moment(probe), hour, here))
            agree(zone, ("not before", hour), probe, found, oracle.not_before(zone, probe, hour))


def bounds_of_days(zone: str, engine: Engine) -> None:
    here = ZoneInfo(zone)
    for probe in probes(zone):
        found = minute(engine.start_of_day(moment(probe), here))
        agree(zone, "the first minute of the day", probe, found, oracle.first_of_day(zone, probe))
        found = minute(engine.end_of_day(moment(probe), here) + timedelta(seconds=1))
        agree(zone, "the end of the day", probe, found, oracle.first_of_next_day(zone, probe))


def legal_hours(zone: str, engine: Engine) -> None:
    here = [ZoneInfo(zone)]
    for probe in probes(zone):
        for hours in HOURS:
            opens = engine.next_open(moment(probe), hours, here)
            agree(
                zone,
                ("opens", *hours),
                probe,
                None if opens is None else minute(opens),
                oracle.next_open([zone], probe, hours),
            )
            left = engine.open_minutes(moment(probe), hours, here)
            agree(zone, ("closes", *hours), probe, probe + left, probe + oracle.open_minutes([zone], probe, hours))
