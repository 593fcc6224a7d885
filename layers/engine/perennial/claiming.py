"""A claim: the committed intent to send one touch, what it promises, and taking it back when nothing was sent."""

from dataclasses import replace
from datetime import datetime, timedelta

from perennial.customer import Claim, Progress
from perennial.draft import Draft, Send
from perennial.gates import Go
from perennial.planning import Planned
from perennial.projecting import make_offer
from perennial.scenes import scene_of

GRACE = timedelta(minutes=15)
"""How long a claim without an answer waits for a receipt, before law 1 decides."""


def claim(draft: Draft, planned: Planned, go: Go) -> None:
    """Commits to sending one touch; from here on, only the holder of the nonce may call the provider."""
    setting = draft.setting
    doubts = planned.progress.doubts if planned.progress else 0
    record = replace(
        draft.record(planned, "claimed", planned.key), channel=go.channel, nonce=setting.nonce, tries=doubts + 1
    )
    mark = Claim(
        enrolment=planned.enrolment.id,
        key=planned.key,
        nonce=setting.nonce,
        at=setting.now,
        grace_until=setting.now + GRACE,
        channel=go.channel,
        class_=planned.class_,
        tries=doubts + 1,
    )
    draft.change(claims={**draft.profile.claims, record.id: mark})
    if planned.class_ != "transactional":
        draft.change(recent=(*_still_counting(draft), setting.now))
    draft.progress(planned.enrolment.id, planned.key, Progress("claimed", setting.now, doubts=doubts))
    draft.touches[record.id] = record
    for part in planned.parts[1:]:
        draft.end(planned, "skipped", f"told together with {planned.key}", key=f"{planned.step.touch}/{part}")
    _promise(draft, planned)
    draft.send = Send(record, planned, go)


def _still_counting(draft: Draft) -> tuple[datetime, ...]:
    """Claims that can count in some window from now on."""
    oldest = draft.setting.now - timedelta(days=draft.setting.store.cap.days)
    return tuple(moment for moment in draft.profile.recent if moment > oldest)


def _promise(draft: Draft, planned: Planned) -> None:
    """What the message gives away for good: its place as the order's only one, and the terms of its offer."""
    order = draft.orders[planned.enrolment.order_id]
    if planned.message.one_per is not None:
        taken = {**order.sent, planned.message.message: _taker(planned.enrolment.id, planned.key)}
        draft.orders[order.id] = replace(order, sent=taken)
    name = planned.step.offer
    if name is None or name in planned.enrolment.offers:
        return
    made = make_offer(name, scene_of(draft.freeze(), order, draft.setting))
    if made is not None:
        enrolment = draft.enrolments[planned.enrolment.id]
        draft.enrolments[enrolment.id] = replace(enrolment, offers={**enrolment.offers, name: made})


def _taker(enrolment: str, key: str) -> str:
    return f"{enrolment.partition(':')[0]}/{key}"


def take_back(draft: Draft, mark: Claim) -> None:
    """Nothing was sent: the cap has its place again, the order its message, and the offer was never made."""
    draft.change(recent=tuple(moment for moment in draft.profile.recent if moment != mark.at))
    enrolment = draft.enrolments.get(mark.enrolment)
    if enrolment is None:
        return
    offers = {name: made for name, made in enrolment.offers.items() if made.made_at != mark.at}
    draft.enrolments[enrolment.id] = replace(enrolment, offers=offers)
    order = draft.orders.get(enrolment.order_id)
    if order is not None:
        kept = {name: taker for name, taker in order.sent.items() if taker != _taker(mark.enrolment, mark.key)}
        draft.orders[order.id] = replace(order, sent=kept) if kept != order.sent else order
