"""Who enters which journey, and when a passage is over."""

from datetime import datetime
from typing import Any

import pytest

from perennial import events
from perennial.customer import Enrolment
from perennial.errors import RuleFailed
from perennial.journeys import Journey, version_of
from tests.unit.core.builders import (
    DAY,
    FRIDGE,
    HOUR,
    KETTLE,
    NOW,
    a_content,
    a_journey,
    a_store,
    a_touch,
    an_event,
    cancelled,
    delivered,
    edited,
    placed,
    refunded,
    shipment,
    shipped,
    snapshot,
)
from tests.unit.core.life import Life

LATER = NOW + HOUR
TIPS = a_touch("tips", "order.delivered + 3 days", "tips")
CARE = a_journey("care", TIPS)


def live(journey: Journey, *news: events.Event, at: datetime = NOW, **store: Any) -> Life:
    """All the news in one run."""
    return Life(a_content(journey, store=a_store(**store))).feed(*news, at=at)


def untold(*journeys: Journey) -> Life:
    """An order of which the shop does not say what it costs."""
    return Life(a_content(*journeys)).feed(placed(total=None), at=NOW)


def entered(life: Life) -> set[str]:
    return set(life.customer.enrolments)


def on(moment: str, **fields: Any) -> Journey:
    return a_journey("care", a_touch("note", "order.placed + 11 months"), enrol={"on": moment, **fields})


# Entering


@pytest.mark.parametrize(
    ("moment", "news"),
    [
        ("order.placed", ()),
        ("order.paid", (snapshot(NOW, payment_status="paid"),)),
        ("order.shipped", (shipped(NOW),)),
        ("order.delivered", (shipped(NOW), delivered(NOW))),
        ("order.cancelled", (cancelled(NOW),)),
        ("order.refunded", (refunded(NOW),)),
    ],
)
def test_a_journey_begins_with_its_moment_and_not_before(moment: str, news: tuple[events.Event, ...]) -> None:
    life = live(on(moment), placed())
    assert entered(life) == ({"care:1001"} if moment == "order.placed" else set())
    assert entered(life.feed(*news, at=LATER)) == {"care:1001"}


def test_an_enrolment_carries_the_version_it_began_with() -> None:
    enrolment = live(CARE, placed()).customer.enrolments["care:1001"]
    assert enrolment == Enrolment("care:1001", "care", version_of(CARE), "1001", NOW)


def test_a_first_use_of_a_version_asks_for_it_to_be_kept() -> None:
    life = live(CARE, placed())
    assert life.decisions[0].versions == {version_of(CARE)}
    assert life.feed(snapshot(LATER), at=LATER).decisions[-1].versions == frozenset()


def test_the_same_order_enters_once_however_often_it_is_told() -> None:
    life = live(CARE, placed()).feed(placed(), at=NOW).feed(placed(LATER), at=LATER)
    assert len(life.customer.enrolments) == 1
    assert life.customer.enrolments["care:1001"].entered_at == NOW


def test_each_order_has_its_own_passage() -> None:
    assert entered(live(CARE, placed(), placed(NOW, "1002"))) == {"care:1001", "care:1002"}


def test_an_order_older_than_the_limit_updates_facts_and_enrols_nobody() -> None:
    """Installing Perennial, or a bulk edit of old orders, mails no one."""
    old = placed(NOW - 3 * DAY - HOUR)
    life = live(CARE, an_event("OrderUpdated", NOW, order=old.order.model_dump(exclude_unset=True)))  # type: ignore[attr-defined]
    assert life.customer.orders["1001"].firsts["placed"] == NOW - 3 * DAY - HOUR
    assert entered(life) == set()
    assert entered(live(CARE, placed(NOW - 3 * DAY))) == {"care:1001"}
    assert entered(live(CARE, placed(NOW - 9 * DAY), order_age_limit_days=10)) == {"care:1001"}


def test_the_age_of_what_the_journey_begins_with_counts() -> None:
    assert entered(live(on("order.delivered"), placed(NOW - 30 * DAY), delivered(NOW))) == {"care:1001"}
    assert entered(live(on("order.delivered"), placed(NOW - 30 * DAY), delivered(NOW - 4 * DAY))) == set()


def test_a_condition_decides_with_the_facts_there_are() -> None:
    journey = a_journey("care", TIPS, enrol={"on": "order.placed", "when": "'small-appliance' in order.purchase_types"})
    assert entered(live(journey, placed(lines=[KETTLE]))) == {"care:1001"}
    assert entered(live(journey, placed(lines=[FRIDGE]))) == set()


def test_a_condition_keeps_a_marketplaces_orders_out() -> None:
    journey = on("order.placed", when="order.channel not in ['amazon', '755357713']")
    told = {name: entered(live(journey, placed(channel=name))) for name in ("amazon", "755357713", "web", None)}
    assert [name for name, begun in told.items() if begun] == ["web", None]


# A condition that cannot be told

LARGE = a_journey("large", TIPS, enrol={"on": "order.placed", "when": "order.total.amount > 100"})
UNTOLD = "condition `order.total.amount > 100`: 'None' has no attribute 'amount'"


