"""What a person may ask of a shop, and the shop of us: export, erase, erase-store, answered (docs/privacy.md).

They work on the embedded cloud as the last replay or demo left it, or with `--stack` on a deployed one. Exit codes: 0
all is well, 1 nothing of that name, 2 the command itself was wrong.
"""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from perennial import events
from perennial.advancing import advance
from perennial.errors import Unavailable
from perennial.identity import Alias, normal_email, personal_aliases
from perennial.ports import Parked
from perennial.run_report import Report
from perennial_cli.dossier import dossier, is_nobody
from perennial_cli.run_commands import PROBLEMS, exiting, store_name
from perennial_cli.screen import err, out
from perennial_cli.stacks import Stack, opened
from perennial_cli.store_commands import AsJson, StackName, StoreName, Templates, find_customer

Sure = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

REMAINS: tuple[tuple[str, timedelta, str], ...] = (
    ("queues and their dead letters", timedelta(days=14), "events that were on their way; they bring nobody back"),
    ("bodies of large events", timedelta(days=30), "in the bucket below events/, deleted by its lifecycle"),
    ("backups of the table", timedelta(days=35), "point-in-time recovery; erase again after a restore"),
    ("logs", timedelta(days=30), "ids only, no name or address (LogDays in template.yaml)"),
)
"""What an erasure cannot reach, for how long it is kept, and what it is (docs/privacy.md)."""


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command()(export)
    app.command()(erase)
    app.command("erase-store")(erase_store)
    app.command()(answered)


def export(
    customer: Annotated[str, typer.Argument(help="Customer id, email, order id, or the id of a parked request.")],
    store: StoreName = None,
    stack: StackName = None,
    file: Annotated[Path | None, typer.Option("--out", help="Write it there; default: to the screen.")] = None,
    templates: Templates = Path("templates"),
) -> None:
    """Everything held about a customer, as one JSON object: for whoever asked for their data."""
    with exiting(), opened(stack, templates) as found:
        name = store_name(found.advancing.content, store)
        whom = _whom(customer, name, found)
        if whom is None:
            raise _unknown(customer, name)
        text = json.dumps(dossier(name, whom, found.advancing, found.receiving), ensure_ascii=False, indent=2)
        if file is None:
            typer.echo(text)
        else:
            file.write_text(text + "\n", encoding="utf-8")
            out.print(f"Everything held about {whom} is in {file}")


def erase(
    customer: Annotated[str, typer.Argument(help="Customer id, email, or order id.")],
    store: StoreName = None,
    stack: StackName = None,
    sure: Sure = False,
    as_json: AsJson = False,
    templates: Templates = Path("templates"),
) -> None:
    """Delete everything personal of a customer, for good; books stay, without the person."""
    with exiting(), opened(stack, templates, keep=True) as found:
        name = store_name(found.advancing.content, store)
        email = normal_email(customer)
        whom = _whom(customer, name, found) or (_found(email, name, found) if email else None)
        if whom is None:
            raise _unknown(customer, name)
        if not sure:
            typer.confirm(f"Erase customer {whom} of {name}? This cannot be undone", abort=True)
        report = _erased(name, whom, events.Contact(email=email) if email else events.Contact(), found)
        _tell(_as_told(name, report.customer, report, found.advancing.now()), as_json)


def _erased(store: str, whom: str, contact: events.Contact, found: Stack) -> Report:
    """Done here and now and to its end, however long that takes, by the very step that handles a shop's request;
    whoever works on the customer is overtaken.
    """
    now = found.advancing.now()
    request = events.PrivacyEvent(
        type="ErasureRequested", id=f"erase:{whom}:{now:%Y%m%dT%H%M%S}", store=store, occurred_at=now, contact=contact
    )
    report = advance(request, whom, found.advancing, redelivered=True, to_the_end=True)
    while report.outcome == "forwarded" and report.reason is not None:
        report = advance(request, report.reason, found.advancing, redelivered=True, to_the_end=True)
    if report.emptied is None:
        raise Unavailable(f"{whom} was not erased: {report.reason or report.outcome}")
    return report


