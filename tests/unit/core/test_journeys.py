"""What the YAML of a journey means, what is wrong with it, and the hash that pins it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from perennial.journeys import MILESTONES, OCCASIONS, PARTS, Journey, Moment, canonical, parse_moment, version_of
from perennial.timing import Offset
from tests.unit.core.builders import a_journey, a_touch


def refusal(*touches: dict[str, Any], **fields: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        a_journey("care", *touches, **fields)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("order.delivered", Moment("order.delivered")),
        ("order.delivered + 3 days", Moment("order.delivered", Offset(days=3))),
        ("  order.delivered+3 days ", Moment("order.delivered", Offset(days=3))),
        ("order.delivered - 2 hours", Moment("order.delivered", Offset(minutes=-120))),
        ("offer.tenth.last_day - 1 week", Moment("offer.tenth.last_day", Offset(days=-7))),
        ("arrived + 11 months", Moment("arrived", Offset(months=11))),
    ],
)
def test_a_moment_is_an_anchor_and_a_span(text: str, moment: Moment) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    "text", ["", "3 days", "order.delivered + three days", "order.delivered 3 days", "Order.placed"]
)
def test_a_moment_that_is_none_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"write an anchor and a span|write a number"):
        parse_moment(text)


def test_moments_in_order_of_preference() -> None:
    journey = a_journey("care", a_touch("tips", "order.delivered + 3 days or order.shipped + 9 days"))
    assert journey.moments(journey.touches[0]) == (
        Moment("order.delivered", Offset(days=3)),
        Moment("order.shipped", Offset(days=9)),
    )


def test_named_anchors_are_spelt_out_span_upon_span() -> None:
    anchors = {"arrived": "order.delivered or order.shipped + 6 days", "settled": "arrived + 2 days"}
    journey = a_journey("care", a_touch("tips", "settled + 1 month or order.placed"), anchors=anchors)
    assert journey.spelt_out(journey.touches[0].after) == (
        (Moment("order.delivered"), (Offset(days=2), Offset(months=1))),
        (Moment("order.shipped", Offset(days=6)), (Offset(days=2), Offset(months=1))),
        (Moment("order.placed"), ()),
    )


def test_an_unknown_anchor_is_refused_with_those_that_are_known() -> None:
    error = refusal(a_touch("tips", "order.delivred + 3 days"))
    assert "touch 'tips': unknown anchor 'order.delivred'" in error
    assert "order.delivered" in error


@pytest.mark.parametrize("anchors", [{"arrived": "order.arived"}, {"spare": "arrived", "arrived": "order.arived"}])
def test_a_misspelt_named_anchor_is_refused_even_where_no_touch_uses_it(anchors: dict[str, str]) -> None:
    assert "unknown anchor 'order.arived'" in refusal(a_touch("tips", "order.placed"), anchors=anchors)


@pytest.mark.parametrize("after", ["a", "order.placed"])
def test_named_anchors_that_go_round_in_a_circle_are_refused(after: str) -> None:
    error = refusal(a_touch("tips", after), anchors={"a": "b + 1 day", "b": "a or order.placed"})
    assert "go round in a circle" in error


@pytest.mark.parametrize("anchor", [*MILESTONES, *OCCASIONS])
def test_every_moment_of_an_order_may_be_an_anchor(anchor: str) -> None:
    assert a_journey("care", a_touch("tips", anchor))


@pytest.mark.parametrize(("per", "anchor"), [(per, anchor) for per, anchors in PARTS.items() for anchor in anchors])
def test_moments_of_parts_are_anchors_only_of_touches_that_go_per_part(per: str, anchor: str) -> None:
    assert a_journey("care", a_touch("tips", anchor, per=per))
    assert "unknown anchor" in refusal(a_touch("tips", anchor))


@pytest.mark.parametrize(
    "anchor", ["order.shipped", "order.cancelled", "touch.other.sent", "parcel.shipped or order.shipped"]
)
def test_a_touch_per_parcel_that_hangs_on_the_whole_order_would_never_know_its_parcel(anchor: str) -> None:
    error = refusal(a_touch("tips", anchor, per="parcel"), a_touch("other", "order.placed"))
    assert "touch 'tips'" in error
    assert "per: parcel" in error


def test_nothing_waits_for_a_touch_that_goes_once_per_parcel() -> None:
    """Which of its messages it should wait for, nobody could say: it would wait in silence for ever."""
    error = refusal(a_touch("ship", "parcel.shipped", per="parcel"), a_touch("tips", "touch.ship.sent"))
    assert "'ship' goes once per parcel" in error


def test_two_touches_of_one_name_are_refused() -> None:
    assert "two touches are called 'tips'" in refusal(a_touch("tips", "order.placed"), a_touch("tips", "order.paid"))


def test_waiting_for_a_touch_that_is_not_there_is_refused() -> None:
    assert "there is no touch 'tipps'" in refusal(a_touch("tips", "touch.tipps.sent"))


def test_an_offer_that_no_touch_makes_has_no_last_day() -> None:
    assert "makes the offer 'tenth'" in refusal(a_touch("last", "offer.tenth.last_day"))


def test_a_touch_that_waits_for_itself_is_refused() -> None:
    assert "touch 'a' waits for itself" in refusal(a_touch("a", "touch.a.sent + 1 day"))


def test_touches_that_wait_for_each_other_are_refused() -> None:
    error = refusal(a_touch("a", "touch.b.sent"), a_touch("b", "touch.c.sent"), a_touch("c", "touch.a.sent"))
    assert "waits for itself: a -> b -> c -> a" in error


def test_a_circle_by_way_of_a_named_anchor_is_refused() -> None:
    touches = [a_touch("a", "after-b"), a_touch("b", "touch.a.sent")]
    assert "waits for itself" in refusal(*touches, anchors={"after-b": "touch.b.sent + 2 days"})


def test_a_circle_by_way_of_an_offer_is_refused() -> None:
    """The offer would be made after a touch that waits for the offer's last day."""
    error = refusal(a_touch("offer", "touch.last.sent", offer="tenth"), a_touch("last", "offer.tenth.last_day"))
    assert "waits for itself" in error


