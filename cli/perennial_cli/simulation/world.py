"""One simulated shop and everything around it: a clock, an agenda, a table, queues, timers, providers, shoppers."""

import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from perennial import links
from perennial.adapters.memory import (
    Memory,
    MemoryBodies,
    MemoryCustomers,
    MemoryDirectory,
    MemoryParking,
    MemoryPauses,
    MemoryTimers,
    MemoryVersions,
)
from perennial.adapters.memory_looks import MemoryLooks, MemoryTelling
from perennial.adapters.memory_overdue import MemoryOverdue
from perennial.adapters.memory_receipts import MemoryOptedOut, MemoryReceipts
from perennial.adapters.memory_traces import MemoryTraces
from perennial.content import Content
from perennial.outside import ForAdvancing, ForReceiving, ForRecording, ForServing, ForSweeping
from perennial_cli.simulation.boundary import Boundary, Run
from perennial_cli.simulation.carrying import Carrier
from perennial_cli.simulation.evidence import Restore
from perennial_cli.simulation.faults import Faults
from perennial_cli.simulation.lines import Group, Lines
from perennial_cli.simulation.log import Log
from perennial_cli.simulation.people import Person
from perennial_cli.simulation.providers import Answer, Providers, Sender, Visit
from perennial_cli.simulation.rotating import Keys
from perennial_cli.simulation.timers import Timers

Action = Callable[[], object]


