"""The twin of the FIFO queues: groups in order, redelivery, deduplication for five minutes, a queue for the dead.

As SQS does it (facts of template.yaml): a message that failed comes back after its visibility timeout, and after
twenty receives, an hour, it is set aside; while the head of a group is out, nobody else of that group is handed on.
"""

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from perennial import events
from perennial.customer import Lane

VISIBILITY = timedelta(seconds=180)
MOST_RECEIVES = 20
DEDUPLICATED = timedelta(minutes=5)

Group = tuple[Lane, str, str]
"""A lane, a store and a customer."""


@dataclass(slots=True)
class Message:
    """`body` is the event as JSON; whoever handles it reads it again."""

    group: Group
    body: str
    receives: int = 0
    visible_at: datetime | None = None
    deaths: int = 0


@dataclass(slots=True)
class Lines:
    """`later` asks for a look at a group at a moment."""

    now: Callable[[], datetime]
    later: Callable[[datetime, Group], None]
    groups: dict[Group, deque[Message]] = field(default_factory=dict)
    recent: dict[str, datetime] = field(default_factory=dict)
    dead: list[Message] = field(default_factory=list)
    buried: Callable[[Message], None] = lambda message: None
    joined: Callable[[events.Event, Group, bool], None] = lambda event, group, new: None

    def join(self, event: events.Event, customer: str, lane: Lane, fresh: str | None = None) -> None:
        group: Group = (lane, event.store, customer)
        body = events.to_json(event)
        mark = hashlib.sha256(f"{group}|{body}|{fresh}".encode()).hexdigest()
        known = self.recent.get(mark)
        is_new = known is None or known <= self.now() - DEDUPLICATED
        self.joined(event, group, is_new)
        if is_new:
            self.recent[mark] = self.now()
            self.put(Message(group, body))
        if len(self.recent) > 1_000:
            oldest = self.now() - DEDUPLICATED
            self.recent = {mark: at for mark, at in self.recent.items() if at > oldest}

    def put(self, message: Message) -> None:
        self.groups.setdefault(message.group, deque()).append(message)
        self.later(self.now() + timedelta(milliseconds=50), message.group)

    def head(self, group: Group) -> Message | None:
        """What may be handed on now; None if nothing is, or not yet. The worn-out are set aside."""
        waiting = self.groups.get(group)
        while waiting:
            message = waiting[0]
            if message.visible_at is not None and message.visible_at > self.now():
                return None
            if message.receives < MOST_RECEIVES:
                return message
            self.dead.append(waiting.popleft())
            self.buried(message)
        return None

    def done(self, message: Message) -> None:
        waiting = self.groups.get(message.group)
        if waiting and message in waiting:
            waiting.remove(message)

    def back(self, message: Message) -> None:
        """It was not deleted: it comes again."""
        message.visible_at = self.now() + VISIBILITY
        self.later(message.visible_at, message.group)

    def redrive(self) -> int:
        """A person, called by the alarm, puts back what was set aside."""
        waiting, self.dead = self.dead, []
        for message in waiting:
            message.receives, message.visible_at, message.deaths = 0, None, message.deaths + 1
            self.put(message)
        return len(waiting)

    @property
    def waiting(self) -> int:
        return sum(len(messages) for messages in self.groups.values()) + len(self.dead)
