"""The messages that are still planned for a customer, by the subject they will go out with."""

from perennial.coming import Coming, coming
from perennial.customer import touch_id
from perennial.draft import Draft
from perennial.errors import RuleFailed
from perennial.judging import ahead_of
from perennial.locales import choose_locale
from perennial.page_facts import Upcoming
from perennial.pages import About, Known
from perennial.planning import Planned
from perennial.projecting import project
from perennial.rendering import render_subject
from perennial.scenes import scene_of

MOST = 40
"""Messages a page lists: more than anybody has ahead in a year."""


def planned_touches(known: Known) -> dict[str, Coming]:
    """By the touch's id. Empty where a journey that somebody began with cannot be read any more."""
    store = known.setting.store.store
    try:
        ahead = coming(known.customer, known.setting)[:MOST]
    except RuleFailed:
        return {}
    return {touch_id(store, entry.enrolment, entry.key): entry for entry in ahead}


def upcoming(about: About, known: Known) -> tuple[Upcoming, ...]:
    found = planned_touches(known)
    plans = _plans(known) if found else {}
    return tuple(
        Upcoming(
            id=touch,
            subject=_subject(entry, plans.get((entry.enrolment, entry.key)), about, known),
            kind=entry.class_,
            order_number=known.customer.orders[entry.order_id].known.number or entry.order_id,
            due=entry.due.astimezone(about.zone) if entry.due else None,
            declined=entry.declined,
        )
        for touch, entry in found.items()
    )


def _plans(known: Known) -> dict[tuple[str, str], Planned]:
    draft = Draft.of(known.customer, known.setting)
    ahead = (planned for enrolment in draft.enrolments.values() for planned in ahead_of(enrolment, draft))
    return {(planned.enrolment.id, planned.key): planned for planned in ahead}


def _subject(entry: Coming, planned: Planned | None, about: About, known: Known) -> str:
    """As it reads today; empty where it speaks of what is not known yet, and the page then names its kind."""
    order = known.customer.orders[entry.order_id]
    scene = scene_of(known.customer, order, known.setting)
    locale = choose_locale(about.visitor.locale or order.contact.locale or about.shop.locale, about.shop.locales)
    try:
        facts = project(scene, planned)
        return render_subject(entry.message, facts, content=known.setting.content, locale=locale, zone=scene.zone)
    except RuleFailed:
        return ""
