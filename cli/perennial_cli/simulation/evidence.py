"""What the laws are checked over: the log of the outside world, the table at the end, and what is true of the people.

None of the engine's rules is used here. Content is read as data: what the YAML says, not what the engine makes of it.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from perennial import events
from perennial.customer import Customer, Touch
from perennial.journeys import Journey
from perennial.store import Store
from perennial_cli.simulation.log import Log, Record
from perennial_cli.simulation.people import Person


@dataclass(frozen=True, slots=True)
class Breach:
    """A law that did not hold. `customer` leads to the story."""

    law: int
    words: str
    at: datetime | None = None
    customer: str | None = None


@dataclass(slots=True)
class Tally:
    """One law over one shop, or over many. `kinds` counts checks that have a name of their own."""

    law: int
    checks: int = 0
    breaches: list[Breach] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def check(self, holds: bool, words: str, record: Record, kind: str = "") -> None:
        self.checks += 1
        if kind:
            self.kinds[kind] += 1
        if not holds:
            self.breaches.append(Breach(self.law, words, record.get("at"), record.get("customer")))


@dataclass(frozen=True, slots=True)
class Restore:
    """The table was put back: what happened from `restored_to` until `until` it has forgotten. It stands since
    `back_at`; what can wait went on at `resumed_at`. `told`: the table as it was has been read. `strangers` are
    customers that it does not know any more.
    """

    restored_to: datetime
    until: datetime
    back_at: datetime
    told: bool
    resumed_at: datetime | None = None
    strangers: frozenset[str] = frozenset()


@dataclass
class Evidence:
    """`journeys` are all versions that were ever deployed, `once` the messages that go once per order, `channels` the
    ways of each message, the first one first; `waiting` are messages left in queues, `parked` is what is shown as
    parked, `remains` all that is held of those who were erased.
    """

    log: Log
    store: Store
    people: tuple[Person, ...]
    journeys: Mapping[str, Journey]
    touches: Mapping[str, Mapping[str, Touch]]
    customers: Mapping[str, Customer]
    ends: datetime
    waiting: int = 0
    parked: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()
    remains: Mapping[str, str] = field(default_factory=dict)
    restore: Restore | None = None
    channels: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def by_address(self) -> Mapping[str, Person]:
        told = {email: person for person in self.people for email in person.emails}
        told |= {number: person for person in self.people for number in person.phones}
        return told | {person.device: person for person in self.people if person.device}

    @cached_property
    def applied_at(self) -> Mapping[str, Sequence[datetime]]:
        """When each event was applied, by its id."""
        found = defaultdict(list)
        for record in self.log.of("applied"):
            found[record["event"].id].append(record["at"])
        return found

    @cached_property
    def erased_at(self) -> Mapping[str, Sequence[datetime]]:
        """When requests to forget somebody were applied, by customer."""
        found = defaultdict(list)
        for record in self.log.of("applied"):
            if isinstance(record["event"], events.PrivacyEvent):
                found[record["customer"]].append(record["at"])
        return found

    @cached_property
    def forgotten_at(self) -> Mapping[int, datetime]:
        """When the last request to forget a person was applied, by the person's number."""
        told = [record for record in self.log.of("applied") if isinstance(record["event"], events.PrivacyEvent)]
        asked = [(self.by_address.get(record["event"].contact.email), record["at"]) for record in told]
        return {person.number: at for person, at in asked if person is not None}

    @cached_property
    def merged_into(self) -> Mapping[str, str]:
        """By the name of everybody who turned out to be another: whom."""
        return {record["loser"]: record["winner"] for record in self.log.of("merged")}

    def root(self, customer: str) -> str:
        """Who somebody is when all is over."""
        while customer in self.merged_into:
            customer = self.merged_into[customer]
        return customer

    @cached_property
    def merging_runs(self) -> frozenset[int]:
        """Runs that worked on two customers."""
        return frozenset(record["run"] for record in self.log.of("merging", "merged"))

    @cached_property
    def faulty_runs(self) -> frozenset[int]:
        """Runs in which something was made to go wrong."""
        return frozenset(record["run"] for record in self.log.of("fault") if "run" in record)
