"""The two lanes as SQS and Lambda run them, on a clock that moves by itself: so many workers, so many seconds an event.

One message of a group at a time; a worker is free again after `SECONDS`. What a function does, it does at the moment it
begins; what it sends is counted as sent when it ends.
"""

import heapq
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from perennial import events
from perennial.customer import Lane

SECONDS = 0.15
"""One event from handing it over to its end, on AWS: some 40 ms of CPU, and waiting for six calls."""

Handle = Callable[[events.Event, str], None]


@dataclass(slots=True)
class Pool:
    """Workers of a lane, and who waits for them. `busy` are the groups whose message is out."""

    free: int
    waiting: deque[tuple[events.Event, str]] = field(default_factory=deque)
    busy: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Lanes:
    """`pools` gives the pool of each lane; two lanes may share one, to see what that would do."""

    now: datetime
    handle: Handle
    pools: Mapping[Lane, Pool]
    handled: int = 0
    joined: int = 0
    agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _turns: "count[int]" = field(default_factory=count)

    def clock(self) -> datetime:
        return self.now

    def later(self, at: datetime, action: Callable[[], None]) -> None:
        heapq.heappush(self.agenda, (at, next(self._turns), action))

    def join(self, event: events.Event, customer: str, lane: Lane) -> None:
        self.joined += 1
        self.pools[lane].waiting.append((event, customer))
        self._hand_out(self.pools[lane])

    def run(self) -> None:
        """Until nothing is left to do."""
        while self.agenda:
            at, _, action = heapq.heappop(self.agenda)
            self.now = max(self.now, at)
            action()

    def _hand_out(self, pool: Pool) -> None:
        for _ in range(len(pool.waiting)):
            if not pool.free:
                return
            event, customer = pool.waiting.popleft()
            if customer in pool.busy:
                pool.waiting.append((event, customer))
                continue
            pool.free -= 1
            pool.busy.add(customer)
            self.handle(event, customer)
            self.later(self.now + timedelta(seconds=SECONDS), lambda who=customer: self._end(pool, who))  # type: ignore[misc]

    def _end(self, pool: Pool, customer: str) -> None:
        pool.free += 1
        pool.busy.discard(customer)
        self.handled += 1
        self._hand_out(pool)
