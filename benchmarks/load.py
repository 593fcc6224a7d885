"""`make load`: ten thousand orders in a burst, while as many people's next touches are due in the same minute.

The use cases are those of the functions, on the in-memory twins; the two lanes are run as AWS would run them. Asked
afterwards, from outside: is anything lost, is anything sent twice, and how long did the confirmations wait, with the
two lanes of the template and with one lane for all.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.lanes import SECONDS, Lanes, Pool
from benchmarks.worlds import ROOT, STORE, content
from perennial import events, links, ports
from perennial.adapters.memory import (
    Memory,
    MemoryBodies,
    MemoryCustomers,
    MemoryDirectory,
    MemoryParking,
    MemoryPauses,
    MemoryVersions,
)
from perennial.adapters.memory_effects import MemoryLine, MemorySecrets, MemoryTimers
from perennial.adapters.memory_traces import MemoryTraces
from perennial.advancing import advance
from perennial.customer import Lane
from perennial.outside import ForAdvancing, ForReceiving
from perennial.platforms import Secrets, platform
from perennial.receiving import Delivery, receive
from perennial_cli.bundle_template import load_template
from tests.e2e.shop import order, parcel

ORDERED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
A_SECOND = 250
"""Webhooks that the template lets through in a second."""

SECRET = "made-up-for-the-load"
DAYS = 30
"""For how long the first buyers' touches are followed, to find the fullest minute."""

FILE = ROOT / "build" / "load.json"
WRONG = ("orders without a confirmation", "messages sent twice", "events that joined and were not handled")


@dataclass
class Town:
    """Everybody who orders, and everything around them. `sent` are the mails, each with the moment it was sent."""

    lanes: Lanes
    memory: Memory = field(default_factory=Memory)
    sent: list[tuple[datetime, ports.OutgoingEmail]] = field(default_factory=list)
    ordered_at: dict[str, datetime] = field(default_factory=dict)
    refused: int = 0

    def __post_init__(self) -> None:
        minted, memory, now = count(1), self.memory, self.lanes.clock
        chance: dict[str, Any] = {
            "now": now,
            "mint_nonce": lambda: f"n{next(minted)}",
            "mint_customer": lambda: links.customer_id(next(minted).to_bytes(10)),
        }
        shared: dict[str, Any] = {
            "directory": MemoryDirectory(memory),
            "line": MemoryLine(self.lanes.join),
            "content": content(),
            **chance,
        }
        self.timers = MemoryTimers(now)
        secrets = MemorySecrets({(STORE, "shopify"): Secrets(SECRET)})
        self.door = ForReceiving(parking=MemoryParking(memory), secrets=secrets, **shared)
        self.step = ForAdvancing(
            customers=MemoryCustomers(memory),
            traces=MemoryTraces(memory),
            bodies=MemoryBodies(memory),
            timers=self.timers,
            senders={"email": self},
            pauses=MemoryPauses(memory),
            versions=MemoryVersions(memory),
            link_keys=links.KeyRing(1, {1: bytes(32)}),
            **shared,
        )

    def send(self, message: ports.Outgoing) -> ports.Reply:
        """The provider takes everything."""
        assert isinstance(message, ports.OutgoingEmail)
        self.sent.append((self.lanes.now + timedelta(seconds=SECONDS), message))
        return ports.Reply("accepted", provider_id=str(len(self.sent)))

    def tell(self, topic: str, told: dict[str, Any]) -> None:
        body, now = json.dumps(told).encode(), self.lanes.now
        headers = {"x-shopify-topic": topic, "x-shopify-webhook-id": f"{topic}-{told['id']}"}
        signed = platform("shopify").sign(headers, body, SECRET, now)
        self.refused += receive(Delivery("shopify", STORE, signed, body, now), self.door).outcome != "queued"

    def handle(self, event: events.Event, customer: str) -> None:
        advance(event, customer, self.step)

    def orders(self, number: int) -> None:
        """Somebody new buys something."""
        email, at = email_of(number), self.lanes.now
        self.ordered_at[email] = at
        who = {"id": number, "email": email, "first_name": "Mina", "last_name": "Okafor"}
        self.tell("orders/create", order(number, at.isoformat(), email=email, customer=who))

    def is_delivered(self, number: int) -> None:
        at = self.lanes.now.isoformat()
        self.tell("fulfillments/create", {**parcel(number, number, at), "shipment_status": "delivered"})

    def ring(self, name: str) -> None:
        _, customer, due, wake = self.timers.armed.pop(name)
        self.lanes.join(due, customer, wake.lane)


def email_of(number: int) -> str:
    return f"buyer-{number}@mail.example"


