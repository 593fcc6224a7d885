"""What `--log` writes is enough to check laws with, and every field of it is described."""

import json
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from typer.testing import CliRunner

from perennial_cli.main import app

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (`[a-z` ]+`) \|[^|]*\| (.*) \|$", re.MULTILINE)
NAME = re.compile(r"`([a-z_ ]+)`")

OF_EVERY_LINE = {"world", "n", "at", "what"}


@cache
def written() -> tuple[dict[str, Any], tuple[dict[str, Any], ...]]:
    """The report of a small storm, and the lines of its log."""
    with TemporaryDirectory() as folder:
        log = Path(folder) / "seen.jsonl"
        size = ["--customers", "30", "--days", "60", "--faults", "storm", "--seed", "3", "--json", "--log", str(log)]
        run = CliRunner().invoke(app, ["simulate", *size, "--templates", str(ROOT / "templates")])
        lines = log.read_text(encoding="utf-8").splitlines()
    return json.loads(run.stdout), tuple(json.loads(line) for line in lines)


def described() -> dict[str, set[str]]:
    """By kind of record, the fields of which docs/reliability.md tells."""
    words = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    words = words[words.index("## What `--log` writes") : words.index("## What goes wrong")]
    rows = ROW.findall(words[words.index("|---|") :])
    return {kind: set(NAME.findall(fields)) for kinds, fields in rows for kind in NAME.findall(kinds)}


def test_every_field_of_every_record_is_described() -> None:
    missing: dict[str, set[str]] = defaultdict(set)
    for line in written()[1]:
        missing[line["what"]] |= set(line) - OF_EVERY_LINE - described().get(line["what"], set())
    assert {kind: fields for kind, fields in missing.items() if fields} == {}


def test_every_described_record_and_field_is_met() -> None:
    met: dict[str, set[str]] = defaultdict(set)
    for line in written()[1]:
        met[line["what"]] |= set(line)
    assert set(met) >= set(described()) - {"set aside", "redriven"}, "poison that kills is rare in a run of this size"
    assert {"quiet_hours", "cap", "time_zone", "journeys"} <= met["shop"]
    assert {"touch", "enrolment", "key", "version", "state", "due", "reason"} == set(
        next(line for line in written()[1] if line["what"] == "committed" and line["touches"])["touches"][0]
    )


def test_a_world_begins_with_its_shop_and_ends_with_what_is_left() -> None:
    worlds = defaultdict(list)
    for line in written()[1]:
        worlds[line["world"]].append(line)
    assert list(worlds) == ["3:0", "3:1"]
    for lines in worlds.values():
        assert (lines[0]["what"], lines[-1]["what"]) == ("shop", "left")
        assert [line["n"] for line in lines] == list(range(len(lines)))
        assert all(line["what"] == "shop" or line["at"] for line in lines)


def test_a_program_that_knows_only_the_file_finds_the_same_numbers() -> None:
    report, lines = written()
    ended = Counter(line["state"] for line in lines if line["what"] == "touch")
    assert {name: ended[name] for name in ("sent", "skipped", "expired", "unconfirmed")} == {
        name: report["balance"].get(name, 0) for name in ("sent", "skipped", "expired", "unconfirmed")
    }
    assert ended["sent"] > 300


def test_a_program_that_knows_only_the_file_finds_a_claim_before_each_message() -> None:
    claims, found = {}, Counter[bool]()
    for line in written()[1]:
        if line["what"] == "claimed":
            claims[line["world"], line["run"], line["touch"]] = line
        if line["what"] == "accepted":
            claim = claims.get((line["world"], line["run"], line["touch"]))
            found[claim is not None and claim["n"] < line["n"] and claim["to"] == line["to"]] += 1
    assert found[True] > 300
    assert not found[False]
