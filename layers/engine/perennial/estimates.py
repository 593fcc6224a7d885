"""When a parcel should arrive: the carrier knows best, then the shop, then the store's own rule in business days."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from perennial.order_facts import delivered_at, parcels_of, shippable, shipped_at
from perennial.orders import MOST_ORDERS, Order, Parcel
from perennial.remembering import remembered
from perennial.store import Store
from perennial.timing import add_business_days


@dataclass(frozen=True, slots=True)
class Estimate:
    """A local date, and who said it."""

    on: date
    source: Literal["carrier", "shop", "rule"]


@remembered(MOST_ORDERS)
def estimate_order(order: Order, store: Store, zone: ZoneInfo) -> Estimate | None:
    """For the whole order: the latest of its parcels still under way.

    None if nobody knows when it was placed, or nothing of it has to be carried anywhere.
    """
    waiting = [parcel for parcel in parcels_of(order) if "delivered" not in parcel.firsts]
    carriers = [moment for parcel in waiting if (moment := parcel.known.estimated_delivery) is not None]
    if carriers:
        return Estimate(max(carriers).astimezone(zone).date(), "carrier")
    nothing_to_ship = bool(order.known.lines) and not shippable(order)
    return None if nothing_to_ship else _promised(order, store, zone)


@remembered(MOST_ORDERS)
def estimate_parcel(parcel: Parcel, order: Order, store: Store, zone: ZoneInfo) -> Estimate | None:
    moment = parcel.known.estimated_delivery
    if moment is not None:
        return Estimate(moment.astimezone(zone).date(), "carrier")
    return _promised(order, store, zone)


def _promised(order: Order, store: Store, zone: ZoneInfo) -> Estimate | None:
    if order.known.estimated_delivery is not None:
        return Estimate(order.known.estimated_delivery.astimezone(zone).date(), "shop")
    placed = order.firsts.get("placed")
    if placed is None:
        return None
    day = add_business_days(placed.astimezone(zone).date(), store.promise.business_days, store.promise.holidays)
    return Estimate(day, "rule")


def is_late(order: Order, store: Store, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the promised day is over and the goods are known not to be there.

    Once everything has left with a carrier that never reports anything, nobody knows: that is not late.
    """
    if delivered_at(order) is not None or not shippable(order):
        return False
    if shipped_at(order) is not None and not any(_reports(parcel) for parcel in parcels_of(order)):
        return False
    estimate = estimate_order(order, store, zone)
    return estimate is not None and now.astimezone(zone).date() > estimate.on


def _reports(parcel: Parcel) -> bool:
    """Whether a carrier has told anything of the parcel beyond that it left."""
    return parcel.known.estimated_delivery is not None or bool(parcel.firsts.keys() - {"shipped"})
