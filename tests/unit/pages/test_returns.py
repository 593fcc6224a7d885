"""Sending something back, and withdrawing from the contract in two presses."""

import re
from datetime import datetime, timedelta

import pytest

from perennial import events
from perennial.pages.withdrawing import FOURTEEN_DAYS
from perennial.serving import Shown
from tests.unit.core.builders import DAY, KETTLE, NOW, an_event, delivered, returned, shipped, withdrawn
from tests.unit.pages.visits import Shop, a_shop, page_content

ASKED = {
    "do": "request",
    "quantity_l1": "1",
    "wish": "exchange",
    "reason": "damaged",
    "note": "The lid.\r\nIs cracked.",
}
STATED = {"quantity_l1": "1", "quantity_l2": "1", "name": "Ann Lee"}
CARD = {"id": "l9", "title": "Gift card", "quantity": 1, "price": "20.00", "gift_card": True}


def said_return(shop: Shop) -> events.ReturnEvent:
    (said,) = shop.said()
    assert isinstance(said, events.ReturnEvent)
    return said


def test_a_request_says_what_comes_back_why_and_what_for(shop: Shop) -> None:
    shown = shop.post("returns", **ASKED)
    said = said_return(shop)
    assert (said.type, said.wish, said.reason, said.note) == (
        *("ReturnRequested", "exchange", "damaged"),
        "The lid.\nIs cracked.",
    )
    assert [(part.line_id, part.quantity) for part in said.lines] == [("l1", 1)]
    assert said.return_id in shown.body
    assert "an exchange" in shown.body


def test_what_was_asked_for_is_on_its_way_and_cannot_be_asked_for_again(shop: Shop) -> None:
    shop.post("returns", **ASKED)
    shop.world.work()
    (case,) = shop.world.customer().orders["1001"].returns.values()
    assert case.firsts.keys() == {"requested"}
    html = shop.visit("returns").body
    assert "We have it, and write to you" in html
    assert ">Kettle<" not in html.partition("<form")[2]
    assert shop.post("returns", **ASKED).status == 422


def test_asked_twice_it_is_one_return_and_asked_again_after_it_ended_another() -> None:
    shop = a_shop(lines=[{**KETTLE, "quantity": 2}])
    shop.post("returns", **ASKED)
    shop.world.now += timedelta(minutes=1)
    shop.post("returns", **ASKED)
    first, second = shop.said()
    assert isinstance(first, events.ReturnEvent)
    assert isinstance(second, events.ReturnEvent)
    assert (first.id, first.return_id) == (second.id, second.return_id)
    shop.world.work()
    shop.world.advance(returned("Closed", shop.world.now, case=first.return_id))
    shop.world.now += DAY
    shop.post("returns", **ASKED)
    assert said_return(shop).return_id != first.return_id


KETTLES = [{**KETTLE, "quantity": 3}]


def shown_in(shop: Shop) -> dict[str, str]:
    """What every form of the page sends unasked."""
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', shop.visit("returns").body)
    return dict(hidden)


def cases_of(shop: Shop) -> list[tuple[int, datetime]]:
    """Pieces of each return that is known, and when it was asked for."""
    shop.world.work()
    held = shop.world.customer().orders["1001"].returns.values()
    return sorted((case.terms.lines[0].quantity, min(case.firsts.values())) for case in held)


def test_as_many_pieces_asked_for_while_the_first_are_on_their_way_are_another_return() -> None:
    shop = a_shop(lines=KETTLES)
    for _ in range(2):
        shop.post("returns", **ASKED, **shown_in(shop))
        shop.world.work()
        shop.world.now += 2 * DAY
    assert cases_of(shop) == [(1, NOW), (1, NOW + 2 * DAY)]


def test_one_form_sent_twice_is_one_return_whatever_has_happened_in_between() -> None:
    shop = a_shop(lines=KETTLES)
    form = {**ASKED, **shown_in(shop)}
    shop.post("returns", **form)
    shop.world.work()
    shop.world.advance(returned("Requested", NOW, {"l1": 1}, case="shops-own"))
    shop.world.advance(returned("Closed", NOW, case="shops-own"))
    shop.world.now += timedelta(minutes=1)
    shop.post("returns", **form)
    assert len(cases_of(shop)) == 2


