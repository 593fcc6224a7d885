"""The twin of what a person leaves behind."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from perennial import events, ports
from perennial.adapters.memory import AliasItem, Key, Memory, MemoryParking
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

    def withdraw(self, store: str, alias: Alias, fact: events.Event) -> bool:
        item = self.memory.aliases.get((store, alias), AliasItem())
        waited = fact in item.facts
        item.facts = tuple(held for held in item.facts if held != fact)
        if not item.facts and item.owner is None:
            self.memory.aliases.pop((store, alias), None)
        return waited

    def drop(self, store: str, customer: str, alias: Alias) -> None:
        if self.memory.aliases.get((store, alias), AliasItem()).owner == customer:
            del self.memory.aliases[store, alias]

    def empty(self, store: str, names: Sequence[str], enough: ports.Enough, after: str = "") -> ports.Cleared:
        found: Counter[str] = Counter()
        for place, kind, empty in sorted(self._behind(store, names), key=lambda held: held[0]):
            if place > after:
                found[kind] += empty()
                if enough():
                    return ports.Cleared(ports.Emptied(**found), place)
        return ports.Cleared(ports.Emptied(**found))

    def _behind(self, store: str, names: Sequence[str]) -> Iterator[tuple[str, str, Callable[[], bool]]]:
        """What lies behind the live items: its place, under what it counts, and how it is emptied."""
        me = store, names[0]
        for word in self.memory.ledger.get(me, {}):
            yield f"K#{word}", "words", partial(self._delete_word, me, word)
        for key in self.memory.parked:
            if key[:2] == me:
                yield f"L#parked#{key[2]}", "parked", partial(self._unpark, key)
        for order in self.memory.archive:
            if order[:2] == me:
                yield f"O#{order[2]}", "orders", partial(self._bare_order, order, names)
        for touch in self.memory.touches.get(me, {}):
            yield f"T#{touch}", "touches", partial(self._bare_touch, me, touch)

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

    def purge(self, store: str, values: Collection[str], enough: ports.Enough, after: str = "") -> ports.Cleared:
        wanted = [value.lower() for value in values]
        held = {f"{store != key[0]:d} {key[2]} {key[1]}": key for key in self.memory.parked if key[0] in (store, "-")}
        found = 0
        for place in sorted(place for place in held if place > after):
            if any(value in self.memory.parked[held[place]].content.lower() for value in wanted):
                MemoryParking(self.memory).remove(self.memory.parked[held[place]])
                found += 1
            if enough():
                return ports.Cleared(ports.Emptied(parked=found), place)
        return ports.Cleared(ports.Emptied(parked=found))

    def _delete_word(self, me: Key, word: str) -> bool:
        return self.memory.ledger[me].pop(word, None) is not None

    def _unpark(self, key: tuple[str, str | None, str]) -> bool:
        MemoryParking(self.memory).remove(self.memory.parked[key])
        return True

    def _bare_order(self, key: tuple[str, str, str], names: Sequence[str]) -> bool:
        order = self.memory.archive[key]
        for number in tracking_numbers(order):
            for name in names:
                self.drop(key[0], name, Alias("tracking", number))
        self.memory.archive[key] = bare = bare_order(order)
        return bare is not order

    def _bare_touch(self, me: Key, name: str) -> bool:
        touch = self.memory.touches[me][name]
        self.memory.touches[me][name] = bare = bare_touch(touch)
        return bare != touch


def _of_stores(memory: Memory) -> list[dict[Any, Any]]:
    """All that belongs to stores."""
    return [
        *(memory.customers, memory.archive, memory.touches, memory.aliases, memory.parked),
        *(memory.pauses, memory.versions, memory.ledger),
    ]
