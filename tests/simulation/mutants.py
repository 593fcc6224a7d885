"""Defects, planted one at a time: what rivals got wrong, and what somebody might get wrong here next year.

Each is a change of one thing in the engine, or in a twin where it stands for what only AWS can do wrong.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from perennial import (
    advancing,
    becoming_one,
    carrying_out,
    claiming,
    consent,
    decide,
    erasing,
    estimates,
    gates,
    handing_over,
    hearing,
    links,
    order_facts,
    orders,
    planning,
    receiving,
    recording,
    scenes,
    serving,
    settling,
    sweeping,
    timing,
    uniting,
    zones,
)
from perennial.adapters import memory, memory_looks
from perennial.customer import Customer
from perennial.draft import Answer, Setting
from perennial.errors import RuleFailed, Unavailable
from perennial.forms import Form, read_query
from perennial.platforms import Secrets
from perennial.platforms import perennial as perennial_platform
from perennial.ports import Committed
from perennial.run_report import Report
from perennial_cli.simulation import poison, workers

UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True)
class Mutant:
    """`law` is the one that must be seen to break; the others may."""

    name: str
    law: int
    plant: Callable[[pytest.MonkeyPatch], None]
    faults: str = "storm"
    seed: int = 5
    customers: int = 10
    days: int = 150


def without(gate: Callable[..., Any]) -> Callable[[pytest.MonkeyPatch], None]:
    rest = tuple(known for known in gates.GATES if known is not gate)
    return lambda patch: patch.setattr(gates, "GATES", rest)


def instead(where: object, name: str, what: Any) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(where, name, what)


# Law 1


def _no_version_check(patch: pytest.MonkeyPatch) -> None:
    """Last writer wins: two workers on one customer both believe that they claimed."""
    honest = memory.MemoryCustomers.commit

    def commit(self: Any, decision: Any, adopted: Any) -> Any:
        held = self.load(decision.before.profile.store, decision.before.profile.customer)
        profile = replace(decision.before.profile, version=held.profile.version)
        return honest(self, replace(decision, before=replace(decision.before, profile=profile)), adopted)

    patch.setattr(memory.MemoryCustomers, "commit", commit)


def _silence_means_no(patch: pytest.MonkeyPatch) -> None:
    """A timeout is taken for a refusal, and tried again."""

    def send(decision: Any, composed: Any, outside: Any) -> Any:
        told = carrying_out.send(decision, composed, outside)
        touch = decision.send.touch
        return told or Answer(touch.id, touch.nonce, "released", "timed out")

    patch.setattr(advancing, "send", send)


def _claim_after_send(patch: pytest.MonkeyPatch) -> None:
    """The message goes first, and what was done is written afterwards."""
    honest = advancing._commit
    answers: dict[str, Any] = {}

    def commit(run: Any, decision: Any) -> Any:
        if decision.send is not None:
            _, composed = advancing._think(run)
            answers[decision.send.touch.id] = carrying_out.send(decision, composed, run.outside) if composed else None
        return honest(run, decision)

    patch.setattr(advancing, "_commit", commit)
    patch.setattr(advancing, "send", lambda decision, composed, outside: answers.pop(decision.send.touch.id))


def _receipts_unread(self: Any, store: str, customer: str, touches: Any) -> Mapping[str, None]:
    return dict.fromkeys(touches)


# Law 2


def _deaf_door(patch: pytest.MonkeyPatch) -> None:
    """The shop is told that all is well although the queue was not reached."""
    honest = receiving._queue

    def queue(event: Any, alias: Any, outside: Any) -> Any:
        try:
            return honest(event, alias, outside)
        except Unavailable:
            return receiving.Receipt("queued", event.id, event.type)

    patch.setattr(receiving, "_queue", queue)


def _one_name_for_all_wakes(patch: pytest.MonkeyPatch) -> None:
    """A schedule's name is used again, which the scheduler takes for one that it has already."""
    honest = carrying_out.arm

    def arm(profile: Any, before: Any, event: Any, timers: Any, **how: Any) -> None:
        wake = replace(profile.wake, n=1) if profile.wake else None
        honest(replace(profile, wake=wake), before, event, timers, **how)

    patch.setattr(advancing, "arm", arm)