def test_a_form_that_was_opened_before_it_said_what_it_showed_still_works_and_twice_is_once() -> None:
    shop = a_shop(lines=KETTLES)
    for odd in ({}, {"was": ""}, {"was": "7"}, {"was": "<x>"}):
        shop.post("returns", **ASKED, **odd)
    assert cases_of(shop) == [(1, NOW)]


@pytest.mark.parametrize("do", ["request", "declare"])
def test_who_exchanged_one_of_two_pieces_may_send_back_the_other_and_no_more(do: str) -> None:
    shop = a_shop(lines=[{**KETTLE, "quantity": 2}])
    shop.world.tell(returned("Requested", NOW, {"l1": 1}, wish="exchange"), returned("Exchanged", NOW))
    form = {**ASKED, "name": "Ann Lee", "do": do}
    assert shop.post("returns", **form).status == 200
    assert shop.post("returns", **{**form, "quantity_l1": "2"}).status == 422


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"quantity_l1": "0"}, "Say how many pieces"),
        ({"quantity_l1": "2"}, "Say how many pieces"),
        ({"quantity_l1": "many"}, "Say how many pieces"),
        ({"wish": "cake"}, "Say what you would like"),
        ({"reason": ""}, "Choose a reason"),
        ({"note": "x" * 4001}, "more than 4,000 characters"),
        ({"do": "explode"}, "could not tell which button"),
    ],
)
def test_what_is_missing_is_said_and_what_was_written_stays(shop: Shop, change: dict[str, str], problem: str) -> None:
    shown = shop.post("returns", **{**ASKED, **change})
    assert shown.status in (400, 422)
    assert shop.said() == []
    assert problem in shown.body
    assert "note" in change or "Is cracked.</textarea>" in shown.body


def test_fields_of_positions_that_are_not_there_are_no_harm(shop: Shop) -> None:
    shop.post("returns", **ASKED, quantity_l99="5", extension_junk="<x>")
    assert [part.line_id for part in said_return(shop).lines] == ["l1"]


def test_a_gift_card_does_not_come_back() -> None:
    html = a_shop(lines=[KETTLE, CARD]).visit("returns").body
    assert "Kettle" in html
    assert "Gift card" not in html


def test_an_order_that_went_back_whole_says_so(shop: Shop) -> None:
    shop.world.advance(returned("Requested", NOW, {"l1": 1, "l2": 1}))
    shop.world.advance(returned("Received", NOW + DAY, {"l1": 1, "l2": 1}))
    html = shop.visit("returns").body
    assert "It has reached us" in html
    assert "could still be sent back" in html
    assert "<form" not in html


# --- withdrawal ---


def test_withdrawing_takes_two_presses_and_the_first_one_tells_nobody(shop: Shop) -> None:
    assert "Withdraw from contract here</button>" in shop.visit("returns").body
    shown = shop.post("returns", do="declare", **STATED)
    assert (shown.status, shop.said()) == (200, [])
    assert "I, Ann Lee, withdraw from the contract for order <bdi>#1001</bdi>" in shown.body
    assert 'value="confirm">Confirm withdrawal</button>' in shown.body
    assert "a***@example.com" in shown.body


def test_the_second_press_declares_it_with_its_moment(shop: Shop) -> None:
    shown = shop.post("returns", do="confirm", **STATED)
    said = said_return(shop)
    assert (said.type, said.note, said.occurred_at) == ("WithdrawalDeclared", "Ann Lee", NOW)
    assert [(part.line_id, part.quantity) for part in said.lines] == [("l1", 1), ("l2", 1)]
    assert "2 March 2026, 09:00" in shown.body
    assert said.return_id in shown.body
    shop.world.work()
    assert "You withdrew from the contract" in shop.visit("returns").body


