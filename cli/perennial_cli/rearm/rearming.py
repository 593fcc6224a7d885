"""One customer after the other: made whole, told what is known of the lost time, given a new epoch, armed.

Each is one commit, or as many as it needs, and one schedule; doing it again changes nothing. The place reached is
written down after every hundred, so that a run that dies goes on where it stopped.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from perennial import ports
from perennial.customer import Customer, Wake
from perennial.decide import Decision, decide
from perennial.errors import RuleFailed, Unavailable
from perennial.lost import REASON, Lost
from perennial.outside import ForAdvancing
from perennial.waking import SOONEST, WINDOW
from perennial_cli.explaining import setting_for
from perennial_cli.rearm.in_steps import in_steps
from perennial_cli.rearm.past import Carried, Past, carry
from perennial_cli.rearm.tables import Restored

T = TypeVar("T")

STEP = 100
"""Customers after which the place reached is written down."""


@dataclass(slots=True)
class Tally:
    """What was found and done in one store; `doubtful` counts by class the touches that may have gone out."""

    customers: int = 0
    rearmed: int = 0
    armed: int = 0
    mended: int = 0
    told: int = 0
    merged: int = 0
    adopted: int = 0
    failing: int = 0
    doubtful: Counter[str] = field(default_factory=Counter)
    erased: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rearming:
    """`past` reads the table as it was, if there is one. `dry`: look, and change nothing."""

    outside: ForAdvancing
    restored: Restored
    lost: Lost
    past: ports.Customers | None = None
    dry: bool = False
    workers: int = 1

    def walk(self, store: str, tally: Tally) -> Iterator[int]:
        """Yields after each hundred how many customers it has met."""
        after = None if self.dry else self.restored.reached(store, self.lost.epoch)
        with ThreadPoolExecutor(self.workers) as pool:
            for customers in _hundreds(self.restored.customers(store, after)):
                work: Callable[..., Iterable[None]] = map if self.workers == 1 else pool.map
                list(work(lambda customer: self.one(store, customer, tally), customers))
                if not self.dry:
                    self.restored.reach(store, self.lost.epoch, customers[-1])
                yield len(customers)

    def one(self, store: str, customer: str, tally: Tally) -> None:
        tally.customers += 1
        if self.restored.is_torn(store, customer):
            tally.mended += 1
            if self.dry:
                return
            self.restored.mend(store, customer)
        loaded = self.outside.customers.load(store, customer)
        if self._is_merged(loaded):
            tally.merged += 1
            return
        after = loaded if loaded.profile.epoch == self.lost.epoch else self._rearm(loaded, tally)
        self._foresee(after, tally)
        wake = after.profile.wake
        if wake is not None:
            tally.armed += 1
            if not self.dry:
                self.outside.timers.arm(store, customer, after.profile.epoch, wake)

    def _is_merged(self, loaded: Customer) -> bool:
        """Whether somebody else cares for this person. A restore may hold the half of a merge, which is about two."""
        profile = loaded.profile
        if profile.redirect is None:
            return False
        return profile.customer in self.outside.customers.load(profile.store, profile.redirect).profile.merged

    def _rearm(self, loaded: Customer, tally: Tally) -> Customer:
        profile = loaded.profile
        carried = self._carried(replace(loaded, profile=replace(profile, redirect=None)))
        after = rearmed(carried.customer, self.lost.epoch, self.outside.now())
        tally.rearmed += 1
        tally.told += len(carried.touches)
        if after.profile.erased_at is not None and profile.erased_at is None:
            tally.erased.append(profile.customer)
        if not self.dry:
            whole = Decision(loaded, after, touches=carried.touches, ledger=carried.words)
            self._commit(in_steps(whole, self.outside.mint_nonce))
        return after

    def _commit(self, steps: Iterable[Decision]) -> None:
        for decision in steps:
            if isinstance(self.outside.customers.commit(decision, {}), ports.Committed):
                continue
            profile = decision.before.profile
            if self.outside.customers.load(profile.store, profile.customer).profile.epoch != self.lost.epoch:
                raise Unavailable(f"somebody works on {profile.customer}: stop the functions, then run this again")
            return

    def _carried(self, loaded: Customer) -> Carried:
        if self.past is None:
            return Carried(loaded)
        return carry(loaded, _as_they_were(loaded, self.past), self.lost.restored_to)

    def _foresee(self, customer: Customer, tally: Tally) -> None:
        """Which touches the next run will end because they may have gone out."""
        setting = setting_for(customer, self.outside)
        try:
            ends = decide(customer, (), replace(setting, pauses=setting.pauses | {self.lost.as_pause()})).touches
        except RuleFailed:
            tally.failing += 1
            return
        tally.doubtful.update(touch.class_ for touch in ends if touch.reason == REASON)


def _as_they_were(loaded: Customer, past: ports.Customers) -> Past:
    """Whoever became another in the lost time went on under that name: what it says of their passages is theirs."""
    store, names = loaded.profile.store, [loaded.profile.customer]
    then = past.load(store, loaded.profile.customer)
    while then.profile.redirect is not None and then.profile.redirect not in names:
        names.append(then.profile.redirect)
        then = past.load(store, names[-1])
    # What lives here may have come to its end in the lost time, and lie in the archive there.
    ended = sorted(loaded.orders.keys() - then.orders.keys())
    found = (past.archived(store, name, order) for order in ended for name in names)
    then = replace(then, orders={**then.orders, **{order.id: order for order in found if order is not None}})
    own, *others = names
    touches = [*past.touches(store, own)]
    for name in others:
        touches += (touch for touch in past.touches(store, name) if touch.enrolment in loaded.enrolments)
    return Past(then, tuple(touches), tuple(entry for name in names for entry in past.ledger(store, name)))


def rearmed(customer: Customer, epoch: int, now: datetime) -> Customer:
    """Under a new epoch, with a wake that is ahead: the committed one, or a first look at whoever waits without one.

    What the lost time has made late is spread a little where nobody needs it.
    """
    profile = customer.profile
    waits = customer.enrolments or profile.claims or profile.moving or profile.same_as
    held = profile.wake or (Wake(now, 0) if waits else None)
    if held is None:
        return replace(customer, profile=replace(profile, epoch=epoch))
    late = held.at <= now + SOONEST
    wake = Wake(
        at=_full_minute(now + SOONEST) if late else held.at,
        n=profile.wakes + 1,
        lane=held.lane,
        flexible_minutes=WINDOW if late and held.lane == "patient" else held.flexible_minutes,
    )
    return replace(customer, profile=replace(profile, epoch=epoch, wake=wake, wakes=wake.n))


def _full_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _hundreds(customers: Iterator[T]) -> Iterator[list[T]]:
    while some := list(islice(customers, STEP)):
        yield some
