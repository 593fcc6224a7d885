"""Answers matter at once: what each of them starts, holds, skips and ends, from the customer's side."""

from datetime import datetime
from typing import Any

import pytest

from perennial import events
from tests.unit.core.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    a_content,
    a_journey,
    a_touch,
    cancelled,
    complained,
    consented,
    delivered,
    gone,
    placed,
    refunded,
    rested,
    returned,
    reviewed,
    score_settled,
    scored,
    shipped,
    wish,
    withdrawn,
)
from tests.unit.core.life import Life, silence
from tests.unit.core.world import World

CARE = a_journey(
    "care",
    a_touch("thanks", "order.placed", "thanks"),
    a_touch("tips", "order.delivered + 3 days", "tips"),
    a_touch("review", "order.delivered + 7 days", "review"),
    a_touch("reminder", "touch.review.sent + 7 days", "survey", unless="order.reviewed"),
)
RETURNS = a_journey(
    "returns",
    a_touch("asked", "return.requested", "note", per="return"),
    a_touch("leaving", "return.withdrawn", "note", per="return"),
    a_touch("back", "return.received", "note", per="return"),
    a_touch("paid", "return.refunded", "note", per="return"),
    a_touch("anew", "return.exchanged + 1 day", "tips", per="return", when="return_case.replacements"),
    enrol={"on": "order.return_requested"},
    patience="60 days",
)
RECOVERY = a_journey(
    "recovery",
    a_touch("told", "order.scored", "alarm"),
    a_touch("sorry", "order.scored", "note"),
    enrol={"on": "order.scored", "when": "order.detractor"},
)
GRATITUDE = a_journey("gratitude", a_touch("points", "order.reviewed", "note"), enrol={"on": "order.reviewed"})
ARRIVED = NOW + 2 * DAY


def live(*news: tuple[Any, events.Event], **fields: Any) -> Life:
    """Ann's kettle, delivered on the third day; then the news, each when it comes."""
    life = Life(a_content(CARE, RETURNS, RECOVERY, GRATITUDE), **fields)
    story = [(NOW, placed()), (NOW + HOUR, shipped(NOW + HOUR)), (ARRIVED, delivered(ARRIVED)), *news]
    for at, event in story:
        life.until(at - MINUTE)
        life.feed(event, at=at)
    return life


def test_without_a_word_from_her_she_gets_all_of_it() -> None:
    assert live().to_the_end().sent() == ["thanks", "tips", "review", "reminder"]


# Stop means stop (law 3)


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (complained(ARRIVED), "the customer complained"),
        (gone(ARRIVED, reason="no such mailbox"), "email: dead address: no such mailbox"),
        (gone(ARRIVED, what="Disowned"), "email: dead address: disowned"),
    ],
)
def test_after_a_complaint_or_a_bounce_nothing_of_what_was_planned_goes(event: events.Event, reason: str) -> None:
    life = live((ARRIVED, event)).to_the_end()
    assert life.sent() == ["thanks"]
    assert {life.told()[f"care/{key}"] for key in ("tips", "review")} == {f"skipped: {reason}"}


def test_a_complaint_takes_no_message_from_her_that_she_needs_but_a_dead_address_does() -> None:
    asked = (ARRIVED + HOUR, returned("Requested", ARRIVED + HOUR, {"l1": 1}))
    assert "asked/t1" in live((ARRIVED, complained(ARRIVED)), asked).sent()
    assert "asked/t1" not in live((ARRIVED, gone(ARRIVED)), asked).sent()


def test_a_message_the_provider_was_too_busy_for_does_not_go_after_the_complaint() -> None:
    due = datetime.fromisoformat("2026-03-07T10:00Z")
    life = live(answer=lambda send: "released" if send.touch.key == "tips" else "accepted").until(due)
    assert life.sent() == ["thanks", "tips"]
    life.feed(complained(due), at=due + MINUTE / 2).to_the_end()
    assert life.sent() == ["thanks", "tips"]
    assert life.told()["care/tips"] == "skipped: the customer complained"


