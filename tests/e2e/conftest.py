"""The commands as a user types them, in a folder of their own, on the real templates."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import create_loader
from typer.testing import CliRunner, Result

from perennial.content import Content
from perennial_cli import authoring, bundle_template, cloud_resources, run_commands, stacks
from perennial_cli.main import app

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = str(ROOT / "templates")

Command = Callable[..., Result]


@pytest.fixture(autouse=True, scope="session")
def _read_once() -> Iterator[None]:
    """Compiling the real templates and reading AWS's own models takes seconds, and gives the same every time."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (run_commands, stacks):
            patch.setattr(module, "read", _read)
        patch.setattr("botocore.session.create_loader", cache(create_loader))
        patch.setattr(cloud_resources, "load_template", cache(bundle_template.load_template))
        yield


def _read(templates: Path) -> Content:
    return compiled(templates) if templates == Path(TEMPLATES) else authoring.read(templates)


@cache
def compiled(templates: Path) -> Content:
    return authoring.read(templates)


def run(*words: str, code: int = 0, typed: str | None = None) -> Result:
    """Runs `perennial …` where one stands; what it prints is in `.stdout` and `.stderr`."""
    result = CliRunner().invoke(app, [*words], input=typed)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result


@pytest.fixture
def perennial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs `perennial …` in an empty folder."""
    monkeypatch.chdir(tmp_path)
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
