"""The in-memory twins: the same answers as the AWS adapters, for tests and for simulated years.

They hold the frozen values themselves. One contract suite (tests/adapters) runs against both.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from perennial import events, ports
from perennial.adapters import overflow
from perennial.adapters.memory_effects import MemoryBodies as MemoryBodies
from perennial.adapters.memory_effects import MemoryLine as MemoryLine
from perennial.adapters.memory_effects import MemorySecrets as MemorySecrets
from perennial.adapters.memory_effects import MemorySender as MemorySender
from perennial.adapters.memory_effects import MemoryTimers as MemoryTimers
from perennial.afterwards import as_it_was
from perennial.customer import Customer, Touch, stranger
from perennial.decide import Decision
from perennial.identity import Alias
from perennial.journeys import Journey, version_of
from perennial.ledger import Entry, in_order
from perennial.orders import Order
from perennial.pauses import Pause
from perennial.receipts import Receipts, TouchRef
from perennial.suppression import Left

Key = tuple[str, str]
"""A store and an id in it."""


@dataclass(slots=True)
class AliasItem:
    owner: str | None = None
    facts: tuple[events.Event, ...] = ()
    since: datetime | None = None
    left: Left | None = None


@dataclass(slots=True)
class Memory:
    """What all twins of one world share."""

    customers: dict[Key, Customer] = field(default_factory=dict)
    archive: dict[tuple[str, str, str], Order] = field(default_factory=dict)
    touches: dict[Key, dict[str, Touch]] = field(default_factory=lambda: defaultdict(dict))
    receipts: dict[Key, Receipts] = field(default_factory=dict)
    texts: dict[str, TouchRef] = field(default_factory=dict)
    numbers: dict[str, set[Key]] = field(default_factory=lambda: defaultdict(set))
    aliases: dict[tuple[str, Alias], AliasItem] = field(default_factory=dict)
    parked: dict[tuple[str, str | None, str], ports.Parked] = field(default_factory=dict)
    pauses: dict[str, frozenset[Pause]] = field(default_factory=dict)
    versions: dict[Key, Journey] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    ledger: dict[Key, dict[str, Entry]] = field(default_factory=lambda: defaultdict(dict))
    put_off: dict[tuple[str, ...], tuple[object, datetime, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemoryCustomers:
    memory: Memory

    def load(self, store: str, customer: str) -> Customer:
        return self.memory.customers.get((store, customer)) or stranger(store, customer)

    def archived(self, store: str, customer: str, order_id: str) -> Order | None:
        return self.memory.archive.get((store, customer, order_id))

    def commit(self, decision: Decision, adopted: Mapping[Alias, int]) -> ports.Result:
        before = decision.before.profile
        store, customer = before.store, before.customer
        present = self.load(store, customer)
        if present.profile.version != before.version:
            return ports.Overtaken()
        mine = {customer, *before.merged}
        in_the_way = [self._held(store, alias, mine, adopted.get(alias)) for alias in decision.aliases]
        held = tuple(entry for entry in in_the_way if entry is not None)
        if held:
            return ports.Taken(held)
        for alias in decision.aliases:
            held_before = self.memory.aliases.get((store, alias), AliasItem())
            self.memory.aliases[store, alias] = AliasItem(customer, left=held_before.left)
        self._keep(decision, present)
        return ports.Committed()

    def commit_both(self, winner: Decision, loser: Decision) -> ports.Committed | ports.Overtaken:
        told = [(one, self.load(one.before.profile.store, one.before.profile.customer)) for one in (winner, loser)]
        if any(one.before.profile.version != present.profile.version for one, present in told):
            return ports.Overtaken()
        for one, present in told:
            self._keep(one, present)
        return ports.Committed()

    def record(self, store: str, customer: str, touch: str) -> Touch | None:
        return next((one for one in self.touches(store, customer) if one.id == touch), None)

    def _keep(self, decision: Decision, present: Customer) -> None:
        store, customer = present.profile.store, present.profile.customer
        self._keep_orders(store, customer, replace(decision.after, parked=present.parked))
        self._keep_touches(store, customer, decision)
        self._keep_texts(store, customer, decision)
        for entry in decision.ledger:
            self.memory.ledger[store, customer].setdefault(entry.id, entry)

    def _held(self, store: str, alias: Alias, us: Collection[str], adopted: int | None) -> ports.Held | None:
        item = self.memory.aliases.get((store, alias), AliasItem())
        mine = item.owner in us and (adopted is not None or alias.kind != "order")
        known = item.left is None or adopted is not None
        free = (mine or item.owner is None) and len(item.facts) == (adopted or 0) and known
        return None if free else ports.Held(alias, item.owner, item.facts, item.left)

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

    def _keep_texts(self, store: str, customer: str, decision: Decision) -> None:
        if decision.send is not None and decision.send.go.channel == "text":
            self.memory.numbers[decision.send.go.address].add((store, customer))
        for ending in decision.endings:
            mark = decision.before.profile.claims.get(ending.touch)
            if ending.provider_id and mark is not None and mark.channel == "text":
                self.memory.texts[ending.provider_id] = TouchRef(store, customer, ending.touch)

    def receipts(self, store: str, customer: str, touches: Collection[str]) -> Mapping[str, datetime | None]:
        return {touch: self.memory.receipts.get((store, touch), Receipts()).at("accepted") for touch in touches}

    def touches(self, store: str, customer: str) -> Sequence[Touch]:
        records = self.memory.touches.get((store, customer), {}).values()
        told = (as_it_was(touch, self.memory.receipts.get((store, touch.id), Receipts())) for touch in records)
        return sorted(told, key=lambda touch: (touch.at, touch.id))

    def ledger(self, store: str, customer: str) -> Sequence[Entry]:
        return sorted(self.memory.ledger.get((store, customer), {}).values(), key=in_order)

    def park(self, store: str, customer: str, parked: ports.Parked) -> None:
        self.memory.parked[store, customer, parked.id] = parked
        held = self.load(store, customer)
        count = sum(1 for key in self.memory.parked if key[:2] == (store, customer))
        profile = replace(held.profile, version=held.profile.version + 1)
        self.memory.customers[store, customer] = replace(held, profile=profile, parked=count)

    def due(self, store: str) -> Sequence[str]:
        return sorted(key[1] for key, known in self.memory.customers.items() if key[0] == store and known.profile.wake)


@dataclass(frozen=True, slots=True)
class MemoryDirectory:
    memory: Memory

    def owner_or_claim(self, store: str, alias: Alias, candidate: str) -> str:
        item = self.memory.aliases.setdefault((store, alias), AliasItem())
        item.owner = item.owner or candidate
        return item.owner

    def owner_or_park(self, store: str, alias: Alias, event: events.Event, since: datetime) -> str | None:
        item = self.memory.aliases.setdefault((store, alias), AliasItem())
        if item.owner is not None or event in item.facts:
            return item.owner
        if overflow.fits(*item.facts, event):
            item.facts, item.since = (*item.facts, event), item.since or since
        else:
            self.memory.parked.setdefault((store, None, event.id), overflow.by_itself(store, alias, event))
        return None

    def owner(self, store: str, alias: Alias) -> str | None:
        return self.memory.aliases.get((store, alias), AliasItem()).owner

    def take_over(self, store: str, alias: Alias, erased: str, heir: str) -> str:
        item = self.memory.aliases.setdefault((store, alias), AliasItem())
        item.owner = heir if item.owner in (None, erased) else item.owner
        return item.owner or heir


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
