"""Law 9: whoever has entered a journey is led by the version they began with, whatever is deployed meanwhile."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from perennial.journeys import Touch
from perennial_cli.simulation.beliefs import Beliefs
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Record


def journey_is_a_promise(evidence: Evidence) -> Tally:
    """By the version on every record, and by the day on which each touch was planned."""
    tally, begun = Tally(9), dict[str, str]()
    deployed: Mapping[str, str] = {}
    for record in evidence.log.of("committed", "deployed"):
        if record["what"] == "deployed":
            deployed = record["versions"]
            continue
        for enrolment, entry in record["entered"].items():
            tally.check(
                deployed[entry["journey"]] == entry["version"],
                f"{enrolment} began with a version that is not deployed",
                record,
                "beginnings",
            )
            begun.setdefault(enrolment, entry["version"])
        for touch in record["touches"]:
            kept = begun.get(touch["enrolment"]) == touch["version"]
            tally.check(
                kept,
                f"touch {touch['touch']} of {touch['enrolment']} is of another version than its passage",
                record,
                "touches of a version",
            )
    for claim, anchor, days in _reckoned(evidence):
        zone = evidence.by_address[claim["to"]].zone
        after = (claim["due"].astimezone(zone).date() - anchor.astimezone(zone).date()).days
        words = f"{claim['key']} of {claim['journey']} came on day {after}, its version says {days}"
        tally.check(after == days, words, claim, "days after arrival")
    return tally


def _reckoned(evidence: Evidence) -> Iterator[tuple[Record, datetime, int]]:
    """First claims of touches so many days after everything arrived, where nothing of it was sent or paid back."""
    beliefs, seen = Beliefs(evidence), set()
    parcels = _parcels(evidence)
    for claim in beliefs.replay():
        person, is_first, order = evidence.by_address.get(claim["to"]), claim["touch"] not in seen, claim["order"]
        seen.add(claim["touch"])
        if person is None or not is_first or (person.country in ("US", "AU") and person.region is None):
            continue
        days = _days_after_arrival(_step(claim, evidence))
        believed = beliefs.orders[order]
        carried = {name for name in parcels.get(order, ()) if not believed.holds_nothing(name)}
        whole = bool(carried) and set(believed.delivered) == carried and not believed.refunds and not believed.returns
        if days is not None and whole and claim["due"] is not None:
            yield claim, max(believed.delivered.values()), days


def _step(claim: Record, evidence: Evidence) -> Touch:
    named = claim["key"].partition("/")[0]
    return next(step for step in evidence.journeys[claim["version"]].touches if step.touch == named)


def _days_after_arrival(step: Touch) -> int | None:
    moments = step.after.moments
    if len(moments) != 1 or moments[0].anchor not in ("arrived", "order.delivered"):
        return None
    offset = moments[0].offset
    only_days = offset.days > 0 and not offset.months and not offset.minutes
    return offset.days if only_days and step.per is None else None


def _parcels(evidence: Evidence) -> Mapping[str, set[str]]:
    """All the parcels that an order ever had."""
    found: dict[str, set[str]] = {}
    for record in evidence.log.of("applied"):
        event = record["event"]
        if hasattr(event, "parcel"):
            found.setdefault(event.order_id, set()).add(event.parcel.id)
    return found
