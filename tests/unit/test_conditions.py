from dataclasses import replace
from datetime import timedelta

import pytest

from perennial.allowlist import FIELDS
from perennial.conditions import compile_condition
from perennial.errors import RuleFailed
from perennial.facts import Customer, Offer
from perennial.sandbox import TemplateInvalid, explain
from tests.unit.test_sandbox import FACTS, ORDER


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("'small-appliance' in order.purchase_types", True),
        ("order.late or not order.paid", True),
        ("customer.orders > 3 and order.total.currency == 'EUR'", False),
        ("items|where('category', 'kettle')|length >= 1", True),
        ("parcel", False),
        ("offer is none", True),
        ("customer.ordered_since(order.placed_at)", False),
    ],
)
def test_a_condition_is_true_or_false_of_the_facts(text: str, holds: bool) -> None:
    assert compile_condition(text).holds(FACTS) is holds


def test_a_later_order_is_seen() -> None:
    condition = compile_condition("customer.ordered_since(order.placed_at)")
    later = Customer(last_order_at=ORDER.placed_at + timedelta(seconds=1))
    assert condition.holds(replace(FACTS, customer=later))


@pytest.mark.parametrize("field", FIELDS)
def test_every_fact_is_a_name(field: str) -> None:
    compile_condition(f"{field} is none").holds(FACTS)


@pytest.mark.parametrize(
    "text",
    ["", "1 ==", "order.paid order.late", "{{ order.paid }}", "'a' * 10**9", "order.__class__", "_('x')",
     "order.number.upper()", "order.paid }}{{ order.late", "x = 1", "!order.paid", "$"],
)  # fmt: skip
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(TemplateInvalid):
        compile_condition(text)


@pytest.mark.parametrize("text", ["order.nubmer", "parcel.carrier", "ordr.paid", "order.number > 3", "subject"])
def test_a_condition_that_cannot_be_told_fails_as_a_rule(text: str) -> None:
    with pytest.raises(RuleFailed, match="condition `"):
        compile_condition(text).holds(FACTS)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("order.total > 100", "'>' not supported between 'Money' and 'int'"),
        ("order.total.amount > '5'", "'>' not supported between 'Decimal' and 'str'"),
        ("order.total.amount + '5'", "unsupported operand type(s) for +: 'Decimal' and 'str'"),
        ("order.cancel_reason < 'b'", "'<' not supported between 'None' and 'str'"),
        ("order.number + 1", 'can only concatenate str (not "int") to str'),
        ("'a' in parcel", "argument of type 'None' is not iterable"),
        ("3 in order.number", "'in <string>' requires string as left operand, not int"),
        ("order.score|length", "object of type 'None' has no len()"),
        ("-order.number", "bad operand type for unary -: 'str'"),
        ("order.placed_at < '2026'", "'<' not supported between 'datetime' and 'str'"),
        ("parcel.carrier", "'None' has no attribute 'carrier'"),
    ],
)
def test_a_failure_says_which_kinds_do_not_go_together(text: str, why: str) -> None:
    with pytest.raises(RuleFailed) as caught:
        compile_condition(text).holds(FACTS)
    assert str(caught.value) == f"condition `{text}`: {why}"


@pytest.mark.parametrize("error", [TypeError("ann@example.com is not a date"), KeyError("Ann"), ValueError("Ann 'x'")])
def test_what_a_foreign_error_quotes_is_not_repeated(error: Exception) -> None:
    """Law 11."""
    assert explain(error) == f"{type(error).__name__} while rendering"


def test_a_condition_is_compiled_once() -> None:
    assert compile_condition("order.paid") is compile_condition("order.paid")


def test_a_guarded_look_at_what_is_not_there_is_false() -> None:
    condition = compile_condition("offer and offer.percent > 5")
    assert not condition.holds(FACTS)
    assert condition.holds(replace(FACTS, offer=Offer("o", 10, "CARE10", ORDER.placed_at, 7)))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("items", {"items"}),
        ("not order.paid or order.late", {"order"}),
        ("'a' in categories and offer", {"categories", "offer"}),
    ],
)
def test_a_condition_asks_for_the_facts_that_it_names_and_for_no_others(text: str, names: set[str]) -> None:
    asked = set()

    class Facts:
        def __getattr__(self, name: str) -> object:
            asked.add(name)
            return getattr(FACTS, name)

    compile_condition(text).holds(Facts())
    assert asked == names
