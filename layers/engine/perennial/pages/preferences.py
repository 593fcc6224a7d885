"""What we may write about and how, a rest for a while, and every message that is still planned."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from perennial import consent, timing
from perennial.forms import Form
from perennial.identity import normal_phone
from perennial.page_facts import Choice, PageFacts, Upcoming
from perennial.pages import About, Answered, Known, Needs
from perennial.pages.telling import spoken_for, tell, yes_by
from perennial.parts import Channel
from perennial.timing import Offset

NEEDS: Needs = "customer"
CLASSES = ("feedback", "marketing")
REST = Offset(days=30)
WORDING = "preferences-2026-11"
"""Counted on when the boxes' words change: consent is worth what its wording says (GDPR art. 7(1))."""


def show(about: About, query: Form) -> PageFacts:
    return _page(about, "ask", _choices(about))


def answer(about: About, form: Form) -> Answered:
    """Each button of the page says in `do` what it does; those of planned messages carry a touch's id as well."""
    do, _, touch = form.one("do").partition(":")
    if do == "save":
        return _save(about, form)
    if do in ("rest", "resume"):
        return _rest(about, resting=do == "rest")
    if do in ("skip", "want"):
        return _wish(about, touch, wanted=do == "want")
    return Answered(_page(about, "ask", _choices(about), problems=("unknown",)), status=400)


def _save(about: About, form: Form) -> Answered:
    """What differs from the record, or from what the page showed: an earlier press may not be on record yet."""
    shown = set(form.one("was").split())
    before = _choices(about)
    after = tuple(replace(choice, chosen=form.has(choice.field)) for choice in before)
    changed = [
        new
        for old, new in zip(before, after, strict=True)
        if new.chosen != old.chosen or new.chosen != (new.field in shown)
    ]
    told = tuple(
        tell(about, f"Consent{'Given' if chosen else 'Withdrawn'}", **_said(about, channel, chosen, classes))
        for channel, chosen, classes in _grouped(changed)
    )
    return Answered(_page(about, "saved", after), told)


def _said(about: About, channel: str, chosen: bool, classes: tuple[str, ...]) -> dict[str, Any]:
    """Whoever ticks a box here came by a link we sent them: that is what a confirmed opt-in is."""
    source = yes_by(about, "preferences") if chosen else "preferences"
    proof = {"source": source, "wording": WORDING, "evidence": about.touch}
    by_link = source == "preferences" and about.trace is not None and about.trace.channel == channel
    level = {"level": "confirmed_opt_in"} if by_link else {}
    number = spoken_for(about) if chosen and channel == "text" else {}
    return {"channel": channel, "classes": classes, **proof, **level, **number}


def _grouped(changed: Iterable[Choice]) -> Iterable[tuple[str, bool, tuple[str, ...]]]:
    found: dict[tuple[str, bool], tuple[str, ...]] = {}
    for choice in changed:
        key = (choice.channel, choice.chosen)
        found[key] = (*found.get(key, ()), choice.kind)
    return [(channel, chosen, classes) for (channel, chosen), classes in found.items()]


def _rest(about: About, *, resting: bool) -> Answered:
    """To the end of a day, so that a second press asks for nothing new."""
    until = timing.end_of_day(timing.shift(about.now, REST, about.zone), about.zone) if resting else None
    event = tell(about, "MessagesRested", until=until)
    facts = _page(about, "resting" if resting else "resumed", _choices(about))
    return Answered(replace(facts, resting_until=until and until.astimezone(about.zone)), (event,))


def _wish(about: About, touch: str, *, wanted: bool) -> Answered:
    """Only what is planned for this very customer can be skipped: ids of others lead nowhere."""
    from perennial.pages.upcoming import planned_touches

    planned = planned_touches(known_of(about)).get(touch)
    if planned is None:
        return Answered(_page(about, "ask", _choices(about), problems=("gone",)), status=409)
    type_ = "TouchWanted" if wanted else "TouchDeclined"
    event = tell(about, type_, enrolment=planned.enrolment, key=planned.key)
    facts = _page(about, "wanted" if wanted else "skipped", _choices(about))
    return Answered(replace(facts, upcoming=_marked(facts.upcoming, touch, wanted)), (event,))


def _marked(upcoming: tuple[Upcoming, ...], touch: str, wanted: bool) -> tuple[Upcoming, ...]:
    return tuple(replace(entry, declined=not wanted) if entry.id == touch else entry for entry in upcoming)


def _choices(about: About) -> tuple[Choice, ...]:
    return tuple(
        Choice(f"{channel}-{kind}", channel, kind, _allowed(about, channel, kind))
        for channel in _channels(about)
        for kind in CLASSES
    )


def _allowed(about: About, channel: Channel, kind: Any) -> bool:
    known = known_of(about)
    return consent.refusal(known.customer.profile, known.setting.store, channel, kind, about.now) is None


def _channels(about: About) -> tuple[Channel, ...]:
    """Those by which this customer can be reached."""
    known = known_of(about)
    profile, store = known.customer.profile, known.setting.store
    reachable: dict[Channel, bool] = {
        "email": True,
        "text": store.texts is not None and any(_live_phones(known)),
        "push": any(device.live for device in profile.devices.values()),
    }
    return tuple(channel for channel, there in reachable.items() if there)


def _live_phones(known: Known) -> Iterator[str]:
    """Whoever answered STOP is on the provider's own list: a box would promise what cannot come."""
    profile, country = known.customer.profile, known.setting.store.country
    agreed = (consent.number_for(profile, class_) for class_ in consent.SPOKEN_OF)
    of_orders = (order.contact.phone for order in known.customer.orders.values())
    for phone in (profile.contact.phone, *agreed, *of_orders):
        if phone and (normal_phone(phone, country) or phone) not in profile.dead:
            yield phone


def _page(about: About, state: str, choices: tuple[Choice, ...], problems: tuple[str, ...] = ()) -> PageFacts:
    from perennial.pages.upcoming import upcoming

    until: datetime | None = known_of(about).customer.profile.rests_until
    resting = until.astimezone(about.zone) if until is not None and until > about.now else None
    return about.page(
        state, problems, choices=choices, resting_until=resting, upcoming=upcoming(about, known_of(about))
    )


def known_of(about: About) -> Known:
    if about.known is None:
        raise ValueError(f"the page {about.purpose!r} was opened without its customer")
    return about.known
