"""Local time is local (law 5) in every zone of IANA's, around every change of its clock in two years and on plain days.

The oracle is pytz, which compiles IANA's rules by itself, and counting minutes (oracle.py). It has to know the same
edition of them as the tzdata package that the engine reads: an update brings both, or turns this suite red.
"""

from datetime import date
from importlib import metadata, resources

import pytest

from tests.clocks import checks, oracle, probing
from tests.clocks.probing import Engine, every_zone

ENGINE = Engine()


def test_engine_and_oracle_go_by_the_same_edition_and_know_the_same_zones() -> None:
    files = resources.files("tzdata")
    assert metadata.version("tzdata").split(".")[:2] == oracle.EDITION
    assert {*files.joinpath("zones").read_text(encoding="utf-8").split()} - {"Factory"} == {*oracle.ALL_ZONES}


def test_there_is_something_to_look_at() -> None:
    """Gaps and folds by the hundred, of half an hour to two, some of them at midnight: or the rest proves little."""
    found = [(zone, change) for zone in oracle.ALL_ZONES for change in probing.changes(zone)]
    gaps = [change for _, change in found if change.after > change.before]
    assert len(oracle.ALL_ZONES) > 590
    assert len({zone for zone, _ in found}) > 190
    assert 370 < len(gaps) < len(found) - 370
    assert {30, 60, 120} == {abs(change.after - change.before) for _, change in found}
    assert any((change.minute + change.before) % oracle.DAY == 0 for change in gaps)
    assert any((change.minute + change.after) % oracle.DAY in (0, 1380) for _, change in found if change not in gaps)


@every_zone
def test_engine_and_oracle_read_the_same_clock(zone: str) -> None:
    checks.both_show_the_same(zone)


@every_zone
def test_days_weeks_and_months_keep_the_wall_clock(zone: str) -> None:
    checks.calendar_spans(zone, ENGINE)


@every_zone
def test_minutes_and_hours_pass(zone: str) -> None:
    checks.passing_minutes(zone, ENGINE)


@every_zone
def test_at_and_not_before_mean_the_wall_clock(zone: str) -> None:
    checks.hours_of_the_clock(zone, ENGINE)


@every_zone
def test_a_day_is_what_the_calendar_on_the_wall_says(zone: str) -> None:
    checks.bounds_of_days(zone, ENGINE)


@every_zone
def test_legal_hours_open_and_close_by_the_wall_clock(zone: str) -> None:
    checks.legal_hours(zone, ENGINE)


@pytest.mark.parametrize("zone", probing.WEIRD)
def test_what_clocks_have_done_since_1990_and_are_to_do_until_2034(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days left out (Apia, Kwajalein), Ramadan, summer time from midnight: what there was may come again."""
    monkeypatch.setattr(probing, "FIRST", date(1990, 1, 1))
    monkeypatch.setattr(
        probing, "LAST", date(2035, 1, 1)
    )  # pytz looks no further than 2037, and spans are of two years
    monkeypatch.setattr(probing, "NEAR", (-1, 30))
    for check in (checks.calendar_spans, checks.hours_of_the_clock, checks.bounds_of_days, checks.legal_hours):
        check(zone, ENGINE)
