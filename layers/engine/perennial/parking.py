"""What is kept because nobody can apply it yet, and the port that keeps it (ports.py)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from perennial.events import ConsentEvent, CustomersMerged, CustomerUpdated, DeviceEvent, Event, to_json

ParkedKind = Literal["body", "event", "alias", "newcomer", "request", "report"]


@dataclass(frozen=True, slots=True)
class Parked:
    """Kept because nobody can apply it yet: an unreadable body, an event whose rule fails, a legal request.

    `stored_as` is where the content lies in the bucket if it was too large to be kept here.
    """

    id: str
    store: str
    kind: ParkedKind
    reason: str
    parked_at: datetime
    content: str
    platform: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    customer: str | None = None
    stored_as: str | None = None


def of_a_newcomer(event: Event) -> bool:
    """Whether what waits for an owner is only about a person: they may never buy, and nobody need look into it."""
    return isinstance(event, ConsentEvent | CustomerUpdated | CustomersMerged | DeviceEvent)


def alias_fact(store: str, kind: str, fact: Event) -> Parked:
    """A fact that waits at an alias, as it is shown beside what else is parked."""
    newcomer = of_a_newcomer(fact)
    return Parked(
        id=fact.id,
        store=store,
        kind="newcomer" if newcomer else "alias",
        reason="waits for this person's first order" if newcomer else f"nobody owns this {kind} yet",
        parked_at=fact.received_at or fact.occurred_at,
        content=to_json(fact),
    )


class Parking(Protocol):
    """What waits for a person, store by store. Facts parked on an alias or with a customer are listed here too."""

    def park(self, parked: Parked) -> None:
        """Parking the same id again changes nothing."""

    def parked(self, store: str) -> Sequence[Parked]:
        """Oldest first."""

    def content(self, parked: Parked) -> str:
        """What was kept, wherever it lies."""

    def remove(self, parked: Parked) -> None:
        """Not what waits at an alias: `Traces.withdraw`."""
