"""`perennial simulate`: random shops under faults, and every law that is checked, with its count.

Exit codes: 0 every law held, 1 one was broken or not checked often enough, 2 the command itself was wrong.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from perennial.content import Content
from perennial_cli.authoring import read
from perennial_cli.run_commands import Templates, exiting, store_name
from perennial_cli.screen import err, out
from perennial_cli.simulation.evidence import Breach, Tally
from perennial_cli.simulation.laws import WORDS, add_up, too_few
from perennial_cli.simulation.matrix import DEATHS, Row, matrix
from perennial_cli.simulation.scripts import Unreadable, read_script
from perennial_cli.simulation.shrinking import Shrunk
from perennial_cli.simulation.simulating import Lived, Plan, live_all, perform
from perennial_cli.simulation.spending import Used, peak_memory
from perennial_cli.simulation.telling import as_json, as_lines, first_of_each_law, keep, told_again

BALANCE = ("entered", "sent", "skipped", "expired", "failed", "unconfirmed", "waiting")
ALL_CORES = os.cpu_count() or 1
SHOWN = 20
"""Breaches that are told in words."""


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


class FaultProfile(StrEnum):
    none = "none"
    default = "default"
    storm = "storm"


@dataclass(slots=True)
class Result:
    """What is known of all shops so far."""

    tallies: list[list[Tally]] = field(default_factory=list)
    balance: Counter[str] = field(default_factory=Counter)
    breaches: list[tuple[int, Breach]] = field(default_factory=list)
    told: list[Shrunk] = field(default_factory=list)
    events: int = 0
    used: Used = field(default_factory=lambda: Used(0, 0))

    def add(self, lived: Lived) -> None:
        self.tallies = [add_up([*self.tallies, lived.tallies])]
        self.balance += lived.balance
        self.events += lived.events
        self.breaches += [(lived.number, breach) for tally in lived.tallies for breach in tally.breaches]


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(simulate)


def simulate(
    customers: Annotated[int, typer.Option(min=1, help="How many shoppers.")] = 200,
    days: Annotated[int, typer.Option(min=1, help="For how many days.")] = 400,
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
    plan = Plan(customers, days, seed, faults.value)
    with exiting():
        content = read(templates.resolve())
        name = store_name(content, store)
        if story is not None:
            raise typer.Exit(_perform(story, content, name, log))
        if deaths:
            raise typer.Exit(_show_matrix(list(matrix(content, name, seed, processes=processes))))
        if stories is not None:  # now, and not after hours
            stories.mkdir(parents=True, exist_ok=True)
        processes = min(processes, plan.shops)
        result = _live(plan, content, name, processes, log)
        result.told = _shrunk(plan, result, content, name, stories)
    _tell(plan, document(plan, result, processes), result, as_json)


def _live(plan: Plan, content: Content, store: str, processes: int, log: Path | None) -> Result:
    began, result = Used.so_far(), Result()
    shops = live_all(plan, content, store, processes, with_lines=log is not None)
    with _writing(log) as file, _bar(plan) as bar:
        for lived in shops:
            result.add(lived)
            if file is not None:
                file.write(lived.lines)
            bar.advance(bar.task_ids[0])
    result.used = Used.so_far().since(began)
    return result


def document(plan: Plan, result: Result, processes: int) -> dict[str, Any]:
    """Only laws that are checked are named. Memory is of all processes together, each at its own highest."""
    laws = [{"law": one.law, "checks": one.checks, "breaches": len(one.breaches)} for one in add_up(result.tallies)]
    return {
        "seed": plan.seed,
        "customers": plan.customers,
        "days": plan.days,
        "faults": plan.faults,
        "laws": laws,
        "balance": {name: result.balance[name] for name in BALANCE},
        "processes": processes,
        "seconds": round(result.used.seconds, 1),
        "cpu_seconds": round(result.used.cpu_seconds, 1),
        "events_per_second": round(result.events / result.used.seconds, 1),
        "customer_days_per_cpu_second": round(plan.customers * plan.days / result.used.cpu_seconds),
        "peak_memory_bytes": peak_memory(processes),
        "breaches": [as_json(shrunk) for shrunk in result.told],
    }


def _shrunk(plan: Plan, result: Result, content: Content, store: str, folder: Path | None) -> list[Shrunk]:
    """The first breach of each broken law, cut down to the shortest story that still breaks it."""
    broken = first_of_each_law(result.breaches)
    if broken:
        err.print(f"{len(broken)} laws are broken: looking for the shortest story of each…")
    told = [told_again(plan, number, breach, content, store) for number, breach in broken]
    found = [shrunk for shrunk in told if shrunk is not None]
    for shrunk in found if folder is not None else ():
        err.print(f"kept: {keep(shrunk.script, shrunk.breach.law, folder or Path())}", soft_wrap=True)
    return found


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
            lived.log.write(opened, script.label)
    broken = [breach for tally in lived.tallies for breach in tally.breaches]
    shown = [
        Shrunk(script, breach, evidence, 1, script) for _, breach in first_of_each_law([(0, one) for one in broken])
    ]
    for shrunk in shown:
        out.print("\n".join(as_lines(shrunk)), highlight=False, markup=False, soft_wrap=True)
    if not broken:
        out.print(f"{sum(tally.checks for tally in lived.tallies)} checks, and every law held.")
    return 1 if broken else 0


def _tell(plan: Plan, report: dict[str, Any], result: Result, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report))
    else:
        _show(plan, report, result)
    if result.breaches or result.balance["lost"] or too_few(result.tallies, plan.customers, plan.days):
        raise typer.Exit(1)


def _show_matrix(rows: Sequence[Row]) -> int:
    """One line for each outside call, one column for each way to die in it. Returns the exit code."""
    table = Table(header_style="bold")
    for column in ("", "function", "call", *DEATHS):
        table.add_column(column, overflow="fold")
    for number in sorted({row.number for row in rows}):
        lived = {row.way: row for row in rows if row.number == number}
        first = lived[DEATHS[0]]
        ends = (lived[way].outcome if lived[way].sound else f"[red]{lived[way].outcome}[/]" for way in DEATHS)
        table.add_row(str(number), first.function, first.call, *ends)
    out.print(table)
    unsound = sum(not row.sound for row in rows)
    out.print(f"{len(rows)} deaths, {unsound} of them broke a law.")
    return 1 if unsound else 0


@contextmanager
def _writing(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
        return
    with path.open("w", encoding="utf-8") as file:
        yield file


@contextmanager
def _bar(plan: Plan) -> Iterator[Progress]:
    columns = (TextColumn("Living through shops"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        bar.add_task("", total=plan.shops)
        yield bar


def _show(plan: Plan, report: dict[str, Any], result: Result) -> None:
    out.print(f"{plan.customers} customers, {plan.days} days, faults: {plan.faults}, seed {plan.seed}")
    table = Table(header_style="bold")
    for column in ("law", "", "checks", "breaches"):
        table.add_column(column, justify="left" if not column else "right")
    short = too_few(result.tallies, plan.customers, plan.days)
    for told in report["laws"]:
        colour = "red" if told["breaches"] or told["law"] in short else "green"
        note = f"  (too few: {short[told['law']]} needed)" if told["law"] in short else ""
        table.add_row(
            str(told["law"]), WORDS[told["law"]] + note, str(told["checks"]), f"[{colour}]{told['breaches']}[/]"
        )
    out.print(table)
    entered, *ends = (f"{result.balance[name]} {name}" for name in BALANCE)
    lost = f" + [red]{result.balance['lost']} lost[/]" if result.balance["lost"] else ""
    out.print(f"{entered} = {' + '.join(ends)}{lost}", highlight=False)
    speed, memory = report["customer_days_per_cpu_second"], report["peak_memory_bytes"] / 2**20
    spent = f"{report['seconds']:.0f} s with {report['processes']} processes, {speed} customer-days per CPU second"
    out.print(f"{spent}, {memory:.0f} MiB at most.", highlight=False)
    for number, breach in result.breaches[:SHOWN]:
        where = (
            f"shop {number}, customer {breach.customer}, {breach.at:%Y-%m-%d %H:%M:%S}"
            if breach.at
            else f"shop {number}"
        )
        err.print(f"[red]law {breach.law}[/]: {breach.words} ({where}; seed {plan.seed})", highlight=False)
    for shrunk in result.told:
        err.print("\n" + "\n".join(as_lines(shrunk)), highlight=False, markup=False, soft_wrap=True)
