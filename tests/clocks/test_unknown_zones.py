"""Law 5 where only a country is known, or a number that many share: an hour that is legal in every zone, or none."""

from collections.abc import Sequence
from itertools import combinations

import pytest
import pytz

from perennial import timing
from perennial.customer import Consent
from perennial.gates import Go, Hold, Scene, Skip, Verdict, pass_gates
from perennial.planning import Calendar, plan
from perennial.zones import Candidates, candidate_zones, zone_named
from tests.clocks import oracle
from tests.clocks.probing import WEIRD, agree, changes, clock, minute, moment
from tests.clocks.test_touches import BY_NAME, ENROLMENT
from tests.unit.core.builders import NOW, a_journey, a_store, a_touch, an_order, delivered, placed, somebody

EMAIL, TEXT = (clock("08:00"), clock("21:00")), (clock("09:00"), clock("20:00"))
COUNTRIES = {code: tuple(sorted(zones)) for code, zones in pytz.country_timezones.items()}
WIDE = {code: zones for code, zones in COUNTRIES.items() if len(zones) > 1}
AROUND = (-601, -60, -1, 0, 30, 419)


def candidates(country: str | None = None, phone: str | None = None) -> Candidates:
    return candidate_zones(stated=None, country=country, region=None, phone=phone, shop="Europe/Berlin")


def moments(zones: Sequence[str]) -> list[int]:
    """Around each change of any of their clocks; where they are many, every third of those."""
    found = sorted({change.minute + near for zone in zones for change in changes(zone) for near in AROUND})
    return found if len(zones) < 10 else found[::3]


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_without_a_region_all_zones_of_the_country_are_possible(country: str) -> None:
    assert tuple(zone.key for zone in candidates(country).zones) == COUNTRIES[country]


@pytest.mark.parametrize("country", sorted(WIDE))
def test_an_hour_is_taken_only_if_it_is_legal_in_every_zone_of_the_country(country: str) -> None:
    for asked in moments(WIDE[country]):
        for hours in (EMAIL, TEXT):
            together(WIDE[country], asked, hours)


@pytest.mark.parametrize("pair", list(combinations(WEIRD, 2)), ids="+".join)
def test_any_two_clocks_are_asked_alike(pair: tuple[str, str]) -> None:
    for asked in moments(pair):
        together(pair, asked, TEXT)


def together(names: Sequence[str], asked: int, hours: timing.Hours) -> None:
    zones = [zone_named(name) for name in names]
    opens = timing.next_open(moment(asked), hours, zones)
    agree(
        names[0],
        ("opens", *names),
        asked,
        None if opens is None else minute(opens),
        oracle.next_open(names, asked, hours),
    )
    left = timing.open_minutes(moment(asked), hours, zones)
    agree(names[0], ("closes", *names), asked, asked + left, asked + oracle.open_minutes(names, asked, hours))


# What becomes of the message

TOLL_FREE = "+18002255288"
BOUGHT = an_order(placed(contact={"phone": TOLL_FREE}, shipping_address=None), delivered(NOW))
ANN = somebody(consents={"text:marketing": Consent("given", NOW, number=TOLL_FREE)})


def text_to(found: Candidates, now: int) -> Verdict:
    journey = a_journey("care", a_touch("a", "order.placed", "nudge"))
    (planned,) = plan(ENROLMENT, journey, Calendar(BOUGHT, a_store(), found.nominal, BY_NAME))
    return pass_gates(planned, Scene(ANN, BOUGHT, a_store(), found.zones, found.nominal, moment(now)))


def said(names: Sequence[str], now: int) -> Verdict:
    """What the gates should say about a text to somebody who may live in any of these zones."""
    opens = oracle.next_open(names, now, TEXT)
    if opens is None:
        return Skip("text: no hour is legal in every time zone the customer may be in")
    return Go("text", TOLL_FREE) if opens == now else Hold("quiet hours", moment(opens))


@pytest.mark.parametrize("country", sorted(WIDE))
def test_a_text_waits_for_the_hour_that_is_legal_everywhere_or_is_skipped(country: str) -> None:
    for now in (minute(NOW), *moments(WIDE[country])[::5]):
        assert text_to(candidates(country), now) == said(WIDE[country], now)


def test_where_no_hour_is_legal_everywhere_the_text_is_skipped() -> None:
    """The stations of Antarctica keep the clocks of three continents."""
    assert isinstance(said(WIDE["AQ"], minute(NOW)), Skip)
    assert isinstance(said(WIDE["RU"], minute(NOW)), Hold)


def test_a_number_that_many_countries_share_means_the_zones_of_all_of_them() -> None:
    found = candidates(phone=TOLL_FREE)
    names = [zone.key for zone in found.zones]
    assert {zone for code in ("US", "CA", "JM", "BS", "GU") for zone in COUNTRIES[code]} <= set(names)
    for now in moments(("America/New_York", "America/St_Johns"))[::3]:
        assert text_to(found, now) == said(names, now)
