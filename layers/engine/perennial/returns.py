"""How far an order's returns have come, and whether one is open; most shops report the end of one only as a refund."""

from collections.abc import Mapping
from datetime import datetime

from perennial import events
from perennial.answered import STAGES, Return
from perennial.order_facts import fully_refunded_at, settled_refunds
from perennial.orders import Order

ENDS = ("refunded", "exchanged", "closed")
"""After any of these, nothing of the return is outstanding."""


def stages(case: Return, order: Order) -> Mapping[str, datetime]:
    """When the return first reached each stage it has reached."""
    repaid = case.firsts.get("refunded") or _repaid_at(case, order)
    return {**case.firsts, "refunded": repaid} if repaid else case.firsts


def moments_of(case: Return, order: Order) -> Mapping[str, datetime]:
    """The anchors `return.*` of this return that have come."""
    come = stages(case, order)
    return {f"return.{stage}": come[stage] for stage in STAGES.values() if stage in come}


def asked_at(case: Return) -> datetime | None:
    """When the customer asked for it, or declared to withdraw."""
    asked = (case.firsts.get("requested"), case.firsts.get("withdrawn"))
    return min((moment for moment in asked if moment is not None), default=None)


def is_open(case: Return, order: Order) -> bool:
    """Whether something of it is outstanding. One that the shop opened by itself counts as well."""
    return not any(end in stages(case, order) for end in ENDS)


def being_returned(order: Order) -> bool:
    return any(is_open(case, order) for case in order.returns.values())


def replacements(order: Order) -> tuple[events.Line, ...]:
    """What exchanges brought, as far as the order itself does not list it."""
    listed = {line.id for line in order.known.lines}
    brought = [
        line for case in order.returns.values() if "exchanged" in case.firsts for line in case.terms.replacements
    ]
    return tuple({line.id: line for line in brought if line.id not in listed}.values())


def _repaid_at(case: Return, order: Order) -> datetime | None:
    """When the money came for all that was sent back, by a refund since then that names these positions."""
    since = min(case.firsts.values())
    found = [
        refund.refunded_at for refund in settled_refunds(order) if refund.refunded_at >= since and _covers(refund, case)
    ]
    whole = fully_refunded_at(order)
    if whole is not None and whole >= since:
        found.append(whole)
    return min(found, default=None)


def _covers(refund: events.Refund, case: Return) -> bool:
    """A return that lists nothing is of everything: no list of positions covers that."""
    paid = {part.line_id: part.quantity for part in refund.lines}
    return bool(case.terms.lines) and all(paid.get(part.line_id, 0) >= part.quantity for part in case.terms.lines)
