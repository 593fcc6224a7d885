"""What a rearming works on: whole tables, as nobody else looks at them, and what is armed."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Protocol, Self

from perennial.ports import Customers
from perennial_cli.rearm.orphans import Armed


class Restored(Protocol):
    """A table as a whole, as nobody but a rearming looks at it."""

    def customers(self, store: str, after: str | None = None) -> Iterator[str]:
        """Everybody of a store, in an order that stays, from the one that follows `after`."""

    def newcomers(self, store: str, was: Self) -> Iterator[str]:
        """Whoever the table as it was knows and this one does not."""

    def adopt(self, store: str, was: Self, customer: str) -> None:
        """Everything of theirs, the profile last."""

    def adopt_aliases(self, store: str, was: Self, customers: Collection[str]) -> None:
        """What led to these customers leads to them again, where nothing else has come in its place."""

    def adopt_versions(self, store: str, was: Self) -> None:
        """Journeys as passages began with them in the lost time."""

    def reached(self, store: str, epoch: int) -> str | None:
        """The last customer of a rearming that was written down."""

    def reach(self, store: str, epoch: int, customer: str) -> None:
        """Writes down the last customer."""

    def is_torn(self, store: str, customer: str) -> bool:
        """Whether the live items are halves of different commits."""

    def mend(self, store: str, customer: str) -> None:
        """Makes whole what a restore has torn."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The table as restored; the table as it was, and its customers, if it is to be had; and what is armed."""

    restored: Restored
    was: Restored | None
    past: Customers | None
    schedules: Callable[[], Iterator[Armed]]
