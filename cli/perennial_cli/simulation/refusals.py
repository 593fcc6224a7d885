"""Why no channel was left: the words that a record may give for each, and the fact that each of them needs.

Nothing is asked of devices, of numbers and of several clocks; and nothing of consent where a store asks twice.
"""

import re
from collections.abc import Callable

from perennial_cli.simulation.asked import Asked

CHANNELS = ("email", "text", "push")


def no_channel(asked: Asked, found: re.Match[str]) -> bool:
    """No channel at all: each of them for a reason of its own."""
    told = [part.partition(": ") for part in asked.reason.split("; ")]
    return all(channel in CHANNELS and _refused(asked, channel, why) for channel, _, why in told)


def _refused(asked: Asked, channel: str, why: str) -> bool:
    known = [(match, holds) for words, holds in REFUSALS if (match := re.fullmatch(words, why))]
    return any(holds(asked, channel, match) for match, holds in known[:1])


def _said(asked: Asked, channel: str, found: re.Match[str]) -> bool:
    class_ = asked.heard.classes.get(asked.touch["touch"])
    if class_ is None or asked.granted or asked.beliefs.evidence.store.consent.double_opt_in:
        return True
    return class_ != "transactional" and asked.beliefs.word(asked.record["customer"], channel, class_)[1] == found[1]


def _unsaid(asked: Asked, channel: str, found: re.Match[str]) -> bool:
    """Where nobody has to agree is the law's to say; whoever did agree has."""
    class_ = asked.heard.classes.get(asked.touch["touch"])
    if class_ is None or asked.granted:
        return True
    return class_ != "transactional" and asked.beliefs.word(asked.record["customer"], channel, class_)[1] != "given"


def complained(asked: Asked, channel: str, found: re.Match[str]) -> bool:
    class_ = asked.heard.classes.get(asked.touch["touch"], "feedback")
    if class_ == "transactional":
        return False
    customer = asked.record["customer"]
    return asked.granted or any(asked.beliefs.complaint_stands(customer, name, class_) for name in CHANNELS)


def _left(asked: Asked, channel: str, found: re.Match[str]) -> bool:
    return asked.person is None or asked.forgotten


def _dead(asked: Asked, channel: str, found: re.Match[str]) -> bool:
    person = asked.person
    if person is None:
        return True
    mine = {"email": person.emails, "text": person.phones, "push": (person.device,)}[channel]
    return not asked.beliefs.dead.isdisjoint(mine)


def _unknown(asked: Asked, channel: str, found: re.Match[str]) -> bool:
    return asked.granted or asked.person is None


REFUSALS: tuple[tuple[str, Callable[[Asked, str, re.Match[str]], bool]], ...] = (
    ("consent (withdrawn|pending)", _said),
    ("no consent", _unsaid),
    ("the customer complained", complained),
    ("they had themselves erased, and asked for nothing since", _left),
    ("dead address: .*", _dead),
    ("no usable email address", _unknown),
    ("no usable phone number, or the store sends no texts|no device", lambda *told: True),
    ("no hour is legal in every time zone the customer may be in", lambda *told: True),
)
