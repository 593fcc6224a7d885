"""Two profiles that turn out to be one person's."""

from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial.consent import complaint_stands, record
from perennial.customer import Claim, Consent, Customer, Device, OrderMark, Profile
from perennial.events import Contact
from perennial.hearing import REST
from perennial.uniting import MOST_MERGED, free, look_again, too_many, united, winner_of
from tests.unit.core.builders import DAY, HOUR, MINUTE, NOW, somebody

instants = st.integers(0, 3).map(lambda days: NOW + days * DAY)
words = st.builds(
    Consent,
    st.sampled_from(["given", "pending", "withdrawn", "absent"]),
    instants,
    st.sampled_from(["checkout", "shop", "preferences"]),
    st.sampled_from([None, "unconfirmed_opt_in", "unconfirmed"]),
)
topics = st.sampled_from(["email:marketing", "email:feedback", "text:marketing"])
names = st.sampled_from(["a", "b", "c"])
devices = st.builds(Device, st.sampled_from(["apns", "fcm"]), instants, st.none() | instants)
contacts = st.dictionaries(st.sampled_from(["email", "first_name", "locale"]), st.tuples(names, instants))
marks = st.dictionaries(names, st.builds(OrderMark, names, instants, st.booleans()))


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    told = draw(contacts)
    rests = draw(st.none() | st.tuples(instants, st.none() | instants))
    stamps = {name: at for name, (_, at) in told.items()} | ({REST: rests[0]} if rests else {})
    return Profile(
        store="shop",
        customer="",
        contact=Contact(**{name: value for name, (value, _) in told.items()}),
        stamps=stamps,
        consents=draw(st.dictionaries(topics, words)),
        dead=draw(st.dictionaries(names, st.sampled_from(["bounced", "disowned"]))),
        devices=draw(st.dictionaries(names, devices)),
        recent=tuple(sorted(draw(st.lists(instants, max_size=3)))),
        clicked_at=draw(st.none() | instants),
        complained_at=draw(st.none() | instants),
        rests_until=rests[1] if rests else None,
        detracted=draw(st.dictionaries(names, instants)),
        once=tuple(sorted(draw(st.sets(names)))),
        suppressed=draw(st.dictionaries(topics, instants)),
        reborn_at=draw(st.none() | instants),
        aliases=tuple(sorted(draw(st.sets(names)))),
    )


KEYS: dict[str, Any] = {"customer": "", "merged": (), "moving": (), "heard": ()}
"""What says which of them is the winner, and marks that only save writes."""


def facts(*told: Profile) -> Profile:
    named = [replace(profile, customer=f"c{which}") for which, profile in enumerate(told)]
    return replace(reduce(united, named), **KEYS)


@given(profiles(), profiles())
def test_whoever_wins_the_person_is_the_same(one: Profile, other: Profile) -> None:
    assert facts(one, other) == facts(other, one)


@given(profiles(), profiles(), profiles())
def test_three_who_are_one_are_the_same_in_any_order_of_finding_out(
    one: Profile, other: Profile, third: Profile
) -> None:
    first = replace(united(replace(one, customer="a"), replace(other, customer="b")), **KEYS)
    last = replace(united(replace(other, customer="b"), replace(third, customer="c")), **KEYS)
    assert facts(first, third) == facts(one, last)


@given(profiles())
def test_nothing_new_comes_of_uniting_with_the_same_facts_but_for_what_is_counted(profile: Profile) -> None:
    counted: dict[str, Any] = {"recent": profile.recent, "orders": profile.orders}
    assert replace(facts(profile, profile), **counted) == replace(profile, **KEYS, **counted)


def consents(mine: Consent, others: Consent) -> Consent:
    both = [Profile("shop", name, consents={"email:marketing": said}) for name, said in (("a", mine), ("b", others))]
    return united(*both).consents["email:marketing"]


@pytest.mark.parametrize("later", [NOW, NOW + DAY, NOW - DAY])
@pytest.mark.parametrize("laxer", ["given", "absent", "pending"])
def test_a_withdrawal_of_either_outweighs_whatever_the_other_said(laxer: Any, later: datetime) -> None:
    withdrawn = Consent("withdrawn", NOW, "one-click")
    assert consents(withdrawn, Consent(laxer, later)).state == "withdrawn"
    assert consents(Consent(laxer, later), withdrawn).state == "withdrawn"


