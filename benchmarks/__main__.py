"""`make bench`: every figure, as a table and in build/bench.json. Exit code 1 if a budget is missed."""

import json
import sys

from rich.console import Console
from rich.table import Table

from benchmarks import calls, cold_start, cost, deciding, history, pages, rendering, reports, simulated
from benchmarks.rows import Row
from benchmarks.worlds import ROOT

SUITES = (calls, cost, reports, pages, rendering, deciding, history, simulated, cold_start)
FILE = ROOT / "build" / "bench.json"


def main() -> int:
    console = Console()
    found: list[Row] = []
    for suite in SUITES:
        with console.status(f"Measuring {suite.__name__.rpartition('.')[2].replace('_', ' ')} …"):
            found += suite.rows()
    console.print(table(found))
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(json.dumps([row.as_dict() for row in found], indent=2) + "\n")
    return 1 if any(row.holds is False for row in found) else 0


def table(found: list[Row]) -> Table:
    table = Table("figure", "value", "floor", "ratio", "budget", "holds")
    for row in found:
        floor = "" if row.floor is None else f"{row.floor:,.2f} ({row.floor_name})"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        budget = "" if row.budget is None else f"{row.budget:g}"
        holds = {None: "", True: "[green]yes[/]", False: "[red]no[/]"}[row.holds]
        table.add_row(row.name, f"{row.value:,.2f} {row.unit}", floor, ratio, budget, holds)
    return table


if __name__ == "__main__":
    sys.exit(main())
