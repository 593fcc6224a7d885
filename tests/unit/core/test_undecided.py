"""What is told of journeys whose condition failed: as the engine would take the next news of their order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from perennial.journeys import Journey
from perennial_cli.undecided import Undecided, notes_on_undecided, undecided_of
from tests.unit.core.builders import DAY, NOW, a_content, a_journey, a_touch, cancelled, placed, snapshot
from tests.unit.core.world import World

NOTE = a_journey("care", a_touch("note", "order.placed", "note"))


def large(when: str) -> Journey:
    return a_journey("large", a_touch("tips", "order.placed + 1 day"), enrol={"on": "order.placed", "when": when})


FAILING = large("order.total.amount > 100")


def told(world: World, deployed: Journey, later: timedelta = timedelta()) -> tuple[Undecided, ...]:
    """As it is told later, with these templates."""
    outside = replace(world.advancing, content=a_content(deployed), now=lambda: NOW + later)
    return undecided_of(world.customer(), outside)


def an_order() -> World:
    """One of which the shop does not say what it costs."""
    world = World(a_content(FAILING))
    world.tell(placed(total=None))
    return world


def test_a_condition_that_goes_on_failing_is_told_with_its_reason_its_moment_and_its_end() -> None:
    why = "condition `order.total.amount > 100`: 'None' has no attribute 'amount'"
    expected = Undecided("large", "1001", "order.placed", NOW, NOW + 3 * DAY, "fails", why)
    assert told(an_order(), FAILING) == (expected,)
    assert expected.as_dict()["since"] == NOW.isoformat()
    (note,) = notes_on_undecided([expected])
    assert f"order 1001 begins large, as the `when` of its `enrol` failed: {why}. It fails here, too: mend it" in note


@pytest.mark.parametrize(
    ("deployed", "later", "outcome"),
    [
        (large("order.number == '#1001'"), 0 * DAY, "begins"),
        (large("order.number == '#1001'"), 4 * DAY, "too late"),
        (FAILING, 4 * DAY, "too late"),
        (large("order.number == '#7'"), 0 * DAY, "says no"),
        (NOTE, 0 * DAY, "gone"),
    ],
)
def test_it_is_told_what_the_next_news_of_the_order_bring(deployed: Journey, later: timedelta, outcome: str) -> None:
    (found,) = told(an_order(), deployed, later)
    assert found.outcome == outcome
    world = an_order()
    world.content = a_content(deployed)
    world.advancing, world.now = replace(world.advancing, content=world.content), NOW + later
    report = world.advance(snapshot(NOW + later, payment_status="paid"))
    begun = any(passage.journey == "large" for passage in world.customer().enrolments.values())
    assert (begun, bool(report.undecided)) == (outcome == "begins", outcome == "fails")


def test_nothing_is_told_of_an_order_of_which_everything_could_be_told() -> None:
    world = World(a_content(FAILING))
    world.tell(placed(total=120))
    assert told(world, FAILING) == ()
    world = an_order()
    world.tell(cancelled(NOW))
    assert told(world, FAILING) == ()
