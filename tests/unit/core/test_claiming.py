"""A claim and how it ends: accepted, refused, released, in doubt; what it promised, and what it gives back."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from perennial.claiming import GRACE
from perennial.customer import Claim, OfferMade, Progress, touch_id
from perennial.decide import decide
from perennial.draft import Answer, Send
from perennial.pauses import Pause
from perennial.settling import BACK_OFF
from tests.unit.core.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    a_content,
    a_journey,
    a_store,
    a_touch,
    cancelled,
    consented,
    delivered,
    device,
    placed,
    shipment,
    shipped,
    snapshot,
)
from tests.unit.core.life import Life, silence

NOTE = a_journey("care", a_touch("note", "order.placed", "note"))
TIPS = a_journey("care", a_touch("tips", "order.placed", "tips"))


def replies(*states: str | None) -> Any:
    """The provider's answers one after the other; the last one repeats."""
    waiting = list(states)
    return lambda send: waiting.pop(0) if len(waiting) > 1 else waiting[0]


def live(journey: Any, *states: str | None, **store: Any) -> Life:
    life = Life(a_content(journey, store=a_store(**store)), answer=replies(*states))
    return life.feed(placed(), at=NOW)


def only(life: Life) -> Progress:
    (enrolment,) = life.customer.enrolments.values()
    (progress,) = enrolment.touches.values()
    return progress


# Claiming


def test_a_claim_is_committed_with_everything_a_later_run_must_know() -> None:
    life = live(TIPS, None)
    touch = touch_id("shop", "care:1001", "tips")
    assert life.customer.profile.claims == {
        touch: Claim("care:1001", "tips", "nonce-0", NOW, NOW + GRACE, "email", "marketing")
    }
    record = life.records[touch]
    assert (record.state, record.nonce, record.channel, record.tries) == ("claimed", "nonce-0", "email", 1)
    assert (record.order_id, record.message, record.class_, record.due) == ("1001", "tips", "marketing", NOW)


def test_a_touch_is_the_same_whenever_it_is_thought_of() -> None:
    assert touch_id("shop", "care:1001", "tips") == touch_id("shop", "care:1001", "tips")
    assert len(touch_id("shop", "care:1001", "tips")) == 12
    others = {
        touch_id(*parts) for parts in [("shop", "care:1001", "a"), ("b", "care:1001", "a"), ("shop", "x:1001", "a")]
    }
    assert len(others) == 3


def test_what_the_customer_needs_takes_no_place_under_the_cap() -> None:
    assert live(NOTE, "accepted").customer.profile.recent == ()
    assert live(TIPS, "accepted").customer.profile.recent == (NOW,)


def test_claims_are_remembered_as_long_as_a_window_may_hold_them() -> None:
    days = [0, 1, 6.9, 6.95, 6.99]
    journey = a_journey(
        "care", *(a_touch(f"t{n}", f"order.placed + {round(day * 1440)} minutes") for n, day in enumerate(days))
    )
    life = live(journey, "accepted", quiet_hours={"email": "00:00-00:00"}, promise={"business_days": 20})
    life.until(NOW + 6.999 * DAY)
    assert life.sent() == ["t0", "t1", "t2"]
    life.until(NOW + 7 * DAY)
    assert life.sent() == ["t0", "t1", "t2", "t3"]
    assert len(life.customer.profile.recent) == 3


def test_one_decision_claims_one_touch_and_the_next_goes_on() -> None:
    journey = a_journey("care", a_touch("a", "order.placed", "note"), a_touch("b", "order.placed", "note"))
    life = live(journey, "accepted")
    assert [decision.send.touch.key if decision.send else None for decision in life.decisions] == ["a", "b", None]
    assert life.sent() == ["a", "b"]


# Accepted


def test_an_accepted_message_is_sent() -> None:
    life = live(TIPS, "accepted")
    assert life.told() == {"care/tips": "sent"}
    assert life.customer.profile.claims == {}
    assert life.decisions[-1].endings[0].provider_id == "ok"


# Refused for good


def test_a_refused_message_has_failed_and_gives_back_its_place_under_the_cap() -> None:
    life = live(TIPS, "refused")
    assert life.state("tips") == "failed"
    assert life.customer.profile.recent == ()
    assert life.customer.profile.wake is None


