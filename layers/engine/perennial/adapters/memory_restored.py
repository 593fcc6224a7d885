"""The twin of a table that was restored. What a restore of it holds is whole: only DynamoDB's may be torn."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from perennial.adapters.memory import AliasItem, Memory


@dataclass(frozen=True, slots=True)
class MemoryRestored:
    memory: Memory
    places: dict[tuple[str, int], str] = field(default_factory=dict)

    def customers(self, store: str, after: str | None = None) -> Iterator[str]:
        names = sorted(name for owner, name in self.memory.customers if owner == store)
        return (name for name in names if after is None or name > after)

    def newcomers(self, store: str, was: "MemoryRestored") -> Iterator[str]:
        return (name for name in was.customers(store) if (store, name) not in self.memory.customers)

    def adopt(self, store: str, was: "MemoryRestored", customer: str) -> None:
        ours, theirs = self.memory, was.memory
        ours.archive |= {key: order for key, order in theirs.archive.items() if key[:2] == (store, customer)}
        ours.parked |= {key: held for key, held in theirs.parked.items() if key[:2] == (store, customer)}
        records = theirs.touches.get((store, customer), {})
        ours.touches[store, customer] = dict(records)
        ours.receipts |= {
            (store, touch): theirs.receipts[store, touch] for touch in records if (store, touch) in theirs.receipts
        }
        ours.ledger[store, customer] = dict(theirs.ledger.get((store, customer), {}))
        ours.customers[store, customer] = theirs.customers[store, customer]

    def adopt_aliases(self, store: str, was: "MemoryRestored", customers: Collection[str]) -> None:
        for (owner, alias), item in was.memory.aliases.items():
            if owner == store and item.owner in customers and (owner, alias) not in self.memory.aliases:
                self.memory.aliases[owner, alias] = AliasItem(item.owner, item.facts, item.since, item.left)

    def adopt_versions(self, store: str, was: "MemoryRestored") -> None:
        self.memory.versions |= {key: journey for key, journey in was.memory.versions.items() if key[0] == store}

    def reached(self, store: str, epoch: int) -> str | None:
        return self.places.get((store, epoch))

    def reach(self, store: str, epoch: int, customer: str) -> None:
        self.places[store, epoch] = customer

    def is_torn(self, store: str, customer: str) -> bool:
        return False

    def mend(self, store: str, customer: str) -> None:
        """Nothing is ever torn here."""
