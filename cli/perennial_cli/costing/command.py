"""`perennial cost`: what the bundle costs in AWS, from counted operations and dated list prices."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from perennial_cli.authoring import read
from perennial_cli.bundle_root import bundle_root
from perennial_cli.bundle_template import load_template
from perennial_cli.costing import prices
from perennial_cli.costing.bill import Bill, Line, bill
from perennial_cli.costing.reference import live
from perennial_cli.costing.savings import dearest, savings
from perennial_cli.run_commands import Templates, exiting, store_name
from perennial_cli.screen import err, out
from perennial_cli.stacks import BUILD

BUDGET = 1.25
"""Times SES's own price, for all that is not fixed (DESIGN: marginal cost per 1,000 emails)."""


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(cost)


def cost(
    orders: Annotated[int, typer.Option(min=1, help="Orders a month.")] = 10_000,
    emails: Annotated[int, typer.Option(min=1, help="Emails of an order after which counting ends.")] = 6,
    store: Annotated[str | None, typer.Option(help="The store, if templates/ has several.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")] = False,
    templates: Templates = Path("templates"),
) -> None:
    """What an order costs in AWS with these journeys, line by line, beside what SES alone would take."""
    with exiting():
        content, root = read(templates.resolve()), bundle_root(templates)
        with err.status("Living through the reference order …"):
            lived = live(content, root, store_name(content, store), emails, BUILD / "cost")
        found = bill(lived, orders, load_template(root / "template.yaml"))
    typer.echo(json.dumps(as_document(found), indent=2)) if as_json else _show(found)


def as_document(bill: Bill) -> dict[str, Any]:
    """What scripts read. Dollars throughout."""
    lived = bill.lived
    return {
        "prices_as_of": prices.AS_OF.isoformat(),
        "orders_a_month": bill.orders,
        "order": {"webhooks": lived.webhooks, "emails": lived.emails, "texts": lived.texts, "reports": lived.reports},
        "marginal": [_as_dict(line, lived.emails) for line in bill.marginal],
        "per_order": bill.per_order,
        "per_1000_emails": bill.per_thousand,
        "ses_per_1000_emails": bill.floor,
        "ratio": bill.ratio,
        "budget": BUDGET,
        "holds": bill.ratio <= BUDGET,
        "fixed": [_as_dict(line, None) for line in bill.fixed],
        "fixed_per_month": bill.fixed_month,
        "month": bill.per_order * bill.orders + bill.fixed_month,
        "stored_bytes_per_order": lived.stored_bytes,
        "savings": [{"per_1000_emails": saving.usd, "how": saving.words} for saving in savings(bill)],
    }


def _as_dict(line: Line, emails: int | None) -> dict[str, Any]:
    told: dict[str, Any] = {"service": line.service, "what": line.what, "units": line.units, "usd": line.usd}
    told |= {"usd_per_1000_emails": line.usd / emails * 1_000} if emails else {}
    return told | {"unit": line.price.unit, "price": line.price.usd, "per": line.price.per, "source": line.price.source}


def _show(bill: Bill) -> None:
    lived = bill.lived
    title = f"One order: {lived.webhooks} webhooks, {lived.emails} emails, {lived.reports} reports"
    table = Table(
        "service", "what", "units", "price", "USD per 1,000 emails", "of SES", title=title, title_justify="left"
    )
    for line in bill.marginal:
        usd = line.usd / lived.emails * 1_000
        price = f"{line.price.usd:g} per {line.price.per:g} {line.price.unit}"
        table.add_row(line.service, line.what, f"{line.units:,.6g}", price, f"{usd:.5f}", f"{usd / bill.floor:.1%}")
    table.add_section()
    table.add_row("all", "", "", "", f"{bill.per_thousand:.5f}", f"{bill.ratio:.1%}")
    out.print(table)
    for sentence in _sentences(bill):
        out.print(sentence, highlight=False)


def _sentences(bill: Bill) -> Iterator[str]:
    yield f"${bill.per_order:.6f} an order. {_verdict(bill)}"
    yield f"Every month, whatever comes: ${bill.fixed_month:.2f}."
    for line in bill.fixed:
        if line.units:
            yield f"  ${line.usd:.2f}  {line.service}: {line.units:,.0f} {line.what}"
    total = bill.per_order * bill.orders + bill.fixed_month
    ses = bill.marginal[0].usd * bill.orders
    yield f"{bill.orders:,} orders a month: ${total:,.2f}; SES's own part is ${ses:,.2f}."
    kept = prices.STORAGE.of(bill.lived.stored_bytes) + prices.BACKUP.of(bill.lived.stored_bytes)
    yield f"An order leaves {bill.lived.stored_bytes:,} bytes: ${kept * 1e6:,.2f} for each month of keeping a million."
    yield "What would make it cheaper, in USD per 1,000 emails:"
    for saving in savings(bill):
        yield f"  {saving.usd:.4f}  {saving.words}"
    yield f"List prices of us-east-1 as of {prices.AS_OF:%-d %B %Y}, without free tiers, data transfer, texts."
    remembered = sorted(
        {line.service for line in (*bill.marginal, *bill.fixed) if prices.REMEMBERED in line.price.source}
    )
    yield f"Not confirmed by a page at hand: prices of {', '.join(remembered)}. How long functions wait is assumed."


def _verdict(bill: Bill) -> str:
    if bill.ratio <= BUDGET:
        return f"That is {bill.ratio:.2f} times SES's own price: within the budget of {BUDGET}."
    return (
        f"[yellow]That is {bill.ratio:.2f} times SES's own price: the budget of {BUDGET} is missed.[/] "
        f"The dearest: {'; '.join(dearest(bill))}."
    )
