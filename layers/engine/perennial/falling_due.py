"""When a step falls due: by the first of its anchors that has come, on the recipient's clock."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from perennial import timing
from perennial.customer import Enrolment
from perennial.journeys import MOST_STEPS, Journey, Touch
from perennial.remembering import remembered
from perennial.store import Store
from perennial.timing import Offset

MOST_MOMENTS = 2048
"""Moments that are remembered: news of an order leaves most of what was planned where it was."""


def falls_due(
    step: Touch,
    enrolment: Enrolment,
    journey: Journey,
    anchors: Mapping[str, datetime],
    store: Store,
    zone: ZoneInfo,
) -> datetime | None:
    """When the touch should go: by the first of its anchors that is known."""
    for name, offer, offsets in _ways(step, journey):
        anchor = anchors.get(name) if offer is None else _last_day(offer, enrolment, zone)
        if anchor is not None:
            return _on_the_clock(step, anchor, offsets, store, zone)
    return None


@remembered(MOST_STEPS)
def _ways(step: Touch, journey: Journey) -> tuple[tuple[str, str | None, tuple[Offset, ...]], ...]:
    """What a step may hang on, in order of preference: the anchor, the offer whose last day it is, and all spans."""
    found = journey.spelt_out(step.after)
    return tuple((moment.anchor, moment.depends_on[1], (moment.offset, *further)) for moment, further in found)


def _last_day(offer: str, enrolment: Enrolment, zone: ZoneInfo) -> datetime | None:
    made = enrolment.offers.get(offer)
    return timing.start_of_day(made.expires_at, zone) if made else None


@remembered(MOST_MOMENTS)
def _on_the_clock(step: Touch, anchor: datetime, offsets: tuple[Offset, ...], store: Store, zone: ZoneInfo) -> datetime:
    """The anchor plus its spans, at the hour the journey or the store asks for; not before all that may join it, and if
    that is past midnight, not before the morning's hour either.
    """
    due = anchor
    for offset in offsets:
        due = timing.shift(due, offset, zone)
    joined = timing.shift(anchor, step.join, zone) if step.join else anchor
    due = max(due, joined) if step.join else due
    by_the_day = any(offset.days or offset.months for offset in offsets)
    hour = step.at or (store.send_hour if by_the_day and step.not_before is None else None)
    if hour is not None:
        due = timing.at_hour(due, hour, zone, not_earlier_than=min(anchor, due))
    elif step.not_before:
        due = timing.not_before(due, step.not_before, zone)
    return max(due, joined) if step.join else due
