"""How a touch ended, where what was reported afterwards knows better than whoever closed it.

The record keeps what was decided then, and its receipts lie beside it: the truth is put together wherever it is read.
"""

from dataclasses import replace

from perennial.customer import Touch
from perennial.receipts import Receipts


def as_it_was(touch: Touch, receipts: Receipts) -> Touch:
    """The record beside its receipts, which may know better how it ended."""
    refused = receipts.firsts.get("refused") if "delivered" not in receipts.firsts else None
    if refused is not None and touch.state in ("sent", "unconfirmed"):
        return replace(touch, receipts=receipts, state="failed", reason=f"taken, and then refused: {refused.words}")
    if touch.state == "unconfirmed" and "accepted" in receipts.firsts:
        return replace(touch, receipts=receipts, state="sent", reason="a receipt came after it was given up")
    return replace(touch, receipts=receipts)