def test_a_complaint_about_a_message_in_doubt_keeps_it_from_going_once_more() -> None:
    """A claim that nobody answered passes every gate again before its second try: the address is dead by then."""
    life = Life(a_content(CARE), answer=silence).feed(placed(), at=NOW)
    life.feed(gone(NOW + MINUTE), at=NOW + MINUTE)
    life.to_the_end()
    assert life.sent() == ["thanks"]
    assert life.state("thanks") == "unconfirmed"


def test_after_a_complaint_only_her_own_words_bring_messages_back() -> None:
    complaint = (ARRIVED, complained(ARRIVED))
    for source, comes in [("shop", False), ("checkout", False), ("preferences", True), ("undo", True)]:
        yes = consented("Given", ARRIVED + HOUR, source=source, contact={})
        assert ("tips" in live(complaint, (ARRIVED + HOUR, yes)).to_the_end().sent()) is comes


def test_an_unsubscribe_stops_its_classes_and_undoing_it_lets_them_go_on() -> None:
    out = consented("Withdrawn", ARRIVED, source="one-click", evidence="abcdefabcdef", contact={})
    back = consented("Given", ARRIVED + HOUR, source="undo", contact={})
    gone_for_good = live((ARRIVED, out)).to_the_end()
    assert gone_for_good.sent() == ["thanks"]
    assert gone_for_good.told()["care/tips"] == "skipped: email: consent withdrawn"
    assert live((ARRIVED, out), (ARRIVED + HOUR, back)).to_the_end().sent() == ["thanks", "tips", "review", "reminder"]


# Rests and wishes


def test_a_rest_holds_feedback_and_marketing_until_it_is_over() -> None:
    until = ARRIVED + 9 * DAY
    life = live((ARRIVED, rested(ARRIVED, until))).to_the_end()
    assert life.sent_at("tips") == until
    assert life.sent_at("review") >= until


def test_what_is_of_no_more_use_after_the_rest_expires_with_that_reason() -> None:
    life = live((ARRIVED, rested(ARRIVED, ARRIVED + 30 * DAY))).to_the_end()
    assert life.told()["care/tips"] == "expired: the customer asked for a rest"


def test_a_rest_that_is_ended_early_is_over_at_once() -> None:
    rest = (ARRIVED, rested(ARRIVED, ARRIVED + 30 * DAY))
    over = (ARRIVED + 5 * DAY, rested(ARRIVED + 5 * DAY, None))
    assert live(rest, over).sent() == ["thanks", "tips"]


def test_a_declined_touch_is_skipped_when_its_time_comes_and_not_before() -> None:
    life = live((ARRIVED, wish("Declined", ARRIVED, "care:1001", "tips")))
    assert life.waits("tips") == "declined by the customer"
    life.to_the_end()
    assert life.told()["care/tips"] == "skipped: declined by the customer"
    assert life.sent() == ["thanks", "review", "reminder"]


def test_a_declined_message_is_not_brought_by_the_next_journey_that_shares_it() -> None:
    other = a_journey("other", a_touch("ask", "order.delivered + 9 days", "review"))
    life = Life(a_content(CARE, other)).feed(placed(), delivered(NOW), at=NOW)
    life.feed(wish("Declined", NOW, "care:1001", "review"), at=NOW).to_the_end()
    assert "ask" not in life.sent()
    assert life.told()["other/ask"] == "skipped: declined by the customer"


def test_a_declined_message_of_one_order_still_comes_for_another() -> None:
    life = Life(a_content(CARE)).feed(placed(), delivered(NOW), placed(NOW, "1002"), at=NOW)
    life.feed(delivered(NOW, "p2", "1002"), wish("Declined", NOW, "care:1001", "review"), at=NOW).to_the_end()
    assert [send.touch.order_id for send in life.sends if send.touch.key == "review"] == ["1002"]


