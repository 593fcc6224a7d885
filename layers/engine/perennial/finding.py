"""Whose page it is: the customer a link was made for, wherever a merge has led since, and the order it speaks of."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from perennial.links import Ticket
from perennial.outside import ForServing
from perennial.pages import Known, Needs
from perennial.shops import Shop
from perennial.visitors import Trace, Visitor, told_at

if TYPE_CHECKING:
    from perennial.customer import Customer
    from perennial.draft import Setting
    from perennial.gates import Scene
    from perennial.orders import Order

HOPS = 6
"""Merges that are followed: as many as one person may have been through (uniting.py, which pages can do without)."""


@dataclass(frozen=True, slots=True)
class Found:
    """`customer` is whose line an answer joins."""

    customer: str
    visitor: Visitor
    trace: Trace | None
    zone: ZoneInfo
    locale: str | None = None
    known: Known | None = None


def find(needs: Needs, shop: Shop, ticket: Ticket, outside: ForServing) -> Found | None:
    """None where nobody is known under that id any more, or the page's order is gone."""
    if needs in ("visitor", "touch"):
        return _glance(needs, shop, ticket, outside)
    return _look(needs, shop, ticket, outside)


def _glance(needs: Needs, shop: Shop, ticket: Ticket, outside: ForServing) -> Found | None:
    """One or two items, and none of the machinery that reads whole customers."""
    owner = ticket.customer
    visitor = outside.looks.visitor(shop.store, owner)
    for _ in range(HOPS):
        if visitor is None or visitor.redirect is None:
            break
        owner, visitor = visitor.redirect, outside.looks.visitor(shop.store, visitor.redirect)
    if visitor is None or visitor.erased:
        return None
    trace = _trace(shop, ticket, owner, outside) if needs == "touch" else None
    return Found(owner, visitor, trace, _zone(visitor.time_zone, shop), visitor.locale)


def _look(needs: Needs, shop: Shop, ticket: Ticket, outside: ForServing) -> Found | None:
    owner = ticket.customer
    customer = outside.looks.customer(shop.store, owner)
    for _ in range(HOPS):
        if customer.profile.redirect is None:
            break
        owner = customer.profile.redirect
        customer = outside.looks.customer(shop.store, owner)
    if customer.profile.version == 0 or customer.profile.erased_at is not None:
        return None
    trace = _trace(shop, ticket, owner, outside)
    order = _order(customer, trace, shop, outside) if trace else None
    if needs == "order" and order is None:
        return None
    return _found(customer, trace, order, shop, outside)


def _found(customer: "Customer", trace: Trace | None, order: "Order | None", shop: Shop, outside: ForServing) -> Found:
    contact = customer.profile.contact
    name = " ".join(part for part in (contact.first_name, contact.last_name) if part) or None
    place = order or next(iter(customer.orders.values()), None)
    times = told_at(customer.profile.stamps)
    phone = contact.phone or (place.contact.phone if place else None)
    visitor = Visitor(contact.email, phone, name, contact.locale, contact.time_zone, told_at=times)
    setting = _setting(customer, shop, outside)
    scene = _scene(customer, place, setting) if place else None
    zone = scene.zone if scene else _zone(contact.time_zone, shop)
    locale = contact.locale or (place.contact.locale if place else None)
    return Found(
        customer.profile.customer, visitor, trace, zone, locale, Known(customer, setting, scene if order else None)
    )


def _setting(customer: "Customer", shop: Shop, outside: ForServing) -> "Setting":
    """With the journeys that live enrolments began with, where a deploy has changed them since."""
    from perennial.draft import Setting

    versions = {enrolment.version for enrolment in customer.enrolments.values()} - outside.content.versions.keys()
    kept = {version: outside.looks.version(shop.store, version) for version in versions}
    pinned = {version: journey for version, journey in kept.items() if journey is not None}
    store, content = outside.content.stores[shop.store], outside.content
    return Setting(outside.now(), store, content, nonce="page", pinned=pinned)


def _scene(customer: "Customer", order: "Order", setting: "Setting") -> "Scene":
    from perennial.scenes import scene_of

    return scene_of(customer, order, setting)


def _order(customer: "Customer", trace: Trace, shop: Shop, outside: ForServing) -> "Order | None":
    """Among the live ones, else in the archive, under whichever name the person had then."""
    live = customer.orders.get(trace.order_id)
    names = (customer.profile.customer, *customer.profile.merged)
    archived = (outside.looks.order(shop.store, name, trace.order_id) for name in names)
    return live or next((order for order in archived if order is not None), None)


def _trace(shop: Shop, ticket: Ticket, owner: str, outside: ForServing) -> Trace | None:
    """Records stay with the customer they were written for until a merge has brought them over."""
    found = outside.looks.trace(shop.store, ticket.customer, ticket.touch)
    moved = found is None and owner != ticket.customer
    return outside.looks.trace(shop.store, owner, ticket.touch) if moved else found


def _zone(stated: str | None, shop: Shop) -> ZoneInfo:
    try:
        return ZoneInfo(stated or shop.time_zone)
    except (ValueError, OSError):  # a customer's own idea of a zone
        return ZoneInfo(shop.time_zone)
