"""Whatever means trouble rings: each metric that a function counts and that is bad news has an alarm."""

import ast
import importlib
import re
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest

from tests.adapters.cloud import ROOT
from tests.infra.stack import ALARM, FUNCTION, of_type

TROUBLE = re.compile(r"Failed$|Parked$|PutBack$|Lost$|Unsent$")
"""How our metrics of bad news end. What senders do wrong (`WebhookRefused`) is theirs to mend."""

OUTCOMES = {"Webhook": ("receiving", "Receipt"), "Event": ("run_report", "Report"), "Report": ("recording", "Recorded")}
"""Metrics that are named by an outcome: the prefix, and the class whose `outcome` it is."""

MENDED = {("sweep_overdue", "FactPutBack")}
"""Facts that found their owner: good news."""


def names_in(tree: ast.AST) -> Iterator[str]:
    """Every name of a metric in a module: two words or more in capitals, or a prefix with its outcomes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and re.fullmatch(r"([A-Z][a-z]+){2,}", str(node.value)):
            yield str(node.value)
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            prefix = str(node.values[0].value)
            if prefix in OUTCOMES:
                yield from (prefix + outcome.title().replace(" ", "") for outcome in outcomes(*OUTCOMES[prefix]))


def outcomes(module: str, name: str) -> Iterator[str]:
    """The words that the class's `outcome` may be."""
    made = getattr(importlib.import_module(f"perennial.{module}"), name)
    return words(get_type_hints(made)["outcome"])


def words(hint: Any) -> Iterator[str]:
    for inner in get_args(hint):
        yield from (inner,) if isinstance(inner, str) else words(inner)


def metrics() -> list[tuple[str, str]]:
    """Every metric of trouble, with the function that counts it."""
    apps = sorted((ROOT / "functions").glob("*/app.py"))
    found = {(app.parent.name, name) for app in apps for name in names_in(ast.parse(app.read_text()))}
    return sorted({(function, name) for function, name in found if TROUBLE.search(name)} - MENDED)


def watched() -> set[tuple[str, str]]:
    alarms: list[Any] = [alarm for alarm in of_type(ALARM).values() if alarm["Namespace"] == "Perennial"]
    return {(alarm["Dimensions"][0]["Value"], alarm["MetricName"]) for alarm in alarms}


def test_the_metrics_of_the_first_two_functions_are_found() -> None:
    assert {
        ("receive_webhook", "WebhookFailed"),
        ("receive_webhook", "WebhookParked"),
        ("advance_customer", "EventFailed"),
        ("advance_customer", "EventParked"),
    } <= set(metrics())


@pytest.mark.parametrize(("function", "metric"), metrics())
def test_a_metric_of_trouble_has_an_alarm(function: str, metric: str) -> None:
    assert (function, metric) in watched()


def test_an_alarm_watches_what_some_function_counts() -> None:
    """A metric that was renamed would leave its alarm asleep for ever."""
    assert watched() <= set(metrics())


def test_a_door_that_answers_with_5xx_rings_even_if_its_function_died() -> None:
    (alarm,) = (alarm for alarm in of_type(ALARM).values() if alarm["Namespace"] == "AWS/ApiGateway")
    assert (alarm["MetricName"], alarm["Dimensions"]) == ("5xx", [{"Name": "ApiId", "Value": {"Ref": "Api"}}])


def test_a_passing_fault_of_an_event_rings_only_if_it_does_not_pass() -> None:
    """The queue brings it again; what it cannot mend within a quarter of an hour wakes somebody."""
    (alarm,) = (alarm for alarm in of_type(ALARM).values() if alarm["MetricName"] == "EventFailed")
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 900


def test_every_function_of_the_template_is_looked_into() -> None:
    folders = {str(properties["CodeUri"]).strip("/").split("/")[-1] for properties in of_type(FUNCTION).values()}
    assert folders <= {app.parent.name for app in (ROOT / "functions").glob("*/app.py")}