def test_what_waits_for_a_declined_touch_never_comes() -> None:
    life = live((ARRIVED, wish("Declined", ARRIVED, "care:1001", "review"))).to_the_end()
    assert life.told()["care/reminder"] == "skipped: review was not sent"


def test_one_of_several_parcels_or_returns_can_be_declined() -> None:
    asked = [(ARRIVED, returned("Requested", ARRIVED, {"l1": 1}, case)) for case in ("t1", "t2")]
    no = (ARRIVED + HOUR, wish("Declined", ARRIVED + HOUR, "returns:1001", "back/t1"))
    back = [(ARRIVED + DAY, returned("Received", ARRIVED + DAY, case=case)) for case in ("t1", "t2")]
    life = live(*asked, no, *back)
    assert [key for key in life.sent() if key.startswith("back")] == ["back/t2"]


# Reviews


def test_a_review_is_thanked_for_once_and_stops_its_reminder() -> None:
    at = ARRIVED + 8 * DAY
    life = live((at, reviewed(at, stars=1)), (at + HOUR, reviewed(at + HOUR, "l2"))).to_the_end()
    assert life.sent() == ["thanks", "tips", "review", "points"]
    assert life.told()["care/reminder"] == "skipped: unless order.reviewed"


# Scores


def test_a_low_score_tells_the_store_at_once_and_promotions_rest_until_it_is_settled() -> None:
    at, settled = ARRIVED + DAY, ARRIVED + 5 * DAY
    life = live((at, scored(at, 3)))
    assert set(life.sent()) == {"thanks", "told", "sorry"}
    assert next(send.go.address for send in life.sends if send.touch.key == "told") == "help@shop.example"
    life.until(settled)
    assert len(life.sent()) == 3
    assert life.waits("tips") == "a low score is not settled yet"
    life.feed(score_settled(settled), at=settled)
    assert life.sent()[-1] == "tips"


def test_a_low_score_that_nobody_settles_lets_what_it_held_expire() -> None:
    at = ARRIVED + DAY
    life = live((at, scored(at, 3))).to_the_end()
    assert life.told()["care/tips"] == "expired: a low score is not settled yet"
    assert life.told()["care/review"] == "expired: a low score is not settled yet"


def test_a_good_score_begins_no_recovery_and_holds_nothing() -> None:
    at = ARRIVED + DAY
    assert live((at, scored(at, 9))).to_the_end().sent() == ["thanks", "tips", "review", "reminder"]


def test_whoever_thinks_worse_of_it_later_is_heard_as_well() -> None:
    at, worse = ARRIVED + DAY, ARRIVED + 6 * DAY
    life = live((at, scored(at, 9)), (worse, scored(worse, 2)))
    assert {"told", "sorry"} <= set(life.sent())


def test_the_store_is_told_once_however_often_she_corrects_herself() -> None:
    at = ARRIVED + DAY
    news = [(at + MINUTE * n, scored(at + MINUTE * n, n % 4, why=f"reason {n}")) for n in range(5)]
    assert live(*news).to_the_end().sent().count("told") == 1


# Returns


def test_a_return_is_acknowledged_at_once_and_followed_to_its_end() -> None:
    at = ARRIVED + DAY
    steps = [("Requested", at), ("Received", at + DAY), ("Refunded", at + 2 * DAY)]
    life = live(*((when, returned(stage, when, {"l1": 1})) for stage, when in steps))
    assert life.sent() == ["thanks", "asked/t1", "back/t1", "paid/t1"]
    assert life.sent_at("asked/t1") == at


def test_a_withdrawal_is_acknowledged_as_such_even_when_the_shop_cancels_the_order_for_it() -> None:
    at = NOW + 30 * MINUTE
    life = Life(a_content(CARE, RETURNS)).feed(placed(), at=NOW)
    life.feed(withdrawn(at), cancelled(at), at=at)
    assert life.sent() == ["thanks", "leaving/t1"]