def test_a_refused_message_gives_back_the_order_to_another_journey() -> None:
    first = a_journey("large-care", a_touch("review", "order.placed", "review"), priority=90)
    second = a_journey("small-care", a_touch("review", "order.placed", "review"))
    life = Life(a_content(first, second), answer=replies("refused", "accepted")).feed(placed(), at=NOW)
    assert life.told() == {"large-care/review": "failed: no such mailbox", "small-care/review": "sent"}


def test_a_refused_message_gives_back_one_place_and_no_more() -> None:
    """Two claims of one moment: in a simulated second, or on a coarse clock."""
    journey = a_journey("care", a_touch("a", "order.placed"), a_touch("b", "order.placed"))
    life = live(journey, "accepted", "refused")
    assert life.told() == {"care/a": "sent", "care/b": "failed: no such mailbox"}
    assert life.customer.profile.recent == (NOW,)


def test_a_refused_transactional_message_gives_back_no_place_that_is_anothers() -> None:
    journey = a_journey("care", a_touch("note", "order.placed + 1 minute", "note"), a_touch("tips", "order.placed"))
    life = Life(a_content(journey), answer=lambda send: "accepted" if send.touch.key == "tips" else "refused")
    life.feed(placed(), at=NOW + MINUTE)
    assert life.sent() == ["note", "tips"]
    assert life.customer.profile.recent == (NOW + MINUTE,)


def test_a_refused_offer_was_never_made() -> None:
    journey = a_journey(
        "care",
        a_touch("offer", "order.placed", "offer", offer="tenth"),
        a_touch("last", "offer.tenth.last_day", "nudge"),
    )
    assert live(journey, "refused").told() == {
        "care/offer": "failed: no such mailbox",
        "care/last": "skipped: the offer tenth was not made",
    }


def test_a_refused_offer_takes_no_other_offer_of_that_moment_with_it() -> None:
    offers = {name: {"percent": 10, "days": 7, "code": f"{name.upper()}-1"} for name in ("one", "two")}
    journey = a_journey(
        "care",
        a_touch("one", "order.placed", "offer", offer="one"),
        a_touch("two", "order.placed", "offer", offer="two"),
        a_touch("last", "offer.one.last_day", "tips"),
    )
    life = live(journey, "accepted", "refused", "accepted", offers=offers)
    assert life.customer.enrolments["care:1001"].offers.keys() == {"one"}


# Released for the moment


def test_a_released_touch_waits_a_little_longer_each_time() -> None:
    life = live(NOTE, "released")
    waits = []
    for _ in range(6):
        waits.append(only(life).until - life.sends[-1].touch.at)  # type: ignore[operator]
        life.ring()
    assert waits == [*BACK_OFF, BACK_OFF[-1], BACK_OFF[-1]]


def test_a_released_touch_goes_again_and_counts_once() -> None:
    life = live(TIPS, "released", "released", "accepted")
    assert life.customer.profile.recent == ()
    life.to_the_end()
    assert life.told() == {"care/tips": "sent"}
    assert len(life.sends) == 3
    assert list(life.customer.profile.recent) == [life.sends[-1].touch.at]


def test_each_try_has_its_own_nonce() -> None:
    life = live(NOTE, "released", "accepted").to_the_end()
    assert len({send.touch.nonce for send in life.sends}) == 2
    assert len({send.touch.id for send in life.sends}) == 1


def test_a_touch_that_is_released_for_ever_expires() -> None:
    life = live(a_journey("care", a_touch("note", "order.placed", "note", expires="2 hours")), "released").to_the_end()
    assert life.told() == {"care/note": "expired: came too late"}
    assert life.records[touch_id("shop", "care:1001", "note")].at >= NOW + 2 * HOUR


def test_a_released_touch_passes_every_gate_again() -> None:
    """woocommerce #64743: nothing is sent on the strength of an earlier look."""
    life = live(TIPS, "released", "accepted").feed(cancelled(NOW + 30 * MINUTE / 60), at=NOW + 30 * MINUTE / 60)
    life.to_the_end()
    assert life.told() == {"care/tips": "skipped: the order was cancelled"}


def test_a_released_touch_stalls_nothing_else() -> None:
    """parcelvoy #434: a failed send must not stall the journey."""
    journey = a_journey("care", a_touch("a", "order.placed", "note"), a_touch("b", "order.placed", "note"))
    life = live(journey, "released", "accepted")
    assert life.told() == {"care/a": "released: busy", "care/b": "sent"}


