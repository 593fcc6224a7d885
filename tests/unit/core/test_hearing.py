"""What reports and answers change about the person, whatever the order in which they come."""

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest

from perennial import events
from perennial.customer import Consent, Profile
from tests.unit.core.builders import (
    DAY,
    HOUR,
    NOW,
    a_content,
    a_journey,
    a_store,
    a_touch,
    clicked,
    complained,
    consented,
    gone,
    placed,
    rested,
    reviewed,
    score_settled,
    scored,
    wish,
)
from tests.unit.core.life import Life

CARE = a_journey("care", a_touch("tips", "order.placed + 20 days", "tips"))


def live(*news: events.Event, **store: Any) -> Life:
    life = Life(a_content(CARE, store=a_store(**store)))
    life.feed(placed(), at=NOW)
    for event in news:
        life.feed(event, at=NOW + 2 * DAY)
    return life


def known(*news: events.Event, **store: Any) -> Profile:
    return live(*news, **store).customer.profile


def in_every_order(*news: events.Event) -> Sequence[Profile]:
    return [known(*order, *order) for order in permutations(news)]


# Addresses


@pytest.mark.parametrize("what", ["Bounced", "Disowned"])
def test_an_address_that_bounced_or_is_somebody_elses_is_dead_in_its_normal_form(what: str) -> None:
    assert known(gone(NOW, " Ann@Example.COM ", what, reason="never me")).dead == {"ann@example.com": "never me"}


def test_a_number_that_opted_out_is_dead_however_it_was_written() -> None:
    profile = known(gone(NOW, "07911 123456", "OptedOut", channel="text", reason="opted out"))
    assert profile.dead == {"+447911123456": "opted out"}


def test_of_two_reasons_for_a_dead_address_the_same_one_stays_in_every_order() -> None:
    told = [gone(NOW, reason="no such mailbox"), gone(NOW + HOUR, what="Disowned", reason="never me")]
    assert {profile.dead["ann@example.com"] for profile in in_every_order(*told)} == {"never me"}


def test_a_store_that_cannot_read_its_own_mail_tells_nothing_about_the_customer() -> None:
    profile = known(gone(NOW, "Help@shop.example"), complained(NOW, address="help@shop.example"))
    assert (profile.dead, profile.complained_at, dict(profile.consents)) == ({}, None, {})


# Complaints


def test_a_complaint_is_remembered_and_takes_consent_back_on_its_channel() -> None:
    profile = known(consented("Given", NOW), complained(NOW + HOUR, touch="abcdefabcdef"))
    assert profile.complained_at == NOW + HOUR
    taken = Consent("withdrawn", NOW + HOUR, "complaint", evidence="abcdefabcdef")
    assert profile.consents == {"email:feedback": taken, "email:marketing": taken}


def test_the_newest_of_two_complaints_counts() -> None:
    for profile in in_every_order(complained(NOW), complained(NOW + HOUR)):
        assert profile.complained_at == NOW + HOUR
        assert profile.consents["email:marketing"].at == NOW + HOUR


def test_a_complaint_that_was_told_twice_changes_nothing() -> None:
    life = live(complained(NOW))
    assert not life.feed(complained(NOW), at=NOW + 3 * DAY).decisions[-1].changed


# Interest and rest


def test_the_newest_click_shows_interest() -> None:
    assert {profile.clicked_at for profile in in_every_order(clicked(NOW), clicked(NOW + DAY))} == {NOW + DAY}


def test_the_newest_word_about_rest_counts() -> None:
    month, week = NOW + 30 * DAY, NOW + 7 * DAY
    assert {profile.rests_until for profile in in_every_order(rested(NOW, month), rested(NOW + HOUR, week))} == {week}
    assert {profile.rests_until for profile in in_every_order(rested(NOW, month), rested(NOW + HOUR, None))} == {None}


