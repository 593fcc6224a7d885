"""The gates: may this touch go now, on which channel; if not, until when it is held, or why it never will.

As docs/design.md section 3 has them; a store's settings can only be stricter. Whatever is no `Go` says why, for people.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from perennial import consent, timing
from perennial.customer import Customer
from perennial.estimates import is_late
from perennial.events import Channel
from perennial.identity import deliverable, identifying_email, normal_phone
from perennial.journeys import OCCASIONS, PARTS
from perennial.order_facts import moments, unnamed_until
from perennial.orders import Order
from perennial.pauses import Pause, holding, next_look
from perennial.planning import Planned
from perennial.returns import being_returned
from perennial.store import Store

INTEREST = timedelta(days=30)
"""How long a click by a person or an order shows interest."""

DECLINED = "declined by the customer"
UNITING = "two customers are being united"

ENDINGS = frozenset({*OCCASIONS, *PARTS["refund"], *PARTS["return"]})
"""What a message may still speak of when the order is cancelled."""


@dataclass(frozen=True, slots=True)
class Go:
    channel: Channel
    address: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Wait; `until` is None where only an event or a person can say when."""

    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Skip:
    reason: str


Verdict = Go | Hold | Skip


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a gate may look at. `zones` are all the zones the recipient may be in; law 5 asks each of them."""

    customer: Customer
    order: Order
    store: Store
    zones: Sequence[ZoneInfo]
    zone: ZoneInfo
    now: datetime
    pauses: frozenset[Pause] = field(default_factory=frozenset)


def pass_gates(planned: Planned, scene: Scene) -> Verdict:
    """The first gate that objects decides; else the first channel that consent, address and hour allow."""
    for gate in GATES:
        verdict = gate(planned, scene)
        if verdict is not None:
            return verdict
    return _first_channel(planned, scene)


def _declined(planned: Planned, scene: Scene) -> Verdict | None:
    return Skip(DECLINED) if planned.declined else None


def _erased(planned: Planned, scene: Scene) -> Verdict | None:
    """Law 3: whatever the class."""
    return Skip("the customer was erased") if scene.customer.profile.erased_at is not None else None


def _already_sent(planned: Planned, scene: Scene) -> Verdict | None:
    if planned.message.one_per is None:
        return None
    taken = scene.order.sent.get(planned.message.message)
    return Skip(f"already sent by {taken}") if taken not in (None, planned.taker) else None


def _order_truth(planned: Planned, scene: Scene) -> Verdict | None:
    """Law 6, and for what the customer needs: whether the order is still what it speaks of."""
    come = moments(scene.order)
    if planned.class_ == "transactional":
        speaks_of_end = ENDINGS & {moment.anchor for moment in planned.journey.moments(planned.step)}
        return Skip("the order was cancelled") if "order.cancelled" in come and not speaks_of_end else None
    for moment, words in (("order.cancelled", "was cancelled"), ("order.fully_refunded", "was fully refunded")):
        if moment in come:
            return Skip(f"the order {words}")
    if is_late(scene.order, scene.store, scene.zone, scene.now):
        return Hold("the order is late")
    return Hold("the order is being returned") if being_returned(scene.order) else None


def _paused(planned: Planned, scene: Scene) -> Verdict | None:
    pause = holding(scene.pauses, planned)
    return Hold(f"paused: {pause}", next_look(scene.now)) if pause else None


def _complaint(planned: Planned, scene: Scene) -> Verdict | None:
    """A complaint stands until the person asks for messages again, in so many words."""
    profile, channels = scene.customer.profile, planned.message.channels
    if planned.class_ == "transactional" or profile.complained_at is None:
        return None
    stands = all(consent.complaint_stands(profile, channel, planned.class_) for channel in channels)
    return Skip("the customer complained") if stands else None


def _detractor(planned: Planned, scene: Scene) -> Verdict | None:
    """Law 6: whoever is disappointed hears from a person, and from us only what is needed, until that is settled."""
    if planned.class_ == "transactional" or scene.customer.profile.detractor_since is None:
        return None
    return Hold("a low score is not settled yet")


def _rest(planned: Planned, scene: Scene) -> Verdict | None:
    until = scene.customer.profile.rests_until
    if planned.class_ == "transactional" or until is None or until <= scene.now:
        return None
    return Hold("the customer asked for a rest", until)


def _parked(planned: Planned, scene: Scene) -> Verdict | None:
    """Law 3: what nobody could apply yet may be a withdrawal, and so may what another half of this person said."""
    profile = scene.customer.profile
    if planned.class_ == "transactional" or not (scene.customer.parked or profile.moving or profile.same_as):
        return None
    why = "something about this customer is parked" if scene.customer.parked else UNITING
    return Hold(why, next_look(scene.now))


def _cap(planned: Planned, scene: Scene) -> Verdict | None:
    """Law 4: claims count, in every window of the cap's days, half-open at its beginning."""
    if planned.class_ == "transactional":
        return None
    cap, window = scene.store.cap, timedelta(days=scene.store.cap.days)
    most = cap.interested if cap.interested and _interested(scene) else cap.messages
    counted = [moment for moment in scene.customer.profile.recent if moment > scene.now - window]
    if len(counted) < most:
        return None
    return Hold(f"cap: {most} in {cap.days} days", counted[-most] + window)


