"""What is written to the table reads back as it was: whole lives, and parcels and devices of every kind."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from perennial import documents, events
from perennial.customer import Enrolment, Profile, Touch
from perennial.orders import Order
from tests.unit.core.builders import an_order
from tests.unit.core.lives import Story, lived, stories
from tests.unit.core.test_convergence import news_of_order, news_of_person


def again(value: Any) -> Any:
    return documents.read(type(value), documents.write(value))


@given(st.lists(news_of_order, max_size=5))
def test_an_order_reads_back_as_it_was(news: list[events.Event]) -> None:
    order = an_order(*news)
    assert again(order) == order
    assert again(Order(order.known, sent={"review": "care/review"}, entered=("care",))).entered == ("care",)


@settings(max_examples=25)
@given(stories())
def test_a_life_reads_back_as_it_was_after_every_commit(story: Story) -> None:
    def watch(life: Any, decision: Any, now: Any) -> None:
        for value in (decision.after.profile, *decision.after.enrolments.values(), *decision.after.orders.values()):
            assert isinstance(value, Profile | Enrolment | Order)
            assert again(value) == value
        for touch in decision.touches:
            assert isinstance(touch, Touch)
            assert again(touch) == touch

    lived(story, watch)


@given(st.one_of(news_of_order, news_of_person))
def test_an_event_on_the_line_arrives_as_it_was(event: events.Event) -> None:
    """Absence too: what was not said is not said afterwards."""
    told = events.from_json(events.to_json(event))
    assert told == event
    assert told.model_dump(exclude_unset=True) == event.model_dump(exclude_unset=True)
