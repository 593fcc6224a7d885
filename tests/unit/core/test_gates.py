"""The table of DESIGN section 3, gate by gate and class by class: through, held until when, or skipped why."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial import events, timing
from perennial.customer import Consent, Device, Enrolment, OrderMark
from perennial.gates import Go, Hold, Scene, Skip, Verdict, pass_gates
from perennial.messages import Message
from perennial.pauses import Pause
from perennial.planning import Planned
from perennial.zones import candidate_zones
from tests.unit.core.builders import (
    DAY,
    HOUR,
    LONDON,
    MINUTE,
    NOW,
    a_journey,
    a_message,
    a_store,
    a_touch,
    an_order,
    cancelled,
    delivered,
    placed,
    refunded,
    returned,
    shipped,
    snapshot,
    somebody,
)

CLASSES = ("transactional", "feedback", "marketing")
SELLING = ("feedback", "marketing")
CHANNELS = ("email", "text", "push")
ANN = Go("email", "ann@example.com")
NIGHT = datetime.fromisoformat("2026-03-02T23:30Z")
MORNING = datetime.fromisoformat("2026-03-03T08:00Z")
NUMBERS = {"text": "+447911123456"}
YES = {
    f"{channel}:{class_}": Consent("given", NOW, number=NUMBERS.get(channel))
    for channel in CHANNELS
    for class_ in SELLING
}
PHONE = {"contact": {"phone": "07911 123456"}}


def planned(
    message: Message,
    after: str = "order.placed",
    per: str | None = None,
    key: str = "a",
    wishes: Mapping[str, tuple[datetime, bool]] | None = None,
) -> Planned:
    journey = a_journey("care", a_touch("a", after, message.message, per=per))
    enrolment = Enrolment("care:1001", "care", "v", "1001", NOW, wishes=wishes or {})
    return Planned(enrolment, journey, journey.touches[0], message, key, (), NOW, NOW + DAY)


def verdict(
    class_: str = "marketing",
    *news: events.Event,
    channels: tuple[str, ...] = ("email",),
    now: datetime = NOW,
    after: str = "order.placed",
    per: str | None = None,
    one_per: str | None = None,
    pauses: Collection[Pause] = (),
    zones: tuple[ZoneInfo, ...] = (LONDON,),
    store: Mapping[str, Any] | None = None,
    order: Mapping[str, Any] | None = None,
    sent: Mapping[str, str] | None = None,
    parked: int = 0,
    consents: Mapping[str, Consent] = YES,
    to: str = "customer",
    wishes: Mapping[str, tuple[datetime, bool]] | None = None,
    **profile: Any,
) -> Verdict:
    """What the gates say about one message to Ann, who agreed to everything."""
    message = a_message("hello", class_, channels, one_per=one_per, to=to)
    bought = replace(an_order(placed(**(order or {})), *news), sent=sent or {})
    customer = replace(somebody(consents=consents, **profile), parked=parked)
    scene = Scene(customer, bought, a_store(**(store or {})), zones, zones[0], now, frozenset(pauses))
    return pass_gates(planned(message, after, per, wishes=wishes), scene)


@pytest.mark.parametrize("class_", CLASSES)
def test_nothing_stands_in_the_way_on_a_monday_morning(class_: str) -> None:
    assert verdict(class_) == ANN


# Paused, by a switch that needs no deploy


@pytest.mark.parametrize("class_", SELLING)
@pytest.mark.parametrize("pause", [Pause("store"), Pause("journey", "care"), Pause("message", "hello")])
def test_a_pause_holds_feedback_and_marketing(class_: str, pause: Pause) -> None:
    assert verdict(class_, pauses=[pause]) == Hold(f"paused: {pause}", NOW + HOUR)


@pytest.mark.parametrize("class_", CLASSES)
def test_a_pause_of_a_class_holds_that_class(class_: Any) -> None:
    assert verdict(class_, pauses=[Pause("class", class_)]) == Hold(f"paused: class {class_}", NOW + HOUR)


def test_what_the_customer_needs_is_held_only_where_it_is_paused_by_name() -> None:
    assert verdict("transactional", pauses=[Pause("store")]) == ANN
    for pause in (Pause("journey", "care"), Pause("message", "hello")):
        assert verdict("transactional", pauses=[pause]) == Hold(f"paused: {pause}", NOW + HOUR)


def test_a_pause_of_something_else_holds_nothing() -> None:
    others = [Pause("class", "feedback"), Pause("journey", "other"), Pause("message", "other")]
    assert verdict("marketing", pauses=others) == ANN


def test_what_is_paused_is_looked_at_again_at_the_next_full_hour() -> None:
    """Whoever lifts the pause wakes those it held; should that fail half-way, they go on by themselves."""
    held = verdict("marketing", now=NOW + 17 * MINUTE, pauses=[Pause("store")])
    assert held == Hold("paused: store", NOW + HOUR)


# Dead addresses, complaints, parked facts


@pytest.mark.parametrize("class_", CLASSES)
def test_nothing_goes_to_a_dead_address(class_: str) -> None:
    assert verdict(class_, dead={"ann@example.com": "hard bounce"}) == Skip("email: dead address: hard bounce")


@pytest.mark.parametrize("class_", CLASSES)
def test_nothing_goes_to_a_number_that_opted_out(class_: str) -> None:
    answer = verdict(class_, channels=("text",), order=PHONE, dead={"+447911123456": "opted out"})
    assert answer == Skip("text: dead address: opted out")


def test_after_a_complaint_only_what_the_customer_needs_goes() -> None:
    assert verdict("transactional", complained_at=NOW) == ANN
    for class_ in SELLING:
        assert verdict(class_, complained_at=NOW) == Skip("the customer complained")


def test_a_complaint_is_over_where_the_person_asks_for_messages_again_on_that_channel() -> None:
    anew = Consent("given", NOW + HOUR, "preferences")
    asked: dict[str, Any] = {"complained_at": NOW, "consents": {**YES, "email:marketing": anew}}
    assert verdict("marketing", **asked) == ANN
    assert verdict("feedback", **asked) == Skip("the customer complained")
    assert verdict("marketing", channels=("text",), order=PHONE, **asked) == Skip("the customer complained")
    reachable = {"contact": {"phone": "07911 123456", "email": "ann@example.com"}}
    both = verdict("marketing", channels=("text", "email"), order=reachable, **asked)
    assert both == ANN, "the text is refused, and the mail goes"


@pytest.mark.parametrize(
    "said", [Consent("given", NOW, "preferences"), Consent("given", NOW + HOUR, "checkout"), YES["email:marketing"]]
)
def test_no_older_word_and_nobody_elses_ends_a_complaint(said: Consent) -> None:
    answer = verdict("marketing", complained_at=NOW, consents={"email:marketing": said})
    assert answer == Skip("the customer complained")


def test_a_low_score_holds_feedback_and_marketing_until_it_is_settled() -> None:
    assert verdict("transactional", detracted={"1002": NOW}) == ANN
    for class_ in SELLING:
        assert verdict(class_, detracted={"1002": NOW}) == Hold("a low score is not settled yet")


def test_a_rest_holds_feedback_and_marketing_to_its_very_end() -> None:
    assert verdict("transactional", rests_until=NOW + DAY) == ANN
    for class_ in SELLING:
        assert verdict(class_, rests_until=NOW + DAY) == Hold("the customer asked for a rest", NOW + DAY)
        assert verdict(class_, rests_until=NOW) == ANN


@pytest.mark.parametrize("class_", CLASSES)
def test_what_the_customer_declined_is_skipped_whatever_its_class(class_: str) -> None:
    assert verdict(class_, wishes={"a": (NOW, False)}) == Skip("declined by the customer")
    assert verdict(class_, wishes={"a": (NOW, True)}) == ANN
    assert verdict(class_, wishes={"b": (NOW, False)}) == ANN


def test_while_something_is_parked_only_what_the_customer_needs_goes() -> None:
    """It may be a withdrawal that nobody could read (law 3)."""
    assert verdict("transactional", parked=1) == ANN
    for class_ in SELLING:
        assert verdict(class_, parked=1) == Hold("something about this customer is parked", NOW + HOUR)


@pytest.mark.parametrize("uniting", [{"moving": ("other",)}, {"same_as": {"other": NOW + HOUR}}])
def test_while_two_customers_are_being_united_only_what_they_need_goes(uniting: dict[str, Any]) -> None:
    """The other half may have said no (law 3)."""
    assert verdict("transactional", **uniting) == ANN
    for class_ in SELLING:
        assert verdict(class_, **uniting) == Hold("two customers are being united", NOW + HOUR)


# Consent: test_consent.py has the law, here it bars the channel


@pytest.mark.parametrize("class_", SELLING)
def test_nothing_goes_to_who_said_no(class_: str) -> None:
    no = {f"email:{class_}": Consent("withdrawn", NOW)}
    assert verdict(class_, consents=no) == Skip("email: consent withdrawn")


def test_what_the_customer_needs_goes_even_to_who_said_no() -> None:
    no = {key: Consent("withdrawn", NOW) for key in YES}
    assert verdict("transactional", consents=no) == ANN


# Order truth (law 6)


@pytest.mark.parametrize("class_", SELLING)
@pytest.mark.parametrize(
    ("news", "reason"),
    [
        (cancelled(NOW), "the order was cancelled"),
        (snapshot(NOW, payment_status="refunded"), "the order was fully refunded"),
        (refunded(NOW, "40.00"), "the order was fully refunded"),
    ],
)
def test_no_review_request_or_offer_for_an_order_that_came_to_nothing(
    class_: str, news: events.Event, reason: str
) -> None:
    assert verdict(class_, news) == Skip(reason)


@pytest.mark.parametrize("class_", SELLING)
def test_no_review_request_or_offer_while_the_order_is_late(class_: str) -> None:
    assert verdict(class_, now=NOW + 8 * DAY) == Hold("the order is late")
    assert verdict(class_, shipped(NOW), delivered(NOW + 8 * DAY), now=NOW + 8 * DAY) == ANN


@pytest.mark.parametrize("class_", SELLING)
def test_a_partial_refund_ends_nothing(class_: str) -> None:
    assert verdict(class_, refunded(NOW, "5.00")) == ANN


def test_what_the_customer_needs_goes_although_the_order_is_late_or_refunded() -> None:
    assert verdict("transactional", now=NOW + 8 * DAY) == ANN
    assert verdict("transactional", refunded(NOW, "40.00")) == ANN


def test_of_a_cancelled_order_only_its_end_is_spoken() -> None:
    assert verdict("transactional", cancelled(NOW)) == Skip("the order was cancelled")
    assert verdict("transactional", cancelled(NOW), after="parcel.shipped", per="parcel") == Skip(
        "the order was cancelled"
    )
    for after in ("order.cancelled", "order.refunded", "order.fully_refunded"):
        assert verdict("transactional", cancelled(NOW), after=after) == ANN
    for after, per in (("refund.made", "refund"), ("return.withdrawn", "return"), ("return.received", "return")):
        assert verdict("transactional", cancelled(NOW), after=after, per=per) == ANN


@pytest.mark.parametrize("class_", SELLING)
def test_no_review_request_or_offer_while_the_order_is_being_returned(class_: str) -> None:
    asked = returned("Requested", NOW, {"l1": 1})
    assert verdict(class_, asked) == Hold("the order is being returned")
    assert verdict(class_, asked, returned("Closed", NOW)) == ANN
    assert verdict("transactional", asked) == ANN


# Messages to the store


@pytest.mark.parametrize(
    "barred",
    [
        {"complained_at": NOW},
        {"dead": {"ann@example.com": "hard bounce", "help@shop.example": "full"}},
        {"order": {"contact": {"email": None}}},
        {"now": NIGHT},
        {"parked": 1},
        {"rests_until": NOW + DAY, "detracted": {"1001": NOW}},
    ],
)
def test_a_message_to_the_store_goes_to_its_support_whatever_keeps_the_customer_from_mail(barred: Any) -> None:
    assert verdict("transactional", to="store", **barred) == Go("email", "help@shop.example")


def test_a_message_to_the_store_is_paused_by_name_and_sent_once_like_any_other() -> None:
    assert isinstance(verdict("transactional", to="store", pauses=[Pause("message", "hello")]), Hold)
    taken = verdict("transactional", to="store", one_per="order", sent={"hello": "x/y"})
    assert taken == Skip("already sent by x/y")


@pytest.mark.parametrize(("class_", "channels"), [("marketing", ("email",)), ("transactional", ("text", "email"))])
def test_a_message_to_the_store_is_a_plain_mail(class_: str, channels: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="to: store"):
        a_message("hello", class_, channels, to="store")


# One per order


@pytest.mark.parametrize("class_", CLASSES)
def test_a_second_journeys_same_message_is_skipped(class_: str) -> None:
    taken = verdict(class_, one_per="order", sent={"hello": "large-care/review"})
    assert taken == Skip("already sent by large-care/review")


def test_a_message_that_may_go_twice_does() -> None:
    assert verdict("feedback", sent={"hello": "large-care/review"}) == ANN


def test_what_took_the_orders_only_message_may_still_send_it() -> None:
    """A confirmation in doubt is sent once more (law 1): its own claim does not stand in its way."""
    assert verdict("transactional", one_per="order", sent={"hello": "care/a"}) == ANN


# The cap (law 4)


def claims(*days_ago: float) -> tuple[datetime, ...]:
    return tuple(NOW - timedelta(days=days) for days in days_ago)


@pytest.mark.parametrize("class_", SELLING)
def test_over_the_cap_a_message_waits_until_the_window_has_room(class_: str) -> None:
    recent = claims(6, 2, 1)
    assert verdict(class_, recent=recent) == Hold("cap: 3 in 7 days", NOW + DAY)
    assert verdict(class_, recent=recent, now=NOW + DAY) == ANN
    assert isinstance(verdict(class_, recent=recent, now=NOW + DAY - timedelta(seconds=1)), Hold)


def test_far_over_the_cap_the_oldest_claim_in_the_way_decides() -> None:
    """After a cap was lowered, more claims may lie in the window than it allows."""
    assert verdict(recent=claims(6, 5, 4, 3, 2)) == Hold("cap: 3 in 7 days", NOW + 3 * DAY)


def test_claims_outside_the_window_do_not_count() -> None:
    assert verdict(recent=claims(30, 8, 7, 2, 1)) == ANN


def test_what_the_customer_needs_knows_no_cap() -> None:
    assert verdict("transactional", recent=claims(3, 2, 1, 0)) == ANN


def test_the_store_sets_its_cap() -> None:
    one_a_day = {"cap": {"messages": 1, "days": 1}}
    assert verdict(recent=claims(0.5), store=one_a_day) == Hold("cap: 1 in 1 days", NOW + DAY / 2)
    assert verdict(recent=claims(1), store=one_a_day) == ANN


KEEN = {"cap": {"messages": 1, "interested": 2}}


def test_who_clicked_lately_may_get_more() -> None:
    assert verdict(recent=claims(1), store=KEEN) == Hold("cap: 1 in 7 days", NOW + 6 * DAY)
    assert verdict(recent=claims(1), store=KEEN, clicked_at=NOW - 29 * DAY) == ANN
    assert isinstance(verdict(recent=claims(1), store=KEEN, clicked_at=NOW - 30 * DAY), Hold)
    assert verdict(recent=claims(2, 1), store=KEEN, clicked_at=NOW) == Hold("cap: 2 in 7 days", NOW + 5 * DAY)


def orders(*days_ago: int, cancelled: bool = False) -> tuple[OrderMark, ...]:
    return tuple(OrderMark(str(days), NOW - days * DAY, cancelled) for days in days_ago)


def test_coming_back_for_a_second_order_shows_interest() -> None:
    assert verdict(recent=claims(1), store=KEEN, latest_orders=orders(5, 200)) == ANN


@pytest.mark.parametrize("marks", [orders(5), orders(40, 200), orders(5, cancelled=True) + orders(200)])
def test_one_order_or_old_or_cancelled_ones_show_none(marks: tuple[OrderMark, ...]) -> None:
    assert isinstance(verdict(recent=claims(1), store=KEEN, latest_orders=marks), Hold)


def test_interest_does_nothing_where_the_store_does_not_say_so() -> None:
    assert isinstance(verdict(recent=claims(3, 2, 1), clicked_at=NOW), Hold)


@given(
    st.lists(st.integers(0, 20 * 24), max_size=30), st.integers(1, 4), st.integers(1, 7), st.none() | st.integers(1, 5)
)
def test_no_rolling_window_ever_holds_more_than_the_cap(
    asked: list[int], messages: int, days: int, interested: int | None
) -> None:
    """Whenever it is asked, and whatever was claimed before: what passes stays within the cap in every window."""
    cap = {"cap": {"messages": messages, "days": days, "interested": interested}}
    recent: tuple[datetime, ...] = ()
    for hours in sorted(asked):
        now = NOW + HOUR * hours
        if verdict(now=now, recent=recent, store=cap, clicked_at=NOW, order={"lines": []}) == ANN:
            recent = (*recent, now)
    window, most = timedelta(days=days), interested or messages
    for end in recent:
        assert len([moment for moment in recent if end - window < moment <= end]) <= most


@given(st.lists(st.integers(0, 10 * 24), min_size=1, max_size=12), st.integers(1, 4))
def test_the_moment_the_cap_names_is_the_first_at_which_it_lets_through(hours: list[int], messages: int) -> None:
    recent = tuple(NOW - HOUR * ago for ago in sorted(hours, reverse=True))
    cap = {"cap": {"messages": messages}, "quiet_hours": ALL_DAY}
    held = verdict(recent=recent, store=cap, order={"lines": []})
    if isinstance(held, Hold):
        assert held.until is not None
        assert verdict(now=held.until, recent=recent, store=cap, order={"lines": []}) == ANN
        before = verdict(now=held.until - timedelta(seconds=1), recent=recent, store=cap, order={"lines": []})
        assert before == held


ALL_DAY = dict.fromkeys(CHANNELS, "00:00-00:00")


# Quiet hours (law 5)


@pytest.mark.parametrize("class_", SELLING)
def test_feedback_and_marketing_wait_for_the_morning(class_: str) -> None:
    assert verdict(class_, now=NIGHT) == Hold("quiet hours", MORNING)
    assert verdict(class_, now=MORNING) == ANN
    assert verdict(class_, now=MORNING - MINUTE) == Hold("quiet hours", MORNING)


def test_an_email_that_the_customer_needs_goes_by_night() -> None:
    assert verdict("transactional", now=NIGHT) == ANN


@pytest.mark.parametrize("class_", CLASSES)
def test_a_text_waits_for_the_morning_whatever_it_says(class_: str) -> None:
    assert verdict(class_, channels=("text",), now=NIGHT, order=PHONE) == Hold("quiet hours", MORNING + HOUR)


def test_the_hours_are_the_stores_to_narrow() -> None:
    store = {"quiet_hours": {"email": "10:00-12:00"}}
    assert verdict(now=NOW, store=store) == Hold("quiet hours", NOW + HOUR)
    assert verdict(now=NOW + 3 * HOUR, store=store) == Hold("quiet hours", NOW + DAY + HOUR)


def test_the_hour_must_be_legal_wherever_the_customer_may_be() -> None:
    """08:00 in Los Angeles is 11:00 in New York: both are awake."""
    coasts = (ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles"))
    morning = datetime.fromisoformat("2026-03-02T14:00Z")
    assert verdict(now=morning, zones=coasts) == Hold("quiet hours", morning + 2 * HOUR)
    assert verdict(now=morning + 2 * HOUR, zones=coasts) == ANN


def test_where_no_hour_is_legal_everywhere_the_touch_is_skipped_with_that_reason() -> None:
    apart = (ZoneInfo("Pacific/Auckland"), ZoneInfo("America/Sao_Paulo"))
    store = {"quiet_hours": {"email": "09:00-12:00"}}
    assert verdict(zones=apart, store=store) == Skip(
        "email: no hour is legal in every time zone the customer may be in"
    )
    assert verdict("transactional", zones=apart, store=store) == ANN


@given(
    st.sampled_from(["US", "AU", "RU", "BR", "CA", "GB", "CL", "PT", "ID"]),
    st.integers(0, 400 * 24 * 60),
    st.sampled_from(SELLING),
)
def test_whatever_passes_is_legal_on_every_clock_the_customer_may_live_by(
    country: str, minutes: int, class_: str
) -> None:
    now = NOW + MINUTE * minutes
    place = candidate_zones(stated=None, country=country, region=None, phone=None, shop="Europe/London")
    answer = verdict(class_, now=now, zones=place.zones, order={"lines": []})
    clocks = [now.astimezone(zone).time() for zone in place.zones]
    legal = all(8 <= clock.hour < 21 for clock in clocks)
    assert (answer == ANN) == legal
    if isinstance(answer, Hold):
        assert answer.until == timing.next_open(now, a_store().quiet_hours.email, place.zones)


# Which channel


def test_the_first_channel_that_is_open_takes_it() -> None:
    both: dict[str, Any] = {"order": {"contact": {"email": "ann@example.com", "phone": "07911 123456"}}}
    assert verdict(channels=("text", "email"), **both) == Go("text", "+447911123456")
    assert verdict(channels=("email", "text"), **both) == ANN
    assert verdict(channels=("text", "email"), now=NOW - HOUR, **both) == ANN


def test_a_channel_that_is_barred_leaves_it_to_the_next() -> None:
    no_texts = {key: yes for key, yes in YES.items() if not key.startswith("text")}
    assert verdict(channels=("text", "email"), consents=no_texts, order=PLAIN) == ANN
    no_number = {**YES, "text:marketing": Consent("given", NOW)}
    assert verdict(channels=("push", "text", "email"), consents=no_number) == ANN


PLAIN = {"contact": {"email": "ann@example.com", "phone": "07911 123456"}}


def test_the_channel_that_opens_first_is_waited_for() -> None:
    answer = verdict(channels=("text", "email"), now=NIGHT, order=PLAIN)
    assert answer == Hold("quiet hours", MORNING)


def test_a_skip_names_the_reason_of_every_channel() -> None:
    answer = verdict(channels=("push", "text", "email"), order={"contact": {}}, store={"texts": None})
    assert answer == Skip(
        "push: no device; text: no usable phone number, or the store sends no texts; email: no usable email address"
    )


# Addresses


def test_what_concerns_the_order_goes_where_the_order_says() -> None:
    person: dict[str, Any] = {"contact": events.Contact(email="Work@Example.com")}
    assert verdict("transactional", **person) == ANN
    for class_ in SELLING:
        assert verdict(class_, **person) == Go("email", "work@example.com")


@pytest.mark.parametrize("class_", CLASSES)
def test_where_one_address_is_missing_the_other_serves(class_: str) -> None:
    assert verdict(class_, order={"contact": {}}, contact=events.Contact(email="ann@example.com")) == ANN
    assert verdict(class_, contact=events.Contact()) == ANN


@pytest.mark.parametrize("class_", CLASSES)
@pytest.mark.parametrize("email", ["till@shop.example", "Till@Shop.example", "nonsense", ""])
def test_an_address_that_is_nobodys_is_not_written_to(class_: str, email: str) -> None:
    denied = {"identity": {"denylist_emails": [" TILL@shop.example"]}}
    answer = verdict(class_, store=denied, order={"contact": {"email": email}})
    assert answer == Skip("email: no usable email address")


@pytest.mark.parametrize("class_", CLASSES)
def test_an_address_that_the_provider_cannot_spell_is_not_written_to(class_: str) -> None:
    """SES refuses a local part that is not ASCII; who has another address is written to there."""
    unspeakable = {"contact": {"email": "анна@example.com"}}
    assert verdict(class_, order=unspeakable) == Skip("email: no usable email address")
    assert verdict(class_, order=unspeakable, contact=events.Contact(email="ann@example.com")) == ANN


@pytest.mark.parametrize("class_", CLASSES)
def test_a_domain_with_umlauts_is_written_to_as_the_dns_spells_it(class_: str) -> None:
    answer = verdict(class_, order={"contact": {"email": "Ann@münchen.example"}})
    assert answer == Go("email", "ann@xn--mnchen-3ya.example")


def test_a_number_is_read_as_one_of_the_country_the_order_goes_to() -> None:
    german = {"contact": {"phone": "0151 23456789"}, "shipping_address": {"country": "DE"}}
    assert verdict("transactional", channels=("text",), order=german) == Go("text", "+4915123456789")


@pytest.mark.parametrize("class_", SELLING)
def test_what_needs_leave_goes_to_the_number_that_leave_was_given_for(class_: str) -> None:
    """Prior express written consent names "the telephone number to which the signatory authorizes" (47 CFR 64.1200)."""
    others: dict[str, Any] = {"order": {"contact": {"phone": "+447400123456"}}}
    assert verdict(class_, channels=("text",), **others) == Go("text", "+447911123456")
    newer = events.Contact(phone="+447400999888")
    assert verdict(class_, channels=("text",), **others, contact=newer) == Go("text", "+447911123456")
    assert verdict("transactional", channels=("text",), **others) == Go("text", "+447400123456")
    dead = verdict(class_, channels=("text",), **others, dead={"+447911123456": "opted out"})
    assert dead == Skip("text: dead address: opted out")


@pytest.mark.parametrize("class_", SELLING)
def test_leave_without_a_number_is_leave_for_the_persons_own_and_never_for_an_orders(class_: str) -> None:
    bare: dict[str, Any] = {"consents": {f"text:{class_}": Consent("given", NOW)}, "order": PHONE}
    own = events.Contact(phone="+447400123456")
    assert verdict(class_, channels=("text",), **bare, contact=own) == Go("text", "+447400123456")
    assert verdict(class_, channels=("text",), **bare) == Skip(
        "text: no usable phone number, or the store sends no texts"
    )


@pytest.mark.parametrize("listed", ["+447911123456", "07911 123456"])
def test_a_number_that_is_nobodys_gets_no_text_however_it_is_written(listed: str) -> None:
    denied = {"identity": {"denylist_phones": [listed]}}
    assert isinstance(verdict(channels=("text",), order=PHONE, store=denied), Skip)


def test_a_number_that_is_nobodys_leaves_it_to_the_persons_own() -> None:
    denied = {"identity": {"denylist_phones": ["+447911123456"]}}
    own = events.Contact(phone="07400 654321")
    answer = verdict("transactional", channels=("text",), order=PHONE, store=denied, contact=own)
    assert answer == Go("text", "+447400654321")


def test_a_store_without_a_section_for_texts_sends_none() -> None:
    assert isinstance(verdict(channels=("text",), order=PHONE, store={"texts": None}), Skip)


def test_the_device_that_was_registered_last_gets_the_note() -> None:
    devices = {
        "arn:old": Device("fcm", NOW - 2 * DAY),
        "arn:new": Device("fcm", NOW - DAY),
        "arn:gone": Device("fcm", NOW - HOUR, removed_at=NOW),
    }
    assert verdict(channels=("push",), devices=devices) == Go("push", "arn:new")
    assert isinstance(verdict(channels=("push",), devices={"arn:gone": devices["arn:gone"]}), Skip)


def test_a_device_that_came_back_is_live() -> None:
    assert Device("fcm", NOW, removed_at=NOW - HOUR).live
    assert not Device("fcm", NOW, removed_at=NOW).live


# Which gate speaks first


def test_a_reason_to_skip_comes_before_reasons_to_wait() -> None:
    everything: dict[str, Any] = {"pauses": [Pause("store")], "parked": 1, "recent": claims(3, 2, 1), "now": NIGHT}
    assert verdict("marketing", cancelled(NOW), **everything) == Skip("the order was cancelled")
    assert verdict("feedback", one_per="order", sent={"hello": "x/y"}, **everything) == Skip("already sent by x/y")