def test_a_condition_that_fails_keeps_nobody_out_of_the_other_journeys() -> None:
    life = untold(LARGE, CARE)
    assert entered(life) == {"care:1001"}
    assert life.decisions[0].undecided == {"large": UNTOLD}


def test_a_condition_that_could_not_be_told_is_asked_again_with_the_next_news_of_the_order() -> None:
    life = untold(LARGE).feed(snapshot(NOW + HOUR, total=120, currency="EUR"), at=LATER)
    assert entered(life) == {"large:1001"}
    assert life.customer.orders["1001"].undecided == ()
    assert life.decisions[-1].undecided == {}


def test_a_condition_that_could_be_told_later_may_say_no_and_is_not_asked_again() -> None:
    life = untold(LARGE).feed(snapshot(NOW + HOUR, total=20, currency="EUR"), at=LATER)
    assert life.customer.orders["1001"].undecided == ()
    assert entered(life.feed(snapshot(LATER + HOUR, total=120), at=LATER + HOUR)) == set()


def test_as_long_as_it_cannot_be_told_each_news_says_so_and_nothing_else_does() -> None:
    life = untold(LARGE).feed(snapshot(LATER, number="#7"), at=LATER)
    assert [decision.undecided for decision in life.decisions] == [{"large": UNTOLD}] * 2
    assert life.feed(snapshot(LATER, number="#7"), at=LATER).decisions[-1].undecided == {}


def test_a_condition_is_not_asked_again_once_the_order_is_too_old_or_cancelled() -> None:
    late = NOW + 4 * DAY
    life = untold(LARGE).feed(snapshot(late, total=120, currency="EUR"), at=late)
    assert (entered(life), life.customer.orders["1001"].undecided) == (set(), ())
    life = untold(LARGE).feed(cancelled(LATER), snapshot(LATER, total=120, currency="EUR"), at=LATER)
    assert entered(life) == set()


def test_who_entered_does_not_do_so_again_while_another_journey_is_untold() -> None:
    life = untold(LARGE, CARE).feed(snapshot(LATER, number="#7"), at=LATER)
    assert life.customer.orders["1001"].entered == ("care",)
    assert life.customer.orders["1001"].undecided == ("large",)


def test_once_per_customer_is_once_for_all_their_orders() -> None:
    journey = on("order.placed", once_per="customer")
    life = live(journey, placed(), placed(NOW, "1002")).feed(placed(LATER, "1003"), at=LATER)
    assert entered(life) == {"care:1001"}
    assert life.customer.profile.once == ("care",)


def test_a_store_runs_only_the_journeys_it_names() -> None:
    content = a_content(CARE, a_journey("other", TIPS), store=a_store(journeys=["other"]))
    assert entered(Life(content).feed(placed(), at=NOW)) == {"other:1001"}


def test_a_cancelled_order_begins_nothing_but_what_is_about_that() -> None:
    assert entered(live(CARE, placed(), cancelled(NOW))) == set()
    assert entered(live(on("order.delivered"), placed(), cancelled(NOW), delivered(NOW))) == set()
    for moment in ("order.cancelled", "order.refunded"):
        assert entered(live(on(moment), placed(), cancelled(NOW), refunded(NOW))) == {"care:1001"}


def test_an_order_that_met_the_end_of_a_journey_does_not_begin_it() -> None:
    journey = a_journey("care", TIPS, stop=["order.refunded"])
    assert entered(live(journey, placed(), refunded(NOW))) == set()


def test_a_journey_that_ran_its_course_is_not_begun_again_by_the_same_order() -> None:
    """parcelvoy #462. A parcel called back and sent again makes the order "shipped" a second time."""
    journey = a_journey("care", a_touch("note", "order.shipped", "note"), enrol={"on": "order.shipped"})
    life = live(journey, placed(), shipped(NOW, "p1", lines={"l1": 1}))
    assert (life.sent(), entered(life)) == (["note"], set())
    life.feed(shipment("Updated", LATER, "p1", cancelled=True), at=LATER)
    life.feed(shipped(LATER + HOUR, "p2", lines={"l1": 1}), at=LATER + HOUR)
    assert (life.sent(), entered(life)) == (["note"], set())


def test_a_line_added_after_delivery_does_not_begin_the_care_again() -> None:
    journey = a_journey("care", a_touch("note", "order.delivered", "note"), enrol={"on": "order.delivered"})
    life = live(journey, placed(), shipped(NOW, "p1", lines={"l1": 1}), delivered(NOW, "p1"))
    life.feed(edited(LATER, added={"l1": 1}), at=LATER)
    life.feed(shipped(LATER, "p2", lines={"l1": 1}), delivered(LATER + HOUR, "p2"), at=LATER + HOUR)
    assert life.sent() == ["note"]


# Stopping


def test_what_stops_a_journey_skips_what_is_ahead_with_that_reason() -> None:
    journey = a_journey(
        "care", a_touch("hello", "order.placed", "note"), TIPS, stop=["order.cancelled", "order.refunded"]
    )
    life = live(journey, placed())
    life.feed(cancelled(LATER), at=LATER)
    assert life.told() == {"care/hello": "sent", "care/tips": "skipped: stopped: order.cancelled"}
    assert entered(life) == set()
    assert life.customer.profile.wake is None