class World:
    """`content` may be exchanged on the way, as a deploy does it. From `calm_from` on nothing goes wrong any more."""

    def __init__(
        self, content: Content, store: str, faults: Faults, start: datetime, people: tuple[Person, ...]
    ) -> None:
        self.content, self.store, self.faults, self.now = content, store, faults, start
        self.log, self.memory, self.calls, self.runs = Log(), Memory(), 0, 0
        self.calm_from = datetime.max.replace(tzinfo=UTC)
        self.keys = Keys(self.clock)
        self.restore: Restore | None = None
        self.run = Run("nobody", 0, "nobody", faults.luck("nobody"))
        self._named, self._minted_for = Counter[str](), dict[str, str]()
        self._labels, self._ordinals = dict[str, str](), Counter[str]()
        self.agenda: list[tuple[datetime, int, Action]] = []
        self._turn, self._minted = itertools.count(), itertools.count(1)
        self._heard: set[tuple[int, int]] = set()
        self.work: Callable[[Group], None] = lambda group: None
        self.record: Callable[[str, str, str], None] = lambda platform, body, name: None
        self.visit: Visit = lambda method, link, name, form: None
        self.answer: Answer = lambda what, link, name: None
        self.customers = MemoryCustomers(self.memory)
        self.lines = Lines(self.clock, lambda at, group: self.later(at, lambda: self.work(group)))
        self.lines.joined = self._see_joining
        self.lines.buried = lambda one: self.log.note("set aside", self.now, customer=one.group[2], lane=one.group[0])
        self.timers = Timers(MemoryTimers(self.clock), self.lines, self.log, faults, self.clock, self.later, self.label)
        self.providers = self._providers(people)
        self._assemble()
        self._open_pages()

    def clock(self) -> datetime:
        return self.now

    def wall(self) -> datetime:
        """The clock of whoever works: it may be a little off."""
        return self.now + self.run.skew

    def later(self, at: datetime, action: Action) -> None:
        heapq.heappush(self.agenda, (at, next(self._turn), action))

    def until(self, moment: datetime) -> None:
        """Everything that is on the agenda before then: what begins at the last moment would be left half done."""
        while self.agenda and self.agenda[0][0] < moment:
            at, _, action = heapq.heappop(self.agenda)
            self.now = max(self.now, at)
            action()
        self.now = max(self.now, moment)

    @contextmanager
    def running(self, run: Run) -> Iterator[Run]:
        """Whoever is called now; a nested one leaves the outer one to go on."""
        outer, self.run = self.run, run
        try:
            yield run
        finally:
            self.run = outer

    def new_run(self, function: str, about: str, **told: Any) -> Run:
        """`about` names what the function is called with; called with the same again, it is another run."""
        self.runs += 1
        told_of = f"{function} {about}"
        self._named[told_of] += 1
        name = f"{told_of} #{self._named[told_of]}"
        luck, most = self.faults.luck(name), self.faults.rates.skew
        skew = timedelta(seconds=luck.uniform(-most, most)) if most and not self.faults.over else timedelta()
        return Run(function, self.runs, name, luck, skew=skew, **told)

    def label(self, customer: str) -> str:
        """A customer's name in the names of runs and timers: whose they are, which nothing that is left out changes."""
        if customer not in self._labels:
            whose = self._minted_for.get(customer, "nobody")
            self._ordinals[whose] += 1
            count = self._ordinals[whose]
            self._labels[customer] = whose if count == 1 else f"{whose}.{count}"
        return self._labels[customer]

    def hear(self, run: Run) -> None:
        """The run's own event counts from its first commit on, or from when it was found to change nothing."""
        if run.event is not None and (run.number, 0) not in self._heard:
            self._heard.add((run.number, 0))
            self.log.note("applied", self.now, run=run.number, customer=run.customer, event=run.event)

    def _see_joining(self, event: Any, group: Group, is_new: bool) -> None:
        self.log.note("joined", self.now, event=event.id, type=event.type, customer=group[2], lane=group[0], new=is_new,
                      by=self.run.function, run=self.run.number)  # fmt: skip

    def _nonce(self) -> str:
        return f"n{next(self._minted)}"

    def _name(self) -> str:
        run = self.run
        name = links.customer_id(self.faults.luck(f"customer of {run.name} {run.made}").bytes()[:10])
        self._minted_for[name] = run.person
        return name

    def _about(self) -> dict[str, Any]:
        """Which claim a call to a provider serves, as far as there is one."""
        nothing = {"touch": "none", "customer": self.run.customer, "class": "transactional"}
        return {**nothing, **self.run.claim, "run": self.run.number}

    def _chance(self) -> dict[str, Any]:
        """The clock and the sources of chance, which are the world's."""
        return {"now": self.wall, "mint_nonce": self._nonce, "mint_customer": self._name}

    def _port(self, service: str, port: Any) -> Any:
        return Boundary(service, port, self)

    def _providers(self, people: tuple[Person, ...]) -> Providers:
        return Providers(
            log=self.log,
            faults=self.faults,
            now=self.clock,
            later=self.later,
            about=self._about,
            report=lambda platform, body, name: self.record(platform, body, name),
            people={email: one for one in people for email in one.emails},
            visit=lambda method, link, name, form: self.visit(method, link, name, form),
            answer=lambda what, link, name: self.answer(what, link, name),
        )

    def _assemble(self) -> None:
        memory, port = self.memory, self._port
        self.bodies = port("bodies", MemoryBodies(memory))
        line, directory = Carrier(port("line", self.lines), self.bodies), port("directory", MemoryDirectory(memory))
        parking = port("parking", MemoryParking(memory))
        self._advancing = {
            "customers": port("customers", self.customers),
            "directory": directory,
            "line": line,
            "traces": port("traces", MemoryTraces(memory)),
            "bodies": self.bodies,
            "timers": port("timers", self.timers),
            "senders": {name: port(name, Sender(name, self.providers)) for name in ("email", "text", "push")},
            "pauses": MemoryPauses(memory),
            "versions": port("versions", MemoryVersions(memory)),
            **self._chance(),
        }
        self._receiving = {
            "directory": directory,
            "line": line,
            "parking": parking,
            "secrets": self.keys,
            **self._chance(),
        }
        self._sweeping = {"overdue": port("overdue", MemoryOverdue(memory)), "line": line, "now": self.wall}
        self.recording = ForRecording(
            book=port("book", MemoryReceipts(memory)), opted_out=MemoryOptedOut([]), open_line=lambda: line,
            open_parking=lambda: parking, now=self.wall,
        )  # fmt: skip

    def _open_pages(self) -> None:
        line = Carrier(self._port("line", self.lines), self.bodies)
        looks, keys = self._port("looks", MemoryLooks(self.memory)), self.keys.pages
        self._serving = {"looks": looks, "line": lambda: MemoryTelling(line.join), "link_keys": keys, "now": self.wall}

    @property
    def advancing(self) -> ForAdvancing:
        return ForAdvancing(content=self.content, link_keys=self.keys.ring, **self._advancing)

    @property
    def receiving(self) -> ForReceiving:
        return ForReceiving(content=self.content, **self._receiving)

    @property
    def serving(self) -> ForServing:
        return ForServing(content=self.content, **self._serving)

    @property
    def sweeping(self) -> ForSweeping:
        return ForSweeping(content=self.content, **self._sweeping)
