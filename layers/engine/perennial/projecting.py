"""From the aggregate to the names that templates and conditions use (`facts.Facts`).

Everything a stranger wrote (titles, names, links) is made harmless on the way.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

from perennial import events, facts, order_facts, timing
from perennial.customer import OfferMade, Profile
from perennial.estimates import Estimate, estimate_order, estimate_parcel, is_late
from perennial.gates import Scene
from perennial.goods import classify
from perennial.hygiene import NAME, clean, header_text, safe_url
from perennial.orders import PAID, Order, Parcel
from perennial.planning import Planned
from perennial.store import Offer, Store, Suggestion
from perennial.timing import Offset

MOVING = ("in_transit", "out_for_delivery", "attempt_failed", "ready_for_pickup")
NO_GOODS = frozenset({"service-plan"})
"""What nobody unpacks, and nobody is asked to review."""

SHOWN = 4
"""Suggestions in one message."""


def project(scene: Scene, planned: Planned | None = None, links: facts.Links | None = None) -> facts.Facts:
    """What a template sees; without a planned touch, what the `when` of an enrolment sees."""
    order, store = scene.order, scene.store
    everything = _items(order_facts.kept_lines(order), scene)
    parcels = tuple(
        _parcel(parcel, scene) for parcel in order.live_parcels if planned and parcel.known.id in planned.parts
    )
    items = _items_of(planned, everything, parcels) if planned else everything
    refund = next((entry for entry in _refunds(scene) if planned and entry.id in planned.parts), None)
    bought = {item.title for item in everything}
    suggestions = {role: _suggestions(role, items, bought, store) for role in ("accessory", "related", "extension")}
    ends = [item.warranty_until for item in items if item.warranty_until]
    return facts.Facts(
        customer=_customer(scene.customer.profile, order),
        order=_order(everything, scene),
        store=_store(store),
        items=items,
        categories=tuple(dict.fromkeys(item.category for item in items)),
        parcels=parcels,
        parcel=parcels[0] if parcels else None,
        refund=_refund(refund, scene) if refund else None,
        offer=_offer(planned, scene) if planned else None,
        accessories=suggestions["accessory"],
        related=suggestions["related"],
        extensions=suggestions["extension"],
        warranty_until=min(ends, default=None),
        links=links or facts.Links("", "", "", "", ""),
    )


def _items_of(
    planned: Planned, everything: tuple[facts.Item, ...], parcels: tuple[facts.Parcel, ...]
) -> tuple[facts.Item, ...]:
    """A parcel's items in messages about parcels; all goods where journeys share a message; else the journey's own."""
    if parcels:
        return tuple(item for parcel in parcels for item in parcel.items)
    if planned.message.one_per is not None and planned.class_ == "feedback":
        return tuple(item for item in everything if item.kind not in NO_GOODS)
    wanted = set(planned.journey.goods)
    return tuple(item for item in everything if not wanted or {item.kind, item.category} & wanted)


def _money(amount: Decimal | None, order: Order) -> facts.Money | None:
    return None if amount is None or order.known.currency is None else facts.Money(amount, order.known.currency)


def _items(lines: Iterable[events.Line], scene: Scene) -> tuple[facts.Item, ...]:
    arrived = order_facts.delivered_at(scene.order)
    return tuple(_item(line, arrived, scene) for line in lines)


def _item(line: events.Line, arrived: datetime | None, scene: Scene) -> facts.Item:
    rule = classify(line, scene.store)
    until = None
    if rule.warranty_months and arrived:
        until = timing.shift(arrived, Offset(months=rule.warranty_months), scene.zone).astimezone(scene.zone).date()
    return facts.Item(
        line_id=line.id,
        title=header_text(line.title, 120),
        quantity=line.quantity,
        kind=rule.kind,
        category=rule.category,
        variant=header_text(line.variant, NAME) if line.variant else None,
        sku=clean(line.sku) if line.sku else None,
        price=_money(line.price, scene.order),
        image_url=safe_url(line.image_url),
        url=safe_url(line.url),
        manual_url=rule.manual_url,
        register_url=rule.register_url,
        recipes_url=rule.recipes_url,
        maintenance_url=rule.maintenance_url,
        warranty_months=rule.warranty_months,
        warranty_until=until,
    )


def _parcel(parcel: Parcel, scene: Scene) -> facts.Parcel:
    estimate = _still_ahead(estimate_parcel(parcel, scene.order, scene.store, scene.zone), scene)
    return facts.Parcel(
        id=parcel.known.id,
        items=_items(order_facts.parcel_lines(scene.order, parcel), scene),
        carrier=header_text(parcel.known.carrier, NAME) if parcel.known.carrier else None,
        tracking=tuple(
            facts.Tracking(header_text(entry.number, NAME) if entry.number else None, safe_url(entry.url))
            for entry in parcel.known.tracking
            if entry.number or safe_url(entry.url)
        ),
        shipped_at=_local(parcel.shipped_at, scene.zone),
        delivered_at=_local(parcel.firsts.get("delivered"), scene.zone),
        estimated_delivery=estimate.on if estimate else None,
        estimate_source=estimate.source if estimate else None,
    )


def _still_ahead(estimate: Estimate | None, scene: Scene) -> Estimate | None:
    """A day that has passed is nothing to look forward to, and no message names it."""
    today = scene.now.astimezone(scene.zone).date()
    return estimate if estimate is not None and estimate.on >= today else None


def _refunds(scene: Scene) -> tuple[events.Refund, ...]:
    return order_facts.settled_refunds(scene.order)


def _refund(refund: events.Refund, scene: Scene) -> facts.Refund:
    currency = refund.currency or scene.order.known.currency
    back = {part.line_id: part.quantity for part in refund.lines}
    lines = [
        line.model_copy(update={"quantity": back[line.id]}) for line in scene.order.known.lines if back.get(line.id)
    ]
    return facts.Refund(
        refunded_at=refund.refunded_at.astimezone(scene.zone),
        amount=facts.Money(refund.amount, currency) if refund.amount is not None and currency else None,
        items=_items(lines, scene),
    )


def _order(items: tuple[facts.Item, ...], scene: Scene) -> facts.Order:
    order, known, come = scene.order, scene.order.known, order_facts.moments(scene.order)
    estimate = _still_ahead(estimate_order(order, scene.store, scene.zone), scene)
    delivered = come.get("order.delivered")
    total = known.total if known.current_total is None else known.current_total
    return facts.Order(
        number=header_text(known.number or known.id, NAME),
        placed_at=come.get("order.placed", scene.now).astimezone(scene.zone),
        items=items,
        purchase_types=tuple(dict.fromkeys(item.kind for item in items)),
        categories=tuple(dict.fromkeys(item.category for item in items)),
        total=_money(total, order),
        shipping=_money(known.shipping, order),
        discount=_money(known.discount, order),
        shipping_address=_address(known.shipping_address, scene.store, _locale(scene.customer.profile, order) or "en"),
        shipping_method=header_text(known.shipping_method, NAME) if known.shipping_method else None,
        estimated_delivery=estimate.on if estimate else None,
        estimate_source=estimate.source if estimate else None,
        parcels=tuple(_parcel(parcel, scene) for parcel in order.live_parcels),
        refunds=tuple(_refund(refund, scene) for refund in _refunds(scene)),
        status_url=safe_url(known.status_url),
        cancel_reason=known.cancel_reason,
        paid=known.payment_status in PAID,
        shipped="order.shipped" in come,
        delivered=delivered is not None,
        on_its_way=delivered is None and any(set(parcel.firsts) & set(MOVING) for parcel in order.live_parcels),
        cancelled="order.cancelled" in come,
        refunded="order.refunded" in come,
        fully_refunded="order.fully_refunded" in come,
        late=is_late(order, scene.store, scene.zone, scene.now),
        renewal=known.channel == "renewal",
        in_person=known.channel == "pos",
        delivered_at=_local(delivered, scene.zone),
    )


def _local(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    return moment.astimezone(zone) if moment else None


def _address(address: events.Address | None, store: Store, locale: str) -> facts.Address | None:
    """The country is named only where the parcel leaves the store's own."""
    if address is None:
        return None
    fields = ("name", "company", "line1", "line2", "city", "region", "postcode")
    told = {name: header_text(value, 100) for name in fields if (value := getattr(address, name))}
    abroad = _country_name(address.country, locale) if address.country != store.country else None
    return facts.Address(**told, country=address.country, country_name=abroad)


