"""The commands that run the bundle on a laptop: replay and demo.

Exit codes: 0 all is well, 1 something in templates/ or in the file is wrong, 2 the command itself was.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from botocore.exceptions import NoRegionError
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from perennial.content import Content
from perennial.errors import ContentInvalid, PerennialError
from perennial_cli import cloud_state
from perennial_cli.authoring import read
from perennial_cli.bundle_root import bundle_root
from perennial_cli.cloud import Cloud
from perennial_cli.demo import run as run_demo
from perennial_cli.demo_page import page as demo_page
from perennial_cli.explaining import explain_all
from perennial_cli.replaying import Replay, read_lines
from perennial_cli.reports import Delivered, document
from perennial_cli.screen import err, out, touches_table
from perennial_cli.stacks import BUILD, STATE
from perennial_cli.undecided import show_notes, undecided_of

PROBLEMS, USAGE = 1, 2
DELIVERY_COLOURS = {"applied": "green", "ignored": "green", "parked": "yellow", "waiting": "yellow"}

Templates = Annotated[Path, typer.Option("--templates", help="The folder a marketer writes in.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command()(demo)
    app.command()(replay)


def demo(
    store: Annotated[str, typer.Option(help="The store that sells the order.")] = "demo",
    templates: Templates = Path("templates"),
) -> None:
    """One order under its shop's signature, and 600 days of care: a table here, and every message on a page."""
    with exiting():
        content = read(templates.resolve())
        with progressing("Living through it") as progress:
            year = run_demo(content, bundle_root(templates), store_name(content, store), progress)
    out.print(touches_table(year.rows, f"What {year.store.name} sent to customer {year.customer}, and why"))
    page = BUILD / "demo" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(demo_page(year), encoding="utf-8")
    for name, html in year.pages.items():
        (page.parent / "pages").mkdir(exist_ok=True)
        (page.parent / "pages" / f"{name}.html").write_text(html, encoding="utf-8")
    for failure in year.failures:
        err.print(f"[red]{failure}[/]", highlight=False)
    sent = sum(1 for row in year.rows if row.outcome == "sent")
    out.print(f"{len(year.deliveries)} webhooks, {sent} messages, {sum(year.calls.values())} AWS calls.")
    out.print(f"Every message, as it was sent: {page}")
    out.print(f"Why, in detail: perennial explain {year.customer}")


def replay(
    file: Annotated[Path, typer.Argument(help="One delivery a line: at, platform, headers, body.")],
    store: Annotated[str | None, typer.Option(help="The store, if templates/ has several.")] = None,
    sign: Annotated[bool, typer.Option("--sign", help="Sign each delivery with the store's own secret.")] = False,
    until: Annotated[datetime | None, typer.Option(help="Go on to this moment (UTC) after the last delivery.")] = None,
    sweep: Annotated[bool, typer.Option("--sweep", help="Let the hourly sweep come by; slow over years.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")] = False,
    templates: Templates = Path("templates"),
) -> None:
    """Feed recorded deliveries through the real handlers, in the embedded cloud, each at its own time."""
    with exiting():
        lines = read_lines(file)
        content = read(templates.resolve())
        name = store_name(content, store)
        with Cloud.open(content, bundle_root(templates), lines[0].at.astimezone(UTC), BUILD) as cloud:
            cloud.next_sweep = cloud.now if sweep else None
            with progressing("Replaying") as progress:
                run = Replay(cloud, name, sign)
                delivered = run.feed(lines, progress)
                cloud.run_until(until.replace(tzinfo=until.tzinfo or UTC) if until else cloud.now)
            report = _report(cloud, list(run.outcomes(delivered)))
            cloud_state.save(cloud, STATE)
            _show(cloud, report, as_json)


def store_name(content: Content, wanted: str | None) -> str:
    """The store that is meant. Raises ContentInvalid if that is not clear."""
    if wanted is None and len(content.stores) == 1:
        return next(iter(content.stores))
    if wanted is None or wanted not in content.stores:
        known = ", ".join(sorted(content.stores))
        raise ContentInvalid(f"name one of the stores with --store: {known}", file="templates/stores")
    return wanted


@contextmanager
def exiting(problems: int = PROBLEMS) -> Iterator[None]:
    """Turns our errors into a sentence and an exit code. `problems` is the one of what is wrong in templates/."""
    try:
        yield
    except ContentInvalid as error:
        err.print(f"[red]{error}[/]", highlight=False)
        raise typer.Exit(problems) from error
    except PerennialError as error:
        err.print(f"[red]{error}[/]", highlight=False)
        raise typer.Exit(USAGE) from error
    except NoRegionError as error:
        err.print("[red]which region? export AWS_DEFAULT_REGION=… names it[/]", highlight=False)
        raise typer.Exit(USAGE) from error
    except OSError as error:
        if error.filename is None:  # no file that somebody named: a pipe, a socket
            raise
        err.print(f"[red]{error.filename}: {error.strerror}[/]", highlight=False, soft_wrap=True)
        raise typer.Exit(USAGE) from error


@contextmanager
def progressing(words: str) -> Iterator[Callable[[datetime], None]]:
    """Shows how far the clock has come; nothing where nobody is looking."""
    columns = (SpinnerColumn(), TextColumn(f"{words} … {{task.description}}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("")
        yield lambda at: bar.update(task, description=f"{at:%-d %b %Y}")


def _report(cloud: Cloud, delivered: list[Delivered]) -> dict[str, Any]:
    parked, calls = cloud.parked(), dict(cloud.witness.calls)  # before anybody looks, as what is counted goes on
    with cloud.advancing() as outside:
        told, asked = explain_all(cloud.customers(), outside), partial(undecided_of, outside=outside)
        return document(delivered, told, parked, calls, cloud.witness.feedback_calls, asked)


def _show(cloud: Cloud, report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    for delivery in report["deliveries"]:
        colour = {"applied": "green", "parked": "yellow", "waiting": "yellow", "ignored": "green"}.get(
            delivery["outcome"], "red"
        )
        reason = f"  {delivery['reason']}" if delivery["reason"] else ""
        out.print(f"{delivery['index']:>4}  [{colour}]{delivery['outcome']}[/]  {delivery['event'] or ''}{reason}")
    with cloud.advancing() as outside:
        for told, rows in explain_all(cloud.customers(), outside):
            out.print(touches_table(rows, f"{told.profile.store}: {told.profile.customer}"))
            show_notes(told, outside)
    for failure in cloud.failures:
        err.print(f"[red]{failure}[/]", highlight=False)
