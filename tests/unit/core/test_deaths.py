"""Laws 1 and 2 when a process dies: in every call of one life, before it and after it, and anywhere in random lives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perennial.customer import Wake
from perennial.ports import Outgoing, Reply
from tests.unit.core.builders import (
    DAY,
    HOUR,
    NOW,
    WHO,
    a_content,
    a_journey,
    a_touch,
    an_event,
    consented,
    delivered,
    placed,
    shipped,
    snapshot,
)
from tests.unit.core.life import FINAL
from tests.unit.core.lives import Story, stories
from tests.unit.core.world import Died, World


def armed(world: World) -> list[Wake]:
    return [wake for _, _, _, wake in world.timers.armed.values()]


def story(world: World) -> None:
    """An order, a parcel, an unsubscribe: with a text that nobody answers and a mail that is throttled once."""
    world.tell(placed(), snapshot(NOW, payment_status="paid"))
    world.now += HOUR
    world.tell(shipped(NOW + HOUR), an_event("CustomerUpdated", NOW + HOUR, contact={"first_name": "Anna"}))
    world.now += DAY
    world.tell(delivered(NOW + DAY), consented("Given", NOW + DAY))
    world.to_the_end()


JOURNEYS = (
    a_journey(
        "service",
        a_touch("thanks", "order.placed", "thanks"),
        a_touch("ship", "parcel.shipped", "note", per="parcel"),
        patience="20 days",
    ),
    a_journey(
        "care",
        a_touch("tips", "order.delivered + 3 days"),
        a_touch("more", "touch.tips.sent + 2 days", "offer", offer="tenth"),
    ),
)


@pytest.fixture(scope="module")
def calls() -> int:
    """How many calls a life takes in which nobody dies."""
    world = World(a_content(*JOURNEYS))
    story(world)
    assert set(world.told().values()) == {"sent"}
    return len(world.calls)


@pytest.mark.parametrize("done_first", [False, True])
@pytest.mark.parametrize("receipts", [True, False])
def test_whenever_a_process_dies_nothing_goes_out_twice_and_nothing_is_lost(
    calls: int, done_first: bool, receipts: bool
) -> None:
    """Laws 1 and 2. Without a receipt a transactional email may go once more: the one stated exception."""
    for number in range(calls):
        world = World(a_content(*JOURNEYS), deaths={number: done_first}, receipts=receipts)
        story(world)
        where = world.calls[number], number
        assert world.customer().enrolments == {}, where
        told = world.told()
        assert told.keys() == {"service/thanks", "service/ship/p1", "care/tips", "care/more"}, where
        assert {state.split(":")[0] for state in told.values()} <= {"sent", "unconfirmed", "skipped"}, where
        copies = {touch: world.accepted.count(touch) for touch in world.accepted}
        needed = {touch.id for touch in world.people.touches("shop", WHO) if touch.class_ == "transactional"}
        for touch, count in copies.items():
            assert count == 1 or (count == 2 and touch in needed and not receipts), where
        assert needed <= copies.keys(), where
        assert {touch.id for touch in world.people.touches("shop", WHO) if touch.state == "sent"} <= copies.keys(), (
            where
        )


def test_a_death_is_followed_by_a_run_that_arms_the_committed_wake(calls: int) -> None:
    for number in range(calls):
        for done_first in (False, True):
            world = World(a_content(*JOURNEYS), deaths={number: done_first})
            world.tell(placed())
            assert world.customer().profile.wake in armed(world), number


def test_a_death_is_survived_in_this_world_only_by_another_delivery() -> None:
    world = World(a_content(*JOURNEYS), deaths={0: False})
    with pytest.raises(Died):
        world.advance(placed())


def told_to_the_end(story: Story, deaths: dict[int, bool]) -> World:
    """A random life in which nobody ever refuses for the moment: each call is accepted, refused or not answered."""
    waiting = [state for state in story.answers if state != "released"]

    def answer(message: Outgoing) -> Reply | None:
        state = waiting.pop(0) if waiting else "accepted"
        return None if state is None else Reply(state, "no such mailbox" if state == "refused" else None)  # type: ignore[arg-type]

    world = World(story.content, deaths=deaths, answer=answer, receipts=story.receipts)
    for at, event in story.news:
        world.until(at)
        world.tell(event)
    world.to_the_end()
    return world


@settings(max_examples=40)
@given(stories(), st.dictionaries(st.integers(0, 120), st.booleans(), max_size=4))
def test_wherever_processes_die_every_touch_ends_once_and_goes_out_once(story: Story, deaths: dict[int, bool]) -> None:
    world = told_to_the_end(story, deaths)
    assert world.customer().enrolments == {}
    assert world.customer().profile.claims == {}
    touches = {touch.id: touch for touch in world.people.touches("shop", WHO)}
    assert {touch.state for touch in touches.values()} <= FINAL
    for touch in world.accepted:
        copies, record = world.accepted.count(touch), touches[touch]
        needed = (record.class_, record.channel) == ("transactional", "email")
        assert copies == 1 or (copies == 2 and needed and not story.receipts)
