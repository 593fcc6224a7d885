"""What would make it cheaper, from the same counts: each in dollars for 1,000 emails, the largest first. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from perennial_cli.costing import prices
from perennial_cli.costing.bill import LINE_REQUESTS, Bill, batch, gb_seconds

LINE = 500
"""Bytes that a report is logged with, of ours and of its envelope."""

WORTH = 0.0005
"""Dollars per 1,000 emails below which a saving is not worth a sentence: half a percent of SES's own price."""


@dataclass(frozen=True)
class Saving:
    usd: float
    words: str


def savings(bill: Bill) -> list[Saving]:
    """Those of this order that are worth telling."""
    found = [_plan(), _webhooks(bill), _reports(bill), _memory(bill)]
    return sorted((one for one in found if one.usd >= WORTH), key=lambda one: -one.usd)


def _per_thousand(bill: Bill, usd_per_order: float) -> float:
    return usd_per_order / bill.lived.emails * 1_000


def _plan() -> Saving:
    more = prices.SES_ESSENTIALS.of(1_000) - prices.SES.of(1_000)
    return Saving(
        more,
        "SES: be on the plan NONE, which this bill reckons with. New accounts start on Essentials; "
        "`perennial doctor --stack NAME` tells, `aws sesv2 put-account-pricing-attributes --plan NONE` leaves it.",
    )


def _webhooks(bill: Bill) -> Saving:
    quiet = bill.lived.quiet
    each = quiet_webhook(bill) if quiet else 0.0
    return Saving(
        _per_thousand(bill, each),
        f"Webhooks: {quiet} of {bill.lived.webhooks} sent nothing; this is what one of them costs. Leave out topics "
        "that repeat others: orders/updated comes after every change that another topic tells already.",
    )


def quiet_webhook(bill: Bill) -> float:
    """Dollars of one webhook that sent nothing: its door, its line, its step, its writes."""
    used, count = bill.lived.quiet_used, bill.lived.quiet
    steps = used["AdvanceCustomer", "invocations"]
    doors = used["ReceiveWebhook", "invocations"]
    writes = sum(n for (_, what), n in used.items() if what in ("write units", "index units"))
    reads = sum(n for (_, what), n in used.items() if what == "read units")
    return (
        prices.HTTP_API.of(doors)
        + prices.LAMBDA_REQUESTS.of(doors + steps)
        + prices.LAMBDA_ARM.of(gb_seconds(used, bill.template))
        + prices.FIFO.of(LINE_REQUESTS * steps)
        + prices.WRITE_UNITS.of(writes)
        + prices.READ_UNITS.of(reads)
    ) / count


def _reports(bill: Bill) -> Saving:
    """Sends and deliveries tell what became of a message; opens are hints that nothing here depends on."""
    lived, together = bill.lived, batch(bill.lived, bill.orders, bill.template)
    opens = lived.emails / 2
    each = prices.SNS.of(1) + prices.STANDARD.of(3 / together) + prices.WRITE_UNITS.of(1)
    each += prices.LAMBDA_REQUESTS.of(1 / together) + prices.LOGS.of(LINE / together)
    return Saving(
        _per_thousand(bill, opens * each),
        "Reports: keep `open_tracking: false` in the store's file. Opens are hints, and nothing is triggered by one.",
    )


def _memory(bill: Bill) -> Saving:
    """Half the memory, if waiting for AWS is what takes the time: only a measurement can tell."""
    (line,) = (one for one in bill.marginal if one.what == "GB-seconds")
    return Saving(
        _per_thousand(bill, line.usd / 2),
        "Lambda: half the memory, if functions take no longer for it. Measure first: it halves the processor.",
    )


def dearest(bill: Bill) -> Iterator[str]:
    """The lines beside SES, each with its part of SES's own price, largest first."""
    beside = sorted(bill.marginal[1:], key=lambda line: -line.usd)
    for line in beside[:3]:
        yield f"{line.service} {line.what}: {_per_thousand(bill, line.usd) / bill.floor:.0%} of SES's own price"
