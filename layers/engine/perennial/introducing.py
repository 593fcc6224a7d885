"""Customer and address as templates see them: names cleaned, countries in the reader's language."""

from functools import lru_cache

from perennial import events, facts
from perennial.customer import Profile
from perennial.hygiene import NAME, header_text
from perennial.orders import MOST_ORDERS, Order
from perennial.remembering import remembered
from perennial.store import Store


def customer_of(profile: Profile, order: Order) -> facts.Customer:
    told, of_order = profile.contact, order.contact
    first = told.first_name or of_order.first_name
    last = told.last_name or of_order.last_name
    offers = profile.consents.get("email:marketing")
    standing = [mark.placed_at for mark in profile.latest_orders if not mark.cancelled]
    return facts.Customer(
        first_name=header_text(first, NAME) if first else None,
        name=header_text(" ".join(part for part in (first, last) if part), NAME) or None,
        locale=locale_of(profile, order),
        orders=profile.orders,
        last_order_at=max(standing, default=None),
        detractor=profile.detractor_since is not None,
        to_confirm=offers is not None and offers.state == "pending",
    )


def locale_of(profile: Profile, order: Order) -> str:
    return profile.contact.locale or order.contact.locale or ""


@remembered(MOST_ORDERS)
def address_of(address: events.Address | None, store: Store, locale: str) -> facts.Address | None:
    """The country is named only where the parcel leaves the store's own."""
    if address is None:
        return None
    fields = ("name", "company", "line1", "line2", "city", "region", "postcode")
    told = {name: header_text(value, 100) for name in fields if (value := getattr(address, name))}
    abroad = _country_name(address.country, locale) if address.country != store.country else None
    return facts.Address(**told, country=address.country, country_name=abroad)


@lru_cache(maxsize=1024)
def _country_name(country: str | None, locale: str) -> str | None:
    """`Deutschland` for DE in German; the code where nobody knows the name."""
    if country is None:
        return None
    from babel import Locale, UnknownLocaleError  # only for parcels that go abroad

    try:
        known = Locale.parse(locale.replace("-", "_").partition("_")[0] or "en")
    except (UnknownLocaleError, ValueError):
        known = Locale("en")
    return str(known.territories.get(country, country))
