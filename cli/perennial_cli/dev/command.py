"""`perennial dev`: the bundle on localhost for a day's work.

Exit codes: 0 it was stopped, 1 something in templates/ or in the journal is wrong, 2 the command itself was.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from perennial.errors import Misconfigured
from perennial_cli.bundle_root import bundle_root
from perennial_cli.cloud_secrets import webhook_secret
from perennial_cli.dev.journal import Journal
from perennial_cli.dev.listening import Server
from perennial_cli.dev.pages import Desk
from perennial_cli.dev.samples import curl
from perennial_cli.dev.server import HERE, Front
from perennial_cli.dev.watching import Watch
from perennial_cli.dev.world import World
from perennial_cli.run_commands import Templates, exiting
from perennial_cli.screen import out
from perennial_cli.stacks import BUILD

DAY = BUILD / "dev"


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(dev)


def dev(
    port: Annotated[int, typer.Option(help="On 127.0.0.1 only.", min=0, max=65535)] = 8025,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what came in so far, and begin anew.")] = False,
    sign: Annotated[bool, typer.Option("--sign", help="Sign unsigned webhooks with the store's own secret.")] = False,
    at: Annotated[
        datetime | None, typer.Option(help="Begin at this moment (UTC); the clock then stands until it is moved.")
    ] = None,
    templates: Templates = Path("templates"),
) -> None:
    """The bundle on localhost: webhooks in, an outbox, the pages, each customer's timeline, and a clock to move."""
    journal = Journal(DAY / "journal.jsonl")
    with exiting(), journal.held():
        _begin(journal, fresh, at)
        world = World(
            watch=Watch(templates.resolve(), ""),
            journal=journal,
            root=bundle_root(templates),
            real=lambda: datetime.now(UTC),
            signs=sign,
            start=at.replace(tzinfo=at.tzinfo or UTC) if at else None,
        )
        serve(world, port)


def serve(world: World, port: int) -> None:
    """Until somebody stops it. Raises Misconfigured where the port is taken."""
    try:
        server = Server(port)
    except OSError as error:
        raise Misconfigured(f"port {port} cannot be had ({error.strerror}): choose another with --port") from error
    with server:
        port = server.server_address[1]
        address = f"http://{HERE}:{port}"
        world.watch.pages_url = address
        told = len(world.journal.entries())
        with world.opened():
            server.front = Front(world, Desk(world, address, DAY / "order.json"), port)
            server.front.write_samples()
            _greet(world, address, told)
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                out.print("\nStopped. The day is kept in build/dev/journal.jsonl.")


def _begin(journal: Journal, fresh: bool, at: datetime | None) -> None:
    if fresh:
        journal.forget()
    if at is not None and journal.entries():
        raise Misconfigured("there is a day already, which began when it did: add --fresh to begin another with --at")


def _greet(world: World, address: str, told: int) -> None:
    out.print(f"[bold]Perennial is at {address}[/]   Ctrl-C stops it", highlight=False)
    if told:
        out.print(f"{told} lines of build/dev/journal.jsonl were told again, with templates/ as they are now.")
    for name, store in world.cloud.content.stores.items():
        for platform in store.platforms:
            secret = webhook_secret(name, platform)
            out.print(f"{address}/webhooks/{platform}/{name}   secret {secret}", highlight=False, soft_wrap=True)
        line = curl(store, address, DAY / f"order-{name}.json", signed_here=world.signs)
        if line is not None:
            typer.echo(f"\n{line}\n")
