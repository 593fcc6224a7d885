"""The ports of those who tidy up: large bodies, what time has passed by, what a person leaves behind (ports.py)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from perennial.events import Event

if TYPE_CHECKING:
    from perennial.customer import Lane
    from perennial.identity import Alias
    from perennial.orders import Order
    from perennial.suppression import Left


class Bodies(Protocol):
    """Bodies too large for a queue."""

    def keep(self, key: str, body: str) -> None: ...

    def fetch(self, key: str) -> str | None: ...

    def forget(self, key: str) -> None: ...

    def clear(self, prefix: str) -> int:
        """Forgets every body whose key begins so; how many there were."""


@dataclass(frozen=True, slots=True)
class Late:
    """Something whose time has passed by: a wake that never came, facts at an alias, whatever else is parked.

    `place` is where it lies, for its adapter alone. `looks` counts the sweeps that have met it. `owner` is whose line
    it belongs into, if that is known by now.
    """

    store: str
    place: tuple[str, str]
    at: datetime
    looks: int = 0
    owner: str | None = None
    lane: Lane = "urgent"
    facts: tuple[Event, ...] = ()


LateKind = Literal["wake", "parked"]


class Overdue(Protocol):
    """What time has passed by, found where it lies: the same index that lists what is due."""

    def find(self, store: str, kind: LateKind, before: datetime, most: int) -> Iterator[Late]:
        """The oldest first in each part of the index, and about as many as `most`."""

    def put_off(self, late: Late, until: datetime) -> None:
        """Not to be met again before then, unless it changes meanwhile."""

    def take_facts(self, late: Late) -> None:
        """Facts that have joined their owner's line wait no longer, unless others have come to them meanwhile."""

    def give_up(self, late: Late) -> None:
        """Facts that waited in vain are deleted, unless they have an owner, or company, by now."""


@dataclass(frozen=True, slots=True)
class Emptied:
    """What was made bare, or deleted, of one customer. Only counts: this is what is logged and reported."""

    orders: int = 0
    touches: int = 0
    words: int = 0
    parked: int = 0
    aliases: int = 0


Enough = Callable[[], bool]
"""Asked after each thing that was looked at: whether the rest is for another run."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """What one run did, and `after` what the next one goes on; None if nothing is left."""

    emptied: Emptied
    after: str | None = None


class Traces(Protocol):
    """What a person leaves in the table beside their live items. Each call may be made again, and then finds less."""

    def bury(self, store: str, customer: str, alias: Alias, left: Left | None, *, again: bool = False) -> bool:
        """From now on the alias tells that its customer left, and holds nothing that waits. True if it is theirs.

        `again`: what it tells already stays.
        """

    def withdraw(self, store: str, alias: Alias, fact: Event) -> bool:
        """The fact waits at the alias no longer; True if it did."""

    def drop(self, store: str, customer: str, alias: Alias) -> None:
        """The alias leads nowhere, if it led to this customer."""

    def empty(self, store: str, names: Sequence[str], enough: Enough, after: str = "") -> Cleared:
        """Makes archive and records of touches of the first of `names` bare, and deletes words about consent and parked
        events. Its parcels lead nowhere, whichever of the names they led to.
        """

    def archive(self, store: str, customer: str) -> Sequence[Order]:
        """Every order that no live enrolment needs: for people, never on the way of a message."""

    def everybody(self, store: str) -> Iterator[str]:
        """Every customer of a store: for people, and slow."""

    def clear(self, store: str) -> int:
        """Deletes every item of a store, whatever it is; how many there were."""

    def purge(self, store: str, values: Collection[str], enough: Enough, after: str = "") -> Cleared:
        """Deletes whatever is parked for anybody and holds one of these values. Facts at aliases are `bury`'s."""
