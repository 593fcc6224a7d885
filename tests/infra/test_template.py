"""The bundle agrees with the code: what the template gives is what the code reads; what it does, it may do."""

import ast
import importlib
import re
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from perennial import forgetting, sweeping
from perennial.adapters import scheduler, table
from perennial.settings import (
    PREFIX,
    AdvancingSettings,
    ReceivingSettings,
    RecordingSettings,
    ServingSettings,
    Settings,
    SweepingSettings,
)
from perennial.wiring import ONCE
from perennial_cli.simulation import lines
from tests.adapters.cloud import ROOT, template
from tests.infra.stack import FUNCTION, QUEUE, actions_of, of_type, statements_of, variables_of

READ_BY: dict[str, type[Settings]] = {
    "ReceiveWebhook": ReceivingSettings,
    "AdvanceCustomer": AdvancingSettings,
    "SweepOverdue": SweepingSettings,
    "RecordFeedback": RecordingSettings,
    "ServePages": ServingSettings,
}
"""The settings that each function reads."""

FUNCTIONS = of_type(FUNCTION)
FIFO = {name: queue for name, queue in of_type(QUEUE).items() if queue.get("FifoQueue")}
LANES = ("UrgentQueue", "PatientQueue")


def _folder(function: str) -> str:
    return str(FUNCTIONS[function]["CodeUri"]).strip("/").split("/")[-1]


def _app(function: str) -> Any:
    return importlib.import_module(f"functions.{_folder(function)}.app")


# --- functions and their settings ---


def test_every_function_has_its_settings() -> None:
    assert FUNCTIONS.keys() == READ_BY.keys(), "name the settings of a new function in READ_BY"


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_given_every_variable_it_reads_and_none_in_vain(function: str) -> None:
    given = {name for name in variables_of(function) if name.startswith(PREFIX)}
    read = {PREFIX + field.name.upper() for field in fields(READ_BY[function])}
    assert given == read


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_reads_the_settings_it_is_said_to_read(function: str) -> None:
    source = (ROOT / "functions" / _folder(function) / "app.py").read_text()
    (use_case,) = set(re.findall(r"wiring\.(for_\w+)\(", source))
    wiring = ast.parse((ROOT / "layers/engine/perennial/wiring.py").read_text())
    made = next(node for node in wiring.body if isinstance(node, ast.FunctionDef) and node.name == use_case)
    assert f"{READ_BY[function].__name__}.read()" in ast.unparse(made)


