"""A claim: the committed intent to send one touch, what it promises, and taking it back when nothing was sent."""

from dataclasses import replace
from datetime import datetime, timedelta

from perennial.customer import Claim, Progress, touch_key
from perennial.draft import Draft, Send
from perennial.gates import Go
from perennial.offering import make_offer
from perennial.planning import Planned, taker
from perennial.scenes import scene_of

GRACE = timedelta(minutes=15)
"""How long a claim without an answer waits for a receipt, before law 1 decides."""


def claim(draft: Draft, planned: Planned, go: Go) -> None:
    """Commits to sending one touch; from here on, only the holder of the nonce may call the provider."""
    setting = draft.setting
    held = planned.progress or Progress("released", setting.now)
    record = replace(
        draft.record(planned, "claimed", planned.key),
        channel=go.channel,
        to=_whereto(planned, go),
        nonce=setting.nonce,
        tries=held.doubts + 1,
    )
    others = tuple(touch_key(planned.step.touch, part) for part in planned.parts[1:])
    mark = Claim(
        enrolment=planned.enrolment.id,
        key=planned.key,
        nonce=setting.nonce,
        at=setting.now,
        grace_until=setting.now + GRACE,
        channel=go.channel,
        class_=planned.class_,
        tries=held.doubts + 1,
        others=others,
        offer=promise(draft, planned),
    )
    draft.change(claims={**draft.profile.claims, record.id: mark})
    if planned.class_ != "transactional":
        draft.change(recent=(*_still_counting(draft), setting.now))
    for key in (planned.key, *others):
        draft.progress(planned.enrolment.id, key, replace(held, state="claimed", at=setting.now, until=None))
    for told in (record, *(draft.record(planned, "claimed", key) for key in others)):
        draft.touches[told.id] = told
    draft.send = Send(record, planned, go)


def _whereto(planned: Planned, go: Go) -> str | None:
    """Kept where the message has links by which somebody may answer for that address."""
    return go.address if planned.message.to == "customer" and go.channel != "push" else None


def keep_promises(draft: Draft, planned: Planned) -> None:
    """What a touch that may have gone out has promised, and its place under the cap as if it had gone out just now."""
    promise(draft, planned)
    if planned.class_ != "transactional":
        draft.change(recent=(*_still_counting(draft), draft.setting.now))


def _still_counting(draft: Draft) -> tuple[datetime, ...]:
    """Claims that can count in some window from now on."""
    oldest = draft.setting.now - timedelta(days=draft.setting.store.cap.days)
    return tuple(moment for moment in draft.profile.recent if moment > oldest)


def promise(draft: Draft, planned: Planned) -> str | None:
    """What the message gives away for good: its place as the order's only one, and the terms of the offer it makes."""
    order = draft.orders[planned.enrolment.order_id]
    if planned.message.one_per is not None:
        draft.orders[order.id] = replace(order, sent={**order.sent, planned.message.message: planned.taker})
    name = planned.step.offer
    if name is None or name in planned.enrolment.offers:
        return None
    made = make_offer(name, scene_of(draft.freeze(), order, draft.setting))
    if made is None:
        return None
    enrolment = draft.enrolments[planned.enrolment.id]
    draft.enrolments[enrolment.id] = replace(enrolment, offers={**enrolment.offers, name: made})
    return name


def take_back(draft: Draft, mark: Claim) -> None:
    """Nothing was sent: the cap has its place again, the order its message, and the offer was never made.

    After an earlier try that nobody knows the end of, all that stays promised.
    """
    if mark.tries > 1:
        return
    if mark.class_ != "transactional":
        draft.change(recent=_without(draft.profile.recent, mark.at))
    enrolment = draft.enrolments.get(mark.enrolment)
    if enrolment is None:
        return
    offers = {name: made for name, made in enrolment.offers.items() if name != mark.offer}
    draft.enrolments[enrolment.id] = replace(enrolment, offers=offers)
    order = draft.orders[enrolment.order_id]
    kept = {name: held for name, held in order.sent.items() if held != taker(mark.enrolment, mark.key)}
    draft.orders[order.id] = replace(order, sent=kept) if kept != order.sent else order


def _without(moments: tuple[datetime, ...], moment: datetime) -> tuple[datetime, ...]:
    """Without one of the claims of that moment: two may share it."""
    if moment not in moments:
        return moments
    place = moments.index(moment)
    return moments[:place] + moments[place + 1 :]