def a_town(pools: Mapping[Lane, Pool], start: datetime) -> Town:
    lanes = Lanes(start, lambda event, customer: town.handle(event, customer), pools)
    town = Town(lanes)
    return town


def two_lanes() -> dict[Lane, Pool]:
    """As many workers as the template says."""
    told = load_template(ROOT / "template.yaml")["Resources"]["AdvanceCustomer"]["Properties"]["Events"]
    most = {name: entry["Properties"]["ScalingConfig"]["MaximumConcurrency"] for name, entry in told.items()}
    return {"urgent": Pool(most["Urgent"]), "patient": Pool(most["Patient"])}


def one_lane() -> dict[Lane, Pool]:
    """The same workers, for whoever comes first."""
    pool = Pool(sum(each.free for each in two_lanes().values()))
    return {"urgent": pool, "patient": pool}


def lived(pools: Mapping[Lane, Pool], orders: int) -> tuple[Town, datetime]:
    """A town whose first buyers' touches come up in the very minute in which as many others order."""
    town = a_town(pools, ORDERED)
    lanes = town.lanes
    for number in range(orders):
        lanes.later(ORDERED + timedelta(seconds=number / A_SECOND), lambda n=number: town.orders(n))  # type: ignore[misc]
        lanes.later(
            ORDERED + timedelta(days=2, seconds=number / A_SECOND),
            lambda n=number: town.is_delivered(n),  # type: ignore[misc]
        )
    lanes.run()
    rush = _follow(town, orders)
    for number in range(orders):
        lanes.later(rush + timedelta(seconds=number / A_SECOND), lambda n=orders + number: town.orders(n))  # type: ignore[misc]
    _ring_minute(town, rush)
    lanes.run()
    return town, rush


def _follow(town: Town, orders: int) -> datetime:
    """Lives on, minute by minute in which something is due, up to the one in which the touches of most are due."""
    end = ORDERED + timedelta(days=DAYS)
    while True:
        rings = [(at.replace(second=0), wake.lane) for at, _, _, wake in town.timers.armed.values() if at < end]
        minute, patient = min(rings)[0], Counter(at for at, lane in rings if lane == "patient")
        if patient[minute] > orders / 2:
            return minute
        _ring_minute(town, minute)
        town.lanes.run()


def _ring_minute(town: Town, minute: datetime) -> None:
    names = [name for name, (at, *_) in town.timers.armed.items() if at.replace(second=0) == minute]
    for name in names:
        town.lanes.later(max(minute, town.lanes.now), lambda name=name: town.ring(name))  # type: ignore[misc]


def figures(pools: Mapping[Lane, Pool], orders: int) -> dict[str, float]:
    town, rush = lived(pools, orders)
    confirmations = [(at, mail) for at, mail in town.sent if mail.tags["message"] == "order-confirmation"]
    waits = sorted((at - town.ordered_at[mail.to]).total_seconds() for at, mail in confirmations)
    late = [
        (at - rush).total_seconds() for at, mail in town.sent if at > rush and mail.tags["class"] != "transactional"
    ]
    confirmed = Counter(mail.to for _, mail in confirmations)
    copies = Counter((mail.tags["customer"], mail.tags["touch"]) for _, mail in town.sent)
    return {
        "orders": len(town.ordered_at),
        "orders without a confirmation": sum(not confirmed[email] for email in town.ordered_at),
        "messages sent twice": sum(each - 1 for each in copies.values()),
        "events that joined and were not handled": town.lanes.joined - town.lanes.handled,
        "webhooks not queued": town.refused,
        "offers and questions in the rush": len(late),
        "confirmation after, p50 s": median(waits),
        "confirmation after, p99 s": quantiles(waits, n=100)[-1],
        "confirmation after, at most s": waits[-1],
        "last offer or question after, s": max(late, default=0.0),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=10_000)
    orders = parser.parse_args().orders
    found = {"two lanes": figures(two_lanes(), orders), "one lane": figures(one_lane(), orders)}
    table = Table("", *found)
    for name in found["two lanes"]:
        table.add_row(name, *(f"{each[name]:,.6g}" for each in found.values()))
    Console().print(table)
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(found, indent=2) + "\n")
    return 1 if any(each[name] for each in found.values() for name in WRONG) or stuck(found["two lanes"]) else 0


def stuck(told: Mapping[str, float]) -> bool:
    """Whether a confirmation had to wait for more than its own event, by the clock of the lanes."""
    return told["confirmation after, at most s"] > 1.5 * SECONDS


if __name__ == "__main__":
    sys.exit(main())
