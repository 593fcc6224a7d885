"""A simulation as it is shown to people: a table of the laws, a table of deaths, and what was broken or too rare."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from perennial_cli.screen import err, out
from perennial_cli.simulation.faults import WAYS
from perennial_cli.simulation.laws import WORDS
from perennial_cli.simulation.matrix import DEATHS, Row
from perennial_cli.simulation.result import BALANCE, SHOWN, Result
from perennial_cli.simulation.simulating import Plan


def show_matrix(rows: Sequence[Row]) -> int:
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


def show(plan: Plan, report: dict[str, Any], result: Result) -> None:
    out.print(f"{plan.customers} customers, {plan.days} days, faults: {plan.faults}, seed {plan.seed}")
    table = Table(header_style="bold")
    for column in ("law", "", "checks", "breaches"):
        table.add_column(column, justify="left" if not column else "right")
    for told in report["laws"]:
        few = told["checks"] < told["least"]
        colour = "red" if told["breaches"] or few else "green"
        note = f"  (too few: {told['least']} needed)" if few else ""
        table.add_row(
            str(told["law"]), WORDS[told["law"]] + note, str(told["checks"]), f"[{colour}]{told['breaches']}[/]"
        )
    out.print(table)
    entered, *ends = (f"{result.balance[name]} {name}" for name in BALANCE)
    lost = f" + [red]{result.balance['lost']} lost[/]" if result.balance["lost"] else ""
    out.print(f"{entered} = {' + '.join(ends)}{lost}", highlight=False)
    speed, memory = report["customer_days_per_cpu_second"], report["peak_memory_bytes"] / 2**20
    processes = f"{report['processes']} process{'es' if report['processes'] != 1 else ''}"
    spent = f"{report['seconds']:.0f} s with {processes}, {speed} customer-days per CPU second"
    out.print(f"{spent}, {memory:.0f} MiB at most.", highlight=False)
    _show_faults(plan, result)
    for number, breach in result.breaches[:SHOWN]:
        where = (
            f"shop {number}, customer {breach.customer}, {breach.at:%Y-%m-%d %H:%M:%S}"
            if breach.at
            else f"shop {number}"
        )
        err.print(f"[red]law {breach.law}[/]: {breach.words} ({where}; seed {plan.seed})", highlight=False)


def _show_faults(plan: Plan, result: Result) -> None:
    """How much went wrong, in a line; and whatever was met too rarely for the laws to have been tried."""
    calls = sum(result.happened[way] for way in WAYS)
    others = sum(result.happened[name] for name in result.happened if name.startswith(("timer", "delivery", "report ")))
    poisoned = result.happened["poison"] + result.happened["poison that kills"]
    out.print(f"faults: {calls} at calls, {others} on the way, {poisoned} poisoned events.", highlight=False)
    for rare in result.rare(plan):
        err.print(f"[red]too few[/]: {rare}", highlight=False)
