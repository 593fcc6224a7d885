"""A customer out of the items of one query, and the item in which most of them lie.

Person, live orders and enrolments are one document, and so one item: read and written as a whole. Orders that are too
many for that lie apart (arranging.py), with their enrolments, and a query is no snapshot: beside a transaction it may
see some items as they are and others as they were (read-committed isolation; DynamoDB Developer Guide, "Isolation
levels for DynamoDB transactions"). The version check alone would let such a mixture commit. So every commit puts its
version on the items it writes, and a seal on the profile: its version, how many items apart it wrote, how many there
are. Items that do not add up were read amid a commit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from perennial import documents
from perennial.adapters import table
from perennial.adapters.receipts import receipts_of
from perennial.adapters.table import Item
from perennial.afterwards import as_it_was
from perennial.customer import Customer, Enrolment, Profile, Touch
from perennial.orders import Order


@dataclass(frozen=True, slots=True)
class Bundle:
    """What one item holds. An item that is plain text holds a profile alone: all else of that customer lies apart."""

    profile: Profile
    orders: tuple[Order, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()


def bundled(customer: Customer) -> bytes:
    """The document of the profile's item."""
    names = customer.live_orders - customer.apart
    orders = tuple(order for name, order in sorted(customer.orders.items()) if name in names)
    enrolments = tuple(held for _, held in sorted(customer.enrolments.items()) if held.order_id in names)
    return documents.packed(Bundle(customer.profile, orders, enrolments))


def bundle_of(item: Item) -> Bundle:
    """What the profile's item holds."""
    document, version = item["doc"], int(item["v"])
    told = Bundle(documents.read(Profile, document)) if isinstance(document, str) else documents.read(Bundle, document)
    return replace(told, profile=replace(told.profile, version=version))


def customer_of(items: Iterable[Item], nobody: Customer) -> Customer | None:
    """The customer; None if the items do not belong together. A stranger if there are none."""
    bundle, seal = Bundle(nobody.profile), {"commit": 0, "wrote": 0, "live": 0}
    apart = Apart([], [], [])
    parked = 0
    for item in items:
        kind = item["sk"].split("#")[1]
        if kind == "profile":
            bundle, seal = _bundle(item, nobody.profile), item.get("seal", {**seal, "commit": item["v"]})
        elif kind == "parked":
            parked += 1
        else:
            apart.take(kind, item)
    if not apart.fits(seal):
        return None
    orders, enrolments = (*bundle.orders, *apart.orders), (*bundle.enrolments, *apart.enrolments)
    return Customer(
        bundle.profile,
        {order.id: order for order in orders},
        {enrolment.id: enrolment for enrolment in enrolments},
        parked,
        frozenset(order.id for order in apart.orders),
    )


@dataclass(frozen=True, slots=True)
class Apart:
    """Items beside the profile's, and the versions of the commits that wrote them."""

    orders: list[Order]
    enrolments: list[Enrolment]
    versions: list[int]

    def take(self, kind: str, item: Item) -> None:
        if kind == "order":
            self.orders.append(documents.read(Order, item["doc"]))
        else:
            self.enrolments.append(documents.read(Enrolment, item["doc"]))
        self.versions.append(item["v"])

    def fits(self, seal: Item) -> bool:
        """Whether these are what the profile says there are, each as it is now."""
        by_last_commit = self.versions.count(seal["commit"])
        found = (by_last_commit, len(self.versions))
        return found == (seal["wrote"], seal["live"]) and max(self.versions, default=0) <= seal["commit"]


def _bundle(item: Item, unknown: Profile) -> Bundle:
    """A customer of whom only a parked fact is known has a version and no document yet."""
    return bundle_of(item) if "doc" in item else Bundle(replace(unknown, version=int(item["v"])))


def touch_of(item: Item) -> Touch:
    """The record of a touch, with what its ending changed and what was reported about it."""
    touch = documents.read(Touch, item["doc"])
    told = replace(
        touch,
        state=item["state"],
        at=table.parse_instant(item["at"]),
        reason=item.get("reason"),
        provider_id=item.get("provider_id"),
    )
    return as_it_was(told, receipts_of(item))
