"""Conditions are asked of the samples before the first customer asks them."""

from pathlib import Path

import pytest

from perennial_cli.authoring import survey
from perennial_cli.checking import check
from perennial_cli.condition_trials import try_conditions
from tests.templates.trees import change, small_tree

LARGE = """journey: large
about: x.
enrol: {on: order.placed, when: WHEN}
touches: [{touch: a, after: order.placed, message: tips}]
"""


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


def asked(templates: Path, condition: str, on: str = "order.placed") -> list[str]:
    """What is said of a journey that begins where this holds."""
    text = LARGE.replace("WHEN", f'"{condition}"').replace("on: order.placed", f"on: {on}")
    (templates / "journeys/large.yaml").write_text(text)
    found = list(try_conditions(survey(templates)))
    assert all(problem.file == "templates/journeys/large.yaml" for problem in found)
    return [f"{problem.line}: {problem.field}: {problem.message}" for problem in found]


@pytest.mark.parametrize(
    ("condition", "better"),
    [
        ("order.total > 100", "order.total is not none and order.total.amount > 100"),
        ("order.total > '5'", "order.total is not none and order.total.amount > 5"),
        ("order.late and order.total.amount > 9", "order.total is not none and order.late and order.total.amount > 9"),
        ("not order.late and order.score < 7", "order.score is not none and not order.late and order.score < 7"),
        ("'toaster' in categories and 3 > order.score",
         "order.score is not none and 'toaster' in categories and 3 > order.score"),
        ("order.total.amount > order.shipping.amount",
         "order.total is not none and order.shipping is not none and order.total.amount > order.shipping.amount"),
        ("items[0].category == 'kettle'", "items and items[0].category == 'kettle'"),
        ("customer.orders > '3'", "customer.orders > 3"),
        ("order.channel == 'pos' and order.score > 3",
         "order.score is not none and order.channel == 'pos' and order.score > 3"),
        ("customer.orders == 7 and order.channel in ['a', 'b'] and order.score > 3",
         "order.score is not none and customer.orders == 7 and order.channel in ['a', 'b'] and order.score > 3"),
        ("customer.orders > 70 and order.score > 3",
         "order.score is not none and customer.orders > 70 and order.score > 3"),
        ("parcel.carrier == 'UPS'", "parcel is not none and parcel.carrier == 'UPS'"),
    ],
)  # fmt: skip
def test_a_condition_that_cannot_always_be_told_is_an_error_with_one_that_can(
    templates: Path, condition: str, better: str
) -> None:
    (said,) = asked(templates, condition)
    assert said.startswith(f"3: enrol.when: `{condition}` cannot be told ")
    assert said.endswith(f": write `{better}`")
    assert asked(templates, better) == []


@pytest.mark.parametrize("condition", ["order.total|money == 'x'", "customer.ordered_since()"])
def test_what_is_for_printing_is_not_asked(templates: Path, condition: str) -> None:
    (said,) = asked(templates, condition)
    assert said.endswith("ask for the values themselves, not for how they are printed; `ordered_since` takes a moment")


def test_beside_an_or_the_guard_belongs_to_its_own_part(templates: Path) -> None:
    (said,) = asked(templates, "order.paid and order.late or order.total.amount > 9")
    assert said.endswith(": write `(order.total is not none and …)` around what needs it")
    assert asked(templates, "order.paid and order.late or (order.total is not none and order.total.amount > 9)") == []


def test_it_says_when_and_why(templates: Path) -> None:
    (said,) = asked(templates, "order.total.amount > 9")
    assert "cannot be told without all that a shop may leave out ('None' has no attribute 'amount'): " in said


def test_kinds_that_never_go_together_have_advice_of_their_own(templates: Path) -> None:
    (said,) = asked(templates, "order.number > 3")
    assert said.endswith(
        "('>' not supported between 'str' and 'int'): compare numbers with numbers, without quotes, and text with text"
    )


@pytest.mark.parametrize(
    ("condition", "on"),
    [
        ("order.total and order.total.amount > 100", "order.placed"),
        ("order.score <= 6", "order.scored"),
        ("review.stars <= 3", "order.reviewed"),
        ("order.delivered_at > order.placed_at", "order.delivered"),
        ("order.shipping_address and order.shipping_address.country == 'GB'", "order.placed"),
        ("customer.ordered_since(order.placed_at)", "order.placed"),
    ],
)
def test_what_can_always_be_told_where_the_journey_begins_passes(templates: Path, condition: str, on: str) -> None:
    assert asked(templates, condition, on) == []


@pytest.mark.parametrize("condition", ["order.lat", "{{ order.late }}", "order.total >"])
def test_what_has_been_said_already_is_not_said_again(templates: Path, condition: str) -> None:
    change(templates, "journeys/care.yaml", "unless: order.late", f'unless: "{condition}"')
    assert len(check(templates).errors) == 1


@pytest.mark.parametrize("key", ["when", "unless", "hold while"])
def test_every_condition_of_a_touch_is_tried(templates: Path, key: str) -> None:
    change(templates, "journeys/care.yaml", "unless: order.late", f'{key}: "order.total > 100"')
    (problem,) = check(templates).errors
    assert (problem.file, problem.line, problem.field) == ("templates/journeys/care.yaml", 12, f"touches[1].{key}")


@pytest.mark.parametrize(("per", "name"), [("parcel", "parcel"), ("refund", "refund"), ("return", "return_case")])
def test_what_a_touch_is_about_is_there_and_what_another_is_about_is_not(templates: Path, per: str, name: str) -> None:
    asked_for = {"parcel": "not parcel.items", "refund": "not refund.items", "return": "not return_case.items"}[per]
    change(templates, "journeys/care.yaml", "unless: order.late", f"unless: {asked_for}")
    (problem,) = try_conditions(survey(templates))
    assert f"write `{name} is not none and {asked_for}`" in problem.message
    anchor = {"parcel": "parcel.delivered", "refund": "refund.made", "return": "return.approved"}[per]
    change(templates, "journeys/care.yaml", "after: order.delivered + 3 days", f"after: {anchor}\n    per: {per}")
    assert list(try_conditions(survey(templates))) == []
