"""A whole simulation: shop after shop, each in a world of its own, from its own part of the seed.

What concerns one shop happens in one world of a few dozen customers, so that memory does not grow with their number.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO

from perennial.adapters.memory import MemoryParking
from perennial.content import Bodies, Content
from perennial.customer import Customer, Touch
from perennial.every_name import names_of
from perennial.journeys import Journey, version_of
from perennial.store import Cap
from perennial_cli.simulation.book_laws import balance
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.faults import PROFILES, Faults, Way
from perennial_cli.simulation.happenings import happened
from perennial_cli.simulation.laws import judge
from perennial_cli.simulation.log import Log
from perennial_cli.simulation.recording import write_log
from perennial_cli.simulation.scripts import Script
from perennial_cli.simulation.shops import a_shop
from perennial_cli.simulation.spreading import spread
from perennial_cli.simulation.workers import Workers
from perennial_cli.simulation.world import World

STARTS = datetime(2026, 1, 5, tzinfo=UTC)
SIZE = 25
"""Customers of one shop."""

SETTLES = timedelta(days=3)
"""After the last day nothing new happens and nothing goes wrong any more: what is on its way arrives."""

RENDERED = 8
"""Every so many shops send the store's real words; the others send a line with the order's number."""

CAPS = (Cap(messages=1, days=7), Cap(messages=1, days=3, interested=2))

LINKS = ("unsubscribe", "preferences", "order", "review", "support", "returns", "score", "not_me")

PLAIN = Bodies(
    html="<p>{{ order.number }}</p>",
    text="{{ order.number }} " + " ".join(f"{{{{ links.{name} }}}}" for name in LINKS),
    sms="{{ order.number }}",
)


@dataclass(frozen=True, slots=True)
class Plan:
    customers: int = 1_000
    days: int = 400
    seed: int = 1
    faults: str = "default"
    size: int = SIZE

    @property
    def shops(self) -> int:
        return -(-self.customers // self.size)

    def size_of(self, number: int) -> int:
        """Customers of that shop: the last one may have fewer."""
        return min(self.size, self.customers - number * self.size)


@dataclass(slots=True)
class Lived:
    """One shop when all is over. `lines` is its log as it is written, where that was asked for."""

    number: int
    tallies: list[Tally]
    balance: Counter[str]
    events: int
    log: Log = field(default_factory=Log)
    calls: int = 0
    ends: Mapping[str, str] = field(default_factory=dict)
    lines: str = ""
    happened: Counter[str] = field(default_factory=Counter)


def live_all(
    plan: Plan, content: Content, store: str, processes: int = 1, *, with_lines: bool = False
) -> Iterator[Lived]:
    """Every shop in its turn, without what only its own process needs. Processes begin before this returns."""
    work = partial(_live_apart, plan, content, store, with_lines)
    return spread(work, range(plan.shops), processes)


def _live_apart(plan: Plan, content: Content, store: str, with_lines: bool, number: int) -> Lived:
    try:
        script, lines = a_script(plan, content, store, number, plan.size_of(number)), StringIO()
        lived, evidence = perform(script, content, store)
    except Exception as error:
        error.add_note(f"This was shop {number} of seed {plan.seed}: the simulation's own mistake, or one of decide's.")
        raise
    if with_lines:
        write_log(lines, script, evidence)
    return replace(lived, log=Log(), ends={}, lines=lines.getvalue())


def live(
    plan: Plan, content: Content, store: str, number: int, size: int, scripted: Mapping[int, Way] | None = None
) -> Lived:
    """One shop from its first day to its last. `scripted` are single calls that go wrong, whatever the profile says."""
    return perform(a_script(plan, content, store, number, size), content, store, scripted)[0]


def a_script(plan: Plan, content: Content, store: str, number: int, size: int) -> Script:
    """What will happen in that shop, but for what is drawn on the way."""
    chance = random.Random(f"{plan.seed}:{number}:shop")  # noqa: S311  a simulation repeats itself, by design
    shop = a_shop(number, size, content.stores[store], STARTS, plan.days, chance)
    return Script(plan.seed, number, plan.days, plan.faults, shop.people, shop.tellings)


def perform(
    script: Script,
    content: Content,
    store: str,
    scripted: Mapping[int, Way] | None = None,
    staff: Callable[[World], Workers] = Workers,
) -> tuple[Lived, Evidence]:
    """The shop when all is over, and what the laws were checked over."""
    content = a_stores_own(content, store, script)
    world, after = a_world(script, content, store, staff), later_version(content)
    world.faults.scripted.update(scripted or {})
    ends = STARTS + timedelta(days=script.days)
    deploy(world, content)
    if script.deploys:
        halfway = STARTS + (ends - STARTS) * world.faults.luck("deploy").uniform(0.3, 0.7)
        world.later(halfway, lambda: deploy(world, after))
    world.until(ends)
    world.faults.over = True
    world.until(ends + SETTLES)
    evidence = gather(world, script, content, after)
    tallies = judge(evidence, content, script.label)
    done = sum(1 for _ in world.log.of("handled"))
    ends_of = {f"{one.journey}/{one.key}": one.state for held in evidence.touches.values() for one in held.values()}
    told = happened(world.log)
    lived = Lived(script.shop, tallies, balance(evidence), done, world.log, world.calls, ends_of, happened=told)
    return lived, evidence


def a_stores_own(content: Content, store: str, script: Script) -> Content:
    """The store as it is, or with a cap that is sooner reached: stores differ."""
    if script.shop % RENDERED:
        content = replace(content, bodies=dict.fromkeys(content.bodies, PLAIN))
    chance = random.Random(f"{script.label}:store")  # noqa: S311  a simulation repeats itself, by design
    cap = chance.choice((content.stores[store].cap, *CAPS))
    own = content.stores[store].model_copy(update={"cap": cap})
    return replace(content, stores={store: own})


def a_world(script: Script, content: Content, store: str, staff: Callable[[World], Workers] = Workers) -> World:
    faults = Faults(PROFILES[script.profile], f"{script.label}:{script.profile}", only=script.faults, acts=script.acts)
    faults.plan(STARTS, script.days)
    world = World(content, store, faults, STARTS, script.people)
    if script.rotates:
        world.keys.plan(STARTS, STARTS + timedelta(days=script.days), faults.luck("rotation"))
    workers = staff(world)
    workers.expect(script.tellings)
    world.calm_from = STARTS + timedelta(days=script.days)
    until = world.calm_from + SETTLES
    world.later(STARTS, lambda: workers.sweep_hourly(until))
    return world


def deploy(world: World, content: Content) -> None:
    """From now on functions carry this content; whoever is on their way keeps the version they began with."""
    world.content = content
    versions = {name: version_of(journey) for name, journey in content.journeys.items()}
    world.log.note("deployed", world.now, versions=versions)


def later_version(content: Content) -> Content:
    """The same journeys, with every span of days a day longer."""
    changed = {name: _a_day_later(journey) for name, journey in content.journeys.items()}
    return replace(content, journeys=changed, versions={version_of(journey): journey for journey in changed.values()})


def _a_day_later(journey: Journey) -> Journey:
    touches = []
    for step in journey.touches:
        moments = tuple(
            replace(moment, offset=replace(moment.offset, days=moment.offset.days + 1))
            if moment.offset.days > 0
            else moment
            for moment in step.after.moments
        )
        touches.append(step.model_copy(update={"after": replace(step.after, moments=moments)}))
    return journey.model_copy(update={"touches": tuple(touches), "about": f"{journey.about} Later."})


def gather(world: World, script: Script, *contents: Content) -> Evidence:
    """The world as it is left, through the ports by which people look at it."""
    store, memory = world.store, world.memory
    found = {name: _whole(world, name) for name in sorted(name for _, name in memory.customers)}
    return Evidence(
        log=world.log,
        store=world.content.stores[store],
        people=script.people,
        journeys={version_of(journey): journey for content in contents for journey in content.journeys.values()},
        touches={name: _records(world, held) for name, held in found.items()},
        customers=found,
        ends=world.now,
        waiting=world.lines.waiting,
        parked=frozenset(parked.id for parked in MemoryParking(memory).parked(store)),
        once=frozenset(name for name, message in world.content.messages.items() if message.one_per is not None),
        remains={name: _remains(world, held) for name, held in found.items() if held.profile.erased_at is not None},
        restore=world.restore,
        channels={name: message.channels for name, message in world.content.messages.items()},
    )


def _whole(world: World, name: str) -> Customer:
    """A customer, or whom a merge has made of them."""
    found = world.customers.load(world.store, name)
    return found if found.profile.redirect is None else _whole(world, found.profile.redirect)


def _remains(world: World, held: Customer) -> str:
    """All that is held of somebody, under every name they had, as text."""
    memory, names = world.memory, set(names_of(held))
    kept = (memory.customers, memory.archive, memory.touches, memory.ledger, memory.parked)
    return str([{key: value for key, value in one.items() if names & set(key)} for one in kept])


def _records(world: World, held: Customer) -> dict[str, Touch]:
    """Of everybody that they have been."""
    return {touch.id: touch for name in names_of(held) for touch in world.customers.touches(world.store, name)}
