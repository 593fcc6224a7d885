"""What comes back gets in: SES to SNS to a queue to record_feedback; each hands on to the next and to nobody else."""

import json
import re
from datetime import timedelta
from typing import Any

from perennial.adapters.opted_out import TASK
from perennial.machines import SETTLED
from perennial.ses_reports import PARTS
from tests.adapters.cloud import template
from tests.infra.stack import FUNCTION, QUEUE, actions_of, of_type

RESOURCES = template()["Resources"]
FUNCTION_OF = of_type(FUNCTION)["RecordFeedback"]
EVENTS = FUNCTION_OF["Events"]


def _at(logical: str) -> Any:
    return {"Fn::GetAtt": [logical, "Arn"]}


def _statement(logical: str) -> dict[str, Any]:
    (statement,) = RESOURCES[logical]["Properties"]["PolicyDocument"]["Statement"]
    found: dict[str, Any] = statement
    return found


def test_ses_reports_all_that_is_read_and_nothing_else() -> None:
    destination = RESOURCES["Feedback"]["Properties"]["EventDestination"]
    told = {re.sub("[^a-z]", "", kind.lower()) for kind in destination["MatchingEventTypes"]}
    assert told == {re.sub("[^a-z]", "", type_.lower()) for type_ in PARTS}
    assert destination["SnsDestination"] == {"TopicARN": {"Ref": "FeedbackTopic"}}
    assert destination["Enabled"] is True


def test_a_complaint_keeps_nothing_back_that_the_gates_let_pass() -> None:
    """What SES suppresses it reports as a bounce for good: the address would be dead to order mail, too."""
    options = RESOURCES["ConfigurationSet"]["Properties"]["SuppressionOptions"]
    assert options == {"SuppressedReasons": ["BOUNCE"]}


def test_only_the_stores_own_configuration_set_may_publish_reports() -> None:
    statement = _statement("FeedbackTopicPolicy")
    assert (statement["Principal"], statement["Action"]) == ({"Service": "ses.amazonaws.com"}, "sns:Publish")
    equals = statement["Condition"]["StringEquals"]
    assert equals["aws:SourceAccount"] == {"Ref": "AWS::AccountId"}
    assert "configuration-set/${ConfigurationSet}" in equals["aws:SourceArn"]["Fn::Sub"]


def test_only_the_topic_may_fill_the_queue_and_what_it_cannot_deliver_is_kept() -> None:
    statement = _statement("FeedbackQueuePolicy")
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Resource"] == [_at("FeedbackQueue"), _at("FeedbackDeadLetters")]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": "FeedbackTopic"}}}
    subscription = RESOURCES["FeedbackSubscription"]["Properties"]
    assert (subscription["Endpoint"], subscription["RawMessageDelivery"]) == (_at("FeedbackQueue"), True)
    assert subscription["RedrivePolicy"] == {"deadLetterTargetArn": _at("FeedbackDeadLetters")}


def test_a_report_that_fails_is_set_aside_after_an_hour_and_its_neighbours_go_on() -> None:
    queue = of_type(QUEUE)["FeedbackQueue"]
    window = EVENTS["Reports"]["Properties"]["MaximumBatchingWindowInSeconds"]
    assert queue["VisibilityTimeout"] >= 6 * FUNCTION_OF["Timeout"] + window
    redrive = queue["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == _at("FeedbackDeadLetters")
    tries = redrive["maxReceiveCount"] - 1  # a click is received once more, to be judged
    assert timedelta(seconds=tries * queue["VisibilityTimeout"]) >= timedelta(hours=1), "a shorter outage is waited out"
    assert EVENTS["Reports"]["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "FifoQueue" not in queue, "SNS delivers to a FIFO queue only from a FIFO topic, and SES publishes to none"


def test_a_click_that_has_to_wait_comes_back_when_it_can_be_judged() -> None:
    assert timedelta(seconds=of_type(QUEUE)["FeedbackQueue"]["VisibilityTimeout"]) > SETTLED


def test_log_lines_that_cannot_be_recorded_are_kept() -> None:
    """CloudWatch Logs calls once and looks away: nothing but Lambda itself can keep what fails."""
    config = FUNCTION_OF["EventInvokeConfig"]
    assert config["DestinationConfig"]["OnFailure"] == {"Type": "SQS", "Destination": _at("FeedbackDeadLetters")}


def test_opted_out_numbers_are_read_every_day() -> None:
    daily = EVENTS["Daily"]["Properties"]
    assert (EVENTS["Daily"]["Type"], daily["Schedule"]) == ("Schedule", "rate(1 day)")
    assert json.loads(daily["Input"]) == TASK


def test_the_log_of_texts_is_left_alone_unless_it_is_asked_for() -> None:
    assert template()["Parameters"]["TextReports"]["Default"] == "none"
    for name, entry in RESOURCES.items():
        if "TextLogs" in name or "TextFailureLogs" in name:
            assert entry["Condition"] in ("MakesTextLogs", "ReadsTextLogs"), name


def test_both_logs_of_texts_lead_to_the_function() -> None:
    for name in ("TextLogs", "TextFailureLogs"):
        filter_ = RESOURCES[f"{name}Subscription"]["Properties"]
        assert filter_["DestinationArn"] == _at("RecordFeedback")
        made, there = filter_["LogGroupName"]["Fn::If"][1:]
        assert (made, there) == ({"Ref": name}, RESOURCES[name]["Properties"]["LogGroupName"])
    permission = RESOURCES["TextLogsPermission"]["Properties"]
    assert permission["Principal"] == "logs.amazonaws.com"
    assert permission["SourceArn"]["Fn::Sub"].endswith("log-group:sns/${AWS::Region}/${AWS::AccountId}/*")


def test_what_records_reports_may_send_nothing_and_read_no_customer() -> None:
    assert actions_of("RecordFeedback") == {
        "dynamodb:UpdateItem",
        "dynamodb:PutItem",
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "sqs:SendMessage",
        "s3:PutObject",
        "sns:ListPhoneNumbersOptedOut",
        "ssm:GetParameter",
    }
