"""`perennial simulate`: random shops under faults, and every law that is checked, with its count.

Exit codes: 0 every law held, 1 one was broken or not checked often enough, 2 the command or templates/ was wrong.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from perennial.content import Content
from perennial_cli.authoring import read
from perennial_cli.run_commands import USAGE, Templates, exiting, store_name
from perennial_cli.screen import err, out
from perennial_cli.simulation.matrix import matrix
from perennial_cli.simulation.recording import write_log
from perennial_cli.simulation.result import Result, document
from perennial_cli.simulation.scripts import Unreadable, read_script
from perennial_cli.simulation.showing import show, show_matrix
from perennial_cli.simulation.shrinking import MOST_RUNS, Shrunk
from perennial_cli.simulation.simulating import Plan, live_all, perform
from perennial_cli.simulation.spending import Used
from perennial_cli.simulation.telling import as_lines, first_of_each_law, keep, told_again

ALL_CORES = os.cpu_count() or 1
A_CENTURY = 36_500

LogFile = Annotated[Path | None, typer.Option(help="Write all that the outside world saw: one JSON object a line.")]
Deaths = Annotated[
    bool, typer.Option("--matrix", help="One shopper instead: every call of their year, and every way to die in it.")
]
Story = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="Perform a kept story once more, and nothing else.")
]
Stories = Annotated[
    Path | None, typer.Option(help="A folder: keep the shortest story of each broken law, for --story.")
]
Processes = Annotated[
    int, typer.Option(min=1, help="Side by side; the result is the same with any number.", show_default="all cores")
]

OF_NO_USE_TO: Mapping[str | None, tuple[str, ...]] = {
    "--matrix": ("customers", "days", "faults", "log", "story", "stories"),
    "--story": ("customers", "days", "seed", "faults", "as_json", "stories", "processes"),
}
"""What one shopper's year, or a story that was told before, has settled already."""


class FaultProfile(StrEnum):
    none = "none"
    default = "default"
    storm = "storm"


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(simulate)


def simulate(
    ctx: typer.Context,
    customers: Annotated[int, typer.Option(min=1, help="How many shoppers.")] = 200,
    days: Annotated[int, typer.Option(min=1, max=A_CENTURY, help="For how many days.")] = 400,
    seed: Annotated[int, typer.Option(help="The same seed, the same run.")] = 1,
    faults: Annotated[FaultProfile, typer.Option(help="What goes wrong, and how often.")] = FaultProfile.default,
    store: Annotated[str | None, typer.Option(help="The store, if templates/ has several.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")] = False,
    log: LogFile = None,
    deaths: Deaths = False,
    story: Story = None,
    stories: Stories = None,
    processes: Processes = ALL_CORES,
    templates: Templates = Path("templates"),
) -> None:
    """Live through random shops' years under injected faults, and check the laws from outside."""
    _refuse_idle(ctx, deaths=deaths, story=story is not None)
    plan = Plan(customers, days, seed, faults.value)
    with exiting(problems=USAGE):
        content = read(templates.resolve())
        name = store_name(content, store)
        if story is not None:
            raise typer.Exit(_perform(story, content, name, log))
        if deaths:
            raise typer.Exit(_die(content, name, seed, processes, as_json))
        if stories is not None:  # now, and not after hours
            stories.mkdir(parents=True, exist_ok=True)
        processes = min(processes, plan.shops)
        result = _live(plan, content, name, processes, log)
        if not as_json:
            show(plan, document(plan, result, processes), result)
        for shrunk in _shrunk(plan, result, content, name):
            result.told.append(shrunk)
            _tell_story(shrunk, stories, as_json)
    if as_json:
        typer.echo(json.dumps(document(plan, result, processes)))
    if not result.holds(plan):
        raise typer.Exit(1)


def _refuse_idle(ctx: typer.Context, *, deaths: bool, story: bool) -> None:
    """Whoever names an option that has nothing to say to the rest is told so, and not obeyed in part."""
    mode = "--matrix" if deaths else "--story" if story else None
    for name in OF_NO_USE_TO.get(mode, ()):
        source = ctx.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = next(param.opts[0] for param in ctx.command.params if param.name == name)
            raise typer.BadParameter(f"it has no meaning with {mode}: leave one of them out.", param_hint=option)


def _die(content: Content, store: str, seed: int, processes: int, as_json: bool) -> int:
    """Every death of one order's year. Returns the exit code."""
    rows = matrix(content, store, seed, processes=processes)
    lived = []
    with _bar("Dying in every call", None) as bar:
        for row in rows:
            lived.append(row)
            bar.advance(bar.task_ids[0])
    if as_json:
        typer.echo(json.dumps({"seed": seed, "deaths": [asdict(row) for row in lived]}))
        return 0 if all(row.sound for row in lived) else 1
    return show_matrix(lived)


def _live(plan: Plan, content: Content, store: str, processes: int, log: Path | None) -> Result:
    began, result = Used.so_far(), Result()
    with _writing(log) as file:
        shops = live_all(plan, content, store, processes, with_lines=log is not None)
        with _bar("Living through shops", plan.shops) as bar:
            for lived in shops:
                result.add(lived)
                if file is not None:
                    file.write(lived.lines)
                bar.advance(bar.task_ids[0])
    result.used = Used.so_far().since(began)
    return result


def _shrunk(plan: Plan, result: Result, content: Content, store: str) -> Iterator[Shrunk]:
    """The first breach of each broken law, cut down to the shortest story that still breaks it: until somebody has had
    enough of waiting, which costs nothing of what is known.
    """
    broken = first_of_each_law(result.breaches)
    try:
        for number, breach in broken:
            err.print(f"law {breach.law} is broken: looking for the shortest story, {MOST_RUNS} lives at most…")
            shrunk = told_again(plan, number, breach, content, store)
            if shrunk is not None:
                yield shrunk
            else:
                err.print(f"law {breach.law}: it holds when shop {number} lives alone, so there is no shorter story.")
    except KeyboardInterrupt:
        err.print("Stopped: what was found is told, without what was not looked for yet.")


def _tell_story(shrunk: Shrunk, folder: Path | None, as_json: bool) -> None:
    if not as_json:
        err.print("\n" + "\n".join(as_lines(shrunk)), highlight=False, markup=False, soft_wrap=True)
    if folder is not None:
        err.print(f"kept: {keep(shrunk.script, shrunk.breach.law, folder)}", soft_wrap=True)


def _perform(file: Path, content: Content, store: str, log: Path | None) -> int:
    """A kept story once more. Returns the exit code."""
    try:
        script = read_script(file.read_text(encoding="utf-8"))
    except Unreadable as error:
        err.print(f"[red]{file}[/]: {error}", highlight=False)
        return 2
    lived, evidence = perform(script, content, store)
    with _writing(log) as opened:
        if opened is not None:
            write_log(opened, script, evidence)
    broken = [breach for tally in lived.tallies for breach in tally.breaches]
    shown = [
        Shrunk(script, breach, evidence, 1, script) for _, breach in first_of_each_law([(0, one) for one in broken])
    ]
    for shrunk in shown:
        out.print("\n".join(as_lines(shrunk)), highlight=False, markup=False, soft_wrap=True)
    if not broken:
        out.print(f"{sum(tally.checks for tally in lived.tallies)} checks, and every law held.")
    return 1 if broken else 0


@contextmanager
def _writing(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8") as file:
        yield file


@contextmanager
def _bar(words: str, total: int | None) -> Iterator[Progress]:
    columns = (TextColumn(words), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        bar.add_task("", total=total)
        yield bar
