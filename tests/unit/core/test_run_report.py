"""How late a wake was worked, and whom nothing would ever wake again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from perennial import events
from perennial.customer import Claim, Customer, Enrolment, Wake, stranger
from perennial.run_report import is_unbalanced, lag_of
from tests.unit.core.builders import HOUR, MINUTE, NOW, WHO, placed

WAKE = Wake(NOW, 7, "urgent")
SPREAD = Wake(NOW, 7, "patient", flexible_minutes=15)


def rung(n: int = 7) -> events.Event:
    return events.WakeDue(type="WakeDue", id="wake", store="shop", occurred_at=NOW, customer=WHO, epoch=0, n=n)


def test_a_wake_is_late_by_the_time_since_it_should_have_rung() -> None:
    assert lag_of(rung(), WAKE, NOW + timedelta(seconds=40)) == 40


def test_what_a_wake_may_be_spread_by_is_not_late() -> None:
    assert lag_of(rung(), SPREAD, NOW + 12 * MINUTE) == 0
    assert lag_of(rung(), SPREAD, NOW + 20 * MINUTE) == 300


def test_a_wake_that_was_superseded_says_nothing_of_lateness() -> None:
    assert lag_of(rung(6), WAKE, NOW + HOUR) is None
    assert lag_of(rung(), None, NOW + HOUR) is None
    assert lag_of(rung(0), WAKE, NOW + HOUR) is None, "the sweep rings by hand, and counts for itself"


def test_news_is_never_late() -> None:
    assert lag_of(placed(), WAKE, NOW + HOUR) is None


def a_customer(wake: Wake | None = None, **profile: Any) -> Customer:
    nobody = stranger("shop", WHO)
    return replace(nobody, profile=replace(nobody.profile, wake=wake, **profile))


def test_whoever_has_a_journey_under_way_and_no_wake_is_out_of_balance() -> None:
    enrolment = Enrolment("e", "care", "v1", "1001", NOW)
    under_way = replace(a_customer(), enrolments={"e": enrolment})
    assert is_unbalanced(under_way)
    assert not is_unbalanced(replace(under_way, profile=a_customer(WAKE).profile))


def test_whoever_has_a_claim_in_doubt_and_no_wake_is_out_of_balance() -> None:
    claims = {"t": Claim("e", "tips", "n", NOW, NOW + HOUR, "email", "marketing")}
    assert is_unbalanced(a_customer(claims=claims))
    assert not is_unbalanced(a_customer(WAKE, claims=claims))


def test_whoever_waits_for_nothing_needs_no_wake() -> None:
    assert not is_unbalanced(a_customer())