def _as_told(store: str, whom: str, report: Report, now: datetime) -> dict[str, Any]:
    remains = [
        {"where": where, "until": (now + span).date().isoformat(), "what": what} for where, span, what in REMAINS
    ]
    return {"store": store, "at": now.isoformat(), **report.as_log(), "customer": whom, "remains": remains}


def _tell(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(told, indent=2))
        return
    done = told.get("emptied", {})
    counts = ", ".join(f"{count} {name}" for name, count in done.items() if count) or "nothing more"
    out.print(f"Erased {told['customer']} of {told['store']}, to the end. Beside the live items: {counts}.")
    table = Table("what an erasure cannot reach", "until", "what it is", title_justify="left")
    for entry in told["remains"]:
        table.add_row(entry["where"], entry["until"], entry["what"])
    out.print(table)
    out.print("Tell the person; keep no copy of their name beside this report.")


def erase_store(
    store: Annotated[str, typer.Argument(help="The store whose shop is gone.")],
    stack: StackName = None,
    sure: Sure = False,
    templates: Templates = Path("templates"),
) -> None:
    """Delete everything of a whole store: for a shop that has left (StoreErasureRequested)."""
    with exiting(), opened(stack, templates, keep=True) as found:
        name = store_name(found.advancing.content, store)
        if not sure and typer.prompt(f"Type {name} to delete everything of it") != name:
            raise typer.Abort
        for customer in found.advancing.traces.everybody(name):
            profile = found.advancing.customers.load(name, customer).profile
            if profile.wake is not None:
                found.advancing.timers.cancel(customer, profile.epoch, profile.wake.n)
        items = found.advancing.traces.clear(name)
        bodies = sum(found.advancing.bodies.clear(f"{room}/{name}/") for room in ("parked", "events"))
        out.print(f"Deleted {items} items and {bodies} bodies of {name}. Backups hold them for 35 days, queues for 14.")


def answered(
    request: Annotated[str, typer.Argument(metavar="ID", help="As `perennial parked` shows it.")],
    store: StoreName = None,
    stack: StackName = None,
    templates: Templates = Path("templates"),
) -> None:
    """A legal request has been answered: it waits no more."""
    with exiting(), opened(stack, templates, keep=True) as found:
        name = store_name(found.advancing.content, store)
        entry = _request(request, name, found)
        if entry is None:
            err.print(f"[red]no legal request is called {request!r}: see `perennial parked`[/]")
            raise typer.Exit(PROBLEMS)
        found.receiving.parking.remove(entry)
        out.print(f"{entry.id}: answered")


def _request(name: str, store: str, found: Stack) -> Parked | None:
    entries = found.receiving.parking.parked(store)
    return next((entry for entry in entries if entry.kind == "request" and entry.id == name), None)


def _whom(text: str, store: str, found: Stack) -> str | None:
    """The customer whom a person typed, or whom a parked request names; None if there is none."""
    entry = _request(text, store, found)
    if entry is not None:
        event = events.from_json(found.receiving.parking.content(entry))
        contact = event.contact if isinstance(event, events.PrivacyEvent) else None
        aliases = personal_aliases(contact, found.advancing.content.stores[store])
        owners = (found.receiving.directory.owner(store, alias) for alias in aliases)
        return next((owner for owner in owners if owner), None)
    whom = find_customer(text, store, found.receiving)
    return None if is_nobody(found.advancing.customers.load(store, whom)) else whom


def _found(email: str, store: str, found: Stack) -> str:
    """Somebody nobody knows yet: what comes late about them finds that they left."""
    return found.receiving.directory.owner_or_claim(store, Alias("email", email), found.receiving.mint_customer())


def _unknown(text: str, store: str) -> typer.Exit:
    err.print(f"[red]{store} knows nobody by {text!r}: give a customer id, an email or an order id[/]")
    return typer.Exit(PROBLEMS)
