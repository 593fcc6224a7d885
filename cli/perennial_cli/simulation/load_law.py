"""Law 8, of the load that every event begins with: it holds what is alive, and is no larger than that explains."""

from datetime import datetime, timedelta

from perennial import documents
from perennial.customer import Customer, Enrolment
from perennial.journeys import Journey, Touch
from perennial.timing import Offset
from perennial_cli.simulation.evidence import Evidence, Tally

MOST_BYTES = 8_000
"""A profile is some 400 bytes (docs/decisions.md); one that grows with the years gets here."""

OF_AN_ORDER, OF_A_PASSAGE = 6_000, 2_500
"""Bytes that one live order and one live passage may add: the largest seen were half of that."""

USE = timedelta(days=14)
"""How long the last message of a passage may be of use, where its journey does not say: as long as any."""

A_BAD_TIME = timedelta(days=45)
"""How much longer a passage may live because things went wrong: events parked, mergers that wait, offers held back."""


def load_is_what_lives(customer: str, held: Customer, evidence: Evidence, tally: Tally) -> None:
    """What one load of this customer brought at the end."""
    told = {"customer": customer, "at": evidence.ends}
    passages = held.enrolments.values()
    alive = {enrolment.order_id for enrolment in passages}
    tally.check(set(held.orders) == alive, "a load brings orders that nothing alive needs", told, "loads")
    tally.check(held.apart <= alive, "a load brings items that nothing alive needs", told)
    profile, size = len(documents.write(held.profile)), len(documents.write(held))
    tally.check(profile <= MOST_BYTES, f"a profile of {profile} bytes", told)
    most = MOST_BYTES + OF_AN_ORDER * len(alive) + OF_A_PASSAGE * len(passages)
    tally.check(size <= most, f"a load of {size} bytes for {len(alive)} orders and {len(passages)} passages", told)
    for passage in passages:
        ends = _ends(passage, evidence.journeys[passage.version])
        words = f"{passage.id} is still loaded, and should have ended on {ends:%Y-%m-%d}"
        tally.check(evidence.ends <= ends, words, told, "passages alive")


def _ends(passage: Enrolment, journey: Journey) -> datetime:
    """When everything that was waited for has come or was given up, and the last of it is of no use any more."""
    last = max(_lasts(step, journey) for step in journey.touches)
    return passage.entered_at + _span(journey.patience) + last + A_BAD_TIME


def _lasts(step: Touch, journey: Journey) -> timedelta:
    """From whatever it hangs on to the end of its use."""
    said = step.within or step.expires
    after = max(_span(moment.offset) for moment in step.after.moments)
    own = [_span(moment.offset) for when in journey.anchors.values() for moment in when.moments]
    return after + max(own, default=timedelta()) + (USE if said is None else _span(said))


def _span(told: Offset) -> timedelta:
    """The longest that such a span of a calendar can be."""
    return timedelta(days=told.days + 31 * told.months, minutes=told.minutes)
