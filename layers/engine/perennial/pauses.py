"""The switch that needs no deploy: what is paused in a store, and whether that holds a touch."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from perennial.planning import Planned

Scope = Literal["store", "class", "journey", "message", "lost"]

RECHECK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """`name` is empty for the whole store. What is `lost` holds nothing: lost.py says what it does."""

    scope: Scope
    name: str = ""

    def __str__(self) -> str:
        return f"{self.scope} {self.name}".rstrip()


def holding(pauses: frozenset[Pause], planned: Planned) -> Pause | None:
    """The pause that holds this touch. What the customer needs is held only where it is paused by name."""
    by_name = (
        Pause("message", planned.message.message),
        Pause("journey", planned.journey.journey),
        Pause("class", planned.class_),
    )
    scopes = by_name if planned.class_ == "transactional" else (*by_name, Pause("store"))
    return next((pause for pause in scopes if pause in pauses), None)


def next_look(now: datetime) -> datetime:
    """When to look again at something whose end nobody knows: full hours, so that looking twice changes nothing."""
    return now.replace(minute=0, second=0, microsecond=0) + RECHECK
