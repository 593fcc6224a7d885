"""May we write to this person, on this channel, in this class? By country, by what was said, by what was bought."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.consent import LAWS, STRICTEST, law_of, record, refusal, words_of
from perennial.customer import Consent, OrderMark, Profile
from perennial.events import Channel, ConsentEvent, MessageClass
from tests.unit.core.builders import DAY, HOUR, NOW, a_store, consented, somebody

BOUGHT = (OrderMark("1001", NOW - 10 * DAY),)
NO_OPT_IN: dict[str, Any] = {"consent": {}}


def refused(
    class_: MessageClass = "marketing",
    channel: Channel = "email",
    said: Consent | None = None,
    bought: tuple[OrderMark, ...] = BOUGHT,
    **store: Any,
) -> str | None:
    consents = {f"{channel}:{class_}": said} if said else {}
    profile = somebody(consents=consents, latest_orders=bought).profile
    return refusal(profile, a_store(**store), channel, class_, NOW)


def said(state: Any, at: datetime = NOW, **fields: Any) -> Consent:
    return Consent(state, at, **fields)


# What was said


@pytest.mark.parametrize("channel", ["email", "text", "push"])
@pytest.mark.parametrize("state", [None, "given", "pending", "withdrawn", "absent"])
def test_what_the_customer_needs_asks_for_no_consent(channel: Channel, state: str | None) -> None:
    assert refused("transactional", channel, said(state) if state else None, (), country="BR") is None


@pytest.mark.parametrize("class_", ["feedback", "marketing"])
@pytest.mark.parametrize("channel", ["email", "text", "push"])
@pytest.mark.parametrize("country", ["GB", "DE", "US", "BR"])
def test_a_yes_is_a_yes_everywhere(class_: MessageClass, channel: Channel, country: str) -> None:
    assert refused(class_, channel, said("given"), (), country=country, **NO_OPT_IN) is None


@pytest.mark.parametrize("class_", ["feedback", "marketing"])
@pytest.mark.parametrize("state", ["withdrawn", "pending"])
@pytest.mark.parametrize("country", ["GB", "US", "BR"])
def test_a_no_and_a_not_yet_are_no_even_where_buyers_may_be_written_to(
    class_: MessageClass, state: str, country: str
) -> None:
    assert refused(class_, "email", said(state), country=country) == f"consent {state}"


@pytest.mark.parametrize("channel", ["text", "push"])
@pytest.mark.parametrize("class_", ["feedback", "marketing"])
def test_texts_and_pushes_ask_for_a_yes_whatever_was_bought(channel: Channel, class_: MessageClass) -> None:
    assert refused(class_, channel, country="US") == "no consent"


def test_a_yes_for_one_channel_or_class_is_none_for_another() -> None:
    consents = {"email:marketing": said("given")}
    profile = somebody(consents=consents).profile
    store = a_store(country="BR")
    assert refusal(profile, store, "text", "marketing", NOW) == "no consent"
    assert refusal(profile, store, "email", "feedback", NOW) == "no consent"


# Soft opt-in: existing customers, where the store's country allows it


def test_buyers_may_be_written_to_where_the_law_allows() -> None:
    assert refused(country="GB") is None


def test_that_nobody_ever_asked_is_neither_yes_nor_no() -> None:
    assert refused(said=said("absent"), country="GB") is None
    assert refused(said=said("absent"), country="BR") == "no consent"


def test_a_store_that_does_not_want_it_writes_to_nobody_unasked() -> None:
    assert refused(consent={"soft_opt_in": False, "opt_out_offered_at_checkout": True}) == "no consent"
    assert refused(**NO_OPT_IN) == "no consent"


def test_who_could_not_object_at_checkout_is_not_written_to() -> None:
    no_box = {"soft_opt_in": True, "opt_out_offered_at_checkout": False}
    assert refused(country="GB", consent=no_box) == "no consent"
    assert refused(country="US", consent=no_box) is None


def test_who_never_bought_is_no_existing_customer() -> None:
    assert refused(bought=()) == "no consent"


def test_an_order_that_was_cancelled_makes_no_customer() -> None:
    cancelled = OrderMark("1001", NOW - DAY, cancelled=True)
    assert refused(bought=(cancelled,)) == "no consent"
    assert refused(bought=(cancelled, *BOUGHT)) is None


def test_in_canada_a_purchase_counts_for_two_years() -> None:
    last, too_old = OrderMark("1", NOW - 730 * DAY), OrderMark("1", NOW - 730 * DAY - HOUR)
    assert refused(country="CA", bought=(last,)) is None
    assert refused(country="CA", bought=(too_old,)) == "no consent"
    assert refused(country="CA", bought=(too_old, last)) is None
    assert refused(country="US", bought=(too_old,)) is None


def test_in_ireland_a_purchase_counts_for_twelve_months() -> None:
    last, too_old = OrderMark("1", NOW - 365 * DAY), OrderMark("1", NOW - 365 * DAY - HOUR)
    assert refused(country="IE", bought=(last,)) is None
    assert refused(country="IE", bought=(too_old,)) == "no consent"
    assert refused(country="GB", bought=(too_old,)) is None


def test_a_country_that_nobody_looked_up_has_the_strictest_law() -> None:
    assert "BR" not in LAWS
    assert law_of(a_store(country="BR")) is STRICTEST
    assert refused(country="BR") == "no consent"
    assert refused("feedback", country="BR") == "no consent"


# Feedback


def test_a_review_may_be_asked_for_by_email_where_that_is_no_advertising() -> None:
    assert refused("feedback", country="GB", bought=(), **NO_OPT_IN) is None


@pytest.mark.parametrize("country", ["DE", "AT"])
def test_asking_for_a_review_is_advertising_in_germany_and_austria(country: str) -> None:
    assert refused("feedback", country=country, **NO_OPT_IN) == "no consent"
    assert refused("feedback", country=country) is None


def test_a_store_may_be_stricter_about_reviews() -> None:
    rules = {"feedback_needs_consent": True}
    assert refused("feedback", country="GB", consent=rules) == "no consent"
    assert refused("feedback", country="GB", said=said("given"), consent=rules) is None


# Which word counts


def test_the_newest_word_counts() -> None:
    old, new = said("withdrawn", NOW), said("given", NOW + HOUR)
    for order in permutations([old, new]):
        consents: dict[str, Consent] = {}
        for word in order:
            consents = dict(record(consents, "email", "marketing", word))
        assert consents == {"email:marketing": new}


@pytest.mark.parametrize("other", ["given", "pending", "absent"])
def test_of_two_words_at_one_moment_withdrawal_counts(other: str) -> None:
    for order in permutations([said("withdrawn"), said(other)]):
        consents: dict[str, Consent] = {}
        for word in order:
            consents = dict(record(consents, "email", "marketing", word))
        assert consents["email:marketing"].state == "withdrawn"


@pytest.mark.parametrize("state", ["given", "pending", "withdrawn"])
def test_that_nobody_ever_asked_takes_back_nothing_that_was_said(state: str) -> None:
    """A shop's "not subscribed" after a one-click unsubscribe would otherwise open the way for a soft opt-in."""
    for order in permutations([said(state, NOW), said("absent", NOW + HOUR)]):
        consents: dict[str, Consent] = {}
        for word in order:
            consents = dict(record(consents, "email", "marketing", word))
        assert consents["email:marketing"].state == state


