"""Law 2, how touches end: with a reason, not too soon, as what providers took and reported says."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from perennial.customer import Touch
from perennial_cli.simulation.evidence import Evidence, Tally

ROUNDING = timedelta(hours=2)
"""A local day may have 23 hours, and a month 28 days."""

USES = {"transactional": 3, "feedback": 14, "marketing": 10}
"""Days after which a message is of no use, where its journey does not say."""

REFUSALS = ("email: consent ", "email: no consent", "the customer complained", "email: they had themselves erased")
"""How the record of a touch says that nobody may be written to."""


def ends_are_true(evidence: Evidence, tally: Tally) -> None:
    taken = Counter(record["touch"] for record in evidence.log.of("accepted"))
    claimed = {record["touch"] for record in evidence.log.of("claimed")}
    silent, delivered = _silent(evidence), _delivered(evidence)
    for customer, touch in _of_roots(evidence):
        told = {"customer": customer, "at": touch.at}
        if touch.state not in ("sent", "claimed"):
            tally.check(bool(touch.reason), f"touch {touch.id} is {touch.state}, for no reason", told)
        if taken[touch.id]:
            owned = touch.state not in ("skipped", "expired", "failed")
            tally.check(owned, f"touch {touch.id} was accepted, and is called {touch.state}", told)
        if touch.state == "expired" and touch.id not in claimed:
            tally.check(touch.at >= _of_use(touch, evidence), f"touch {touch.key} expired too soon", told)
        if customer in silent and touch.state == "skipped":
            refused = (touch.reason or "").startswith(REFUSALS)
            tally.check(not refused, f"{touch.key}: {touch.reason}, which nobody said", told)
        if customer not in evidence.erased_at and taken[touch.id] and touch.channel == "email":
            noted = touch.receipts.at("delivered") is not None
            tally.check(noted == (touch.id in delivered), f"touch {touch.id} does not say how it was delivered", told)


def _of_roots(evidence: Evidence) -> Iterator[tuple[str, Touch]]:
    for customer, records in evidence.touches.items():
        if evidence.root(customer) == customer:
            yield from ((customer, touch) for touch in records.values())


def _delivered(evidence: Evidence) -> set[str]:
    """Touches of whose delivery a report was recorded. The provider's own name of a message holds the touch's."""
    return {
        record["provider_id"].split("-")[1]
        for record in evidence.log.of("report")
        if record["type"] == "Delivery" and record["told"]["outcome"] == "noted"
    }


def _silent(evidence: Evidence) -> set[str]:
    """Customers who have bought, and never said or did anything by which email could be refused."""
    spoke: dict[str, set[str]] = defaultdict(set)
    for record in evidence.log.of("applied"):
        spoke[evidence.root(record["customer"])].add(record["event"].type)
    refusing = {"ConsentWithdrawn", "ConsentPending", "MessageComplained", "ErasureRequested"}
    left = {evidence.by_address[email].number for email in _erased(evidence) if email in evidence.by_address}
    return {
        customer
        for customer, types in spoke.items()
        if "OrderPlaced" in types and not types & refusing and _number(customer, evidence) not in left
    }


def _erased(evidence: Evidence) -> set[str]:
    """Under whose addresses somebody was forgotten: who comes back is somebody new, but has left."""
    told = (record["event"] for record in evidence.log.of("applied") if record["event"].type == "ErasureRequested")
    return {event.contact.email for event in told if event.contact.email}


def _number(customer: str, evidence: Evidence) -> int | None:
    held = evidence.customers.get(customer)  # none, where nothing was ever committed
    person = evidence.by_address.get(held.profile.contact.email or "") if held is not None else None
    return person.number if person is not None else None


def _of_use(touch: Touch, evidence: Evidence) -> datetime:
    """Until when a touch could have gone, at the least."""
    journey = evidence.journeys[touch.version]
    step = next(step for step in journey.touches if step.touch == touch.key.partition("/")[0])
    said = step.within or step.expires
    if touch.due is None:
        return datetime.min.replace(tzinfo=touch.at.tzinfo)
    if said is None:
        return touch.due + timedelta(days=USES[touch.class_]) - ROUNDING
    return touch.due + timedelta(days=said.days + 28 * said.months, minutes=said.minutes) - ROUNDING


def the_dead_are_dead(evidence: Evidence, tally: Tally) -> None:
    """An address is dead where a provider said so for good, or its owner that it is somebody else's; else it lives."""
    told = [record["event"] for record in evidence.log.of("applied")]
    disowned = {event.address for event in told if event.type == "AddressDisowned"}
    for customer, held in evidence.customers.items():
        for address in held.profile.dead:
            person = evidence.by_address.get(address)
            dead = address in disowned or (person is not None and person.mailbox == "dead")
            tally.check(dead, "an address is called dead, and is not", {"customer": customer, "at": evidence.ends})
