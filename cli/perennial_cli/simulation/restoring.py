"""A shop whose table is put back to an earlier moment once, and people who do what docs/restoring.md says.

Only the table goes back. Queues, schedules, receipts on their way, providers and people stay as they are. `perennial
rearm` runs through its own code, over the twins, and dies on its way.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from perennial import events
from perennial.adapters.memory import Memory, MemoryCustomers, MemoryPauses, MemoryVersions
from perennial.adapters.memory_restored import MemoryRestored
from perennial.content import Content
from perennial.errors import Unavailable
from perennial.outside import ForAdvancing
from perennial_cli.rearm.orphans import Armed
from perennial_cli.rearm.run import HELD, Run, lost_time
from perennial_cli.rearm.tables import Tables
from perennial_cli.simulation.evidence import Evidence, Restore
from perennial_cli.simulation.forgotten import forget, withdrawals
from perennial_cli.simulation.lines import Group
from perennial_cli.simulation.simulating import Lived, Plan, a_script, perform
from perennial_cli.simulation.stories import Telling
from perennial_cli.simulation.workers import HOUR, Workers
from perennial_cli.simulation.world import World

LOST_TIMES = (timedelta(hours=2), timedelta(hours=9), timedelta(days=1), timedelta(days=4), timedelta(days=9))
RESTORING = (timedelta(minutes=40), timedelta(hours=3), timedelta(hours=11))
"""From the stop until the restored table has the stack's name."""

IN_FLIGHT = timedelta(minutes=5)
"""What had begun when everything was stopped has ended after that: only then the time is noted."""

TOLD_SINCE = timedelta(days=3)
"""How long before the restore what the shop tells again begins: deliveries come late, and lanes stand still."""

PATIENCE = timedelta(days=3)
"""When what can wait is let go at the latest, however many deliveries and messages are still on their way."""


