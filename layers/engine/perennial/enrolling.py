"""Who enters which journey, and when a passage is over."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from perennial import timing
from perennial.conditions import compile_condition
from perennial.customer import Enrolment, State, enrolment_id, touch_id
from perennial.draft import Draft, Ending
from perennial.errors import RuleFailed
from perennial.journeys import OCCASIONS, Journey, version_of
from perennial.order_facts import moments
from perennial.orders import Order
from perennial.planning import Planned
from perennial.projecting import Projection
from perennial.remembering import remembered
from perennial.scenes import place_of, scene_of

MOST_CLOSED = 10
"""Passages that may end in one decision: each may bring its order to the archive, which costs two writes more."""

MOST_PASSAGES = 512
"""Passages about which answers are remembered."""


def enrol(draft: Draft, before: Mapping[str, Order]) -> None:
    """Enters customers into the journeys whose moment has come with this event, the deployed versions of them."""
    for order in list(draft.orders.values()):
        held = before.get(order.id)
        if held is order:
            continue
        come, known = moments(order), moments(held) if held else {}
        fresh = {name: moment for name, moment in come.items() if _is_news(name, moment, known)}
        wanted, undecided = _asked(draft, order, list(_begun(draft, order, come, fresh)))
        if wanted or undecided != order.undecided:
            entered = (*order.entered, *(journey.journey for journey in wanted))
            draft.orders[order.id] = replace(order, entered=entered, undecided=undecided)
        for journey in wanted:
            _enter(draft, journey, order.id)


def _begun(
    draft: Draft, order: Order, come: Mapping[str, datetime], fresh: Mapping[str, datetime]
) -> Iterator[Journey]:
    """The journeys that this event would begin, and those of which an earlier one could not tell."""
    for journey in draft.setting.journeys():
        if _may_begin(draft, journey, order, come if journey.journey in order.undecided else fresh):
            yield journey


def _asked(draft: Draft, order: Order, begun: list[Journey]) -> tuple[list[Journey], tuple[str, ...]]:
    """Those whose condition holds, and the names of those of which it cannot be told: a journey's own mistake keeps
    nobody out of the others.
    """
    facts = Projection(scene_of(draft.freeze(), order, draft.setting))
    wanted, undecided = [], []
    for journey in begun:
        try:
            if journey.enrol.when is None or compile_condition(journey.enrol.when).holds(facts):
                wanted.append(journey)
        except RuleFailed as error:
            undecided.append(journey.journey)
            draft.undecided[journey.journey] = str(error)
    return wanted, tuple(undecided)


def _is_news(name: str, moment: datetime, known: Mapping[str, datetime]) -> bool:
    """A moment that has come; a buyer who thinks again gives a new score, and that is news as well."""
    return name not in known or (name == "order.scored" and known[name] != moment)


def _may_begin(draft: Draft, journey: Journey, order: Order, fresh: Mapping[str, datetime]) -> bool:
    """Whether the journey's moment has come, lately and for the first time; its `when` is not asked yet."""
    moment = fresh.get(journey.enrol.on)
    age_limit = timedelta(days=draft.setting.store.order_age_limit_days)
    if moment is None or draft.setting.now - moment > age_limit:
        return False
    if _over(journey, order) or journey.journey in order.entered:
        return False
    return journey.enrol.once_per != "customer" or journey.journey not in draft.profile.once


def _enter(draft: Draft, journey: Journey, order_id: str) -> None:
    passage, version = enrolment_id(journey.journey, order_id), version_of(journey)
    draft.enrolments[passage] = Enrolment(passage, journey.journey, version, order_id, draft.setting.now)
    draft.versions.add(version)
    if journey.enrol.once_per == "customer":
        draft.change(once=(*draft.profile.once, journey.journey))


def _over(journey: Journey, order: Order) -> bool:
    """Whether the order has already met what ends this journey; a cancelled order begins none, but for its own sake."""
    come = moments(order)
    stops = {*journey.stop, *({"order.cancelled"} if journey.enrol.on not in OCCASIONS else ())}
    return bool(stops & come.keys())


@remembered(MOST_PASSAGES)
def stop_reason(enrolment: Enrolment, journey: Journey, order: Order) -> str | None:
    """What has ended this passage, if anything has."""
    if enrolment.stopped is not None:
        return enrolment.stopped
    come = moments(order)
    ends = [(come[name], name) for name in journey.stop if name in come]
    return min(ends)[1] if ends else None


def stop(draft: Draft, enrolment: Enrolment, reason: str) -> None:
    draft.enrolments[enrolment.id] = replace(draft.enrolments[enrolment.id], stopped=reason)


def patience_ends(enrolment: Enrolment, journey: Journey, draft: Draft) -> datetime:
    """When an enrolment stops waiting for what has not happened."""
    place = place_of(draft.profile.contact, draft.orders[enrolment.order_id], draft.setting.store)
    return _patience_ends(enrolment, journey, place.nominal)


@remembered(MOST_PASSAGES)
def _patience_ends(enrolment: Enrolment, journey: Journey, zone: ZoneInfo) -> datetime:
    return timing.shift(enrolment.entered_at, journey.patience, zone)


@remembered(MOST_PASSAGES)
def may_still_grow(journey: Journey, order: Order) -> bool:
    """Whether something may still happen that this journey speaks of: a parcel, a refund, a return, a cancellation."""
    open_ends = set(OCCASIONS) - moments(order).keys()
    return any(
        touch.per is not None or any(moment.anchor in open_ends for moment in journey.moments(touch))
        for touch in journey.touches
    )


def close(draft: Draft, ahead: Iterable[Planned]) -> bool:
    """Ends the passages that have nothing ahead; their orders go to the archive with the commit.

    Returns whether there are more of them than one commit can take.
    """
    busy = {planned.enrolment.id for planned in ahead if planned.due is not None or planned.expected}
    idle = [enrolment for enrolment in draft.enrolments.values() if enrolment.id not in busy]
    over = [enrolment for enrolment in idle if _is_over(enrolment, draft)]
    for enrolment in over[:MOST_CLOSED]:
        _let_go(draft, enrolment)
        del draft.enrolments[enrolment.id]
    return len(over) > MOST_CLOSED


def _let_go(draft: Draft, enrolment: Enrolment) -> None:
    """A touch that waited to be tried again, and whose parcel was called back meanwhile, ends with its enrolment."""
    for key, done in enrolment.touches.items():
        if done.state == "released":
            touch = touch_id(draft.profile.store, enrolment.id, key)
            state: State = "unconfirmed" if done.doubts else "skipped"
            draft.endings[touch] = Ending(touch, state, draft.setting.now, "what it speaks of is gone")


def _is_over(enrolment: Enrolment, draft: Draft) -> bool:
    """Whether there is no open claim, and no occasion worth waiting for."""
    journey = draft.setting.journey(enrolment.version)
    if any(mark.enrolment == enrolment.id for mark in draft.profile.claims.values()):
        return False
    if enrolment.stopped is not None or not may_still_grow(journey, draft.orders[enrolment.order_id]):
        return True
    return draft.setting.now >= patience_ends(enrolment, journey, draft)
