"""Two customers who turn out to be one person: who stays, and what the two profiles say together. Pure.

What either of them said or suffered counts for both: the strictest word about being written to, every dead address,
complaint and low score, and the messages of both under one cap. Which of two profiles is called the winner changes
nothing of that (tests/unit/core/test_uniting.py); docs/reliability.md, "Two customers who are one".
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from perennial import consent, ledger
from perennial.customer import LATEST_ORDERS, Consent, Customer, Device, Profile
from perennial.hearing import LONG_AGO, REST
from perennial.merging import newest

T = TypeVar("T")

MOST_MERGED = 6
"""Customers whom one person may have been before. An id under which more people turn up stands for many, such as a till
or a shared account; nobody's letters go astray if the next one stays apart."""

UNITED = "united"
"""The source of a word that is dated by a merge and not by anybody's saying it."""


def winner_of(one: Customer, other: Customer) -> tuple[Customer, Customer]:
    """The winner and the loser: whoever is not free to go stays, else the one with the longer history."""
    first, second = sorted((one, other), key=lambda held: (free(held), -held.profile.version, held.profile.customer))
    return first, second


def free(customer: Customer) -> bool:
    """Whether somebody may leave: no call to a provider is open under their name, and nothing of theirs is parked."""
    return not customer.profile.claims and not customer.parked


def too_many(one: Profile, other: Profile) -> bool:
    return len(one.merged) + len(other.merged) >= MOST_MERGED


def united(winner: Profile, loser: Profile) -> Profile:
    """What is known of the person, and what must be known before anything is sent, from both. Keys, wake and version
    are the winner's.
    """
    winner, loser = _with_numbers(winner), _with_numbers(loser)
    contact, stamps = _contact(winner, loser)
    consents = _both(winner.consents, loser.consents, _strictest)
    rests_until, stamps = _rest(winner, loser, stamps)
    return replace(
        winner,
        contact=contact,
        stamps=stamps,
        consents=consents,
        heard=_heard(winner, loser, consents),
        dead=_both(winner.dead, loser.dead, min),
        devices=_both(winner.devices, loser.devices, _device),
        recent=tuple(sorted((*winner.recent, *loser.recent))),
        latest_orders=_latest_orders(winner, loser),
        orders=winner.orders + loser.orders,
        clicked_at=_later(winner.clicked_at, loser.clicked_at),
        complained_at=_later(winner.complained_at, loser.complained_at),
        rests_until=rests_until,
        detracted=_both(winner.detracted, loser.detracted, min),
        once=tuple(sorted({*winner.once, *loser.once})),
        suppressed=_both(winner.suppressed, loser.suppressed, max),
        reborn_at=_later(winner.reborn_at, loser.reborn_at),
        aliases=tuple(sorted({*winner.aliases, *loser.aliases})),
        merged=tuple(dict.fromkeys((loser.customer, *loser.merged, *winner.merged))),
        moving=tuple(dict.fromkeys((loser.customer, *loser.moving, *winner.moving))),
        same_as=_others(winner, loser),
    )


def _with_numbers(profile: Profile) -> Profile:
    """A yes to texts without a number was for this half's own, and not for whichever one both will have."""
    own = profile.contact.phone
    named = {
        topic: replace(said, number=own)
        for topic, said in profile.consents.items()
        if own and topic.startswith("text:") and said.state in ("given", "pending") and said.number is None
    }
    return replace(profile, consents={**profile.consents, **named}) if named else profile


def _others(winner: Profile, loser: Profile) -> Mapping[str, datetime]:
    """Who else either of them is, and cannot be united with yet."""
    mine = {winner.customer, loser.customer}
    return {who: at for who, at in {**loser.same_as, **winner.same_as}.items() if who not in mine}


def _contact(winner: Profile, loser: Profile) -> tuple[Any, Mapping[str, datetime]]:
    """Field by field, as if one had heard it all."""
    contact, stamps = winner.contact, winner.stamps
    for name in sorted(loser.contact.model_fields_set & loser.stamps.keys()):
        contact, stamps = newest(contact, stamps, {name: getattr(loser.contact, name)}, loser.stamps[name])
    return contact, stamps


def _rest(
    winner: Profile, loser: Profile, stamps: Mapping[str, datetime]
) -> tuple[datetime | None, Mapping[str, datetime]]:
    """The newest word; of two at one moment the one that asks for more rest."""
    words = [(told.stamps[REST], told.rests_until or LONG_AGO) for told in (winner, loser) if REST in told.stamps]
    if not words:
        return None, stamps
    at, until = max(words)
    return (None if until == LONG_AGO else until), {**stamps, REST: at}


def _strictest(one: Consent, other: Consent) -> Consent:
    """The stricter word, dated by the newer one: what it outweighed must not come back when it is told again, and what
    the person says from now on does count.
    """
    stricter, laxer = sorted((one, other), key=_strictness, reverse=True)
    if laxer.at <= stricter.at or not _weighs(laxer) or laxer.level == consent.BOX:
        return stricter
    return Consent(stricter.state, laxer.at, UNITED)


def _strictness(said: Consent) -> tuple[bool, int, bool, datetime, str]:
    told = f"{said.source}|{said.level}|{said.wording}|{said.evidence}|{said.number}"
    proof = "" if said.source == UNITED else told
    return (_weighs(said), consent.STRICTNESS.index(said.state), said.level != consent.BOX, said.at, proof)


def _weighs(said: Consent) -> bool:
    return consent.says_something(said)


def _heard(winner: Profile, loser: Profile, counting: Mapping[str, Consent]) -> tuple[str, ...]:
    """With the words that the other half outweighs."""
    words = [(topic, said) for profile in (winner, loser) for topic, said in profile.consents.items()]
    outweighed = {ledger.mark(topic, said) for topic, said in words if counting[topic] != said}
    return ledger.remember((*winner.heard, *loser.heard), outweighed)


def _device(one: Device, other: Device) -> Device:
    registered_at, platform = max((held.registered_at, held.platform) for held in (one, other))
    return Device(platform, registered_at, _later(one.removed_at, other.removed_at))


def _latest_orders(winner: Profile, loser: Profile) -> tuple[Any, ...]:
    marks = {mark.id: mark for mark in (*loser.latest_orders, *winner.latest_orders)}
    newest_first = sorted(marks.values(), key=lambda mark: (mark.placed_at, mark.id), reverse=True)
    return tuple(newest_first[:LATEST_ORDERS])


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)


def _both(one: Mapping[str, T], other: Mapping[str, T], choose: Callable[[T, T], T]) -> Mapping[str, T]:
    """Every key of either; where both have it, the choice."""
    alone = {**one, **other}
    return alone | {key: choose(one[key], other[key]) for key in one.keys() & other.keys()}


LOOK_AGAIN = timedelta(hours=6)
"""How long until it is tried again to unite with somebody of whom something is parked."""


def look_again(loser: Customer, now: datetime) -> datetime:
    """When somebody who is not free to go may be: once their last call to a provider is past its grace."""
    graces = [mark.grace_until + timedelta(minutes=1) for mark in loser.profile.claims.values()]
    return now + LOOK_AGAIN if loser.parked else max([now + timedelta(minutes=1), *graces])
