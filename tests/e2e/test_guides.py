"""The guides name commands, options and pages that exist."""

import re
from pathlib import Path

import pytest
import typer

from perennial_cli.main import app
from tests.e2e.conftest import ROOT

GUIDES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group, as the program has several
SAID = re.compile(r"(?:^ {4,}|`|&& |; )(?:\.venv/bin/)?perennial ([a-z][a-z-]*)([^`\n;&]*)", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")


def said(guide: Path) -> list[tuple[str, str]]:
    return SAID.findall(guide.read_text(encoding="utf-8"))


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_command_and_option_that_is_named_exists(guide: Path) -> None:
    for name, rest in said(guide):
        assert name in COMMANDS, f"perennial {name}"
        known = {option for parameter in COMMANDS[name].params for option in parameter.opts} | {"--help"}
        assert set(re.findall(r"--[a-z-]+", rest)) <= known, f"perennial {name}{rest}"


def test_the_guides_name_most_commands() -> None:
    """The pattern finds what it looks for."""
    named = {name for guide in GUIDES for name, _ in said(guide)}
    assert named == COMMANDS.keys()


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_every_link_leads_to_a_page_and_its_part(guide: Path) -> None:
    for path, part in LINK.findall(guide.read_text(encoding="utf-8")):
        target = (guide.parent / path).resolve() if path else guide
        assert target.exists(), path
        if part:
            assert part in parts(target), f"{path}#{part}"


def parts(page: Path) -> set[str]:
    """The anchors that a heading gets."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
