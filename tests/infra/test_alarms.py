"""Whatever means trouble rings: each metric that a function counts and that is bad news has an alarm."""

import ast
import importlib
import re
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest

from perennial.settings import metrics_namespace
from tests.adapters.cloud import ROOT, template
from tests.infra.stack import ALARM, FUNCTION, QUEUE, of_type, watching

TROUBLE = re.compile(r"Failed$|Parked$|PutBack$|Lost$|Unsent$|Lag$|Unbalanced$")
"""How our metrics of bad news end. What senders do wrong (`WebhookRefused`) is theirs to mend."""

OUTCOMES = {"Webhook": ("receiving", "Receipt"), "Event": ("run_report", "Report"), "Report": ("recording", "Recorded")}
"""Metrics that are named by an outcome: the prefix, and the class whose `outcome` it is."""

NAMESPACE = {"Fn::Sub": "Perennial/${AWS::StackName}"}

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
    alarms: list[Any] = [alarm for alarm in of_type(ALARM).values() if alarm["Namespace"] == NAMESPACE]
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
    (alarm,) = watching("5xx")
    assert (alarm["Namespace"], alarm["Dimensions"]) == ("AWS/ApiGateway", [{"Name": "ApiId", "Value": {"Ref": "Api"}}])


def test_a_passing_fault_of_an_event_rings_only_if_it_does_not_pass() -> None:
    """The queue brings it again; what it cannot mend within a quarter of an hour wakes somebody."""
    (alarm,) = watching("EventFailed")
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 900


def test_every_function_of_the_template_is_looked_into() -> None:
    folders = {str(properties["CodeUri"]).strip("/").split("/")[-1] for properties in of_type(FUNCTION).values()}
    assert folders <= {app.parent.name for app in (ROOT / "functions").glob("*/app.py")}


def test_every_queue_of_lost_things_rings_an_alarm() -> None:
    watched = {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0] for alarm in watching("ApproximateNumberOfMessagesVisible")
    }
    assert watched == {"DeadLetters", "FeedbackDeadLetters", "LostWakes"}
    assert watched == of_type(QUEUE).keys() - {"UrgentQueue", "PatientQueue", "FeedbackQueue"}


def test_a_line_that_stands_still_rings_an_alarm() -> None:
    alarms = watching("ApproximateAgeOfOldestMessage")
    told = {alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]: alarm["Threshold"] for alarm in alarms}
    assert told == {"UrgentQueue": 600, "PatientQueue": 7200}


@pytest.mark.parametrize("function", of_type(FUNCTION))
def test_a_function_that_dies_or_is_refused_rings_an_alarm(function: str) -> None:
    dimensions = [{"Name": "FunctionName", "Value": {"Ref": function}}]
    assert [alarm["Dimensions"] for alarm in watching("Errors")].count(dimensions) == 1
    assert [alarm["Dimensions"] for alarm in watching("Throttles")].count(dimensions) == 1


@pytest.mark.parametrize("metric", ["ReadThrottleEvents", "WriteThrottleEvents"])
def test_a_table_that_refuses_rings_an_alarm(metric: str) -> None:
    (alarm,) = watching(metric)
    assert alarm["Dimensions"] == [{"Name": "TableName", "Value": {"Ref": "Table"}}]


def test_a_sweep_that_does_not_come_at_all_rings_an_alarm() -> None:
    (alarm,) = watching("Invocations")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "SweepOverdue"}}]
    assert (alarm["ComparisonOperator"], alarm["Threshold"], alarm["Statistic"]) == ("LessThanThreshold", 1, "Sum")
    assert alarm["TreatMissingData"] == "breaching", "a function that never runs counts nothing"
    assert alarm["Period"] * alarm["EvaluationPeriods"] == 3 * 3600


def test_wakes_are_late_when_one_in_a_hundred_is() -> None:
    (alarm,) = watching("WakeLag")
    assert (alarm["ExtendedStatistic"], alarm["Threshold"]) == ("p99", 900)


def test_a_page_that_fails_is_counted_by_its_own_line() -> None:
    assert 'log("PageFailed"' in (ROOT / "functions/serve_pages/app.py").read_text()


TOLERATED = {
    "Reputation.BounceRate": 0.05,
    "Reputation.ComplaintRate": 0.001,
    "MessageUnsent": 20,
    "WakeLag": 900,
    "ApproximateAgeOfOldestMessage": 600,
}
"""Some mail always bounces, somebody always complains, providers throttle and lines are stood in: beyond these,
somebody should look."""


@pytest.mark.parametrize("alarm", sorted(of_type(ALARM).keys() - {"SilentSweepAlarm"}))
def test_an_alarm_rings_at_the_first_and_is_silent_where_nothing_happens(alarm: str) -> None:
    properties = of_type(ALARM)[alarm]
    tolerated = TOLERATED.get(properties.get("MetricName", ""), 0)
    assert properties["Threshold"] == tolerated or alarm == "PatientLineAlarm"
    assert properties["ComparisonOperator"] == "GreaterThanThreshold"
    assert properties["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize("alarm", of_type(ALARM))
def test_an_alarm_says_what_it_means_and_is_heard(alarm: str) -> None:
    properties = of_type(ALARM)[alarm]
    assert properties["AlarmDescription"].endswith(("?", "."))
    assert properties["AlarmActions"]["Fn::If"][0] == "HasAlarmTopic"


@pytest.mark.parametrize("alarm", of_type(ALARM))
def test_the_guide_says_what_to_do_when_an_alarm_rings(alarm: str) -> None:
    assert f"**{alarm.removesuffix('Alarm')}**" in (ROOT / "docs" / "deploying.md").read_text()


def test_functions_count_where_their_own_stacks_alarms_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stages in one region would ring each other's alarms."""
    name = "POWERTOOLS_METRICS_NAMESPACE"
    assert template()["Globals"]["Function"]["Environment"]["Variables"][name] == NAMESPACE
    assert {str(alarm["Namespace"]) for alarm in of_type(ALARM).values() if "AWS/" not in str(alarm["Namespace"])} == {
        str(NAMESPACE)
    }
    for app in sorted((ROOT / "functions").glob("*/app.py")):
        assert "metrics_namespace()" in app.read_text(), app
    assert metrics_namespace({name: "Perennial/shop"}) == "Perennial/shop"
    assert metrics_namespace({}) == "Perennial"


def test_graphs_show_what_the_functions_count() -> None:
    (board,) = of_type("AWS::CloudWatch::Dashboard").values()
    shown = set(
        re.findall(r'"Perennial/\$\{AWS::StackName\}", "(\w+)", "service", "(\w+)"', board["DashboardBody"]["Fn::Sub"])
    )
    apps = {app.parent.name: ast.parse(app.read_text()) for app in (ROOT / "functions").glob("*/app.py")}
    counted = {(name, service) for service, tree in apps.items() for name in names_in(tree)}
    assert len(shown) > 20
    assert shown <= counted
