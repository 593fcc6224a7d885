"""What users of other engines reported: each would fail here if it came back.

The number is that of the pain in the list; local time has its own in tests/clocks/test_rivals_clocks.py.
"""

from datetime import datetime

import pytest

from perennial import events
from perennial.ports import Reply
from tests.unit.core.builders import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    WHO,
    a_content,
    a_journey,
    a_message,
    a_store,
    a_touch,
    an_event,
    cancelled,
    consented,
    delivered,
    placed,
    refunded,
    shipped,
    snapshot,
)
from tests.unit.core.life import Life
from tests.unit.core.world import World

CONFIRM = a_journey("service", a_touch("confirmation", "order.placed", "thanks"))
REVIEW = a_journey("care", a_touch("review", "order.delivered + 14 days", "review"))
TIPS = a_journey("care", a_touch("tips", "order.placed + 1 day", "tips"))


# Twice


def test_mautic_13070_a_failure_after_the_first_of_two_does_not_send_the_first_again() -> None:
    """1: one exception in a batch re-sends everyone already sent."""
    both = a_journey("service", a_touch("a", "order.placed", "note"), a_touch("b", "order.placed", "note"))
    calls = len(_calls(World(a_content(both))))
    for number in range(calls):
        world = World(a_content(both), deaths={number: True})
        world.tell(placed())
        world.to_the_end()
        assert sorted(set(world.told().values())) in (["sent"], ["sent", "sent: settled by a receipt"])
        assert len(world.accepted) == len(set(world.accepted)) == 2


def _calls(world: World) -> list[str]:
    world.tell(placed())
    return world.calls


def test_mautic_6505_a_message_does_not_go_every_minute() -> None:
    """2: the same e-mail over and over."""
    life = Life(a_content(CONFIRM)).feed(placed(), at=NOW)
    for minute in range(1, 60):
        life.feed(snapshot(NOW + MINUTE * minute), at=NOW + MINUTE * minute)
    assert life.sent() == ["confirmation"]


def test_mautic_7226_one_rejected_recipient_repeats_nothing_for_the_others() -> None:
    """3"""
    world = World(a_content(CONFIRM), answer=lambda message: Reply("refused" if "bad" in message.to else "accepted"))  # type: ignore[union-attr]
    world.tell(placed(email="bad@example.com"))
    world.tell(placed(order="1002", email="good@example.com"), customer="good234567abcdef")
    world.to_the_end()
    assert len(world.sender.sent) == 2


def test_parcelvoy_462_four_deliveries_of_one_order_are_one_passage() -> None:
    """4: users enter the same journey 4 times, hundreds unsubscribe."""
    life = Life(a_content(CONFIRM, TIPS))
    for n in range(4):
        life.feed(placed(NOW), at=NOW + MINUTE * n)
    life.to_the_end()
    assert life.sent() == ["confirmation", "tips"]


def test_amazon_ses_117_throttling_makes_no_duplicates() -> None:
    """7"""
    replies = [Reply("released", "throttled")] * 3 + [Reply("accepted")]
    world = World(a_content(CONFIRM), answer=lambda message: replies.pop(0))
    world.tell(placed())
    world.to_the_end()
    assert world.told() == {"service/confirmation": "sent"}
    assert len(world.accepted) == 1


# Lost


def test_mautic_1364_nothing_is_called_sent_before_a_provider_took_it() -> None:
    """10"""
    life = Life(a_content(CONFIRM), answer=lambda send: None).feed(placed(), at=NOW)
    assert life.told() == {"service/confirmation": "claimed"}


def test_listmonk_2273_what_was_throttled_is_delivered_later_and_not_counted_as_done() -> None:
    """11: half undelivered on SES 454."""
    life = Life(a_content(CONFIRM), answer=lambda send: "released" if len(life.sends) < 5 else "accepted")
    life.feed(placed(), at=NOW).to_the_end()
    assert life.told() == {"service/confirmation": "sent"}


def test_medusa_16555_an_order_that_is_not_confirmed_leaves_a_reason() -> None:
    """12: the built-in order confirmation never fires; no error, log or row."""
    life = Life(a_content(CONFIRM)).feed(placed(email=None), at=NOW).to_the_end()
    assert life.told() == {"service/confirmation": "skipped: email: no usable email address"}


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "Etc/GMT+99"])
def test_parcelvoy_610_a_bad_time_zone_loses_nobody(zone: str) -> None:
    """14: 3,800 of 600,000 sends created."""
    life = Life(a_content(TIPS)).feed(placed(contact={"email": "ann@example.com", "time_zone": zone}), at=NOW)
    assert life.to_the_end().told() == {"care/tips": "sent"}


# Stuck