def test_a_released_touch_whose_parcel_is_called_back_ends_with_its_journey() -> None:
    journey = a_journey("ship", a_touch("ship", "parcel.shipped", "note", per="parcel"), patience="10 days")
    life = live(journey, "released").feed(shipped(NOW), at=NOW)
    life.feed(shipment("Updated", NOW + MINUTE / 2, cancelled=True), at=NOW + MINUTE / 2)
    life.to_the_end()
    assert life.told() == {"ship/ship/p1": "skipped: what it speaks of is gone"}


# In doubt: no answer


def test_a_receipt_settles_the_doubt() -> None:
    life = live(NOTE, None)
    life.receipts[life.sends[0].touch.id] = NOW + MINUTE
    life.to_the_end()
    assert life.told() == {"care/note": "sent: settled by a receipt"}
    assert len(life.sends) == 1


def test_nothing_is_settled_before_the_grace_has_passed() -> None:
    life = live(NOTE, None).feed(snapshot(NOW + GRACE - MINUTE), at=NOW + GRACE - MINUTE)
    assert life.told() == {"care/note": "claimed"}
    wake = life.customer.profile.wake
    assert wake is not None
    assert (wake.at, wake.lane) == (NOW + GRACE, "urgent")


def test_a_transactional_email_in_doubt_goes_once_more_and_then_stays_unconfirmed() -> None:
    """Law 1, and its one exception."""
    life = live(NOTE, None).to_the_end()
    assert [send.touch.at for send in life.sends] == [NOW, NOW + GRACE]
    assert [send.touch.tries for send in life.sends] == [1, 2]
    assert life.told() == {"care/note": "unconfirmed: no answer and no receipt"}


def test_the_second_try_may_be_accepted() -> None:
    life = live(NOTE, None, "accepted").to_the_end()
    assert life.told() == {"care/note": "sent"}


def test_a_second_try_that_is_released_is_still_the_second_try() -> None:
    life = live(NOTE, None, "released", None).to_the_end()
    assert [send.touch.tries for send in life.sends] == [1, 2, 2]
    assert life.told() == {"care/note": "unconfirmed: no answer and no receipt"}


def test_a_second_try_that_is_refused_does_not_say_that_the_first_failed() -> None:
    assert live(NOTE, None, "refused").to_the_end().told() == {"care/note": "unconfirmed: no such mailbox"}


def test_the_second_try_passes_every_gate_again() -> None:
    life = live(NOTE, None).feed(cancelled(NOW + MINUTE), at=NOW + MINUTE).to_the_end()
    assert len(life.sends) == 1
    assert life.told() == {"care/note": "unconfirmed: the order was cancelled"}


@pytest.mark.parametrize("message", ["tips", "review", "nudge"])
def test_feedback_and_marketing_in_doubt_are_never_sent_again(message: str) -> None:
    journey = a_journey("care", a_touch("it", "order.placed", message))
    life = Life(a_content(journey), answer=silence)
    yes = [consented("Given"), consented("Given", channel="text", contact={"phone": "07911 123456"})]
    life.feed(placed(), *yes, at=NOW).to_the_end()
    assert len(life.sends) == 1
    assert life.told() == {"care/it": "unconfirmed: no answer and no receipt"}


def test_a_transactional_text_in_doubt_is_never_sent_again() -> None:
    journey = a_journey("care", a_touch("ping", "order.placed", "ping"))
    life = Life(a_content(journey), answer=silence)
    life.feed(placed(contact={"phone": "07911 123456"}), at=NOW).to_the_end()
    assert [send.go.channel for send in life.sends] == ["text"]
    assert life.told() == {"care/ping": "unconfirmed: no answer and no receipt"}


def test_a_message_in_doubt_keeps_its_place_under_the_cap() -> None:
    life = live(TIPS, None).to_the_end()
    assert life.customer.profile.recent == (NOW,)


def test_an_orders_only_message_in_doubt_goes_once_more_and_keeps_others_out() -> None:
    first = a_journey("service", a_touch("thanks", "order.placed", "thanks"), priority=90)
    second = a_journey("care", a_touch("thanks", "order.placed", "thanks"))
    life = Life(a_content(first, second), answer=replies(None, "accepted")).feed(placed(), at=NOW).to_the_end()
    assert life.told() == {"service/thanks": "sent", "care/thanks": "skipped: already sent by service/thanks"}
    assert len(life.sends) == 2


