"""Law 2, what is owed: whoever buys is heard, each parcel and return is told of, and nothing of that comes late.

What no law of gates can see: a touch that was never planned, or planned and slept over, offends nobody who looks at
what was sent. So the journeys' own words are held against what happened, with the faults of the log for an excuse.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from perennial import events
from perennial.customer import Touch as Ended
from perennial.journeys import Journey, Touch
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Record

PUNCTUAL = timedelta(minutes=20)
"""A wake is precise to a minute and may be spread by fifteen; some minutes are lost where others stand still."""

STRUCK_BEFORE = timedelta(hours=12)
"""How long before a message was due a fault may have cost it its time: a timer is late by seven hours at most."""

SETTLED = timedelta(days=5)
"""What happened less than so long before the end may still be under way."""

HEARD_IN_TIME = timedelta(days=1)
"""A shop that tells of an order later than that may find its confirmation past its use, two days after the order."""

NEWS = {
    "OrderPlaced": "order.placed",
    "ReviewGiven": "order.reviewed",
    "ReturnRequested": "order.return_requested",
    "WithdrawalDeclared": "order.return_requested",
    "ScoreGiven": "order.scored",
}
"""By type of event: the moment of the order that it brings."""

PARTS = {
    "ShipmentShipped": "parcel.shipped",
    "ShipmentOutForDelivery": "parcel.out_for_delivery",
    "ShipmentAttemptFailed": "parcel.attempt_failed",
    "ShipmentDelivered": "parcel.delivered",
    "ShipmentFailed": "parcel.failed",
    "OrderRefunded": "refund.made",
    "ReturnRequested": "return.requested",
    "WithdrawalDeclared": "return.withdrawn",
    "ReturnReceived": "return.received",
    "ReturnExchanged": "return.exchanged",
}


@dataclass(frozen=True, slots=True)
class Troubles:
    """When anything went wrong, by whom it concerned; a timer does when it should ring."""

    of: Mapping[str, Sequence[datetime]]

    @classmethod
    def in_(cls, evidence: Evidence) -> "Troubles":
        found: dict[str, list[datetime]] = defaultdict(list)
        for record in evidence.log.of("fault", "died", "failed", "set aside", "parked", "unparked"):
            if record.get("customer"):
                found[evidence.root(record["customer"])].append(record["rings"] if "rings" in record else record["at"])
        return cls({name: sorted(moments) for name, moments in found.items()})

    def struck(self, customer: str, begins: datetime, ends: datetime) -> bool:
        moments = self.of.get(customer, ())
        first = bisect_left(moments, begins)
        return first < len(moments) and moments[first] <= ends


def everything_owed(evidence: Evidence, tally: Tally) -> None:
    troubles = Troubles.in_(evidence)
    forgotten = {evidence.root(customer) for customer in evidence.erased_at}
    _check_begun(evidence, forgotten, tally)
    _check_parts(evidence, forgotten, tally)
    _check_confirmed(evidence, forgotten, troubles, tally)
    _check_punctual(evidence, troubles, tally)


def order_of(event: events.Event) -> str | None:
    """The order an event is about, however it says so."""
    order = getattr(event, "order", None)
    return order.id if order is not None else getattr(event, "order_id", None)


def _begun(evidence: Evidence) -> Mapping[tuple[str, str], str]:
    """The version of each passage, by journey and order."""
    told = (entry for record in evidence.log.of("committed") for entry in record["entered"].values())
    return {(entry["journey"], entry["order"]): entry["version"] for entry in told}


def _cancelled(evidence: Evidence) -> set[str]:
    told = (record["event"] for record in evidence.log.of("applied"))
    return {event.order.id for event in told if event.type == "OrderCancelled"}


def _check_begun(evidence: Evidence, forgotten: set[str], tally: Tally) -> None:
    """What an event should begin has begun, if the event was applied while it was young."""
    begun, cancelled, repaid, seen = _begun(evidence), _cancelled(evidence), set[str | None](), set()
    limit = timedelta(days=evidence.store.order_age_limit_days) - timedelta(hours=1)
    for record in evidence.log.of("applied"):
        event, order = record["event"], order_of(record["event"])
        moment = NEWS.get(event.type)
        if event.type == "OrderRefunded":
            repaid.add(order)
        if event.type == "ScoreSettled":
            seen.add(("order.scored", order))  # what is settled before it is told begins nothing
        if moment is None or (moment, order) in seen or evidence.root(record["customer"]) in forgotten:
            continue
        seen.add((moment, order))
        young = record["at"] - event.happened_at < limit and order not in cancelled
        for name in _begun_by(moment, evidence, order in repaid) if young and _counts(event) else ():
            tally.check((name, order) in begun, f"{event.type} did not begin {name} for {order}", record)


def _counts(event: events.Event) -> bool:
    """Only a low score begins anything; that one may be thought better of is rare enough to be left to others."""
    return not isinstance(event, events.ScoreEvent) or (event.score is not None and event.score <= 6)


def _begun_by(moment: str, evidence: Evidence, repaid: bool) -> set[str]:
    """Journeys that whoever has come so far begins, whatever they bought; but none that all of the money back would
    stop, where some of it is.
    """
    return {
        journey.journey
        for journey in evidence.journeys.values()
        if journey.enrol.on == moment
        and journey.enrol.when in (None, "order.detractor")
        and not (repaid and "order.fully_refunded" in journey.stop)
    }


def _check_parts(evidence: Evidence, forgotten: set[str], tally: Tally) -> None:
    """Each parcel, refund and return has its own touch, however it ended."""
    begun, cards = _begun(evidence), _gift_cards(evidence)
    keys = {
        (touch.journey, touch.order_id, touch.key)
        for records in evidence.touches.values()
        for touch in records.values()
    }
    for record in evidence.log.of("applied"):
        event, customer = record["event"], evidence.root(record["customer"])
        if event.type not in PARTS or customer in forgotten or record["at"] > evidence.ends - SETTLED:
            continue
        if isinstance(event, events.ShipmentEvent) and _nobody_carries(event, cards):
            continue
        order, part = order_of(event), part_of(event)
        for (name, of), version in begun.items():
            for step in _steps_of(evidence.journeys[version], PARTS[event.type]) if of == order else ():
                told = (name, order, f"{step.touch}/{part}") in keys
                tally.check(told, f"{step.touch} of {order} says nothing of {part}", record)


def _gift_cards(evidence: Evidence) -> Mapping[str, set[str]]:
    """Positions by order."""
    told = [record["event"] for record in evidence.log.of("applied")]
    found: dict[str, set[str]] = defaultdict(set)
    for event in told:
        if isinstance(event, events.OrderEvent):
            found[event.order.id] |= {line.id for line in event.order.lines if line.gift_card}
    return found


def _nobody_carries(event: events.ShipmentEvent, cards: Mapping[str, set[str]]) -> bool:
    """What lists only gift cards is no parcel."""
    inside = {line.line_id for line in event.parcel.lines}
    return bool(inside) and inside <= cards.get(event.order_id, set())


def part_of(event: events.Event) -> str:
    """Which parcel, refund or return of its order an event is about, as keys of touches name it."""
    if isinstance(event, events.ShipmentEvent):
        return event.parcel.id
    return event.refund.id if isinstance(event, events.OrderRefunded) else str(getattr(event, "return_id", ""))


def _steps_of(journey: Journey, anchor: str) -> Iterator[Touch]:
    for step in journey.touches:
        if step.per is not None and [moment.anchor for moment in step.after.moments] == [anchor]:
            yield step


def _check_confirmed(evidence: Evidence, forgotten: set[str], troubles: Troubles, tally: Tally) -> None:
    """Whoever can be reached has their order confirmed, whatever else may be wrong with it later."""
    cancelled, unreachable = _cancelled(evidence), _unreachable(evidence)
    reachable = {
        record["event"].order.id
        for record in evidence.log.of("applied")
        if record["event"].type == "OrderPlaced"
        and _address(record["event"]) not in unreachable
        and record["at"] - record["event"].happened_at < HEARD_IN_TIME
    }
    for customer, touch in _of_roots(evidence):
        if touch.key != "confirmation" or touch.order_id not in reachable - cancelled or customer in forgotten:
            continue
        ended = touch.state in ("skipped", "expired", "failed")
        excused = touch.state == "expired" and troubles.struck(customer, touch.due or touch.at, touch.at)
        words = f"order {touch.order_id} was never confirmed: {touch.reason}"
        tally.check(not ended or excused, words, {"customer": customer, "at": touch.at})


def _address(event: events.Event) -> str | None:
    contact = event.order.contact if isinstance(event, events.OrderEvent) else None
    return contact.email if contact is not None else None


def _unreachable(evidence: Evidence) -> set[str | None]:
    """Addresses at which nobody is, or somebody else."""
    dead = {email for person in evidence.people if person.mailbox == "dead" for email in person.emails}
    told = (record["event"] for record in evidence.log.of("applied"))
    return {None, *dead, *(event.address for event in told if event.type == "AddressDisowned")}


def _of_roots(evidence: Evidence) -> Iterator[tuple[str, Ended]]:
    """Each record once, under the name that its customer has when all is over."""
    for customer, records in evidence.touches.items():
        if evidence.root(customer) == customer:
            yield from ((customer, touch) for touch in records.values())


def _check_punctual(evidence: Evidence, troubles: Troubles, tally: Tally) -> None:
    """An email that is needed goes within minutes of its time, or of the news that it waited for."""
    heard: dict[str, datetime] = {}
    seen = set()
    for record in evidence.log.of("applied", "merged", "claimed"):
        customer = evidence.root(record["customer"])
        if record["what"] == "merged":
            heard[customer] = record["at"]
        elif record["what"] == "applied":
            heard[order_of(record["event"]) or ""] = record["at"]
        elif record["touch"] not in seen:
            seen.add(record["touch"])
            due = record["due"]
            if _cannot_wait(record, evidence) and due is not None:
                known = max(due, heard.get(record["order"], due), heard.get(customer, due))
                excused = troubles.struck(customer, due - STRUCK_BEFORE, record["at"])
                late = record["at"] - known
                tally.check(late <= PUNCTUAL or excused, f"{record['key']} came {late} late", record)


def _cannot_wait(claim: Record, evidence: Evidence) -> bool:
    named = claim["key"].partition("/")[0]
    step = next(step for step in evidence.journeys[claim["version"]].touches if step.touch == named)
    return (claim["class"], claim["channel"]) == ("transactional", "email") and step.hold_while is None
