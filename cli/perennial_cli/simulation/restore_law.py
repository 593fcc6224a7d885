"""What docs/restoring.md promises of a life in which the table was put back once, spelt out here once more.

The other laws are asked as ever, over what the table was told and has not forgotten; here is what a restore excuses,
and what it must not do.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from perennial import events
from perennial.customer import Touch
from perennial_cli.simulation.evidence import Breach, Evidence, Restore, Tally
from perennial_cli.simulation.pages_law import read_token

REASON = "may have gone out before the table was restored"

OF_CLAIMS = (3, 4, 6, 9)
"""Laws about single claims. Those of the lost time were made on what is forgotten now; without a restore they are
checked in every other world.
"""

ANSWERS = (events.ScoreEvent, events.ReturnEvent)
"""By which people themselves begin journeys."""

SLACK = timedelta(seconds=15)


def is_explained(touch: Touch, evidence: Evidence) -> bool:
    """Whether it may truly have gone out in the lost time. With the table as it was only what had a claim is in doubt,
    or what began anew as the shop told again.
    """
    restore = evidence.restore
    if restore is None:
        return False
    if touch.reason != REASON:
        return restore.told and touch.id in _doubted_then(evidence)
    claimed = touch.id in _claimed(evidence, restore)
    planned = touch.due is not None and touch.due <= restore.until
    return claimed or (planned and (not restore.told or touch.enrolment in _begun_since(evidence, restore)))


def _claimed(evidence: Evidence, restore: Restore) -> set[str]:
    return {claim["touch"] for claim in evidence.log.of("claimed") if claim["at"] <= restore.until + SLACK}


def _doubted_then(evidence: Evidence) -> set[str]:
    """Touches of the lost time whose claim met a fault: how they ended is carried over with the table as it was."""
    then = (told for told in evidence.log.of("forgotten: committed") if told["run"] in evidence.faulty_runs)
    return {touch["touch"] for told in then for touch in told["touches"] if touch["state"] == "claimed"}


def _begun_since(evidence: Evidence, restore: Restore) -> set[str]:
    return {name for told in evidence.log.of("committed") if told["at"] >= restore.back_at for name in told["entered"]}


def over_a_restore(tallies: Sequence[Tally], evidence: Evidence) -> list[Tally]:
    restore = evidence.restore
    if restore is None:
        return list(tallies)
    left = [_without_the_excused(tally, evidence, restore) for tally in tallies]
    (stops,) = (tally for tally in left if tally.law == 3)
    _check_pause(evidence, restore, stops)
    return left


def _without_the_excused(tally: Tally, evidence: Evidence, restore: Restore) -> Tally:
    return replace(tally, breaches=[one for one in tally.breaches if not _is_excused(one, evidence, restore)])


def _is_excused(breach: Breach, evidence: Evidence, restore: Restore) -> bool:
    """A claim of the lost time. Without the table as it was: what follows from an answer of the lost time that somebody
    has given anew; the pages of whoever nobody knows any more.
    """
    if breach.at is None:
        return False
    if breach.law == 9 and restore.told and _began_then(breach, evidence):
        return True
    if breach.law in OF_CLAIMS:
        return restore.restored_to <= breach.at <= restore.back_at
    if breach.law == 1 and not restore.told:
        return _is_answered_anew(breach, evidence, restore)
    if breach.law == 2 and breach.words.endswith("was taken and never applied"):
        return restore.restored_to <= breach.at <= restore.back_at and _could_not_be_read(breach, evidence)
    if breach.law == 2 and breach.customer in restore.strangers:
        # Whom a message in a line still names begins anew. Scheduler has freed the names of their schedules by then;
        # its twin never does.
        return breach.words.startswith("a sweep had to put back")
    if breach.law == 10 and not restore.told and breach.at >= restore.back_at:
        return _is_behind_what_is_forgotten(breach, evidence, restore)
    return False


def _is_behind_what_is_forgotten(breach: Breach, evidence: Evidence, restore: Restore) -> bool:
    """A page of somebody whom nobody knows any more, or one but the way out behind a message of the lost time."""
    links = [read_token(visit["token"]) for visit in evidence.log.of("visit") if visit["at"] == breach.at]
    first, last = restore.restored_to.date(), restore.until.date()
    lost = breach.words.startswith("page ") and any(first <= link["issued"] <= last for link in links)
    return lost or any(link["customer"] in restore.strangers for link in links)


def _began_then(breach: Breach, evidence: Evidence) -> bool:
    """A passage of the lost time that was carried over, under the version that it began with then."""
    begun = {
        (passage, entry["version"])
        for told in evidence.log.of("forgotten: committed")
        for passage, entry in told["entered"].items()
    }
    records = (record for told in evidence.log.of("committed") if told["at"] == breach.at for record in told["touches"])
    return any(one["touch"] in breach.words and (one["enrolment"], one["version"]) in begun for one in records)


def _could_not_be_read(breach: Breach, evidence: Evidence) -> bool:
    """It was parked, which is forgotten; told again, it came whole."""
    brought = (told for told in evidence.log.of("webhook") if told["at"] == breach.at and told["status"] == 200)
    return any(told["told"]["event_type"] == "unreadable" for told in brought)


def _is_answered_anew(breach: Breach, evidence: Evidence, restore: Restore) -> bool:
    """Whether the passage of the second message began with something that was said after the lost time."""
    taken = next((one for one in evidence.log.of("accepted") if one["at"] == breach.at), None)
    claim = next((one for one in evidence.log.of("claimed") if taken and one["run"] == taken["run"]), None)
    if claim is None or claim["at"] < restore.back_at:
        return False
    passage = f"{claim['journey']}:{claim['order']}"
    began = [told["run"] for told in evidence.log.of("committed") if passage in told["entered"]]
    said = (told["event"] for told in evidence.log.of("applied") if told["run"] in began)
    return any(event.happened_at > restore.until and isinstance(event, ANSWERS) for event in said)


def _check_pause(evidence: Evidence, restore: Restore, tally: Tally) -> None:
    """Everything has waited until somebody let it go: neither who left nor what went out was known before."""
    for claim in evidence.log.of("claimed"):
        if claim["at"] <= restore.back_at:
            continue
        held = restore.resumed_at is None or claim["at"] < restore.resumed_at - SLACK
        tally.check(not held, f"{claim['class']} {claim['message']} before the lost time was told again", claim)