@cache
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


def _customer(profile: Profile, order: Order) -> facts.Customer:
    told, of_order = profile.contact, order.contact
    first = told.first_name or of_order.first_name
    last = told.last_name or of_order.last_name
    standing = [mark.placed_at for mark in profile.latest_orders if not mark.cancelled]
    return facts.Customer(
        first_name=header_text(first, NAME) if first else None,
        name=header_text(" ".join(part for part in (first, last) if part), NAME) or None,
        locale=_locale(profile, order),
        orders=profile.orders,
        last_order_at=max(standing, default=None),
    )


def _locale(profile: Profile, order: Order) -> str:
    return profile.contact.locale or order.contact.locale or ""


def _store(store: Store) -> facts.Store:
    return facts.Store(
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


def _suggestions(
    role: str, items: tuple[facts.Item, ...], bought: set[str], store: Store
) -> tuple[facts.Suggestion, ...]:
    """What goes with the categories of these items and is not in the order already."""
    categories = {item.category for item in items}
    fitting = [
        entry
        for entry in store.suggestions
        if entry.role == role and categories & set(entry.goes_with) and entry.title not in bought
    ]
    return tuple(_suggestion(entry, categories, store) for entry in fitting[:SHOWN])


def _suggestion(entry: Suggestion, categories: set[str], store: Store) -> facts.Suggestion:
    return facts.Suggestion(
        title=entry.title,
        url=entry.url,
        role=entry.role,
        goes_with=next(category for category in entry.goes_with if category in categories),
        image_url=entry.image_url,
        price=facts.Money(entry.price, store.currency) if entry.price is not None else None,
    )


def offer_name(planned: Planned) -> str | None:
    """The offer a touch makes, or the one whose last day it speaks of."""
    if planned.step.offer is not None:
        return planned.step.offer
    return next((offer for moment in planned.journey.moments(planned.step) if (offer := moment.depends_on[1])), None)


def make_offer(name: str, scene: Scene) -> OfferMade | None:
    """The offer as this person gets it now; None if the store has no such offer."""
    terms: Offer | None = scene.store.offers.get(name)
    if terms is None:
        return None
    last_day = timing.end_of_day(timing.shift(scene.now, Offset(days=terms.days), scene.zone), scene.zone)
    return OfferMade(scene.now, last_day, terms.percent, terms.code, terms.days, terms.goods)


def _offer(planned: Planned, scene: Scene) -> facts.Offer | None:
    name = offer_name(planned)
    if name is None:
        return None
    made = planned.enrolment.offers.get(name) or make_offer(name, scene)
    if made is None:
        return None
    return facts.Offer(name, made.percent, made.code, made.expires_at.astimezone(scene.zone), made.days, made.goods)
