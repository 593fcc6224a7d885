"""What the parser says means little to a marketer; what they know from Liquid has another name here."""

from pathlib import Path

import pytest

from perennial_cli.authoring import survey
from tests.templates.trees import change, small_tree


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


def said(templates: Path, file: str, old: str, new: str) -> list[str]:
    change(templates, file, old, new)
    return [problem.message for problem in survey(templates).problems]


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("{{ order.paid }}", "a condition is an expression by itself: write it without {{ }}"),
        ("{% if order.paid %}", "a condition is an expression by itself: write it without {{ }}"),
        ("order.paid }}", "a condition is an expression by itself: write it without {{ }}"),
        ("order.total >", "the condition ends too early: something is missing behind `order.total >`"),
        ("order.paid and ", "the condition ends too early: something is missing behind `order.paid and`"),
        ("(order.paid", "the condition ends too early: `)` is missing behind `(order.paid`"),
        ("order.paid = true", "compare with `==`"),
        ("order.paid && order.late", "'&' means nothing here: write `and`"),
        ("!order.paid", "'!' means nothing here: write `not`, or `!=`"),
        ("order.paid order.late", "this is more than one expression: put `and` or `or` between them"),
        ("order.number contains 'x'",
         "this is Liquid; here it is `in`, the other way round, as `'kettle' in categories`"),
        ("items.size > 1", "this is Liquid; here it is `items|length`"),
        ("order.total != nil", "this is Liquid; here it is `none`, as `order.total is not none`"),
    ],
)  # fmt: skip
def test_a_condition_that_is_none_is_told_what_it_should_be(templates: Path, condition: str, says: str) -> None:
    change(templates, "journeys/care.yaml", "enrol: {on: order.placed, when: ", "enrol:\n  on: order.placed\n  when: ")
    change(templates, "journeys/care.yaml", 'purchase_types"}', 'purchase_types"')
    old = "\"'small-appliance' in order.purchase_types\""
    assert said(templates, "journeys/care.yaml", old, f'"{condition}"') == [says]


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("{% assign x = 1 %}", "the expression itself, where it is used"),
        ("{% capture x %}a{% endcapture %}", "the expression itself, where it is used"),
        ("{% unless order.paid %}a{% endunless %}", "`{% if not … %}`"),
        ("{% if order.paid %}{% elsif order.late %}{% endif %}", "`{% elif … %}`"),
        ("{% for item in items limit:3 %}{{ item.title }}{% endfor %}", "`items[:3]`"),
        ("{% for item in items offset: 2 %}{% endfor %}", "`items[3:]`"),
        ("{{ items.size }}", "`items|length`"),
        ("{{ items | size }}", "`|length`"),
        ("{{ order.placed_at | date: 'x' }}", 'brackets behind the filter, as `|date("long")`'),
        ("{% for item in items %}{{ forloop.index }}{% endfor %}", "`loop`"),
        ("{% comment %}x{% endcomment %}", "`{# … #}`"),
    ],
)
def test_liquid_is_told_what_it_is_here(templates: Path, written: str, instead: str) -> None:
    told = said(templates, "messages/tips/email.txt", "{# blocks #}", "{# blocks #}\n" + written)
    assert told == [f"this is Liquid; here it is {instead}"]


def test_what_has_no_better_words_is_left_as_it_is(templates: Path) -> None:
    (told,) = said(templates, "messages/tips/email.txt", "{# blocks #}", "{# blocks #}\n{% mystery %}")
    assert told == "Encountered unknown tag 'mystery'."