class Restoring(Workers):
    """Whoever works in such a shop. `told`: the table as it was is to be had."""

    def __init__(self, world: World, days: int, told: bool) -> None:
        super().__init__(world)
        self.told, self.stopped = told, False
        self.tellings: tuple[Telling, ...] = ()
        self._reports: list[Callable[[], None]] = []
        self._copy, self._first, self._since = Memory(), 0, world.now
        luck = world.faults.luck("restore")
        self.luck = luck
        at = world.now + timedelta(seconds=luck.between(days * 86_400 // 4, days * 86_400 // 2))
        stops = at + luck.choice(LOST_TIMES) * luck.uniform(0.5, 1.0)
        back = stops + IN_FLIGHT + luck.choice(RESTORING)
        world.later(at, self._remember)
        world.later(stops, self._stop)
        world.later(back, self._put_back)

    # While everything is stopped

    def expect(self, tellings: tuple[Telling, ...]) -> None:
        self.tellings = tellings
        super().expect(tellings)

    def _deliver(self, telling: Telling, tries: int) -> None:
        if self.stopped:
            self._at_the_door(self.world.now + HOUR, telling, tries + 1)
        else:
            super()._deliver(telling, tries)

    def work(self, group: Group) -> None:
        if not self.stopped:
            super().work(group)

    def record(self, which: str, body: str, name: str) -> None:
        if self.stopped:
            self._reports.append(partial(self.record, which, body, name))
        else:
            super().record(which, body, name)

    def sweep_hourly(self, until: datetime) -> None:
        if self.stopped:
            self.world.later(self.world.now + HOUR, lambda: self.sweep_hourly(until))
        else:
            super().sweep_hourly(until)

    # Step by step

    def _remember(self) -> None:
        """The moment that will be restored to. What the queues hold then is in no table."""
        world = self.world
        self._copy, self._first = copy.deepcopy(world.memory), len(world.log.records)
        self._at = world.now.replace(microsecond=0)
        waiting = [*world.lines.dead, *(one for group in world.lines.groups.values() for one in group)]
        oldest = min((events.from_json(one.body).happened_at for one in waiting), default=world.now)
        self._since = min(oldest, world.now - TOLD_SINCE)

    def _stop(self) -> None:
        self.stopped = True
        self._until = (self.world.now + IN_FLIGHT).replace(microsecond=0)

    def _put_back(self) -> None:
        world = self.world
        was = _moved(world.memory, self._copy)
        strangers = frozenset(name for _, name in was.customers.keys() - self._copy.customers.keys())
        world.restore = Restore(
            self._at, self._until, world.now, self.told, strangers=frozenset() if self.told else strangers
        )
        self._rearm(was)
        known = {name: held for (_, name), held in self._copy.customers.items()}
        withdrawn = [] if self.told else list(withdrawals(world.log, self._first, known, world.providers.people))
        forget(world.log, self._first, strangers if self.told else frozenset(), self.told)
        world.later(world.now + timedelta(minutes=10), lambda: self._start(withdrawn))

    def _rearm(self, was: Memory) -> None:
        """The command, which is run again if it dies."""
        world = self.world
        mortal = Mortal(world, {self.luck.between(1, 150), self.luck.between(1, 150)})
        tables = Tables(
            restored=mortal.having(MemoryRestored(world.memory)),
            was=MemoryRestored(was) if self.told else None,
            past=MemoryCustomers(was) if self.told else None,
            schedules=lambda: armed(world),
        )
        while True:
            lost = lost_time(self._at, self._until, world.now, told=self.told)
            run = Run(mortal.outside(), tables, lost)
            try:
                run.store(world.store)
                run.orphans()
            except Unavailable:
                world.now += timedelta(minutes=7)
            else:
                return

    def _start(self, withdrawn: list[Telling]) -> None:
        world, self.stopped = self.world, False
        for group in list(world.lines.groups):
            world.later(world.now, partial(self.work, group))
        reports, self._reports = self._reports, []
        for report in reports:
            world.later(world.now, report)
        self.poisons.look_again()
        taken = {told["delivery"] for told in world.log.of("webhook") if told["status"] == 200}
        again = [told for told in self.tellings if told.name in taken and told.at >= self._since]
        for number, telling in enumerate((*withdrawn, *again)):
            self._at_the_door(world.now + timedelta(seconds=5 * number), telling)
        names, since = {telling.name for telling in (*withdrawn, *again)}, len(world.log.records)
        world.later(world.now + HOUR, partial(self._resume, names, since, world.now + PATIENCE))

    def _resume(self, names: set[str], since: int, latest: datetime) -> None:
        """Once everything was told again and nothing stands in a line, what can wait is let go."""
        world = self.world
        taken = {told["delivery"] for told in _webhooks(world, since) if told["status"] == 200}
        if (names - taken or world.lines.waiting) and world.now < latest:
            world.later(world.now + HOUR, lambda: self._resume(names, since, latest))
            return
        for pause in HELD:
            MemoryPauses(world.memory).resume(world.store, pause)
        if world.restore is not None:
            world.restore = replace(world.restore, resumed_at=world.now)


def _webhooks(world: World, since: int) -> Iterator[Any]:
    return (record for record in world.log.records[since:] if record["what"] == "webhook")


def _moved(table: Memory, past: Memory) -> Memory:
    """The table as it was; in its place is what was. Bodies lie in a bucket, which nobody puts back."""
    was = copy.copy(table)
    for one in fields(Memory):
        if one.name != "bodies":
            setattr(table, one.name, copy.deepcopy(getattr(past, one.name)))
    return was


def armed(world: World) -> Iterator[Armed]:
    for name in list(world.timers.twin.armed):
        customer, epoch, n = name.rsplit("-", 2)
        yield Armed(customer, int(epoch), int(n))


@dataclass(slots=True)
class Mortal:
    """Whoever runs the command: at each of the calls `dies`, counted over all its runs, it is gone."""

    world: World
    dies: set[int]
    calls: int = 0
    made: list[str] = field(default_factory=list)

    def outside(self) -> ForAdvancing:
        world = self.world
        return replace(
            world.advancing,
            customers=self.having(MemoryCustomers(world.memory)),
            timers=self.having(world.timers),
            pauses=self.having(MemoryPauses(world.memory)),
            versions=MemoryVersions(world.memory),
            now=world.clock,
        )

    def having(self, port: Any) -> Any:
        return _Port(self, port)

    def call(self, effect: Callable[[], Any]) -> Any:
        """It dies before the call, or when that has taken effect."""
        self.calls += 1
        if self.calls in self.dies and self.calls % 2:
            raise Unavailable("the one who rearms is gone")
        done = effect()
        if self.calls in self.dies:
            raise Unavailable("the one who rearms is gone")
        return done


@dataclass(frozen=True, slots=True)
class _Port:
    mortal: Mortal
    port: Any

    def __getattr__(self, method: str) -> Callable[..., Any]:
        call = getattr(self.port, method)
        return lambda *told, **more: self.mortal.call(lambda: call(*told, **more))


def live_restored(plan: Plan, content: Content, store: str, number: int, told: bool) -> tuple[Lived, Evidence]:
    """One shop from its first day to its last, over a restore."""
    script = a_script(plan, content, store, number, plan.size_of(number))
    return perform(script, content, store, staff=lambda world: Restoring(world, script.days, told))
