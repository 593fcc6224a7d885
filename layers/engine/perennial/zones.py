"""Where a customer's clock may stand: the time zones that the best evidence allows.

Evidence counts in this order: a zone the customer stated, the address their order ships to, their phone number, the
shop. Evidence that says nothing (a misspelt zone, an unknown country, an invalid number) leaves it to the next.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal
from zoneinfo import ZoneInfo

from perennial.regions import main_zone, zones_of_region

Evidence = Literal["stated", "address", "phone", "shop"]

# Codes in use that zone.tab does not list: a common slip, Kosovo (tzdata: Belgrade's time), and the phone regions
# Ascension and Tristan da Cunha.
_SAME_CLOCKS = {"UK": "GB", "XK": "RS", "AC": "SH", "TA": "SH"}


@dataclass(frozen=True, slots=True)
class Candidates:
    """Every zone a customer may live in, sorted by name; never empty.

    `nominal` is the one for reckoning with days and hours ("3 days later at 10:00"): the shop's where it is possible,
    else the one most of the candidates' people live by. What must be legal must be so in all of `zones`.
    """

    zones: tuple[ZoneInfo, ...]
    evidence: Evidence
    nominal: ZoneInfo


def candidate_zones(
    *, stated: str | None, country: str | None, region: str | None, phone: str | None, shop: str
) -> Candidates:
    """`country` is ISO 3166-1 alpha-2, `region` an ISO 3166-2 code with or without it, `phone` E.164.

    Raises ValueError if `shop` is not a time zone.
    """
    home = zone_named(shop)
    evidence, names = next(found for found in _by_evidence(stated, country, region, phone, home.key) if found[1])
    zones = tuple(_zone(name) for name in sorted(names))
    return Candidates(zones, evidence, home if home in zones else _zone(names[0]))


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name, in any case. Raises ValueError with what to write instead."""
    known = _names().get(name.strip().casefold())
    if known is None:
        raise ValueError(f"{name!r} is not a time zone: write an IANA name such as Europe/Berlin")
    return _zone(known)


def _by_evidence(
    stated: str | None, country: str | None, region: str | None, phone: str | None, shop: str
) -> Iterator[tuple[Evidence, tuple[str, ...]]]:
    """Names of zones by falling weight of evidence, the main one first. Lazy: most customers have an address."""
    yield "stated", _stated_zones(stated or "")
    yield "address", _zones_of_address(country or "", region or "")
    yield "phone", _zones_of_phone(phone or "")
    yield "shop", (shop,)


def _stated_zones(stated: str) -> tuple[str, ...]:
    known = _names().get(stated.strip().replace(" ", "_").casefold(), "")
    # Only a place tells where somebody lives: `UTC`, `Etc/GMT+5` or `EST` is what a program says that does not know.
    return (known,) if "/" in known and not known.startswith("Etc/") else ()


@lru_cache(maxsize=1024)
def _zones_of_address(country: str, region: str) -> tuple[str, ...]:
    code = country.strip().upper()
    return zones_of_region(code, region) or _zones_of_country(code)


def _zones_of_country(country: str) -> tuple[str, ...]:
    code = _SAME_CLOCKS.get(country, country)
    names = _countries().get(code, ())
    main = main_zone(code)
    return names if main is None else (main, *(name for name in names if name != main))


def _zones_of_phone(phone: str) -> tuple[str, ...]:
    names = (name for region in _regions_of_phone(phone) for name in _zones_of_country(region))
    return tuple(dict.fromkeys(names))


def _regions_of_phone(phone: str) -> tuple[str, ...]:
    """The number's country; all that share its prefix where it has no place, as toll-free; none if it is invalid."""
    if not phone:
        return ()
    import phonenumbers as lib  # here, as it takes 40 ms that most cold starts can do without

    try:
        number = lib.parse(phone)
    except lib.NumberParseException:
        return ()
    kind = lib.number_type(number)
    if kind == lib.PhoneNumberType.UNKNOWN:
        return ()
    region = lib.region_code_for_number(number)
    placed = (lib.PhoneNumberType.FIXED_LINE, lib.PhoneNumberType.MOBILE, lib.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    return (region,) if region and kind in placed else lib.region_codes_for_country_code(number.country_code or 0)


@cache
def _zone(name: str) -> ZoneInfo:
    # ZoneInfo itself keeps only eight zones alive; a US customer without a state has 29.
    return ZoneInfo(name)


@cache
def _names() -> Mapping[str, str]:
    names = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return {name.casefold(): name for name in names}


@cache
def _countries() -> Mapping[str, tuple[str, ...]]:
    """Zones by country, in the order of tzdata's zone.tab: tab-separated `country coordinates zone [comments]`."""
    table: dict[str, tuple[str, ...]] = {}
    for line in resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            table[country] = (*table.get(country, ()), zone)
    return table
