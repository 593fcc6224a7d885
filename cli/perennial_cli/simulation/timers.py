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
    label: Callable[[str], str]

    def arm(self, store: str, customer: str, epoch: int, wake: Wake) -> None:
        name = schedule_name(customer, epoch, wake.n)
        is_new = name not in self.twin.used
        self.twin.arm(store, customer, epoch, wake)
        if not is_new:
            return
        known_as = f"timer {self.label(customer)} {wake.at:%Y-%m-%dT%H:%M}"
        luck = self.faults.luck(known_as)
        at = self.twin.armed[name][0] + timedelta(seconds=luck.between(0, 60))
        at += timedelta(minutes=luck.between(0, wake.flexible_minutes + 1))
        late = timedelta(minutes=luck.choice((5, 45, 400)))
        for moment in self._rings(known_as, customer, at, late):
            self.later(moment, lambda: self._ring(name))

    def _rings(self, name: str, customer: str, at: datetime, late: timedelta) -> list[datetime]:
        rates = self.faults.rates
        if self._goes_wrong("lost", name, customer, at, rates.timer_lost):
            return []
        if self._goes_wrong("late", name, customer, at, rates.timer_late):
            at += late
        doubled = self._goes_wrong("doubled", name, customer, at, rates.timer_doubled)
        return [at, at + timedelta(minutes=1)] if doubled else [at]

    def _goes_wrong(self, how: str, name: str, customer: str, rings: datetime, rate: float) -> bool:
        """It is noted when it is armed: `rings` is when somebody may miss it."""
        wrong = self.faults.happens(f"{name} {how}", rate)
        if wrong:
            told = {"kind": f"timer {how}", "name": f"{name} {how}", "customer": customer, "rings": rings}
            self.log.note("fault", self.now(), **told)
        return wrong

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
