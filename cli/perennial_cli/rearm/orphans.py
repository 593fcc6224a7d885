"""Schedules of a future that a restore has undone: they ring into nothing, and go."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perennial.adapters.errors import translated
from perennial.ports import Customers, Timers

if TYPE_CHECKING:
    from mypy_boto3_scheduler import EventBridgeSchedulerClient


@dataclass(frozen=True, slots=True)
class Armed:
    """A schedule by the parts of its name."""

    customer: str
    epoch: int
    n: int


def schedules(client: "EventBridgeSchedulerClient", group: str) -> Iterator[Armed]:
    """Every schedule of ours in the group."""
    with translated():
        for page in client.get_paginator("list_schedules").paginate(GroupName=group):
            for found in page["Schedules"]:
                customer, epoch, n = found["Name"].rsplit("-", 2)
                yield Armed(customer, int(epoch), int(n))


def orphans(
    found: Iterator[Armed], epochs: Collection[int], stores: Collection[str], customers: Customers
) -> list[Armed]:
    """Those of older epochs that are nobody's present wake. Whoever is new since the restore has one of their own."""
    return [one for one in found if one.epoch not in epochs and not _is_wanted(one, stores, customers)]


def _is_wanted(one: Armed, stores: Collection[str], customers: Customers) -> bool:
    for store in stores:
        profile = customers.load(store, one.customer).profile
        if profile.version:
            return profile.wake is not None and (profile.epoch, profile.wake.n) == (one.epoch, one.n)
    return False


def delete(found: Collection[Armed], timers: Timers) -> None:
    for one in found:
        timers.cancel(one.customer, one.epoch, one.n)
