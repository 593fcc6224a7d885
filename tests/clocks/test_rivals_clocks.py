"""What other engines' clocks got wrong: a journey here gets each of it right."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from perennial.gates import Go, Hold
from perennial.planning import Calendar, plan
from perennial.zones import candidate_zones
from tests.clocks.test_touches import BY_NAME, ENROLMENT, NUDGE, verdict
from tests.clocks.test_unknown_zones import text_to
from tests.unit.core.builders import a_journey, a_store, a_touch, an_order, placed

BERLIN, NEW_YORK, LOS_ANGELES = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")


def due(ordered: str, zone: ZoneInfo, after: str, **words: Any) -> str:
    """When a touch is due for an order of a local moment, as a clock on the wall there tells it."""
    at = datetime.fromisoformat(ordered).replace(tzinfo=zone).astimezone(UTC)
    calendar = Calendar(an_order(placed(at)), a_store(), zone, BY_NAME)
    (planned,) = plan(ENROLMENT, a_journey("care", a_touch("a", after, **words)), calendar)
    assert planned.due is not None
    return f"{planned.due.astimezone(zone):%A %Y-%m-%d %H:%M}"


# Dittofeed's local delay: the weekday of the UTC instant, and the offset of today (section 3, run again)


def test_dittofeed_1748_friday_20_00_in_los_angeles_is_no_thursday() -> None:
    """Section 3: "Friday 20:00 Los Angeles" came on Thursday; fixes #1748, #1750."""
    assert due("2026-11-19T21:00", LOS_ANGELES, "order.placed + 1 day", at="20:00") == "Friday 2026-11-20 20:00"


def test_dittofeed_1748_09_00_in_berlin_on_the_day_clocks_go_forward_is_not_10_00() -> None:
    """Section 3: "09:00 Berlin" on 29 March 2026 came at 10:00."""
    assert due("2026-03-28T12:00", BERLIN, "order.placed + 1 day", at="09:00") == "Sunday 2026-03-29 09:00"


def test_dittofeed_1748_08_00_in_new_york_on_the_day_clocks_go_back_is_not_07_00() -> None:
    """Section 3: "08:00 New York" on 1 November 2026 came at 07:00."""
    assert due("2026-10-31T12:00", NEW_YORK, "order.placed + 1 day", at="08:00") == "Sunday 2026-11-01 08:00"


# Others


@pytest.mark.parametrize("hour", ["00:30", "08:00", "23:30"])
def test_parcelvoy_247_a_day_is_added_on_the_calendar_and_not_after_utc(hour: str) -> None:
    """Section 2, J2: +1 day after the conversion to UTC drifts with summer time; fixes #247, #613, #616."""
    assert due("2026-10-24T12:00", NEW_YORK, "order.placed + 10 days", at=hour) == f"Tuesday 2026-11-03 {hour}"
    assert due("2026-03-01T22:00", LOS_ANGELES, "order.placed + 10 days", at=hour) == f"Wednesday 2026-03-11 {hour}"


def test_notifuse_a_day_is_not_24_hours() -> None:
    """Section 2, J1: a day is 24 hours there."""
    assert due("2026-03-28T20:00", BERLIN, "order.placed + 1 day", not_before="09:00") == "Sunday 2026-03-29 20:00"
    assert due("2026-03-28T20:00", BERLIN, "order.placed + 24 hours") == "Sunday 2026-03-29 21:00"


def test_mautic_7665_the_hour_is_local_and_not_utc() -> None:
    """Pain 29: #7665, #837, #10170, #2824."""
    assert due("2026-07-06T12:00", LOS_ANGELES, "order.placed + 1 day", at="09:00") == "Tuesday 2026-07-07 09:00"


def test_mautic_10612_an_hour_stays_itself_over_both_changes_of_a_year() -> None:
    """Pain 29: PR #10612, summer time."""
    days = [due("2026-01-10T12:00", BERLIN, f"order.placed + {n} months", at="09:00")[-5:] for n in range(1, 13)]
    assert set(days) == {"09:00"}


@pytest.mark.parametrize("month", [1, 7])
def test_laudspeaker_quiet_hours_are_the_recipients_and_know_summer_time(month: int) -> None:
    """Section 2, P3: by the workspace's offset from UTC, without summer time (`transition.processor.ts`)."""
    opens = datetime(2026, month, 15, 0, 30, tzinfo=LOS_ANGELES)
    minute = int(opens.timestamp()) // 60
    assert verdict(NUDGE, LOS_ANGELES, minute) == Go("text", "+447911123456")
    assert verdict(NUDGE, LOS_ANGELES, minute - 1) == Hold("quiet hours", opens.astimezone(UTC))


@pytest.mark.parametrize(("country", "easternmost"), [("AU", "Australia/Lord_Howe"), ("BR", "America/Noronha")])
def test_klaviyo_4408737146651_a_country_is_not_its_eastern_zone(country: str, easternmost: str) -> None:
    """Section 2, P3: quiet hours of texts by the country's eastern zone; nine there is still night in the west."""
    found = candidate_zones(stated=None, country=country, region=None, phone=None, shop="Europe/Berlin")
    nine = datetime(2026, 7, 15, 9, tzinfo=ZoneInfo(easternmost)).astimezone(UTC)
    held = text_to(found, int(nine.timestamp()) // 60)
    assert isinstance(held, Hold)
    assert held.until is not None
    assert min(held.until.astimezone(zone).hour for zone in found.zones) == 9
    assert max(held.until.astimezone(zone).hour for zone in found.zones) < 20
    assert held.until - nine > timedelta(hours=2)
