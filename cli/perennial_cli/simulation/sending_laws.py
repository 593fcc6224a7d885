"""Laws 1, 3, 4, 5 and 6: what may be sent to whom, when and how often, checked over claims and what providers took."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from perennial_cli.simulation.beliefs import Beliefs
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Record

GRACE = timedelta(minutes=15)
SLACK = timedelta(seconds=15)
"""Clocks of workers differ by a few seconds, and a claim holds for ten."""


def no_second_copy(evidence: Evidence) -> Tally:
    """Law 1."""
    tally = Tally(1)
    claims = {(record["run"], record["touch"]) for record in evidence.log.of("claimed")}
    reported = {
        record["provider_id"]: record["at"]
        for record in evidence.log.of("report")
        if record["told"]["outcome"] != "waiting"
    }
    copies: dict[str, list[Record]] = defaultdict(list)
    for record in evidence.log.of("accepted"):
        tally.check(
            (record["run"], record["touch"]) in claims, f"touch {record['touch']} went out without its claim", record
        )
        copies[record["touch"]].append(record)
    for touch, taken in copies.items():
        words = f"touch {touch} was accepted {len(taken)} times"
        kind = "messages" if len(taken) == 1 else "stated exceptions"
        tally.check(len(taken) == 1 or _excused(taken, reported, evidence), words, taken[-1], kind)
    return tally


def _excused(taken: list[Record], reported: dict[str, datetime], evidence: Evidence) -> bool:
    """The one stated exception: an email the customer needs, in doubt for longer than its grace, and no receipt."""
    first, second = taken[0], taken[-1]
    needed = (first["class"], first["channel"]) == ("transactional", "email")
    known = reported.get(first["provider_id"])
    in_doubt = first["run"] in evidence.faulty_runs and second["at"] - first["at"] >= GRACE - SLACK
    return len(taken) == 2 and needed and in_doubt and (known is None or known > second["at"] - SLACK)


def stop_means_stop(evidence: Evidence) -> Tally:
    """Law 3."""
    tally, beliefs = Tally(3), Beliefs(evidence)
    for claim in beliefs.replay():
        what = f"{claim['class']} {claim['channel']} {claim['message']}"
        if claim["to_store"]:
            continue
        whole = beliefs.everybody(claim["customer"])
        tally.check(whole.isdisjoint(beliefs.erased), f"{what} to somebody erased", claim)
        tally.check(
            claim["to"] not in beliefs.dead,
            f"{what} to a dead address",
            claim,
            f"claims of {claim['class']} by {claim['channel']}",
        )
        tally.check(not beliefs.declined(claim), f"{what} that they had skipped", claim)
        if claim["class"] == "transactional":
            continue
        rests = beliefs.rests_until(claim["customer"]) > claim["at"]
        tally.check(not rests, f"{what} while they rest", claim)
        waits = any(beliefs.parked[name] for name in whole)
        tally.check(not waits, f"{what} while something of the customer is parked", claim)
        said = beliefs.word(claim["customer"], claim["channel"], claim["class"])
        tally.check(
            said[1] not in ("withdrawn", "pending"),
            f"{what} although consent was {said[1]}",
            claim,
            f"claims where consent is {said[1]}",
        )
        stands = beliefs.complaint_stands(claim["customer"], claim["channel"], claim["class"])
        tally.check(not stands, f"{what} after a complaint", claim)
        if claim["channel"] != "email":
            tally.check(said[1] == "given", f"{what} that nobody agreed to", claim)
    return tally


def cap_holds(evidence: Evidence) -> Tally:
    """Law 4: in every rolling window, by what providers took; and nothing goes out when its use is over."""
    tally, beliefs, cap = Tally(4), Beliefs(evidence), evidence.store.cap
    taken = Counter((record["run"], record["touch"]) for record in evidence.log.of("accepted"))
    window = timedelta(days=cap.days)
    sent: dict[str, list[datetime]] = defaultdict(list)
    for claim in beliefs.replay():
        if claim["to_store"]:
            continue
        tally.check(
            claim["due"] is None or claim["at"] <= claim["due"] + _use_of(claim, evidence),
            f"{claim['message']} after its use",
            claim,
        )
        if claim["class"] == "transactional" or not taken[claim["run"], claim["touch"]]:
            continue
        sent[claim["customer"]].append(claim["at"])
        moments = (moment for name in beliefs.everybody(claim["customer"]) for moment in sent[name])
        inside = [moment for moment in moments if moment > claim["at"] - window + SLACK]
        most = cap.interested if cap.interested and _interested(beliefs, claim) else cap.messages
        tally.check(
            len(inside) <= most,
            f"{len(inside)} messages in {cap.days} days, {most} allowed",
            claim,
            "windows",
        )
    for customer, records in evidence.touches.items():
        for touch in records.values():
            stuck = touch.state in ("claimed", "released") and touch.at < evidence.ends - timedelta(days=15)
            tally.check(not stuck, f"touch {touch.id} waits for ever", {"customer": customer, "at": touch.at})
    return tally


def _interested(beliefs: Beliefs, claim: Record) -> bool:
    since = claim["at"] - timedelta(days=30) - SLACK
    whole = beliefs.everybody(claim["customer"])
    clicked = max((beliefs.clicked[name] for name in whole if name in beliefs.clicked), default=None)
    orders = [beliefs.orders[order] for name in whole for order in beliefs.orders_of[name]]
    placed = [order.placed_at for order in orders if order.placed_at is not None and not order.cancelled]
    came_back = len(placed) > 1 and max(placed) > since
    return came_back or (clicked is not None and clicked > since)


USES = {"transactional": 3, "feedback": 14, "marketing": 10}
"""Days after which a message is of no use, where its journey does not say."""


def _use_of(claim: Record, evidence: Evidence) -> timedelta:
    step = next(
        step for step in evidence.journeys[claim["version"]].touches if step.touch == claim["key"].partition("/")[0]
    )
    said = step.within or step.expires
    if said is None:
        return timedelta(days=USES[claim["class"]], hours=1)
    # An hour more, since a local day may have 25 of them.
    return timedelta(days=said.days + 31 * said.months, minutes=said.minutes, hours=1)


def local_time_is_local(evidence: Evidence) -> Tally:
    """Law 5, on the clock that truly hangs on the recipient's wall."""
    tally = Tally(5)
    quiet_hours = evidence.store.quiet_hours
    for record in evidence.log.of("accepted"):
        person = evidence.by_address.get(record["to"])
        if person is None or (record["class"], record["channel"]) == ("transactional", "email"):
            continue
        opens, closes = getattr(quiet_hours, record["channel"])
        clocks = [(record["at"] + slip).astimezone(person.zone).time() for slip in (SLACK, -SLACK)]
        awake = any(opens <= clock and (clock < closes or closes == time(0)) for clock in clocks)
        tally.check(
            awake, f"{record['channel']} at {clocks[0]:%H:%M} in {person.zone}", record, f"hours of {record['channel']}"
        )
    for claim in _on_the_clock(evidence):
        person = evidence.by_address[claim["to"]]
        hour = claim["due"].astimezone(person.zone).time()
        tally.check(
            hour == evidence.store.send_hour,
            f"{claim['message']} planned for {hour:%H:%M} in {person.zone}",
            claim,
            "hours by the day",
        )
    return tally


