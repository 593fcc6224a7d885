"""From the aggregate to the names that templates and conditions use (`facts.Facts`)."""

from perennial import events, facts, order_facts
from perennial.describing import items_of, order_of, parcel_of, refund_of, return_of, review_of
from perennial.gates import Scene
from perennial.introducing import customer_of
from perennial.offering import offer_of, suggested
from perennial.orders import MOST_ORDERS, Order
from perennial.planning import Planned
from perennial.remembering import remembered
from perennial.returns import replacements
from perennial.shops import brand_of

NO_GOODS = frozenset({"service-plan"})
"""What nobody unpacks, and nobody is asked to review."""

EXCHANGED = "return.exchanged"
"""Touches that hang on it speak of the replacements."""


def project(scene: Scene, planned: Planned | None = None, links: facts.Links | None = None) -> facts.Facts:
    """What a template sees; without a planned touch, what the `when` of an enrolment sees."""
    order, store = scene.order, scene.store
    everything = items_of(_goods(order), scene)
    parcels = tuple(
        parcel_of(parcel, scene) for parcel in order.live_parcels if planned and parcel.known.id in planned.parts
    )
    refund = next(
        (entry for entry in order_facts.settled_refunds(order) if planned and entry.id in planned.parts), None
    )
    cases = (case for name, case in order.returns.items() if planned and name in planned.parts)
    case = next((return_of(case, scene) for case in cases), None)
    items = _items_of(planned, everything, parcels, case, order) if planned else everything
    suggestions = {role: suggested(role, items, everything, store) for role in ("accessory", "related", "extension")}
    ends = [item.warranty_until for item in items if item.warranty_until]
    return facts.Facts(
        customer=customer_of(scene.customer.profile, order),
        order=order_of(everything, scene),
        store=brand_of(store),
        items=items,
        categories=tuple(dict.fromkeys(item.category for item in items)),
        parcels=parcels,
        parcel=parcels[0] if parcels else None,
        refund=refund_of(refund, scene) if refund else None,
        return_case=case,
        review=review_of(order, items_of(order.known.lines, scene)) if order.reviews else None,
        offer=offer_of(planned, scene) if planned else None,
        accessories=suggestions["accessory"],
        related=suggestions["related"],
        extensions=suggestions["extension"],
        warranty_until=min(ends, default=None),
        links=links or facts.Links("", "", "", "", ""),
    )


@remembered(MOST_ORDERS)
def _goods(order: Order) -> tuple[events.Line, ...]:
    """What the buyer keeps, and what exchanges brought."""
    return (*order_facts.kept_lines(order), *replacements(order))


def _items_of(
    planned: Planned,
    everything: tuple[facts.Item, ...],
    parcels: tuple[facts.Parcel, ...],
    case: facts.ReturnCase | None,
    order: Order,
) -> tuple[facts.Item, ...]:
    """A parcel's items in messages about parcels; in those about a return what goes back, or what came instead of it.
    All goods where journeys share a message; else the journey's own.

    A review request, which journeys share, names what has arrived and has no review yet.
    """
    if parcels:
        return tuple(item for parcel in parcels for item in parcel.items)
    if case is not None and planned.step.per == "return":
        exchanged = any(moment.anchor == EXCHANGED for moment in planned.journey.moments(planned.step))
        return case.replacements if exchanged else case.items
    if planned.message.one_per is not None and planned.class_ == "feedback":
        there = order_facts.arrived(order)
        fresh = [item for item in everything if item.kind not in NO_GOODS and item.line_id not in order.reviews]
        return tuple(item for item in fresh if there is None or item.line_id in there)
    wanted = set(planned.journey.goods)
    return tuple(item for item in everything if not wanted or {item.kind, item.category} & wanted)
