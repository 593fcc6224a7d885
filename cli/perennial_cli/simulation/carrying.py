"""Events too large for a queue go by way of the bucket, as on the real line; only that less is called large here."""

from dataclasses import dataclass
from typing import Any

from perennial import events, ports
from perennial.customer import Lane
from perennial.errors import Misconfigured

LARGE = 550
"""Characters: some orders have more."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """The line as use cases hold it; `line` and `bodies` may each go wrong by themselves."""

    line: Any
    bodies: ports.Bodies

    def join(self, event: events.Event, customer: str, lane: Lane, fresh: str | None = None) -> None:
        body = events.to_json(event)
        if len(body) > LARGE:
            self.bodies.keep(_key(event), body)
        self.line.join(event, customer, lane, fresh)


def fetched(event: events.Event, body: str, bodies: ports.Bodies) -> events.Event:
    """What a worker does before anything else. Told twice, an event lies there as it was told last.

    Raises Misconfigured if it is gone.
    """
    if len(body) <= LARGE:
        return event
    stored = bodies.fetch(_key(event))
    if stored is None:
        raise Misconfigured(f"the body of {event.id} is gone from the bucket")
    return events.from_json(stored)


def _key(event: events.Event) -> str:
    return f"events/{event.store}/{event.id}"
