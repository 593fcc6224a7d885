"""`perennial doctor`: what is wrong with a stack, and what to do about it.

Exit codes: 0 nothing is wrong that cannot wait, 1 something is, 2 the command itself was wrong.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from perennial_cli.doctor.examining import examine, looks
from perennial_cli.doctor.findings import Finding
from perennial_cli.doctor.place import opened
from perennial_cli.run_commands import PROBLEMS, exiting
from perennial_cli.screen import err, out
from perennial_cli.store_commands import AsJson, StackName, Templates

COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(doctor)


Deep = Annotated[bool, typer.Option("--deep", help="Read every customer as well: does every touch have its outcome?")]


def doctor(
    stack: StackName = None, deep: Deep = False, as_json: AsJson = False, templates: Templates = Path("templates")
) -> None:
    """What is wrong with a deployed stack, or with the last replay, and what to do about it."""
    with exiting():
        with opened(stack, templates) as place, err.status("Looking …"):
            name, findings = place.name, list(examine(place, deep=deep))
        if as_json:
            typer.echo(json.dumps({"place": name, "findings": [finding.as_dict() for finding in findings]}, indent=2))
        else:
            _show(name, findings, len(looks(deep=deep)))
        if any(finding.level == "error" for finding in findings):
            raise typer.Exit(PROBLEMS)


def _show(name: str, findings: Sequence[Finding], checks: int) -> None:
    for finding in findings:
        colour = COLOURS[finding.level]
        out.print(f"[{colour}]{finding.level:<8}[/][bold]{finding.check}[/]: {escape(finding.what)}", highlight=False)
        out.print(f"        → {escape(finding.todo)}", highlight=False)
    counts = {level: sum(finding.level == level for finding in findings) for level in COLOURS}
    told = ", ".join(f"{count} {level}{'s' if count != 1 else ''}" for level, count in counts.items() if count)
    out.print(f"{name}: {told or 'nothing is wrong'}; {checks} checks.")
