"""Facts that find no room where they would wait: DynamoDB's items take 400 KB, and an order may have many parcels."""

from perennial import events, ports
from perennial.identity import Alias

ITEM = 400_000
"""Bytes that an item takes; the twins leave its keys out of account."""


def fits(*facts: events.Event) -> bool:
    return sum(len(events.to_json(fact).encode()) for fact in facts) < ITEM


def by_itself(store: str, alias: Alias, fact: events.Event) -> ports.Parked:
    """Nobody adopts it: a person puts it back once the alias is known."""
    return ports.Parked(
        id=fact.id,
        store=store,
        kind="event",
        reason=f"nobody owns this {alias.kind} yet, and more waits for it than an item holds: put it back afterwards",
        parked_at=fact.received_at or fact.occurred_at,
        content=events.to_json(fact),
    )
