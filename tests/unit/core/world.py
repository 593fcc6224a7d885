"""A whole small world of in-memory twins: a door, a line, timers, providers, a clock; and a way to die in any call."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from perennial import events, links
from perennial.adapters.memory import (
    Memory,
    MemoryBodies,
    MemoryCustomers,
    MemoryDirectory,
    MemoryLine,
    MemoryParking,
    MemoryPauses,
    MemorySecrets,
    MemorySender,
    MemoryTimers,
    MemoryVersions,
)
from perennial.adapters.memory_traces import MemoryTraces
from perennial.advancing import advance
from perennial.content import Content
from perennial.customer import Customer, Lane
from perennial.outside import ForAdvancing, ForReceiving
from perennial.platforms import Secrets, platform
from perennial.ports import Outgoing, OutgoingEmail, Reply
from perennial.receipts import First, Receipts
from perennial.receiving import Delivery, Receipt, receive
from perennial.run_report import Report
from tests.unit.core.builders import MINUTE, NOW, WHO

SECRET = base64.b64encode(b"s" * 24).decode()
ACCEPTED = Reply("accepted", provider_id="ok")


class Died(Exception):
    """The process is gone."""


@dataclass
class Fragile:
    """A port that may die just before, or just after, a call of any of its methods."""

    port: Any
    world: "World"

    def __getattr__(self, name: str) -> Any:
        return self.world.guarded(f"{type(self.port).__name__}.{name}", getattr(self.port, name))


@dataclass
class World:
    """`deaths` are the numbers of the calls in which the process dies, and whether their work is done by then."""

    content: Content
    now: datetime = NOW
    memory: Memory = field(default_factory=Memory)
    queue: list[tuple[events.Event, str, Lane]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    deaths: Mapping[int, bool] = field(default_factory=dict)
    answer: Callable[[Outgoing], Reply | None] = lambda message: ACCEPTED
    accepted: list[str] = field(default_factory=list)
    receipts: bool = True
    customers: str = "abcdefghijklmnopqrstuvwxyz234567"
    nonces: int = 0
    minted: int = 0

    def __post_init__(self) -> None:
        self.timers = MemoryTimers(lambda: self.now)
        self.sender = MemorySender(answer=self._take)
        self.people = MemoryCustomers(self.memory)
        self.directory = MemoryDirectory(self.memory)
        self.parking = MemoryParking(self.memory)
        self.pauses = MemoryPauses(self.memory)
        line = MemoryLine(lambda event, customer, lane: self.queue.append((event, customer, lane)))
        self.advancing = ForAdvancing(
            customers=self._fragile(self.people),
            directory=self._fragile(self.directory),
            traces=self._fragile(MemoryTraces(self.memory)),
            bodies=self._fragile(MemoryBodies(self.memory)),
            line=self._fragile(line),
            timers=self._fragile(self.timers),
            senders={channel: self._fragile(self.sender) for channel in ("email", "text", "push")},
            pauses=self._fragile(self.pauses),
            versions=self._fragile(MemoryVersions(self.memory)),
            content=self.content,
            link_keys=links.KeyRing(1, {1: b"k" * 16}),
            now=lambda: self.now,
            mint_nonce=self._mint_nonce,
            mint_customer=self._mint_customer,
        )
        self.receiving = ForReceiving(
            directory=self._fragile(self.directory),
            line=self._fragile(line),
            parking=self._fragile(self.parking),
            secrets=MemorySecrets({("shop", "perennial"): Secrets(SECRET)}),
            content=self.content,
            now=lambda: self.now,
            mint_customer=self._mint_customer,
            mint_nonce=self._mint_nonce,
        )

    def _fragile(self, port: Any) -> Any:
        return Fragile(port, self)

    def _mint_nonce(self) -> str:
        self.nonces += 1
        return f"nonce-{self.nonces}"

    def _mint_customer(self) -> str:
        self.minted += 1
        return links.customer_id(bytes([self.minted]) * 10)

    def guarded(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **fields: Any) -> Any:
            death = self.deaths.get(len(self.calls))
            self.calls.append(name)
            if death is False:
                raise Died(name)
            result = call(*args, **fields)
            if death:
                raise Died(name)
            return result

        return run

    def _take(self, message: Outgoing) -> Reply | None:
        """The provider: what it accepts it reports, whether or not its answer arrives."""
        reply = self.answer(message)
        if reply is None or reply.state == "accepted":
            touch = message.tags["touch"] if isinstance(message, OutgoingEmail) else self._claimed_last()
            self.accepted.append(touch)
            if self.receipts:
                self.memory.receipts["shop", touch] = Receipts({"accepted": First(self.now)})
        return reply

    def _claimed_last(self) -> str:
        """Texts and notes carry no tags; but nothing is sent without its claim."""
        claims = [entry for customer in self.memory.customers.values() for entry in customer.profile.claims.items()]
        return max(claims, key=lambda entry: (entry[1].at, int(entry[1].nonce.removeprefix("nonce-"))))[0]

    # What happens

    def advance(self, event: events.Event, customer: str = WHO, redelivered: bool = False) -> Report:
        """One event from the line, with no deaths survived."""
        return advance(event, customer, self.advancing, redelivered=redelivered)

    def tell(self, *news: events.Event, customer: str = WHO) -> None:
        """News of a customer join the line, and the line is worked off."""
        self.queue += [(event, customer, "urgent") for event in news]
        self.work()

    def work(self) -> None:
        """A run that dies is followed by another delivery of the same event, as the queue does it."""
        while self.queue:
            event, customer, _ = self.queue.pop(0)
            redelivered = False
            while True:
                try:
                    self.advance(event, customer, redelivered)
                    break
                except Died:
                    redelivered = True

    def receive(self, told: dict[str, Any] | bytes, delivery: str | None = None) -> Receipt:
        """A signed webhook at the door of our own platform."""
        body = told if isinstance(told, bytes) else json.dumps(told, default=str).encode()
        headers = platform("perennial").sign({"webhook-id": delivery} if delivery else {}, body, SECRET, self.now)
        return receive(Delivery("perennial", "shop", headers, body, self.now), self.receiving)

    def until(self, moment: datetime) -> None:
        """Schedules ring in their order up to a moment."""
        for at, customer, ring in self._rings(moment):
            self.now = max(self.now, at)
            self.tell(ring, customer=customer)
        self.now = max(self.now, moment)

    def _rings(self, moment: datetime) -> Iterator[tuple[datetime, str, events.Event]]:
        for _ in range(5_000):
            due = sorted((at, name) for name, (at, *_rest) in self.timers.armed.items() if at <= moment)
            if not due:
                return
            at, customer, ring, _wake = self.timers.armed.pop(due[0][1])
            yield at, customer, ring
        raise AssertionError("this world never comes to rest")

    def to_the_end(self) -> None:
        self.until(self.now + timedelta(days=1200))

    def pass_minutes(self, minutes: int) -> None:
        self.until(self.now + MINUTE * minutes)

    # What can be seen

    def customer(self, customer: str = WHO) -> Customer:
        return self.people.load("shop", customer)

    def told(self, customer: str = WHO) -> dict[str, str]:
        records = self.people.touches("shop", customer)
        return {
            f"{touch.journey}/{touch.key}": touch.state if touch.reason is None else f"{touch.state}: {touch.reason}"
            for touch in records
        }

    def parked(self) -> list[tuple[str, str]]:
        return [(parked.kind, parked.reason) for parked in self.parking.parked("shop")]
