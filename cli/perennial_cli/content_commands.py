"""The commands of those who write: check, preview, translate, schema, build-content.

Exit codes, the same for all: 0 all is well, 1 something in templates/ is wrong, 2 the command itself was.
"""

import json
import webbrowser
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from perennial.content import COMPILED, dump
from perennial.errors import ContentInvalid, RuleFailed
from perennial.locales import SOURCE, language_of
from perennial_cli import ready_made
from perennial_cli.authoring import ContentProblems, Survey, read, survey
from perennial_cli.catalogs import texts_of, update
from perennial_cli.checking import Finding, Report
from perennial_cli.checking import check as check_content
from perennial_cli.page_previewing import PREFIX, preview_page
from perennial_cli.previewing import preview as preview_message
from perennial_cli.schemas import SCHEMAS
from perennial_cli.schemas import schema as schema_of
from perennial_cli.sources import Msgid, Source
from perennial_cli.suggestions import did_you_mean

PROBLEMS, USAGE = 1, 2
MOST_NAMED = 5
"""Files and messages."""

Templates = Annotated[Path, typer.Option("--templates", help="The folder a marketer writes in.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")]

out = Console()
err = Console(stderr=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.command()(check)
    app.command()(preview)
    app.command()(translate)
    app.command()(schema)
    app.command("build-content")(build_content)


def check(templates: Templates = Path("templates"), as_json: AsJson = False) -> None:
    """Find everything in templates/ that can be wrong before a deploy. Exit code 1 if there is an error."""
    try:
        with err.status("Reading, compiling and rendering every message …"):
            report = check_content(templates.resolve())
    except ContentInvalid as problem:
        raise _ended(problem, USAGE) from problem
    if as_json:
        typer.echo(json.dumps(as_document(report), ensure_ascii=False, indent=2))
    else:
        _show(report)
    if report.errors:
        raise typer.Exit(PROBLEMS)


def as_document(report: Report) -> dict[str, Any]:
    """What `perennial check --json` prints."""
    found = [finding.as_dict() for finding in report.findings]
    return {
        "ok": not report.errors,
        "stores": report.stores,
        "journeys": report.journeys,
        "messages": report.messages,
        "untried": report.untried,
        "errors": [entry for entry in found if entry["level"] == "error"],
        "notices": [entry for entry in found if entry["level"] == "notice"],
        "figures": {
            message: {locale: asdict(figures) for locale, figures in locales.items()}
            for message, locales in report.figures.items()
        },
    }


def _show(report: Report) -> None:
    for finding in report.findings:
        out.print(_line(finding), soft_wrap=True)
    table = _figures(report)
    if table.row_count:
        out.print(table)
    found = ((report.stores, "store"), (report.journeys, "journey"), (report.messages, "message"))
    counted = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for count, name in found)
    if report.errors:
        out.print(f"[bold red]{len(report.errors)} to mend[/] in {counted}.")
        if report.untried:
            out.print(f"Mend these first, more may follow: {_several(report.untried)} cannot be tried out yet.")
    else:
        out.print(f"[bold green]All is well[/] in {counted}.")


def _several(names: list[str]) -> str:
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _line(finding: Finding) -> Text:
    problem = finding.problem
    place = problem.file if problem.line is None else f"{problem.file}:{problem.line}"
    style = "red" if finding.level == "error" else "yellow"
    field = f"{problem.field}: " if problem.field else ""
    return Text.assemble((f"{finding.level} ", style), (place, "bold"), f" {field}{problem.message}")


def _figures(report: Report) -> Table:
    table = Table(title="With the longest names", box=None, title_justify="left", header_style="dim", pad_edge=False)
    for heading in ("message", "language", "HTML", "text"):
        table.add_column(heading, justify="right" if heading == "HTML" else "left")
    for message, locales in report.figures.items():
        weighed = {locale: figures for locale, figures in locales.items() if figures.html_bytes or figures.text_parts}
        for index, (locale, figures) in enumerate(weighed.items()):
            size = f"{figures.html_bytes / 1000:.1f} KB" if figures.html_bytes else ""
            text = f"{figures.text_parts} x {figures.text_encoding}" if figures.text_parts else ""
            table.add_row(message if index == 0 else "", locale, size, text)
    return table


