"""`perennial rearm`: after the table was restored to a point in time, and before the functions go on.

Exit codes: 0 all is armed, 2 the command itself was wrong, or could not go on: run it again.
"""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import boto3
import typer
from rich.table import Table

from perennial.adapters.dynamodb import DynamoCustomers
from perennial.adapters.restored import DynamoRestored
from perennial.adapters.scheduler import SchedulerTimers
from perennial.errors import Misconfigured
from perennial.outside import ForAdvancing
from perennial_cli.rearm import orphans
from perennial_cli.rearm.rearming import Tally
from perennial_cli.rearm.run import HELD, Run, lost_time
from perennial_cli.rearm.tables import Tables
from perennial_cli.run_commands import exiting
from perennial_cli.screen import out
from perennial_cli.stacks import Stack, opened
from perennial_cli.store_commands import StackName, Templates

NO_TABLE = "only a table in DynamoDB can be restored"

WORKERS = 8
"""Customers at once on a deployed stack: some 300 a second, below what Scheduler takes in every region."""

INSTANTS = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]

RestoredTo = Annotated[datetime, typer.Option(formats=INSTANTS, help="The point in time of the restored table (UTC).")]
LostUntil = Annotated[
    datetime | None,
    typer.Option(
        formats=INSTANTS, help="When the functions were stopped (UTC); default: now. Nothing went out after it."
    ),
]
LostTable = Annotated[
    str | None, typer.Option(help="The table as it was before the restore: what it knows need not be guessed.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Look, and change nothing.")]


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(rearm)


def rearm(
    restored_to: RestoredTo,
    lost_until: LostUntil = None,
    lost_table: LostTable = None,
    dry_run: DryRun = False,
    stack: StackName = None,
    templates: Templates = Path("templates"),
) -> None:
    """After a restore of the table: nothing is sent twice, and every wake is armed again."""
    with exiting(), opened(stack, templates, keep=not dry_run) as found:
        if stack is not None and not dry_run:
            stopped(found.advancing)
        run = begin(found, restored_to, lost_until, lost_table, dry=dry_run, workers=1 if stack is None else WORKERS)
        tallies = {store: run.store(store) for store in sorted(found.advancing.content.stores)}
        swept = run.orphans()
    _show(tallies, swept, dry_run)
    if run.lost.any and not dry_run:
        out.print("Every message is paused. Start the functions, let the shops tell the lost time again, then")
        out.print("; ".join(f"perennial resume --class {pause.name}" for pause in HELD))


def begin(
    found: Stack,
    restored_to: datetime,
    lost_until: datetime | None,
    lost_table: str | None,
    *,
    dry: bool = False,
    workers: int = 1,
) -> Run:
    """Instants without a zone are UTC. Raises Misconfigured."""
    now = found.advancing.now()
    lost = lost_time(_utc(restored_to), _utc(lost_until) if lost_until else now, now, told=lost_table is not None)
    tables = _tables(found.advancing, lost_table)
    return Run(found.advancing, tables, lost, dry=dry, workers=workers, exact=lost_until is not None)


def _tables(outside: ForAdvancing, lost_table: str | None) -> Tables:
    customers, timers = outside.customers, outside.timers
    if not isinstance(customers, DynamoCustomers) or not isinstance(timers, SchedulerTimers):
        raise Misconfigured(NO_TABLE)
    return Tables(
        restored=DynamoRestored(customers.client, customers.name),
        was=_readable(DynamoRestored(customers.client, lost_table)) if lost_table else None,
        past=replace(customers, name=lost_table) if lost_table else None,
        schedules=lambda: orphans.schedules(timers.client, timers.targets.group),
    )


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def stopped(outside: ForAdvancing) -> None:
    """Raises Misconfigured while a function reads the lanes: it would act on what the table has forgotten."""
    if not isinstance(outside.timers, SchedulerTimers):
        raise Misconfigured(NO_TABLE)
    for lane, arn in outside.timers.targets.queues.items():
        pages = boto3.client("lambda").get_paginator("list_event_source_mappings").paginate(EventSourceArn=arn)
        states = {entry["State"] for page in pages for entry in page["EventSourceMappings"]}
        if states - {"Disabled", "Disabling"}:
            raise Misconfigured(f"the {lane} lane is still read: stop the functions first (docs/restoring.md)")


def _readable(was: DynamoRestored) -> DynamoRestored:
    """Asked before anything is paused or changed. Raises Misconfigured."""
    try:
        was.reached("-", 0)
    except Misconfigured as error:
        raise Misconfigured(f"--lost-table {was.name} cannot be read: {error}") from error
    return was


def _show(tallies: dict[str, Tally], swept: int, dry: bool) -> None:
    table = Table(title="Would be rearmed" if dry else "Rearmed", title_justify="left", header_style="bold")
    for name in ("store", "customers", "new epoch", "wakes", "mended", "carried over", "may have gone out", "merged"):
        table.add_column(name)
    for store, tally in tallies.items():
        doubtful = ", ".join(f"{count} {class_}" for class_, count in sorted(tally.doubtful.items())) or "none"
        carried = f"{tally.told} touches, {tally.adopted} customers"
        counts = (tally.customers, tally.rearmed, tally.armed, tally.mended, carried, doubtful, tally.merged)
        table.add_row(store, *map(str, counts))
    out.print(table)
    out.print(f"{swept} schedules of the lost time {'would be' if dry else 'are'} deleted.")
    for store, tally in tallies.items():
        for customer in tally.erased:
            out.print(f"[red]{customer} of {store} was erased in the lost time: perennial erase {customer}[/]")
        if tally.failing:
            out.print(f"[red]{store}: {tally.failing} customers cannot be judged: perennial doctor --deep[/]")
