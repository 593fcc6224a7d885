"""Why somebody was not written to: the words that a record may give, and the fact that each of them needs.

What is granted: what was said by somebody who was forgotten, or turned out to be two (law 7 has their words); that the
hour was quiet, or that it was too late; and what a journey asks in words that nobody reads here, such as those about
goods, which must be its own all the same.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta

from perennial_cli.simulation.asked import Asked
from perennial_cli.simulation.believed import Believed, promised
from perennial_cli.simulation.refusals import complained, no_channel

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
"""Clocks of workers differ by seconds; and where somebody lives, a day may begin up to a day earlier or later."""

MONTH = 28 * DAY
"""The shortest."""


Fact = Callable[[Asked, re.Match[str]], bool]


def _granted(asked: Asked, found: re.Match[str]) -> bool:
    return True


def _cap(asked: Asked, found: re.Match[str]) -> bool:
    """Claims count, whatever became of them; here also those that were taken back."""
    cap, most, days = asked.beliefs.evidence.store.cap, int(found[1]), int(found[2])
    since = asked.at - timedelta(days=days) - MINUTE
    inside = sum(moment > since for name in asked.names for moment in asked.heard.claims[name].values())
    return days == cap.days and most in (cap.messages, cap.interested) and inside >= most


def _rests(asked: Asked, found: re.Match[str]) -> bool:
    return asked.granted or asked.beliefs.rests_until(asked.record["customer"]) > asked.at - MINUTE


def _resented(asked: Asked, found: re.Match[str]) -> bool:
    return asked.granted or any(order.resented for order in asked.orders)


def _late(asked: Asked, found: re.Match[str]) -> bool:
    """Late is what somebody's promise made so, at the earliest; and nothing is that is all there."""
    order, person = asked.order, asked.person
    if person is None or order.placed_at is None:
        return True
    zone = person.zone
    days = [moment.astimezone(zone).date() for _, moment in order.estimates.values()]
    days.append(promised((order.placed_at - DAY).astimezone(zone).date(), asked.beliefs.evidence.store.promise))
    return min(days) < (asked.at + DAY).astimezone(zone).date() and not _all_there(order)


def _all_there(order: Believed) -> bool:
    """Each piece in a parcel that arrived, of an order of which nothing came back."""
    plain = bool(order.pieces) and not order.returns and not order.refunds
    inside = Counter[str]()
    for parcel in order.delivered:
        inside.update(order.loads.get(parcel, {}))
    return plain and order.loads.keys() <= order.delivered.keys() and Counter(order.pieces) <= inside


def _coming_back(asked: Asked, found: re.Match[str] | None = None) -> bool:
    over = {"ReturnRefunded", "ReturnExchanged", "ReturnClosed"}
    return any(not case.stages & over for case in asked.order.returns.values())


def _is_settled(asked: Asked) -> bool:
    """Of this very return: another of the same order may still be on its way."""
    return bool(asked.order.returns[asked.part].stages & {"ReturnRefunded", "ReturnExchanged"})


def _on_its_way(asked: Asked) -> bool:
    return bool(asked.order.loads or asked.order.heard_of) and not _all_there(asked.order)


def _repaid(asked: Asked, found: re.Match[str] | None = None) -> bool:
    return asked.order_id in asked.heard.repaid


def _stopped(asked: Asked, found: re.Match[str]) -> bool:
    return found[1] in asked.journey.stop and _come(asked, found[1])


def _united(asked: Asked, found: re.Match[str]) -> bool:
    """At some time or other: what follows a merge is handed over bit by bit."""
    evidence = asked.beliefs.evidence
    return evidence.root(asked.record["customer"]) in evidence.merged_into.values()


def _come(asked: Asked, moment: str) -> bool:
    order = asked.order
    come = {"cancelled": order.cancelled, "fully_refunded": _repaid(asked), "refunded": bool(order.refunds)}
    return come[moment.removeprefix("order.")]


def _bought_since(asked: Asked) -> bool:
    since = asked.order.placed_at
    return since is None or any(order.placed_at is not None and order.placed_at > since for order in asked.orders)


def _money_told(asked: Asked) -> bool:
    refund = asked.order.refunds.get(asked.part)
    return _repaid(asked) or refund is None or not refund.amount