def test_an_orders_only_message_in_doubt_keeps_others_out_while_its_second_try_waits() -> None:
    first = a_journey("service", a_touch("thanks", "order.placed", "thanks"), priority=90)
    second = a_journey("care", a_touch("thanks", "order.placed + 30 minutes", "thanks"))
    life = Life(a_content(first, second), answer=silence).feed(placed(), at=NOW)
    life.pauses = frozenset({Pause("journey", "service")})
    life.until(NOW + HOUR)
    assert life.told()["care/thanks"] == "skipped: already sent by service/thanks"
    assert len(life.sends) == 1


def test_an_orders_only_message_whose_second_try_is_released_keeps_others_out_too() -> None:
    """Nobody knows whether the first try arrived."""
    first = a_journey("service", a_touch("thanks", "order.placed", "thanks", expires="1 hour"), priority=90)
    second = a_journey("care", a_touch("thanks", "order.placed + 30 minutes", "thanks"))
    life = Life(a_content(first, second), answer=replies(None, "released")).feed(placed(), at=NOW).to_the_end()
    assert life.told() == {
        "service/thanks": "unconfirmed: came too late",
        "care/thanks": "skipped: already sent by service/thanks",
    }


@pytest.mark.parametrize("accepted_at", [None, NOW])
def test_evidence_about_a_claim_that_is_young_or_not_there_changes_nothing(accepted_at: datetime | None) -> None:
    """While its grace lasts, the invocation that holds the nonce may still record its answer."""
    life = live(NOTE, None)
    evidence = {life.sends[0].touch.id: accepted_at, "unknown": accepted_at}
    for after in (MINUTE, GRACE - MINUTE):
        setting = replace(life.setting(NOW + after), evidence=evidence)
        assert not decide(life.customer, (), setting).changed


def test_a_claim_of_which_nobody_has_looked_for_a_receipt_stays_in_doubt() -> None:
    life = live(NOTE, None)
    setting = replace(life.setting(NOW + HOUR), evidence={})
    assert decide(life.customer, (), setting).after.profile.claims == life.customer.profile.claims


# Stale answers


def answer_to(send: Send, state: Any, **fields: Any) -> Answer:
    return Answer(send.touch.id, **{"nonce": send.touch.nonce, "state": state, **fields})


@pytest.mark.parametrize("state", ["accepted", "refused", "released"])
def test_an_answer_with_another_nonce_changes_nothing(state: str) -> None:
    life = live(TIPS, None)
    assert not life.decide((answer_to(life.sends[0], state, nonce="other"),), NOW + MINUTE).changed


@pytest.mark.parametrize("state", ["accepted", "refused", "released"])
def test_an_answer_that_comes_after_the_end_changes_nothing(state: str) -> None:
    life = live(TIPS, "accepted")
    assert not life.decide((answer_to(life.sends[0], state),), NOW + MINUTE).changed
    assert not life.decide((Answer("unknown", "nonce-0", state),), NOW).changed  # type: ignore[arg-type]


def test_the_answer_to_the_first_try_says_nothing_about_the_second() -> None:
    life = live(NOTE, None).until(NOW + GRACE)
    assert len(life.sends) == 2
    assert not life.decide((answer_to(life.sends[0], "refused"),), NOW + GRACE).changed


# Offers


OFFER = a_journey(
    "care",
    a_touch("offer", "order.placed", "offer", offer="tenth"),
    a_touch("last", "offer.tenth.last_day", "tips", at="10:00"),
)


def test_an_offer_runs_to_the_end_of_its_last_local_day() -> None:
    life = live(OFFER, "accepted")
    ends = datetime.fromisoformat("2026-03-09T23:59:59Z")
    assert life.customer.enrolments["care:1001"].offers == {"tenth": OfferMade(NOW, ends, 10, "TEN-10", 7)}
    life.feed(delivered(NOW), at=NOW).to_the_end()
    assert life.sent_at("last") == datetime.fromisoformat("2026-03-09T10:00Z")


