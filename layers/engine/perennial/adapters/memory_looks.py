"""The in-memory twin of what pages read."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from perennial import documents
from perennial.adapters.memory import Memory
from perennial.customer import Customer, Lane, stranger
from perennial.events import Event, from_json
from perennial.journeys import Journey
from perennial.links import KeyRing
from perennial.orders import Order
from perennial.pages.telling import Told
from perennial.visitors import Trace, Visitor, trace_of, visitor_of


@dataclass(frozen=True, slots=True)
class MemoryLooks:
    memory: Memory

    def visitor(self, store: str, customer: str) -> Visitor | None:
        found = self.memory.customers.get((store, customer))
        return visitor_of(json.loads(documents.write(found.profile))) if found else None

    def trace(self, store: str, customer: str, touch: str) -> Trace | None:
        found = self.memory.touches.get((store, customer), {}).get(touch)
        return trace_of(json.loads(documents.write(found))) if found else None

    def order(self, store: str, customer: str, order_id: str) -> Order | None:
        return self.memory.archive.get((store, customer, order_id))

    def version(self, store: str, version: str) -> Journey | None:
        return self.memory.versions.get((store, version))

    def customer(self, store: str, customer: str) -> Customer:
        return self.memory.customers.get((store, customer)) or stranger(store, customer)


@dataclass(frozen=True, slots=True)
class MemoryTelling:
    """Reads what it is told with the events' own models, as the other end of the line does."""

    join: Callable[[Event, str, Lane], None]

    def tell(self, told: Told, customer: str) -> None:
        self.join(from_json(told.document), customer, "urgent")


@dataclass(slots=True)
class MemoryLinkKeys:
    """`next` is the ring that a second look finds."""

    current: KeyRing
    next: KeyRing | None = None

    def ring(self) -> KeyRing:
        return self.current

    def renewed(self) -> KeyRing:
        self.current = self.next or self.current
        return self.current
