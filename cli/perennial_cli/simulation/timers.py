"""The twin of the scheduler: each name rings once, at or after its minute; some are lost, late or ring twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from perennial.adapters.memory import MemoryTimers
from perennial.customer import Wake, schedule_name
from perennial_cli.simulation.faults import Faults
from perennial_cli.simulation.lines import Lines
from perennial_cli.simulation.log import Log


@dataclass(slots=True)
class Timers:
    """Beside the contract's twin stands who makes it ring: `later` asks for a moment."""

    twin: MemoryTimers
    lines: Lines
    log: Log
    faults: Faults
    now: Callable[[], datetime]
    later: Callable[[datetime, Callable[[], None]], None]

    def arm(self, store: str, customer: str, epoch: int, wake: Wake) -> None:
        name = schedule_name(customer, epoch, wake.n)
        is_new = name not in self.twin.used
        self.twin.arm(store, customer, epoch, wake)
        if not is_new:
            return
        at = self.twin.armed[name][0] + timedelta(seconds=self.faults.chance.randrange(60))
        at += timedelta(minutes=self.faults.chance.randrange(wake.flexible_minutes + 1))
        for moment in self._rings(name, customer, at):
            self.later(moment, lambda: self._ring(name))

    def _rings(self, name: str, customer: str, at: datetime) -> list[datetime]:
        rates = self.faults.rates
        if self.faults.happens(rates.timer_lost):
            self.log.note("fault", self.now(), kind="timer lost", timer=name, customer=customer)
            return []
        if self.faults.happens(rates.timer_late):
            at += timedelta(minutes=self.faults.chance.choice((5, 45, 400)))
            self.log.note("fault", self.now(), kind="timer late", timer=name, customer=customer)
        return [at, at + timedelta(minutes=1)] if self.faults.happens(rates.timer_doubled) else [at]

    def cancel(self, customer: str, epoch: int, n: int) -> None:
        self.twin.cancel(customer, epoch, n)

    def _ring(self, name: str) -> None:
        """A schedule that rings twice rings as it was armed, also if it was removed in between."""
        known = self.twin.armed.get(name)
        if known is None:
            return
        _, customer, event, wake = known
        self.log.note("ring", self.now(), timer=name, customer=customer)
        self.lines.join(event, customer, wake.lane)
