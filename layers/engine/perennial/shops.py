"""A store as its pages need it: brand, languages, hours. Plain, because pages must start quickly (DESIGN section 7).

The build writes these into the content bundle beside the full stores, so that a page needs no pydantic to be shown.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from perennial.facts import Store as Brand
from perennial.remembering import remembered

if TYPE_CHECKING:
    from perennial.store import Store

MOST_STORES = 64
"""Stores whose brand is remembered."""


@dataclass(frozen=True, slots=True)
class Shop:
    """`locales` are the languages it writes in, the first one the default; `time_zone` is the shop's own."""

    store: str
    brand: Brand
    locale: str
    locales: tuple[str, ...]
    time_zone: str


@remembered(MOST_STORES)
def brand_of(store: "Store") -> Brand:
    """What templates may say about a store."""
    return Brand(
        name=store.name,
        url=store.url,
        country=store.country,
        postal_address=store.postal_address,
        support_email=store.support.email,
        support_phone=store.support.phone,
        support_hours=store.support.hours,
        support_url=store.support.url,
        logo_url=store.brand.logo_url,
        accent=store.brand.accent,
        ink=store.brand.ink,
        paper=store.brand.paper,
        bonus_points=store.bonus_points,
    )


def shop_of(store: "Store") -> Shop:
    return Shop(store.store, brand_of(store), store.locale, tuple(store.locales), store.time_zone)


def as_document(shop: Shop) -> dict[str, Any]:
    """As the bundle holds it."""
    return asdict(shop)


def from_document(raw: Mapping[str, Any]) -> Shop:
    return Shop(**{**raw, "brand": Brand(**raw["brand"]), "locales": tuple(raw["locales"])})