def test_mautic_7751_a_lost_wake_does_not_strand_anybody() -> None:
    """16: overlapping crons delete schedules; hence `resume-stuck`."""
    life = Life(a_content(TIPS)).feed(placed(), at=NOW)
    life.feed(an_event("CustomerUpdated", NOW + 2 * DAY, contact={"first_name": "Anna"}), at=NOW + 2 * DAY)
    assert life.told() == {"care/tips": "sent"}


def test_parcelvoy_434_a_failed_send_does_not_stall_the_journey() -> None:
    """18"""
    journey = a_journey("care", a_touch("a", "order.placed", "note"), a_touch("b", "order.placed + 2 days", "note"))
    life = Life(a_content(journey), answer=lambda send: "refused" if send.touch.key == "a" else "accepted")
    life.feed(placed(), at=NOW).to_the_end()
    assert life.told() == {"care/a": "failed: no such mailbox", "care/b": "sent"}


# Editing


def test_mautic_838_a_new_version_does_not_move_who_is_inside_and_serves_who_comes_after() -> None:
    """19"""
    life = Life(a_content(TIPS)).feed(placed(), at=NOW)
    later = a_journey("care", a_touch("tips", "order.placed + 3 days"))
    life.content = a_content(later).with_versions([TIPS])
    life.feed(placed(NOW, "1002"), at=NOW).to_the_end()
    assert {send.touch.order_id: (send.touch.at - NOW).days for send in life.sends} == {"1001": 1, "1002": 3}


def test_parcelvoy_506_a_deploy_loses_no_schedule() -> None:
    """20: each save nulls next_scheduled_at."""
    life = Life(a_content(TIPS)).feed(placed(), at=NOW)
    wake = life.customer.profile.wake
    life.content = a_content(CONFIRM).with_versions([TIPS])
    assert not life.decide((snapshot(NOW),), NOW).changed or life.customer.profile.wake == wake
    assert life.customer.profile.wake == wake
    assert life.to_the_end().told() == {"care/tips": "sent"}


def test_braze_5105_who_waits_gets_the_message_as_it_is_when_it_goes() -> None:
    """21: the plan is pinned, the words are today's."""
    life = Life(a_content(TIPS)).feed(placed(), at=NOW)
    life.content = a_content(TIPS, messages=[a_message("tips", "marketing", subject="newer")])
    life.to_the_end()
    assert life.sends[0].planned.message.subject == "newer"


# Consent


def test_notifuse_304_nothing_is_sent_after_an_unsubscribe() -> None:
    """22: automation keeps sending."""
    life = Life(a_content(TIPS, CONFIRM)).feed(placed(), at=NOW)
    life.feed(consented("Withdrawn", NOW + HOUR), at=NOW + HOUR).to_the_end()
    assert life.told() == {"service/confirmation": "sent", "care/tips": "skipped: email: consent withdrawn"}


def test_mautic_4356_who_may_not_be_contacted_does_not_go_round_for_ever() -> None:
    """23: DNC contacts looped for ever."""
    journey = a_journey("care", *(a_touch(f"t{n}", f"order.placed + {n} days") for n in range(1, 9)))
    life = Life(a_content(journey)).feed(consented("Withdrawn"), placed(), delivered(NOW), at=NOW)
    runs = len(life.decisions)
    life.to_the_end()
    assert set(life.told().values()) == {"skipped: email: consent withdrawn"}
    assert len(life.decisions) - runs <= 8
    assert life.customer.enrolments == {}


def test_emailflare_194_an_unsubscribe_blocks_no_receipts() -> None:
    """25"""
    life = Life(a_content(CONFIRM)).feed(consented("Withdrawn"), placed(), at=NOW)
    assert life.told() == {"service/confirmation": "sent"}


def test_jaal_yantra_1339_a_suppressed_address_is_read_by_every_sender() -> None:
    """25: a suppression ledger no sender reads."""
    life = Life(a_content(CONFIRM, TIPS))
    life.feed(consented("Given"), at=NOW)
    profile = life.customer.profile
    object.__setattr__(profile, "dead", {"ann@example.com": "hard bounce"})
    life.feed(placed(), at=NOW).to_the_end()
    assert set(life.told().values()) == {"skipped: email: dead address: hard bounce"}


# Time


def test_mautic_9769_business_hours_send_late_rather_than_nothing() -> None:
    """29"""
    night = datetime.fromisoformat("2026-03-02T23:00Z")
    journey = a_journey("care", a_touch("tips", "order.placed"))
    life = Life(a_content(journey, store=a_store(quiet_hours={"email": "09:00-17:00"}))).feed(placed(night), at=night)
    life.to_the_end()
    assert life.sent_at("tips") == datetime.fromisoformat("2026-03-03T09:00Z")


