"""Law 9, to the minute, and law 2 for what was promised to follow: when each touch falls due, from the events alone.

No law of gates sees a message that is sound and goes at the wrong time, nor one that never comes because a journey has
forgotten what it said. Asked here only of steps whose moment one event tells; the rest is left to the engine's tests.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from perennial import events
from perennial.journeys import Moment, Touch
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Record
from perennial_cli.simulation.owed_law import SETTLED, STRUCK_BEFORE, Troubles, order_of, part_of
from perennial_cli.simulation.people import Person
from perennial_cli.simulation.sending_laws import SLACK
from perennial_cli.simulation.words_law import has_one_clock, step_of

Told = tuple[str, str, str]
"""An order, an anchor, and the parcel, refund or return it is of; nothing where it is of the order."""

TOLD_BY = {
    "OrderPlaced": ("order.placed",),
    "OrderCancelled": ("order.cancelled",),
    "ReviewGiven": ("order.reviewed",),
    "ScoreGiven": ("order.scored",),
    "ShipmentShipped": ("parcel.shipped",),
    "ShipmentInTransit": ("parcel.shipped", "parcel.in_transit"),
    "ShipmentOutForDelivery": ("parcel.shipped", "parcel.out_for_delivery"),
    "ShipmentAttemptFailed": ("parcel.shipped", "parcel.attempt_failed"),
    "ShipmentReadyForPickup": ("parcel.shipped", "parcel.ready_for_pickup"),
    "ShipmentDelivered": ("parcel.shipped", "parcel.delivered"),
    "ShipmentDelayed": ("parcel.shipped", "parcel.delayed"),
    "ShipmentFailed": ("parcel.shipped", "parcel.failed"),
    "OrderRefunded": ("refund.made",),
    "ReturnRequested": ("order.return_requested", "return.requested"),
    "WithdrawalDeclared": ("order.return_requested", "return.withdrawn"),
    "ReturnReceived": ("return.received",),
    "ReturnExchanged": ("return.exchanged",),
}
"""By type of event: the moments that it brings, if nothing brought them before. What moves has left, whether or not
anybody has said so yet. Left out is `return.refunded`, which money tells of too.
"""


def dues_are_kept(evidence: Evidence, tally: Tally) -> None:
    """The moment of its event and the step's minutes, and no other; of several tellings of one moment any is right."""
    moments, zones = _moments(evidence), _clocks(evidence)
    for record, claimed in _first_records(evidence):
        journey, step = step_of(record, evidence)
        moment, due = step.after.moments[0], record["due"]
        order, part = record["enrolment"].partition(":")[2], record["key"].partition("/")[2]
        if due is None or not _plain(step):
            continue
        told = moments.get((order, moment.anchor, part), set())
        if step.join is not None and not claimed:  # what ends unsent ends with those that would have gone along
            told = {at for (of, anchor, _), all_of_it in moments.items() if (of, anchor) == (order, moment.anchor)
                    for at in all_of_it}  # fmt: skip
        if told and None not in told:
            # Whoever joins has until then: the first one waits for them.
            wait = max(moment.offset.minutes, step.join.minutes if step.join is not None else 0)
            spans = [_falls_due(at + timedelta(minutes=wait), step, zones.get(record["touch"])) for at in told if at]
            holds = any(first <= due <= last for first, last in spans)
            words = f"{record['key']} of {journey.journey} was due {due:%Y-%m-%d %H:%M:%S}, which is not its moment"
            tally.check(holds, words, record, "moments by the minute")


def _plain(step: Touch) -> bool:
    """One anchor, and minutes: days go by a calendar, which promise_law.py asks about."""
    offset, span = step.after.moments[0].offset, step.join
    by_minutes = not offset.days and not offset.months and (span is None or not (span.days or span.months))
    return len(step.after.moments) == 1 and step.at is None and by_minutes


def _falls_due(at: datetime, step: Touch, person: Person | None) -> tuple[datetime, datetime]:
    """The first and the last moment that are right: one where the clock is known, and a day of them where it is not."""
    if step.not_before is None:
        return at, at
    if person is None or not has_one_clock(person):
        return at, at + timedelta(days=1, hours=1)
    wall = at.astimezone(person.zone)
    opens = datetime.combine(wall.date(), step.not_before, person.zone)
    due = max(at, opens.astimezone(at.tzinfo))
    return due, due


def _moments(evidence: Evidence) -> Mapping[Told, set[datetime | None]]:
    """All tellings of each moment, whenever they were heard; None among them where nobody can tell."""
    found: dict[Told, set[datetime | None]] = defaultdict(set)
    for record in evidence.log.of("applied"):
        event = record["event"]
        order = order_of(event) or ""
        for anchor in TOLD_BY.get(event.type, ()):
            part = "" if anchor.startswith("order.") else part_of(event)
            found[order, anchor, part] |= set(_times(event))
        if isinstance(event, events.ShipmentEvent) and event.parcel.estimated_delivery is not None:
            found[order, "parcel.delayed", event.parcel.id].add(event.happened_at)  # a later day is a delay as well
        if isinstance(event, events.OrderEvent) and event.order.placed_at is not None:
            found[order, "order.placed", ""].add(event.order.placed_at)
        if isinstance(event, events.OrderEvent) and event.order.cancelled_at is not None:
            found[order, "order.cancelled", ""].add(event.order.cancelled_at)
    return found


def _times(event: events.Event) -> Sequence[datetime | None]:
    """A refund has a time of its own; one whose money moves later than it was written down is another rule's."""
    if isinstance(event, events.OrderRefunded):
        return [event.refund.refunded_at if event.refund.settled else None]
    return [event.happened_at]


