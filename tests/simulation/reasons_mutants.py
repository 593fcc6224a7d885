"""Defects by which somebody is not written to who should be, for a reason that is on record and is not true."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from perennial import claiming, consent, gates, judging, order_facts
from perennial.draft import Draft
from perennial.judging import Ended
from perennial.orders import Order
from tests.simulation.mutants import Mutant


def _one_parcel_speaks_for_all(reason: str) -> Callable[[pytest.MonkeyPatch], None]:
    """What left or arrived later is not told of."""
    honest = judging.judge

    def judge(planned: Any, draft: Draft) -> Any:
        later = planned.step.touch in ("shipped", "delivered") and planned.parts[0] in ("p2", "p3")
        return Ended("skipped", reason) if later else honest(planned, draft)

    return lambda patch: patch.setattr(judging, "judge", judge)


def _no_way_back(patch: pytest.MonkeyPatch) -> None:
    """Whoever has left and says yes again stays out."""
    honest = consent._rank

    def rank(said: Any) -> Any:
        first, *rest = honest(said)
        return (first, said.state == "withdrawn", *rest)

    patch.setattr(consent, "_rank", rank)


def _the_cap_counts_what_is_needed(patch: pytest.MonkeyPatch) -> None:

    def claim(draft: Draft, planned: Any, go: Any) -> None:
        claiming.claim(draft, planned, go)
        if planned.class_ == "transactional":
            draft.change(recent=(*claiming._still_counting(draft), draft.setting.now))

    patch.setattr(judging, "claim", claim)


def _some_of_it_is_all(patch: pytest.MonkeyPatch) -> None:
    """Three tenths of the money back count as all of it."""
    honest = order_facts._summed_up_at

    def summed_up_at(order: Order) -> Any:
        part = {"total": (order.known.total or Decimal(0)) * Decimal("0.3"), "current_total": None}
        return honest(replace(order, known=order.known.model_copy(update=part)))

    patch.setattr(order_facts, "_summed_up_at", summed_up_at)


def _low_scores_are_for_good(patch: pytest.MonkeyPatch) -> None:
    """Whoever was disappointed once is held back, whatever the shop has settled."""
    patch.setattr(gates, "GATES", tuple(_ever_low if gate is gates._detractor else gate for gate in gates.GATES))


def _ever_low(planned: Any, scene: Any) -> Any:
    scores = [order.score.score for order in scene.customer.orders.values() if order.score is not None]
    low = planned.class_ != "transactional" and any(score is not None and score <= 6 for score in scores)
    return gates.Hold("a low score is not settled yet") if low else None


def _always_late(patch: pytest.MonkeyPatch) -> None:
    """What has arrived, and on its day, is called late."""
    patch.setattr(gates, "is_late", lambda *told: True)


REASONS = (
    Mutant("one parcel speaks for all", 2, _one_parcel_speaks_for_all("told already"), "none", customers=8, days=80),
    Mutant(
        "one parcel tells of all",
        2,
        _one_parcel_speaks_for_all("told together with shipped/p1"),
        "none",
        customers=8,
        days=80,
    ),
    Mutant("no way back", 2, _no_way_back, "none", customers=25, days=200),
    Mutant("the cap counts what is needed", 2, _the_cap_counts_what_is_needed, "none", customers=25, days=200),
    Mutant("some of the money is all", 2, _some_of_it_is_all, "none", seed=3, customers=25, days=200),
    Mutant("low scores are for good", 2, _low_scores_are_for_good, "none", customers=25, days=200),
    Mutant("always late", 2, _always_late, "none", customers=8, days=80),
)