def test_of_two_words_at_one_moment_the_one_that_asks_for_more_rest_counts() -> None:
    told = [rested(NOW, None), rested(NOW, NOW + DAY), rested(NOW, NOW + 2 * DAY)]
    assert {profile.rests_until for profile in in_every_order(*told)} == {NOW + 2 * DAY}


# Wishes about touches


def declined(*news: events.Event) -> bool:
    return live(*news).customer.enrolments["care:1001"].declined("tips")


def test_a_touch_is_declined_until_it_is_wanted_again() -> None:
    no = wish("Declined", NOW, "care:1001", "tips")
    yes = wish("Wanted", NOW + HOUR, "care:1001", "tips")
    assert declined(no)
    assert not declined(no, yes)
    assert not declined(yes, no)
    assert declined(no, yes, wish("Declined", NOW + 2 * HOUR, "care:1001", "tips"))


def test_of_a_yes_and_a_no_at_one_moment_the_no_counts() -> None:
    no, yes = (wish(what, NOW, "care:1001", "tips") for what in ("Declined", "Wanted"))
    assert declined(no, yes)
    assert declined(yes, no)


def test_a_wish_about_a_passage_that_is_over_changes_nothing() -> None:
    life = live()
    life.feed(wish("Declined", NOW, "other:1001", "tips"), at=NOW + 2 * DAY)
    assert not life.decisions[-1].changed


# Scores


def test_a_low_score_makes_a_detractor_until_it_is_settled() -> None:
    assert known(scored(NOW, 6)).detractor_since == NOW
    assert known(scored(NOW, 7)).detractor_since is None
    for profile in in_every_order(scored(NOW, 3), score_settled(NOW + HOUR)):
        assert profile.detractor_since is None
    for profile in in_every_order(scored(NOW + HOUR, 3), score_settled(NOW)):
        assert profile.detractor_since == NOW + HOUR


def test_whoever_thinks_better_of_it_is_no_detractor_any_more() -> None:
    for profile in in_every_order(scored(NOW, 3), scored(NOW + HOUR, 9)):
        assert profile.detractor_since is None


def test_why_a_score_was_given_may_be_said_afterwards() -> None:
    life = live(scored(NOW, 3), scored(NOW + HOUR, 3, why="It came late."))
    score = life.customer.orders["1001"].score
    assert score is not None
    assert (score.score, score.opinion.why) == (3, "It came late.")


def test_the_score_of_each_order_has_to_be_settled() -> None:
    one, other = scored(NOW, 3), scored(NOW + HOUR, 2, "1002")
    assert known(one, other).detractor_since == NOW
    assert known(one, other, score_settled(NOW + DAY)).detractor_since == NOW + HOUR
    both = (score_settled(NOW + DAY), score_settled(NOW + DAY, "1002"))
    assert known(one, other, *both).detractor_since is None


@pytest.mark.parametrize("score", [None, -1, 11])
def test_a_score_is_a_number_from_0_to_10(score: Any) -> None:
    with pytest.raises(ValueError, match="score"):
        scored(NOW, score)


# Reviews


def test_the_newest_review_of_a_position_counts() -> None:
    one, other = reviewed(NOW, stars=2, text="Loud."), reviewed(NOW + HOUR, stars=4)
    for news in ((one, other), (other, one)):
        (review,) = live(*news).customer.orders["1001"].reviews.values()
        assert (review.verdict.stars, review.verdict.text) == (4, None)


def test_of_two_reviews_at_one_moment_the_same_one_stays_in_every_order() -> None:
    one, other = reviewed(NOW, stars=2), reviewed(NOW, stars=5, text="Fine.")
    stayed = {live(*news).customer.orders["1001"].reviews["l1"] for news in permutations((one, other))}
    assert len(stayed) == 1


@pytest.mark.parametrize("stars", [0, 6])
def test_a_review_has_one_to_five_stars(stars: int) -> None:
    with pytest.raises(ValueError, match="stars"):
        reviewed(NOW, stars=stars)
