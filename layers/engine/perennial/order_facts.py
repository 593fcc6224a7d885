"""What follows from an order's merged facts: quantities, coverage by parcels, and the moments touches hang on."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from perennial import events
from perennial.orders import MOST_ORDERS, Order, Parcel, first_seen
from perennial.remembering import remembered

NAMED_WITHIN = timedelta(hours=1)
"""How long an order that came without a buyer may take to name one."""


def quantities(order: Order) -> Mapping[str, int]:
    """Pieces the buyer keeps, by line id: the newest snapshot, with the edits and refunds it cannot know of yet.

    What a return took back may be among the refunds already, and is not taken off twice.
    """
    seen = order.stamps.get("lines")
    kept = {
        line.id: line.quantity if line.current_quantity is None else line.current_quantity for line in order.known.lines
    }
    for when, edit in order.edits.values():
        if seen is None or when > seen:
            _add(kept, ((delta.line_id, delta.delta) for delta in edit.additions))
            _add(kept, ((delta.line_id, -delta.delta) for delta in edit.removals))
    bought = {line.id: max(line.quantity, kept[line.id]) for line in order.known.lines} if order.returns else {}
    current = {line.id for line in order.known.lines if line.current_quantity is not None}
    for refund in order.refunds.values():
        newer = seen is None or refund.refunded_at > seen
        _add(kept, ((part.line_id, -part.quantity) for part in refund.lines if newer or part.line_id not in current))
    back = _taken_back(order)
    return {name: min(count, max(0, bought[name] - back[name])) for name, count in kept.items()} if back else kept


def _taken_back(order: Order, *ends: str) -> Counter[str]:
    """Pieces that came back in returns that ended so, by line id; a return that lists nothing is of everything."""
    taken: Counter[str] = Counter()
    for case in order.returns.values():
        if case.firsts.keys() & set(ends or ("refunded", "exchanged")):
            parts = case.terms.lines or [
                events.LineQuantity(line_id=line.id, quantity=line.quantity) for line in order.known.lines
            ]
            taken.update({part.line_id: part.quantity for part in parts})
    return taken


def _add(kept: dict[str, int], deltas: Iterable[tuple[str, int]]) -> None:
    """Lines that no snapshot has named yet are left out: nothing could be said about them."""
    for line_id, delta in deltas:
        if line_id in kept:
            kept[line_id] = max(0, kept[line_id] + delta)


@remembered(MOST_ORDERS)
def kept_lines(order: Order) -> tuple[events.Line, ...]:
    """The positions of which at least one piece is left, with that quantity."""
    left = quantities(order)
    return tuple(_of(line, left[line.id]) for line in order.known.lines if left[line.id])


@remembered(MOST_ORDERS)
def parcel_lines(order: Order, parcel: Parcel) -> tuple[events.Line, ...]:
    """The positions in a parcel, with the pieces in it; a parcel that lists none holds what no other one lists."""
    inside = _pieces([parcel]) if parcel.known.lines else _unlisted(order)
    return tuple(_of(line, inside[line.id]) for line in order.known.lines if inside[line.id])


def _of(line: events.Line, quantity: int) -> events.Line:
    """The position with so many pieces: itself, where these are all."""
    return line if line.quantity == quantity else line.model_copy(update={"quantity": quantity})


@remembered(MOST_ORDERS)
def parcels_of(order: Order) -> tuple[Parcel, ...]:
    """What is carried there and was not called back, by the moment it left.

    Shops fulfil gift cards, downloads and plans as they do goods, and at once: what lists only those is no parcel.
    """
    carried = {line.id: carried_there(line) for line in order.known.lines}
    return tuple(
        parcel
        for parcel in order.live_parcels
        if not parcel.known.lines or any(carried.get(part.line_id, True) for part in parcel.known.lines)
    )


def carried_there(line: events.Line) -> bool:
    return line.requires_shipping and not line.gift_card


@remembered(MOST_ORDERS)
def shippable(order: Order) -> tuple[events.Line, ...]:
    """What the buyer keeps and somebody has to carry there."""
    return tuple(line for line in kept_lines(order) if carried_there(line))


def _pieces(parcels: Iterable[Parcel]) -> Counter[str]:
    """What the parcels list, by line id."""
    listed: Counter[str] = Counter()
    for parcel in parcels:
        for part in parcel.known.lines:
            listed[part.line_id] += part.quantity
    return listed


def _unlisted(order: Order) -> Counter[str]:
    """Pieces that have to be shipped and that no parcel lists."""
    wanted = Counter({line.id: line.quantity for line in shippable(order)})
    return wanted - _pieces(parcels_of(order))


def _complete(order: Order, moments: Mapping[str, datetime | None]) -> datetime | None:
    """When the last of the parcels got there, if together they hold everything that had to be shipped.

    `moments` are by parcel id; a parcel that is not there yet has None. Where nothing has to be shipped, what the shop
    has fulfilled stands in for parcels: care of a download begins as that of goods does.
    """
    parcels = parcels_of(order) or order.live_parcels
    there = [parcel for parcel in parcels if moments[parcel.known.id] is not None]
    if not there or any(not parcel.known.lines for parcel in parcels if parcel not in there):
        return None
    covered = _pieces(there)
    if any(not parcel.known.lines for parcel in there):
        covered += _unlisted(order)
    if any(covered[line.id] < line.quantity for line in shippable(order)):
        return None
    return max(moment for parcel in there if (moment := moments[parcel.known.id]) is not None)


@remembered(MOST_ORDERS)
def shipped_at(order: Order) -> datetime | None:
    """When the last parcel left, once everything has."""
    return _complete(order, {parcel.known.id: parcel.shipped_at for parcel in order.live_parcels})


@remembered(MOST_ORDERS)
def delivered_at(order: Order) -> datetime | None:
    """When the last parcel arrived, once everything has; goods taken home from a shop were there at once."""
    if order.known.channel == "pos" and not parcels_of(order) and order.known.fulfilment_status == "fulfilled":
        return order.firsts.get("placed")
    return _complete(order, {parcel.known.id: parcel.firsts.get("delivered") for parcel in order.live_parcels})


def arrived(order: Order) -> frozenset[str] | None:
    """The positions of which something has arrived, by id, with all that nobody carries; None if no parcel tells."""
    there = [parcel for parcel in parcels_of(order) if "delivered" in parcel.firsts]
    if not there:
        return None
    inside = _pieces(there) if all(parcel.known.lines for parcel in there) else _pieces(there) + _unlisted(order)
    carried = {line.id for line in shippable(order)}
    return frozenset({line.id for line in order.known.lines if line.id not in carried} | inside.keys())


def cancelled_at(order: Order) -> datetime | None:
    return order.firsts.get("cancelled")


def settled_refunds(order: Order) -> tuple[events.Refund, ...]:
    """Refunds whose money has moved, oldest first; `refunded_at` is when it did."""
    moved = ((refund, moved_at(order, refund)) for refund in order.refunds.values() if refund.settled)
    dated = (
        refund if at == refund.refunded_at else refund.model_copy(update={"refunded_at": at}) for refund, at in moved
    )
    return tuple(sorted(dated, key=lambda refund: (refund.refunded_at, refund.id)))


def moved_at(order: Order, refund: events.Refund) -> datetime:
    """When the money of a settled refund moved. Shops date a refund by its record, and some money is days on its way:
    if it was ever seen there, it has moved when it was first seen settled.
    """
    if first_seen(refund.id, settled=False) not in order.firsts:
        return refund.refunded_at
    return max(refund.refunded_at, order.firsts.get(first_seen(refund.id, settled=True), refund.refunded_at))


def fully_refunded_at(order: Order) -> datetime | None:
    """When the shop said so, when the refunds came up to the total, or when everything was sent back and repaid.

    A shop that has called it a part since then has counted better.
    """
    if "repaid" in order.firsts:
        return order.firsts["repaid"]
    reckoned = _summed_up_at(order) or _all_repaid_at(order)
    in_part = order.known.payment_status == "partially_refunded"
    return None if in_part and reckoned and order.stamps.get("payment_status", reckoned) >= reckoned else reckoned


def _summed_up_at(order: Order) -> datetime | None:
    """When the refunds came up to the total, as bought or as edited up. One in another currency cannot be counted."""
    known, repaid = order.known, Decimal(0)
    total = max(known.total or Decimal(0), known.current_total or Decimal(0))
    for refund in settled_refunds(order):
        if refund.currency in (None, known.currency):
            repaid += refund.amount or Decimal(0)
        if total and repaid >= total:
            return refund.refunded_at
    return None


def _all_repaid_at(order: Order) -> datetime | None:
    """When the last of the returns was refunded, if together they took back all that was bought."""
    back = _taken_back(order, "refunded") if order.returns else {}
    if not back or not order.known.lines or any(back[line.id] < line.quantity for line in order.known.lines):
        return None
    return max(case.firsts["refunded"] for case in order.returns.values() if "refunded" in case.firsts)


@remembered(MOST_ORDERS)
def moments(order: Order) -> Mapping[str, datetime]:
    """The anchors `order.*` that have come, and when."""
    refunds = settled_refunds(order)
    found = {
        "order.placed": order.firsts.get("placed"),
        "order.paid": order.firsts.get("paid"),
        "order.shipped": shipped_at(order),
        "order.delivered": delivered_at(order),
        "order.cancelled": cancelled_at(order),
        "order.refunded": refunds[0].refunded_at if refunds else None,
        "order.fully_refunded": fully_refunded_at(order),
        "order.reviewed": order.firsts.get("reviewed"),
        "order.scored": order.score.given_at if order.score else None,
        "order.return_requested": min((min(case.firsts.values()) for case in order.returns.values()), default=None),
    }
    return {name: moment for name, moment in found.items() if moment is not None}


def unnamed_until(order: Order, now: datetime) -> datetime | None:
    """Until when an order that came without a buyer may still name one, and have its confirmation; None if it names
    somebody, or has had its time. Some tills, drafts and apps tell of an order first and of its buyer a moment later.
    """
    placed, contact = order.firsts.get("placed"), order.contact
    if placed is None or any(name is not None for name in (contact.email, contact.customer_id, contact.phone)):
        return None
    return placed + NAMED_WITHIN if placed + NAMED_WITHIN > now else None
