"""What reports and answers change about the person: dead addresses, complaints, interest, rests, wishes, low scores.

As with all facts, hearing it twice, late or out of order leads to the same (law 7).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from perennial import consent, events, ledger
from perennial.draft import Draft
from perennial.identity import normal_email, normal_phone
from perennial.orders import Order

LONG_AGO = datetime.min.replace(tzinfo=UTC)

REST = "rests_until"
"""Under this name the profile keeps when the newest word about rest was said."""


def hear_answer(draft: Draft, event: events.Event) -> None:
    match event:
        case events.AddressEvent():
            _hear_dead_address(draft, event)
        case events.MessageComplained():
            _hear_complaint(draft, event)
        case events.LinkClicked():
            _hear_click(draft, event)
        case events.MessagesRested():
            _hear_rest(draft, event)
        case events.TouchEvent():
            _hear_wish(draft, event)


def note_detractor(draft: Draft, order: Order) -> None:
    """Remembers with the person what lies with the order: a low score holds what other orders would send as well."""
    since = order.score.detracted_at if order.score else None
    held = draft.profile.detracted
    if held.get(order.id) == since:
        return
    others = {name: moment for name, moment in held.items() if name != order.id}
    draft.change(detracted=others if since is None else {**others, order.id: since})


def _hear_dead_address(draft: Draft, event: events.AddressEvent) -> None:
    """Of two reasons the first by alphabet stays, which only makes the choice the same in every order of arrival."""
    address, dead = _normal(draft, event.channel, event.address), draft.profile.dead
    if _is_the_stores(draft, address) or dead.get(address, "\U0010ffff") <= event.reason:
        return
    draft.change(dead={**dead, address: event.reason})


def _normal(draft: Draft, channel: events.Channel, address: str) -> str:
    """The form in which the gates look it up."""
    if channel == "email":
        return normal_email(address) or address
    return (normal_phone(address, draft.setting.store.country) if channel == "text" else None) or address


def _is_the_stores(draft: Draft, address: str) -> bool:
    """What became of a message to the store itself says nothing about the customer."""
    return address == normal_email(draft.setting.store.support.email)


def _hear_complaint(draft: Draft, event: events.MessageComplained) -> None:
    if event.address is not None and _is_the_stores(draft, _normal(draft, event.channel, event.address)):
        return
    newest = max(draft.profile.complained_at or LONG_AGO, event.happened_at)
    if newest != draft.profile.complained_at:
        draft.change(complained_at=newest)
    hear_words(draft, consent.words_of(event, draft.setting.store))


def hear_words(draft: Draft, words: Iterable[consent.Word]) -> None:
    """The newest word counts; each one is written down once, also one that came too late to count."""
    for channel, class_, said in words:
        topic = f"{channel}:{class_}"
        held, consents = draft.profile.consents.get(topic), draft.profile.consents
        counting = consent.record(consents, channel, class_, said)
        if counting is not consents:
            draft.change(consents=counting)
        if consent.lifts(said, draft.profile.suppressed.get(topic, said.at)):
            draft.change(suppressed={name: at for name, at in draft.profile.suppressed.items() if name != topic})
        name, before = ledger.mark(topic, said), ledger.mark(topic, held) if held else None
        if name == before or name in draft.profile.heard:
            continue
        draft.ledger.append(ledger.Entry.of(topic, said, draft.setting.now))
        outdated = name if counting is consents else before
        if outdated is not None:
            draft.change(heard=ledger.remember(draft.profile.heard, (outdated,)))


def _hear_click(draft: Draft, event: events.LinkClicked) -> None:
    if (draft.profile.clicked_at or LONG_AGO) < event.happened_at:
        draft.change(clicked_at=event.happened_at)


def _hear_rest(draft: Draft, event: events.MessagesRested) -> None:
    """The newest word counts; of two at one moment the one that asks for more rest."""
    profile, said = draft.profile, (event.happened_at, event.until or LONG_AGO)
    if said > (profile.stamps.get(REST, LONG_AGO), profile.rests_until or LONG_AGO):
        draft.change(rests_until=event.until, stamps={**profile.stamps, REST: event.happened_at})


def _hear_wish(draft: Draft, event: events.TouchEvent) -> None:
    """The newest word counts; of two at one moment the no. Nothing is left to say about a passage that is over."""
    said = (event.happened_at, event.type == "TouchWanted")
    for passage, key in list(_meant(draft, event)):
        enrolment = draft.enrolments[passage]
        if not _outweighs(enrolment.wishes.get(key), said):
            draft.enrolments[passage] = replace(enrolment, wishes={**enrolment.wishes, key: said})


def _meant(draft: Draft, event: events.TouchEvent) -> Iterator[tuple[str, str]]:
    """That touch; if its message goes once per order, every touch that would bring the same one in its place."""
    enrolment = draft.enrolments.get(event.enrolment)
    if enrolment is None:
        return
    yield enrolment.id, event.key
    name, messages = event.key.partition("/")[0], draft.setting.content.messages
    shared = {
        step.message
        for step in draft.setting.journey(enrolment.version).touches
        if step.touch == name and step.message in messages and messages[step.message].one_per
    }
    for other in draft.enrolments.values():
        if shared and other.order_id == enrolment.order_id and other is not enrolment:
            steps = draft.setting.journey(other.version).touches
            yield from ((other.id, step.touch) for step in steps if step.message in shared and step.per is None)


def _outweighs(held: tuple[datetime, bool] | None, said: tuple[datetime, bool]) -> bool:
    if held is None:
        return False
    return (held[0], not held[1]) >= (said[0], not said[1])
