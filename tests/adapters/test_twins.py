"""The twins and DynamoDB side by side through long random lives: each step has one answer, or the twin lies."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from perennial import ports
from perennial.customer import Customer, Touch, Wake
from perennial.draft import Ending
from perennial.identity import Alias
from perennial.orders import Order
from perennial.pauses import Pause
from tests.adapters import worlds
from tests.adapters.cloud import NOON, Cloud
from tests.adapters.people import ANNA, BERT, STORE, decision, enrolment, fact, order, parked, rich_order, touch
from tests.adapters.worlds import World

PEOPLE = (ANNA, BERT)
ORDERS = ("1001", "1002", "1003")
ALIASES = tuple(Alias(kind, value) for kind in ("email", "order", "tracking") for value in ("a", "b"))
KEYS = ("thanks", "tips", "review")
STEPS = 150


@dataclass
class Life:
    """Both worlds, and what workers remember: customers as they loaded them some time ago, what aliases held."""

    both: tuple[World, World]
    chance: Random
    now: datetime = NOON
    loaded: dict[str, Customer] = field(default_factory=dict)
    looked: dict[Alias, int] = field(default_factory=dict)
    recorded: set[str] = field(default_factory=set)
    met: Counter[str] = field(default_factory=Counter)

    def same(self, ask: Callable[[World], Any]) -> Any:
        """The one answer of both."""
        twin, real = (ask(world) for world in self.both)
        assert twin == real
        return twin

    def load(self, who: str) -> Customer:
        found: Customer = self.same(lambda world: world.customers.load(STORE, who))
        return found

    def archived(self, who: str, name: str) -> Order | None:
        """Orders in the archive are fetched before anything is decided about them."""
        found: Order | None = self.same(lambda world: world.customers.archived(STORE, who, name))
        return found

    def parked(self) -> list[ports.Parked]:
        found: list[ports.Parked] = self.same(lambda world: sorted(world.parking.parked(STORE), key=str))
        return found

    def some(self, values: tuple[Any, ...], most: int = 2) -> list[Any]:
        return self.chance.sample(values, self.chance.randint(0, most))

    def touches(self, who: str) -> list[Touch]:
        return [touch(f"{who}/{key}", self.now, reason=self.chance.choice([None, "why"])) for key in KEYS]


def load(life: Life, who: str) -> None:
    life.loaded[who] = life.load(who)


def commit(life: Life, who: str) -> None:
    """As a worker does it: of somebody loaded now or a while ago, with those aliases adopted that were looked into."""
    chance = life.chance
    before = life.loaded.get(who) if chance.random() < 0.3 else None
    before = before or life.load(who)
    names = [name for name in life.some(ORDERS) if name in before.orders or not life.archived(who, name)]
    told = [rich_order() if name == "1001" and chance.random() < 0.5 else order(name) for name in names]
    known = sorted(before.orders.keys() | {entry.id for entry in told})
    passages = [before.enrolments.get(f"care:{name}") or enrolment(name) for name in known if chance.random() < 0.6]
    touches = life.some(tuple(life.touches(who)))
    ended = [entry.id for entry in life.some(tuple(life.touches(who))) if entry not in touches]
    endings = [
        Ending(name, "sent", life.now, chance.choice([None, "settled"]), chance.choice([None, "ses-1"]))
        for name in ended
        if name in life.recorded and name not in {entry.id for entry in touches}
    ]
    register = life.some(ALIASES)
    wake = Wake(life.now, 1) if chance.random() < 0.5 else None
    made = decision(
        before,
        with_orders=told,
        with_enrolments=passages,
        touches=touches,
        endings=endings,
        register=register,
        wake=wake,
        wakes=chance.randint(0, 9),
    )
    adopted = {alias: life.looked[alias] for alias in register if alias in life.looked}
    result = life.same(lambda world: world.customers.commit(made, adopted))
    _remember(life, made.touches, adopted, result)


def _remember(life: Life, touches: tuple[Touch, ...], adopted: dict[Alias, int], result: ports.Result) -> None:
    life.met[type(result).__name__] += 1
    if isinstance(result, ports.Committed):
        life.recorded |= {entry.id for entry in touches}
        life.met["adopted"] += sum(adopted.values())
    if isinstance(result, ports.Taken):
        life.looked |= {held.alias: len(held.facts) for held in result.held}


def fetch(life: Life, who: str) -> None:
    """An order from the archive, to be decided about."""
    name = life.chance.choice(ORDERS)
    found, present = life.archived(who, name), life.load(who)
    if found is not None:
        life.loaded[who] = replace(present, orders={**present.orders, name: found})
        life.met["fetched"] += 1


def claim(life: Life, who: str) -> None:
    alias = life.chance.choice(ALIASES)
    life.same(lambda world: world.directory.owner_or_claim(STORE, alias, who))


def wait(life: Life, who: str) -> None:
    alias, event = life.chance.choice(ALIASES), fact(life.chance.choice("abcd"))
    life.same(lambda world: world.directory.owner_or_park(STORE, alias, event, NOON))


def park(life: Life, who: str) -> None:
    entry = parked(life.chance.choice("xyz"), life.now, kind="event", customer=who)
    life.same(lambda world: world.customers.park(STORE, who, entry))


def keep(life: Life, who: str) -> None:
    entry = parked(life.chance.choice("xyz"), life.now)
    life.same(lambda world: world.parking.park(entry))


def put_back(life: Life, who: str) -> None:
    entries = life.parked()
    if entries:
        entry = life.chance.choice(entries)
        life.same(lambda world: world.parking.remove(entry))
        life.met[f"removed {entry.kind}"] += 1


def report(life: Life, who: str) -> None:
    name = life.chance.choice(life.touches(who)).id
    if name in life.recorded:
        life.same(lambda world: world.report_accepted(STORE, who, name, life.now))


def pause(life: Life, who: str) -> None:
    name = life.chance.choice(KEYS)
    switch = life.chance.choice(("pause", "resume"))
    life.same(lambda world: getattr(world.pauses, switch)(STORE, Pause("message", name)))


def agree(life: Life) -> None:
    """Everything that can be asked, asked of both."""
    for who in PEOPLE:
        life.load(who)
        names = [entry.id for entry in life.touches(who)]
        life.same(lambda world, who=who: list(world.customers.touches(STORE, who)))  # type: ignore[misc]
        life.same(lambda world, who=who, names=names: world.customers.receipts(STORE, who, names))  # type: ignore[misc]
        for name in ORDERS:
            life.archived(who, name)
    for alias in ALIASES:
        life.same(lambda world, alias=alias: world.directory.owner(STORE, alias))  # type: ignore[misc]
    life.parked()
    life.same(lambda world: list(world.customers.due(STORE)))
    life.same(lambda world: world.pauses.paused(STORE))


USUAL = (commit, commit, commit, load, fetch, wait, wait)
RARE = (claim, park, keep, put_back, report, pause)


@pytest.mark.parametrize("seed", [0, 3, 4])
def test_the_twin_and_dynamodb_give_the_same_answers_through_a_long_life(cloud: Cloud, seed: int) -> None:
    life = Life((worlds.in_memory(), worlds.on_aws(cloud)), Random(seed))
    for n in range(STEPS):
        life.now = NOON + timedelta(minutes=n)
        step = life.chance.choice(USUAL if life.chance.random() < 0.7 else RARE)
        step(life, life.chance.choice(PEOPLE))
    agree(life)
    for outcome in ("Committed", "Overtaken", "Taken", "adopted", "fetched", "removed event", "removed body"):
        assert life.met[outcome], f"this life has met nothing that was {outcome}: take another seed"
