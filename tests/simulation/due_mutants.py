"""Defects in when and how things come: nothing goes to whom it must not, and every message is sound, but it comes at
the wrong time, by another way than its journey says, or never.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from perennial import claiming, falling_due, gates, planning, timing
from tests.simulation.mutants import Mutant


def _service_six_hours_late(patch: pytest.MonkeyPatch) -> None:
    honest = falling_due.falls_due

    def falls_due(step: Any, enrolment: Any, journey: Any, *told: Any) -> Any:
        due = honest(step, enrolment, journey, *told)
        needed = journey.journey in ("order-service", "returns") and not step.not_before
        return due + timedelta(hours=6) if due is not None and needed else due

    patch.setattr(planning, "falls_due", falls_due)


def _mornings_of_another_day(patch: pytest.MonkeyPatch) -> None:
    """What keeps until morning keeps until the morning after."""
    honest = timing.not_before

    def not_before(at: Any, *told: Any) -> Any:
        due = honest(at, *told)
        return due if due == at else due + timedelta(days=1)

    patch.setattr(timing, "not_before", not_before)


def _sent(by: timedelta) -> Any:
    """A message counts as sent at another time than it was."""
    honest = planning._anchors

    def anchors(enrolment: Any, order: Any) -> Any:
        come = honest(enrolment, order)
        return {name: at + by if name.startswith("touch.") else at for name, at in come.items()}

    return lambda patch: patch.setattr(planning, "_anchors", anchors)


def _offers_forgotten(patch: pytest.MonkeyPatch) -> None:
    """What was offered is not kept, so that nobody is told of its last day."""
    honest = claiming.promise

    def promise(draft: Any, planned: Any) -> Any:
        name = honest(draft, planned)
        if name is not None:
            held = draft.enrolments[planned.enrolment.id]
            kept = {other: made for other, made in held.offers.items() if other != name}
            draft.enrolments[held.id] = replace(held, offers=kept)
        return name

    patch.setattr(claiming, "promise", promise)


def _last_day_is_over(patch: pytest.MonkeyPatch) -> None:
    """The last day of an offer is told on the day after it."""
    honest = falling_due._last_day

    def last_day(*told: Any) -> Any:
        day = honest(*told)
        return day + timedelta(days=1) if day is not None else None

    patch.setattr(falling_due, "_last_day", last_day)


def _last_way_first(*classes: str) -> Any:
    """Of all the ways that are open the one that is named last."""
    honest = gates._first_channel

    def first_channel(planned: Any, scene: Any) -> Any:
        turned = planned.message.model_copy(update={"channels": planned.message.channels[::-1]})
        return honest(replace(planned, message=turned) if planned.class_ in classes else planned, scene)

    return lambda patch: patch.setattr(gates, "_first_channel", first_channel)


DUE = (
    Mutant("service six hours late", 9, _service_six_hours_late, "none", customers=6, days=80),
    Mutant("mornings of another day", 9, _mornings_of_another_day, "none", customers=6, days=80),
    Mutant("reminders six days early", 9, _sent(timedelta(days=-6)), "none", customers=8, days=100),
    Mutant("reminders six days late", 9, _sent(timedelta(days=6)), "none", customers=8, days=100),
    Mutant("offers forgotten", 2, _offers_forgotten, "none", 11, 14, 130),
    Mutant("a last day that is over", 2, _last_day_is_over, "none", 12, 14, 130),
    Mutant("the last way first, for what is needed", 9, _last_way_first("transactional"), "none", customers=6, days=80),
    Mutant("the last way first, for the rest", 9, _last_way_first("feedback", "marketing"), "none", 6, 14, 130),
)
