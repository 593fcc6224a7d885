"""The twin of the due index."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from perennial import ports
from perennial.adapters.memory import Memory


@dataclass(frozen=True, slots=True)
class MemoryOverdue:
    memory: Memory

    def find(self, store: str, kind: ports.LateKind, before: datetime, most: int) -> Iterator[ports.Late]:
        known = self._wakes(store) if kind == "wake" else (*self._aliases(store), *self._parked(store))
        met = sorted((self._met(late) for late in known), key=lambda late: (late.at, late.place))
        yield from [late for late in met if late.at <= before][:most]

    def put_off(self, late: ports.Late, until: datetime) -> None:
        self.memory.put_off[late.place] = (self._stamp(late.place), until, late.looks + 1)

    def take_facts(self, late: ports.Late) -> None:
        for (store, alias), item in self.memory.aliases.items():
            if late.place == (f"{store}#A#{alias}", "alias") and item.facts == late.facts:
                item.facts, item.since = (), None

    def give_up(self, late: ports.Late) -> None:
        for (store, alias), item in list(self.memory.aliases.items()):
            if late.place == (f"{store}#A#{alias}", "alias") and item.facts == late.facts and item.owner is None:
                del self.memory.aliases[store, alias]

    def _met(self, late: ports.Late) -> ports.Late:
        """Where it was put off, and has not changed since, it stands there."""
        stamp, until, looks = self.memory.put_off.get(late.place, (None, late.at, 0))
        return replace(late, at=until, looks=looks) if stamp == self._stamp(late.place) else late

    def _stamp(self, place: tuple[str, str]) -> object:
        """What every commit changes."""
        store, _, customer = place[0].partition("#C#")
        held = self.memory.customers.get((store, customer))
        return held.profile.commit if held and place[1] == "L#profile" else place

    def _wakes(self, store: str) -> tuple[ports.Late, ...]:
        return tuple(
            ports.Late(
                store, (f"{store}#C#{name}", "L#profile"), held.profile.wake.at, owner=name, lane=held.profile.wake.lane
            )
            for (owner_store, name), held in self.memory.customers.items()
            if owner_store == store and held.profile.wake
        )

    def _aliases(self, store: str) -> tuple[ports.Late, ...]:
        return tuple(
            ports.Late(store, (f"{store}#A#{alias}", "alias"), item.since, owner=item.owner, facts=item.facts)
            for (owner_store, alias), item in self.memory.aliases.items()
            if owner_store == store and item.facts and item.since
        )

    def _parked(self, store: str) -> tuple[ports.Late, ...]:
        return tuple(
            ports.Late(store, (f"{store}#X#{key[1]}#{key[2]}", "parked"), parked.parked_at)
            for key, parked in self.memory.parked.items()
            if key[0] == store
        )
