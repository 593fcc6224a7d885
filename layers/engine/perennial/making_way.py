"""What stands in a run's way: aliases of others, another half of the same person, somebody else's line."""

from collections.abc import Collection, Iterator
from itertools import chain

from perennial import events, ports
from perennial.becoming_one import Apart, Later, United, become_one, hand_over
from perennial.customer import Profile
from perennial.draft import SamePerson
from perennial.errors import Unavailable
from perennial.identity import Alias, named_aliases, order_id_of
from perennial.outside import ForAdvancing
from perennial.receiving import lane_of
from perennial.run_report import Report
from perennial.running import Run

MOST_BATCHES = 100
"""Commits by which an erasure waits for a merge to be done; every other event takes one."""


def make_way(run: Run, taken: ports.Taken) -> str | None:
    """Adopts what waits at aliases, unites with whoever is the same person, leaves alone what is somebody else's.

    Returns whose line the event belongs into, if not this one.
    """
    order = Alias("order", order_id_of(run.event) or "")
    us = {run.me, *run.customer.profile.merged}
    others = {held.alias: held.owner for held in taken.held if held.owner is not None and held.owner not in us}
    for held in taken.held:
        if held.left is not None:
            run.left[held.alias] = held.left
        if held.alias not in others:
            run.adopted[held.alias] = held.facts
            run.archived = run.archived or (held.alias == order and held.owner is not None)
    same = [owner for alias, owner in others.items() if alias not in run.left and _same_person(run, alias, others)]
    for owner in dict.fromkeys(same):
        elsewhere = meet(run, owner)
        if elsewhere is not None:
            return elsewhere
    strange = {alias: owner for alias, owner in others.items() if owner not in run.customer.profile.merged}
    run.left_alone |= strange.keys() - {order}
    return strange.get(order)


def _same_person(run: Run, alias: Alias, others: Collection[Alias]) -> bool:
    """Whether an event says that this alias and one of ours are the same person's.

    Whoever is known by nothing but orders, which came without a buyer, is whom these turn out to name.
    """
    told = chain([run.event], *run.adopted.values())
    groups = [named_aliases(event, run.store) for event in told]
    if not run.customer.profile.aliases:
        return any(alias in group for group in groups)
    return any(alias in group and any(name not in others for name in group) for group in groups)


def meet(run: Run, other: str) -> str | None:
    """Unites with another customer, now or later. Returns whose line it is, if not this one any more."""
    outcome = become_one(run.store.store, run.me, other, run.outside)
    if isinstance(outcome, United) and outcome.customer != run.me:
        return outcome.customer
    if isinstance(outcome, Apart) and outcome.reason is not None:
        park(run, outcome.reason)
    run.changed = run.changed or isinstance(outcome, United)
    run.customer = hand_over(run.outside.customers.load(run.store.store, run.me), run.event, run.outside)
    if isinstance(outcome, United):
        run.armed = run.customer.profile.wake
    if isinstance(outcome, Later) or other in run.customer.profile.same_as:
        run.inputs = (*run.inputs, SamePerson(other, outcome.until if isinstance(outcome, Later) else None))
    return None


def go_on(run: Run) -> str | None:
    """What merges have left to do, before anything else. Returns whose line it is, if not this one any more."""
    erasing = isinstance(run.event, events.PrivacyEvent)
    for other in list(_due(run, erasing)):
        owner = meet(run, other)
        if owner is not None:
            return owner
        if erasing:  # an other half that is not free to come is erased where it is
            run.outside.line.join(run.event, other, "urgent", fresh=run.outside.mint_nonce())
    for _ in range(MOST_BATCHES if erasing else 1):
        run.customer = hand_over(run.customer, run.event, run.outside)
    if erasing and run.customer.profile.moving:
        raise Unavailable("what lives under another name of this person has not followed yet")
    return None


def _due(run: Run, erasing: bool) -> Iterator[str]:
    now = run.outside.now()
    yield from (name for name, at in run.customer.profile.same_as.items() if erasing or at <= now)


def forward(event: events.Event, customer: str, owner: str, outside: ForAdvancing) -> Report:
    """A telling of its own: the owner's line may have seen this very event, and have sent it here."""
    outside.line.join(event, owner, lane_of(event), fresh=outside.mint_nonce())
    return Report("forwarded", customer, reason=owner)


def leave(event: events.Event, loser: Profile, winner: str, outside: ForAdvancing) -> Report:
    """Somebody who became another is nobody's line any more, and their wakes wake nobody."""
    if isinstance(event, events.WakeDue):
        return Report("unchanged", loser.customer, reason=winner)
    return forward(event, loser.customer, winner, outside)


def park(run: Run, reason: str) -> None:
    """Kept with the customer, where it holds whatever is not needed until a person has judged."""
    parked = ports.Parked(
        id=run.event.id,
        store=run.store.store,
        kind="event",
        reason=reason,
        parked_at=run.outside.now(),
        content=events.to_json(run.event),
        customer=run.me,
    )
    run.outside.customers.park(run.store.store, run.me, parked)
