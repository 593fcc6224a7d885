"""From a claimed touch to what a provider is asked to send."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import pytest

from perennial import links
from perennial.customer import touch_id
from perennial.draft import Send
from perennial.errors import RuleFailed
from perennial.facts import Links
from perennial.messages import Message
from perennial.outgoing import SENDER_ID, Composed, compose
from perennial.ports import OutgoingEmail, OutgoingPush, OutgoingText
from tests.unit.core.builders import (
    NOW,
    WHO,
    a_content,
    a_journey,
    a_message,
    a_store,
    a_touch,
    consented,
    device,
    placed,
)
from tests.unit.core.life import Life, silence

KEYS = links.KeyRing(1, {1: b"k" * 16})
PUSH = {"title": "Order {{ order.number }}", "body": "It is here."}


def composed(
    class_: str = "transactional", channels: Iterable[str] = ("email",), order: Any = None, **store: Any
) -> Composed:
    message = a_message("hello", class_, channels, subject="Order {{ order.number }}", push=PUSH)
    life, send = claimed(message, order, **store)
    return compose(send, life.customer, life.setting(NOW), KEYS)


def claimed(message: Message, order: Any = None, said_yes: bool = True, **store: Any) -> tuple[Life, Send]:
    content = a_content(
        a_journey("care", a_touch("a", "order.placed", "hello", expires="2 hours")),
        messages=[message],
        store=a_store(**store),
    )
    life = Life(content, answer=silence)
    number = {"contact": {"phone": "07911 123456"}}
    yes = [consented("Given", NOW, channel, **number) for channel in ("email", "text", "push")]
    life.feed(*(yes if said_yes else ()), device("Registered"), placed(**(order or {})), at=NOW)
    (send,) = life.sends
    return life, send


def email(class_: str = "transactional", **more: Any) -> OutgoingEmail:
    message = composed(class_, **more).message
    assert isinstance(message, OutgoingEmail)
    return message


def test_an_email_is_from_the_store_to_the_person() -> None:
    store: dict[str, Any] = {
        "sender": {"email": "hello@shop.example", "name": "Shop\r\nBcc: x", "reply_to": "help@shop.example"}
    }
    sent = email(**store)
    assert (sent.sender, sent.to, sent.reply_to) == (
        '"Shop Bcc: x" <hello@shop.example>',
        "ann@example.com",
        "help@shop.example",
    )
    assert (sent.subject, sent.html, sent.text) == ("Order #1001", "<p>#1001</p>", "#1001\n")


def test_people_know_a_message_by_its_subject_its_words_or_its_title() -> None:
    phone = {"contact": {"phone": "07911 123456"}}
    assert composed().subject == "Order #1001"
    assert composed(channels=["text"], order=phone).subject == "#1001"
    assert composed(channels=["push"]).subject == "Order #1001"


@pytest.mark.parametrize("class_", ["transactional", "feedback", "marketing"])
def test_no_machine_answers_a_message_of_ours(class_: str) -> None:
    headers = email(class_).headers
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Feedback-ID"] == f"hello:{class_}:shop:{SENDER_ID}"


@pytest.mark.parametrize("class_", ["feedback", "marketing"])
def test_one_click_leaves_feedback_and_marketing(class_: str) -> None:
    """RFC 8058; the link is signed for unsubscribing and for nothing else."""
    headers = email(class_).headers
    address = headers["List-Unsubscribe"]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (address[0], address[-1]) == ("<", ">")
    token = address[1:-1].removeprefix("https://p.shop.example/u/")
    ticket = links.verify(KEYS, "unsubscribe", token, NOW)
    assert isinstance(ticket, links.Ticket)
    assert (ticket.customer, ticket.touch) == (WHO, touch_id("shop", "care:1001", "a"))
    assert headers["List-ID"] == f"<{class_}.shop.shop.example>"


def test_nobody_unsubscribes_from_what_they_need() -> None:
    """emailflare #194, GoodServer #123: a newsletter unsubscribe that blocks receipts."""
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post", "List-ID"} & email().headers.keys()


def test_a_receipt_finds_its_touch_by_the_tags() -> None:
    assert email("marketing").tags == {
        "store": "shop",
        "customer": WHO,
        "touch": touch_id("shop", "care:1001", "a"),
        "journey": "care",
        "message": "hello",
        "class": "marketing",
    }


@pytest.mark.parametrize("name", ["open_tracking", "click_tracking"])
def test_who_gets_mail_by_soft_opt_in_is_not_watched(name: str) -> None:
    life, send = claimed(a_message("hello", "marketing", ("email",)), said_yes=False, **{name: True})
    message = compose(send, life.customer, life.setting(NOW), KEYS).message
    assert getattr(message, name) is False


@pytest.mark.parametrize("name", ["open_tracking", "click_tracking"])
def test_tracking_is_off_unless_the_store_wants_it_and_never_in_what_people_need(name: str) -> None:
    assert getattr(email("marketing"), name) is False
    assert getattr(email("marketing", **{name: True}), name) is True
    assert getattr(email("transactional", **{name: True}), name) is False


