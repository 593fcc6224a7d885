"""`perennial ring`: a wake by hand, for a customer who should be worked now."""

from pathlib import Path
from typing import Annotated

import typer

from perennial.events import WakeDue
from perennial_cli.run_commands import PROBLEMS, exiting, store_name
from perennial_cli.screen import err, out
from perennial_cli.stacks import opened
from perennial_cli.store_commands import StackName, StoreName, Templates, find_customer


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(ring)


def ring(
    customer: Annotated[str, typer.Argument(help="Customer id, email, or order id.")],
    store: StoreName = None,
    stack: StackName = None,
    templates: Templates = Path("templates"),
) -> None:
    """Work a customer now, and arm their next wake: nothing goes out that was not due."""
    with exiting(), opened(stack, templates, keep=True) as found:
        name = store_name(found.advancing.content, store)
        who, now = find_customer(customer, name, found.receiving), found.advancing.now()
        if found.advancing.customers.load(name, who).profile.version == 0:
            err.print(f"[red]{name} knows nobody by {customer!r}: give a customer id, an email or an order id[/]")
            raise typer.Exit(PROBLEMS)
        told = f"ring:{who}:{now:%Y%m%dT%H%M%S}"
        wake = WakeDue(type="WakeDue", id=told, store=name, occurred_at=now, customer=who, epoch=0, n=0)
        found.advancing.line.join(wake, who, "urgent")
    out.print(f"Rang for {who} of {name}.")
