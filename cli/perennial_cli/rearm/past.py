"""What the table as it was knows of the lost time, told to the customer as restored. Pure.

Only what no shop tells again: what went out, and what people said to us and to providers. Whatever a webhook brought
comes by the webhook once more. Where both know something, the newer word counts, and of two stops the stricter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar, cast

from perennial import consent
from perennial.customer import Claim, Customer, Enrolment, Profile, Progress, Touch, touch_id
from perennial.events import Channel
from perennial.ledger import Entry
from perennial.lost import REASON
from perennial.orders import Order
from perennial.receipts import Receipts

T = TypeVar("T")

TOGETHER = "told together with "
"""How the reason of a touch begins that another one's message spoke for (settling.py)."""

UNDER_WAY = timedelta(minutes=15)
"""A record says when its run began, by the clock of whoever ran it; the commit came later, so that the restore may have
missed it. What the restored table does know is told to it once more, which changes nothing.
"""


@dataclass(frozen=True, slots=True)
class Past:
    """One customer as they were, with the records of their touches and their words about consent."""

    customer: Customer
    touches: tuple[Touch, ...]
    words: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Carried:
    """The customer as restored, and what the table as it was adds; `touches` and `words` are to be written beside."""

    customer: Customer
    touches: tuple[Touch, ...] = ()
    words: tuple[Entry, ...] = ()


def carry(customer: Customer, past: Past, restored_to: datetime) -> Carried:
    since = restored_to - UNDER_WAY
    touches = tuple(_as_known(touch) for touch in past.touches if touch.at > since and _may_be_out(touch))
    words = tuple(entry for entry in past.words if entry.heard_at > since)
    begun = {**_begun_since(customer, past.customer, touches), **customer.enrolments}
    enrolments = {name: _passage(held, touches, past.customer) for name, held in begun.items()}
    orders = {
        name: _entered(_order(order, past.customer.orders.get(name)), touches)
        for name, order in customer.orders.items()
    }
    profile = _profile(customer.profile, past.customer.profile, touches)
    return Carried(replace(customer, profile=profile, enrolments=enrolments, orders=orders), touches, words)


def _may_be_out(touch: Touch) -> bool:
    together = touch.state == "skipped" and (touch.reason or "").startswith(TOGETHER)
    return together or touch.state in ("claimed", "sent", "unconfirmed")


def _as_known(touch: Touch) -> Touch:
    """What was in doubt stays so for good: its answer is lost. Receipts are written beside a record, never with it."""
    bare = replace(touch, receipts=Receipts())
    return replace(bare, state="unconfirmed", reason=REASON) if touch.state == "claimed" else bare


def _passage(held: Enrolment, touches: Iterable[Touch], then: Customer) -> Enrolment:
    told = {touch.key: Progress(touch.state, touch.at) for touch in touches if touch.enrolment == held.id}
    was = then.enrolments.get(held.id, held)
    wishes = {name: max(pairs) for name, pairs in _both(held.wishes, was.wishes).items()}
    after = replace(held, touches={**held.touches, **told}, offers={**was.offers, **held.offers}, wishes=wishes)
    return held if after == held else after  # what is as it was takes no write


def _begun_since(customer: Customer, then: Customer, touches: Iterable[Touch]) -> dict[str, Enrolment]:
    """Passages that somebody's answer began in the lost time, say, and of which something is out: they go on."""
    out = {touch.enrolment for touch in touches}
    return {name: held for name, held in then.enrolments.items() if name in out and held.order_id in customer.orders}


def _entered(order: Order, touches: Iterable[Touch]) -> Order:
    """Nor does a journey begin anew of which something is out."""
    out, known = {touch.journey for touch in touches if touch.order_id == order.id}, {*order.entered}
    return replace(order, entered=(*order.entered, *sorted(out - known))) if out - known else order


def _both(held: Mapping[str, T], then: Mapping[str, T]) -> dict[str, list[T]]:
    return {name: [said[name] for said in (held, then) if name in said] for name in {**held, **then}}


def _order(order: Order, then: Order | None) -> Order:
    """What its buyer answered on our pages, and which message it has had that goes once."""
    if then is None:
        return order
    after = replace(
        order,
        sent={**then.sent, **order.sent},
        reviews={**order.reviews, **then.reviews},
        score=then.score or order.score,
        returns={**order.returns, **then.returns},
    )
    return order if after == order else after


def _profile(profile: Profile, then: Profile, touches: Iterable[Touch]) -> Profile:
    told = {touch.id for touch in touches}
    consents = profile.consents
    for topic, said in then.consents.items():
        channel, _, class_ = topic.partition(":")
        consents = consent.record(consents, cast("Channel", channel), class_, said)
    return replace(
        profile,
        consents=consents,
        dead={**profile.dead, **then.dead},
        detracted={**profile.detracted, **then.detracted},
        suppressed={**profile.suppressed, **then.suppressed},
        complained_at=_later(profile.complained_at, then.complained_at),
        rests_until=_later(profile.rests_until, then.rests_until),
        clicked_at=_later(profile.clicked_at, then.clicked_at),
        erased_at=_later(profile.erased_at, then.erased_at),
        recent=tuple(sorted({*profile.recent, *then.recent})),
        claims={name: mark for name, mark in profile.claims.items() if not told & set(_names(mark, profile.store))},
    )


def _names(mark: Claim, store: str) -> Iterable[str]:
    return (touch_id(store, mark.enrolment, key) for key in (mark.key, *mark.others))


def _later(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)
