"""A shop's table is put back to an earlier moment, rearmed, told again: what docs/restoring.md promises holds."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from perennial_cli.rearm import past, rearming, run
from perennial_cli.rearm.past import Carried
from perennial_cli.simulation import restoring
from perennial_cli.simulation.evidence import Breach, Evidence
from perennial_cli.simulation.faults import Faults
from perennial_cli.simulation.restore_law import REASON
from perennial_cli.simulation.restoring import live_restored
from perennial_cli.simulation.simulating import Lived, Plan
from tests.simulation.runs import breaches, the_content

Patch = pytest.MonkeyPatch


@dataclass(frozen=True)
class Life:
    """`told`: the table as it was is to be had. `long`: nine days are lost and restoring takes two, and many leave."""

    told: bool
    faults: str = "none"
    seed: int = 7
    customers: int = 8
    days: int = 90
    long: bool = False


def lived_through(life: Life) -> tuple[Lived, Evidence]:
    plan = Plan(life.customers, life.days, life.seed, life.faults, life.customers)
    with pytest.MonkeyPatch.context() as patch:
        if life.long:
            patch.setattr(restoring, "LOST_TIMES", (timedelta(days=9),))
            patch.setattr(restoring, "RESTORING", (timedelta(days=2),))
            patch.setattr(Faults, "does", _leaving_often)
        return live_restored(plan, the_content(), "demo", 0, life.told)


_does = Faults.does


def _leaving_often(self: Faults, name: str, rate: float) -> bool:
    return _does(self, name, min(1.0, rate * 20) if name.endswith("leaves") else rate)


@cache
def lived(life: Life) -> tuple[Lived, Evidence]:
    return lived_through(life)


LIVES = [Life(told, faults, seed) for told in (True, False) for faults, seed in (("none", 7), ("storm", 11))]


@pytest.mark.parametrize("life", LIVES, ids=str)
def test_the_laws_hold_over_a_restore(life: Life) -> None:
    shop, evidence = lived(life)
    assert breaches(shop) == []
    assert shop.balance["lost"] == shop.balance["failed"] == 0
    assert shop.balance["entered"] == sum(count for name, count in shop.balance.items() if name != "entered") > 100
    assert evidence.restore is not None
    assert evidence.restore.resumed_at is not None


@pytest.mark.parametrize("life", LIVES, ids=str)
def test_messages_went_out_in_the_lost_time_and_go_out_after_it(life: Life) -> None:
    _, evidence = lived(life)
    restore = evidence.restore
    assert restore is not None
    taken = [record["at"] for record in evidence.log.of("accepted")]
    assert any(restore.restored_to < at < restore.until for at in taken)
    assert any(at > restore.back_at for at in taken)
    assert not any(restore.until < at < restore.back_at for at in taken)


@pytest.mark.parametrize("faults", ["none", "storm"])
def test_only_without_the_table_as_it_was_need_anything_be_guessed(faults: str) -> None:
    told, untold = (next(one for one in LIVES if (one.told, one.faults) == (how, faults)) for how in (True, False))
    assert guessed(told) < guessed(untold)


def guessed(life: Life) -> int:
    _, evidence = lived(life)
    return sum(touch.reason == REASON for held in evidence.touches.values() for touch in held.values())


# Planted defects, each in a world that is sound without it


def _forgets_timers(patch: Patch) -> None:
    """Nothing is armed: only the sweep finds who waits."""
    honest, nothing = rearming.Rearming.one, SimpleNamespace(arm=lambda *told: None)

    def one(self: Any, store: str, customer: str, tally: Any) -> None:
        honest(replace(self, outside=replace(self.outside, timers=nothing)), store, customer, tally)

    patch.setattr(rearming.Rearming, "one", one)


def _reuses_epochs(patch: Patch) -> None:
    """Names of schedules that were used up in the lost time are given once more."""
    honest = rearming.rearmed
    patch.setattr(rearming, "rearmed", lambda customer, epoch, now: honest(customer, 0, now))


def _forgets_the_lost_time(patch: Patch) -> None:
    """Nobody writes down that time was lost."""
    honest = run.Run._begun

    def begun(self: Any, store: str) -> Any:
        pauses = self.outside.pauses
        deaf = SimpleNamespace(
            paused=pauses.paused, pause=lambda where, what: pauses.pause(where, what) if what.scope != "lost" else None
        )
        outside, self.outside = self.outside, replace(self.outside, pauses=deaf)
        found = honest(self, store)
        self.outside = outside
        return found

    patch.setattr(run.Run, "_begun", begun)


def _leaves_the_lost_table_unread(patch: Patch) -> None:
    patch.setattr(rearming, "carry", lambda customer, then, restored_to: Carried(customer))


def _forgets_who_left(patch: Patch) -> None:
    """Consent stays as it was restored."""
    honest = past._profile

    def profile(known: Any, then: Any, touches: Any) -> Any:
        return replace(honest(known, then, touches), consents=known.consents)

    patch.setattr(past, "_profile", profile)


def _holds_nothing(patch: Patch) -> None:
    patch.setattr(run, "HELD", ())


@dataclass(frozen=True)
class Defect:
    law: int
    life: Life
    plant: Callable[[Patch], None]


DEFECTS = {
    "forgets timers": Defect(2, Life(told=True), _forgets_timers),
    "reuses epochs": Defect(2, Life(told=True), _reuses_epochs),
    "forgets the lost time": Defect(1, Life(told=False), _forgets_the_lost_time),
    "leaves the lost table unread": Defect(1, Life(told=True), _leaves_the_lost_table_unread),
    "forgets who left": Defect(3, Life(told=True, seed=4, customers=20, long=True), _forgets_who_left),
    "holds nothing": Defect(1, Life(told=False, long=True), _holds_nothing),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_is_caught(name: str, monkeypatch: Patch) -> None:
    defect = DEFECTS[name]
    assert breaches(lived(defect.life)[0]) == []
    defect.plant(monkeypatch)
    found: list[Breach] = breaches(lived_through(defect.life)[0])
    assert defect.law in {breach.law for breach in found}
