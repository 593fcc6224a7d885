"""Erasing a person in one run, whatever their history; and who it is when an erased person comes back.

The order of the work makes it repeatable: first the addresses are buried (while the profile still knows them), then
everything is emptied, and the person is forgotten last. A run that dies is done again from the beginning, and finds
less to do each time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from itertools import chain
from typing import get_args

from perennial import events
from perennial.books import bare_profile
from perennial.customer import Customer, Profile
from perennial.erasing import Step, unfinished
from perennial.identity import Alias, AliasKind, contact_of, normal_email, normal_phone, personal_aliases
from perennial.orders import tracking_numbers
from perennial.outside import ForAdvancing
from perennial.ports import Emptied
from perennial.store import Store
from perennial.suppression import left_by

MOST_STEPS = 500
"""Far more than anybody has orders for; a step that changes nothing ends it sooner."""

MOST_WAKES = 40
"""The newest schedules; older ones have rung long ago. What is left of any names nobody."""

TELLING = 6
"""Characters below which a value is met in other people's bodies by chance."""


def forget(request: events.PrivacyEvent, customer: Customer, outside: ForAdvancing, act: "Act") -> Emptied:
    """Everything personal of a customer whose `erased_at` is committed. `act` decides about one step and commits it."""
    profile, store = customer.profile, outside.content.stores[request.store]
    aliases = _aliases(request, profile, store)
    contacts = [request.contact, profile.contact, *(order.contact for order in customer.orders.values())]
    values = told_of(contacts, profile.aliases, store)
    buried = sum(_bury(alias, profile, outside) for alias in aliases) + _bury_orders(request, customer, outside)
    for _ in range(MOST_STEPS):
        if not unfinished(customer):
            break
        customer = act(Step("empty"))
    emptied = _empty(store.store, (profile.customer, *profile.merged), outside)
    purged = outside.traces.purge(store.store, values) if values else 0
    _cancel_old_wakes(act(Step("forget")).profile, outside)
    return replace(emptied, parked=emptied.parked + purged, aliases=buried)


def _empty(store: str, names: Sequence[str], outside: ForAdvancing) -> Emptied:
    """What lies behind the live items, under every name the person had."""
    found = [outside.traces.empty(store, name) for name in names]
    kinds = {kind.name: sum(getattr(one, kind.name) for one in found) for kind in fields(Emptied)}
    return Emptied(**kinds)


Act = Callable[[Step], Customer]


def _cancel_old_wakes(profile: Profile, outside: ForAdvancing) -> None:
    """A schedule that was superseded by a message's own run may still be there, to ring into nothing."""
    for n in range(max(1, profile.wakes - MOST_WAKES), profile.wakes + 1):
        if profile.wake is None or n != profile.wake.n:
            outside.timers.cancel(profile.customer, profile.epoch, n)


def heir_of(event: events.Event, profile: Profile, store: Store, outside: ForAdvancing) -> str | None:
    """Who is meant by news that names an erased person and is younger than the erasure; None if it is about the books.

    Whoever orders again, or is told of again, is a new customer; the addresses lead to them from now on.
    """
    if profile.erased_at is None or not _is_of_somebody_new(event, profile.erased_at, store):
        return None
    heir = outside.mint_customer()
    for alias in personal_aliases(contact_of(event), store):
        heir = outside.directory.take_over(store.store, alias, profile.customer, heir)
    return None if heir == profile.customer else heir


def _is_of_somebody_new(event: events.Event, erased_at: datetime, store: Store) -> bool:
    """An order counts from when it was placed: what is told of an older one, however late, is about the books."""
    aliases = personal_aliases(contact_of(event), store)
    if isinstance(event, events.OrderEvent):
        told_by_type = event.happened_at if event.type == "OrderPlaced" else None
        placed = event.order.placed_at or told_by_type
        return bool(aliases) and placed is not None and min(placed, event.happened_at) > erased_at
    return any(alias.kind == "email" for alias in aliases) and event.happened_at > erased_at


def _aliases(request: events.PrivacyEvent, profile: Profile, store: Store) -> list[Alias]:
    known = (text.partition(":") for text in profile.aliases)
    own = [Alias(kind, value) for kind, _, value in known if kind in get_args(AliasKind)]  # type: ignore[arg-type]  # just asked
    return list(dict.fromkeys([*own, *personal_aliases(request.contact, store)]))


def _bury(alias: Alias, profile: Profile, outside: ForAdvancing) -> bool:
    """Once the profile is forgotten, what an earlier run wrote says more than it can."""
    erased_at, again = profile.erased_at, bare_profile(profile) == profile
    if erased_at is None:
        return False
    left = left_by(profile, erased_at, alias.value)
    return outside.traces.bury(profile.store, profile.customer, alias, left, again=again)


def _bury_orders(request: events.PrivacyEvent, customer: Customer, outside: ForAdvancing) -> int:
    """Orders that the shop names are this customer's from now on, so that late news of them finds nobody."""
    store, name, former = customer.profile.store, customer.profile.customer, customer.profile.merged
    theirs = [*customer.orders.values(), *(outside.traces.archive(store, name) if former else ())]
    for number in chain.from_iterable(map(tracking_numbers, theirs)):
        for whose in (name, *former):
            outside.traces.drop(store, whose, Alias("tracking", number))
    named = [Alias("order", order_id) for order_id in request.order_ids]
    return sum(outside.traces.bury(store, name, alias, None) for alias in named)


def told_of(contacts: Iterable[events.Contact], aliases: Iterable[str], store: Store) -> list[str]:
    """By what bodies that nobody could read are known to be about a person, as written and in normal form."""
    told = {value for contact in contacts for value in (contact.email, contact.phone, contact.customer_id) if value}
    told |= {alias.partition(":")[2] for alias in aliases}
    spelt = {normal_email(value) or normal_phone(value, store.country) or value for value in told}
    return sorted(value for value in told | spelt if len(value) >= TELLING)
