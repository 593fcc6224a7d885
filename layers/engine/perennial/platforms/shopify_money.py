"""What the buyer paid: `*_set.presentment_money`, in the presentment currency; flat amounts are in the shop's currency.

Amounts are cut to the currency's minor unit, because refunds carry floats (89.99, or 0 for nothing). The placeholder
"XXX" and null mean that the currency is not told.
"""

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from perennial.platforms.bodies import Body

_CURRENCY = re.compile(r"[A-Z]{3}")
_WHOLE = (
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
)
_MILLS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")


def currency(body: Body, name: str) -> str | None:
    code = (body.text(name) or "").upper()
    return code if code != "XXX" and _CURRENCY.fullmatch(code) else None


def rounded(amount: Decimal, code: str | None) -> Decimal:
    """ISO 4217 minor units: two decimals, for some currencies none or three."""
    places = "1" if code in _WHOLE else "0.001" if code in _MILLS else "0.01"
    return amount.quantize(Decimal(places), ROUND_HALF_UP)


def presentment(body: Body, name: str) -> tuple[Decimal, str | None] | None:
    """Amount and currency of `<name>_set.presentment_money`."""
    both = body.part(f"{name}_set")
    money = both.part("presentment_money") if both else None
    amount = money.number("amount") if money else None
    if money is None or amount is None:
        return None
    return amount, currency(money, "currency_code") or currency(money, "currency")


def order_currency(order: Body) -> str | None:
    """The currency the buyer paid in; `currency` is the shop's, and all there is in shapes of before 2018."""
    total = presentment(order, "total_price")
    return (total and total[1]) or currency(order, "presentment_currency") or currency(order, "currency")


def amount(body: Body, name: str, code: str | None, *, flat: bool) -> Decimal | None:
    """What the buyer sees; else, where `flat` amounts are in that currency too, those. Unknown rather than wrong."""
    both = presentment(body, name)
    if both and both[1] in (code, None):
        return rounded(both[0], code)
    plain = body.number(name) if flat else None
    return None if plain is None else rounded(plain, code)


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what is known; None if nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None