def test_who_withdraws_from_one_piece_and_days_later_from_another_declares_it_twice() -> None:
    shop = a_shop(lines=KETTLES)
    for _ in range(2):
        stated = {"quantity_l1": "1", "name": "Ann Lee"}
        sent = confirmation(shop.post("returns", do="declare", **stated, **shown_in(shop)))
        shop.post("returns", do="confirm", **stated, **sent)
        shop.world.work()
        shop.world.now += 2 * DAY
    assert cases_of(shop) == [(1, NOW), (1, NOW + 2 * DAY)]


def test_who_goes_back_to_the_form_and_declares_it_again_has_withdrawn_once() -> None:
    shop = a_shop(lines=KETTLES)
    form = {"quantity_l1": "1", "name": "Ann Lee", **shown_in(shop)}
    for _ in range(2):
        sent = confirmation(shop.post("returns", do="declare", **form))
        shop.post("returns", do="confirm", quantity_l1="1", name="Ann Lee", **sent)
        shop.world.work()
    assert cases_of(shop) == [(1, NOW)]


def confirmation(shown: Shown) -> dict[str, str]:
    """What the page before the second press was shown, as its form sends it on."""
    return dict(re.findall(r'<input type="hidden" name="(was)" value="([^"]*)">', shown.body))


def test_a_statement_needs_a_name_and_goods(shop: Shop) -> None:
    assert "Write your name" in shop.post("returns", do="declare", quantity_l1="1", name=" ").body
    assert "Say for which goods" in shop.post("returns", do="confirm", name="Ann Lee").body
    assert shop.said() == []


def test_part_of_an_order_can_be_kept(shop: Shop) -> None:
    shop.post("returns", do="confirm", quantity_l2="1", name="Ann Lee")
    assert [part.line_id for part in said_return(shop).lines] == ["l2"]


def test_the_function_is_there_through_the_whole_term_and_not_after_it(shop: Shop) -> None:
    shop.world.advance(shipped(NOW + DAY))
    shop.world.advance(delivered(NOW + 2 * DAY))
    shop.world.now = NOW + 19 * DAY
    assert "Withdraw from contract here" in shop.visit("returns").body
    shop.world.now = NOW + 20 * DAY
    assert "Withdraw from contract here" not in shop.visit("returns").body
    late = shop.post("returns", do="confirm", **STATED)
    assert (late.status, shop.said()) == (422, [])
    assert "The time to withdraw from the contract is over" in late.body


@pytest.mark.parametrize(("country", "there"), [("DE", True), ("FR", True), ("GB", True), ("US", False), ("CH", False)])
def test_whose_law_gives_no_right_to_withdraw_is_not_promised_one(country: str, there: bool) -> None:
    shop = a_shop(page_content(country=country), shipping_address={"country": country})
    assert ("Withdraw from contract here" in shop.visit("returns").body) is there
    abroad = a_shop(page_content(country="US"), shipping_address={"country": "IE"})
    assert "Withdraw from contract here" in abroad.visit("returns").body


def test_the_union_has_twenty_seven_members_and_three_more_in_its_economic_area() -> None:
    assert len(FOURTEEN_DAYS - {"GB"}) == 27 + 3


def test_every_stage_of_a_return_has_its_words() -> None:
    shop = a_shop(lines=[{**KETTLE, "quantity": 9}])
    for index, stage in enumerate(("Requested", "Approved", "Received", "Refunded", "Exchanged", "Closed")):
        shop.world.advance(returned(stage, NOW + index * timedelta(hours=1), {"l1": 1}, case=f"t{index}"))
    shop.world.advance(withdrawn(NOW, case="t9"))
    html = shop.visit("returns").body
    for words in ("Send it back", "It has reached us", "your money is on its way", "something else is on", "is closed"):
        assert words in html


def test_a_return_the_shop_opened_without_lines_is_shown_too(shop: Shop) -> None:
    shop.world.advance(an_event("ReturnApproved", NOW, order_id="1001", return_id="shopify-1"))
    assert "shopify-1" in shop.visit("returns").body
