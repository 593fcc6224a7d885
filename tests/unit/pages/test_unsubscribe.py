"""Leaving in one press, by hand or by a mailbox's button (RFC 8058), and coming back."""

import pytest

from perennial import events
from perennial.customer import touch_id
from perennial.links import customer_id, sign
from tests.unit.core.builders import DAY, HOUR, a_journey, a_touch, snapshot
from tests.unit.pages.visits import FORM, RING, Shop, a_shop, page_content

MULTIPART = b'--b1\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b1--\r\n'


def test_opening_the_page_shows_a_button_and_changes_nothing(shop: Shop) -> None:
    shown = shop.visit("unsubscribe")
    assert (shown.status, shop.said()) == (200, [])
    assert '<form method="post">' in shown.body
    assert "<button>Unsubscribe</button>" in shown.body


@pytest.mark.parametrize(
    ("content_type", "body"),
    [(FORM, b"List-Unsubscribe=One-Click"), ("multipart/form-data; boundary=b1", MULTIPART)],
)
def test_a_mailboxes_button_unsubscribes_in_either_encoding_with_a_short_plain_answer(
    shop: Shop, content_type: str, body: bytes
) -> None:
    shown = shop.visit("unsubscribe", "POST", content_type=content_type, body=body)
    assert (shown.status, shown.content_type, shown.body) == (200, "text/plain", "You are unsubscribed.\n")
    (said,) = shop.said()
    assert isinstance(said, events.ConsentEvent)
    assert (said.type, said.source, said.channel) == ("ConsentWithdrawn", "one-click", "email")


@pytest.mark.parametrize(
    ("content_type", "body"), [("text/xml", b"<x/>"), (FORM, b"\xff\xfe%zz"), ("multipart/form-data", b""), ("", b"")]
)
def test_the_link_is_the_authority_so_any_post_unsubscribes_whatever_it_carries(
    shop: Shop, content_type: str, body: bytes
) -> None:
    assert shop.visit("unsubscribe", "POST", content_type=content_type, body=body).status == 200
    assert [event.type for event in shop.said()] == ["ConsentWithdrawn"]


def test_what_stops_is_the_class_of_the_message_that_was_left(shop: Shop) -> None:
    shop.world.until(shop.world.now + HOUR)
    shop.post("unsubscribe", touch="survey", do="leave")
    (said,) = shop.said()
    assert isinstance(said, events.ConsentEvent)
    assert said.classes == ("feedback",)
    shop.world.work()
    assert shop.world.customer().profile.consents["email:feedback"].state == "withdrawn"
    shop.world.until(shop.world.now + 4 * DAY)
    assert shop.world.told()["care/tips"] == "sent", "marketing was not left"


def test_leaving_a_message_that_nobody_can_leave_leaves_both_others(shop: Shop) -> None:
    shop.post("unsubscribe", touch="thanks", do="leave")
    (said,) = shop.said()
    assert isinstance(said, events.ConsentEvent)
    assert said.classes == ("feedback", "marketing")


def test_after_leaving_nothing_of_that_class_goes_out_and_undo_lets_it_go_again(shop: Shop) -> None:
    assert "Undo" in shop.post("unsubscribe", do="leave").body
    shop.world.work()
    left = shop.world.customer().profile.consents["email:marketing"]
    assert (left.state, left.source, left.evidence) == (
        "withdrawn",
        "one-click",
        touch_id("shop", "care:1001", "thanks"),
    )
    shop.world.now += HOUR
    shown = shop.post("unsubscribe", do="undo")
    assert "You are back" in shown.body
    shop.world.work()
    back = shop.world.customer().profile.consents["email:marketing"]
    assert (back.state, back.source) == ("given", "undo")


@pytest.mark.parametrize("asks_twice", [False, True])
def test_whoever_has_an_address_that_is_not_the_persons_any_more_does_not_speak_for_them(asks_twice: bool) -> None:
    """They may leave, and that stops. A yes of theirs is nobody's own word: where a shop asks twice, it is none."""
    shop = a_shop(page_content(consent={"double_opt_in": asks_twice}))
    shop.world.now += HOUR
    shop.world.advance(snapshot(shop.world.now, contact={"email": "anna@example.com"}))
    shop.post("unsubscribe", do="leave")
    shop.world.work()
    shop.world.now += HOUR
    shop.post("unsubscribe", do="undo")
    shop.world.work()
    said = shop.world.customer().profile.consents["email:marketing"]
    assert said.source == ("one-click" if asks_twice else "other-address")
    assert said.state == ("withdrawn" if asks_twice else "given")


def test_a_yes_from_a_text_is_for_the_number_that_it_went_to() -> None:
    ping = page_content(a_journey("care", a_touch("thanks", "order.placed", "ping")))
    shop = a_shop(ping, contact={"email": "ann@example.com", "phone": "07911 123456"})
    shop.post("unsubscribe", do="undo")
    shop.world.work()
    assert shop.world.customer().profile.consents["text:marketing"].number == "+447911123456"


def test_a_double_press_is_one_event_and_undo_another(shop: Shop) -> None:
    shop.post("unsubscribe", do="leave")
    shop.world.now += HOUR
    shop.post("unsubscribe", do="leave")
    shop.post("unsubscribe", do="undo")
    first, again, undo = (event.id for event in shop.said())
    assert first == again != undo
    assert first.startswith("page:unsubscribe:")


def test_leaving_works_for_ever_but_an_old_link_leads_nowhere_else(shop: Shop) -> None:
    old = shop.token("unsubscribe")
    shop.world.now += 4000 * DAY
    shown = shop.visit("unsubscribe", token=old)
    assert shown.status == 200
    assert "/p/" not in shown.body, "preferences have a time, and a page prolongs no other"
    assert shop.post("unsubscribe", token=old, do="leave").status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_somebody_who_is_not_known_any_more_is_told_that_they_left_and_nobody_else_is(shop: Shop, method: str) -> None:
    stranger = sign(RING, "unsubscribe", "shop", customer_id(b"x" * 10), "0" * 12, shop.world.now)
    assert shop.visit("unsubscribe", method, token=stranger).status == 200
    assert shop.said() == []