def test_an_offer_is_a_promise_that_a_later_deploy_does_not_change() -> None:
    life = live(OFFER, "accepted")
    life.content = a_content(OFFER, store=a_store(offers={"tenth": {"percent": 50, "days": 1, "code": "HALF"}}))
    life.feed(snapshot(NOW + HOUR), at=NOW + HOUR)
    assert life.customer.enrolments["care:1001"].offers["tenth"].percent == 10


def test_an_offer_made_by_two_touches_keeps_its_first_terms() -> None:
    journey = a_journey(
        "care",
        a_touch("one", "order.placed", "offer", offer="tenth"),
        a_touch("two", "order.placed + 3 days", "offer", offer="tenth"),
    )
    life = live(journey, "accepted").until(NOW + 2 * DAY)
    first = life.customer.enrolments["care:1001"].offers
    life.answer = replies("refused")
    life.until(NOW + 3 * DAY + HOUR / 2)
    assert life.customer.enrolments.get("care:1001") is None or life.customer.enrolments["care:1001"].offers == first


# Several parcels in one message

JOINED = a_journey(
    "ship", a_touch("ship", "parcel.shipped", "note", per="parcel", join="20 minutes"), patience="5 days"
)


def two_parcels(*states: str | None) -> Life:
    life = live(JOINED, *states)
    life.feed(shipped(NOW, "p1", lines={"l1": 1}), at=NOW)
    life.feed(shipped(NOW + 10 * MINUTE, "p2"), at=NOW + 10 * MINUTE)
    return life.until(NOW + HOUR)


def test_parcels_that_leave_together_are_told_together() -> None:
    life = two_parcels("accepted")
    assert life.told() == {"ship/ship/p1": "sent", "ship/ship/p2": "skipped: told together with ship/p1"}
    assert life.sends[0].planned.parts == ("p1", "p2")
    assert life.sent_at("ship/p1") == NOW + 20 * MINUTE


def test_a_third_parcel_gets_its_own_message() -> None:
    life = two_parcels("accepted").feed(shipped(NOW + 15 * MINUTE, "p3"), at=NOW + HOUR).until(NOW + 2 * HOUR)
    assert life.sent() == ["ship/p1", "ship/p3"]


def test_a_released_message_speaks_of_all_its_parcels_when_it_goes_again() -> None:
    life = two_parcels("released", "accepted")
    assert [send.planned.parts for send in life.sends] == [("p1", "p2")] * 2
    assert life.told() == {"ship/ship/p1": "sent", "ship/ship/p2": "skipped: told together with ship/p1"}


def test_a_message_in_doubt_speaks_of_all_its_parcels_when_it_goes_once_more() -> None:
    life = two_parcels(None, "accepted")
    assert [send.planned.parts for send in life.sends] == [("p1", "p2")] * 2


@pytest.mark.parametrize(
    ("state", "outcome"), [("refused", "failed: no such mailbox"), (None, "unconfirmed: no answer and no receipt")]
)
def test_parcels_share_the_fate_of_the_message_that_spoke_of_them(state: str | None, outcome: str) -> None:
    """Nobody was told of the second parcel: its record must not say so."""
    life = two_parcels(state)
    assert life.told() == {"ship/ship/p1": outcome, "ship/ship/p2": outcome}


def test_while_a_shared_message_is_in_doubt_nothing_is_sent_of_any_of_its_parcels() -> None:
    life = live(JOINED, None)
    life.feed(shipped(NOW, "p1", lines={"l1": 1}), shipped(NOW, "p2"), at=NOW + 20 * MINUTE)
    life.feed(snapshot(NOW + 25 * MINUTE), at=NOW + 25 * MINUTE)
    assert life.sent() == ["ship/p1"]
    assert life.told() == {"ship/ship/p1": "claimed", "ship/ship/p2": "claimed"}


# Devices that are gone


def test_an_answer_that_the_device_is_gone_forgets_it() -> None:
    journey = a_journey("care", a_touch("buzz", "order.placed", "buzz"))
    life = Life(a_content(journey), answer=silence).feed(device("Registered"), placed(), at=NOW)
    gone = answer_to(life.sends[0], "refused", address_gone="arn:phone")
    life.feed(gone, at=NOW + MINUTE)
    assert not life.customer.profile.devices["arn:phone"].live
    assert life.state("buzz") == "failed"