@pytest.mark.parametrize(("country", "hour"), [("JP", "2026-03-03T10:00+09:00"), ("IN", "2026-03-03T10:00+05:30")])
def test_listmonk_2374_ten_in_the_morning_is_ten_where_the_reader_is(country: str, hour: str) -> None:
    """32"""
    life = Life(a_content(TIPS)).feed(placed(shipping_address={"country": country}), at=NOW).to_the_end()
    assert life.sent_at("tips") == datetime.fromisoformat(hour)


# Caps


def test_mautic_6729_the_cap_holds_across_journeys() -> None:
    """39: ignored in campaigns."""
    many = [a_journey(f"j{n}", a_touch("tips", "order.placed")) for n in range(6)]
    life = Life(a_content(*many)).feed(placed(), at=NOW)
    assert len(life.sends) == 3


def test_braze_a_cap_is_no_calendar_day_that_ends_at_midnight() -> None:
    """39: two windows that touch hold no more than one."""
    cap = {"messages": 1, "days": 1}
    evening = datetime.fromisoformat("2026-03-02T20:00Z")
    journey = a_journey("care", a_touch("a", "order.placed"), a_touch("b", "order.placed"))
    life = Life(a_content(journey, store=a_store(cap=cap))).feed(placed(evening), at=evening).to_the_end()
    assert [send.touch.at - evening for send in life.sends] == [0 * DAY, DAY]


def test_klaviyo_what_is_over_the_cap_is_not_gone() -> None:
    """40: skipped messages are gone."""
    many = [a_journey(f"j{n}", a_touch("tips", "order.placed")) for n in range(4)]
    life = Life(a_content(*many, store=a_store(promise={"business_days": 20}))).feed(placed(), at=NOW).to_the_end()
    assert set(life.told().values()) == {"sent"}


# Commerce


@pytest.mark.parametrize("news", [cancelled(NOW + 10 * DAY), refunded(NOW + 10 * DAY, "40.00")])
def test_woocommerce_64743_no_review_request_once_the_order_came_to_nothing(news: events.Event) -> None:
    """41: no check at send time."""
    life = Life(a_content(REVIEW)).feed(placed(), delivered(NOW), at=NOW)
    life.feed(news, at=NOW + 10 * DAY).to_the_end()
    assert life.sends == []
    assert life.told()["care/review"].startswith("skipped: the order was")


def test_woocommerce_admin_4255_follow_ups_do_not_multiply() -> None:
    """42: each update of an order scheduled its actions once more."""
    life = Life(a_content(REVIEW)).feed(placed(), delivered(NOW), at=NOW)
    for day in range(1, 10):
        life.feed(snapshot(NOW + DAY * day, tags=[str(day)]), delivered(NOW + HOUR), at=NOW + DAY * day)
    assert life.to_the_end().sent() == ["review"]
    assert life.customer.profile.wakes < 5


def test_grandnode_274_nothing_is_sent_without_an_order() -> None:
    """42"""
    life = Life(a_content(CONFIRM, TIPS, REVIEW))
    life.feed(consented("Given"), an_event("CustomerUpdated", NOW, contact={"email": "ann@example.com"}), at=NOW)
    life.feed(shipped(NOW), delivered(NOW), at=NOW)
    assert (life.sends, life.records, life.customer.profile.wake) == ([], {}, None)


def test_shopifysharp_919_a_delivery_before_its_order_is_no_matter() -> None:
    """44: webhooks come twice, and the later one first."""
    journey = a_journey("care", a_touch("tips", "order.delivered + 1 day"))
    told = [placed(NOW), shipped(NOW + HOUR), delivered(NOW + 2 * HOUR)]
    ends = []
    for news in (told, told[::-1], [*told, *told]):
        life = Life(a_content(journey))
        for event in news:
            life.feed(event, at=NOW + 3 * HOUR)
        ends.append([(send.touch.key, send.touch.at) for send in life.to_the_end().sends])
    assert ends[0] == ends[1] == ends[2]
    assert len(ends[0]) == 1


def test_klaviyo_a_repeated_webhook_is_no_second_order() -> None:
    """45: duplicate order webhooks are queued twice (KB 115002779491)."""
    world = World(a_content(CONFIRM))
    for _ in range(3):
        world.tell(placed())
    assert world.customer(WHO).profile.orders == 1
    assert len(world.accepted) == 1


def test_a_subscription_rebill_begins_no_first_steps() -> None:
    """45: rebills mis-fire post-purchase flows."""
    journey = a_journey(
        "care", a_touch("tips", "order.placed"), enrol={"on": "order.placed", "when": "not order.renewal"}
    )
    assert Life(a_content(journey)).feed(placed(channel="renewal"), at=NOW).records == {}
