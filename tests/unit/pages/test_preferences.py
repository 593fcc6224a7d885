"""What we may write, a rest, and each message that is planned: shown, changed, and shown as it was just said."""

import re

import pytest

from perennial import events
from perennial.customer import touch_id
from perennial.journeys import version_of
from tests.unit.core.builders import (
    DAY,
    HOUR,
    NOW,
    a_journey,
    a_touch,
    an_event,
    consented,
    device,
    gone,
    placed,
    snapshot,
)
from tests.unit.pages.visits import CARE, Shop, a_shop, page_content

BOTH = "email-feedback email-marketing"


def checked(html: str) -> set[str]:
    return set(re.findall(r'type="checkbox" name="([\w-]+)" value="yes" checked', html))


def tips(shop: Shop) -> str:
    return touch_id("shop", "care:1001", "tips")


def test_every_channel_the_customer_can_be_reached_by_has_its_boxes(shop: Shop) -> None:
    assert checked(shop.visit("preferences").body) == {"email-feedback", "email-marketing"}
    with_phone = a_shop(contact={"email": "ann@example.com", "phone": "+447700900123"})
    with_phone.world.advance(device("Registered"))
    html = with_phone.visit("preferences").body
    assert 'name="text-marketing"' in html
    assert 'name="push-feedback"' in html
    assert checked(html) == {"email-feedback", "email-marketing"}, "texts and notes need a yes"


def test_the_address_is_shown_masked(shop: Shop) -> None:
    html = shop.visit("preferences").body
    assert "a***@example.com" in html
    assert "ann@" not in html


def test_a_box_that_was_unticked_is_a_withdrawal_and_the_page_shows_it_before_it_is_applied(shop: Shop) -> None:
    shown = shop.post("preferences", do="save", was=BOTH, email_feedback="yes")
    assert checked(shown.body) == {"email-feedback"}
    (said,) = shop.said()
    assert isinstance(said, events.ConsentEvent)
    assert (said.type, said.channel, said.classes) == ("ConsentWithdrawn", "email", ("marketing",))
    assert said.source == "preferences"
    shop.world.work()
    assert checked(shop.visit("preferences").body) == {"email-feedback"}


def test_a_box_that_was_ticked_is_a_confirmed_yes_by_the_wording_of_the_page() -> None:
    shop = a_shop(page_content(CARE, consent={}))
    assert checked(shop.visit("preferences").body) == {"email-feedback"}
    shop.post("preferences", do="save", was="email-feedback", email_feedback="yes", email_marketing="yes")
    (said,) = shop.said()
    assert isinstance(said, events.ConsentEvent)
    assert (said.type, said.level, said.wording) == ("ConsentGiven", "confirmed_opt_in", "preferences-2026-11")
    shop.world.work()
    assert checked(shop.visit("preferences").body) == {"email-feedback", "email-marketing"}


def test_a_box_that_is_ticked_from_a_message_to_an_address_of_before_confirms_nothing() -> None:
    shop = a_shop(page_content(CARE, consent={"double_opt_in": True}))
    shop.world.now += HOUR
    shop.world.advance(snapshot(shop.world.now, contact={"email": "anna@example.com"}))
    shop.post("preferences", do="save", was="email-feedback", email_feedback="yes", email_marketing="yes")
    (said,) = shop.said()
    assert isinstance(said, events.ConsentEvent)
    assert (said.type, said.source, said.level) == ("ConsentGiven", "other-address", None)
    shop.world.work()
    assert shop.world.customer().profile.consents["email:marketing"].state == "pending"


def test_a_yes_to_texts_is_one_for_the_number_that_the_page_shows() -> None:
    shop = a_shop(contact={"email": "ann@example.com", "phone": "07911 123456"})
    assert "079*****456" in shop.visit("preferences").body
    shop.post("preferences", do="save", was=BOTH, email_feedback="yes", email_marketing="yes", text_marketing="yes")
    (said,) = shop.said()
    assert isinstance(said, events.ConsentEvent)
    assert (said.channel, said.contact.phone) == ("text", "07911 123456")
    shop.world.work()
    assert shop.world.customer().profile.consents["text:marketing"].number == "+447911123456"


def now_reached_at(phone: str) -> events.Event:
    return an_event("CustomerUpdated", NOW + HOUR, contact={"email": "ann@example.com", "phone": phone})


@pytest.mark.parametrize("what", ["OptedOut", "Bounced"])
def test_no_box_promises_texts_to_a_number_that_none_can_go_to(what: str) -> None:
    """Whoever answered STOP is on the provider's list: a yes said here would never come true."""
    shop = a_shop(contact={"email": "ann@example.com", "phone": "07911 123456"})
    shop.world.advance(gone(NOW + HOUR, "+447911123456", what, channel="text", reason="opted out"))
    shown = shop.post(
        "preferences", do="save", was=BOTH, email_feedback="yes", email_marketing="yes", text_marketing="yes"
    )
    assert (shop.said(), "text-marketing" in shown.body) == ([], False)
    shop.world.advance(now_reached_at("+447911123457"))
    assert 'name="text-marketing"' in shop.visit("preferences").body, "another number is another matter"


