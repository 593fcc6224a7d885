"""What a replay ends with, as one object: the documented shape of `perennial replay --json` (docs/replaying.md)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from perennial import ports
from perennial.customer import Customer
from perennial.order_facts import moments
from perennial.orders import Order
from perennial_cli.explaining import Row
from perennial_cli.undecided import Undecided


@dataclass(frozen=True)
class Delivered:
    """What became of one line of the file."""

    index: int
    at: str
    platform: str
    status: int
    outcome: str
    event: str | None
    reason: str | None


def document(
    deliveries: Iterable[Delivered],
    customers: Iterable[tuple[Customer, tuple[Row, ...]]],
    parked: Iterable[ports.Parked],
    calls: Mapping[str, int],
    feedback_calls: Mapping[str, int] | None = None,
    undecided: Callable[[Customer], Iterable[Undecided]] = lambda customer: (),
) -> dict[str, Any]:
    return {
        "deliveries": [asdict(delivery) for delivery in deliveries],
        "customers": [_customer(customer, rows, undecided(customer)) for customer, rows in customers],
        "parked": [_parked(entry) for entry in parked],
        "calls": dict(sorted(calls.items())),
        "feedback_calls": dict(sorted((feedback_calls or {}).items())),
    }


def _customer(customer: Customer, rows: tuple[Row, ...], undecided: Iterable[Undecided]) -> dict[str, Any]:
    profile = customer.profile
    return {
        "id": profile.customer,
        "store": profile.store,
        "identities": [masked(alias) for alias in profile.aliases],
        "orders": [
            {"id": mark.id, "placed_at": mark.placed_at.isoformat(), "cancelled": mark.cancelled}
            | _moments(customer.orders.get(mark.id))
            for mark in sorted(profile.latest_orders, key=lambda mark: (mark.placed_at, mark.id))
        ],
        "consent": {
            key: {"state": said.state, "at": said.at.isoformat(), "source": said.source}
            for key, said in sorted(profile.consents.items())
        },
        "touches": [row.as_dict() for row in rows],
        "undecided": [one.as_dict() for one in undecided],
    }


def _moments(order: Order | None) -> dict[str, Any]:
    """What has happened to an order that a journey still speaks of."""
    if order is None:
        return {}
    return {"number": order.known.number} | {
        name.removeprefix("order."): moment.isoformat() for name, moment in moments(order).items()
    }


def _parked(parked: ports.Parked) -> dict[str, Any]:
    return {
        "id": parked.id,
        "store": parked.store,
        "kind": parked.kind,
        "reason": parked.reason,
        "parked_at": parked.parked_at.isoformat(),
        "customer": parked.customer,
    }


def masked(alias: str) -> str:
    """`email:a***@example.com`: enough to recognise one's own test data, too little to write to anybody."""
    kind, _, value = alias.partition(":")
    if kind == "email":
        name, _, domain = value.partition("@")
        return f"email:{name[:1]}***@{domain}"
    return f"{kind}:{value}"