def test_a_yes_that_was_outweighed_does_not_come_back_when_it_is_told_again() -> None:
    given_ = Consent("given", NOW + DAY, "checkout")
    kept = {"email:marketing": consents(Consent("withdrawn", NOW, "one-click"), given_)}
    assert record(kept, "email", "marketing", given_) is kept
    again = replace(given_, at=NOW + DAY + MINUTE)
    assert record(kept, "email", "marketing", again)["email:marketing"] == again


def test_a_yes_that_is_still_to_be_confirmed_weighs_nothing() -> None:
    confirmed = Consent("given", NOW, "double-opt-in", "confirmed_opt_in")
    assert consents(confirmed, Consent("pending", NOW + DAY, "checkout", "unconfirmed")) == confirmed


def test_what_either_suffered_counts_for_both() -> None:
    one = Profile("shop", "a", dead={"old@x.example": "bounced"}, complained_at=NOW, recent=(NOW,), orders=2)
    other = Profile("shop", "b", dead={"ann@x.example": "bounced"}, recent=(NOW - DAY,), orders=1, once=("warranty",))
    both = united(other, one)
    assert both.dead.keys() == {"old@x.example", "ann@x.example"}
    assert both.recent == (NOW - DAY, NOW)
    assert (both.orders, both.once, complaint_stands(both, "email", "marketing")) == (3, ("warranty",), True)


def test_each_field_of_the_contact_is_the_newest_that_either_told() -> None:
    one = Profile("shop", "a", contact=Contact(email="a@x", first_name="Ann"), stamps={"email": NOW, "first_name": NOW})
    other = Profile("shop", "b", contact=Contact(email="b@x"), stamps={"email": NOW + DAY})
    assert united(one, other).contact == Contact(email="b@x", first_name="Ann")


def test_former_selves_are_known_nearest_first_and_what_they_still_hold() -> None:
    one = Profile("shop", "a", merged=("d",), same_as={"b": NOW, "e": NOW})
    other = Profile("shop", "b", merged=("c",), moving=("c",), same_as={"a": NOW})
    both = united(one, other)
    assert (both.merged, both.moving, both.same_as) == (("b", "c", "d"), ("b", "c"), {"e": NOW})


# Who stays


CLAIM = Claim("care:1", "tips", "n", NOW, NOW + 15 * MINUTE, "email", "marketing")


def known(customer: str, version: int, **fields: Any) -> Customer:
    return somebody(customer=customer, version=version, **fields)


def test_whoever_has_the_longer_history_stays() -> None:
    old, new = known("b", 9), known("a", 2)
    assert winner_of(old, new) == winner_of(new, old) == (old, new)


def test_of_two_with_the_same_history_both_sides_name_the_same_winner() -> None:
    one, other = known("a", 2), known("b", 2)
    assert winner_of(one, other) == winner_of(other, one)


@pytest.mark.parametrize("busy", [known("b", 1, claims={"t": CLAIM}), replace(known("b", 1), parked=1)])
def test_whoever_is_not_free_to_go_stays(busy: Customer) -> None:
    assert not free(busy)
    assert winner_of(known("a", 9), busy)[0] == busy


def test_somebody_with_a_call_in_doubt_is_looked_at_after_its_grace() -> None:
    assert look_again(known("a", 1, claims={"t": CLAIM}), NOW) > CLAIM.grace_until
    assert look_again(replace(known("a", 1), parked=1), NOW) == NOW + 6 * HOUR


def test_an_id_under_which_too_many_people_turn_up_unites_nobody_any_more() -> None:
    one = Profile("shop", "a", merged=tuple("bcdef"))
    assert not too_many(one, Profile("shop", "x"))
    assert too_many(one, Profile("shop", "x", merged=("y",)))
    assert MOST_MERGED == 6


def test_a_yes_to_texts_is_for_the_number_of_the_half_that_gave_it() -> None:
    ann = somebody(
        contact=Contact(phone="+447911123456"),
        stamps={"phone": NOW},
        consents={"text:marketing": Consent("given", NOW)},
    ).profile
    bob = somebody(contact=Contact(phone="+447400123456"), stamps={"phone": NOW + DAY}).profile
    for one in (united(ann, bob), united(bob, ann)):
        assert one.contact.phone == "+447400123456"
        assert one.consents["text:marketing"].number == "+447911123456"
