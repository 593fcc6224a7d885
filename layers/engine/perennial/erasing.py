"""Erasure, as steps of a decision: first nothing more goes out, then everything personal goes, last the person.

An erasure is larger than one transaction, so it takes several, each of which can be the last one before a crash: the
first one sets `erased_at`, from which on no claim passes (law 3); steps then empty orders and stop journeys, a few at a
time; what lies behind the live items is emptied by the use case (forgetting.py); the last step forgets the person. All
of it can be done again, and changes nothing when it is done.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from perennial import consent, events
from perennial.books import bare_order, bare_profile
from perennial.customer import Customer
from perennial.draft import Draft
from perennial.enrolling import stop
from perennial.events import Channel
from perennial.suppression import Remembered

ERASED = "the customer was erased"

TOPICS = tuple(f"{channel}:{class_}" for channel in get_args(Channel) for class_ in consent.SPOKEN_OF)
"""Whatever needs leave."""

MOST_ORDERS, MOST_JOURNEYS = 15, 5
"""Done in one step: with the touches that end by it, well below the hundred writes of a transaction."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done next: to `empty` some of the orders and journeys, to `rest` until another run goes on from
    this place with this request, or to `forget` the person.
    """

    to: Literal["empty", "rest", "forget"]
    request: str = ""
    place: tuple[str, str] = ("", "")


def hear_erasure(draft: Draft, event: events.PrivacyEvent) -> None:
    """From here on nothing goes out. A request that an earlier life of this person has met already is not for this one.

    `erased_at` is when it is done, not when it was asked for: all that is held is erased, whenever it came.
    """
    reborn_at = draft.profile.reborn_at
    answered = reborn_at is not None and event.happened_at <= reborn_at
    if event.type == "ErasureRequested" and draft.profile.erased_at is None and not answered:
        draft.change(erased_at=max(draft.setting.now, event.happened_at))


def take(draft: Draft, step: Step) -> None:
    if draft.profile.erased_at is None:
        return
    if step.to == "forget":
        others = {name: place for name, place in draft.profile.erasing.items() if name != step.request}
        draft.change_to(replace(bare_profile(draft.profile), erasing=others))
        return
    if step.to == "rest":
        draft.change(erasing={**draft.profile.erasing, step.request: step.place})
        return
    dressed = [order for order in draft.orders.values() if bare_order(order) is not order]
    for order in dressed[:MOST_ORDERS]:
        draft.orders[order.id] = bare_order(order)
    going_on = [enrolment for enrolment in draft.enrolments.values() if enrolment.stopped is None]
    for enrolment in going_on[:MOST_JOURNEYS]:
        stop(draft, enrolment, ERASED)


def unfinished(customer: Customer) -> bool:
    """Whether there is anything left to empty. A passage whose last message is in doubt ends when its doubt does."""
    in_doubt = {mark.enrolment for mark in customer.profile.claims.values()}
    dressed = any(bare_order(order) is not order for order in customer.orders.values())
    return dressed or bool(customer.enrolments.keys() - in_doubt)


def recall(draft: Draft, told: Remembered) -> None:
    """Somebody who left is back, under an address that tells it: only their own word opens it again."""
    left, profile = told.left, draft.profile
    known = profile.reborn_at is not None and left.at <= profile.reborn_at
    shut = () if known else (topic for topic in TOPICS if not consent.lifts(profile.consents.get(topic), left.at))
    complaints = [at for at in (profile.complained_at, left.complained_at) if at is not None]
    dead = {told.alias.value: left.dead} if left.dead else {}
    draft.change(
        suppressed={**profile.suppressed, **dict.fromkeys(shut, left.at)},
        complained_at=max(complaints, default=None),
        dead={**profile.dead, **dead},
        reborn_at=max(left.at, profile.reborn_at or left.at),
    )
