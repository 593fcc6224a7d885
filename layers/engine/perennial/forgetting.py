"""Erasing a person whatever their history, in as many runs as it takes; and who it is when an erased person comes back.

The order of the work makes it repeatable: first the addresses are buried (while the profile still knows them), then
everything is emptied, and the person is forgotten last. A run that dies is done again from the beginning, and finds
less to do each time. One that has used up its time notes in the profile how far it has come, and the request joins the
line once more: nothing that was looked at is looked at again, so that every run comes further. A queue may bring such
a request twice, and each would bring about others: so one that goes on where nothing is left to be done ends at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import get_args

from perennial import events
from perennial.books import bare_profile
from perennial.customer import Customer, Profile
from perennial.erasing import Step, unfinished
from perennial.identity import Alias, AliasKind, contact_of, normal_email, normal_phone, personal_aliases
from perennial.orders import tracking_numbers
from perennial.outside import ForAdvancing
from perennial.ports import Cleared, Emptied, Enough
from perennial.store import Store
from perennial.suppression import left_by

MOST_TIME = timedelta(seconds=15)
"""Of a run, from its start: the function has thirty, and what is under way then must end."""

MOST_STEPS = 500
"""Far more than anybody has orders for; a step that changes nothing ends it sooner."""

MOST_WAKES = 40
"""The newest schedules; older ones have rung long ago. What is left of any names nobody."""

TELLING = 6
"""Characters below which a value is met in other people's bodies by chance."""

PARKED, LIVE = "parked", "live"
"""What is cleared after everything behind the names of the person: what is parked for anybody, and what is live."""

Act = Callable[[Step], Customer]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What a run has emptied; another one is needed where it is not `finished`."""

    emptied: Emptied
    finished: bool


def forget(
    request: events.PrivacyEvent, customer: Customer, outside: ForAdvancing, act: Act, enough: Enough
) -> Forgotten:
    """Everything personal of a customer whose `erased_at` is committed. `act` decides about one step and commits it."""
    profile, store = customer.profile, outside.content.stores[request.store]
    aliases = _aliases(request, profile, store)
    buried = sum(_bury(alias, profile, outside) for alias in aliases) + _bury_orders(request, customer, outside)
    emptied, place = _clear(request, customer, outside, enough)
    emptied = replace(emptied, aliases=buried)
    if place is None and not _empty_live(customer, act, enough):
        place = (LIVE, "")
    if place is not None:
        act(Step("rest", request.id, place))
        return Forgotten(emptied, finished=False)
    _cancel_old_wakes(act(Step("forget", request.id)).profile, outside)
    return Forgotten(emptied, finished=True)


def is_done(request: events.PrivacyEvent, profile: Profile) -> bool:
    """Whether a request that only goes on has nothing left to go on with."""
    return request.goes_on and request.id not in profile.erasing


def _clear(
    request: events.PrivacyEvent, customer: Customer, outside: ForAdvancing, enough: Enough
) -> tuple[Emptied, tuple[str, str] | None]:
    """What lies behind the live items, under every name the person had, and what is parked and names them. They are
    known by their live orders too, so that those come last. Also says where the next run goes on, if one is needed.
    """
    profile, store = customer.profile, outside.content.stores[request.store]
    contacts = [request.contact, profile.contact, *(order.contact for order in customer.orders.values())]
    values = told_of(contacts, profile.aliases, store)
    names = (profile.customer, *profile.merged)
    rooms = (*names, PARKED, LIVE)
    reached, after = profile.erasing.get(request.id, (rooms[0], ""))
    found: list[Emptied] = []
    for room in rooms[rooms.index(reached) if reached in rooms else 0 : -1]:
        start = after if room == reached else ""
        if room == PARKED:
            cleared = outside.traces.purge(store.store, values, enough, start) if values else Cleared(Emptied())
        else:
            cleared = outside.traces.empty(store.store, (room, *(n for n in names if n != room)), enough, start)
        found.append(cleared.emptied)
        if cleared.after is not None:
            return _summed(found), (room, cleared.after)
    return _summed(found), None


def _empty_live(customer: Customer, act: Act, enough: Enough) -> bool:
    """Whether there is nothing left of it."""
    for _ in range(MOST_STEPS):
        if not unfinished(customer):
            return True
        customer = act(Step("empty"))
        if enough():
            return not unfinished(customer)
    return True


def _summed(found: Sequence[Emptied]) -> Emptied:
    return Emptied(**{kind.name: sum(getattr(one, kind.name) for one in found) for kind in fields(Emptied)})


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
    known = replace(profile, erasing={})
    erased_at, again = profile.erased_at, bare_profile(known) == known
    if erased_at is None:
        return False
    left = left_by(profile, erased_at, alias.value)
    return outside.traces.bury(profile.store, profile.customer, alias, left, again=again)


def _bury_orders(request: events.PrivacyEvent, customer: Customer, outside: ForAdvancing) -> int:
    """Orders that the shop names are this customer's from now on, so that late news of them finds nobody. What is
    somebody else's stays theirs.
    """
    store, name, former = customer.profile.store, customer.profile.customer, customer.profile.merged
    for order in customer.orders.values():
        for number in tracking_numbers(order):
            for whose in (name, *former):
                outside.traces.drop(store, whose, Alias("tracking", number))
    left_alone = [order for order in request.order_ids if not outside.traces.bury(store, name, _order(order), None)]
    if not request.goes_on:
        _ask_owners(request, left_alone, customer.profile, outside)
    return len(request.order_ids) - len(left_alone)


def _ask_owners(request: events.PrivacyEvent, orders: Iterable[str], profile: Profile, outside: ForAdvancing) -> None:
    """An order that came without a buyer was somebody's of whom nothing else is known, or nothing but what the request
    names: they are erased where they are. Each is asked for their own orders alone, and so asks nobody further.
    """
    asked = {str(alias) for alias in personal_aliases(request.contact, outside.content.stores[request.store])}
    theirs: dict[str, list[str]] = {}
    for order in orders:
        owner = outside.directory.owner(profile.store, _order(order))
        if owner is not None and owner not in profile.merged:
            theirs.setdefault(owner, []).append(order)
    for owner, own in theirs.items():
        other = outside.customers.load(profile.store, owner).profile
        if other.redirect is None and other.erased_at is None and asked.issuperset(other.aliases):
            told = request.model_copy(update={"order_ids": tuple(own)})
            outside.line.join(told, owner, "urgent", fresh=outside.mint_nonce())


def _order(order_id: str) -> Alias:
    return Alias("order", order_id)


def told_of(contacts: Iterable[events.Contact], aliases: Iterable[str], store: Store) -> list[str]:
    """By what bodies that nobody could read are known to be about a person, as written and in normal form."""
    told = {value for contact in contacts for value in (contact.email, contact.phone, contact.customer_id) if value}
    told |= {alias.partition(":")[2] for alias in aliases}
    spelt = {normal_email(value) or normal_phone(value, store.country) or value for value in told}
    return sorted(value for value in told | spelt if len(value) >= TELLING)
