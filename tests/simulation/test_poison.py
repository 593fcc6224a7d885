"""Events that fail every time: one customer's line is parked and told of, nobody else notices, and nothing is lost."""

from dataclasses import replace
from functools import cache

import pytest

from perennial_cli.simulation.evidence import Evidence
from perennial_cli.simulation.poison import Poisons, RuleIsBroken, spoilt
from perennial_cli.simulation.simulating import Lived, Plan, a_script, perform
from tests.simulation.runs import breaches, the_content

PLAN = Plan(customers=12, days=150, seed=6, faults="poisoned", size=12)


@cache
def lived(only: str | None) -> tuple[Lived, Evidence]:
    """Everybody is poisoned for a while; or nobody but one."""
    script = a_script(PLAN, the_content(), "demo", 1, PLAN.size)
    if only is not None:
        script = replace(script, faults={only: "poison"} if only else {})
    return perform(script, the_content(), "demo")


def struck() -> dict[str, str]:
    """The poisons that struck, with their customers."""
    return {fault["name"]: fault["customer"] for fault in lived(None)[0].log.of("fault") if fault["kind"] == "poison"}


def test_what_fails_is_parked_told_of_put_back_and_applied() -> None:
    told, _ = lived(None)
    assert breaches(told) == []
    parked = {(record["customer"], record["id"]) for record in told.log.of("parked")}
    back = {(record["customer"], record["id"]) for record in told.log.of("unparked")}
    assert len(parked) > 20
    assert parked == back
    assert all("RuleIsBroken" in record["reason"] for record in told.log.of("parked"))


def test_what_kills_its_function_is_set_aside_and_put_back() -> None:
    told, _ = lived(None)
    killed = {fault["event"] for fault in told.log.of("fault") if fault["kind"] == "poison that kills"}
    handled = {record["event"] for record in told.log.of("handled")}
    assert killed
    assert killed <= handled
    assert list(told.log.of("set aside"))
    assert list(told.log.of("redriven"))


def test_nobody_else_notices() -> None:
    name, customer = next(iter(struck().items()))
    calm, ill = lived("")[0], lived(name)[0]
    assert list(ill.log.of("parked"))
    assert {record["customer"] for record in ill.log.of("parked", "fault")} == {customer}
    others = [
        [(record["touch"], record["customer"]) for record in told.log.of("accepted") if record["customer"] != customer]
        for told in (calm, ill)
    ]
    assert others[0] == others[1] != []


def test_without_faults_nothing_is_parked(monkeypatch: pytest.MonkeyPatch) -> None:
    told, evidence = lived("")
    assert not list(told.log.of("parked", "set aside"))
    assert not evidence.parked
    monkeypatch.setattr(Poisons, "strike", lambda self, run, event: event)
    calm = perform(a_script(replace(PLAN, faults="none"), the_content(), "demo", 1, 12), the_content(), "demo")[0]
    assert not list(calm.log.of("parked", "set aside"))


def test_whoever_looks_on_has_the_event_as_it_was() -> None:
    event = next(record["event"] for record in lived("")[0].log.of("applied"))
    with pytest.raises(RuleIsBroken):
        spoilt(event).happened_at  # noqa: B018  to ask is what breaks it
    assert event.happened_at <= event.received_at