def test_a_word_that_changes_nothing_gives_back_the_very_same_object() -> None:
    held = record({}, "email", "marketing", said("given", NOW))
    assert record(held, "email", "marketing", said("given", NOW)) is held
    assert record(held, "email", "marketing", said("withdrawn", NOW - HOUR)) is held


def event(state: str, at: datetime = NOW, **fields: Any) -> ConsentEvent:
    found = consented(state, at, **fields)
    assert isinstance(found, ConsentEvent)
    return found


def hear(consents: Mapping[str, Consent], told: ConsentEvent, **store: Any) -> Mapping[str, Consent]:
    for channel, class_, word in words_of(told, a_store(**store)):
        consents = record(consents, channel, class_, word)
    return consents


def test_an_event_speaks_for_every_class_it_names() -> None:
    both = hear({}, event("Withdrawn"))
    assert {key: held.state for key, held in both.items()} == {
        "email:feedback": "withdrawn",
        "email:marketing": "withdrawn",
    }
    assert hear({}, event("Given", classes=["feedback"], channel="text")).keys() == {"text:feedback"}


def test_consent_keeps_the_proof_that_was_told() -> None:
    told = event("Given", source="form", level="confirmed_opt_in", wording="v2", evidence="form-7")
    heard = hear({}, told)["email:marketing"]
    assert heard == Consent("given", NOW, "form", "confirmed_opt_in", "v2", "form-7")


def test_a_withdrawal_wins_against_its_undoing_at_one_moment_and_loses_to_a_later_one() -> None:
    out, back = event("Withdrawn", source="one-click"), event("Given", source="undo")
    for one, other in ((out, back), (back, out)):
        assert hear(hear({}, one), other)["email:marketing"].state == "withdrawn"
    later = event("Given", NOW + HOUR, source="undo")
    assert hear(hear({}, out), later)["email:marketing"].state == "given"


def test_consent_from_a_clock_that_runs_ahead_does_not_outlive_a_withdrawal() -> None:
    ahead = ConsentEvent.model_validate({**event("Given", NOW + DAY).model_dump(), "received_at": NOW})
    consents = hear(hear({}, ahead), event("Withdrawn", NOW + HOUR))
    assert consents["email:marketing"].state == "withdrawn"


words = st.builds(
    lambda state, hours, source: said(state, NOW + timedelta(hours=hours), source=source),
    st.sampled_from(["given", "pending", "withdrawn", "absent"]),
    st.integers(0, 3),
    st.sampled_from(["shop", "form"]),
)


@given(st.lists(words, min_size=1, max_size=5), st.sampled_from(["GB", "US", "BR"]))
def test_after_a_withdrawal_only_a_later_yes_opens_the_door(said_: list[Consent], country: str) -> None:
    consents: dict[str, Consent] = {}
    for word in said_:
        consents = dict(record(consents, "email", "marketing", word))
    profile: Profile = somebody(consents=consents, latest_orders=BOUGHT).profile
    withdrawn = max((word.at for word in said_ if word.state == "withdrawn"), default=None)
    yes = withdrawn is not None and any(word.state == "given" and word.at > withdrawn for word in said_)
    if withdrawn is not None and not yes:
        answer = refusal(profile, a_store(country=country), "email", "marketing", NOW)
        assert answer in ("consent withdrawn", "consent pending")
