"""Facts first: what an event changes about the person and the order, before anybody asks what to send."""

from dataclasses import replace
from datetime import UTC, datetime

from perennial import consent, events
from perennial.customer import LATEST_ORDERS, Consent, Device, OrderMark
from perennial.draft import Draft
from perennial.hearing import hear_answer, hear_words, note_detractor
from perennial.identity import Alias, contact_of, identifying_email, named_aliases, order_id_of
from perennial.merging import newest, stated
from perennial.order_facts import cancelled_at
from perennial.orders import Order, blank, learn

WITH_A_BOX = (None, "web")
"""Channels of orders that went through a checkout; a sender that names none has but one."""

NEVER = datetime.min.replace(tzinfo=UTC)
"""When a device was registered of which only the removal is known."""


def apply(draft: Draft, event: events.Event) -> None:
    """Merges one event into the draft. Applying it twice, late or out of order leads to the same facts (law 7)."""
    order_id = order_id_of(event)
    if order_id is not None:
        _apply_to_order(draft, order_id, event)
    _meet(draft, contact_of(event), event.happened_at, "phone" if isinstance(event, events.OrderEvent) else "")
    _register(draft, named_aliases(event, draft.setting.store))
    match event:
        case events.OrderEvent():
            _hear_checkbox(draft, event)
        case events.ConsentEvent():
            hear_words(draft, consent.words_of(event, draft.setting.store))
        case events.DeviceEvent():
            _hear_device(draft, event)
        case _:
            hear_answer(draft, event)


def _apply_to_order(draft: Draft, order_id: str, event: events.Event) -> None:
    held = draft.orders.get(order_id)
    order = learn(held or blank(order_id), event)
    if order is held:
        return
    draft.orders[order_id] = order
    if held is None:
        draft.change(orders=draft.profile.orders + 1)
        draft.aliases.append(Alias("order", order_id))
    _mark(draft, order)
    if isinstance(event, events.ScoreEvent):
        note_detractor(draft, order)


def _mark(draft: Draft, order: Order) -> None:
    """Keeps the newest few orders in mind by date, so that old ones need not be read to know what was bought since."""
    placed = order.firsts.get("placed")
    if placed is None:
        return
    others = [mark for mark in draft.profile.latest_orders if mark.id != order.id]
    marks = [*others, OrderMark(order.id, placed, cancelled_at(order) is not None)]
    newest_first = sorted(marks, key=lambda mark: (mark.placed_at, mark.id), reverse=True)[:LATEST_ORDERS]
    if tuple(newest_first) != draft.profile.latest_orders:
        draft.change(latest_orders=tuple(newest_first))


def _meet(draft: Draft, told: events.Contact | None, stamp: datetime, not_theirs: str) -> None:
    """Learns about the person. That one order came without an email, or with a till's, takes no address away. The phone
    of an order stays with it: it may be that of whoever takes the parcel in.
    """
    if told is None:
        return
    profile = draft.profile
    nobodys = () if identifying_email(told, draft.setting.store) else ("email",)
    said = {name: value for name, value in stated(told, "email_missing", not_theirs, *nobodys).items() if value}
    contact, stamps = newest(profile.contact, profile.stamps, said, stamp)
    if contact is not profile.contact:
        draft.change(contact=contact, stamps=stamps)


def _register(draft: Draft, named: tuple[Alias, ...]) -> None:
    fresh = [alias for alias in named if str(alias) not in draft.profile.aliases]
    if fresh:
        draft.aliases += fresh
        draft.change(aliases=(*draft.profile.aliases, *(str(alias) for alias in fresh)))


def _hear_checkbox(draft: Draft, event: events.OrderEvent) -> None:
    """A tick at checkout is consent at that moment; an empty box is not a withdrawal.

    Of a renewal, a draft or a till's sale nobody ticked a box: there shops repeat what they know of the customer, and
    may not know that they have left our list since. Each event is heard by itself, so that order of arrival is no
    matter.
    """
    if not event.order.accepts_marketing or event.order.channel not in WITH_A_BOX:
        return
    ticked_at = min(event.order.placed_at or event.happened_at, event.happened_at)
    ticked = Consent("given", ticked_at, "checkout", consent.BOX, evidence=event.order.id)
    said = consent.taken(ticked, draft.setting.store)
    hear_words(draft, (("email", class_, said) for class_ in consent.SPOKEN_OF))


def _hear_device(draft: Draft, event: events.DeviceEvent) -> None:
    """The newest registration and the newest removal of a device, whichever came last in time, decide."""
    arn, stamp = event.device.endpoint, event.happened_at
    held = draft.profile.devices.get(arn) or Device("", NEVER)
    if event.type == "DeviceRegistered":
        stamp, platform = max((held.registered_at, held.platform), (stamp, event.device.platform))
        device = replace(held, platform=platform, registered_at=stamp)
    else:
        device = replace(held, removed_at=max(held.removed_at or stamp, stamp))
    if draft.profile.devices.get(arn) != device:
        draft.change(devices={**draft.profile.devices, arn: device})
