"""What a customer is still to get, as the preference page shows it."""

from datetime import datetime
from typing import Any

from perennial.coming import Coming, coming
from tests.unit.core.builders import (
    DAY,
    HOUR,
    NOW,
    a_content,
    a_journey,
    a_message,
    a_store,
    a_touch,
    cancelled,
    consented,
    delivered,
    placed,
    rested,
    returned,
    reviewed,
    scored,
    wish,
)
from tests.unit.core.life import Life, silence

CARE = a_journey(
    "care",
    a_touch("note", "order.placed", "note"),
    a_touch("tips", "order.placed + 5 days", "tips"),
    a_touch("review", "order.delivered + 10 days", "review"),
    a_touch("sorry", "order.cancelled", "note"),
    a_touch("refund", "refund.made", "note", per="refund"),
)
OTHER = a_journey(
    "other",
    a_touch("review", "order.placed + 20 days", "review"),
    a_touch("told", "order.placed + 2 days", "alarm"),
    a_touch("reminder", "order.placed + 30 days", "survey", unless="order.reviewed"),
    a_touch("again", "touch.reminder.sent + 7 days", "survey"),
    priority=40,
)


def live(*news: Any, at: datetime = NOW, **fields: Any) -> Life:
    life = Life(a_content(CARE, OTHER, **fields))
    life.feed(placed(), at=NOW)
    for event in news:
        life.feed(event, at=at)
    return life


def ahead(life: Life, at: datetime = NOW) -> tuple[Coming, ...]:
    return coming(life.customer, life.setting(at))


def names(life: Life, at: datetime = NOW) -> list[str]:
    return [f"{touch.journey}/{touch.key}" for touch in ahead(life, at)]


def test_what_is_planned_comes_in_its_order_and_what_waits_for_a_milestone_at_the_end() -> None:
    assert names(live()) == ["care/tips", "other/review", "other/reminder"]
    assert names(live(delivered(NOW))) == ["care/tips", "care/review", "other/reminder"]


def test_each_touch_says_what_it_is_and_when() -> None:
    first, *_ = ahead(live(delivered(NOW)))
    ten = datetime.fromisoformat("2026-03-07T10:00Z")
    assert first == Coming("care:1001", "tips", "care", "tips", "marketing", ten, "1001")


def test_what_waits_for_a_moment_says_for_which() -> None:
    late = a_journey("late", a_touch("tips", "order.delivered + 3 days"))
    life = Life(a_content(late)).feed(placed(), at=NOW)
    (touch,) = ahead(life)
    assert (touch.due, touch.waits_for) == (None, "order.delivered")


def test_a_message_that_journeys_share_is_named_once_per_order_by_whoever_sends_it_first() -> None:
    life = live(placed(NOW, "1002"), delivered(NOW, order="1002"))
    reviews = [(touch.journey, touch.order_id) for touch in ahead(life) if touch.message == "review"]
    assert reviews == [("care", "1002"), ("other", "1001")]


def test_a_declined_touch_is_shown_as_such_so_that_it_can_be_wanted_again() -> None:
    life = live(wish("Declined", NOW, "care:1001", "tips"))
    assert [(touch.key, touch.declined) for touch in ahead(life)][0] == ("tips", True)
    life.feed(wish("Wanted", NOW + HOUR, "care:1001", "tips"), at=NOW + HOUR)
    assert [(touch.key, touch.declined) for touch in ahead(life, NOW + HOUR)][0] == ("tips", False)


def test_what_will_not_go_out_is_not_promised() -> None:
    unsubscribed = consented("Withdrawn", NOW, classes=["marketing"], contact={})
    assert names(live(unsubscribed)) == ["other/review", "other/reminder"]
    assert "other/reminder" not in names(live(reviewed(NOW)))
    assert names(live(cancelled(NOW))) == []


def test_nothing_is_promised_within_a_rest() -> None:
    """The tips would be of use for ten days; the review request for fourteen."""
    assert names(live(rested(NOW, NOW + 16 * DAY))) == ["other/review", "other/reminder"]


def test_what_an_open_return_or_a_low_score_holds_is_still_planned() -> None:
    for news in (returned("Requested", NOW), scored(NOW, 2)):
        assert names(live(news)) == ["care/tips", "other/review", "other/reminder"]


def test_what_hangs_on_something_that_will_not_be_sent_is_not_coming() -> None:
    life = live(store=a_store(consent={"feedback_needs_consent": True, "soft_opt_in": False}))
    assert names(life) == []


def test_what_was_claimed_or_sent_is_not_coming() -> None:
    life = Life(a_content(CARE), answer=silence).feed(placed(), at=NOW)
    assert life.customer.profile.claims
    assert "care/note" not in names(life)


def test_looking_changes_nothing() -> None:
    life = live()
    before = life.customer
    ahead(life, NOW + 6 * DAY)
    assert life.customer == before


def test_a_message_to_the_store_is_not_shown_to_the_shopper() -> None:
    told = a_message("alarm", "transactional", to="store")
    life = Life(a_content(a_journey("j", a_touch("told", "order.placed + 2 days", "alarm")), messages=[told]))
    life.feed(placed(), at=NOW)
    assert len(life.decisions[-1].waiting) == 1
    assert names(life) == []
