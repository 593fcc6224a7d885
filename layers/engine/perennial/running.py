"""A run of one event while it is under way (advancing.py)."""

from dataclasses import dataclass, field

from perennial import events
from perennial.customer import Customer, Wake
from perennial.decide import Input
from perennial.identity import Alias
from perennial.outside import ForAdvancing
from perennial.store import Store
from perennial.suppression import Left


@dataclass(slots=True)
class Run:
    """The customer as last committed, what is to be decided about, what was found out.

    `adopted` are the facts that waited at aliases this event registers; `left` are those of somebody who was erased;
    `left_alone` are aliases of somebody else; `archived` says that the event's order may lie in the archive; `armed` is
    the wake that was armed before this run; `undecided` says of journeys why nobody can tell whether they begin,
    `failed` of touches why their message could not be judged or made.
    """

    outside: ForAdvancing
    store: Store
    event: events.Event
    customer: Customer
    inputs: tuple[Input, ...]
    adopted: dict[Alias, tuple[events.Event, ...]] = field(default_factory=dict)
    left: dict[Alias, Left] = field(default_factory=dict)
    left_alone: set[Alias] = field(default_factory=set)
    archived: bool = False
    broken: dict[str, str] = field(default_factory=dict)
    claimed: dict[str, str | None] = field(default_factory=dict)
    undecided: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    changed: bool = False
    armed: Wake | None = None

    @property
    def me(self) -> str:
        return self.customer.profile.customer
