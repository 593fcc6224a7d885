"""`perennial deliver`: recorded deliveries to a deployed stack, through its own door, signed with its own secrets.

Exit codes: 0 every line was taken, 1 some were not (deliver the file again: what was taken changes nothing twice),
2 the command itself was wrong.
"""

import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import boto3
import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.progress import track

from perennial.errors import ContentInvalid, Misconfigured
from perennial.outside import ForReceiving
from perennial.platforms import platform
from perennial_cli.replaying import Line, read_lines
from perennial_cli.run_commands import PROBLEMS, exiting, store_name
from perennial_cli.screen import err, out
from perennial_cli.stacks import opened
from perennial_cli.store_commands import StoreName, Templates

Post = Callable[[str, Mapping[str, str], bytes], int]
PATIENCE = 30
"""Seconds until a request is given up."""

SHOWN = 10


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(deliver)


def deliver(
    file: Annotated[Path, typer.Argument(help="One delivery a line: at, platform, headers, body (docs/replaying.md).")],
    stack: Annotated[str, typer.Option("--stack", help="The deployed stack.")],
    store: StoreName = None,
    templates: Templates = Path("templates"),
) -> None:
    """Tell a deployed stack recorded webhooks once more: a day that was lost, or orders as the shop has them now."""
    with exiting(), opened(stack, templates) as found:
        lines, name = read_lines(file), store_name(found.receiving.content, store)
        answers = list(delivered(lines, name, address_of(stack), found.receiving, post))
    refused = [(index, status) for index, status in enumerate(answers, 1) if status != 200]
    counts = Counter(answers)
    out.print(f"{counts.pop(200, 0)} of {len(answers)} were taken.")
    for index, status in refused[:SHOWN]:
        err.print(f"[red]line {index} was answered {status or 'nothing'}[/]")
    if refused:
        raise typer.Exit(PROBLEMS)


def delivered(lines: tuple[Line, ...], store: str, address: str, outside: ForReceiving, send: Post) -> Iterator[int]:
    """The answer to each line, in the order of the file; 0 for none."""
    for line in track(lines, "Delivering", console=err, transient=True):
        whose = line.store or store
        secrets = outside.secrets.webhook(whose, line.platform)
        if secrets is None:
            raise ContentInvalid(f"{whose} has no secret for {line.platform}", file="Parameter Store")
        signed = platform(line.platform).sign(line.headers, line.bytes, secrets.current, outside.now())
        url = address.replace("{platform}", line.platform).replace("{store}", whose)
        yield send(url, {"content-type": "application/json", **signed}, line.bytes)


def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    if not url.startswith("https://"):
        raise Misconfigured(f"{url} is no https address: webhooks hold personal data")
    request = urllib.request.Request(url, body, dict(headers), method="POST")  # noqa: S310  https, as asked above
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310  likewise
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def address_of(stack: str) -> str:
    """The stack's `WebhookUrl`, with `{platform}` and `{store}` in it. Raises Misconfigured."""
    try:
        (found,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except (ClientError, BotoCoreError) as error:
        raise Misconfigured(f"the stack {stack} cannot be read: {error}") from error
    outputs: dict[str, str] = {entry["OutputKey"]: entry["OutputValue"] for entry in found.get("Outputs", [])}
    if "WebhookUrl" not in outputs:
        raise Misconfigured(f"{stack} has no output WebhookUrl: is it a stack of this template?")
    return outputs["WebhookUrl"]