def _interested(scene: Scene) -> bool:
    """Clicks by a person and coming back for a second order show interest; opens never do (law 12)."""
    profile = scene.customer.profile
    orders = [mark.placed_at for mark in profile.latest_orders if not mark.cancelled]
    signs = orders if len(orders) > 1 else []
    signs += [profile.clicked_at] if profile.clicked_at else []
    return any(sign > scene.now - INTEREST for sign in signs)


GATES = (_erased, _declined, _already_sent, _order_truth, _paused, _complaint, _detractor, _rest, _parked, _cap)


def _first_channel(planned: Planned, scene: Scene) -> Verdict:
    if planned.message.to == "store":
        return Go("email", scene.store.support.email)
    verdicts: dict[Channel, Verdict] = {}
    for channel in planned.message.channels:
        verdicts[channel] = verdict = _channel(channel, planned, scene)
        if isinstance(verdict, Go):
            return verdict
    holds = [verdict for verdict in verdicts.values() if isinstance(verdict, Hold)]
    until = unnamed_until(scene.order, scene.now) if planned.class_ == "transactional" else None
    holds += [Hold("the order names nobody yet", until)] if until is not None else []
    if holds:
        return min(holds, key=lambda hold: hold.until or scene.now)
    return Skip(
        "; ".join(f"{channel}: {verdict.reason}" for channel, verdict in verdicts.items() if isinstance(verdict, Skip))
    )


def _channel(channel: Channel, planned: Planned, scene: Scene) -> Verdict:
    address, profile = ADDRESSES[channel](planned, scene), scene.customer.profile
    if address is None:
        return Skip(NO_ADDRESS[channel])
    if address in profile.dead:
        return Skip(f"dead address: {profile.dead[address]}")
    refusal = consent.refusal(profile, scene.store, channel, planned.class_, scene.now)
    if refusal is not None:
        return Skip(refusal)
    return _hour(channel, planned, scene) or Go(channel, address)


def _hour(channel: Channel, planned: Planned, scene: Scene) -> Verdict | None:
    """Quiet hours: an email the customer needs passes; everything else waits for an hour that is legal everywhere."""
    if planned.class_ == "transactional" and channel == "email":
        return None
    hours = getattr(scene.store.quiet_hours, channel)
    opens = timing.next_open(scene.now, hours, scene.zones)
    if opens is None:
        return Skip("no hour is legal in every time zone the customer may be in")
    return Hold("quiet hours", opens) if opens > scene.now else None


def _email(planned: Planned, scene: Scene) -> str | None:
    """What concerns the order goes where the order says; the rest follows the person."""
    of_order, of_person = scene.order.contact, scene.customer.profile.contact
    wanted = (of_order, of_person) if planned.class_ == "transactional" else (of_person, of_order)
    known = (identifying_email(contact, scene.store) for contact in wanted)
    return next((email for email in known if email is not None and deliverable(email)), None)


def _phone(planned: Planned, scene: Scene) -> str | None:
    if scene.store.texts is None:
        return None
    address = scene.order.known.shipping_address
    country = (address.country if address else None) or scene.store.country
    nobodys = {normal_phone(text, scene.store.country) for text in scene.store.identity.denylist_phones}
    phones = (normal_phone(text, country) for text in _numbers(planned, scene))
    return next((phone for phone in phones if phone is not None and phone not in nobodys), None)


def _numbers(planned: Planned, scene: Scene) -> tuple[str | None, ...]:
    """What concerns the order goes to the order's number; what needs leave, to the number that leave was given for."""
    if planned.class_ == "transactional":
        return (scene.order.contact.phone, scene.customer.profile.contact.phone)
    return (consent.number_for(scene.customer.profile, planned.class_),)


def _endpoint(planned: Planned, scene: Scene) -> str | None:
    """The device that was registered last."""
    live = [(device.registered_at, arn) for arn, device in scene.customer.profile.devices.items() if device.live]
    return max(live)[1] if live else None


ADDRESSES: dict[Channel, Callable[[Planned, Scene], str | None]] = {
    "email": _email,
    "text": _phone,
    "push": _endpoint,
}
NO_ADDRESS: dict[Channel, str] = {
    "email": "no usable email address",
    "text": "no usable phone number, or the store sends no texts",
    "push": "no device",
}
