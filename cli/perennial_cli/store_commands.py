"""The commands that look into a store and steer it: explain, pause, resume.

They work on the embedded cloud as the last replay or demo left it, or with `--stack` on a deployed one. Exit codes: 0
all is well, 1 nothing of that name, 2 the command itself was wrong.
"""

import json
import time
from collections.abc import Collection, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from perennial.decide import decide
from perennial.errors import ContentInvalid
from perennial.events import WakeDue
from perennial.every_name import ledger_of
from perennial.identity import Alias, AliasKind, normal_email
from perennial.outside import ForReceiving
from perennial.pauses import Pause, Scope, holding
from perennial.planning import Planned
from perennial_cli.dossier import ledger_rows
from perennial_cli.explaining import explain as explain_customer
from perennial_cli.explaining import setting_for
from perennial_cli.reports import document
from perennial_cli.run_commands import PROBLEMS, exiting, store_name
from perennial_cli.screen import err, ledger_table, out, touches_table
from perennial_cli.stacks import Stack, opened
from perennial_cli.suggestions import did_you_mean
from perennial_cli.undecided import show_notes, undecided_of

StoreName = Annotated[str | None, typer.Option("--store", help="The store, if templates/ has several.")]
StackName = Annotated[str | None, typer.Option("--stack", help="A deployed stack; default: the last replay.")]
Templates = Annotated[Path, typer.Option("--templates", help="The folder a marketer writes in.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")]
ClassName = Annotated[str | None, typer.Option("--class", help="transactional, feedback or marketing.")]
JourneyName = Annotated[str | None, typer.Option("--journey")]
MessageName = Annotated[str | None, typer.Option("--message")]

NOTICED = 35
"""Seconds after which every running function has read the pauses again (adapters/pausing.py)."""


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command()(explain)
    app.command()(pause)
    app.command()(resume)


def explain(
    customer: Annotated[str, typer.Argument(help="Customer id, email, or order id.")],
    store: StoreName = None,
    stack: StackName = None,
    as_json: AsJson = False,
    templates: Templates = Path("templates"),
) -> None:
    """Every touch of a customer, and why it went, waits or never will."""
    with exiting(), opened(stack, templates) as opened_stack:
        name = store_name(opened_stack.advancing.content, store)
        found = find_customer(customer, name, opened_stack.receiving)
        told, rows = explain_customer(name, found, opened_stack.advancing)
        if told.profile.version == 0:
            err.print(f"[red]{name} knows nobody by {customer!r}: give a customer id, an email or an order id[/]")
            raise typer.Exit(PROBLEMS)
        words = ledger_rows(ledger_of(told, opened_stack.advancing))
        if as_json:
            asked = partial(undecided_of, outside=opened_stack.advancing)
            told_of = {**document([], [(told, rows)], [], {}, undecided=asked)["customers"][0], "consent_ledger": words}
            typer.echo(json.dumps(told_of, ensure_ascii=False, indent=2))
        else:
            out.print(touches_table(rows, f"{name}: {told.profile.customer}"))
            if words:
                out.print(ledger_table(words))
            show_notes(told, opened_stack.advancing)


def find_customer(text: str, store: str, outside: ForReceiving) -> str:
    """The customer id behind what a person typed; the text itself if it leads nowhere."""
    email = normal_email(text)
    kinds: tuple[tuple[AliasKind, str], ...] = (("order", text), ("customer", text))
    wanted = [Alias("email", email)] if email else [Alias(kind, value) for kind, value in kinds]
    owners = (outside.directory.owner(store, alias) for alias in wanted)
    return next((owner for owner in owners if owner), text)


