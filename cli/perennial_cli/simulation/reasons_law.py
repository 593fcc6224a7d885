"""Law 2, who was not written to: whatever was skipped or expired says why, in words of a closed list, and it is true.

The laws of gates forbid sending, so that an engine which sends nothing offends none of them. Here each reason is asked
for its fact, at the moment of the commit that ended the touch. Only what can be told for sure is asked (reasons.py); a
reason that nobody has thought of is a breach until somebody has.
"""

import re

from perennial_cli.simulation.asked import Asked, Heard
from perennial_cli.simulation.beliefs import Beliefs
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Record
from perennial_cli.simulation.reasons import FACTS
from perennial_cli.simulation.words_law import step_of

TOGETHER = "told together with "


def reasons_are_true(evidence: Evidence, tally: Tally) -> None:
    beliefs, heard = Beliefs(evidence), Heard.of(evidence)
    for record in beliefs.replay("applied", "claimed", "committed"):
        heard.note(record, beliefs)
        if record["what"] == "claimed":
            _check_money(record, evidence, heard, tally)
        for touch in record["touches"] if record["what"] == "committed" else ():
            if touch["state"] in ("skipped", "expired"):
                _check_reason(touch, record, beliefs, heard, tally)
    _check_joined(evidence, heard, tally)


def _check_reason(touch: Record, record: Record, beliefs: Beliefs, heard: Heard, tally: Tally) -> None:
    asked = Asked(touch, record, beliefs, heard)
    name, reason = f"{touch['key']} of {touch['enrolment']}", asked.reason
    known = [(found, holds) for words, holds in FACTS[touch["state"]] if (found := re.fullmatch(words, reason))]
    tally.check(bool(known), f"{name} {touch['state']}, and nobody knows why: {reason!r}", record)
    for found, holds in known[:1]:
        tally.check(holds(asked, found), f"{name} {touch['state']}: {reason!r}, which is not so", record)


def _check_money(claim: Record, evidence: Evidence, heard: Heard, tally: Tally) -> None:
    """That all of the money is back is said when it is."""
    journey, step = step_of(claim, evidence)
    if {moment.anchor for moment in journey.moments(step)} == {"order.fully_refunded"}:
        tally.check(claim["order"] in heard.repaid, f"{claim['key']} of an order that was not paid back", claim)


def _check_joined(evidence: Evidence, heard: Heard, tally: Tally) -> None:
    """What another message is said to have told was claimed with it, by a step that tells of several at once."""
    for customer, records in evidence.touches.items():
        for touch in records.values():
            if touch.state != "skipped" or not (touch.reason or "").startswith(TOGETHER):
                continue
            journey, named = evidence.journeys[touch.version], touch.key.partition("/")[0]
            joins = any(step.touch == named and step.join is not None for step in journey.touches)
            both = {touch.key, (touch.reason or "").removeprefix(TOGETHER)}
            claimed = any(both <= keys for keys in heard.together[touch.enrolment])
            told = {"customer": customer, "at": touch.at}
            tally.check(joins and claimed, f"{touch.key} of {touch.enrolment} was not {touch.reason}", told)