def test_of_two_reasons_to_stop_the_earlier_is_told() -> None:
    journey = a_journey("care", TIPS, stop=["order.cancelled", "order.refunded"])
    life = live(journey, placed()).feed(cancelled(LATER), refunded(LATER - HOUR / 2), at=LATER)
    assert life.told() == {"care/tips": "skipped: stopped: order.refunded"}


def test_one_order_stopped_leaves_the_others_alone() -> None:
    journey = a_journey("care", TIPS, stop=["order.cancelled"])
    life = live(journey, placed(), placed(NOW, "1002")).feed(cancelled(LATER), at=LATER)
    assert entered(life) == {"care:1002"}


def test_a_message_in_doubt_is_settled_before_a_stopped_journey_closes() -> None:
    journey = a_journey("care", a_touch("hello", "order.placed", "note"), TIPS, stop=["order.cancelled"])
    life = Life(a_content(journey), answer=lambda send: None)
    life.feed(placed(), at=NOW).feed(cancelled(NOW + HOUR / 10), at=NOW + HOUR / 10)
    assert entered(life) == {"care:1001"}
    life.to_the_end()
    assert life.told() == {
        "care/tips": "skipped: stopped: order.cancelled",
        "care/hello": "unconfirmed: stopped: order.cancelled",
    }
    assert len(life.sends) == 1


# Closing: every enrolment ends, and nothing waits for ever


def test_a_journey_closes_with_its_last_touch() -> None:
    life = live(CARE, placed()).feed(delivered(LATER), at=LATER)
    assert entered(life) == {"care:1001"}
    life.to_the_end()
    assert life.told() == {"care/tips": "sent"}
    assert entered(life) == set()


def test_a_delivery_that_never_comes_is_waited_for_with_patience_and_no_longer() -> None:
    life = live(a_journey("care", TIPS, patience="30 days"), placed())
    assert life.waits("tips") == "waits for order.delivered"
    life.until(NOW + 29 * DAY)
    assert entered(life) == {"care:1001"}
    life.to_the_end()
    assert life.told() == {"care/tips": "expired: order.delivered did not come within 30 days"}
    assert entered(life) == set()


def test_an_occasion_is_waited_for_with_patience_and_then_leaves_no_outcome() -> None:
    journey = a_journey("service", a_touch("sorry", "order.cancelled", "note"), patience="30 days")
    life = live(journey, placed())
    assert entered(life) == {"service:1001"}
    life.until(NOW + 29 * DAY)
    assert entered(life) == {"service:1001"}
    life.to_the_end()
    assert (entered(life), life.told()) == (set(), {})


def test_an_occasion_within_the_patience_is_told() -> None:
    journey = a_journey("service", a_touch("sorry", "order.cancelled", "note"), patience="30 days")
    life = live(journey, placed()).feed(cancelled(NOW + 20 * DAY), at=NOW + 20 * DAY)
    assert life.told() == {"service/sorry": "sent"}


def test_a_touch_beyond_the_patience_is_kept_as_long_as_it_is_dated() -> None:
    journey = a_journey("care", a_touch("warranty", "order.placed + 18 months"), patience="30 days")
    life = live(journey, placed(), shipped(NOW), delivered(NOW)).to_the_end()
    assert life.told() == {"care/warranty": "sent"}
    assert life.sent_at("warranty") == datetime.fromisoformat("2027-09-02T10:00+01:00")


def test_a_touch_that_waits_for_one_that_never_came_into_being_does_not_hold_the_journey_open() -> None:
    journey = a_journey(
        "care",
        a_touch("sorry", "order.cancelled", "note"),
        a_touch("win-back", "touch.sorry.sent + 30 days"),
        patience="9 days",
    )
    life = live(journey, placed()).to_the_end()
    assert (entered(life), life.told()) == (set(), {})


def test_an_enrolment_of_a_version_that_is_nowhere_is_a_failure_and_not_silence() -> None:
    life = live(CARE, placed())
    life.content = a_content(a_journey("care", a_touch("new", "order.placed")))
    with pytest.raises(RuleFailed, match="neither deployed nor kept"):
        life.feed(snapshot(LATER), at=LATER)


def test_who_is_inside_follows_the_version_they_began_with() -> None:
    """mautic #6323, braze 5105: what happens to people inside when a journey changes."""
    life = live(CARE, placed()).feed(delivered(NOW), at=NOW)
    newer = a_journey("care", a_touch("tips", "order.delivered + 9 days"))
    life.content = a_content(newer).with_versions([CARE])
    life.feed(placed(LATER, "1002"), shipped(LATER, "q1", "1002"), delivered(LATER, "q1", "1002"), at=LATER)
    life.to_the_end()
    sent = {send.touch.order_id: send.touch.at.date().isoformat() for send in life.sends}
    assert sent == {"1001": "2026-03-05", "1002": "2026-03-11"}