def test_every_folder_of_functions_is_a_function_of_the_bundle() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
    assert {_folder(function) for function in FUNCTIONS} == folders


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_the_handler_that_lambda_calls(function: str) -> None:
    module, _, name = template()["Globals"]["Function"]["Handler"].partition(".")
    assert module == "app"
    assert callable(getattr(_app(function), name))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_logs_are_kept_for_a_while_and_not_for_ever(function: str) -> None:
    group = FUNCTIONS[function]["LoggingConfig"]["LogGroup"]["Ref"]
    assert of_type("AWS::Logs::LogGroup")[group]["RetentionInDays"] == {"Ref": "LogDays"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_lambda_reports_only_what_went_wrong_unless_it_is_asked(function: str) -> None:
    """JSON is what lets its level be chosen. Our own lines are JSON already, and Lambda leaves such lines alone."""
    config = FUNCTIONS[function]["LoggingConfig"]
    assert (config["LogFormat"], config["SystemLogLevel"]) == ("JSON", {"Ref": "PlatformLogs"})
    assert "ApplicationLogLevel" not in config, "metrics have no level, and would count as INFO"
    assert template()["Parameters"]["PlatformLogs"]["Default"] == "WARN"


def test_the_path_of_the_api_is_the_path_of_the_app() -> None:
    event = FUNCTIONS["ReceiveWebhook"]["Events"]["Webhook"]["Properties"]
    routes = {
        (route.method, re.sub(r"<(\w+)>", r"{\1}", route.path)) for route in _app("ReceiveWebhook").app._static_routes
    } | {
        (route.method, re.sub(r"<(\w+)>", r"{\1}", route.path)) for route in _app("ReceiveWebhook").app._dynamic_routes
    }
    assert routes == {(event["Method"], event["Path"])}


def test_pages_are_opened_glanced_at_and_answered_and_nothing_else() -> None:
    routes = [event["Properties"] for event in FUNCTIONS["ServePages"]["Events"].values()]
    assert {(route["Method"], route["Path"]) for route in routes} == {
        (method, "/{page}/{token}") for method in ("GET", "HEAD", "POST")
    }
    assert all(route["RouteSettings"]["ThrottlingRateLimit"] <= 100 for route in routes)


def test_every_route_has_limits_of_its_own() -> None:
    events = [event["Properties"] for function in FUNCTIONS.values() for event in function["Events"].values()]
    routes = [event["RouteSettings"] for event in events if "Path" in event]
    assert len(routes) == 4
    assert all(route.keys() == {"ThrottlingBurstLimit", "ThrottlingRateLimit"} for route in routes)
    assert {
        "ThrottlingBurstLimit": {"Ref": "WebhooksPerSecond"},
        "ThrottlingRateLimit": {"Ref": "WebhooksPerSecond"},
    } in routes


# --- rights ---


def test_the_door_may_not_read_customers_nor_send_anything() -> None:
    assert actions_of("ReceiveWebhook") == {
        *("dynamodb:UpdateItem", "dynamodb:PutItem", "sqs:SendMessage", "s3:PutObject", "ssm:GetParameter")
    }


def test_pages_may_read_and_tell_the_line_and_write_nothing() -> None:
    """Law 10, as the account sees it: whatever a page is asked, it cannot change a customer by itself."""
    assert actions_of("ServePages") == {"dynamodb:Query", "dynamodb:GetItem", "sqs:SendMessage", "ssm:GetParameter"}


def test_a_wake_may_join_both_lanes_and_be_kept_where_it_is_lost() -> None:
    (policy,) = of_type("AWS::IAM::Role")["ScheduleRole"]["Policies"]
    statement, _ = policy["PolicyDocument"]["Statement"]
    targets = {resource["Fn::GetAtt"][0] for resource in statement["Resource"]}
    assert (statement["Action"], targets) == ("sqs:SendMessage", {*LANES, "LostWakes"})
    assert "FifoQueue" not in of_type(QUEUE)["LostWakes"], "Scheduler's dead letters go to standard queues only"


# --- the line ---


@pytest.mark.parametrize("queue", FIFO)
def test_a_queue_keeps_each_customer_in_order_and_drops_what_comes_twice(queue: str) -> None:
    assert FIFO[queue]["ContentBasedDeduplication"] is True
    assert FIFO[queue]["DeduplicationScope"] == "messageGroup"
    assert FIFO[queue]["FifoThroughputLimit"] == "perMessageGroupId"


@pytest.mark.parametrize("queue", of_type(QUEUE))
def test_what_waits_in_a_queue_is_encrypted_and_waits_for_a_fortnight(queue: str) -> None:
    properties = of_type(QUEUE)[queue]
    assert properties["MessageRetentionPeriod"] == 1_209_600
    assert properties["SqsManagedSseEnabled"] == {"Fn::If": ["HasKey", {"Ref": "AWS::NoValue"}, True]}


@pytest.mark.parametrize("lane", LANES)
def test_a_lane_gives_a_dying_function_time_and_then_sets_its_event_aside(lane: str) -> None:
    assert FIFO[lane]["VisibilityTimeout"] >= 6 * FUNCTIONS["AdvanceCustomer"]["Timeout"]
    redrive = FIFO[lane]["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    assert redrive["maxReceiveCount"] == lines.MOST_RECEIVES, "the simulation is as patient as the template"
    assert timedelta(seconds=FIFO[lane]["VisibilityTimeout"]) == lines.VISIBILITY
    assert timedelta(hours=1) <= lines.MOST_RECEIVES * lines.VISIBILITY, "a shorter outage is waited out"
    assert "DeadLetters" in FIFO, "the dead letters of a FIFO queue go to a FIFO queue"


def test_events_are_handled_one_by_one_from_both_lanes() -> None:
    sources = [event["Properties"] for event in FUNCTIONS["AdvanceCustomer"]["Events"].values()]
    assert {source["Queue"]["Fn::GetAtt"][0] for source in sources} == set(LANES)
    for source in sources:
        assert (source["BatchSize"], source["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])
        assert source["ScalingConfig"]["MaximumConcurrency"] >= 2


def test_a_provider_is_given_up_before_lambda_gives_up_the_function() -> None:
    config: Any = ONCE
    assert config.connect_timeout + config.read_timeout < FUNCTIONS["AdvanceCustomer"]["Timeout"]


# --- state ---


def test_the_table_has_the_keys_that_the_adapters_write() -> None:
    properties = of_type("AWS::DynamoDB::Table")["Table"]
    assert [key["AttributeName"] for key in properties["KeySchema"]] == ["pk", "sk"]
    (index,) = properties["GlobalSecondaryIndexes"]
    assert index["IndexName"] == table.INDEX
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["due", "due_at"]
    assert index["Projection"] == {"ProjectionType": "KEYS_ONLY"}


@pytest.mark.parametrize("resource", ["Table", "Bucket"])
def test_state_outlives_its_stack(resource: str) -> None:
    entry = template()["Resources"][resource]
    assert (entry["DeletionPolicy"], entry["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_table_can_be_taken_back_to_any_second() -> None:
    properties = of_type("AWS::DynamoDB::Table")["Table"]
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


def test_the_table_is_deleted_by_nobody_unless_told_otherwise() -> None:
    assert template()["Parameters"]["ProtectTable"]["Default"] == "true"
    protected = of_type("AWS::DynamoDB::Table")["Table"]["DeletionProtectionEnabled"]
    assert protected == {"Fn::If": ["ProtectsTable", True, False]}


def test_bodies_outlast_whatever_points_to_them() -> None:
    rules = of_type("AWS::S3::Bucket")["Bucket"]["LifecycleConfiguration"]["Rules"]
    days = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if rule["Status"] == "Enabled"}
    assert days.keys() == {"events/", "parked/"}, "adapters write under these two"
    assert days["events/"] >= 2 * 14, "a message waits for a fortnight, and again among the dead letters"
    assert days["parked/"] > 30, "a legal request is answered within 30 days"


def test_a_wake_that_cannot_be_sent_is_lost_within_the_hour_and_not_the_day() -> None:
    assert (scheduler.RETRIES, scheduler.OLDEST) == (20, 3600)


# --- the sweep ---


def test_the_sweep_comes_every_hour_and_has_time_for_its_run() -> None:
    (event,) = FUNCTIONS["SweepOverdue"]["Events"].values()
    assert (event["Type"], event["Properties"]["Schedule"]) == ("Schedule", "rate(1 hour)")
    assert timedelta(seconds=FUNCTIONS["SweepOverdue"]["Timeout"]) > sweeping.MOST_TIME


def test_the_sweep_may_read_what_is_due_and_put_it_off_and_send_nothing_to_anybody() -> None:
    assert actions_of("SweepOverdue") == {
        *("dynamodb:Query", "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"),
        *("sqs:SendMessage", "s3:PutObject"),
    }


def test_a_run_that_erases_has_time_to_end_what_it_is_at() -> None:
    assert timedelta(seconds=FUNCTIONS["AdvanceCustomer"]["Timeout"]) >= 2 * forgetting.MOST_TIME


def test_an_erasure_may_list_what_is_parked_and_delete_bodies_that_are_and_no_others() -> None:
    rights = {str(statement["Action"]): statement["Resource"] for statement in statements_of("AdvanceCustomer")}
    assert rights["dynamodb:Query"] == {"Fn::Sub": "${Table.Arn}/index/" + table.INDEX}
    assert rights["s3:DeleteObject"]["Fn::Sub"] == "${Bucket.Arn}/parked/*"
    assert "s3:DeleteObject" not in actions_of("ReceiveWebhook") | actions_of("SweepOverdue")
