"""The twin of what a person leaves behind."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from perennial import ports
from perennial.adapters.memory import AliasItem, Memory
from perennial.books import bare_order, bare_touch
from perennial.identity import Alias
from perennial.orders import Order, tracking_numbers
from perennial.suppression import Left


@dataclass(frozen=True, slots=True)
class MemoryTraces:
    memory: Memory

    def bury(self, store: str, customer: str, alias: Alias, left: Left | None, *, again: bool = False) -> bool:
        item = self.memory.aliases.setdefault((store, alias), AliasItem())
        if item.owner not in (None, customer):
            return False
        item.owner, item.facts, item.since = customer, (), None
        item.left = item.left if (again and item.left) or left is None else left
        return True

    def drop(self, store: str, customer: str, alias: Alias) -> None:
        if self.memory.aliases.get((store, alias), AliasItem()).owner == customer:
            del self.memory.aliases[store, alias]

    def empty(self, store: str, customer: str) -> ports.Emptied:
        return ports.Emptied(
            self._archive(store, customer),
            self._touches(store, customer),
            len(self.memory.ledger.pop((store, customer), {})),
            self._parked(store, customer),
        )

    def archive(self, store: str, customer: str) -> Sequence[Order]:
        mine = {key[2]: order for key, order in self.memory.archive.items() if key[:2] == (store, customer)}
        return [mine[name] for name in sorted(mine)]

    def everybody(self, store: str) -> Iterator[str]:
        yield from [name for owner_store, name in self.memory.customers if owner_store == store]

    def clear(self, store: str) -> int:
        return sum(self._clear(held, store) for held in _of_stores(self.memory))

    @staticmethod
    def _clear(held: dict[Any, Any], store: str) -> int:
        """Keys are the store, or begin with it."""
        mine = [key for key in held if (key if isinstance(key, str) else key[0]) == store]
        for key in mine:
            del held[key]
        return len(mine)

    def purge(self, store: str, values: Collection[str]) -> int:
        wanted = [value.lower() for value in values]
        found = [
            key
            for key, parked in self.memory.parked.items()
            if key[0] in (store, "-") and any(value in parked.content.lower() for value in wanted)
        ]
        for key in found:
            del self.memory.parked[key]
        return len(found)

    def _archive(self, store: str, customer: str) -> int:
        mine = {key: order for key, order in self.memory.archive.items() if key[:2] == (store, customer)}
        for order in mine.values():
            for number in tracking_numbers(order):
                self.drop(store, customer, Alias("tracking", number))
        bare = {key: bare_order(order) for key, order in mine.items() if bare_order(order) is not order}
        self.memory.archive.update(bare)
        return len(bare)

    def _touches(self, store: str, customer: str) -> int:
        records = self.memory.touches.get((store, customer), {})
        bare = {name: bare_touch(touch) for name, touch in records.items() if bare_touch(touch) != touch}
        records.update(bare)
        return len(bare)

    def _parked(self, store: str, customer: str) -> int:
        mine = [key for key in self.memory.parked if key[:2] == (store, customer)]
        for key in mine:
            del self.memory.parked[key]
        held = self.memory.customers.get((store, customer))
        if held is not None:
            self.memory.customers[store, customer] = replace(held, parked=0)
        return len(mine)


def _of_stores(memory: Memory) -> list[dict[Any, Any]]:
    """All that belongs to stores."""
    return [
        *(memory.customers, memory.archive, memory.touches, memory.aliases, memory.parked),
        *(memory.pauses, memory.versions, memory.ledger),
    ]
