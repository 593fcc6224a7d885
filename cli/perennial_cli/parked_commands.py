"""The commands about what is parked: parked, put-back, discard.

They work on the embedded cloud as the last replay or demo left it, or with `--stack` on a deployed one. Exit codes: 0
all is well, 1 nothing of that name, 2 the command itself was wrong.
"""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from perennial import events
from perennial.errors import PerennialError
from perennial.identity import Alias, named_aliases, order_id_of
from perennial.ports import Parked
from perennial.receipts import ACCOUNT
from perennial.receiving import put_back as put_parked_back
from perennial.recording import put_back as record_again
from perennial_cli.by_hand import note
from perennial_cli.reports import document
from perennial_cli.run_commands import PROBLEMS, exiting, store_name
from perennial_cli.screen import err, out
from perennial_cli.stacks import Stack, opened
from perennial_cli.store_commands import AsJson, StackName, StoreName, Templates

LOST = {
    "body": "What the shop told by it is never applied.",
    "event": "It is never applied; what it held back of its customer goes on.",
    "alias": "Whoever turns out to own it never hears of it.",
    "newcomer": "If this person ever buys, nobody knows what they have said here.",
    "report": "Its message keeps the outcome that it has.",
}
"""What is lost by discarding, by kind."""


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command()(parked)
    app.command("put-back")(put_back)
    app.command()(discard)


def parked(
    store: StoreName = None,
    stack: StackName = None,
    newcomers: Annotated[bool, typer.Option("--newcomers", help="List those who never bought as well.")] = False,
    as_json: AsJson = False,
    templates: Templates = Path("templates"),
) -> None:
    """What is kept because nobody could apply it yet, and why."""
    with exiting(), opened(stack, templates) as found:
        name = store_name(found.receiving.content, store)
        entries = _parked(name, found)
        if as_json:
            typer.echo(json.dumps(document([], [], entries, {})["parked"], ensure_ascii=False, indent=2))
            return
        shown = [entry for entry in entries if newcomers or entry.kind != "newcomer"]
        table = Table("since", "kind", "id", "reason", title=f"{name}: {len(shown)} parked", title_justify="left")
        for entry in shown:
            table.add_row(f"{entry.parked_at:%-d %b %Y %H:%M} UTC", entry.kind, entry.id, entry.reason)
        out.print(table)
        if len(shown) < len(entries):
            quiet = len(entries) - len(shown)
            out.print(
                f"{quiet} facts about people who never bought wait for their first order: --newcomers lists them."
            )


def put_back(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As `perennial parked` shows it, or `all`.")],
    store: StoreName = None,
    stack: StackName = None,
    templates: Templates = Path("templates"),
) -> None:
    """Send what was parked on its way again: after a deploy that can read it, or once its cause has passed."""
    with exiting(), opened(stack, templates, keep=True) as found:
        name = store_name(found.receiving.content, store)
        everything = [entry for entry in _parked(name, found) if entry.kind != "newcomer"]
        chosen = everything if id_ == "all" else _called(id_, name, found)
        if id_ == "all" and not chosen:
            out.print(f"Nothing is parked in {name}.")
            return
        left = [entry.id for entry in chosen if not _put_one_back(entry, found)]
        if left:
            err.print(f"[red]{len(left)} of {len(chosen)} are still parked[/]")
            raise typer.Exit(PROBLEMS)


def discard(
    id_: Annotated[str, typer.Argument(metavar="ID", help="As `perennial parked` shows it.")],
    store: StoreName = None,
    stack: StackName = None,
    sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    templates: Templates = Path("templates"),
) -> None:
    """Delete something parked that somebody has looked at and that is of no use; the log says who did it and when."""
    with exiting(), opened(stack, templates, keep=True) as found:
        name = store_name(found.receiving.content, store)
        for entry in _called(id_, name, found):
            if entry.kind == "request":
                err.print(f"[red]{id_} is a legal request: answer it, then `perennial answered {id_}`[/]")
                raise typer.Exit(PROBLEMS)
            out.print(f"{entry.kind} {entry.id}, parked {entry.parked_at:%-d %b %Y %H:%M} UTC: {entry.reason}")
            out.print(LOST[entry.kind])
            if not sure:
                typer.confirm("Discard it? This cannot be undone", abort=True)
            told = {"store": entry.store, "id": entry.id, "kind": entry.kind, "at": found.advancing.now().isoformat()}
            note("discarded", told, stack)
            _discard_one(entry, found)
            out.print(f"{entry.id}: discarded")


def _discard_one(entry: Parked, found: Stack) -> None:
    if entry.kind in ("alias", "newcomer"):
        event = events.from_json(entry.content)
        order_id = order_id_of(event)
        by_order = (Alias("order", order_id),) if order_id is not None else ()
        for alias in (*named_aliases(event, found.receiving.content.stores[entry.store]), *by_order):
            found.advancing.traces.withdraw(entry.store, alias, event)
        return
    if entry.stored_as is not None:
        found.advancing.bodies.forget(entry.stored_as)
    found.receiving.parking.remove(entry)
    if entry.customer is not None:
        _ring(entry.store, entry.customer, found)


def _ring(store: str, customer: str, found: Stack) -> None:
    """What was held back goes on now, and not at the next thing that happens to them."""
    now = found.advancing.now()
    name = f"discard:{customer}:{now:%Y%m%dT%H%M%S}"
    wake = events.WakeDue(type="WakeDue", id=name, store=store, occurred_at=now, customer=customer, epoch=0, n=0)
    found.advancing.line.join(wake, customer, "urgent")


def _parked(store: str, stack: Stack) -> list[Parked]:
    """Of the store; and reports that nobody can read, which are the account's."""
    return [entry for name in (store, ACCOUNT) for entry in stack.receiving.parking.parked(name)]


def _called(id_: str, store: str, found: Stack) -> list[Parked]:
    """Whatever is parked under that id, once each where it waits at two aliases. Exits where nothing is."""
    chosen = list({entry.customer: entry for entry in _parked(store, found) if entry.id == id_}.values())
    if not chosen:
        err.print(f"[red]nothing parked is called {id_!r}: see `perennial parked`[/]")
        raise typer.Exit(PROBLEMS)
    return chosen


def _put_one_back(entry: Parked, stack: Stack) -> bool:
    if entry.kind == "report":
        recorded = record_again(entry, stack.recording)
        out.print(f"{entry.id}: {recorded.outcome}{f', {recorded.reason}' if recorded.reason else ''}")
        return recorded.outcome != "parked"
    try:
        receipt = put_parked_back(entry, stack.receiving)
    except PerennialError as error:
        err.print(f"[red]{entry.id}: {error}[/]", highlight=False)
        return False
    out.print(f"{entry.id}: {receipt.event_type} is in the line of {receipt.customer}")
    return True
