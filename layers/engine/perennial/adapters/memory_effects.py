"""The twins of what acts: the line, the timers, the senders and whoever keeps secrets and bodies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from perennial import events, ports
from perennial.customer import Lane, Wake, schedule_name
from perennial.platforms import Secrets

if TYPE_CHECKING:
    from perennial.adapters.memory import Memory


@dataclass(frozen=True, slots=True)
class MemoryLine:
    """Hands each event to whoever runs the queues; every telling arrives."""

    deliver: Callable[[events.Event, str, Lane], None]

    def join(self, event: events.Event, customer: str, lane: Lane, fresh: str | None = None) -> None:
        self.deliver(events.from_json(events.to_json(event)), customer, lane)


@dataclass(slots=True)
class MemoryTimers:
    """`armed` are the live schedules by name; `used` are all the names there ever were.

    A used name is never armed again. Scheduler is like that only for as long as it keeps what has fired; whoever relied
    on either would lose a wake there, or here.
    """

    now: Callable[[], datetime]
    armed: dict[str, tuple[datetime, str, events.WakeDue, Wake]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def arm(self, store: str, customer: str, epoch: int, wake: Wake) -> None:
        name = schedule_name(customer, epoch, wake.n)
        if name in self.used:
            return
        at = max(wake.at, self.now() + timedelta(seconds=60))
        ring = events.WakeDue(
            type="WakeDue", id=f"wake:{name}", store=store, occurred_at=at, customer=customer, epoch=epoch, n=wake.n
        )
        self.used.add(name)
        self.armed[name] = (at, customer, ring, wake)

    def cancel(self, customer: str, epoch: int, n: int) -> None:
        self.armed.pop(schedule_name(customer, epoch, n), None)


@dataclass(slots=True)
class MemorySender:
    """Keeps what it was asked to send. `answer` may be replaced by a test to refuse, release or stay silent."""

    sent: list[ports.Outgoing] = field(default_factory=list)
    answer: Callable[[ports.Outgoing], ports.Reply | None] = lambda message: ports.Reply("accepted", provider_id="ok")

    def send(self, message: ports.Outgoing) -> ports.Reply | None:
        self.sent.append(message)
        return self.answer(message)


@dataclass(frozen=True, slots=True)
class MemorySecrets:
    webhooks: Mapping[tuple[str, str], Secrets]

    def webhook(self, store: str, platform: str) -> Secrets | None:
        return self.webhooks.get((store, platform))


@dataclass(frozen=True, slots=True)
class MemoryBodies:
    memory: "Memory"

    def keep(self, key: str, body: str) -> None:
        self.memory.bodies[key] = body

    def fetch(self, key: str) -> str | None:
        return self.memory.bodies.get(key)

    def forget(self, key: str) -> None:
        self.memory.bodies.pop(key, None)

    def clear(self, prefix: str) -> int:
        found = [key for key in self.memory.bodies if key.startswith(prefix)]
        for key in found:
            self.forget(key)
        return len(found)
