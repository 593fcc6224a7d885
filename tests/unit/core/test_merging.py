"""Newest wins, per field; values of one instant are told apart by themselves."""

from datetime import datetime, timedelta, timezone
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial import events
from perennial.merging import PAYMENT_STATES, Stamps, earliest, newest, stated
from tests.unit.core.builders import HOUR, NOW

LATER = NOW + HOUR
BLANK = events.Order(id="1")


def told(*reports: tuple[datetime, dict[str, Any]]) -> tuple[events.Order, Stamps]:
    known: events.Order = BLANK
    stamps: Stamps = {}
    for stamp, fields in reports:
        order = events.Order.model_validate({"id": "1", **fields})
        known, stamps = newest(known, stamps, stated(order, "id"), stamp)
    return known, stamps


def test_the_newest_value_wins_whichever_came_first() -> None:
    old, new = (NOW, {"currency": "EUR"}), (LATER, {"currency": "GBP"})
    assert told(old, new) == told(new, old)
    assert told(new, old)[0].currency == "GBP"


def test_each_field_is_newest_by_itself() -> None:
    known, stamps = told((LATER, {"currency": "GBP"}), (NOW, {"currency": "EUR", "channel": "web"}))
    assert (known.currency, known.channel) == ("GBP", "web")
    assert stamps == {"currency": LATER, "channel": NOW}


def test_an_absent_field_leaves_an_earlier_fact_alone() -> None:
    known, _ = told((NOW, {"channel": "web"}), (LATER, {"currency": "GBP"}))
    assert known.channel == "web"


def test_null_says_that_there_is_none_and_ends_an_earlier_fact() -> None:
    known, stamps = told((NOW, {"channel": "web"}), (LATER, {"channel": None}))
    assert known.channel is None
    assert stamps == {"channel": LATER}


def test_null_from_before_does_not_end_a_later_fact() -> None:
    known, _ = told((LATER, {"channel": "web"}), (NOW, {"channel": None}))
    assert known.channel == "web"


def test_something_beats_nothing_at_one_instant() -> None:
    told_: list[dict[str, str | None]] = [{"channel": "web"}, {"channel": None}]
    for reports in permutations([(NOW, channel) for channel in told_]):
        assert told(*reports)[0].channel == "web"


@pytest.mark.parametrize(("earlier", "later"), list(zip(PAYMENT_STATES, PAYMENT_STATES[1:], strict=False)))
def test_a_later_payment_status_wins_at_one_instant(earlier: str, later: str) -> None:
    for reports in permutations([(NOW, {"payment_status": earlier}), (NOW, {"payment_status": later})]):
        assert told(*reports)[0].payment_status == later


def test_a_known_payment_status_beats_the_shops_own_word_at_one_instant() -> None:
    for reports in permutations([(NOW, {"payment_status": "zzz"}), (NOW, {"payment_status": "pending"})]):
        assert told(*reports)[0].payment_status == "pending"


def test_a_newer_payment_status_wins_even_where_it_goes_back() -> None:
    assert (
        told((NOW, {"payment_status": "paid"}), (LATER, {"payment_status": "pending"}))[0].payment_status == "pending"
    )


def test_other_ties_end_the_same_in_every_order() -> None:
    reports = [(NOW, {"tags": [tag]}) for tag in ("a", "b", "c")]
    assert {told(*order)[0].tags for order in permutations(reports)} == {("c",)}


def test_one_moment_in_two_zones_is_one_value_when_ties_are_settled() -> None:
    """Text alone would put 10:00Z between 09:00Z and 11:00+02:00, which are one moment."""
    eastern = NOW.astimezone(timezone(timedelta(hours=2)))
    reports = [(NOW, {"estimated_delivery": moment}) for moment in (NOW, eastern, LATER)]
    assert {told(*order)[0].estimated_delivery for order in permutations(reports)} == {LATER}


def test_one_amount_in_two_spellings_is_one_value_when_ties_are_settled() -> None:
    lines = [[{"id": "l1", "title": title, "quantity": 1, "price": price}] for title, price in SPELLINGS]
    known = {told(*((NOW, {"lines": line}) for line in order))[0].lines for order in permutations(lines)}
    assert len(known) == 1


SPELLINGS = [("T", "1E+1"), ("T", "10"), ("T", "15")]
"""As text, 15 lies between the two ways to write ten."""


def test_nothing_new_gives_back_the_very_same_objects() -> None:
    known, stamps = told((NOW, {"currency": "GBP"}))
    again = newest(known, stamps, {"currency": "GBP"}, NOW)
    assert again[0] is known
    assert again[1] is stamps


def test_an_older_report_gives_back_the_very_same_objects() -> None:
    known, stamps = told((LATER, {"currency": "GBP"}))
    assert newest(known, stamps, {"currency": "EUR"}, NOW)[0] is known


def test_parts_of_a_whole_keep_their_stamps_under_a_prefix() -> None:
    contact, stamps = newest(events.Contact(), {"email": NOW}, {"email": "a@b.example"}, LATER, "contact.")
    assert contact.email == "a@b.example"
    assert stamps == {"email": NOW, "contact.email": LATER}


def test_only_what_the_sender_named_is_stated() -> None:
    order = events.Order.model_validate({"id": "1", "channel": None, "tags": []})
    assert stated(order, "id") == {"channel": None, "tags": ()}


def test_first_times_keep_the_earliest_report_of_each() -> None:
    held = {"paid": LATER}
    assert earliest(held, {"paid": NOW, "placed": LATER}) == {"paid": NOW, "placed": LATER}
    assert earliest(held, {"paid": LATER + HOUR}) is held


values = st.sampled_from([None, "pending", "paid", "zzz", "aaa"])


@given(st.lists(st.tuples(st.integers(0, 2), values), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_reports_converge(reports: list[tuple[int, Any]], chance: Any) -> None:
    one = [(NOW + HOUR * hours, {"payment_status": value}) for hours, value in reports]
    other = [*one, *one]
    chance.shuffle(other)
    assert told(*one) == told(*other)
