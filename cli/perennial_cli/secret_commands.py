"""The commands that put secrets where the functions read them: keys, secret. They need AWS credentials.

Exit codes: 0 all is well, 1 it is there already, 2 the command itself was wrong.
"""

import json
import secrets
from typing import Annotated, Any

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError

from perennial.errors import Misconfigured
from perennial_cli.run_commands import PROBLEMS, exiting
from perennial_cli.screen import err, out

Prefix = Annotated[str, typer.Option("--parameters", help="The path that template.yaml's parameter names.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command()(keys)
    app.command()(secret)


def keys(
    rotate: Annotated[bool, typer.Option("--rotate", help="Add a link key and sign with it; old links go on.")] = False,
    parameters: Prefix = "/perennial",
) -> None:
    """Make the keys of a new stack, once: the pepper of hashed addresses, and the first link key."""
    with exiting():
        name = f"{parameters}/keys"
        held = _read(name)
        if held is not None and not rotate:
            err.print(f"[red]{name} is there already; the pepper must never change[/] (--rotate adds a link key)")
            raise typer.Exit(PROBLEMS)
        if held is None:
            held = {"pepper": secrets.token_hex(32), "links": {"current": 0, "keys": {}}}
        links = held["links"]
        links["current"] = max((int(kid) for kid in links["keys"]), default=0) + 1
        links["keys"][str(links["current"])] = secrets.token_hex(32)
        _write(name, held)
        out.print(
            f"{name} is set; links are signed with key {links['current']}. Functions notice when they start anew."
        )


def secret(
    store: Annotated[str, typer.Argument(help="As in templates/stores.")],
    platform: Annotated[str, typer.Argument(help="shopify, perennial …")],
    parameters: Prefix = "/perennial",
) -> None:
    """Set a webhook secret, read from the terminal; the one before stays valid while the shop changes over."""
    with exiting():
        name = f"{parameters}/webhooks/{store}/{platform}"
        current = typer.prompt("Secret", hide_input=True).strip()
        held = _read(name) or {}
        changed = held.get("current") != current
        previous = held.get("current" if changed else "previous")
        _write(name, {"current": current, **({"previous": previous} if previous else {})})
        kept = "; the one before is kept beside it" if previous else ""
        out.print(f"{name} is set{kept}. Functions notice within five minutes.")


def _read(name: str) -> dict[str, Any] | None:
    client = boto3.client("ssm")
    try:
        found: dict[str, Any] = json.loads(client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    except client.exceptions.ParameterNotFound:
        return None
    except (ClientError, BotoCoreError) as error:
        raise Misconfigured(f"{name} cannot be read: {error}") from error
    return found


def _write(name: str, document: dict[str, Any]) -> None:
    try:
        boto3.client("ssm").put_parameter(Name=name, Value=json.dumps(document), Type="SecureString", Overwrite=True)
    except (ClientError, BotoCoreError) as error:
        raise Misconfigured(f"{name} cannot be written: {error}") from error
