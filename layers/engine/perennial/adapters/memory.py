"""The in-memory twins: the same answers as the AWS adapters, for tests and for simulated years.

They hold the frozen values themselves. One contract suite (tests/adapters) runs against both.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from perennial import events, ports
from perennial.customer import Customer, Lane, Touch, Wake, schedule_name, stranger
from perennial.decide import Decision
from perennial.identity import Alias
from perennial.journeys import Journey, version_of
from perennial.orders import Order
from perennial.pauses import Pause
from perennial.platforms import Secrets

Key = tuple[str, str]
"""A store and an id in it."""


@dataclass(slots=True)
class AliasItem:
    owner: str | None = None
    facts: tuple[events.Event, ...] = ()


@dataclass(slots=True)
class Memory:
    """What all twins of one world share."""

    customers: dict[Key, Customer] = field(default_factory=dict)
    archive: dict[tuple[str, str, str], Order] = field(default_factory=dict)
    touches: dict[Key, dict[str, Touch]] = field(default_factory=lambda: defaultdict(dict))
    receipts: dict[Key, datetime] = field(default_factory=dict)
    aliases: dict[tuple[str, Alias], AliasItem] = field(default_factory=dict)
    parked: dict[tuple[str, str | None, str], ports.Parked] = field(default_factory=dict)
    pauses: dict[str, frozenset[Pause]] = field(default_factory=dict)
    versions: dict[Key, Journey] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemoryCustomers:
    memory: Memory

    def load(self, store: str, customer: str) -> Customer:
        return self.memory.customers.get((store, customer)) or stranger(store, customer)

    def archived(self, store: str, customer: str, order_id: str) -> Order | None:
        return self.memory.archive.get((store, customer, order_id))

    def commit(self, decision: Decision, adopted: Mapping[Alias, int]) -> ports.Result:
        before, after = decision.before.profile, decision.after
        store, customer = before.store, before.customer
        present = self.load(store, customer)
        if present.profile.version != before.version:
            return ports.Overtaken()
        in_the_way = [self._held(store, alias, customer, adopted.get(alias)) for alias in decision.aliases]
        held = tuple(entry for entry in in_the_way if entry is not None)
        if held:
            return ports.Taken(held)
        for alias in decision.aliases:
            self.memory.aliases[store, alias] = AliasItem(customer)
        self._keep_orders(store, customer, replace(after, parked=present.parked))
        self._keep_touches(store, customer, decision)
        return ports.Committed()

    def _held(self, store: str, alias: Alias, me: str, adopted: int | None) -> ports.Held | None:
        item = self.memory.aliases.get((store, alias), AliasItem())
        mine = item.owner == me and (adopted is not None or alias.kind != "order")
        free = (mine or item.owner is None) and len(item.facts) == (adopted or 0)
        return None if free else ports.Held(alias, item.owner, item.facts)

    def _keep_orders(self, store: str, customer: str, after: Customer) -> None:
        live = {name: order for name, order in after.orders.items() if name in after.live_orders}
        for name, order in after.orders.items():
            if name in live:
                self.memory.archive.pop((store, customer, name), None)
            else:
                self.memory.archive[store, customer, name] = order
        self.memory.customers[store, customer] = replace(after, orders=live)

    def _keep_touches(self, store: str, customer: str, decision: Decision) -> None:
        records = self.memory.touches[store, customer]
        for touch in decision.touches:
            records[touch.id] = touch
        for ending in decision.endings:
            held = records[ending.touch]
            records[ending.touch] = replace(
                held,
                state=ending.state,
                at=ending.at,
                reason=ending.reason,
                provider_id=ending.provider_id or held.provider_id,
            )

    def receipts(self, store: str, customer: str, touches: Collection[str]) -> Mapping[str, datetime | None]:
        return {touch: self.memory.receipts.get((store, touch)) for touch in touches}

    def touches(self, store: str, customer: str) -> Sequence[Touch]:
        records = self.memory.touches.get((store, customer), {}).values()
        return sorted(records, key=lambda touch: (touch.at, touch.id))

    def park(self, store: str, customer: str, parked: ports.Parked) -> None:
        self.memory.parked[store, customer, parked.id] = parked
        held = self.load(store, customer)
        count = sum(1 for key in self.memory.parked if key[:2] == (store, customer))
        profile = replace(held.profile, version=held.profile.version + 1)
        self.memory.customers[store, customer] = replace(held, profile=profile, parked=count)

    def due(self, store: str) -> Sequence[str]:
        found = [key[1] for key, customer in self.memory.customers.items() if key[0] == store and customer.profile.wake]
        return sorted(found)


@dataclass(frozen=True, slots=True)
class MemoryDirectory:
    memory: Memory

    def owner_or_claim(self, store: str, alias: Alias, candidate: str) -> str:
        item = self.memory.aliases.setdefault((store, alias), AliasItem())
        item.owner = item.owner or candidate
        return item.owner

    def owner_or_park(self, store: str, alias: Alias, event: events.Event, since: datetime) -> str | None:
        item = self.memory.aliases.setdefault((store, alias), AliasItem())
        if item.owner is None and event not in item.facts:
            item.facts = (*item.facts, event)
        return item.owner

    def owner(self, store: str, alias: Alias) -> str | None:
        return self.memory.aliases.get((store, alias), AliasItem()).owner


@dataclass(frozen=True, slots=True)
class MemoryLine:
    """Hands each event to whoever runs the queues; every telling arrives."""

    deliver: Callable[[events.Event, str, Lane], None]

    def join(self, event: events.Event, customer: str, lane: Lane, fresh: str | None = None) -> None:
        self.deliver(events.from_json(events.to_json(event)), customer, lane)


@dataclass(slots=True)
class MemoryTimers:
    """`armed` are the live schedules by name; `used` are all the names there ever were."""

    now: Callable[[], datetime]
    armed: dict[str, tuple[datetime, str, events.WakeDue, Wake]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def arm(self, store: str, customer: str, epoch: int, wake: Wake) -> None:
        name = schedule_name(customer, epoch, wake.n)
        if name in self.used:
            return
        at = max(wake.at, self.now() + timedelta(seconds=60))
        ring = events.WakeDue(
            type="WakeDue", id=f"wake:{name}", store=store, occurred_at=at, customer=customer, epoch=epoch, n=wake.n
        )
        self.used.add(name)
        self.armed[name] = (at, customer, ring, wake)

    def cancel(self, customer: str, epoch: int, n: int) -> None:
        self.armed.pop(schedule_name(customer, epoch, n), None)


@dataclass(slots=True)
class MemorySender:
    """Keeps what it was asked to send. `answer` may be replaced by a test to refuse, release or stay silent."""

    sent: list[ports.Outgoing] = field(default_factory=list)
    answer: Callable[[ports.Outgoing], ports.Reply | None] = lambda message: ports.Reply("accepted", provider_id="ok")

    def send(self, message: ports.Outgoing) -> ports.Reply | None:
        self.sent.append(message)
        return self.answer(message)


@dataclass(frozen=True, slots=True)
class MemoryParking:
    memory: Memory

    def park(self, parked: ports.Parked) -> None:
        self.memory.parked.setdefault((parked.store, None, parked.id), parked)

    def parked(self, store: str) -> Sequence[ports.Parked]:
        found = [parked for key, parked in self.memory.parked.items() if key[0] == store]
        for (owner_store, alias), item in self.memory.aliases.items():
            if owner_store == store:
                found += [ports.alias_fact(store, alias.kind, fact) for fact in item.facts]
        return sorted(found, key=lambda parked: (parked.parked_at, parked.id))

    def content(self, parked: ports.Parked) -> str:
        return parked.content

    def remove(self, parked: ports.Parked) -> None:
        gone = self.memory.parked.pop((parked.store, parked.customer, parked.id), None)
        if gone is not None and gone.customer is not None:
            held = self.memory.customers[parked.store, gone.customer]
            self.memory.customers[parked.store, gone.customer] = replace(held, parked=held.parked - 1)


@dataclass(frozen=True, slots=True)
class MemoryPauses:
    memory: Memory

    def paused(self, store: str) -> frozenset[Pause]:
        return self.memory.pauses.get(store, frozenset())

    def pause(self, store: str, pause: Pause) -> None:
        self.memory.pauses[store] = self.paused(store) | {pause}

    def resume(self, store: str, pause: Pause) -> None:
        self.memory.pauses[store] = self.paused(store) - {pause}


@dataclass(frozen=True, slots=True)
class MemoryVersions:
    memory: Memory

    def keep(self, store: str, journey: Journey) -> None:
        self.memory.versions[store, version_of(journey)] = journey

    def find(self, store: str, version: str) -> Journey | None:
        return self.memory.versions.get((store, version))


@dataclass(frozen=True, slots=True)
class MemorySecrets:
    webhooks: Mapping[Key, Secrets]

    def webhook(self, store: str, platform: str) -> Secrets | None:
        return self.webhooks.get((store, platform))


@dataclass(frozen=True, slots=True)
class MemoryBodies:
    memory: Memory

    def keep(self, key: str, body: str) -> None:
        self.memory.bodies[key] = body

    def fetch(self, key: str) -> str | None:
        return self.memory.bodies.get(key)
