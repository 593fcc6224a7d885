"""The one future moment at which a customer next needs attention, and which lane it takes."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from perennial import timing
from perennial.customer import Wake
from perennial.draft import Draft
from perennial.enrolling import may_still_grow, patience_ends
from perennial.judging import Waiting
from perennial.scenes import place_of

SOONEST = timedelta(seconds=60)
"""EventBridge Scheduler refuses the past, and is precise to the minute: never ask for less."""

WINDOW = 15
"""Minutes by which wakes that serve only marketing and feedback may be spread, to flatten the 10:00 rush."""


class Reason(NamedTuple):
    """Why to wake up then. `serves` is the touch that it is for, if that may be a little late."""

    at: datetime
    urgent: bool
    serves: Waiting | None = None


def set_wake(draft: Draft, waiting: Collection[Waiting], fired: bool, more: bool = False) -> None:
    """Puts the next wake into the profile, with a new number if it is a new one.

    `fired`: the present one has rung; `more`: there is more to do at once than one commit can take.
    """
    reasons = [*_touches(draft, waiting), *_claims(draft), *_patience(draft, waiting), *_unions(draft)]
    reasons += [Reason(draft.setting.now, urgent=False)] if more else []
    held = draft.profile.wake
    if not reasons:
        if held is not None:
            draft.change(wake=None)
        return
    soonest = first_minute(min(reason.at for reason in reasons), draft.setting.now)
    together = [reason for reason in reasons if reason.at <= soonest]
    urgent = any(reason.urgent for reason in together)
    n = draft.profile.wakes + 1
    flexible = 0 if urgent else min(_leeway(draft, reason.serves) for reason in together)
    wake = Wake(soonest, n, "urgent" if urgent else "patient", flexible)
    if held is None or fired or not _serves(held, wake):
        draft.change(wake=wake, wakes=n)


def _serves(held: Wake, wanted: Wake) -> bool:
    """Whether the wake there is rings when the wanted one would, in its lane, and no later."""
    return (held.at, held.lane) == (wanted.at, wanted.lane) and held.flexible_minutes <= wanted.flexible_minutes


def first_minute(moment: datetime, now: datetime) -> datetime:
    """The first full minute that is not before the moment, nor in the past."""
    floor = max(moment, now + SOONEST)
    whole = floor.replace(second=0, microsecond=0)
    return whole if whole == floor else whole + timedelta(minutes=1)


def _touches(draft: Draft, waiting: Iterable[Waiting]) -> Iterable[Reason]:
    for left in waiting:
        if left.look_at is not None:
            urgent = left.planned.class_ == "transactional"
            yield Reason(left.look_at, urgent, None if urgent else left)


def _leeway(draft: Draft, left: Waiting | None) -> int:
    """By how many minutes a wake may be late and still find the hour legal on every channel, and the touch of use."""
    if left is None:
        return 0
    planned = left.planned
    at = first_minute(left.look_at or draft.setting.now, draft.setting.now)
    if planned.expires is None or at >= planned.expires:
        return 0
    zones = place_of(draft.profile.contact, draft.orders[planned.enrolment.order_id], draft.setting.store).zones
    quiet_hours = draft.setting.store.quiet_hours
    legal = [_open_minutes(at, getattr(quiet_hours, channel), zones) for channel in planned.message.channels]
    useful = (planned.expires - at) // timedelta(minutes=1)
    return max(0, min(WINDOW, *(minutes - 1 for minutes in (*legal, useful))))


_open_minutes = lru_cache(maxsize=1024)(timing.open_minutes)


def _claims(draft: Draft) -> Iterable[Reason]:
    for mark in draft.profile.claims.values():
        yield Reason(mark.grace_until, mark.class_ == "transactional")


def _unions(draft: Draft) -> Iterable[Reason]:
    """What a merge has left to do."""
    profile, now = draft.profile, draft.setting.now
    moments = [*([now] if profile.moving else []), *(max(at, now) for at in profile.same_as.values())]
    yield from (Reason(moment, urgent=False) for moment in moments)


def _patience(draft: Draft, waiting: Collection[Waiting]) -> Iterable[Reason]:
    """When an enrolment that still waits for something to happen gives up."""
    undated = {left.planned.enrolment.id for left in waiting if left.planned.due is None}
    for enrolment in draft.enrolments.values():
        journey = draft.setting.journey(enrolment.version)
        if enrolment.id in undated or may_still_grow(journey, draft.orders[enrolment.order_id]):
            ends = patience_ends(enrolment, journey, draft)
            if ends > draft.setting.now:
                yield Reason(ends, False)
