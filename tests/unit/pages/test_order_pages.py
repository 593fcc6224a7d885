"""The pages of an order: where it is, what its buyer thinks of it, and how likely they are to recommend the shop."""

import re

import pytest

from perennial import events
from perennial.pages.ordered import field_of
from tests.unit.core.builders import DAY, KETTLE, NOW, cancelled, delivered, scored, shipped
from tests.unit.pages.visits import Shop, a_shop, page_content

PLAN = {"id": "l9", "title": "Two more years", "quantity": 1, "sku": "PLAN-1", "price": "59.00"}


# --- where it is ---


def test_an_order_shows_where_it_is_and_what_happens_next(shop: Shop) -> None:
    assert "We are getting your order ready" in shop.visit("order").body
    way = [{"number": "SP1", "url": "https://track.example/SP1"}]
    shop.world.advance(shipped(NOW + DAY, carrier="Swift", tracking=way))
    html = shop.visit("order").body
    assert "Everything has left our house" in html
    assert '<a href="https://track.example/SP1">Follow parcel <bdi>SP1</bdi></a>' in html
    shop.world.advance(delivered(NOW + 2 * DAY))
    assert "Everything has arrived" in shop.visit("order").body


def test_a_cancelled_order_says_so(shop: Shop) -> None:
    shop.world.advance(cancelled(NOW + DAY))
    assert "This order is cancelled" in shop.visit("order").body


def test_an_order_that_no_journey_speaks_of_any_more_is_found_in_the_archive(shop: Shop) -> None:
    old = shop.token("order")
    shop.world.until(NOW + 100 * DAY)
    assert shop.world.customer().orders == {}
    assert "Your order #1001" in shop.visit("order", token=old).body


def test_the_page_leads_on_to_returns_and_help_with_links_as_old_as_its_own(shop: Shop) -> None:
    old = shop.token("order")
    shop.world.now += 100 * DAY
    html = shop.visit("order", token=old).body
    assert "/p/" not in html, "preferences end after 90 days"
    found = re.search(r'href="/x/([\w-]{44})"', html)
    assert found is not None
    assert shop.visit("returns", token=found[1]).status == 200
    shop.world.now += 100 * DAY
    assert shop.visit("returns", token=found[1]).status == 410


def test_strangers_words_are_shown_as_words() -> None:
    shop = a_shop(lines=[{**KETTLE, "title": "<script>alert(1)</script> & Co"}])
    html = shop.visit("order").body
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co" in html


def test_a_page_that_only_shows_takes_no_answer(shop: Shop) -> None:
    for purpose in ("order", "support"):
        shown = shop.post(purpose, do="anything")
        assert (shown.status, shop.said()) == (405, [])


# --- reviews ---


def test_each_position_that_got_stars_is_one_review(shop: Shop) -> None:
    shown = shop.post(
        "review", stars_l1="5", text_l1="Quiet.\r\nQuick.", publish_l1="yes", stars_l2="1", text_l2="Loud"
    )
    assert "Thank you for your review" in shown.body
    kettle, fridge = shop.said()
    assert isinstance(kettle, events.ReviewGiven)
    assert isinstance(fridge, events.ReviewGiven)
    assert (kettle.line_id, kettle.stars, kettle.text, kettle.publish) == ("l1", 5, "Quiet.\nQuick.", True)
    assert (fridge.line_id, fridge.stars, fridge.text, fridge.publish) == ("l2", 1, "Loud", False)


@pytest.mark.parametrize("stars", ["1", "2", "3", "4", "5"])
def test_every_score_gets_the_same_thanks_and_the_same_points(stars: str) -> None:
    shop = a_shop(page_content(bonus_points=200))
    assert "Any review earns 200 points" in shop.visit("review").body
    page = shop.post("review", stars_l1=stars).body
    assert "200 points are on their way to you" in page
    neutral = page.replace("★", "☆").replace(f"{stars} of 5", "n of 5")
    assert neutral == shop.post("review", stars_l1="3").body.replace("★", "☆").replace("3 of 5", "n of 5")


