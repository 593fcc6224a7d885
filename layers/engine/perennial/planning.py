"""Which touches an enrolment still has ahead, and when: computed from the journey and the order, never stored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from perennial import journeys, timing
from perennial.customer import Enrolment, Progress, touch_key
from perennial.events import MessageClass
from perennial.falling_due import MOST_MOMENTS, falls_due
from perennial.journeys import MILESTONES, Journey
from perennial.messages import Message
from perennial.order_facts import moments, moved_at, parcels_of
from perennial.orders import Order
from perennial.remembering import remembered
from perennial.returns import moments_of
from perennial.store import Store
from perennial.timing import Offset

DEFAULT_EXPIRY: Mapping[MessageClass, Offset] = {
    "transactional": Offset(days=3),
    "feedback": Offset(days=14),
    "marketing": Offset(days=10),
}
"""How long after it was due a touch is of use, where the journey does not say."""

MOST_JOINED = 12
"""Parcels or refunds in one message: each is a touch, and so a write, of the claim's commit."""


MOST_PLANS = 512
"""Plans that are remembered: a decision asks for each of its customer's several times."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A touch that has not ended. `due` is None while its anchor has not come; `moot` says why it never can.

    `parts` are the parcels, refunds or returns it speaks of; the first one names it.
    """

    enrolment: Enrolment
    journey: Journey
    step: journeys.Touch
    message: Message
    key: str
    parts: tuple[str, ...]
    due: datetime | None
    expires: datetime | None
    waits_for: str = ""
    moot: str | None = None
    progress: Progress | None = None

    @property
    def class_(self) -> MessageClass:
        return self.message.class_

    @property
    def declined(self) -> bool:
        """Whether the customer said that they do not want it."""
        return self.enrolment.declined(self.key)

    @property
    def expected(self) -> bool:
        """Whether it hangs on a milestone that every order should reach, so that its absence deserves an outcome."""
        return _is_expected(self.journey, self.step)

    @property
    def taker(self) -> str:
        """How it is named where it takes a message that goes once per order."""
        return taker(self.enrolment.id, self.key)

    @property
    def rank(self) -> tuple[bool, int, datetime | None, str, str]:
        """Who goes first where there is room for one: what the customer needs, then priority, then age."""
        return (self.class_ != "transactional", -self.journey.priority, self.due, self.enrolment.id, self.key)


@remembered(journeys.MOST_STEPS)
def _is_expected(journey: Journey, step: journeys.Touch) -> bool:
    return any(moment.anchor in MILESTONES for moment in journey.moments(step))


def taker(enrolment: str, key: str) -> str:
    return f"{enrolment.partition(':')[0]}/{key}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a plan is reckoned with: the order's moments, the store's hours, the recipient's nominal zone."""

    order: Order
    store: Store
    zone: ZoneInfo
    messages: Mapping[str, Message]


@remembered(MOST_PLANS)
def calendar_of(order: Order, store: Store, zone: ZoneInfo, messages: Mapping[str, Message]) -> Calendar:
    """One object for one answer, so that plans made with it are found again."""
    return Calendar(order, store, zone, messages)


def missing_message(name: str) -> Message:
    """Stands in for a message that a pinned journey names and the deploy has no more: its touches fail, saying so."""
    return Message.model_construct(message=name, about="", class_="marketing", channels=("email",))


@remembered(MOST_PLANS)
def plan(enrolment: Enrolment, journey: Journey, calendar: Calendar) -> tuple[Planned, ...]:
    """Every touch of the enrolment that has not ended and is not claimed, in the journey's order."""
    anchors = _anchors(enrolment, calendar.order)
    return tuple(
        planned
        for step in journey.touches
        for parts in _parts(step, enrolment, journey, calendar)
        if (planned := _planned(step, parts, enrolment, journey, anchors, calendar)) is not None
    )


def _parts(
    step: journeys.Touch, enrolment: Enrolment, journey: Journey, calendar: Calendar
) -> Iterator[tuple[str, ...]]:
    """The parcels, refunds or returns of each message of a step, `()` for a step that goes once."""
    if step.per is None:
        yield ()
        return
    come = _part_moments(step, journey, calendar.order)
    found = [(at, part) for at, part in come if not _settled(enrolment.touches.get(touch_key(step.touch, part)))]
    while found:
        first, name = found[0]
        last = timing.shift(first, step.join, calendar.zone) if step.join else first
        together = [(moment, part) for moment, part in found if moment <= last and (step.join or part == name)]
        together = together[:MOST_JOINED]
        found = [entry for entry in found if entry not in together]
        yield tuple(part for _, part in together)