def preview(
    message: Annotated[str, typer.Argument(help="A message's name, or `page:order` for one of templates/pages/.")],
    locale: Annotated[str | None, typer.Option(help="One of the store's languages; default: its first.")] = None,
    store: Annotated[str | None, typer.Option(help="The store whose brand it wears; default: the first.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
    to: Annotated[Path, typer.Option(help="Where the page is written.")] = Path("build/preview"),
    templates: Templates = Path("templates"),
) -> None:
    """Show a message or page with its sample: phone and desktop, light and dark; of a message its text twin too."""
    try:
        if message.startswith(PREFIX):
            made = preview_page(templates.resolve(), message.removeprefix(PREFIX), locale=locale, store=store)
            _written(made.page, to / f"page-{made.name}-{made.locale}.html", open_)
            return
        found = preview_message(templates.resolve(), message, locale=locale, store=store)
    except (ContentProblems, RuleFailed) as problem:
        raise _ended(problem, PROBLEMS) from problem
    except ContentInvalid as problem:
        raise _ended(problem, USAGE) from problem
    if found.lacking is not None:
        out.print(Text(found.lacking, "yellow"))
    if found.email is not None:
        out.print(Text(found.email.subject, "bold"))
    if found.text is not None:
        out.print(f"Text message: {found.text.parts} x {found.text.encoding}")
    _written(found.page, to / f"{found.message}-{found.locale}.html", open_)


def _written(html: str, file: Path, open_: bool) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(html, encoding="utf-8")
    out.print(f"Wrote {file.resolve()}", soft_wrap=True)
    if open_:
        webbrowser.open(file.resolve().as_uri())


def translate(templates: Templates = Path("templates")) -> None:
    """Collect the texts of all templates and bring every language's messages.po up to date."""
    try:
        found = survey(templates.resolve())
    except ContentInvalid as problem:
        raise _ended(problem, USAGE) from problem
    broken = [problem for folder in found.folders.values() for problem in folder.problems] + found.layout.problems
    broken += found.pages.problems
    if broken:
        for entry in broken:
            err.print(_line(Finding("error", entry)), soft_wrap=True)
        raise typer.Exit(PROBLEMS)
    offered = {tag for store, _ in found.stores.values() for tag in store.locales if language_of(tag) != SOURCE}
    missing = update(found.templates, _texts(found), sorted(offered))
    for locale, count in missing.items():
        state = f"[yellow]{count} still to translate[/]" if count else "[green]complete[/]"
        out.print(f"locales/{locale}: {state}")


def _texts(found: Survey) -> Mapping[Msgid, Source]:
    return texts_of(found.folders.values(), found.layout, found.pages.sources.values())


def schema(kind: Annotated[str, typer.Argument(help="journeys, messages, stores or events")]) -> None:
    """Print the JSON Schema of what people write, or of the events that scripts send."""
    if kind not in SCHEMAS:
        known = ", ".join(SCHEMAS)
        err.print(f"There is no schema of {kind!r}{did_you_mean(kind, SCHEMAS)}: {known}.", markup=False)
        raise typer.Exit(USAGE)
    typer.echo(json.dumps(schema_of(kind), ensure_ascii=False, indent=2))


def build_content(
    to: Annotated[Path, typer.Argument(help="The bundle that the functions load.")],
    templates: Templates = Path("templates"),
) -> None:
    """Compile templates/ into what is deployed: one file, and beside it `compiled/`, the same templates as modules."""
    try:
        content = read(templates.resolve())
    except ContentInvalid as problem:
        raise _ended(problem, PROBLEMS) from problem
    text = dump(content)
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(text, encoding="utf-8")
    compiled = ready_made.write(content, to.parent / COMPILED)
    out.print(f"Wrote {to} ({len(text.encode()) / 1000:.0f} KB) and {compiled} compiled templates", soft_wrap=True)


def _ended(problem: Exception, code: int) -> typer.Exit:
    err.print(Text(str(problem), "red"), soft_wrap=True)
    return typer.Exit(code)
