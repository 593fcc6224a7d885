"""A broken law is told by the shortest list of events that still breaks it, and anybody can have that again."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from perennial_cli.main import app
from perennial_cli.simulation import command
from perennial_cli.simulation.evidence import Evidence
from perennial_cli.simulation.scripts import Script, Unreadable, as_document, read_script
from perennial_cli.simulation.shrinking import Shrunk, fewer, shrink
from perennial_cli.simulation.simulating import Lived, Plan, a_script, perform
from perennial_cli.simulation.telling import as_lines
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.runs import TEMPLATES, breaches, the_content

PLAN = Plan(customers=4, days=60, seed=5, faults="storm", size=4)


def performed(script: Script) -> tuple[Lived, Evidence]:
    return perform(script, the_content(), "demo")


@cache
def a_storm() -> tuple[Script, Lived]:
    """A shop under a storm, with everything that was drawn spelt out."""
    script = a_script(PLAN, the_content(), "demo", 1, PLAN.size)
    lived, _ = performed(script)
    faults = {record["name"]: record["kind"] for record in lived.log.of("fault")}
    acts = frozenset(record["name"] for record in lived.log.of("act"))
    return replace(script, faults=faults, acts=acts), lived


@contextmanager
def planted(name: str) -> Iterator[Mutant]:
    mutant = next(mutant for mutant in MUTANTS if mutant.name == name)
    with pytest.MonkeyPatch.context() as patch:
        mutant.plant(patch)
        yield mutant


@cache
def claim_after_send() -> Shrunk:
    script = a_script(PLAN, the_content(), "demo", 1, PLAN.size)
    with planted("claim after send") as mutant:
        breach = next(breach for breach in breaches(performed(script)[0]) if breach.law == mutant.law)
        found = shrink(script, breach, performed)
    assert found is not None
    return found


def test_a_script_that_was_written_and_read_is_the_same_run_with_every_fault_in_its_place() -> None:
    script, lived = a_storm()
    again, _ = performed(read_script(json.dumps(as_document(script))))
    assert len(script.faults or ()) > 100
    assert again.log.records == lived.log.records


def test_whoever_is_left_out_changes_nothing_for_the_others() -> None:
    script, lived = a_storm()
    one = next(person for person in script.people if any(told.person == person for told in script.tellings))
    tellings = tuple(told for told in script.tellings if told.person == one)
    alone, _ = performed(replace(script, people=(one,), tellings=tellings))
    claimed = [(claim["touch"], claim["customer"]) for claim in alone.log.of("claimed")]
    assert claimed
    assert claimed == [
        (claim["touch"], claim["customer"])
        for claim in lived.log.of("claimed")
        if claim["customer"] in {customer for _, customer in claimed}
    ]


def test_a_claim_after_the_send_takes_an_order_and_few_faults() -> None:
    found = claim_after_send()
    assert "OrderPlaced" in {told.body["type"] for told in found.script.tellings}
    assert len(found.script.tellings) <= 3
    assert 1 <= len(found.script.faults or ()) <= 3
    assert not found.script.acts
    assert not found.script.deploys
    assert found.runs < 60
    with planted("claim after send"):
        again, _ = performed(read_script(json.dumps(as_document(found.script))))
    assert 1 in {breach.law for breach in breaches(again)}
    told = "\n".join(as_lines(found))
    assert "law 1: " in told
    assert f"seed 5, shop 1, customer {found.breach.customer}" in told
    assert "the provider takes" in told


def test_without_the_defect_the_shortest_story_is_sound_and_makes_none() -> None:
    found = claim_after_send()
    assert breaches(performed(found.script)[0]) == []
    assert shrink(found.script, found.breach, performed) is None


def test_a_story_that_may_not_be_performed_often_is_told_as_long_as_it_is() -> None:
    script, _ = a_storm()
    with planted("claim after send"):
        as_long = shrink(script, claim_after_send().breach, performed, most=1)
    assert as_long is not None
    assert as_long.script.tellings == script.tellings


@pytest.mark.parametrize("needed", [(), (0,), (3, 4), (0, 7), tuple(range(8))])
def test_what_can_be_spared_is_dropped_and_nothing_else(needed: Sequence[int]) -> None:
    assert tuple(fewer(range(8), lambda some: set(needed) <= set(some))) == needed


def test_the_command_tells_a_broken_law_keeps_its_story_and_performs_it_again(
    tmp_path: Path,
) -> None:
    where = ["--templates", str(TEMPLATES)]
    size = ["--customers", "1", "--days", "20", "--faults", "none", "--seed", "20"]
    with planted("a claim that is not written"):
        run = CliRunner().invoke(app, ["simulate", *size, *where, "--json", "--stories", str(tmp_path)])
        kept = next(tmp_path.glob("law-1-*.json"))
        again = CliRunner().invoke(app, ["simulate", "--story", str(kept), *where])
    assert run.exit_code == again.exit_code == 1
    report = json.loads(run.stdout.splitlines()[-1])
    broken = report["breaches"]
    assert not report["holds"]
    assert {one["law"] for one in report["broken"]} == {one["law"] for one in broken}
    first = next(one for one in broken if one["law"] == 1)
    assert first["seed"] == 20
    assert len(first["story"]["events"]) == 1
    assert any("the provider takes" in moment["what"] for moment in first["timeline"])
    assert first["words"] in again.stdout
    sound = CliRunner().invoke(app, ["simulate", "--story", str(kept), *where])
    assert sound.exit_code == 0
    assert "every law held" in sound.stdout


def test_a_folder_for_stories_that_cannot_be_is_refused_before_the_run(tmp_path: Path) -> None:
    taken = tmp_path / "a-file"
    taken.write_text("")
    run = CliRunner().invoke(app, ["simulate", "--stories", str(taken), "--templates", str(TEMPLATES)])
    assert run.exit_code == 2
    assert "File exists" in run.stderr


@pytest.mark.parametrize("text", ["", "[]", '{"format": 0}', '{"format": 1, "people": [{}]}'])
def test_what_holds_no_story_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        read_script(text)


def test_a_file_without_a_story_is_the_commands_own_error(tmp_path: Path) -> None:
    file = tmp_path / "story.json"
    file.write_text("[]", encoding="utf-8")
    run = CliRunner().invoke(app, ["simulate", "--story", str(file), "--templates", str(TEMPLATES)])
    assert run.exit_code == 2


@pytest.mark.parametrize("as_json", [True, False])
def test_whoever_will_not_wait_for_the_shortest_story_still_learns_what_broke(
    as_json: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*told: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "told_again", interrupted)
    size = ["--customers", "1", "--days", "20", "--faults", "none", "--seed", "20"]
    with planted("a claim that is not written"):
        run = CliRunner().invoke(
            app, ["simulate", *size, "--templates", str(TEMPLATES), *(["--json"] if as_json else [])]
        )
    assert run.exit_code == 1
    assert "went out without its claim" in run.stdout + run.stderr
    assert "Stopped" in run.stderr
