"""What a run of one event did, as it is logged and counted: only ids, reasons and seconds."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from perennial import events
from perennial.customer import Customer, Wake
from perennial.ports import Emptied


@dataclass(frozen=True, slots=True)
class Report:
    """`unsent` is what no provider said yes to, and why; `lag` how many seconds late a wake was worked; an erasure that
    `goes_on` has joined the line once more. `undecided` are journeys that were not begun because their condition fails,
    and how it does; `failed` are touches that ended unsent because their own condition or message does.
    """

    outcome: Literal["applied", "unchanged", "parked", "forwarded"]
    customer: str
    claimed: tuple[str, ...] = ()
    unsent: dict[str, str] = field(default_factory=dict)
    reason: str | None = None
    emptied: Emptied | None = None
    goes_on: bool = False
    lag: float | None = None
    unbalanced: bool = False
    undecided: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def as_log(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value}


def lag_of(event: events.Event, before: Wake | None, now: datetime) -> float | None:
    """Seconds by which the customer's own wake is worked late, beyond what it may be spread by; None for the rest."""
    if not isinstance(event, events.WakeDue) or before is None or event.n != before.n:
        return None
    spread = timedelta(minutes=before.flexible_minutes)
    return max(0.0, (now - event.occurred_at - spread).total_seconds())


def is_unbalanced(customer: Customer) -> bool:
    """Law 2, asked of what was committed: whoever has a journey under way or a claim in doubt has a wake ahead."""
    profile = customer.profile
    return profile.wake is None and bool(customer.enrolments or profile.claims)
