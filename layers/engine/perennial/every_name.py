"""What is held of a person under every name they had before a merge: for people, never on the way of a message."""

from collections.abc import Sequence

from perennial.customer import Customer, Touch
from perennial.ledger import Entry, in_order
from perennial.orders import Order
from perennial.outside import ForAdvancing


def names_of(customer: Customer) -> tuple[str, ...]:
    """The nearest last, so that what it says is what stands."""
    return (*reversed(customer.profile.merged), customer.profile.customer)


def touches_of(customer: Customer, outside: ForAdvancing) -> Sequence[Touch]:
    """Oldest first. A touch that was handed over while it waited has a record under both names."""
    store = customer.profile.store
    records = {touch.id: touch for name in names_of(customer) for touch in outside.customers.touches(store, name)}
    return sorted(records.values(), key=lambda touch: (touch.at, touch.id))


def ledger_of(customer: Customer, outside: ForAdvancing) -> Sequence[Entry]:
    store = customer.profile.store
    entries = {entry.id: entry for name in names_of(customer) for entry in outside.customers.ledger(store, name)}
    return sorted(entries.values(), key=in_order)


def archive_of(customer: Customer, outside: ForAdvancing) -> Sequence[Order]:
    """Without those that are live: an order that was handed over may have been in an archive before."""
    store = customer.profile.store
    orders = {order.id: order for name in names_of(customer) for order in outside.traces.archive(store, name)}
    return [orders[name] for name in sorted(orders) if name not in customer.orders]
