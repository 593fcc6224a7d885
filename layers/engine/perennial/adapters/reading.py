"""A customer out of the items of one query.

A query is no snapshot: beside a transaction it may see some items as they are and others as they were (read-committed
isolation; DynamoDB Developer Guide, "Isolation levels for DynamoDB transactions"). The version check alone would let
such a mixture commit. So every commit puts its version on the live items it writes, and a seal on the profile: its
version, how many live items it wrote, how many there are. Items that do not add up were read amid a commit.
"""

from collections.abc import Iterable
from dataclasses import replace

from perennial import documents
from perennial.adapters import table
from perennial.adapters.receipts import receipts_of
from perennial.adapters.table import Item
from perennial.afterwards import as_it_was
from perennial.customer import Customer, Enrolment, Profile, Touch
from perennial.orders import Order


def customer_of(items: Iterable[Item], nobody: Customer) -> Customer | None:
    """The customer; None if the items do not belong together. A stranger if there are none."""
    profile, seal = nobody.profile, {"commit": 0, "wrote": 0, "live": 0}
    orders: dict[str, Order] = {}
    enrolments: dict[str, Enrolment] = {}
    parked, written = 0, []
    for item in items:
        kind = item["sk"].split("#")[1]
        if kind == "profile":
            profile, seal = _profile(item, profile), item.get("seal", seal)
        elif kind == "parked":
            parked += 1
        elif kind == "order":
            order = documents.read(Order, item["doc"])
            orders[order.id] = order
            written.append(item["v"])
        else:
            enrolment = documents.read(Enrolment, item["doc"])
            enrolments[enrolment.id] = enrolment
            written.append(item["v"])
    by_last_commit = written.count(seal["commit"])
    if (by_last_commit, len(written)) != (seal["wrote"], seal["live"]) or max(written, default=0) > seal["commit"]:
        return None
    return replace(nobody, profile=profile, orders=orders, enrolments=enrolments, parked=parked)


def _profile(item: Item, unknown: Profile) -> Profile:
    """A customer of whom only a parked fact is known has a version and no document yet."""
    profile = documents.read(Profile, item["doc"]) if "doc" in item else unknown
    return replace(profile, version=int(item["v"]))


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