def _first_records(evidence: Evidence) -> Iterator[tuple[Record, bool]]:
    """What is first written of each touch, before any try is waited for; and whether that is a claim of its own."""
    seen, claimed = set(), {(record["run"], record["touch"]) for record in evidence.log.of("claimed")}
    for record in evidence.log.of("committed"):
        for touch in record["touches"]:
            if touch["touch"] not in seen:
                seen.add(touch["touch"])
                more = {"at": record["at"], "customer": record["customer"]}
                yield {**touch, **more}, (record["run"], touch["touch"]) in claimed


def _clocks(evidence: Evidence) -> Mapping[str, Person]:
    """Whose touch it is, as far as a message of it has an address."""
    told = ((claim["touch"], evidence.by_address.get(claim["to"])) for claim in evidence.log.of("claimed"))
    return {touch: person for touch, person in told if person is not None}


def reminders_wait(evidence: Evidence, tally: Tally) -> None:
    """What comes days after another message: so many local days after a provider first took that one."""
    taken, troubles = _taken(evidence), Troubles.in_(evidence)
    for claim in _first_claims(evidence):
        moment = _follows(step_of(claim, evidence)[1])
        person = evidence.by_address.get(claim["to"])
        before = taken.get((claim["journey"], claim["order"], moment.depends_on[0] or "")) if moment else None
        if moment is None or before is None or person is None or not has_one_clock(person):
            continue
        sent = (before - SLACK).astimezone(person.zone).date()
        went, due = (at.astimezone(person.zone).date() for at in (claim["at"] + SLACK, claim["due"]))
        name, days = f"{claim['key']} of {claim['journey']}", moment.offset.days
        words = f"{name} came {(went - sent).days} days after what it reminds of, its version says {days}"
        tally.check((went - sent).days >= days, words, claim, "reminders")
        # An answer that was lost is made up for by a receipt, and that may be late.
        struck = troubles.struck(evidence.root(claim["customer"]), before - STRUCK_BEFORE, claim["due"])
        late = (due - sent).days - days
        tally.check(0 <= late <= 1 or struck, f"{name} was due {late} days late", claim)


def _follows(step: Touch) -> Moment | None:
    """The moment of a step that hangs on another touch, by days."""
    moment = step.after.moments[0]
    by_days = not moment.offset.minutes and not moment.offset.months
    return moment if len(step.after.moments) == 1 and moment.depends_on[0] and by_days else None


def _first_claims(evidence: Evidence) -> Iterator[Record]:
    seen = set()
    for claim in evidence.log.of("claimed"):
        if claim["touch"] not in seen and claim["due"] is not None:
            yield claim
        seen.add(claim["touch"])


def _taken(evidence: Evidence) -> Mapping[tuple[str, str, str], datetime]:
    """When a provider first took each message, by journey, order and key."""
    names = {claim["touch"]: (claim["journey"], claim["order"], claim["key"]) for claim in evidence.log.of("claimed")}
    found: dict[tuple[str, str, str], datetime] = {}
    for record in evidence.log.of("accepted"):
        if record["touch"] in names:
            found.setdefault(names[record["touch"]], record["at"])
    return found


def last_days_are_told(evidence: Evidence, tally: Tally) -> None:
    """Law 2: an offer that went out is a promise, and the step that hangs on its last day has a record, however it
    ended; of that day, on the buyer's clock.
    """
    kept = {(touch.enrolment, touch.key): touch for held in evidence.touches.values() for touch in held.values()}
    forgotten = {evidence.root(customer) for customer in evidence.erased_at}
    for claims in _offering(evidence):
        claim, enrolment = claims[0], f"{claims[0]['journey']}:{claims[0]['order']}"
        journey, step = step_of(claim, evidence)
        made, days = kept.get((enrolment, claim["key"])), evidence.store.offers[step.offer or ""].days
        if made is None or made.state != "sent" or evidence.root(claim["customer"]) in forgotten:
            continue
        over = claims[-1]["at"] + timedelta(days=days) + SETTLED < evidence.ends
        for later in (other for other in journey.touches if _ends(other, step.offer)):
            told = kept.get((enrolment, later.touch))
            words = f"{step.offer} was offered, and {later.touch} of {enrolment} never came to anything"
            tally.check(told is not None or not over, words, claim, "offers that end")
            if told is not None and told.due is not None:
                _check_last_day(claims, told.due, days, evidence, tally)


def _ends(step: Touch, offer: str | None) -> bool:
    return [moment.anchor for moment in step.after.moments] == [f"offer.{offer}.last_day"]


def _check_last_day(claims: Sequence[Record], due: datetime, days: int, evidence: Evidence, tally: Tally) -> None:
    """Whoever was offered it more than once, as nobody knew whether they had been, may hold any of these to be it."""
    person = evidence.by_address.get(claims[0]["to"])
    if person is None or not has_one_clock(person):
        return
    made = {(claim["at"]).astimezone(person.zone).date() for claim in claims}
    day = due.astimezone(person.zone).date()
    words = f"{day} is told as the last of {days} days after {', '.join(map(str, sorted(made)))}"
    tally.check(day - timedelta(days=days) in made, words, claims[0])


def _offering(evidence: Evidence) -> Iterator[list[Record]]:
    """All claims of each touch that makes an offer which some step of its journey comes back to."""
    found: dict[str, list[Record]] = defaultdict(list)
    for claim in evidence.log.of("claimed"):
        journey, step = step_of(claim, evidence)
        if step.offer is not None and any(_ends(other, step.offer) for other in journey.touches):
            found[claim["touch"]].append(claim)
    yield from found.values()
