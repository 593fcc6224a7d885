"""The simulation itself: the laws hold under every profile of faults, its runs can be had again, its checkers bite."""

import itertools
import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from perennial import links
from perennial_cli.main import app
from perennial_cli.simulation.chance import Luck
from perennial_cli.simulation.faults import SERVICES, WAYS
from perennial_cli.simulation.laws import WORDS, too_few
from perennial_cli.simulation.pages_law import read_token
from perennial_cli.simulation.rotating import OVERLAP, Keys
from perennial_cli.simulation.simulating import STARTS, Lived
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.runs import TEMPLATES, a_life, breaches

IN_EVERY_BUILD = ("no version check", "consent asked at enrolment only", "ten o'clock in UTC", "no sweep")
"""The other planted defects take minutes: `make mutants`."""


@cache
def lived_under(faults: str) -> Lived:
    return a_life(faults, seed=14, customers=8, days=120)


@pytest.mark.parametrize("faults", ["none", "default", "storm"])
def test_the_laws_hold_whatever_goes_wrong(faults: str) -> None:
    lived = lived_under(faults)
    assert breaches(lived) == []
    assert {tally.law for tally in lived.tallies} == WORDS.keys()
    assert all(tally.checks for tally in lived.tallies)


@pytest.mark.parametrize("faults", ["none", "default", "storm"])
def test_the_balance_closes_to_the_touch(faults: str) -> None:
    balance = lived_under(faults).balance
    ends = ("sent", "skipped", "expired", "failed", "unconfirmed", "waiting")
    assert balance["entered"] == sum(balance[name] for name in ends) > 100
    assert balance["lost"] == balance["failed"] == 0


def test_nothing_is_in_doubt_where_nothing_goes_wrong() -> None:
    lived = lived_under("none")
    assert lived.balance["unconfirmed"] == 0
    assert not list(lived.log.of("fault", "died", "failed", "set aside"))


def test_the_same_seed_is_the_same_run() -> None:
    first, again, other = (a_life(seed=seed, customers=3, days=60).log.records for seed in (4, 4, 5))
    assert first == again
    assert first != other


def test_a_storm_has_every_kind_of_fault() -> None:
    kinds = {record["kind"] for record in lived_under("storm").log.of("fault")}
    assert kinds >= {*WAYS}
    assert kinds >= {"timer lost", "timer late", "report lost", "report late", "message again"}


def test_every_page_is_opened_and_old_links_still_are_after_a_new_key() -> None:
    lives = [list(lived_under(faults).log.of("visit")) for faults in ("none", "default", "storm")]
    assert {visit["page"] for visits in lives for visit in visits} == set(links.BY_PATH)
    opened = [[read_token(visit["token"])["key"] for visit in visits if visit["status"] == 200] for visits in lives]
    assert any(1 in keys[keys.index(2) :] for keys in opened)


def test_webhooks_are_signed_with_the_secret_of_before_while_both_are_good() -> None:
    planned = Keys(lambda: STARTS)
    planned.plan(STARTS, STARTS + timedelta(days=100), Luck("5", "rotation"))
    between, late = planned.changes + (planned.follows - planned.changes) / 2, planned.changes + 2 * OVERLAP
    during, after = replace(planned, now=lambda: between), replace(planned, now=lambda: late)
    assert planned.shops == during.shops == during.webhook("demo", "perennial").previous
    assert after.shops == after.webhook("demo", "perennial").current
    assert after.webhook("demo", "perennial").previous is None
    assert after.forgers == planned.shops


def test_what_the_shop_has_not_signed_is_refused() -> None:
    log = lived_under("storm").log
    refused = {record["run"] for record in log.of("refused")}
    assert refused
    assert refused <= {record["run"] for record in log.of("forgery")}


def test_each_service_throttles_fails_times_out_and_loses_answers_and_the_laws_hold() -> None:
    lived = a_life("weather", seed=3, customers=10, days=120)
    assert breaches(lived) == []
    met = {(fault["service"], fault["kind"]) for fault in lived.log.of("fault")}
    assert met == set(itertools.product(SERVICES.values(), ("throttled", "fails", "times out", "answer lost")))


def test_too_few_checks_are_no_proof() -> None:
    lived = a_life("none", customers=3, days=30)
    assert not too_few([lived.tallies], customers=3, days=30)
    assert too_few([lived.tallies], customers=3_000, days=365).keys() == WORDS.keys()


@pytest.mark.parametrize("name", IN_EVERY_BUILD)
def test_a_planted_defect_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant: Mutant = next(mutant for mutant in MUTANTS if mutant.name == name)
    mutant.plant(monkeypatch)
    lived = a_life(mutant.faults, mutant.seed, mutant.customers, mutant.days)
    assert mutant.law in {breach.law for breach in breaches(lived)}


def test_the_command_reports_as_scripts_expect_it_and_writes_all_that_was_seen(tmp_path: Path) -> None:
    log = tmp_path / "seen.jsonl"
    size = ["--customers", "2", "--days", "40", "--faults", "none", "--seed", "3"]
    run = CliRunner().invoke(app, ["simulate", *size, "--json", "--log", str(log), "--templates", str(TEMPLATES)])
    told = json.loads(run.stdout)
    assert list(told) == [
        "seed",
        "customers",
        "days",
        "faults",
        "holds",
        "laws",
        "balance",
        "lost",
        "processes",
        "seconds",
        "cpu_seconds",
        "events_per_second",
        "customer_days_per_cpu_second",
        "peak_memory_bytes",
        "broken",
        "breaches",
        "happened",
    ]
    assert [law["law"] for law in told["laws"]] == list(WORDS)
    assert all(law["breaches"] == 0 for law in told["laws"])
    assert told["breaches"] == told["broken"] == []
    assert told["holds"] == all(law["checks"] >= law["least"] for law in told["laws"]) == (run.exit_code == 0)
    seen = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert {"webhook", "joined", "applied", "claimed", "accepted", "report", "ring"} <= {line["what"] for line in seen}
    assert sum(line["what"] == "accepted" for line in seen) >= told["balance"]["sent"] > 0


ANSWERED = {("p", "saved"), ("p", "resting"), ("p", "resumed"), ("p", "skipped"), ("p", "wanted"), ("u", "undone"),
            ("r", "done"), ("x", "done"), ("x", "confirm"), ("x", "withdrawn")}  # fmt: skip


def test_people_answer_on_every_page_that_asks_and_what_they_said_holds() -> None:
    lived = a_life("talkative", seed=5, customers=10, days=150)
    assert breaches(lived) == []
    pressed = [visit for visit in lived.log.of("visit") if visit["method"] == "POST" and visit["status"] == 200]
    assert {(visit["page"], visit["told"]["outcome"]) for visit in pressed} >= ANSWERED
    joined = {record["type"] for record in lived.log.of("joined") if record["by"] == "serve"}
    assert joined >= {"MessagesRested", "TouchDeclined", "TouchWanted", "ReviewGiven", "ReturnRequested"}
    assert {fault["function"] for fault in lived.log.of("fault")} >= {"serve", "advance"}


def test_what_is_wrong_in_the_templates_is_not_taken_for_a_broken_law(tmp_path: Path) -> None:
    run = CliRunner().invoke(app, ["simulate", "--templates", str(tmp_path)])
    assert run.exit_code == 2


def test_more_days_than_the_calendar_has_are_refused() -> None:
    run = CliRunner().invoke(app, ["simulate", "--days", "4000000", "--templates", str(TEMPLATES)])
    assert run.exit_code == 2
    assert "--days" in run.stderr
