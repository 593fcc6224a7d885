"""The journeys in `templates/`, lived through: what one shopper gets, and what stays away because the facts say so."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from perennial.customer import stranger
from tests.templates.real import CONTENT, STORE
from tests.unit.core import builders
from tests.unit.core.life import Life

BLENDER = {"id": "l1", "title": "Blender", "quantity": 1, "sku": "BLND-500-R", "price": "89.00"}
FRIDGE = {"id": "l2", "title": "Fridge", "quantity": 1, "sku": "FRDG-350-W", "price": "649.00"}
PAN = {"id": "l3", "title": "Pan", "quantity": 1, "sku": "COOK-28", "price": "74.00"}
GIFT_CARD = {"id": "g1", "title": "Gift card", "quantity": 1, "price": "50.00", "gift_card": True}
WARRANTY = {"id": "g2", "title": "Warranty, 3 years", "quantity": 1, "price": "50.00", "requires_shipping": False}
BOUGHT = builders.NOW


def a_life(*lines: Mapping[str, Any], **order: Any) -> Life:
    """Somebody who has just bought these things, for 100 pounds."""
    life = Life(CONTENT, customer=stranger(STORE.store, builders.WHO))
    return life.feed(builders.placed(BOUGHT, lines=lines, total="100.00", **order), at=BOUGHT)


def later(days: float) -> datetime:
    return BOUGHT + timedelta(days=days)


def arrives(life: Life, after: float = 2, parcel: str = "p1", **fields: Any) -> Life:
    """A parcel leaves, and is there a day later."""
    life.until(later(after)).feed(builders.shipped(later(after), parcel, **fields), at=later(after))
    return life.until(later(after + 1)).feed(builders.delivered(later(after + 1), parcel), at=later(after + 1))


def sent(life: Life) -> list[tuple[str, int]]:
    """The messages that went out, with the days since the order."""
    return [(send.touch.message, (send.touch.at - BOUGHT).days) for send in life.sends]


def test_a_mixed_basket_gets_a_year_and_a_half_of_care_and_nothing_twice() -> None:
    life = arrives(a_life(BLENDER, FRIDGE)).to_the_end()
    assert sent(life) == [
        ("order-confirmation", 0), ("shipping-notice", 2), ("delivery-notice", 3),
        ("installation", 3), ("first-use", 3), ("register-product", 4), ("care-tips", 6), ("delivery-score", 8),
        ("accessories", 13), ("review-request", 15), ("care-tips", 17), ("review-reminder", 22),
        ("recipes-and-care", 33), ("related", 93),
        ("service-extension", 333), ("warranty-reminder", 340), ("loyalty", 543),
    ]  # fmt: skip
    assert life.told()["small-appliance-care/review"] == "skipped: already sent by large-appliance-care/review"


def test_parcels_that_leave_together_share_a_notice_and_those_that_do_not_have_their_own() -> None:
    life = a_life(BLENDER, FRIDGE)
    for minutes, parcel, line in ((0, "p1", "l1"), (10, "p2", "l2")):
        at = later(1) + timedelta(minutes=minutes)
        life.feed(builders.shipped(at, parcel, lines={line: 1}), at=at)
    assert [message for message, _ in sent(life.until(later(2)))] == ["order-confirmation", "shipping-notice"]
    apart = a_life(BLENDER, FRIDGE)
    for days, parcel, line in ((1, "p1", "l1"), (2, "p2", "l2")):
        apart.until(later(days)).feed(builders.shipped(later(days), parcel, lines={line: 1}), at=later(days))
    assert [message for message, _ in sent(apart.until(later(3)))].count("shipping-notice") == 2


def test_without_carrier_data_care_begins_a_week_after_the_parcel_left() -> None:
    life = a_life(PAN)
    life.until(later(1)).feed(builders.shipped(later(1)), at=later(1))
    assert sent(life.to_the_end())[2:] == [
        ("first-steps", 7), ("delivery-score", 12), ("review-request", 17), ("review-reminder", 24),
        ("accessories", 27),
    ]  # fmt: skip


def test_care_waits_for_a_parcel_that_is_known_to_be_moving() -> None:
    life = a_life(PAN)
    life.until(later(1)).feed(builders.shipped(later(1)), at=later(1))
    life.until(later(2)).feed(builders.shipment("InTransit", later(2)), at=later(2))
    life.until(later(9)).feed(builders.delivered(later(9)), at=later(9))
    assert ("first-steps", 9) in sent(life.to_the_end())


@pytest.mark.parametrize("first", ["refund", "cancellation"])
def test_a_cancelled_order_paid_back_at_once_is_told_in_one_message(first: str) -> None:
    life = a_life(BLENDER)
    news = [builders.refunded(later(1), "100.00"), builders.cancelled(later(1))]
    for event in news if first == "refund" else news[::-1]:
        life.feed(event, at=later(1))
    assert [message for message, _ in sent(life.to_the_end())] == ["order-confirmation", "order-cancelled"]


def test_the_refund_of_a_cancelled_order_is_told_when_it_follows_later() -> None:
    life = a_life(BLENDER).feed(builders.cancelled(later(1)), at=later(1))
    life.until(later(3)).feed(builders.refunded(later(3), "100.00"), at=later(3))
    assert sent(life.to_the_end())[1:] == [("order-cancelled", 1), ("order-cancelled", 3)]


def test_refunds_in_parts_are_told_part_by_part_and_the_last_one_as_the_whole() -> None:
    life = arrives(a_life(BLENDER, PAN))
    for days, refund in ((20, "r1"), (22, "r2")):
        life.until(later(days)).feed(builders.refunded(later(days), "50.00", refund), at=later(days))
    told = [entry for entry in sent(life.to_the_end()) if "refund" in entry[0]]
    assert told == [("partial-refund", 20), ("full-refund", 22)]


def test_goods_that_went_back_are_cared_for_no_more() -> None:
    life = arrives(a_life(BLENDER, FRIDGE))
    life.until(later(4.5)).feed(builders.refunded(later(4.5), "30.00", lines={"l1": 1}), at=later(4.5))
    told = life.to_the_end().told()
    assert told["small-appliance-care/care-tips"] == "skipped: not when items"
    assert told["large-appliance-care/care-tips"] == "sent"


def test_what_was_carried_home_is_neither_confirmed_nor_announced() -> None:
    life = a_life(PAN, channel="pos", fulfilment_status="fulfilled").to_the_end()
    assert [message for message, _ in sent(life)] == ["first-steps", "review-request", "review-reminder", "accessories"]


@pytest.mark.parametrize("extra", [GIFT_CARD, WARRANTY])
def test_what_nobody_carries_is_not_announced_as_a_parcel(extra: Mapping[str, Any]) -> None:
    """Shops fulfil gift cards at once, and apps fulfil plans."""
    alone, at = a_life(extra), later(0.001)
    alone.feed(builders.shipped(at, "d1", lines={extra["id"]: 1}), at=at)
    assert sent(alone.until(later(5))) == [("order-confirmation", 0)]
    together = a_life(PAN, extra).feed(builders.shipped(at, "d1", lines={extra["id"]: 1}), at=at)
    arrives(together, lines={"l3": 1})
    assert sent(together.until(later(4)))[1:3] == [("shipping-notice", 2), ("delivery-notice", 3)]
    assert [send.touch.key for send in together.sends if send.touch.message == "shipping-notice"] == ["shipped/p1"]


def test_what_nobody_carries_does_not_hide_that_the_goods_are_late() -> None:
    life, at = a_life(PAN, GIFT_CARD), later(0.001)
    life.feed(builders.shipped(at, "d1", lines={"g1": 1}), at=at)
    assert ("delay-notice", 8) in sent(life.until(later(9)))


def test_a_renewal_is_confirmed_and_begins_no_care() -> None:
    life = arrives(a_life(BLENDER, channel="renewal")).to_the_end()
    assert [message for message, _ in sent(life)] == ["order-confirmation", "shipping-notice", "delivery-notice"]


def test_who_waits_for_what_has_not_left_is_told_before_asking() -> None:
    assert ("delay-notice", 8) in sent(a_life(BLENDER).until(later(20)))


def test_whoever_comes_back_is_offered_nothing_more_for_the_first_order() -> None:
    life = arrives(a_life(BLENDER))
    life.until(later(5)).feed(builders.placed(later(5), "1002", lines=[FRIDGE]), at=later(5))
    told = life.to_the_end().told()
    assert told["small-appliance-care/accessories"].startswith("skipped: unless customer.ordered_since")
    assert told["small-appliance-care/offer-ends"] == "skipped: the offer accessories-10 was not made"


def test_the_last_day_of_an_offer_goes_by_text_where_that_was_agreed() -> None:
    contact = {"email": "ann@example.com", "phone": "+447400123456"}
    life = a_life(BLENDER, contact=contact)
    agreed = builders.consented("Given", BOUGHT, channel="text", classes=["marketing"], contact=contact)
    life = arrives(life.feed(agreed, at=BOUGHT)).to_the_end()
    (send,) = [send for send in life.sends if send.touch.message == "offer-last-day"]
    assert (send.touch.channel, (send.touch.at - BOUGHT).days) == ("text", 20)


def test_what_was_bought_again_is_asked_about_once() -> None:
    life = arrives(a_life(BLENDER))
    life.until(later(7)).feed(builders.placed(later(7), "1002", lines=[PAN]), at=later(7))
    life.until(later(8)).feed(builders.shipped(later(8), "p2", order="1002"), at=later(8))
    life.until(later(9)).feed(builders.delivered(later(9), "p2", order="1002"), at=later(9))
    scores = [entry for entry in sent(life.to_the_end()) if entry[0] == "delivery-score"]
    assert scores == [("delivery-score", 14)]


def test_first_steps_wait_for_a_return_to_be_over() -> None:
    """Nobody unpacks what is about to go back."""
    life = a_life(BLENDER)
    life.until(later(1)).feed(builders.returned("Requested", later(1)), at=later(1))
    life = arrives(life).until(later(6))
    assert [message for message, _ in sent(life) if message in ("first-use", "register-product", "care-tips")] == []
    life.feed(builders.returned("Closed", later(6)), at=later(6))
    assert ("first-use", 6) in sent(life)


def test_an_exchange_for_something_large_is_set_up_anew() -> None:
    life = arrives(a_life(FRIDGE))
    life.until(later(8)).feed(builders.returned("Requested", later(8), wish="exchange"), at=later(8))
    swap = builders.returned("Exchanged", later(12), replacements=[{**FRIDGE, "id": "l9", "title": "Quiet fridge"}])
    life.until(later(12)).feed(swap, at=later(12))
    told = life.to_the_end()
    assert ("installation", 18) in sent(told)
    assert ("register-product", 19) in sent(told)


def test_a_refund_that_the_shop_tells_of_is_told_once_and_closes_the_return() -> None:
    life = arrives(a_life(BLENDER, PAN))
    life.until(later(5)).feed(builders.returned("Requested", later(5), {"l3": 1}), at=later(5))
    life.until(later(9)).feed(builders.refunded(later(9), "30.00", lines={"l3": 1}), at=later(9))
    told = life.to_the_end()
    assert [entry for entry in sent(told) if "refund" in entry[0]] == [("partial-refund", 9)]
    assert told.told()["small-appliance-care/review"] == "sent"


def test_store_credit_is_told_by_the_return_itself() -> None:
    life = arrives(a_life(BLENDER, PAN))
    life.until(later(5)).feed(builders.returned("Requested", later(5), {"l3": 1}, wish="credit"), at=later(5))
    life.until(later(9)).feed(builders.returned("Refunded", later(9)), at=later(9))
    assert ("return-refunded", 9) in sent(life.to_the_end())


def test_goods_booked_in_and_paid_for_in_one_go_are_told_once() -> None:
    life = arrives(a_life(BLENDER, PAN))
    life.until(later(5)).feed(builders.returned("Requested", later(5), {"l3": 1}), at=later(5))
    for stage in ("Received", "Refunded"):
        life.until(later(9)).feed(builders.returned(stage, later(9)), at=later(9))
    assert "return-received" not in [message for message, _ in sent(life.to_the_end())]


def test_a_good_score_that_turns_bad_calls_a_person_too() -> None:
    life = arrives(a_life(BLENDER))
    for days, score in ((9, 9), (10, 3)):
        life.until(later(days)).feed(builders.scored(later(days), score), at=later(days))
    told = [entry for entry in sent(life.until(later(12))) if entry[0] in ("store-score", "apology")]
    assert told == [("store-score", 10), ("apology", 10)]