WORDS: dict[str, Callable[[Asked], bool]] = {
    "when order.cancelled": lambda asked: not asked.order.cancelled,
    'when parcels|where("delivered_at", none)': lambda asked: asked.part in asked.order.delivered,
    "unless order.cancelled": lambda asked: asked.order.cancelled,
    "unless order.fully_refunded": _repaid,
    "unless order.fully_refunded or (refund.amount and refund.amount.amount == 0)": _money_told,
    "unless order.reviewed": lambda asked: (asked.order_id, "ReviewGiven") in asked.heard.answered,
    "unless customer.ordered_since(order.placed_at)": _bought_since,
    "unless order.score is not none or customer.ordered_since(order.placed_at)": lambda asked: (
        (asked.order_id, "ScoreGiven") in asked.heard.answered or _bought_since(asked)
    ),
    "unless return_case.refunded_at or return_case.exchanged_at": lambda asked: (
        _repaid(asked) or bool(asked.order.refunds) or _is_settled(asked) or not _coming_back(asked)
    ),
    "hold while order.on_its_way": _on_its_way,
    "hold while order.on_its_way or order.being_returned": lambda asked: _on_its_way(asked) or _coming_back(asked),
}
"""Conditions of journeys that can be read here in a line, each as it must be believed for the message not to go."""


def _own_words(asked: Asked, found: re.Match[str]) -> bool:
    """The journey says it, and where it can be told, it is so."""
    word, condition, step = found[1].removeprefix("not "), found[2], asked.step
    own = {"when": step.when, "unless": step.unless, "hold while": step.hold_while}[word]
    read = WORDS.get(f"{word} {condition}")
    return own == condition and (read is None or read(asked))


def _already_sent(asked: Asked, found: re.Match[str]) -> bool:
    """Another journey had the same message for that order."""
    journey, _, key = found[1].partition("/")
    message = asked.step.message
    shared = message in asked.beliefs.evidence.once
    return shared and asked.heard.claimed.get((f"{journey}:{asked.order_id}", key)) == message


def _not_sent(asked: Asked, found: re.Match[str]) -> bool:
    """What it hangs on was not sent, as far as that could be known."""
    return f"touch.{found[1]}.sent" in _anchors(asked) and (asked.touch["enrolment"], found[1]) not in asked.heard.sent


def _not_offered(asked: Asked, found: re.Match[str]) -> bool:
    makers = [step.touch for step in asked.journey.touches if step.offer == found[1]]
    made = any((asked.touch["enrolment"], maker) in asked.heard.sent for maker in makers)
    return any(found[1] in anchor for anchor in _anchors(asked)) and not made


def _anchors(asked: Asked) -> list[str]:
    return [moment.anchor for moment in asked.journey.moments(asked.step)]


def _never_came(asked: Asked, found: re.Match[str]) -> bool:
    """It was waited for as long as the journey says."""
    begun, patience = asked.heard.begun.get(asked.touch["enrolment"]), asked.journey.patience
    waits = patience.days * DAY + patience.months * MONTH + timedelta(minutes=patience.minutes) - DAY
    long_enough = begun is None or asked.at - begun >= waits
    return found[1] == " or ".join(_anchors(asked)) and long_enough


def _parked(asked: Asked, found: re.Match[str]) -> bool:
    """At some time or other: whoever decides may have read it just before it was put back."""
    return asked.beliefs.evidence.root(asked.record["customer"]) in asked.heard.parked


HOLDS: tuple[tuple[str, Fact], ...] = (
    (r"cap: (\d+) in (\d+) days", _cap),
    ("the customer asked for a rest", _rests),
    ("a low score is not settled yet", _resented),
    ("the order is late", _late),
    ("the order is being returned", _coming_back),
    ("(hold while) (.+)", _own_words),
    ("something about this customer is parked", _parked),
    ("two customers are being united|quiet hours|came too late", _granted),
    ("(.+) did not come within .+", _never_came),
)
SKIPS: tuple[tuple[str, Fact], ...] = (
    ("(not when|unless) (.+)", _own_words),
    ("(?:stopped: )?the customer was erased", lambda asked, found: asked.forgotten),
    ("stopped: united with a customer who has been in this journey", _united),
    ("stopped: (.+)", _stopped),
    ("declined by the customer", lambda asked, found: asked.order_id in asked.heard.declined),
    ("the customer complained", lambda asked, found: complained(asked, "", found)),
    ("the order was cancelled", lambda asked, found: asked.order.cancelled),
    ("the order was fully refunded", _repaid),
    ("already sent by (.+)", _already_sent),
    ("the offer (.+) was not made", _not_offered),
    ("(.+) was not sent", _not_sent),
    ("(?:email|text|push): .+", no_channel),
)
FACTS: Mapping[str, tuple[tuple[str, Fact], ...]] = {"skipped": SKIPS, "expired": HOLDS}
"""By how a touch ended; the first words that fit are asked."""