@remembered(MOST_MOMENTS)
def _part_moments(step: journeys.Touch, journey: Journey, order: Order) -> Sequence[tuple[datetime, str]]:
    """When the moment of each part came, by the first of the step's anchors that is known; the earliest first."""
    if step.per == "parcel":
        ids = [parcel.known.id for parcel in parcels_of(order)]
    else:
        ids = list(order.refunds if step.per == "refund" else order.returns)
    anchors = [moment.anchor for moment in journey.moments(step)]
    come = {part: _own_anchors(step, part, order) for part in ids}
    first = {part: next((own[name] for name in anchors if name in own), None) for part, own in come.items()}
    return sorted((moment, part) for part, moment in first.items() if moment is not None)


def _settled(progress: Progress | None) -> bool:
    return progress is not None and progress.state != "released"


def _planned(
    step: journeys.Touch,
    parts: tuple[str, ...],
    enrolment: Enrolment,
    journey: Journey,
    anchors: Mapping[str, datetime],
    calendar: Calendar,
) -> Planned | None:
    keys = [touch_key(step.touch, part) for part in parts or (None,)]
    key, progress = keys[0], next((done for key in keys if (done := enrolment.touches.get(key))), None)
    if _settled(progress):
        return None
    message = calendar.messages.get(step.message) or missing_message(step.message)
    if step.per is not None:
        anchors = {**anchors, **_own_anchors(step, parts[0], calendar.order)}
    due = falls_due(step, enrolment, journey, anchors, calendar.store, calendar.zone)
    if due is None:
        waits_for, moot = _waits_for(step, journey), _moot(step, enrolment, journey)
        return Planned(enrolment, journey, step, message, key, parts, None, None, waits_for, moot, progress)
    expires = _of_use_until(due, step.within or step.expires or DEFAULT_EXPIRY[message.class_], calendar.zone)
    if progress is not None and progress.until is not None:
        due = max(due, progress.until)
    return Planned(enrolment, journey, step, message, key, parts, due, expires, progress=progress)


_of_use_until = remembered(MOST_MOMENTS)(timing.shift)


def _anchors(enrolment: Enrolment, order: Order) -> Mapping[str, datetime]:
    """Every anchor of the enrolment that has come, parts left out."""
    sent = {f"touch.{key}.sent": done.at for key, done in enrolment.touches.items() if done.state == "sent"}
    return {**moments(order), **sent}


def _own_anchors(step: journeys.Touch, part: str, order: Order) -> Mapping[str, datetime]:
    """The moments of one parcel, refund or return that have come."""
    if step.per == "return":
        return moments_of(order.returns[part], order)
    come: dict[str, datetime | None] = {}
    if step.per == "refund":
        refund = order.refunds[part]
        come["refund.made"] = moved_at(order, refund) if refund.settled else None
    else:
        come = {name: order.parcels[part].moment(name.removeprefix("parcel.")) for name in journeys.PARTS["parcel"]}
    return {anchor: moment for anchor, moment in come.items() if moment is not None}


@remembered(journeys.MOST_STEPS)
def _waits_for(step: journeys.Touch, journey: Journey) -> str:
    return " or ".join(moment.anchor for moment in journey.moments(step))


def _moot(step: journeys.Touch, enrolment: Enrolment, journey: Journey) -> str | None:
    """Why the touch can never come: all it could hang on has ended otherwise."""
    ends = [_dead_end(touch, offer, makers, enrolment) for touch, offer, makers in _makers(step, journey)]
    return ends[0] if ends and all(ends) else None


@remembered(journeys.MOST_STEPS)
def _makers(step: journeys.Touch, journey: Journey) -> tuple[tuple[str | None, str | None, tuple[str, ...]], ...]:
    """What must be sent for each moment of the step; empty where one of them needs nothing but the order."""
    found = []
    for touch, offer in (moment.depends_on for moment in journey.moments(step)):
        makers = (
            (touch,) if touch else tuple(other.touch for other in journey.touches if offer and other.offer == offer)
        )
        found.append((touch, offer, makers))
    return tuple(found) if all(makers for _, _, makers in found) else ()


def _dead_end(touch: str | None, offer: str | None, makers: tuple[str, ...], enrolment: Enrolment) -> str | None:
    ended = [enrolment.touches.get(maker) for maker in makers]
    if not all(done is not None and done.state not in ("claimed", "released", "sent") for done in ended):
        return None
    return f"{touch} was not sent" if touch else f"the offer {offer} was not made"
