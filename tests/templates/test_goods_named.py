"""Names of goods in quotes: a misspelt one would keep a journey from ever beginning, and nobody would hear of it."""

from pathlib import Path

import pytest

from perennial_cli.authoring import survey
from tests.templates.trees import change, small_tree

WHEN = "'small-appliance' in order.purchase_types"
MISSPELT = "no rule of the goods makes any category 'ketle' (did you mean 'kettle'?)"
UNKNOWN = "no rule of the goods makes any kind 'small-aplliance' (did you mean 'small-appliance'?)"


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


def problems(templates: Path) -> list[str]:
    return [problem.render() for problem in survey(templates).problems]


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ("'ketle' in order.categories", MISSPELT),
        ("order.paid and 'ketle' not in categories", MISSPELT),
        ("items|where('category', 'ketle')", MISSPELT),
        ("items|outside('category', 'toaster', 'ketle')", MISSPELT),
        ("categories|without('ketle')", MISSPELT),
        ("items[0].category == 'ketle'", MISSPELT),
        ("items[0].category in ['toaster', 'ketle']", MISSPELT),
        ("'small-aplliance' in order.purchase_types", UNKNOWN),
        ("items|where('kind', 'small-aplliance')", UNKNOWN),
        ("'kettle' in order.purchase_types", "'kettle' is a category, not a kind: `order.categories` holds those"),
        ("items|where('category', 'other')", "'other' is a kind, not a category: `order.purchase_types` holds those"),
    ],
)  # fmt: skip
def test_what_no_rule_of_the_goods_makes_is_an_error_in_a_condition(templates: Path, condition: str, says: str) -> None:
    change(templates, "journeys/care.yaml", WHEN, condition)
    assert problems(templates) == [f"templates/journeys/care.yaml:3: enrol.when: {says}"]


@pytest.mark.parametrize(
    "condition",
    [
        "'kettle' in order.categories or 'toaster' in categories",
        "'accessory' in order.purchase_types",  # a kind that there is, though no rule makes it today
        "items|where('category', 'general')",  # whatever no rule names
        "order.channel not in ['amazon', '755357713']",
        "items|where('title', 'Ketle')",
    ],
)
def test_what_may_come_is_none(templates: Path, condition: str) -> None:
    change(templates, "journeys/care.yaml", WHEN, condition)
    assert problems(templates) == []


@pytest.mark.parametrize("key", ["when", "unless", "hold while"])
def test_every_condition_of_a_touch_is_looked_at(templates: Path, key: str) -> None:
    change(templates, "journeys/care.yaml", "unless: order.late", f"{key}: \"'ketle' in categories\"")
    assert problems(templates) == [f"templates/journeys/care.yaml:12: touches[1].{key}: {MISSPELT}"]


def test_messages_are_looked_at_too(templates: Path) -> None:
    wrong = "{# blocks #}\n{% if 'ketle' in categories %}{% endif %}"
    change(templates, "messages/tips/email.txt", "{# blocks #}", wrong)
    assert problems(templates) == [f"templates/messages/tips/email.txt:4: {MISSPELT}"]


def test_while_a_store_cannot_be_read_nobody_knows_what_its_rules_make(templates: Path) -> None:
    change(templates, "journeys/care.yaml", WHEN, "'ketle' in order.categories")
    (templates / "stores/other.yaml").write_text("store: other\n")
    assert not any("ketle" in problem for problem in problems(templates))
