"""An order as the events tell it: merged facts, and the moments that follow from them.

Nothing here is counted or remembered from the order of arrival: every answer is derived from merged facts, so that any
permutation and duplication of the same events gives the same answers (law 7).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from perennial import events
from perennial.answered import Return, Review, Score, later, learn_return, learn_score, review_of
from perennial.merging import earliest, newest, stated
from perennial.remembering import remembered

PAID = frozenset({"paid", "partially_refunded", "refunded"})
MOST_ORDERS = 256
"""Orders about which answers are remembered."""

SLIP = timedelta(days=1)
"""An estimate that moves by less is no delay worth a message."""

MOVED = ("shipped", "in_transit", "out_for_delivery", "attempt_failed", "ready_for_pickup", "delivered")
"""What a parcel can only do once it has left; a failure or a delay may be reported before."""

Times = Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One shipment. `firsts` holds when it was shipped and when each progress status was first reached.

    `promised` is the oldest estimate anyone gave, as `(when it was given, the estimate)`.
    """

    known: events.Parcel
    stamps: Times = field(default_factory=dict)
    firsts: Times = field(default_factory=dict)
    promised: tuple[datetime, datetime] | None = None

    @property
    def shipped_at(self) -> datetime | None:
        """The earliest sign that it left: its own date, or any movement."""
        moved = [self.firsts[key] for key in MOVED if key in self.firsts]
        return min(moved, default=None)

    @property
    def delayed_at(self) -> datetime | None:
        """When the carrier said so, or moved its estimate by a day or more."""
        if "delayed" in self.firsts:
            return self.firsts["delayed"]
        return self.stamps["estimated_delivery"] if self.postponed else None

    @property
    def postponed(self) -> bool:
        """Whether the carrier names a day that is later than the first anyone named, by a day or more."""
        estimate = self.known.estimated_delivery
        return estimate is not None and self.promised is not None and estimate >= self.promised[1] + SLIP

    def moment(self, name: str) -> datetime | None:
        """When `parcel.<name>` was, if it was."""
        if name == "shipped":
            return self.shipped_at
        return self.delayed_at if name == "delayed" else self.firsts.get(name)


@dataclass(frozen=True, slots=True)
class Order:
    """`known` are the merged fields; parcels, refunds and returns are merged apart, each by its own id and stamp, and
    reviews by position. `sent` remembers which touch took a message that goes once per order, `entered` the journeys it
    began: a moment that comes twice (a parcel called back and sent again) begins none a second time. Of the `undecided`
    ones the condition could not be told; it is asked again with the next news.
    """

    known: events.Order
    stamps: Times = field(default_factory=dict)
    firsts: Times = field(default_factory=dict)
    parcels: Mapping[str, Parcel] = field(default_factory=dict)
    refunds: Mapping[str, events.Refund] = field(default_factory=dict)
    edits: Mapping[str, tuple[datetime, events.Edit]] = field(default_factory=dict)
    sent: Mapping[str, str] = field(default_factory=dict)
    entered: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    reviews: Mapping[str, Review] = field(default_factory=dict)
    score: Score | None = None
    returns: Mapping[str, Return] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.known.id

    @property
    def contact(self) -> events.Contact:
        return self.known.contact or events.Contact()

    @property
    @remembered(MOST_ORDERS)
    def live_parcels(self) -> tuple[Parcel, ...]:
        """Those not called back, by the moment they left."""
        alive = [parcel for parcel in self.parcels.values() if not parcel.known.cancelled]
        return tuple(sorted(alive, key=lambda parcel: (parcel.shipped_at is None, parcel.shipped_at, parcel.known.id)))


@remembered(MOST_ORDERS)
def tracking_numbers(order: Order) -> tuple[str, ...]:
    """Under which a carrier knows the parcels. In older versions they led to the customer: erasures look there."""
    told = {(tracking.number or "").strip() for parcel in order.parcels.values() for tracking in parcel.known.tracking}
    return tuple(sorted(number for number in told if 0 < len(number) <= 64))


def blank(order_id: str) -> Order:
    """An order of which only the id is known."""
    return Order(events.Order(id=order_id))


def learn(order: Order, event: events.Event) -> Order:
    """The order after one event about it; the very same object if the event tells nothing new."""
    received = event.received_at or event.occurred_at
    match event:
        case events.OrderEvent():
            return _learn_snapshot(order, event, received)
        case events.OrderEdited():
            return _learn_edit(order, event.edit, event.happened_at)
        case events.OrderRefunded():
            return _learn_refund(order, event.refund, event.happened_at, received)
        case events.ShipmentEvent():
            return _learn_parcel(order, event.parcel, event.happened_at, received, _named(event))
        case events.ReviewGiven():
            return _learn_review(order, event)
        case events.ScoreEvent():
            return _learn_score(order, event)
        case events.ReturnEvent():
            return _learn_return(order, event)
        case _:
            return order


