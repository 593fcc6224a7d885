"""What commands print: one console for people, one for what goes wrong, and times on the recipient's clock."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from perennial_cli.explaining import Row, came_back

# A pipe has no width of its own: tables stay readable in a log.
out = Console(width=None if sys.stdout.isatty() else 150)
err = Console(stderr=True)

COLOURS = {
    "sent": "green",
    "skipped": "yellow",
    "expired": "yellow",
    "failed": "red",
    "unconfirmed": "red",
    "in doubt": "red",
    "released": "yellow",
    "waiting": "cyan",
}


def local(moment: datetime | None, zone: str) -> str:
    """`Tue 3 Mar 2026 10:00`, on the clock of the zone; a dash for none."""
    return f"{moment.astimezone(ZoneInfo(zone)):%a %-d %b %Y %H:%M}" if moment else "–"


def touches_table(rows: tuple[Row, ...], title: str) -> Table:
    """Every touch with its local time, outcome and reason."""
    table = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for name in ("local time", "journey", "touch", "class", "channel", "outcome", "reason", "came back"):
        table.add_column(name, overflow="fold")
    for row in rows:
        moment = row.at if row.outcome != "waiting" else row.due or row.at
        colour = COLOURS.get(row.outcome, "white")
        outcome = f"[{colour}]{row.outcome}[/]"
        table.add_row(
            local(moment, row.zone),
            row.journey,
            row.touch,
            row.class_,
            row.channel or "–",
            outcome,
            row.reason or "",
            came_back(row),
        )
    return table


def ledger_table(words: Sequence[Mapping[str, Any]]) -> Table:
    """What was said about being written to, word for word, oldest first."""
    table = Table(title="What was said about consent", title_justify="left", header_style="bold", expand=False)
    for name in ("at (UTC)", "channel", "class", "said", "source", "wording", "evidence"):
        table.add_column(name, overflow="fold")
    for word in words:
        told = (word["channel"], word["class"], word["state"], word["source"], word["wording"], word["evidence"])
        table.add_row(word["at"][:16].replace("T", " "), *(text or "–" for text in told))
    return table
