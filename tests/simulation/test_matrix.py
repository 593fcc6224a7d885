"""The crash matrix: a process may die in any call of an order's year, and no law breaks."""

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest
from typer.testing import CliRunner

from perennial_cli.main import app
from perennial_cli.simulation import command
from perennial_cli.simulation.matrix import AS_EVER, DEATHS, Row, matrix
from tests.simulation.runs import TEMPLATES, the_content

A_YEAR = 20
"""The seed of one shopper's one order: a parcel, a review, an address that changes its mind about texts."""

IN_DOUBT = re.compile(r"[a-z/-]+: unconfirmed instead of sent")
ONCE_MORE = re.compile(r"[a-z: -]+ sent once more, its claim in doubt past its grace")


def rows(faults: str, every: int) -> list[Row]:
    return list(matrix(the_content(), "demo", A_YEAR, faults, every))


def parts(row: Row) -> list[str]:
    return row.outcome.split("; ")


def test_whenever_a_process_dies_receipts_tell_what_went_out_and_nothing_goes_twice() -> None:
    lived = rows("none", every=4)
    assert {row.way for row in lived} == {"dies before", "dies during", "dies after"}
    assert {row.function for row in lived} >= {"receive", "advance", "record"}
    for row in lived:
        assert row.sound, row
        assert all(part == AS_EVER or IN_DOUBT.fullmatch(part) for part in parts(row)), row
    assert sum(row.outcome == AS_EVER for row in lived) > 0.8 * len(lived)


def test_without_receipts_only_an_email_that_is_needed_goes_once_more() -> None:
    """Law 1's one stated exception; whether it was needed, the checkers of the laws have asked."""
    lived = rows("unreported", every=5)
    for row in lived:
        assert row.sound, row
        assert all(part == AS_EVER or IN_DOUBT.fullmatch(part) or ONCE_MORE.fullmatch(part) for part in parts(row)), row
    assert any(ONCE_MORE.search(row.outcome) for row in lived)


@pytest.mark.parametrize(("sound", "code"), [(True, 0), (False, 1)])
def test_the_command_prints_each_call_with_each_way_to_die(
    sound: bool, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [Row(7, "email.send", "advance", way, "touch 1 was accepted 2 times", sound) for way in DEATHS]
    monkeypatch.setattr(command, "matrix", lambda content, store, seed, processes: told)
    run = CliRunner().invoke(app, ["simulate", "--matrix", "--templates", str(TEMPLATES)])
    assert run.exit_code == code
    assert "email.send" in run.stdout
    assert f"3 deaths, {0 if sound else 3} of them broke a law." in run.stdout


def test_the_matrix_as_json_has_one_object_for_each_death(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [Row(7, "email.send", "advance", way, AS_EVER, way != "dies after") for way in DEATHS]
    monkeypatch.setattr(command, "matrix", lambda content, store, seed, processes: told)
    run = CliRunner().invoke(app, ["simulate", "--matrix", "--json", "--seed", "9", "--templates", str(TEMPLATES)])
    assert run.exit_code == 1
    assert json.loads(run.stdout) == {"seed": 9, "deaths": [asdict(row) for row in told]}


@pytest.mark.parametrize(
    "option", ["--customers=5", "--days=3", "--faults=storm", "--log=x", "--story=S", "--stories=x"]
)
def test_an_option_that_says_nothing_to_the_matrix_is_refused(option: str, tmp_path: Path) -> None:
    story = tmp_path / "story.json"
    story.touch()
    option = option.replace("=S", f"={story}")
    run = CliRunner().invoke(app, ["simulate", "--matrix", option, "--templates", str(TEMPLATES)])
    assert run.exit_code == 2
    assert option.split("=")[0] in run.stderr
    assert "no meaning with --matrix" in run.stderr
