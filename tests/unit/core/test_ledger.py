"""The consent ledger: every word once, whatever it changed; and stores that ask twice."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial import events
from perennial.consent import refusal
from perennial.decide import Decision
from perennial.ledger import MOST_MARKS, Entry
from tests.unit.core.builders import DAY, HOUR, NOW, a_content, a_store, consented, placed, snapshot
from tests.unit.core.life import Life

ASKS_TWICE = {"consent": {"double_opt_in": True, "soft_opt_in": False}}


def heard(life: Life) -> list[Entry]:
    """What has been written down, as a table keeps it: an entry of one key is one entry."""
    return list({entry.id: entry for decision in life.decisions for entry in decision.ledger}.values())


def written(decision: Decision) -> list[tuple[str, str, str]]:
    return [(entry.topic, entry.said.state, entry.said.source) for entry in decision.ledger]


def complained(at: Any = NOW) -> events.MessageComplained:
    return events.MessageComplained(
        type="MessageComplained", id="c", store="shop", occurred_at=at, channel="email", touch="abc"
    )


def lived(*news: events.Event, **store: Any) -> Life:
    life = Life(a_content(store=a_store(**store)))
    for event in news:
        life.feed(event, at=NOW + 9 * DAY)
    return life


def test_every_word_is_written_down_for_each_class_it_names() -> None:
    life = lived(consented("Withdrawn", source="one-click", evidence="abc", wording="v2"))
    assert written(life.decisions[0]) == [
        ("email:feedback", "withdrawn", "one-click"),
        ("email:marketing", "withdrawn", "one-click"),
    ]
    (entry, _) = heard(life)
    assert (entry.said.at, entry.said.evidence, entry.said.wording) == (NOW, "abc", "v2")
    assert (entry.basis, entry.heard_at) == ("objection", NOW + 9 * DAY)


@pytest.mark.parametrize(
    ("event", "source"),
    [
        (placed(accepts_marketing=True), "checkout"),
        (consented("Given"), "shop"),
        (consented("Pending"), "shop"),
        (consented("Absent"), "shop"),
        (consented("Given", channel="text", source="keyword"), "keyword"),
        (consented("Withdrawn", source="preferences", contact={}), "preferences"),
        (complained(), "complaint"),
    ],
)
def test_whoever_speaks_is_written_down(event: events.Event, source: str) -> None:
    assert {entry.said.source for entry in heard(lived(event))} == {source}


def test_a_word_that_comes_too_late_to_count_is_written_down_all_the_same() -> None:
    life = lived(consented("Withdrawn", NOW + HOUR), consented("Given", NOW))
    assert life.customer.profile.consents["email:marketing"].state == "withdrawn"
    assert [state for _, state, _ in written(life.decisions[1])] == ["given", "given"]


def test_the_same_word_again_commits_nothing_whether_it_counts_or_not() -> None:
    said = (consented("Withdrawn", NOW + HOUR), consented("Given", NOW))
    life = lived(*said)
    for event in said:
        assert not life.decide((event,), NOW + 10 * DAY).changed


def test_an_order_that_is_told_of_again_and_again_ticks_its_box_once() -> None:
    tick = placed(accepts_marketing=True)
    life = lived(tick, consented("Withdrawn", NOW + HOUR))
    told = snapshot(NOW + DAY, placed_at=NOW, accepts_marketing=True, total="41.00")
    decision = life.decide((told,), NOW + 10 * DAY)
    assert (decision.changed, decision.ledger) == (True, ())


def test_an_empty_box_says_nothing() -> None:
    assert heard(lived(placed(accepts_marketing=False))) == []


moments = st.integers(0, 30).map(lambda hours: NOW + HOUR * hours)
words = st.builds(
    lambda state, at, source: consented(state, at, source=source),
    st.sampled_from(["Given", "Pending", "Withdrawn", "Absent"]),
    moments,
    st.sampled_from(["shop", "preferences", "import"]),
)


@given(said=st.lists(words, max_size=8), chance=st.randoms(use_true_random=False))
def test_the_ledger_is_the_same_in_every_order_of_arrival(said: list[events.Event], chance: Any) -> None:
    shuffled = [*said, *said[:3]]
    chance.shuffle(shuffled)
    one, other = lived(*said), lived(*shuffled)
    assert {entry.id for entry in heard(one)} == {entry.id for entry in heard(other)}
    assert one.customer.profile.consents == other.customer.profile.consents
    assert one.customer.profile.heard == other.customer.profile.heard
    assert len(one.customer.profile.heard) <= MOST_MARKS


def may_write(life: Life) -> bool:
    store = a_store(**ASKS_TWICE)
    return refusal(life.customer.profile, store, "email", "marketing", NOW + 9 * DAY) is None


def test_where_a_store_asks_twice_a_yes_counts_once_it_is_confirmed() -> None:
    life = lived(placed(accepts_marketing=True), consented("Given", NOW + HOUR), **ASKS_TWICE)
    assert not may_write(life)
    assert {entry.basis for entry in heard(life)} == {"unconfirmed"}
    life.feed(consented("Given", NOW + 2 * HOUR, source="double-opt-in", contact={}), at=NOW + 9 * DAY)
    assert may_write(life)


@pytest.mark.parametrize("own", [{"source": "preferences"}, {"source": "form", "level": "confirmed_opt_in"}])
def test_what_only_the_person_can_have_said_needs_no_second_asking(own: dict[str, Any]) -> None:
    assert may_write(lived(consented("Given", **own), **ASKS_TWICE))


def test_a_yes_to_be_confirmed_neither_lifts_a_no_nor_takes_back_a_yes() -> None:
    left = lived(consented("Withdrawn", NOW), consented("Given", NOW + HOUR), **ASKS_TWICE)
    assert left.customer.profile.consents["email:marketing"].state == "withdrawn"
    sure = lived(consented("Given", NOW, source="double-opt-in"), consented("Given", NOW + HOUR), **ASKS_TWICE)
    assert may_write(sure)
