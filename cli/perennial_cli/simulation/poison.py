"""Events that fail every time they are handled, for a while and for one customer; and the person who puts them back.

A rule that raises parks its event; what kills the function wears its message out, until it is set aside. Either way
nobody else should notice, and when the cause has passed (a deploy, in life) all of it is applied.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from perennial import events
from perennial.adapters.memory import MemoryParking
from perennial.errors import BodyUnreadable
from perennial.receiving import put_back

if TYPE_CHECKING:
    from perennial_cli.simulation.boundary import Run
    from perennial_cli.simulation.world import World

Called = Callable[["Run", Callable[[], Any]], Any]
"""What a function answers; None if it died or failed."""

Kind = Literal["all", "wakes", "words", "goods"]
KINDS: tuple[Kind, ...] = ("all", "all", "wakes", "words", "goods")

GOODS = (events.OrderEvent, events.OrderRefunded, events.ShipmentEvent, events.ReturnEvent)
LASTS = (timedelta(hours=6), timedelta(days=4), timedelta(days=20))
TRIED_AGAIN = timedelta(hours=6)
"""How often somebody puts back what is parked, after one time that was too early."""


@dataclass(frozen=True, slots=True)
class Poison:
    """All events of one customer and kind, from one moment to another."""

    name: str
    kind: Kind
    kills: bool
    begins: datetime
    ends: datetime

    def strikes(self, event: events.Event, now: datetime) -> bool:
        return self.begins <= now < self.ends and (self.kind == "all" or _kind_of(event) == self.kind)


def _kind_of(event: events.Event) -> Kind:
    if isinstance(event, events.WakeDue):
        return "wakes"
    return "goods" if isinstance(event, GOODS) else "words"


class RuleIsBroken(Exception):
    """What a rule's own mistake raises: nothing that the engine knows."""


def spoilt(event: events.Event) -> events.Event:
    """A copy for the function, on which no rule that asks when it happened comes to an end."""
    kind, copy = type(event), event.model_copy()
    broken = type(kind.__name__, (kind,), {"happened_at": property(_raise), "__module__": __name__})
    object.__setattr__(copy, "__class__", broken)
    return copy


def _raise(event: events.Event) -> NoReturn:
    raise RuleIsBroken


class Poisons:
    """Whose events fail, from the first one that is handled of them."""

    def __init__(self, world: "World", called: Called) -> None:
        self.world, self.called = world, called
        self._known: dict[str, Poison | None] = {}

    def strike(self, run: "Run", event: events.Event) -> events.Event:
        """The event as the function will find it. It may not live to find it."""
        world, customer = self.world, run.customer or ""
        if customer not in self._known:
            self._known[customer] = self._drawn(customer)
        poison, held = self._known[customer], world.memory.customers.get((world.store, customer))
        erased = held is not None and held.profile.erased_at is not None
        if poison is None or erased or not poison.strikes(event, world.now):
            return event
        world.log.note("fault", world.now, kind="poison that kills" if poison.kills else "poison", name=poison.name,
                       run=run.number, customer=customer, event=event.id, type=event.type)  # fmt: skip
        run.doomed = run.doomed or poison.kills
        return event if poison.kills else spoilt(event)

    def _drawn(self, customer: str) -> Poison | None:
        world = self.world
        name = f"poison of {world.label(customer)}"
        if not world.faults.happens(name, world.faults.rates.poisoned):
            return None
        luck = world.faults.luck(f"{name}: which")
        begins = world.now + timedelta(hours=luck.between(0, 24 * 30))
        kills, kind = luck.random() < 0.3, luck.choice(KINDS)
        ends = min(begins + luck.choice(LASTS[:2] if kills else LASTS), world.calm_from)
        poison = Poison(name, kind, kills, min(begins, ends), ends)
        world.later(poison.begins + (poison.ends - poison.begins) / 2, lambda: self._look(customer, poison))
        return poison

    def _look(self, customer: str, poison: Poison) -> None:
        """Somebody whom the alarm has called puts back what is parked, until it stays away."""
        world = self.world
        for parked in MemoryParking(world.memory).parked(world.store):
            if parked.kind == "event" and parked.customer == customer:
                run = world.new_run("put back", f"{parked.id} {world.label(customer)}", customer=customer)
                self.called(run, lambda parked=parked: put_back(parked, world.receiving))  # type: ignore[misc]  # mypy cannot infer a lambda's default
        if world.now < poison.ends:
            world.later(poison.ends, lambda: self._look(customer, poison))
        elif any(key[1] == customer for key in world.memory.parked):
            world.later(world.now + TRIED_AGAIN, lambda: self._look(customer, poison))

    def look_again(self) -> None:
        """What a restore has parked once more: its cause may have passed."""
        for customer, poison in self._known.items():
            if poison is not None and self.world.now >= poison.ends:
                self._look(customer, poison)


def try_unreadable(world: "World", called: Called) -> None:
    """Somebody tries whether a newer version can read what was cut on the way. It cannot."""
    for parked in MemoryParking(world.memory).parked(world.store):
        if parked.kind == "body":
            run = world.new_run("put back", parked.id)
            called(run, lambda parked=parked: _refused(parked, world))  # type: ignore[misc]  # as above


def _refused(parked: Any, world: "World") -> str:
    try:
        put_back(parked, world.receiving)
    except BodyUnreadable:
        return "still unreadable"
    return "queued"
