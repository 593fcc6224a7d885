"""What is not known and printed is called by its name: a marketer cannot see values."""

from pathlib import Path

import pytest

from perennial_cli.checking import check
from tests.templates.trees import change, small_tree

GUARD = ": guard it with `if`, or add `|default(...)`"


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


def errors(templates: Path) -> list[str]:
    return [problem.render() for problem in check(templates).errors]


@pytest.mark.parametrize(
    ("written", "line", "named"),
    [
        ("{{ customer.name }}", 4, "customer.name"),
        ("{{ order.number }} {{ customer.first_name }} {{ store.name }}", 4, "customer.first_name"),
        ("*\n{{ customer.first_name }},\n# {{ order.number }}", 5, "customer.first_name"),
        ("{% for item in items %}\n- {{ item.title }}: {{ item.variant }}\n{% endfor %}", 5, "item.variant"),
        ("{% for item in items[:2] %}{{ item.sku }}{% endfor %}", 4, "item.sku"),
        ("{{ items[0].sku }}", 4, "items[…].sku"),
        ("{% trans name=customer.name %}Dear {{ name }}{% endtrans %}", 4, "customer.name"),
        ("{{ _('Dear %(name)s', name=customer.name) }}", 4, "customer.name"),
    ],
)
def test_the_expression_is_named_with_its_line(templates: Path, written: str, line: int, named: str) -> None:
    change(templates, "messages/tips/email.txt", "{# blocks #}", "{# blocks #}\n" + written)
    said = [error for error in errors(templates) if "not translated" not in error]
    start = f"templates/messages/tips/email.txt:{line}: a value that is not known here is printed, `{named}`{GUARD} ("
    assert len(said) == 1
    assert said[0].startswith(start)


def test_what_cannot_be_followed_is_said_without_a_name(templates: Path) -> None:
    written = "{{ customer.name if order.number else customer.name }}"
    change(templates, "messages/tips/email.txt", "{# blocks #}", "{# blocks #}\n" + written)
    assert errors(templates)[0].startswith(
        f"templates/messages/tips/email.txt:4: a value that is not known here is printed{GUARD}"
    )


def test_pages_name_theirs_too(templates: Path) -> None:
    change(templates, "pages/order.html", '{{ person.name|default("") }}', "{{ order.shipping_method }}")
    said = errors(templates)[0]
    assert f"a value that is not known here is printed, `order.shipping_method`{GUARD}" in said
