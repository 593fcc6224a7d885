"""The commits of a merge. Pure: two customers in, two decisions out, which are written together or not at all.

The first one unites the profiles, makes the loser a redirect, and hands over as many live passages as one commit takes;
further ones hand over the rest, order by order. Until the last of them the winner's `moving` names the loser, and no
marketing is claimed. What does not live any more (the archive, records of touches, the ledger) stays where it was
written and is found by the winner's `merged`: reports of providers lead there, and no history makes a merge dear.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime

from perennial.arranging import arranged
from perennial.customer import Customer, Enrolment, Profile, Touch, Wake, touch_id
from perennial.decide import Decision
from perennial.ledger import Entry
from perennial.uniting import UNITED, united
from perennial.waking import first_minute

MOST_WRITES = 40
"""Of the hundred that a transaction takes. What one more order and its passages need comes on top."""

BEEN_HERE = "united with a customer who has been in this journey"


@dataclass(frozen=True, slots=True)
class Pair:
    winner: Decision
    loser: Decision


def unite(winner: Customer, loser: Customer, records: Mapping[str, Touch], now: datetime, nonce: str) -> Pair:
    """The first commit. `records` are those of the loser's touches that wait to be tried again."""
    profile, n = united(winner.profile, loser.profile), winner.profile.wakes + 1
    # A look at once, whatever either waited for: from here on this wake answers for both (law 2).
    profile = replace(profile, wake=Wake(first_minute(now, now), n, "urgent"), wakes=n)
    words = [Entry.of(topic, said, now) for topic, said in profile.consents.items() if said.source == UNITED]
    tombstone = Profile(
        store=loser.profile.store,
        customer=loser.profile.customer,
        version=loser.profile.version,
        redirect=profile.customer,
        once=tuple(sorted({*winner.profile.once} & {*loser.profile.once})),
        wakes=loser.profile.wakes,
        epoch=loser.profile.epoch,
    )
    pair = _hand_over(replace(winner, profile=profile), replace(loser, profile=tombstone), records, nonce, None)
    return replace(pair, winner=replace(pair.winner, ledger=tuple(words)))


def follow(winner: Customer, loser: Customer, records: Mapping[str, Touch], nonce: str, first: str | None) -> Pair:
    """A further commit: the next passages of a loser who redirects already. The order called `first` goes first."""
    return _hand_over(winner, loser, records, nonce, first)


def settled(winner: Customer, loser: str, nonce: str) -> Decision:
    """The last commit: nothing lives under the loser's name any more."""
    moving = tuple(name for name in winner.profile.moving if name != loser)
    return Decision(winner, _with(winner, replace(winner.profile, moving=moving), nonce))


def waiting_again(loser: Customer) -> list[str]:
    """Touches that have a record, and are still ahead."""
    store = loser.profile.store
    return [touch_id(store, held.id, key) for held in loser.enrolments.values() for key in _released(held)]


def _released(enrolment: Enrolment) -> Iterator[str]:
    yield from (key for key, done in enrolment.touches.items() if done.state == "released")


def _hand_over(winner: Customer, loser: Customer, records: Mapping[str, Touch], nonce: str, first: str | None) -> Pair:
    going = set(_next_orders(loser, first))
    passages = {name: held for name, held in loser.enrolments.items() if held.order_id in going}
    orders = {name: order for name, order in loser.orders.items() if name in going}
    arrived = {name: _ended_twice(held, loser.profile) for name, held in passages.items()}
    after = replace(winner, orders={**orders, **winner.orders}, enrolments={**arrived, **winner.enrolments})
    after = _with_room(after, orders.keys())
    left = replace(
        loser,
        orders={name: order for name, order in loser.orders.items() if name not in going},
        enrolments={name: held for name, held in loser.enrolments.items() if name not in passages},
    )
    wanted = waiting_again(replace(loser, enrolments=passages))
    touches = tuple(records[touch] for touch in wanted if touch in records)
    return Pair(
        Decision(winner, _with(after, winner.profile, nonce), touches=touches),
        Decision(loser, _with(left, loser.profile, nonce)),
    )


def _next_orders(loser: Customer, first: str | None) -> Iterator[str]:
    """Whole orders with all their passages, as many as one commit takes, and one at least."""
    writes = 0
    for order_id in sorted(loser.live_orders, key=lambda name: (name != first, name)):
        passages = [held for held in loser.enrolments.values() if held.order_id == order_id]
        if writes > MOST_WRITES:
            return
        writes += 2 + sum(2 + len(list(_released(held))) for held in passages)
        yield order_id


def _with_room(after: Customer, arrived: Set[str]) -> Customer:
    """What arrives lies apart where it would be too much together; it puts nothing else out, which nobody counted."""
    return after if arranged(after) is after else replace(after, apart=after.apart | frozenset(arrived))


def _ended_twice(enrolment: Enrolment, tombstone: Profile) -> Enrolment:
    """What goes once for each customer has gone once: the second passage ends."""
    return replace(enrolment, stopped=BEEN_HERE) if enrolment.journey in tombstone.once else enrolment


def _with(customer: Customer, profile: Profile, nonce: str) -> Customer:
    return replace(customer, profile=replace(profile, version=profile.version + 1, commit=nonce))
