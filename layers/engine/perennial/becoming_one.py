"""A merge as it is carried out: two customers, one transaction; then what lives under the loser's name follows.

Each step may be the last one before a crash, and any of them may be done again. Two who unite at once, or three in a
ring, end as one: a redirect is only written on somebody who is none, in the commit that checks both versions.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from perennial import events
from perennial.customer import Customer, Profile, Touch
from perennial.errors import Unavailable, own_failures
from perennial.handing_over import Pair, follow, settled, unite, waiting_again
from perennial.identity import Alias, AliasKind, order_id_of
from perennial.outside import ForAdvancing
from perennial.ports import Committed
from perennial.uniting import MOST_MERGED, free, look_again, too_many, winner_of

ATTEMPTS = 5
"""How often others may commit to either of the two in between."""

TOO_MANY = (
    f"more than {MOST_MERGED} customers would become one: an id that stands for many? (identity.denylist_customers)"
)


@dataclass(frozen=True, slots=True)
class United:
    """They are one, and this is their line."""

    customer: str


@dataclass(frozen=True, slots=True)
class Later:
    """The loser is not free to go before then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Apart:
    """They stay two; `reason` is for a person to judge."""

    reason: str | None = None


def become_one(store: str, me: str, other: str, outside: ForAdvancing) -> United | Later | Apart:
    """Unites two customers who are one person. Raises Unavailable."""
    for _ in range(ATTEMPTS):
        one, two = root(store, me, outside), root(store, other, outside)
        if one.profile.customer == two.profile.customer:
            return United(one.profile.customer)
        if one.profile.erased_at is not None or two.profile.erased_at is not None:
            return Apart()
        if too_many(one.profile, two.profile):
            return Apart(TOO_MANY)
        winner, loser = winner_of(one, two)
        if not free(loser):
            return Later(look_again(loser, outside.now()))
        if _commit(winner, loser, outside):
            return United(winner.profile.customer)
    raise Unavailable("others keep committing to two customers who are one")


def root(store: str, customer: str, outside: ForAdvancing) -> Customer:
    """Whom a merge, or several, have made of a customer."""
    found = outside.customers.load(store, customer)
    for _ in range(MOST_MERGED):
        if found.profile.redirect is None:
            break
        found = outside.customers.load(store, found.profile.redirect)
    return found


def _commit(winner: Customer, loser: Customer, outside: ForAdvancing) -> bool:
    records = _records(loser, outside)
    with own_failures():
        pair = unite(winner, loser, records, outside.now(), outside.mint_nonce())
    if not isinstance(outside.customers.commit_both(pair.winner, pair.loser), Committed):
        return False
    _arm(pair.winner.after, outside)
    _lead_orders(pair, outside)
    if winner.profile.wake is not None:
        outside.timers.cancel(winner.profile.customer, winner.profile.epoch, winner.profile.wake.n)
    return True


def _lead_orders(pair: Pair, outside: ForAdvancing) -> None:
    """News of an order that was handed over need no forwarding. What a crash leaves out is mended by the first."""
    before, after = pair.loser.before, pair.loser.after
    aliases = [Alias("order", name) for name in sorted(before.orders.keys() - after.orders.keys())]
    _take_over(aliases, after.profile, pair.winner.after.profile.customer, outside)


def _take_over(aliases: Iterable[Alias], loser: Profile, winner: str, outside: ForAdvancing) -> None:
    for alias in aliases:
        outside.directory.take_over(loser.store, alias, loser.customer, winner)


def _records(loser: Customer, outside: ForAdvancing) -> dict[str, Touch]:
    profile = loser.profile
    found = {touch: outside.customers.record(profile.store, profile.customer, touch) for touch in waiting_again(loser)}
    return {name: record for name, record in found.items() if record is not None}


def _arm(customer: Customer, outside: ForAdvancing) -> None:
    profile = customer.profile
    if profile.wake is not None:
        outside.timers.arm(profile.store, profile.customer, profile.epoch, profile.wake)


def hand_over(customer: Customer, event: events.Event, outside: ForAdvancing) -> Customer:
    """One further commit for each of those who still have live passages; the event's own order goes first.

    Whoever finds work left here cannot know that the wake was armed by whoever began it.
    """
    if customer.profile.moving:
        _arm(customer, outside)
    for loser in customer.profile.moving:
        customer = _hand_over(customer, loser, order_id_of(event), outside)
    return customer


def _hand_over(customer: Customer, name: str, first: str | None, outside: ForAdvancing) -> Customer:
    store, me = customer.profile.store, customer.profile.customer
    loser = outside.customers.load(store, name)
    if loser.enrolments:
        with own_failures():
            pair = follow(customer, loser, _records(loser, outside), outside.mint_nonce(), first)
        if not isinstance(outside.customers.commit_both(pair.winner, pair.loser), Committed):
            return outside.customers.load(store, me)
        _lead_orders(pair, outside)
        customer, loser = pair.winner.after, pair.loser.after
    return customer if loser.enrolments else _settle(customer, loser.profile, outside)


def _settle(customer: Customer, loser: Profile, outside: ForAdvancing) -> Customer:
    """The loser's addresses lead to the winner, so that events need no forwarding, and their wake wakes nobody."""
    store, me = customer.profile.store, customer.profile.customer
    known = (text.partition(":") for text in customer.profile.aliases)
    aliases = [Alias(kind, value) for kind, _, value in known if kind in get_args(AliasKind)]  # type: ignore[arg-type]  # just asked
    _take_over(aliases, loser, me, outside)
    if loser.wakes:
        outside.timers.cancel(loser.customer, loser.epoch, loser.wakes)
    decision = settled(customer, loser.customer, outside.mint_nonce())
    done = isinstance(outside.customers.commit(decision, {}), Committed)
    return decision.after if done else outside.customers.load(store, me)