def _learn_snapshot(order: Order, event: events.OrderEvent, received: datetime) -> Order:
    told, stamp = event.order, event.happened_at
    known, stamps = newest(order.known, order.stamps, stated(told, "id", "contact", "parcels", "refunds"), stamp)
    if told.contact is not None:
        contact, stamps = newest(order.contact, stamps, stated(told.contact), stamp, "contact.")
        known = known if contact is order.contact else known.model_copy(update={"contact": contact})
    firsts = earliest(order.firsts, _firsts(event))
    if known is not order.known or firsts is not order.firsts:
        order = replace(order, known=known, stamps=stamps, firsts=firsts)
    for parcel in told.parcels:
        order = _learn_parcel(order, parcel, stamp, received, {})
    for refund in told.refunds:
        order = _learn_refund(order, refund, stamp, received)
    return order


def _firsts(event: events.OrderEvent) -> Times:
    """When the buyer placed, paid, was paid back and cancelled it, as far as this event shows."""
    told, stamp = event.order, event.happened_at
    seen = {
        "placed": told.placed_at or (stamp if event.type == "OrderPlaced" else None),
        "paid": stamp if told.payment_status in PAID else None,
        "repaid": stamp if told.payment_status == "refunded" else None,
        "cancelled": told.cancelled_at or (stamp if event.type == "OrderCancelled" else None),
    }
    return {key: min(moment, stamp) for key, moment in seen.items() if moment is not None}


def _named(event: events.ShipmentEvent) -> Times:
    """What the type of a shipment event says by itself."""
    name = "shipped" if event.type == "ShipmentShipped" else events.PROGRESS.get(event.type)
    return {name: event.happened_at} if name else {}


def _learn_edit(order: Order, edit: events.Edit, stamp: datetime) -> Order:
    told = (stamp, edit)
    held = order.edits.get(edit.id, told)
    first = min(held, told, key=lambda entry: (entry[0], entry[1].model_dump_json()))
    if order.edits.get(edit.id) == first:
        return order
    return replace(order, edits={**order.edits, edit.id: first})


def _learn_refund(order: Order, refund: events.Refund, stamp: datetime, received: datetime) -> Order:
    """A refund is settled once and for good; of two reports the settled and then the larger one says more."""
    if refund.refunded_at > received:
        refund = refund.model_copy(update={"refunded_at": received})
    firsts = earliest(order.firsts, {first_seen(refund.id, settled=refund.settled): stamp})
    held = order.refunds.get(refund.id)
    if held is not None and _weight(held) >= _weight(refund):
        return order if firsts is order.firsts else replace(order, firsts=firsts)
    return replace(order, firsts=firsts, refunds={**order.refunds, refund.id: refund})


def first_seen(refund: str, *, settled: bool) -> str:
    """Under this name the order keeps when a refund was first seen with its money on its way, or moved."""
    return f"{'settled' if settled else 'unsettled'}:{refund}"


def _weight(refund: events.Refund) -> tuple[bool, Decimal, int, str]:
    return (refund.settled, refund.amount or Decimal(0), len(refund.lines), refund.model_dump_json())


def _learn_parcel(order: Order, told: events.Parcel, stamp: datetime, received: datetime, named: Times) -> Order:
    held = order.parcels.get(told.id) or Parcel(events.Parcel(id=told.id))
    when = min(told.updated_at or stamp, received)
    known, stamps = newest(held.known, held.stamps, stated(told, "id", "updated_at", "progress", "shipped_at"), when)
    reported: dict[str, datetime] = {str(status): moment for status, moment in told.progress.items()}
    if told.shipped_at:
        reported["shipped"] = told.shipped_at
    clamped = {key: min(moment, received) for key, moment in reported.items()}
    firsts = earliest(earliest(held.firsts, clamped), named)
    promised = _promised(held.promised, told.estimated_delivery, when)
    if told.id in order.parcels and known is held.known and firsts is held.firsts and promised == held.promised:
        return order
    return replace(order, parcels={**order.parcels, told.id: Parcel(known, stamps, firsts, promised)})


def _promised(
    held: tuple[datetime, datetime] | None, estimate: datetime | None, stamp: datetime
) -> tuple[datetime, datetime] | None:
    if estimate is None:
        return held
    return min(held, (stamp, estimate)) if held else (stamp, estimate)


def _learn_review(order: Order, event: events.ReviewGiven) -> Order:
    held = order.reviews.get(event.line_id)
    review, firsts = later(held, review_of(event)), earliest(order.firsts, {"reviewed": event.happened_at})
    if review is held and firsts is order.firsts:
        return order
    return replace(order, reviews={**order.reviews, event.line_id: review}, firsts=firsts)


def _learn_score(order: Order, event: events.ScoreEvent) -> Order:
    held = order.score or Score()
    score = learn_score(held, event)
    return order if score is held else replace(order, score=score)


def _learn_return(order: Order, event: events.ReturnEvent) -> Order:
    held = order.returns.get(event.return_id)
    case = learn_return(held or Return(event.return_id), event)
    return order if case is held else replace(order, returns={**order.returns, case.id: case})
