"""Facts first: what each event changes about the person, before anybody asks what to send."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from perennial import events
from perennial.customer import LATEST_ORDERS, OrderMark, Profile
from perennial.identity import Alias
from tests.unit.core.builders import (
    DAY,
    HOUR,
    NOW,
    a_content,
    a_store,
    an_event,
    cancelled,
    consented,
    delivered,
    device,
    placed,
    shipped,
    snapshot,
)
from tests.unit.core.life import Life


def live(*news: events.Event, **store: Any) -> Life:
    life = Life(a_content(store=a_store(**store)))
    for event in news:
        life.feed(event, at=NOW + 2 * DAY)
    return life


def known(*news: events.Event, **store: Any) -> Profile:
    return live(*news, **store).customer.profile


def updated(at: Any = NOW, **contact: Any) -> events.Event:
    return an_event("CustomerUpdated", at, contact=contact)


# The person


def test_a_person_is_known_by_the_newest_of_what_anybody_said() -> None:
    contact = known(placed(), updated(NOW + HOUR, first_name="Anna"), consented("Given", NOW - DAY)).contact
    assert (contact.email, contact.first_name) == ("ann@example.com", "Anna")


def test_what_one_order_leaves_empty_does_not_disappear_from_the_person() -> None:
    contact = known(placed(), updated(NOW + HOUR, email=None, first_name="", phone=None)).contact
    assert (contact.email, contact.first_name) == ("ann@example.com", "Ann")


def test_the_number_of_an_order_stays_with_the_order() -> None:
    """It may be that of whoever takes the parcel in."""
    told = updated(phone="+447911123456")
    assert known(told, placed(NOW + HOUR, contact={"phone": "+447400123456"})).contact.phone == "+447911123456"
    assert known(placed(contact={"phone": "+447400123456"})).contact.phone is None


@pytest.mark.parametrize("email", ["till@shop.example", "nonsense"])
def test_an_address_that_is_nobodys_does_not_replace_the_persons_own(email: str) -> None:
    denied = {"denylist_emails": ["till@shop.example"]}
    assert known(placed(), placed(NOW + HOUR, "1002", email), identity=denied).contact.email == "ann@example.com"


def test_news_about_a_parcel_teach_nothing_about_the_person() -> None:
    before = known(placed())
    assert known(placed(), delivered(NOW)).contact == before.contact


def test_events_that_change_nothing_about_anybody_are_taken_in_silence() -> None:
    life = live(placed())
    life.feed(an_event("DataRequested", NOW), at=NOW + 2 * DAY)
    assert not life.decisions[-1].changed


# Aliases: what will lead to this customer from now on


def test_everything_that_identifies_a_person_or_an_order_is_registered_once() -> None:
    contact = {"email": "Ann@Example.com", "customer_id": "7", "phone": "+447911123456"}
    life = live(placed(contact=contact))
    assert set(life.decisions[0].aliases) == {
        Alias("email", "ann@example.com"),
        Alias("customer", "7"),
        Alias("order", "1001"),
    }
    life.feed(placed(contact=contact), updated(NOW + HOUR, **contact), at=NOW + 2 * DAY)
    assert life.decisions[-1].aliases == ()


def test_a_second_address_of_one_person_leads_to_them_too() -> None:
    life = live(placed(), updated(NOW + HOUR, email="other@example.com"))
    assert life.decisions[-1].aliases == (Alias("email", "other@example.com"),)


def test_a_parcel_leads_to_nobody_but_by_its_order() -> None:
    life = live(placed(), shipped(NOW, tracking=[{"number": "T1"}]))
    assert life.decisions[-1].changed
    assert life.decisions[-1].aliases == ()


# The checkbox, consent, devices


def consents(*news: events.Event) -> dict[str, tuple[str, str]]:
    return {key: (held.state, held.source) for key, held in known(*news).consents.items()}


def test_a_tick_at_checkout_is_consent_by_email() -> None:
    yes = ("given", "checkout")
    assert consents(placed(accepts_marketing=True)) == {"email:marketing": yes, "email:feedback": yes}


@pytest.mark.parametrize("box", [None, False])
def test_an_empty_box_is_no_withdrawal(box: bool | None) -> None:
    assert consents(placed(accepts_marketing=box)) == {}
    kept = consents(placed(accepts_marketing=True), placed(NOW + HOUR, "1002", accepts_marketing=box))
    assert kept["email:marketing"] == ("given", "checkout")


def test_a_tick_counts_from_when_the_order_was_placed() -> None:
    """A later edit of the order repeats the tick; who unsubscribed in between stays so."""
    news = [placed(accepts_marketing=True), consented("Withdrawn", NOW + HOUR)]
    again = snapshot(NOW + DAY, placed_at=NOW, accepts_marketing=True)
    assert consents(*news, again)["email:marketing"] == ("withdrawn", "shop")


def test_a_tick_from_a_clock_that_runs_ahead_does_not_outlive_a_withdrawal() -> None:
    tick = placed(placed_at=NOW + 300 * DAY, accepts_marketing=True)
    assert consents(tick, consented("Withdrawn", NOW + HOUR))["email:marketing"] == ("withdrawn", "shop")


@pytest.mark.parametrize("channel", ["renewal", "draft", "pos", "amazon", "755357713"])
def test_an_order_that_went_through_no_checkout_says_nothing_of_a_box(channel: str) -> None:
    """Shops repeat there what they know of the customer, and nobody tells them who left by our link."""
    assert consents(placed(channel=channel, accepts_marketing=True)) == {}


@pytest.mark.parametrize("source", ["one-click", "preferences", "keyword", "shop"])
def test_a_box_takes_back_no_withdrawal_in_any_order_of_arrival(source: str) -> None:
    """Shops show it ticked to whom they know as a subscriber: whoever leaves with one click must not be back with the
    next order.
    """
    left = consented("Withdrawn", NOW + HOUR, source=source)
    again = placed(NOW + DAY, "1002", channel="web", accepts_marketing=True)
    for news in itertools.permutations((placed(accepts_marketing=True), left, again)):
        assert set(consents(*news).values()) == {("withdrawn", source)}


def test_whoever_asks_again_in_words_is_heard_though_a_box_is_newer() -> None:
    news = consented("Withdrawn", NOW + HOUR), consented("Given", NOW + 2 * HOUR, source="preferences")
    ticked = placed(NOW + DAY, "1002", accepts_marketing=True)
    for told in itertools.permutations((*news, ticked)):
        assert set(consents(*told).values()) == {("given", "preferences")}


def test_a_box_outweighs_that_nobody_ever_asked() -> None:
    for told in itertools.permutations((placed(accepts_marketing=True), consented("Absent", NOW + DAY))):
        assert set(consents(*told).values()) == {("given", "checkout")}


def test_consent_is_kept_by_channel_and_class() -> None:
    told = consents(consented("Given", NOW, "text", classes=["marketing"]), consented("Withdrawn", NOW))
    assert {key: state for key, (state, _) in told.items()} == {
        "text:marketing": "given",
        "email:marketing": "withdrawn",
        "email:feedback": "withdrawn",
    }


def test_the_newest_registration_or_removal_of_a_device_decides() -> None:
    devices = known(
        device("Removed", NOW), device("Registered", NOW - HOUR), device("Registered", NOW, "arn:2")
    ).devices
    assert {arn: held.live for arn, held in devices.items()} == {"arn:phone": False, "arn:2": True}
    assert known(device("Removed", NOW), device("Registered", NOW + HOUR)).devices["arn:phone"].live


def test_a_device_belongs_to_the_platform_of_its_newest_registration() -> None:
    old, new = device("Registered", NOW, platform="fcm"), device("Registered", NOW + HOUR, platform="apns")
    for news in ([old, new], [new, old]):
        assert known(*news).devices["arn:phone"].platform == "apns"


# What was bought lately


def test_orders_are_counted_once_each() -> None:
    assert known(placed(), placed(), snapshot(NOW + HOUR), placed(NOW + HOUR, "1002")).orders == 2


def test_the_newest_orders_are_remembered_by_date_and_whether_they_stand() -> None:
    profile = known(placed(), placed(NOW + HOUR, "1002"), cancelled(NOW + HOUR, "1001"))
    assert profile.latest_orders == (OrderMark("1002", NOW + HOUR), OrderMark("1001", NOW, cancelled=True))


def test_only_so_many_orders_are_remembered() -> None:
    many = [placed(NOW + timedelta(minutes=n), str(n)) for n in range(LATEST_ORDERS + 5)]
    profile = known(*many)
    assert profile.orders == LATEST_ORDERS + 5
    assert [mark.id for mark in profile.latest_orders] == [str(n) for n in range(LATEST_ORDERS + 4, 4, -1)]


def test_an_order_of_which_only_a_parcel_is_known_has_no_date_yet() -> None:
    assert known(delivered(NOW)).latest_orders == ()