def test_an_open_return_holds_review_requests_and_tips_until_it_is_closed() -> None:
    at, closed = ARRIVED + DAY, ARRIVED + 9 * DAY
    life = live((at, returned("Requested", at, {"l1": 1})))
    life.until(closed)
    assert life.sent() == ["thanks", "asked/t1"]
    assert life.waits("review") == "the order is being returned"
    life.feed(returned("Closed", closed), at=closed)
    assert life.sent() == ["thanks", "asked/t1", "tips", "review"]


def test_a_return_that_is_never_closed_lets_what_it_held_expire() -> None:
    at = ARRIVED + DAY
    life = live((at, returned("Requested", at, {"l1": 1}))).to_the_end()
    assert life.told()["care/review"] == "expired: the order is being returned"
    assert life.customer.enrolments == {}


def test_an_open_return_of_one_order_holds_nothing_of_another() -> None:
    at = ARRIVED + DAY
    other = [(at, placed(at, "1002")), (at, shipped(at, "p9", "1002")), (at, delivered(at, "p9", "1002"))]
    life = live((at, returned("Requested", at, {"l1": 1})), *other).to_the_end()
    sent = {(send.touch.order_id, send.touch.key) for send in life.sends}
    assert ("1002", "tips") in sent
    assert ("1001", "tips") not in sent


def test_a_refund_that_the_shop_reports_ends_the_return_and_is_told_per_return() -> None:
    at = ARRIVED + DAY
    asked = (at, returned("Requested", at, {"l1": 1}))
    paid = (at + DAY, refunded(at + DAY, "40.00", lines={"l1": 1}))
    assert "paid/t1" in live(asked, paid).sent()


def test_an_exchange_begins_anew_with_what_came_instead() -> None:
    at = ARRIVED + DAY
    new = {"id": "l9", "title": "Blender", "quantity": 1}
    asked = (at, returned("Requested", at, {"l1": 1}, wish="exchange"))
    done = (at + DAY, returned("Exchanged", at + DAY, replacements=[new]))
    assert "anew/t1" in live(asked, done).to_the_end().sent()
    plain = (at + DAY, returned("Exchanged", at + DAY))
    assert live(asked, plain).to_the_end().told()["returns/anew/t1"] == "skipped: not when return_case.replacements"


def test_a_second_return_of_an_order_joins_the_passage_of_the_first() -> None:
    at, second = ARRIVED + DAY, ARRIVED + 20 * DAY
    news = [(at, returned("Requested", at)), (at + DAY, returned("Closed", at + DAY))]
    life = live(*news, (second, returned("Requested", second, case="t2")))
    assert [key for key in life.sent() if key.startswith("asked")] == ["asked/t1", "asked/t2"]


def test_a_passage_on_an_occasion_ends_when_all_of_it_is_told() -> None:
    """It waits for nothing, so it is not kept for the half year of its patience (law 8)."""
    at = ARRIVED + 8 * DAY
    life = live((at, reviewed(at)))
    assert "gratitude:1001" not in life.customer.enrolments


# Orders that lie in the archive


def test_an_answer_about_an_order_in_the_archive_finds_it_there_and_matters() -> None:
    plain = a_journey("plain", a_touch("thanks", "order.placed", "thanks"))
    world = World(a_content(plain, GRATITUDE, RECOVERY))
    world.tell(placed())
    assert world.customer().enrolments == {}
    world.pass_minutes(60)
    world.tell(reviewed(NOW + HOUR), scored(NOW + HOUR, 2))
    assert world.told() == dict.fromkeys(("plain/thanks", "gratitude/points", *RECOVERED), "sent")
    assert world.customer().profile.orders == 1
    world.tell(score_settled(NOW + HOUR + MINUTE))
    assert world.customer().profile.detractor_since is None


RECOVERED = ("recovery/told", "recovery/sorry")
