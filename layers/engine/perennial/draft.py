"""A decision while it is being made: a customer that may be changed, and what the changes ask of the world."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Self

from perennial.content import Content
from perennial.customer import Customer, Enrolment, Profile, Progress, State, Touch, touch_id
from perennial.errors import RuleFailed
from perennial.gates import Go
from perennial.identity import Alias
from perennial.journeys import Journey
from perennial.ledger import Entry
from perennial.orders import Order
from perennial.pauses import Pause
from perennial.planning import Planned
from perennial.store import Store

MOST_ENDS = 20
"""Touches that may end in one decision. An end may cost six writes (the touch, its enrolment, its order's way to the
archive), and a transaction takes a hundred; what is more ends with the next decision."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one call to a provider, as its invocation learned it.

    `refused` is for good, `released` is for the moment. `address_gone` asks to forget the device it went to.
    """

    touch: str
    nonce: str
    state: Literal["accepted", "refused", "released"]
    reason: str | None = None
    provider_id: str | None = None
    address_gone: str | None = None


@dataclass(frozen=True, slots=True)
class SamePerson:
    """Another customer is this person too, and cannot be united with them before `look_at`; None: that is over."""

    customer: str
    look_at: datetime | None


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything besides the customer and the event that a decision depends on.

    `evidence` says for claims past their grace when a provider accepted them, None if no receipt came; `broken` says
    why a touch cannot be rendered; `pinned` holds journey versions that are no longer deployed. `nonce` is minted
    outside; it names this decision's claim and commit.
    """

    now: datetime
    store: Store
    content: Content
    nonce: str
    pauses: frozenset[Pause] = frozenset()
    evidence: Mapping[str, datetime | None] = field(default_factory=dict)
    broken: Mapping[str, str] = field(default_factory=dict)
    pinned: Mapping[str, Journey] = field(default_factory=dict)

    def journeys(self) -> Iterator[Journey]:
        """The deployed journeys that this store runs."""
        chosen = self.store.journeys
        return (journey for name, journey in self.content.journeys.items() if not chosen or name in chosen)

    def journey(self, version: str) -> Journey:
        """The version an enrolment began with, deployed or kept. Raises RuleFailed."""
        found = self.content.versions.get(version) or self.pinned.get(version)
        if found is None:
            raise RuleFailed(f"journey version {version} is neither deployed nor kept")
        return found


@dataclass(frozen=True, slots=True)
class Send:
    """A claimed touch that this invocation, and no other, may hand to a provider."""

    touch: Touch
    planned: Planned
    go: Go


@dataclass(frozen=True, slots=True)
class Ending:
    """What changes in a record that was written earlier: how the claim of that touch ended."""

    touch: str
    state: State
    at: datetime
    reason: str | None = None
    provider_id: str | None = None


@dataclass(slots=True)
class Draft:
    """The parts of a customer, open to change; `freeze` gives back a value."""

    profile: Profile
    orders: dict[str, Order]
    enrolments: dict[str, Enrolment]
    parked: int
    setting: Setting
    touches: dict[str, Touch] = field(default_factory=dict)
    endings: dict[str, Ending] = field(default_factory=dict)
    aliases: list[Alias] = field(default_factory=list)
    ledger: list[Entry] = field(default_factory=list)
    versions: set[str] = field(default_factory=set)
    undecided: dict[str, str] = field(default_factory=dict)
    send: Send | None = None
    apart: frozenset[str] = frozenset()

    @classmethod
    def of(cls, customer: Customer, setting: Setting) -> Self:
        orders, enrolments = dict(customer.orders), dict(customer.enrolments)
        return cls(customer.profile, orders, enrolments, customer.parked, setting, apart=customer.apart)

    def freeze(self) -> Customer:
        return Customer(self.profile, self.orders, self.enrolments, self.parked, self.apart)

    @property
    def full(self) -> bool:
        """Whether one commit can take no more ends."""
        return len(self.touches) + len(self.endings) >= MOST_ENDS

    def change(self, **fields: Any) -> None:
        """Sets fields of the profile."""
        self.profile = replace(self.profile, **fields)

    def change_to(self, profile: Profile) -> None:
        self.profile = profile

    def progress(self, enrolment: str, key: str, progress: Progress | None) -> None:
        """Sets, or with None forgets, how far one touch of a live enrolment has come."""
        held = self.enrolments.get(enrolment)
        if held is None:
            return
        touches = {name: done for name, done in held.touches.items() if name != key}
        if progress is not None:
            touches[key] = progress
        self.enrolments[enrolment] = replace(held, touches=touches)

    def end(self, planned: Planned, state: State, reason: str, key: str | None = None) -> None:
        """Ends a touch that was not sent: progress for the enrolment, a record for people."""
        key = key or planned.key
        self.progress(planned.enrolment.id, key, Progress(state, self.setting.now))
        touch = replace(self.record(planned, state, key), reason=reason)
        self.touches[touch.id] = touch

    def record(self, planned: Planned, state: State, key: str) -> Touch:
        """The lasting record of a planned touch in its present state."""
        enrolment = planned.enrolment
        return Touch(
            id=touch_id(self.profile.store, enrolment.id, key),
            enrolment=enrolment.id,
            key=key,
            journey=enrolment.journey,
            version=enrolment.version,
            order_id=enrolment.order_id,
            message=planned.message.message,
            class_=planned.class_,
            state=state,
            at=self.setting.now,
            due=planned.due,
        )