@pytest.mark.parametrize(
    ("class_", "promotional"), [("transactional", False), ("feedback", False), ("marketing", True)]
)
def test_a_text_says_whether_it_sells(class_: str, promotional: bool) -> None:
    message = composed(
        class_, ["text"], {"contact": {"phone": "07911 123456"}}, texts={"sender_id": "SHOP", "max_price_usd": "0.05"}
    ).message
    assert isinstance(message, OutgoingText)
    assert (message.to, message.body, message.promotional) == ("+447911123456", "#1001", promotional)
    assert (message.sender_id, str(message.max_price_usd)) == ("SHOP", "0.05")


def test_a_push_note_is_of_use_as_long_as_its_touch() -> None:
    message = composed(channels=["push"]).message
    assert isinstance(message, OutgoingPush)
    assert (message.endpoint, message.platform, message.seconds_of_use) == ("arn:phone", "fcm", 7200)
    assert (message.title, message.body) == ("Order #1001", "It is here.")
    assert message.url is not None
    assert isinstance(links.verify(KEYS, "order", message.url.rpartition("/")[2], NOW), links.Ticket)


def test_a_newer_note_about_an_order_replaces_the_older_and_leaves_other_orders_alone() -> None:
    message = a_message("hello", "transactional", ["push"], subject="x", push=PUSH)
    touches = (a_touch("a", "order.placed", "hello"), a_touch("b", "order.placed", "hello"))
    life = Life(a_content(a_journey("care", *touches), messages=[message]))
    life.feed(device("Registered"), placed(), placed(order="1002"), at=NOW)
    notes = [(send.touch.order_id, compose(send, life.customer, life.setting(NOW), KEYS)) for send in life.sends]
    keys = {(order, note.message.collapse_key) for order, note in notes if isinstance(note.message, OutgoingPush)}
    assert [order for order, _ in sorted(keys)] == ["1001", "1002"]
    assert len({key for _, key in keys}) == 2
    assert all(len(key.encode()) <= 64 for _, key in keys)


def test_a_message_speaks_the_customers_language_where_the_store_does() -> None:
    message = a_message("hello", "transactional", subject="{{ lang }}")
    for locale, spoken in (("de-AT", "de"), ("fr", "en"), (None, "en")):
        order = {"contact": {"email": "ann@example.com", "locale": locale}}
        life, send = claimed(message, order, locales=["en", "de"])
        assert compose(send, life.customer, life.setting(NOW), KEYS).subject == spoken


def test_a_message_to_the_store_is_in_its_language_and_is_answered_to_the_customer() -> None:
    message = a_message("hello", "transactional", subject="{{ lang }} {{ links.unsubscribe }}", to="store")
    order = {"contact": {"email": "Ann@Example.com", "locale": "de-AT"}}
    life, send = claimed(message, order, locales=["en", "de"], sender={"email": "s@shop.example", "name": "Shop"})
    told = compose(send, life.customer, life.setting(NOW), KEYS).message
    assert isinstance(told, OutgoingEmail)
    assert (told.to, told.reply_to, told.subject) == ("help@shop.example", "ann@example.com", "en")
    assert "List-Unsubscribe" not in told.headers


def test_an_address_that_ses_does_not_take_keeps_no_message_from_the_store() -> None:
    order = {"contact": {"email": "jürgen@example.com"}}
    life, send = claimed(a_message("hello", "transactional", to="store"), order)
    told = compose(send, life.customer, life.setting(NOW), KEYS).message
    assert isinstance(told, OutgoingEmail)
    assert (told.to, told.reply_to) == ("help@shop.example", None)


def test_none_of_the_shoppers_links_goes_to_the_store() -> None:
    """Whoever reads them at the shop could otherwise answer in the shopper's name."""
    for field in fields(Links):
        words = "{{ links." + field.name + " }}."
        shoppers, stores = (subject_of(a_message("hello", "transactional", subject=words, to=to)) for to in TO)
        assert shoppers.startswith("https://")
        assert stores == "."


TO = ("customer", "store")


def subject_of(message: Message) -> str:
    life, send = claimed(message)
    return compose(send, life.customer, life.setting(NOW), KEYS).subject


def test_what_cannot_be_rendered_names_the_message_and_not_the_person() -> None:
    life, send = claimed(a_message("hello", "transactional", subject="{{ customer.first_name.nonsense }}"))
    with pytest.raises(RuleFailed, match="message 'hello', subject, line 1") as caught:
        compose(send, life.customer, life.setting(NOW), KEYS)
    assert "Ann" not in str(caught.value)


def test_the_offer_that_is_shown_is_the_offer_that_was_promised() -> None:
    message = a_message("hello", "marketing", subject="{{ offer.code }} {{ offer.expires_at|date('long') }}")
    journey = a_journey("care", a_touch("a", "order.placed", "hello", offer="tenth"))
    life = Life(a_content(journey, messages=[message]), answer=silence).feed(placed(), at=NOW)
    made = life.customer.enrolments["care:1001"].offers["tenth"]
    words = compose(life.sends[0], life.customer, life.setting(NOW), KEYS).subject
    assert set(words.replace(",", "").split()) == {made.code, "9", "March", "2026"}
