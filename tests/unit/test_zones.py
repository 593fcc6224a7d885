"""Which zones the evidence allows, and that the table of regions agrees with tzdata."""

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.regions import REGIONS, main_zone, zones_of_region
from perennial.zones import Candidates, candidate_zones, zone_named

TZDATA = resources.files("tzdata")
KNOWN = frozenset(TZDATA.joinpath("zones").read_text(encoding="utf-8").split())

# Regions the table gives to a country although tzdata counts them as countries: what the US post serves.
POSTAL = {"AA", "AE", "AP", "AS", "FM", "GU", "MH", "MP", "PR", "PW", "VI"}

# Countries whose zones differ, but whose regions have no codes that shops could send: all their zones apply.
WITHOUT_REGIONS = {"AQ", "CY", "PF", "UM"}


@cache
def tab(name: str) -> dict[str, list[str]]:
    """Zones by country, as zone.tab or zone1970.tab tell them."""
    table: dict[str, list[str]] = {}
    for line in TZDATA.joinpath("zoneinfo", name).read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            countries, _, zone = line.split("\t")[:3]
            for country in countries.split(","):
                table.setdefault(country, []).append(zone)
    return table


def keeps(zone: str) -> tuple[timedelta | None, ...]:
    """What a zone's clock shows over two years: equal for zones that nobody can tell apart any more."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return tuple((start + timedelta(hours=6) * n).astimezone(ZoneInfo(zone)).utcoffset() for n in range(4 * 731))


def candidates(
    stated: str | None = None,
    country: str | None = None,
    region: str | None = None,
    phone: str | None = None,
    shop: str = "Europe/Berlin",
) -> Candidates:
    return candidate_zones(stated=stated, country=country, region=region, phone=phone, shop=shop)


def names(found: Candidates) -> list[str]:
    return [zone.key for zone in found.zones]


# The order of evidence


def test_a_stated_zone_outweighs_everything() -> None:
    found = candidates("Asia/Tokyo", "US", "CA", "+4915112345678")
    assert (names(found), found.evidence) == (["Asia/Tokyo"], "stated")


def test_an_address_outweighs_a_phone_number() -> None:
    found = candidates(None, "US", "CA", "+4915112345678")
    assert (names(found), found.evidence) == (["America/Los_Angeles"], "address")


def test_a_phone_number_outweighs_the_shop() -> None:
    found = candidates(phone="+81312345678")
    assert (names(found), found.evidence) == (["Asia/Tokyo"], "phone")


def test_without_any_evidence_the_shop_decides() -> None:
    found = candidates(shop="America/Chicago")
    assert (names(found), found.evidence) == (["America/Chicago"], "shop")


@pytest.mark.parametrize("stated", ["", "Europe/Berlinn", "../../etc/passwd", "/etc/localtime", "America", "\0", "ü"])
def test_a_stated_zone_that_does_not_exist_leaves_it_to_the_address(stated: str) -> None:
    found = candidates(stated, "JP")
    assert (names(found), found.evidence) == (["Asia/Tokyo"], "address")


@pytest.mark.parametrize("stated", ["UTC", "Etc/UTC", "GMT", "Etc/GMT+5", "EST", "CET"])
def test_a_stated_zone_that_is_no_place_leaves_it_to_the_address(stated: str) -> None:
    assert candidates(stated, "JP").evidence == "address"


@pytest.mark.parametrize("stated", ["America/New_York", "america/new_york", " America/New York ", "AMERICA/NEW_YORK"])
def test_a_stated_zone_is_read_in_any_case_and_with_spaces(stated: str) -> None:
    assert names(candidates(stated)) == ["America/New_York"]


@pytest.mark.parametrize("country", ["", "  ", "XX", "Germany", "D"])
def test_an_unknown_country_leaves_it_to_the_phone(country: str) -> None:
    assert candidates(country=country, region="CA", phone="+81312345678").evidence == "phone"


@pytest.mark.parametrize(
    "phone",
    ["", "030123456", "+49", "+491", "+10000000000", "+999123456789", "call me", "+80012345678", "+" + "1" * 300],
)
def test_an_invalid_or_placeless_number_leaves_it_to_the_shop(phone: str) -> None:
    assert candidates(phone=phone).evidence == "shop"


# Addresses


@pytest.mark.parametrize(
    ("country", "region", "zones"),
    [
        ("DE", None, "Europe/Berlin Europe/Busingen"),
        ("de", "BY", "Europe/Berlin Europe/Busingen"),
        ("UK", None, "Europe/London"),
        ("XK", None, "Europe/Belgrade"),
        ("NL", "ignored", "Europe/Amsterdam"),
        ("US", "CA", "America/Los_Angeles"),
        ("US", "us-ca", "America/Los_Angeles"),
        ("us", " ca ", "America/Los_Angeles"),
        ("US", "FL", "America/Chicago America/New_York"),
        ("US", "TX", "America/Chicago America/Denver"),
        ("US", "AZ", "America/Denver America/Phoenix"),
        ("US", "AL", "America/Chicago America/New_York"),
        ("US", "NV", "America/Denver America/Los_Angeles"),
        ("US", "PR", "America/Puerto_Rico"),
        ("CA", "NL", "America/Goose_Bay America/St_Johns"),
        ("CA", "CA-AB", "America/Edmonton"),
        ("AU", "QLD", "Australia/Brisbane Australia/Lindeman"),
        ("BR", "AM", "America/Eirunepe America/Manaus"),
        ("MX", "ROO", "America/Cancun"),
        ("MX", "Q ROO", "America/Cancun"),
        ("MX", "MX", "America/Mexico_City"),
        ("RU", "KGD", "Europe/Kaliningrad"),
        ("ID", "BA", "Asia/Makassar"),
        ("ES", "TF", "Atlantic/Canary"),
        ("ES", "ES-CN", "Atlantic/Canary"),
        ("PT", "PT-20", "Atlantic/Azores"),
        ("CL", "VS", "America/Santiago Pacific/Easter"),
        ("NZ", "CIT", "Pacific/Chatham"),
        ("UA", "UA30", "Europe/Kyiv"),
        ("MN", "043", "Asia/Hovd"),
    ],
)
def test_an_address_means_its_regions_zones(country: str, region: str | None, zones: str) -> None:
    found = candidates(country=country, region=region)
    assert (" ".join(names(found)), found.evidence) == (zones, "address")


@pytest.mark.parametrize("region", [None, "", "ZZ", "California", "US"])
def test_an_unknown_region_means_all_zones_of_the_country(region: str | None) -> None:
    assert names(candidates(country="US", region=region)) == sorted(tab("zone.tab")["US"])


@pytest.mark.parametrize("country", sorted(tab("zone.tab")))
def test_every_country_has_zones(country: str) -> None:
    found = candidates(country=country)
    assert found.evidence == "address"
    assert set(names(found)) == set(tab("zone.tab")[country])


# Phones


@pytest.mark.parametrize(
    ("phone", "countries"),
    [
        ("+4915112345678", "DE"),
        ("+12128675309", "US"),
        ("+14165550123", "CA"),
        ("+79161234567", "RU"),
        ("+77012345678", "KZ"),
        ("+442079460958", "GB"),
        ("+61412345678", "AU"),
    ],
)
def test_a_number_means_all_zones_of_its_country(phone: str, countries: str) -> None:
    assert set(names(candidates(phone=phone))) == set(tab("zone.tab")[countries])


def test_a_toll_free_number_means_every_country_that_shares_its_prefix() -> None:
    found = set(names(candidates(phone="+18002255288")))
    assert found >= {*tab("zone.tab")["US"], *tab("zone.tab")["CA"], "America/Jamaica", "Pacific/Guam"}
    assert "Europe/Berlin" not in found


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_every_kind_of_number_of_every_country_has_zones(region: str) -> None:
    kinds = phonenumbers.PhoneNumberType.values()
    numbers = [phonenumbers.example_number_for_type(region, kind) for kind in kinds]
    for number in filter(None, numbers):
        phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        found = candidates(phone=phone, shop="Etc/UTC")
        assert found.evidence == "phone"
        assert names(found) == sorted(set(names(found)))


# The nominal zone


def test_the_nominal_zone_is_the_shops_where_the_customer_may_live_there() -> None:
    assert candidates(country="US", shop="America/Denver").nominal.key == "America/Denver"
    assert candidates(country="US", region="TX", shop="America/Denver").nominal.key == "America/Denver"


@pytest.mark.parametrize(
    ("country", "region", "nominal"),
    [
        ("US", None, "America/New_York"),
        ("US", "TX", "America/Chicago"),
        ("CA", None, "America/Toronto"),
        ("AU", None, "Australia/Sydney"),
        ("BR", None, "America/Sao_Paulo"),
        ("RU", None, "Europe/Moscow"),
        ("MX", None, "America/Mexico_City"),
        ("ES", None, "Europe/Madrid"),
        ("PF", None, "Pacific/Tahiti"),
    ],
)
def test_else_the_nominal_zone_is_the_one_most_people_there_live_by(
    country: str, region: str | None, nominal: str
) -> None:
    assert candidates(country=country, region=region, shop="Asia/Tokyo").nominal.key == nominal


def test_the_nominal_zone_of_a_toll_free_number_is_that_of_the_largest_country() -> None:
    assert candidates(phone="+18002255288").nominal.key == "America/New_York"


@given(
    st.sampled_from([None, "Asia/Tokyo", "UTC", "nonsense"]),
    st.sampled_from([None, "XX", *sorted(tab("zone.tab"))]),
    st.text(max_size=6) | st.sampled_from(["CA", "NL", "AL", "SA", "MA"]),
    st.sampled_from([None, "+18002255288", "+4915112345678", "nonsense"]) | st.text(max_size=20),
    st.sampled_from(sorted(KNOWN)),
)
def test_whatever_the_evidence_there_are_sorted_zones_with_a_nominal_one(
    stated: str | None, country: str | None, region: str, phone: str | None, shop: str
) -> None:
    found = candidates(stated, country, region, phone, shop)
    assert names(found)
    assert names(found) == sorted(set(names(found)))
    assert found.nominal in found.zones


@pytest.mark.parametrize("shop", ["", "Europe/Berlinn", "Berlin", "../Europe/Berlin"])
def test_a_shop_without_a_time_zone_is_refused_with_what_to_write(shop: str) -> None:
    with pytest.raises(ValueError, match="write an IANA name such as Europe/Berlin"):
        candidates("Asia/Tokyo", shop=shop)


def test_every_name_in_tzdata_is_a_zone() -> None:
    assert {zone_named(name.lower()).key for name in KNOWN} == KNOWN


# The table


ROWS = [(country, zones, codes) for country, rows in REGIONS.items() for zones, codes in rows]


def test_every_zone_of_the_table_is_in_tzdata() -> None:
    assert {zone for _, zones, _ in ROWS for zone in zones.split()} <= KNOWN


def test_a_regions_zones_are_zones_of_its_country() -> None:
    for country, zones, codes in ROWS:
        if not POSTAL & set(codes.split()):
            allowed = {*tab("zone.tab")[country], *tab("zone1970.tab")[country]}
            assert set(zones.split()) <= allowed, (country, codes)


def test_the_territories_of_the_us_post_keep_the_zones_they_have_as_countries() -> None:
    for code in POSTAL - {"AA", "AE", "AP"}:
        assert set(zones_of_region("US", code)) == set(tab("zone.tab")[code])


def test_every_zone_of_a_country_is_the_zone_of_some_region() -> None:
    remote = {"America/Danmarkshavn"}  # the national park of Greenland, where nobody has an address
    for country in REGIONS:
        reached = {zone for key, zones, _ in ROWS for zone in zones.split() if key == country}
        assert set(tab("zone.tab")[country]) - reached <= remote, country


def test_a_region_has_one_row() -> None:
    codes = Counter((country, code) for country, _, listed in ROWS for code in listed.split())
    assert [code for code, times in codes.items() if times > 1] == []


def test_codes_are_what_the_lookup_makes_of_them() -> None:
    for country, zones, listed in ROWS:
        for code in listed.split():
            forms = (code, code.lower(), f"{country}-{code}", f"{country}{code}")
            assert {zones_of_region(country, form) for form in forms} == {tuple(zones.split())}, (country, code)


def test_the_table_has_every_country_whose_regions_keep_different_time() -> None:
    several = {country: zones for country, zones in tab("zone.tab").items() if len(zones) > 1}
    differ = {country for country, zones in several.items() if len({keeps(zone) for zone in zones}) > 1}
    assert differ - set(REGIONS) <= WITHOUT_REGIONS


@pytest.mark.parametrize(
    ("country", "codes"),
    [
        (
            "US",
            "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY "
            "OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY",
        ),
        ("CA", "AB BC MB NB NL NS NT NU ON PE QC SK YT"),
        ("AU", "ACT NSW NT QLD SA TAS VIC WA"),
        ("BR", "AC AL AM AP BA CE DF ES GO MA MG MS MT PA PB PE PI PR RJ RN RO RR RS SC SE SP TO"),
    ],
)
def test_no_state_is_missing(country: str, codes: str) -> None:
    assert [code for code in codes.split() if not zones_of_region(country, code)] == []


def test_a_countrys_main_zone_is_one_of_its_own() -> None:
    assert all(main_zone(country) in tab("zone.tab")[country] for country in REGIONS)
    assert main_zone("DE") is None


# Cold start


def test_who_has_an_address_does_not_wait_for_the_phone_library() -> None:
    code = (
        "import sys; from perennial.zones import candidate_zones as ask; "
        "ask(stated=None, country='US', region='CA', phone='+12125550123', shop='Europe/Berlin'); "
        "print('phonenumbers' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
