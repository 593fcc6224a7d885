"""Shopify: a refund says what is given back; only a successful transaction says that money has moved."""

from datetime import datetime
from decimal import Decimal

from perennial.events import OrderRefunded
from perennial.platforms.bodies import Body, Fields, Reading
from perennial.platforms.shopify_money import amount, currency, presentment, rounded, total
from perennial.platforms.shopify_parcels import quantities


def refunded(body: Body, _told_at: datetime) -> Reading:
    facts = refund(body)
    return OrderRefunded, {
        "type": "OrderRefunded",
        "occurred_at": facts["refunded_at"],
        "order_id": body.id("order_id"),
        "refund": facts,
    }


def refund(body: Body) -> Fields:
    """The same for refunds/create and for `order.refunds[]`, so that both converge.

    The amount is what moved; before anything moved, what is on its way; failing that, what the lines come to.
    """
    done = _transactions(body, "success")
    facts = {
        "id": body.id("id"),
        "refunded_at": body.first_moment("processed_at", "created_at"),
        "settled": bool(done),
        **body.pick({"lines": ("refund_line_items", _lines)}),
    }
    money = _moved(body, done) or _moved(body, _transactions(body, "pending")) or _worth(body)
    return facts | {name: value for name, value in money.items() if value is not None}


def _lines(body: Body, name: str) -> list[Fields]:
    return quantities(body, name, "line_item_id")


def _transactions(body: Body, status: str) -> list[Body]:
    transactions = body.parts("transactions")
    return [each for each in transactions if (each.text("kind"), each.text("status")) == ("refund", status)]


def _moved(body: Body, transactions: list[Body]) -> Fields:
    """The sum, in the transactions' own currency; in several currencies there is no sum."""
    codes = {currency(each, "currency") or _told_currency(body) for each in transactions}
    amounts = [each.number("amount") for each in transactions]
    summed = total(amounts)
    if summed is None or len(codes) > 1:
        return {}
    code = codes.pop()
    return {"amount": rounded(summed, code), "currency": code}


def _told_currency(body: Body) -> str | None:
    """What the refund's other amounts are in: transactions of some gateways have null or "XXX"."""
    lines = (presentment(line, "subtotal") for line in body.parts("refund_line_items"))
    return next((money[1] for money in (presentment(body, "total_duties"), *lines) if money and money[1]), None)


def _worth(body: Body) -> Fields:
    """Lines and shipping, less adjustments: an estimate, never `settled`.

    An adjustment is how far the refund stays below its lines (`refund_discrepancy`, positive) or, before 2024-10, a
    refunded shipping fee (`shipping_refund`, negative). Where prices include tax the sum may be too high by that tax,
    as a refund does not say whether they do.
    """
    code = _told_currency(body)
    lines = _sum(body, code, "refund_line_items", "subtotal", "total_tax")
    shipping = _sum(body, code, "refund_shipping_lines", "subtotal_amount")
    kept = _sum(body, code, "order_adjustments", "amount", "tax_amount") or Decimal(0)
    given = total((lines, shipping))
    return {} if given is None or given < kept else {"amount": given - kept, "currency": code}


def _sum(body: Body, code: str | None, listed: str, *names: str) -> Decimal | None:
    return total(amount(each, name, code, flat=code is None) for each in body.parts(listed) for name in names)
