"""Which live orders lie together with their person, in one item, and which by themselves. Pure.

A commit that touches one item is an ordinary conditional write and costs half of what a transaction does, so a customer
with a live order or two is one item. Whoever has many would pay for all of them with every word about one: what is too
much lies apart, the oldest first, and stays there until nobody needs it any more (law 8).
"""

from dataclasses import replace
from datetime import UTC, datetime

from perennial.customer import Customer
from perennial.orders import Order

MOST_TOGETHER = 12
"""Orders, positions, parcels, edits and what came back that one item holds: some 1,500 bytes, packed."""

UNKNOWN = datetime.max.replace(tzinfo=UTC)
"""When an order was placed of which only other news has come."""


def arranged(customer: Customer) -> Customer:
    """The customer with what is too much set apart."""
    live = {name: customer.orders[name] for name in customer.live_orders & customer.orders.keys()}
    apart = customer.apart & live.keys()
    together = sorted((live[name] for name in live.keys() - apart), key=_age)
    while sum(map(_bulk, together)) > MOST_TOGETHER:
        apart |= {together.pop(0).id}
    return customer if apart == customer.apart else replace(customer, apart=frozenset(apart))


def _bulk(order: Order) -> int:
    parts = (order.known.lines, order.parcels, order.refunds, order.edits, order.returns, order.reviews)
    return 1 + sum(map(len, parts))


def _age(order: Order) -> tuple[datetime, str]:
    return (order.firsts.get("placed", UNKNOWN), order.id)