def _on_the_clock(evidence: Evidence) -> Iterator[Record]:
    """First claims of touches that are reckoned in days, to people whose address has one clock only."""
    seen = set()
    for claim in evidence.log.of("claimed"):
        person, is_first = evidence.by_address.get(claim["to"]), claim["touch"] not in seen
        seen.add(claim["touch"])
        if person is None or not is_first or (person.country in ("US", "AU") and person.region is None):
            continue
        journey, name = evidence.journeys[claim["version"]], claim["key"].partition("/")[0]
        step = next(step for step in journey.touches if step.touch == name)
        by_days = all(moment.offset.days or moment.offset.months for moment in step.after.moments)
        if by_days and step.at is None and step.not_before is None and claim["due"] is not None:
            yield claim


def truth_at_sending(evidence: Evidence) -> Tally:
    """Law 6. *Late* is by what carriers promised, and where they did not, by the store's own promise."""
    tally, beliefs = Tally(6), Beliefs(evidence)
    for claim in beliefs.replay():
        order, what = beliefs.orders[claim["order"]], f"{claim['class']} {claim['message']}"
        carried = not order.holds_nothing(claim["key"].partition("/")[2])
        tally.check(carried, f"{what} about a parcel of what nobody carries", claim, "what is in a parcel")
        if claim["class"] == "transactional":
            continue
        person = evidence.by_address.get(claim["to"])
        tally.check(not order.cancelled, f"{what} for a cancelled order", claim)
        tally.check(not order.paid_back, f"{what} for an order that was paid back", claim)
        tally.check(not order.coming_back, f"{what} for an order that is being returned", claim)
        theirs = (order for name in beliefs.everybody(claim["customer"]) for order in beliefs.orders_of[name])
        resented = any(beliefs.orders[order].resented for order in theirs)
        tally.check(not resented, f"{what} to a detractor", claim)
        if person is not None:
            today = (claim["at"] - timedelta(days=1)).astimezone(person.zone).date()
            tally.check(not order.overdue(today, person.zone), f"{what} for a late order", claim, "days of carriers")
            late = order.late(today, person.zone, evidence.store.promise)
            tally.check(
                not late, f"{what} for an order that is late by the store's own promise", claim, "days promised"
            )
    return tally
