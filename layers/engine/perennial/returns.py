"""How far an order's returns have come, and whether one is open; most shops report the end of one only as a refund."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from perennial import events
from perennial.answered import STAGES, Return
from perennial.order_facts import fully_refunded_at, settled_refunds
from perennial.orders import MOST_ORDERS, Order
from perennial.remembering import remembered

ENDS = ("refunded", "exchanged", "closed")
"""After any of these, nothing of the return is outstanding."""


def stages(case: Return, order: Order) -> Mapping[str, datetime]:
    """When the return first reached each stage it has reached."""
    repaid = case.firsts.get("refunded") or _repaid(order).get(case.id)
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


def begun(case: Return) -> datetime:
    """When it was first heard of."""
    return min(case.firsts.values())


@remembered(MOST_ORDERS)
def _repaid(order: Order) -> Mapping[str, datetime]:
    """When the money came for all that a return is of, by its id: by the order's refunds since then."""
    own, whole, emptied = _shared_out(order), fully_refunded_at(order), _emptied(order)
    found: dict[str, datetime] = {}
    for case in order.returns.values():
        gone = [emptied.get(part.line_id) for part in case.terms.lines]
        last = max((moment for moment in gone if moment), default=None) if all(gone) else None
        since = [moment for moment in (own.get(case.id), whole, last) if moment is not None and moment >= begun(case)]
        if since:
            found[case.id] = min(since)
    return found


def _shared_out(order: Order) -> Mapping[str, datetime]:
    """The refund that each return got, by its id: no piece that was paid for once ends a second return.

    A return that lists nothing is of everything: no list of positions covers that.
    """
    got: dict[str, datetime] = {}
    for settled in settled_refunds(order):
        refund = order.refunds[settled.id]  # as it was recorded: its money may have moved long after
        left = _pieces(refund.lines)
        waiting = [case for case in order.returns.values() if case.terms.lines and case.id not in got]
        for case in sorted(waiting, key=partial(_turn, refund)):
            wanted = _pieces(case.terms.lines)
            if begun(case) <= refund.refunded_at and wanted <= left:
                left -= wanted
                got[case.id] = settled.refunded_at
    return got


def _turn(refund: events.Refund, case: Return) -> tuple[bool, bool, bool, datetime, str]:
    """Which return a refund is for: one that was not over without money by then, of just these pieces, that the shop
    calls refunded; and then the one that was asked for first.
    """
    over = any(case.firsts.get(end, refund.refunded_at) < refund.refunded_at for end in ("exchanged", "closed"))
    other = _pieces(case.terms.lines) != _pieces(refund.lines)
    return over, other, "refunded" not in case.firsts, begun(case), case.id


def _emptied(order: Order) -> Mapping[str, datetime]:
    """When the last piece of a position was paid back, by line id: none of it is on its way from then on."""
    bought = {line.id: line.quantity for line in order.known.lines}
    paid: Counter[str] = Counter()
    found: dict[str, datetime] = {}
    for refund in settled_refunds(order):
        paid += _pieces(refund.lines)
        for name in paid.keys() & bought.keys():
            if paid[name] >= bought[name]:
                found.setdefault(name, refund.refunded_at)
    return found


def _pieces(parts: Iterable[events.LineQuantity]) -> Counter[str]:
    """By line id."""
    counted: Counter[str] = Counter()
    for part in parts:
        counted[part.line_id] += part.quantity
    return counted