def test_two_touches_that_wait_for_the_same_third_are_no_circle() -> None:
    assert a_journey(
        "care",
        a_touch("first", "order.delivered"),
        a_touch("left", "touch.first.sent"),
        a_touch("right", "touch.first.sent"),
        a_touch("both", "touch.left.sent or touch.right.sent"),
    )


def test_a_long_chain_is_no_circle() -> None:
    chain = [a_touch(f"t{n}", f"touch.t{n - 1}.sent") for n in range(1, 60)]
    assert a_journey("care", a_touch("t0", "order.placed"), *reversed(chain))


def test_many_ways_to_one_touch_are_read_in_no_time() -> None:
    """Twenty diamonds in a row have a million ways through them."""
    links = [a_touch("m0", "order.placed")]
    for n in range(20):
        links += [a_touch(f"{side}{n}", f"touch.m{n}.sent") for side in ("l", "r")]
        links.append(a_touch(f"m{n + 1}", f"touch.l{n}.sent or touch.r{n}.sent"))
    assert a_journey("care", *links)


def test_a_window_and_an_expiry_at_once_are_refused() -> None:
    assert "keep one" in refusal(a_touch("tips", "order.placed", within="2 days", expires="3 days"))


def test_joining_needs_parts_to_join() -> None:
    assert "`join` needs `per: parcel`" in refusal(a_touch("tips", "order.placed", join="20 minutes"))


def test_a_misspelt_field_is_refused() -> None:
    assert "expirs" in refusal(a_touch("tips", "order.placed", expirs="2 days"))


def test_a_journey_without_touches_is_refused() -> None:
    assert "at least 1 item" in refusal()


# The hash that pins an enrolment to what it began with


def test_spelling_out_a_default_keeps_the_version() -> None:
    short = a_journey("care", a_touch("tips", "order.placed"))
    long = a_journey("care", a_touch("tips", "order.placed", per=None), priority=50, patience="180 days", stop=[])
    assert version_of(short) == version_of(long)


def test_the_order_of_fields_and_the_blanks_in_a_moment_keep_the_version() -> None:
    told = {"journey": "care", "about": "x", "enrol": {"on": "order.placed"}}
    one = Journey.model_validate({**told, "touches": [a_touch("tips", "order.delivered + 3 days or order.shipped")]})
    other = {"touches": [a_touch("tips", " order.delivered  +3 days   or order.shipped ")], **told}
    assert version_of(one) == version_of(Journey.model_validate(dict(reversed(other.items()))))


def test_one_week_is_seven_days() -> None:
    week, days = (a_journey("care", a_touch("tips", "order.placed", within=span)) for span in ("1 week", "7 days"))
    assert version_of(week) == version_of(days)


@pytest.mark.parametrize(
    "change",
    [
        {"after": "order.delivered + 4 days"},
        {"message": "offer"},
        {"at": "11:00"},
        {"unless": "order.late"},
        {"within": "3 days"},
        {"hold while": "order.late"},
    ],
)
def test_whatever_changes_a_touch_makes_a_new_version(change: dict[str, str]) -> None:
    touch = a_touch("tips", "order.delivered + 3 days")
    assert version_of(a_journey("care", touch)) != version_of(a_journey("care", {**touch, **change}))


def test_a_version_stays_what_it_was() -> None:
    """Enrolments are pinned by it: should this change, every live enrolment loses its journey."""
    journey = a_journey(
        "care",
        a_touch("tips", "arrived + 3 days", at="10:00", unless="order.late", within="5 days", offer="tenth"),
        a_touch("ship", "parcel.shipped", per="parcel", join="20 minutes", not_before="09:00"),
        anchors={"arrived": "order.delivered or order.shipped + 6 days"},
        stop=["order.cancelled"],
        goods=["kettle"],
    )
    assert version_of(journey) == "599f7b22443da921"


spans = st.builds(
    lambda count, unit: f"{count} {unit}", st.integers(1, 99_999), st.sampled_from(["minutes", "hours", "days"])
)


@given(spans, spans, spans)
def test_a_kept_version_reads_back_as_it_was(after: str, within: str, patience: str) -> None:
    journey = a_journey(
        "care",
        a_touch("tips", f"order.delivered + {after} or order.shipped", within=within, not_before="09:30"),
        a_touch("ship", "parcel.shipped", per="parcel", join=within, hold_while="order.late"),
        patience=patience,
    )
    again = Journey.model_validate(json.loads(canonical(journey)))
    assert again == journey
    assert version_of(again) == version_of(journey)
