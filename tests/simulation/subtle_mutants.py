"""Subtler defects, planted one at a time: none of them sends twice or to whom one must not at once, and each of them
went unseen by the laws until somebody asked for what was missing.
"""

import hmac
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from perennial import (
    applying,
    books,
    carrying_out,
    consent,
    decide,
    enrolling,
    erasing,
    forgetting,
    gates,
    judging,
    links,
    planning,
    recording,
    ses_reports,
    sweeping,
    timing,
    waking,
)
from perennial.adapters.memory_receipts import MemoryReceipts
from perennial.draft import Draft
from tests.simulation.mutants import Mutant, instead, without

# Law 1: nothing that is old goes out, and nothing twice by another name


def _more_patient(where: object, name: str, by: timedelta) -> Callable[[pytest.MonkeyPatch], None]:
    """A moment that a function names is another one."""
    honest = getattr(where, name)
    return lambda patch: patch.setattr(where, name, lambda *told: honest(*told) + by)


# Law 2: who is owed something, and what became of it


def _no_reasons(patch: pytest.MonkeyPatch) -> None:
    """Why a touch ended is nobody's business."""
    honest = Draft.end
    patch.setattr(Draft, "end", lambda self, planned, state, reason, key=None: honest(self, planned, state, "", key))


def _reports_on_the_wrong_touch(patch: pytest.MonkeyPatch) -> None:
    """Whatever is reported of anybody's messages is put down to their first."""
    honest = MemoryReceipts.note

    def note(self: Any, ref: Any, told: Any) -> bool:
        known = sorted(self.memory.touches.get((ref.store, ref.customer), {}))
        return honest(self, replace(ref, touch=known[0]) if known else ref, told)

    patch.setattr(MemoryReceipts, "note", note)


def _orders_that_begin_nothing(patch: pytest.MonkeyPatch) -> None:
    """One in three enters no journey."""
    honest = enrolling._may_begin

    def may_begin(draft: Any, journey: Any, order: Any, fresh: Any) -> bool:
        return bool(honest(draft, journey, order, fresh)) and sum(map(ord, order.id)) % 3 != 0

    patch.setattr(enrolling, "_may_begin", may_begin)


def _one_parcel_is_enough(patch: pytest.MonkeyPatch) -> None:
    honest = planning._part_moments

    def part_moments(step: Any, journey: Any, order: Any) -> Any:
        return [(at, part) for at, part in honest(step, journey, order) if part != "p2"]

    patch.setattr(planning, "_part_moments", part_moments)


def _wakes_that_stay(patch: pytest.MonkeyPatch) -> None:
    """Whoever sleeps until next week is not woken earlier for what has changed since."""
    honest = waking.set_wake

    def set_wake(draft: Any, waiting: Any, fired: bool, more: bool = False) -> None:
        held = draft.profile.wake
        if held is None or fired or held.at <= draft.setting.now + timedelta(days=1):
            honest(draft, waiting, fired, more)

    patch.setattr(decide, "set_wake", set_wake)


def _guests_without_an_address(patch: pytest.MonkeyPatch) -> None:
    honest = gates._email

    def email(planned: Any, scene: Any) -> str | None:
        contact = scene.order.contact
        return honest(planned, scene) if contact.customer_id or contact.phone else None

    patch.setitem(gates.ADDRESSES, "email", email)


def _nobody_agrees(profile: Any, store: Any, channel: Any, class_: str, now: datetime) -> str | None:
    """Who has never been asked has said no."""
    return None if class_ == "transactional" else "no consent"


def _full_is_dead(patch: pytest.MonkeyPatch) -> None:
    """A mailbox that is full today is taken for one that nobody reads."""
    readers = {**ses_reports._READERS, "Bounce": lambda told: ses_reports._dead(told, {"bounced": ""}, "General")}
    patch.setattr(ses_reports, "_READERS", readers)


def _orders_of_nobody(patch: pytest.MonkeyPatch) -> None:
    """Whose an order is is not written down: news of it waits for its owner for ever, and nobody calls that lost."""
    honest = applying._apply_to_order

    def apply_to_order(draft: Any, order_id: str, event: Any) -> None:
        honest(draft, order_id, event)
        draft.aliases[:] = [alias for alias in draft.aliases if alias.kind != "order"]

    patch.setattr(applying, "_apply_to_order", apply_to_order)


def _one_thing_counted(swept: Any, outside: Any, ends: datetime) -> None:
    """The sweep tells of one thing that is parked, whatever else is."""
    for late in outside.overdue.find(swept.store, "parked", outside.now() - sweeping.WAITED, 1):
        swept.waiting += 1
        outside.overdue.put_off(late, outside.now() + timedelta(days=40))