def test_a_review_stands_on_the_page_again_and_can_be_changed(shop: Shop) -> None:
    shop.post("review", stars_l1="4", text_l1="Fine")
    shop.world.work()
    html = shop.visit("review").body
    assert "You have reviewed this" in html
    assert ">Fine</textarea>" in html
    shop.world.now += DAY
    shop.post("review", stars_l1="2", text_l1="Broke")
    shop.world.work()
    order = shop.world.customer().orders["1001"]
    assert order.reviews["l1"].verdict.stars == 2


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({}, "Choose from one to five stars"),
        ({"stars_l1": "6"}, "Choose from one to five stars"),
        ({"stars_l1": "five"}, "Choose from one to five stars"),
        ({"stars_l1": "-1"}, "Choose from one to five stars"),
        ({"stars_l1": "4", "text_l2": "no stars here"}, "Choose from one to five stars"),
        ({"stars_l1": "4", "text_l1": "x" * 4001}, "more than 4,000 characters"),
    ],
)
def test_what_is_missing_is_said_and_nothing_that_was_written_is_lost(
    shop: Shop, form: dict[str, str], problem: str
) -> None:
    shown = shop.post("review", **form)
    assert (shown.status, shop.said()) == (422, [])
    assert problem in shown.body
    assert "Please look again" in shown.body.partition("</title>")[0]
    for name, value in form.items():
        assert not name.startswith("text") or value in shown.body


def test_a_review_as_long_as_is_allowed_is_taken_whole(shop: Shop) -> None:
    shop.post("review", stars_l1="3", text_l1="ж" * 4000)
    (said,) = shop.said()
    assert isinstance(said, events.ReviewGiven)
    assert said.text == "ж" * 4000


def test_nobody_is_asked_to_review_a_service_plan() -> None:
    plan = {"match": {"sku": "PLAN-*"}, "kind": "service-plan", "category": "service-plan"}
    shop = a_shop(page_content(goods=[plan]), lines=[KETTLE, PLAN])
    html = shop.visit("review").body
    assert "Kettle" in html
    assert "Two more years" not in html


def test_an_address_may_choose_the_stars_but_only_a_post_gives_them(shop: Shop) -> None:
    html = shop.visit("review", query="stars=4").body
    assert f'name="stars-{field_of("l1")}" value="4" checked' in html
    assert shop.said() == []
    assert '" checked' not in shop.visit("review", query="stars=9&x=%ff").body


def test_a_large_order_is_reviewed_in_helpings_and_every_position_has_its_turn() -> None:
    lines = [{**KETTLE, "id": f"l{number}", "title": f"Thing {number:02}"} for number in range(1, 21)]
    shop, seen = a_shop(lines=lines), set[str]()
    for _ in range(3):
        found = re.findall(r'<h2 id="item-\w+">(Thing \d\d)</h2>', shop.visit("review").body)
        assert len(found) <= 8
        seen |= set(found)
        shop.post("review", **{f"stars_l{int(name[6:])}": "4" for name in found})
        shop.world.work()
        shop.world.now += DAY / 24
    assert len(seen) == 20


# --- scores ---


def test_a_score_and_its_why_are_told_with_the_order(shop: Shop) -> None:
    shown = shop.post("score", score="3", why="Late.")
    assert "A person reads it now" in shown.body
    (said,) = shop.said()
    assert isinstance(said, events.ScoreEvent)
    assert (said.type, said.order_id, said.score, said.why) == ("ScoreGiven", "1001", 3, "Late.")
    shop.world.work()
    assert shop.world.customer().profile.detractor_since is not None


@pytest.mark.parametrize("score", ["", "11", "-1", "ten", "3.5", "١"])
def test_a_number_that_is_none_is_asked_for_again(shop: Shop, score: str) -> None:
    shown = shop.post("score", score=score, why="Because")
    assert (shown.status, shop.said()) == (422, [])
    assert "Choose a number from 0 to 10" in shown.body
    assert ">Because</textarea>" in shown.body


def test_nought_is_a_score_too(shop: Shop) -> None:
    assert "0 of 10" in shop.post("score", score="0").body
    (said,) = shop.said()
    assert isinstance(said, events.ScoreEvent)
    assert said.score == 0


def test_the_number_in_an_address_is_chosen_and_not_said(shop: Shop) -> None:
    assert 'value="7" checked' in shop.visit("score", query="score=7").body
    assert shop.said() == []


def test_an_earlier_score_stands_on_the_page(shop: Shop) -> None:
    shop.world.advance(scored(NOW, 8, why="Quick"))
    html = shop.visit("score").body
    assert 'value="8" checked' in html
    assert ">Quick</textarea>" in html
