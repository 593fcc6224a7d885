"""What the reference order costs in AWS beside SES's own price: counted operations times dated list prices."""

from collections.abc import Iterator

from benchmarks.rows import Row
from benchmarks.worlds import BUILD, ROOT, STORE, content
from perennial_cli.bundle_template import load_template
from perennial_cli.costing.bill import bill
from perennial_cli.costing.command import BUDGET
from perennial_cli.costing.reference import live
from perennial_cli.costing.savings import quiet_webhook

ORDERS, EMAILS = 10_000, 6
"""A month of a small shop: three or four reports come within the minute for which they are gathered."""


def rows() -> Iterator[Row]:
    lived = live(content(), ROOT, STORE, EMAILS, BUILD / "cost")
    found = bill(lived, ORDERS, load_template(ROOT / "template.yaml"))
    units = sum(amount for (_, what), amount in lived.used.items() if what in ("write units", "index units"))
    yield Row(
        "marginal cost of 1,000 emails", found.per_thousand, "USD", floor=found.floor, floor_name="SES", budget=BUDGET
    )
    yield Row("fixed cost of a month", found.fixed_month, "USD")
    yield Row("write units of the reference order", units, "units")
    yield Row("cost of a webhook that sends nothing", 1e6 * quiet_webhook(found), "USD per million")