# Law 3: what was said against messages is heard, and whoever is forgotten is


def _unheard(consequence: str) -> Callable[[pytest.MonkeyPatch], None]:
    """A report is noted on its touch, and nothing follows."""
    honest = recording._tell

    def tell(report: Any, ref: Any, outside: Any) -> None:
        if report.consequence != consequence:
            honest(report, ref, outside)

    return lambda patch: patch.setattr(recording, "_tell", tell)


def _names_are_kept(patch: pytest.MonkeyPatch) -> None:
    """Of somebody forgotten the table keeps how to reach them."""
    honest = books.bare_profile
    for module in (books, decide, erasing, forgetting):
        patch.setattr(module, "bare_profile", lambda profile: replace(honest(profile), contact=profile.contact))


# Laws 6 and 9: the journeys' own words


def _unread(word: str) -> Callable[[pytest.MonkeyPatch], None]:
    """One of the words by which a journey says when not to send."""
    honest = judging._conditions

    def conditions(planned: Any, scene: Any) -> Any:
        return honest(replace(planned, step=planned.step.model_copy(update={word: None})), scene)

    return lambda patch: patch.setattr(judging, "_conditions", conditions)


SUBTLE = (
    Mutant("a claim that holds for an hour", 1, instead(carrying_out, "CLAIM_HOLDS", timedelta(hours=1)), customers=12),
    Mutant("one message per order unasked", 1, without(gates._already_sent), "none", seed=21, customers=12),
    Mutant("ends without a reason", 2, _no_reasons, "none", customers=6, days=80),
    Mutant("reports on the wrong touch", 2, _reports_on_the_wrong_touch, "none", customers=6, days=80),
    Mutant("orders that begin nothing", 2, _orders_that_begin_nothing, "none", customers=6, days=80),
    Mutant("one parcel is enough", 2, _one_parcel_is_enough, "none", customers=8, days=80),
    Mutant("orders of nobody", 2, _orders_of_nobody, "default", customers=6, days=80),
    Mutant(
        "wakes an hour late", 2, _more_patient(waking, "first_minute", timedelta(hours=1)), "none", customers=6, days=80
    ),
    Mutant("wakes that stay", 2, _wakes_that_stay, "none", customers=8, days=80),
    Mutant("guests without an address", 2, _guests_without_an_address, "none", customers=8, days=80),
    Mutant("nobody agrees", 2, instead(consent, "refusal", _nobody_agrees), "none", customers=6, days=80),
    Mutant("full is dead", 2, _full_is_dead, "none", seed=2, customers=25, days=60),
    Mutant(
        "touches expire a day early",
        2,
        _more_patient(planning, "_of_use_until", timedelta(days=-1)),
        "none",
        customers=8,
        days=100,
    ),
    Mutant(
        "one parked thing is counted",
        2,
        instead(sweeping, "_look_at_parked", _one_thing_counted),
        "poisoned",
        seed=6,
        customers=12,
    ),
    Mutant("complaints told to nobody", 3, _unheard("MessageComplained"), "none", seed=1, customers=15),
    Mutant("bounces told to nobody", 3, _unheard("AddressBounced"), "none", seed=1, customers=25, days=60),
    Mutant(
        "whoever left is nobody",
        3,
        instead(erasing, "recall", lambda draft, told: None),
        "none",
        seed=20,
        customers=15,
        days=200,
    ),
    Mutant("names are kept", 3, _names_are_kept, "none", seed=20, customers=15, days=200),
    Mutant("'unless' unread", 6, _unread("unless"), "none", customers=12, days=120),
    Mutant("'when' unread", 6, _unread("when"), "none", customers=12, days=120),
    Mutant("'hold while' unread", 6, _unread("hold_while"), "none", customers=25, days=120),
    Mutant(
        "no 'not before'",
        9,
        instead(timing, "not_before", lambda moment, hour, zone: moment),
        "none",
        customers=8,
        days=80,
    ),
    Mutant(
        "links that never end",
        10,
        instead(links, "_over", lambda purpose, ticket, today: False),
        "none",
        seed=8,
        customers=20,
        days=300,
    ),
    Mutant(
        "links that end too soon",
        10,
        instead(links, "LIFETIMES", dict.fromkeys(links.LIFETIMES, timedelta(days=62))),
        "none",
        customers=12,
        days=250,
    ),
    Mutant(
        "links that nobody signed",
        10,
        instead(hmac, "compare_digest", lambda one, other: True),
        "none",
        customers=8,
    ),
    Mutant("a link that opens every page", 10, instead(links, "_bound", lambda key, purpose: key), "none", customers=8),
)