def _a_wake_in_six_not_set(patch: pytest.MonkeyPatch) -> None:
    """It stands in the table, and no timer was ever asked for."""
    honest = carrying_out.arm

    def arm(profile: Any, before: Any, event: Any, timers: Any, **how: Any) -> None:
        if profile.wakes % 6:
            honest(profile, before, event, timers, **how)

    patch.setattr(advancing, "arm", arm)


def _answers_forgotten(draft: Any, answer: Any) -> None:
    """What the provider said is never written down."""


def _failing_events_dropped(run: Any, reason: str) -> None:
    """What its own rule cannot take is logged, and gone."""


def _throttles_parked(patch: pytest.MonkeyPatch) -> None:
    """A table that is busy is taken for an event that is bad."""
    honest = advancing._commit

    def commit(run: Any, decision: Any) -> Any:
        try:
            return honest(run, decision)
        except Unavailable as error:
            raise RuleFailed(str(error)) from error

    patch.setattr(advancing, "_commit", commit)


def _put_back_into_nothing(parked: Any, outside: Any) -> None:
    """Whoever puts something back is told that all is well."""
    outside.parking.remove(parked)


# Law 3


def _consent_unasked(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks again before a message goes."""
    patch.setattr(consent, "refusal", lambda *told: None)


def _rests_until_anyone_says(draft: Any, event: Any) -> None:
    """Whoever asks for a rest is thanked for it."""


# Law 4


def _cap_by(period: Callable[[datetime], object]) -> Callable[[pytest.MonkeyPatch], None]:
    def cap(planned: Any, scene: Any) -> Any:
        if planned.class_ == "transactional":
            return None
        recent, most = scene.customer.profile.recent, scene.store.cap.messages
        counted = [moment for moment in recent if period(moment) == period(scene.now)]
        return gates.Hold("cap", scene.now + timedelta(days=1)) if len(counted) >= most else None

    chosen = tuple(cap if gate is gates._cap else gate for gate in gates.GATES)
    return lambda patch: patch.setattr(gates, "GATES", chosen)


_weekly_cap = _cap_by(lambda moment: moment.isocalendar()[:2])
"""Three on Sunday, three on Monday."""

_daily_cap = _cap_by(lambda moment: moment.date())


# Law 5


def _shops_own_zone(**told: Any) -> Any:
    home = ZoneInfo(told["shop"])
    return zones.Candidates((home,), "shop", home)


def _quiet_hours_in_utc(patch: pytest.MonkeyPatch) -> None:
    honest = timing.next_open
    patch.setattr(timing, "next_open", lambda now, hours, places: honest(now, hours, [UTC_ZONE]))


def _ten_o_clock_in_utc(patch: pytest.MonkeyPatch) -> None:
    honest = timing.at_hour
    patch.setattr(timing, "at_hour", lambda at, hour, zone, **more: honest(at, hour, UTC_ZONE, **more))


# Law 7


def _last_to_arrive_wins(known: Any, stamps: Any, incoming: Any, stamp: datetime, prefix: str = "") -> Any:
    fresh = {name: value for name, value in incoming.items() if getattr(known, name) != value}
    return (known.model_copy(update=fresh), {**stamps, **dict.fromkeys(fresh, stamp)}) if fresh else (known, stamps)


# Law 9


def _follows_the_newest(patch: pytest.MonkeyPatch) -> None:
    """Whoever is on their way is led by whatever is deployed now."""
    honest = Setting.journey

    def journey(self: Any, version: str) -> Any:
        begun = honest(self, version)
        return self.content.journeys.get(begun.journey, begun)

    patch.setattr(Setting, "journey", journey)


# Law 10


def _looking_leaves(opened: Any, found: Any, visit: Any, outside: Any) -> Any:
    """Whoever follows the link has left: people, and every scanner."""
    return serving._answer(opened, found, Form(), visit, outside)


def _looking_scores(opened: Any, found: Any, visit: Any, outside: Any) -> Any:
    """An address that names a number has said it."""
    if opened.purpose == "score" and visit.query:
        return serving._answer(opened, found, read_query(visit.query), visit, outside)
    return _show(opened, found, visit, outside)


_show = serving._show


def _looks_remembered(patch: pytest.MonkeyPatch) -> None:
    """Whoever looks is noted."""
    honest = memory_looks.MemoryLooks.visitor

    def visitor(self: Any, store: str, customer: str) -> Any:
        held = self.memory.customers.get((store, customer))
        if held is not None:
            seen = replace(held.profile, version=held.profile.version + 1)
            self.memory.customers[store, customer] = replace(held, profile=seen)
        return honest(self, store, customer)

    patch.setattr(memory_looks.MemoryLooks, "visitor", visitor)


def _newest_key_only(patch: pytest.MonkeyPatch) -> None:
    """A new key for links puts the old ones out of use."""
    honest = links.verify

    def verify(ring: Any, purpose: Any, token: str, now: datetime) -> Any:
        return honest(links.KeyRing(ring.current, {ring.current: ring.keys[ring.current]}), purpose, token, now)

    patch.setattr(links, "verify", verify)


def _answers_untold(patch: pytest.MonkeyPatch) -> None:
    """The page says thank you, and that is all."""
    honest = serving._answer

    def answer(opened: Any, found: Any, form: Any, visit: Any, outside: Any) -> Any:
        silent = replace(outside, line=lambda: memory_looks.MemoryTelling(lambda *told: None))
        shown = honest(opened, found, form, visit, silent)
        return replace(shown, told=())

    patch.setattr(serving, "_answer", answer)


# Law 11


def _addresses_in_logs(patch: pytest.MonkeyPatch) -> None:
    honest = Report.as_log
    patch.setattr(Report, "as_log", lambda self: {**honest(self), "to": "ann@example.com"})


@dataclass(frozen=True)
class Person:
    who: str = "person"
    reasons: tuple[str, ...] = ()


# Merges


def _of_the_winner_alone(field: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Of two customers who become one, what the loser said or got is forgotten."""
    honest = uniting.united

    def united(winner: Any, loser: Any) -> Any:
        return replace(honest(winner, loser), **{field: getattr(winner, field)})

    return lambda patch: patch.setattr(handing_over, "united", united)


def _by_time_alone(said: Any) -> Any:
    return (said.state != "absent", said.at, consent.STRICTNESS.index(said.state), str(said))


def _the_laxer_word(one: Any, other: Any) -> Any:
    """Who said yes under either address has said yes."""
    return min((one, other), key=uniting._strictness)


def _passages_left_behind(patch: pytest.MonkeyPatch) -> None:
    """Whoever becomes another is a redirect, and what they had begun is nobody's."""
    honest = handing_over.unite

    def unite(winner: Any, loser: Any, *told: Any) -> Any:
        pair = honest(winner, loser, *told)
        after = replace(pair.winner.after, enrolments=winner.enrolments, orders=winner.orders)
        return replace(pair, winner=replace(pair.winner, after=after))

    patch.setattr(becoming_one, "unite", unite)


MUTANTS = (
    Mutant("no version check", 1, _no_version_check),
    Mutant("silence taken for a refusal", 1, _silence_means_no),
    Mutant("claim after send", 1, _claim_after_send),
    Mutant("no grace before a second try", 1, instead(claiming, "GRACE", timedelta(0))),
    Mutant("receipts unread", 1, instead(memory.MemoryCustomers, "receipts", _receipts_unread)),
    Mutant("a third try", 1, instead(settling, "MOST_TRIES", 9), faults="silence"),
    Mutant("a claim that is not written", 1, instead(advancing, "_commit", lambda run, decision: Committed())),
    Mutant("2xx before the queue has it", 2, _deaf_door),
    Mutant("a name for all wakes", 2, _one_name_for_all_wakes, faults="none"),
    Mutant("a wake in six not set", 2, _a_wake_in_six_not_set, "weather", customers=5),
    Mutant("no sweep", 2, instead(workers, "sweep", lambda outside: ()), "forgetful", customers=5),
    Mutant("answers forgotten", 2, instead(decide, "settle", _answers_forgotten), faults="none"),
    Mutant("passages closed early", 2, instead(planning.Planned, "expected", property(lambda self: False))),
    Mutant(
        "failing events dropped",
        2,
        instead(advancing, "park", _failing_events_dropped),
        "poisoned",
        seed=6,
        customers=12,
    ),
    Mutant("only the newest secret", 2, instead(Secrets, "valid", property(lambda self: (self.current,))), "none"),
    Mutant("signatures unread", 2, instead(perennial_platform, "verify", lambda *told: None)),
    Mutant("throttles parked", 2, _throttles_parked),
    Mutant(
        "put back into nothing",
        2,
        instead(poison, "put_back", _put_back_into_nothing),
        "poisoned",
        seed=6,
        customers=12,
    ),
    Mutant(
        "nobody counts what is parked",
        2,
        instead(sweeping, "_look_at_parked", lambda swept, outside, ends: None),
        "poisoned",
        seed=6,
        customers=12,
    ),
    Mutant("the loser's passages left behind", 2, _passages_left_behind, "torn", seed=6, customers=10, days=90),
    Mutant("the loser's words forgotten", 3, _of_the_winner_alone("consents"), "torn", seed=6, customers=10, days=90),
    Mutant("the loser's sends forgotten", 4, _of_the_winner_alone("recent"), "torn", seed=10, customers=10, days=90),
    Mutant("offers while something is parked", 3, without(gates._parked), "poisoned", seed=6, customers=12),
    Mutant("consent asked at enrolment only", 3, _consent_unasked, "none", seed=14, customers=8, days=120),
    Mutant(
        "complaints unheard",
        3,
        instead(hearing, "_hear_complaint", lambda draft, event: None),
        seed=2,
        customers=20,
        days=250,
    ),
    Mutant("dead addresses unheard", 3, instead(hearing, "_hear_dead_address", lambda draft, event: None)),
    Mutant("erasure unheard", 3, instead(erasing, "hear_erasure", lambda draft, event: None), seed=1),
    Mutant("rests unheard", 3, instead(hearing, "_hear_rest", _rests_until_anyone_says), "talkative"),
    Mutant("skipped messages sent", 3, without(gates._declined), "talkative"),
    Mutant("a box lifts a withdrawal", 3, instead(consent, "_rank", _by_time_alone), "none", 1, 25, 300),
    Mutant("no cap", 4, without(gates._cap), seed=6),
    Mutant("cap by calendar week", 4, _weekly_cap, seed=6),
    Mutant("cap by calendar day", 4, _daily_cap, seed=6),
    Mutant("quiet hours in UTC", 5, _quiet_hours_in_utc),
    Mutant("ten o'clock in UTC", 5, _ten_o_clock_in_utc),
    Mutant("everybody lives where the shop does", 5, instead(scenes, "candidate_zones", _shops_own_zone)),
    Mutant("order truth unasked", 6, without(gates._order_truth)),
    Mutant("detractors asked for reviews", 6, without(gates._detractor)),
    Mutant("returns unseen", 6, instead(gates, "being_returned", lambda order: False)),
    Mutant(
        "late by carriers only", 6, instead(estimates, "_promised", lambda *told: None), "none", seed=3, customers=15
    ),
    Mutant("the last to arrive wins", 7, instead(orders, "newest", _last_to_arrive_wins)),
    Mutant("the loser's clicks forgotten", 7, _of_the_winner_alone("clicked_at"), "torn", seed=6, days=90),
    Mutant("a merge takes the laxer word", 7, instead(uniting, "_strictest", _the_laxer_word), "torn", 1, 15),
    Mutant("first-times are last-times", 7, instead(orders, "earliest", lambda times, told: {**times, **told})),
    Mutant(
        "orders never archived",
        8,
        instead(Customer, "live_orders", property(lambda self: frozenset(self.orders))),
        customers=4,
        days=400,
    ),
    Mutant(
        "passages never closed",
        8,
        instead(decide, "close", lambda draft, ahead: False),
        faults="none",
        customers=2,
        days=400,
    ),
    Mutant("gift cards are parcels", 6, instead(order_facts, "carried_there", lambda line: True), faults="none"),
    Mutant("journeys follow the newest version", 9, _follows_the_newest, "none", 1, 15, 200),
    Mutant("a look unsubscribes", 10, instead(serving, "_show", _looking_leaves), faults="none"),
    Mutant("a look gives a score", 10, instead(serving, "_show", _looking_scores), faults="none", days=100),
    Mutant("looks are remembered", 10, _looks_remembered, faults="none", customers=5),
    Mutant("links of the newest key only", 10, _newest_key_only, faults="none"),
    Mutant(
        "no second look at the keys",
        10,
        instead(memory_looks.MemoryLinkKeys, "renewed", lambda self: self.current),
        faults="none",
    ),
    Mutant("answers told to nobody", 10, _answers_untold, "talkative"),
    Mutant("addresses in logs", 11, _addresses_in_logs),
    Mutant("machines taken for people", 12, instead(recording, "judge", lambda click, clicks: Person())),
)