def test_a_yes_for_another_number_than_the_dead_one_can_still_be_taken_back() -> None:
    shop = a_shop(contact={"email": "ann@example.com", "phone": "07911 123456"})
    agreed = consented("Given", NOW, channel="text", contact={"email": "ann@example.com", "phone": "+447911123457"})
    dead = gone(NOW + HOUR, "+447911123456", "Bounced", channel="text")
    shop.world.tell(agreed, now_reached_at("+447911123456"), dead)
    shop.post("preferences", do="save", was=f"{BOTH} text-marketing text-feedback", email_feedback="yes")
    assert "text" in {event.channel for event in shop.said() if isinstance(event, events.ConsentEvent)}


def test_saving_what_was_there_says_nothing(shop: Shop) -> None:
    shown = shop.post("preferences", do="save", was=BOTH, email_feedback="yes", email_marketing="yes")
    assert "Saved" in shown.body
    assert shop.said() == []


def test_a_second_thought_counts_although_the_first_is_not_applied_yet(shop: Shop) -> None:
    shop.post("preferences", do="save", was=BOTH, email_feedback="yes")
    shop.world.now += DAY / 1440
    shop.post("preferences", do="save", was="email-feedback", email_feedback="yes", email_marketing="yes")
    assert [event.type for event in shop.said()] == ["ConsentWithdrawn", "ConsentGiven"]
    shop.world.work()
    assert checked(shop.visit("preferences").body) == {"email-feedback", "email-marketing"}


def test_a_rest_holds_for_thirty_days_to_the_end_of_the_last_one(shop: Shop) -> None:
    shown = shop.post("preferences", do="rest")
    assert "Until 1 April 2026" in shown.body
    shop.world.work()
    assert "Until 1 April 2026" in shop.visit("preferences").body
    shop.world.until(NOW + 10 * DAY)
    assert shop.world.told().get("care/tips") is None


def test_resting_twice_is_one_word_and_the_rest_can_end(shop: Shop) -> None:
    shop.post("preferences", do="rest")
    shop.world.now += DAY / 24
    shop.post("preferences", do="rest")
    first, second = shop.said()
    assert first.id == second.id
    shop.world.work()
    shop.world.now += DAY
    assert "The rest is over" in shop.post("preferences", do="resume").body
    shop.world.work()
    assert "Rest for 30 days" in shop.visit("preferences").body


def test_what_is_coming_stands_there_by_its_subject_and_day(shop: Shop) -> None:
    html = shop.visit("preferences").body
    assert re.findall(r'<p id="what-\w+">(\w+)</p>', html) == ["survey", "tips", "offer"]
    assert "Around 5 March" in html
    assert f'value="skip:{tips(shop)}"' in html


def test_a_skipped_message_is_not_sent_and_the_page_says_so_at_once(shop: Shop) -> None:
    shown = shop.post("preferences", do=f"skip:{tips(shop)}")
    assert "That message will not be sent" in shown.body
    assert f'value="want:{tips(shop)}"' in shown.body
    shop.world.work()
    assert f'value="want:{tips(shop)}"' in shop.visit("preferences").body
    shop.world.until(NOW + 6 * DAY)
    assert shop.world.told()["care/tips"].startswith("skipped: declined")


def test_a_skipped_message_can_be_wanted_after_all(shop: Shop) -> None:
    shop.post("preferences", do=f"skip:{tips(shop)}")
    shop.world.work()
    shop.world.now += DAY / 24
    assert "after all" in shop.post("preferences", do=f"want:{tips(shop)}").body
    shop.world.work()
    shop.world.until(NOW + 6 * DAY)
    assert shop.world.told()["care/tips"] == "sent"


@pytest.mark.parametrize("touch", ["0" * 12, "", "thanks", touch_id("shop", "care:9999", "tips")])
def test_only_what_is_planned_for_this_customer_can_be_skipped(shop: Shop, touch: str) -> None:
    shown = shop.post("preferences", do=f"skip:{touch}")
    assert shown.status == 409
    assert "no longer planned" in shown.body
    assert shop.said() == []


def test_an_unknown_button_changes_nothing_and_says_so(shop: Shop) -> None:
    shown = shop.post("preferences", do="dance", email_feedback="yes")
    assert (shown.status, shop.said()) == (400, [])
    assert "Nothing has changed" in shown.body


def test_a_message_whose_subject_needs_what_is_not_known_yet_is_named_by_its_kind() -> None:
    content = page_content(CARE)
    message = content.messages["tips"].model_copy(update={"subject": "{{ parcel.carrier }} {{ refund.amount|money }}"})
    content = type(content)(**{**vars(content), "messages": {**content.messages, "tips": message}})
    html = a_shop(content).visit("preferences").body
    assert re.findall(r'<p id="what-\w+">([^<]+)</p>', html) == ["survey", "Offers and ideas", "offer"]


def test_what_is_coming_follows_the_journey_that_was_begun_although_a_deploy_changed_it(shop: Shop) -> None:
    changed = a_journey("care", a_touch("thanks", "order.placed", "thanks"))
    shop.world.content = page_content(changed)
    html = shop.visit("preferences").body
    assert re.findall(r'<p id="what-\w+">(\w+)</p>', html) == ["survey", "tips", "offer"]
    del shop.world.memory.versions["shop", version_of(CARE)]
    assert "Nothing is planned" in shop.visit("preferences").body


def test_orders_are_told_apart_by_their_numbers(shop: Shop) -> None:
    shop.world.advance(placed(NOW + DAY / 24, order="1002"))
    html = shop.visit("preferences").body
    assert "order <bdi>#1001</bdi>" in html
    assert "order <bdi>#1002</bdi>" in html
