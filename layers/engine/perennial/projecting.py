"""From the aggregate to the names that templates and conditions use (`facts.Facts`)."""

from dataclasses import fields
from datetime import date
from functools import cached_property

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
    seen = Projection(scene, planned, links)
    return facts.Facts(**{field.name: getattr(seen, field.name) for field in fields(facts.Facts)})


class Projection:
    """The names of `facts.Facts`, each made when it is asked for: a condition asks for one or two."""

    def __init__(self, scene: Scene, planned: Planned | None = None, links: facts.Links | None = None) -> None:
        self._scene, self._planned = scene, planned
        self._order, self._store = scene.order, scene.store
        self._parts = planned.parts if planned else ()
        self.links = links or facts.Links("", "", "", "", "")

    @property
    def customer(self) -> facts.Customer:
        return customer_of(self._scene.customer.profile, self._order)

    @cached_property
    def order(self) -> facts.Order:
        return order_of(self._everything, self._scene)

    @property
    def store(self) -> facts.Store:
        return brand_of(self._store)

    @cached_property
    def _everything(self) -> tuple[facts.Item, ...]:
        return items_of(_goods(self._order), self._scene)

    @cached_property
    def items(self) -> tuple[facts.Item, ...]:
        if self._planned is None:
            return self._everything
        return _items_of(self._planned, self._everything, self.parcels, self.return_case, self._order)

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.category for item in self.items))

    @cached_property
    def parcels(self) -> tuple[facts.Parcel, ...]:
        told = (parcel for parcel in order_facts.parcels_of(self._order) if parcel.known.id in self._parts)
        return tuple(parcel_of(parcel, self._scene) for parcel in told)

    @property
    def parcel(self) -> facts.Parcel | None:
        return self.parcels[0] if self.parcels else None

    @property
    def refund(self) -> facts.Refund | None:
        settled = order_facts.settled_refunds(self._order)
        return next((refund_of(refund, self._scene) for refund in settled if refund.id in self._parts), None)

    @cached_property
    def return_case(self) -> facts.ReturnCase | None:
        cases = (case for name, case in self._order.returns.items() if name in self._parts)
        return next((return_of(case, self._scene) for case in cases), None)

    @property
    def review(self) -> facts.Review | None:
        order = self._order
        return review_of(order, items_of(order.known.lines, self._scene)) if order.reviews else None

    @property
    def offer(self) -> facts.Offer | None:
        return offer_of(self._planned, self._scene) if self._planned else None

    @property
    def accessories(self) -> tuple[facts.Suggestion, ...]:
        return suggested("accessory", self.items, self._everything, self._store)

    @property
    def related(self) -> tuple[facts.Suggestion, ...]:
        return suggested("related", self.items, self._everything, self._store)

    @property
    def extensions(self) -> tuple[facts.Suggestion, ...]:
        return suggested("extension", self.items, self._everything, self._store)

    @property
    def warranty_until(self) -> date | None:
        return min((item.warranty_until for item in self.items if item.warranty_until), default=None)


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
