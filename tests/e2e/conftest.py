"""The commands as a user types them, in a folder of their own, on the real templates."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from perennial.content import Content
from perennial_cli import authoring, run_commands, stacks
from perennial_cli.main import app

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = str(ROOT / "templates")

Command = Callable[..., Result]


@pytest.fixture(autouse=True)
def _templates_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling the real templates takes seconds, and gives the same every time."""
    for module in (run_commands, stacks):
        monkeypatch.setattr(module, "read", _read)


@cache
def _read(templates: Path) -> Content:
    return authoring.read(templates)


@pytest.fixture
def perennial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `perennial …` in an empty folder; what it prints is in `.stdout` and `.stderr`."""
    monkeypatch.chdir(tmp_path)

    def run(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(app, [*words])
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def replay(perennial: Command, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Replays lines, signed, and gives the object that `--json` prints."""

    def run(lines: Sequence[dict[str, Any]], *options: str, sign: bool = True) -> dict[str, Any]:
        file = tmp_path / "deliveries.jsonl"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines))
        signing = ["--sign"] if sign else []
        result = perennial("replay", str(file), "--json", "--templates", TEMPLATES, *signing, *options)
        document: dict[str, Any] = json.loads(result.stdout)
        return document

    return run