def pause(
    store: Annotated[str | None, typer.Option("--store", help="The store; alone: all but what customers need.")] = None,
    class_: ClassName = None,
    journey: JourneyName = None,
    message: MessageName = None,
    stack: StackName = None,
    templates: Templates = Path("templates"),
) -> None:
    """Hold touches, within a minute and without a deploy; says how many it holds."""
    with exiting(), opened(stack, templates, keep=True) as found:
        name = store_name(found.advancing.content, store)
        switch = _switch(store, class_, journey, message, found)
        found.advancing.pauses.pause(name, switch)
        held = [left for _, ahead in _everybody(name, found) for left in ahead if holding(frozenset({switch}), left)]
        soon = found.advancing.now() + timedelta(days=1)
        due = sum(1 for planned in held if planned.due is not None and planned.due <= soon)
        out.print(
            f"Paused {switch} in {name}: it holds {due} touches due within a day, and {len(held) - due} later ones."
        )


def resume(
    store: Annotated[
        str | None, typer.Option("--store", help="The store; alone: the pause of the whole store.")
    ] = None,
    class_: ClassName = None,
    journey: JourneyName = None,
    message: MessageName = None,
    stack: StackName = None,
    templates: Templates = Path("templates"),
) -> None:
    """Lift a pause: what it held goes out as soon as the other gates let it."""
    with exiting(), opened(stack, templates, keep=True) as found:
        name = store_name(found.advancing.content, store)
        switch = _switch(store, class_, journey, message, found)
        if switch not in found.advancing.pauses.paused(name):
            err.print(f"[red]{switch} is not paused in {name}[/]")
            raise typer.Exit(PROBLEMS)
        held = [customer for customer, ahead in _everybody(name, found) if _holds(switch, ahead, found)]
        found.advancing.pauses.resume(name, switch)
        if stack is not None and held:
            with err.status("Waiting until every running function has noticed …"):
                time.sleep(NOTICED)
        for customer in held:
            found.advancing.line.join(_nudge(name, customer, switch, found), customer, "patient")
        out.print(f"Resumed {switch} in {name}: {len(held)} customers had touches held by it, which go on now.")


def _switch(store: str | None, class_: str | None, journey: str | None, message: str | None, stack: Stack) -> Pause:
    """What the options name. Raises ContentInvalid if that is nothing, too much, or unknown."""
    content = stack.advancing.content
    known: dict[Scope, tuple[str | None, Collection[str]]] = {
        "class": (class_, ("transactional", "feedback", "marketing")),
        "journey": (journey, content.journeys.keys()),
        "message": (message, content.messages.keys()),
    }
    named = [(scope, name, names) for scope, (name, names) in known.items() if name is not None]
    if len(named) > 1 or not (named or store):
        raise ContentInvalid("name one of --store, --class, --journey, --message", file="perennial")
    if not named:
        return Pause("store")
    scope, name, names = named[0]
    if name not in names:
        raise ContentInvalid(f"there is no {scope} {name!r}{did_you_mean(name, names)}", file="templates")
    return Pause(scope, name)


def _everybody(store: str, stack: Stack) -> Iterator[tuple[str, list[Planned]]]:
    """Every customer with something ahead, and what that is; what may never come (a refund) is no touch yet."""
    customers = stack.advancing.customers.due(store)
    for customer in track(customers, "Looking at customers", console=err, transient=True):
        loaded = stack.advancing.customers.load(store, customer)
        ahead = decide(loaded, (), setting_for(loaded, stack.advancing)).waiting
        yield customer, [left.planned for left in ahead if left.planned.due or left.planned.expected]


def _holds(switch: Pause, ahead: list[Planned], stack: Stack) -> bool:
    now = stack.advancing.now()
    return any(planned.due and planned.due <= now and holding(frozenset({switch}), planned) for planned in ahead)


def _nudge(store: str, customer: str, switch: Pause, stack: Stack) -> WakeDue:
    """A wake by hand: it carries no number, so that the customer's own schedule stays what it is."""
    now = stack.advancing.now()
    name = f"resume:{switch}:{customer}:{now:%Y%m%dT%H%M%S}".replace(" ", "-")
    return WakeDue(type="WakeDue", id=name, store=store, occurred_at=now, customer=customer, epoch=0, n=0)
