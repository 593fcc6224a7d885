"""Laws 1, 6 and 9, the journeys' own words: once per order, when it ends, not before nine, not about what is gone.

Only words whose meaning can be told here in a line, from what is believed; the rest is left to the engine's own tests.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from perennial import events
from perennial.journeys import Journey, Touch
from perennial_cli.simulation.beliefs import Beliefs
from perennial_cli.simulation.believed import Believed
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Record
from perennial_cli.simulation.people import Person
from perennial_cli.simulation.sending_laws import SLACK

HOLDS = "order.being_returned"
ARRIVED = 'parcels|where("delivered_at", none)'


def once_per_order(evidence: Evidence, tally: Tally) -> None:
    """Law 1: of two journeys that have the same message for an order, one sends it."""
    sent: dict[tuple[str, str], set[str]] = defaultdict(set)
    claims = {claim["touch"]: claim for claim in evidence.log.of("claimed")}
    for record in evidence.log.of("accepted"):
        claim = claims.get(record["touch"])
        if claim is not None and claim["message"] in evidence.once:
            touches = sent[claim["order"], claim["message"]]
            touches.add(record["touch"])
            tally.check(len(touches) == 1, f"{claim['message']} went out twice for one order", claim)


def words_are_kept(evidence: Evidence, tally: Tally) -> None:
    """Law 9: what a journey says of its end and of its hours."""
    beliefs, seen = Beliefs(evidence), set()
    for claim in beliefs.replay():
        order, (journey, step) = beliefs.orders[claim["order"]], step_of(claim, evidence)
        ended = [name for name in journey.stop if _has_come(name, order)]
        tally.check(not ended, f"{claim['key']} of {journey.journey} came after {ended}, which ends it", claim)
        if claim["touch"] not in seen:
            seen.add(claim["touch"])
            _check_hour(claim, step, evidence, tally)


def _has_come(name: str, order: Believed) -> bool:
    return {"order.cancelled": order.cancelled, "order.fully_refunded": order.paid_back}.get(name, False)


def _check_hour(claim: Record, step: Touch, evidence: Evidence, tally: Tally) -> None:
    """By the one clock that whoever lives there can have."""
    person, due = evidence.by_address.get(claim["to"]), claim["due"]
    if person is None or due is None or not has_one_clock(person):
        return
    hour, name = due.astimezone(person.zone).time(), f"{claim['key']} of {claim['journey']}"
    if step.not_before is not None:
        tally.check(hour >= step.not_before, f"{name} was planned for {hour:%H:%M}, too early in the day", claim)
    if step.at is not None:
        tally.check(hour == step.at, f"{name} was planned for {hour:%H:%M}, not {step.at:%H:%M}", claim)


def has_one_clock(person: Person) -> bool:
    """Whether all who live where the shop hears that they do have one time."""
    return person.region is not None or person.country not in ("US", "AU")


def step_of(claim: Record, evidence: Evidence) -> tuple[Journey, Touch]:
    journey, named = evidence.journeys[claim["version"]], claim["key"].partition("/")[0]
    return journey, next(step for step in journey.touches if step.touch == named)


def nothing_about_what_is_gone(evidence: Evidence, tally: Tally) -> None:
    """Law 6: no care for goods that went back, no reminder to whoever has answered, no offer to whoever has bought."""
    beliefs, goods, reviewed = Beliefs(evidence), dict[str, Mapping[str, str]](), set[str]()
    for claim in beliefs.replay("applied", "claimed"):
        if claim["what"] == "applied":
            _note(claim["event"], goods, reviewed)
            continue
        if claim["order"] in reviewed and step_of(claim, evidence)[1].unless == "order.reviewed":
            tally.check(False, f"{claim['key']} to somebody who gave a review", claim)
        _check_answers(claim, beliefs, evidence, tally)
        _check_late(claim, beliefs.orders[claim["order"]], evidence, tally)
        _check_goods(claim, beliefs.orders[claim["order"]], goods, evidence, tally)


def _check_answers(claim: Record, beliefs: Beliefs, evidence: Evidence, tally: Tally) -> None:
    """What `unless`, `hold while` and `when` say of the order and of its buyer."""
    (journey, step), order = step_of(claim, evidence), beliefs.orders[claim["order"]]
    name = f"{claim['key']} of {journey.journey}"
    if step.unless == "customer.ordered_since(order.placed_at)":
        newer = _ordered_since(order.placed_at, claim, beliefs)
        tally.check(not newer, f"{name} to somebody who ordered since", claim)
    if HOLDS in (step.hold_while or ""):
        tally.check(not order.coming_back, f"{name} while the order is being returned", claim)
    if step.when == ARRIVED and order.delivered:
        there = {*order.loads, *order.heard_of} <= order.delivered.keys()
        tally.check(not there, f"{name} when everything is there", claim)


def _check_late(claim: Record, order: Believed, evidence: Evidence, tally: Tally) -> None:
    """To the day, where the buyer's clock is known: elsewhere a day is granted (sending_laws.py)."""
    person = evidence.by_address.get(claim["to"])
    if claim["class"] == "transactional" or person is None or not has_one_clock(person):
        return
    today = (claim["at"] - SLACK).astimezone(person.zone).date()
    late = order.overdue(today, person.zone) or order.late(today, person.zone, evidence.store.promise)
    tally.check(not late, f"{claim['key']} for an order whose day was over yesterday", claim)


def _check_goods(
    claim: Record, order: Believed, goods: Mapping[str, Mapping[str, str]], evidence: Evidence, tally: Tally
) -> None:
    journey, step = step_of(claim, evidence)
    if step.when == "items" and claim["order"] in goods:
        lines = goods[claim["order"]]
        shared = claim["message"] in evidence.once and claim["class"] == "feedback"  # it asks about all that was bought
        kept = (set(lines) if shared else set(_wanted(journey, lines, evidence))) - _gone(order)
        tally.check(bool(kept), f"{claim['key']} of {journey.journey} about goods that are gone", claim)


def _note(event: events.Event, goods: dict[str, Mapping[str, str]], reviewed: set[str]) -> None:
    if isinstance(event, events.ReviewGiven):
        reviewed.add(event.order_id)
    if isinstance(event, events.OrderEvent) and event.order.lines:
        goods[event.order.id] = {line.id: line.title or "" for line in event.order.lines}


def _ordered_since(placed_at: datetime | None, claim: Record, beliefs: Beliefs) -> bool:
    theirs = (beliefs.orders[name] for one in beliefs.everybody(claim["customer"]) for name in beliefs.orders_of[one])
    moments = [order.placed_at for order in theirs if order.placed_at is not None and not order.cancelled]
    return placed_at is not None and any(moment > placed_at for moment in moments)


def _wanted(journey: Journey, lines: Mapping[str, str], evidence: Evidence) -> Iterator[str]:
    """Lines that the journey may be about: most simulated goods are called what their rule calls their category."""
    kinds = {rule.category: rule.kind for rule in reversed(evidence.store.goods)}
    for line, category in lines.items():
        if not journey.goods or category not in kinds or {category, kinds[category]} & set(journey.goods):
            yield line


def _gone(order: Believed) -> set[str]:
    """Lines of which every piece was paid back. What was exchanged is there again, under another name."""
    paid = [{part.line_id: part.quantity for part in refund.lines} for refund in order.refunds.values()]
    return {line for line, count in order.pieces.items() if any(back.get(line, 0) >= count for back in paid)}
