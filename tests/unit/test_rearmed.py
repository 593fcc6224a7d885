"""A customer under a new epoch, and whose schedules are left over."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from perennial.adapters.dynamodb import DynamoCustomers
from perennial.adapters.restored import DynamoRestored
from perennial.answered import Score
from perennial.customer import Claim, Consent, Customer, Enrolment, Touch, Wake, stranger
from perennial.decide import Decision
from perennial.lost import Lost
from perennial.orders import blank
from perennial.outside import ForAdvancing
from perennial.ports import Committed, Customers
from perennial_cli.rearm.orphans import Armed, orphans
from perennial_cli.rearm.rearming import Rearming, Tally, rearmed
from tests.unit.core.builders import DAY, HOUR, MINUTE, NOW, a_content

EPOCH = 200_000_000
LOST = Lost(NOW - DAY, NOW, EPOCH)


def a_customer(wake: Wake | None = None, **fields: Any) -> Customer:
    nobody = stranger("shop", "ann")
    return replace(nobody, profile=replace(nobody.profile, wake=wake, wakes=wake.n if wake else 0), **fields)


def test_a_wake_that_is_ahead_stays_where_it_is_under_a_name_of_its_own() -> None:
    found = rearmed(a_customer(Wake(NOW + DAY, 7, "patient", 3)), EPOCH, NOW).profile
    assert (found.epoch, found.wake, found.wakes) == (EPOCH, Wake(NOW + DAY, 8, "patient", 3), 8)


@pytest.mark.parametrize(("lane", "spread"), [("urgent", 0), ("patient", 15)])
def test_a_wake_that_is_late_rings_at_once_and_is_spread_where_nobody_needs_it(lane: Any, spread: int) -> None:
    found = rearmed(a_customer(Wake(NOW - DAY, 7, lane)), EPOCH, NOW + timedelta(seconds=5)).profile
    assert found.wake == Wake(NOW + 2 * MINUTE, 8, lane, spread)


def test_whoever_waits_without_a_wake_gets_one() -> None:
    passage = Enrolment("care:1001", "care", "v1", "1001", NOW)
    mark = Claim("care:1001", "tips", "n", NOW, NOW + HOUR, "email", "marketing")
    uniting = a_customer()
    uniting = replace(uniting, profile=replace(uniting.profile, moving=("bert",)))
    in_doubt = a_customer()
    in_doubt = replace(in_doubt, profile=replace(in_doubt.profile, claims={"t": mark}))
    for customer in (a_customer(enrolments={passage.id: passage}), in_doubt, uniting):
        assert rearmed(customer, EPOCH, NOW).profile.wake == Wake(NOW + 2 * MINUTE, 1, "patient", 15)


def test_whoever_waits_for_nothing_gets_the_epoch_and_no_wake() -> None:
    found = rearmed(a_customer(), EPOCH, NOW).profile
    assert (found.epoch, found.wake) == (EPOCH, None)


def a_record(passage: str, at: datetime) -> Touch:
    return Touch(passage, passage, "tips", "care", "v1", passage.partition(":")[2], "tips", "marketing", "sent", at)


@dataclass
class Known:
    """Answers like the table: who is not named is a stranger."""

    people: dict[str, Customer]
    committed: list[Decision] = field(default_factory=list)

    def load(self, store: str, customer: str) -> Customer:
        return self.people.get(customer, stranger(store, customer))

    def commit(self, decision: Decision, adopted: object) -> Committed:
        self.committed.append(decision)
        return Committed()


def rearm(known: Known, past: DynamoCustomers | None = None) -> Tally:
    """Ann, rearmed."""
    outside = SimpleNamespace(
        customers=known,
        now=lambda: NOW,
        mint_nonce=lambda: "nonce",
        content=a_content(),
        pauses=SimpleNamespace(paused=lambda store: frozenset()),
        versions=SimpleNamespace(find=lambda store, version: None),
        timers=SimpleNamespace(arm=lambda store, customer, epoch, wake: None),
    )
    restored = cast("DynamoRestored", SimpleNamespace(is_torn=lambda store, customer: False))
    tally = Tally()
    Rearming(cast("ForAdvancing", outside), restored, LOST, past).one("shop", "ann", tally)
    return tally


def test_schedules_of_older_epochs_are_left_over_unless_they_are_somebodys_present_wake() -> None:
    present = a_customer(Wake(NOW + DAY, 3))
    new = replace(present, profile=replace(present.profile, customer="new", version=1))
    old = replace(present, profile=replace(present.profile, version=1, epoch=EPOCH))
    found = [Armed("ann", EPOCH, 8), Armed("ann", 0, 3), Armed("gone", 0, 1), Armed("new", 0, 3), Armed("new", 0, 2)]
    customers = cast("Customers", Known({"ann": old, "new": new}))
    left = orphans(iter(found), {EPOCH}, ["shop"], customers)
    assert left == [Armed("ann", 0, 3), Armed("gone", 0, 1), Armed("new", 0, 2)]


@pytest.mark.parametrize(("merged", "who"), [(("ann",), "merged"), ((), "rearmed")])
def test_who_was_merged_is_left_alone_unless_only_their_half_of_it_was_restored(merged: Any, who: str) -> None:
    gone, heir = stranger("shop", "ann"), stranger("shop", "bert")
    gone = replace(gone, profile=replace(gone.profile, version=3, redirect="bert"))
    heir = replace(heir, profile=replace(heir.profile, version=4, merged=merged))
    committed: list[Decision] = []
    tally = rearm(Known({"ann": gone, "bert": heir}, committed))
    assert (tally.merged, tally.rearmed) == ((1, 0) if who == "merged" else (0, 1))
    assert [made.after.profile.redirect for made in committed] == [None] * tally.rearmed


def test_what_was_answered_about_an_order_that_ended_in_the_lost_time_is_found_in_the_archive_of_then() -> None:
    passage = Enrolment("care:1001", "care", "v1", "1001", NOW)
    scored = replace(blank("1001"), sent={"thanks": "care/thank"}, score=Score())
    live = a_customer(enrolments={passage.id: passage}, orders={"1001": blank("1001")})
    past = SimpleNamespace(
        load=lambda store, customer: stranger(store, customer),
        archived=lambda store, customer, order: scored if (customer, order) == ("ann", "1001") else None,
        touches=lambda store, customer: (),
        ledger=lambda store, customer: (),
    )
    committed: list[Decision] = []
    rearm(Known({"ann": live}, committed), cast("DynamoCustomers", past))
    (order,) = committed[0].after.orders.values()
    assert (order.sent, order.score) == (scored.sent, scored.score)


def test_whoever_became_another_in_the_lost_time_is_told_what_went_out_and_was_said_under_that_name() -> None:
    passage = Enrolment("care:1001", "care", "v1", "1001", NOW - DAY)
    live = a_customer(enrolments={passage.id: passage}, orders={"1001": blank("1001")})
    gone, heir = stranger("shop", "ann"), stranger("shop", "bert")
    withdrawn = Consent("withdrawn", NOW, "one-click")
    heir = replace(heir, profile=replace(heir.profile, consents={"email:marketing": withdrawn}))
    people = {"ann": replace(gone, profile=replace(gone.profile, redirect="bert")), "bert": heir}
    sent = [a_record("care:1001", NOW - HOUR), a_record("care:2001", NOW - HOUR)]
    past = SimpleNamespace(
        load=lambda store, customer: people[customer],
        archived=lambda store, customer, order: replace(blank(order), sent={"thanks": customer}),
        touches=lambda store, customer: sent if customer == "bert" else (),
        ledger=lambda store, customer: (),
    )
    committed: list[Decision] = []
    rearm(Known({"ann": live}, committed), cast("DynamoCustomers", past))
    (made,) = committed
    assert made.after.enrolments["care:1001"].touches["tips"].state == "sent"
    assert made.after.profile.consents == {"email:marketing": withdrawn}
    assert made.touches == (sent[0],)
