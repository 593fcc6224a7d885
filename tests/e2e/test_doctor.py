"""perennial doctor: a healthy stack has no finding, and each planted fault is found."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from perennial.errors import Misconfigured
from perennial.identity import Alias
from perennial.pauses import Pause
from perennial.platforms import platform
from perennial.ports import Parked
from perennial_cli.cloud import Cloud
from perennial_cli.cloud_resources import REGION, STACK
from perennial_cli.cloud_secrets import webhook_secret
from perennial_cli.demo_order import story
from perennial_cli.doctor import place as places
from perennial_cli.doctor.examining import LOOKS, examine
from perennial_cli.doctor.findings import Finding
from perennial_cli.doctor.line_looks import READERS
from perennial_cli.doctor.place import Place, deployed, embedded
from tests.e2e.conftest import ROOT, TEMPLATES, Command, compiled
from tests.e2e.shop import PLACED, line, order
from tests.unit.core.builders import consented

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
EVENTS = ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "OPEN", "CLICK", "RENDERING_FAILURE", "DELIVERY_DELAY"]


@dataclass
class World:
    """A healthy stack on moto. `answers` are what SES says where moto knows nothing, `refused` what one may not ask."""

    cloud: Cloud
    place: Place
    answers: dict[str, Any]
    refused: set[str]
    topic: str

    def found(self) -> list[Finding]:
        return list(examine(self.place))

    def client(self, service: str) -> Any:
        return self.cloud.admin(service)


@pytest.fixture
def world(tmp_path: Path, _read_once: None) -> Iterator[World]:
    with Cloud.open(compiled(Path(TEMPLATES)), ROOT, START, tmp_path) as cloud:
        _order(cloud)
        answers, refused = _ses(cloud.resources.attribute("FeedbackTopic", "Ref")), set[str]()
        topic = _alarm_topic(cloud)
        _feed(cloud)
        table = cloud.resources.attribute("Table", "Ref")
        _keep(cloud, table)
        client = _clients(answers, refused)
        wake = cloud.next_wake()
        assert wake is not None
        now = wake - timedelta(hours=1)
        _metrics(cloud, [now - timedelta(hours=hours) for hours in range(1, 300, 5)])
        base = embedded(cloud)
        parameters = {**base.parameters, "AlarmTopic": topic}
        place = replace(base, name="shop", now=now, client=client, parameters=parameters, embedded=False)
        yield World(cloud, place, answers, refused, topic)


def _order(cloud: Cloud) -> None:
    """One customer, whose next wake has its schedule."""
    store = cloud.content.stores["demo"]
    line = next(told.line for told in story(store, START) if told.words == "order placed")
    secret = webhook_secret("demo", line.platform)
    headers = platform(line.platform).sign(line.headers, line.bytes, secret, cloud.now)
    assert cloud.post("/webhooks/shopify/demo", headers, line.bytes).status == 200
    cloud.settle()


def _ses(topic: str) -> dict[str, Any]:
    identity = {
        "VerifiedForSendingStatus": True,
        "VerificationStatus": "SUCCESS",
        "DkimAttributes": {
            "SigningEnabled": True, "Status": "SUCCESS", "CurrentSigningKeyLength": "RSA_2048_BIT"
        },
        "MailFromAttributes": {
            "MailFromDomain": "bounce.ovenbird.example",
            "MailFromDomainStatus": "SUCCESS",
            "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
        },
    }  # fmt: skip
    account = {
        "ProductionAccessEnabled": True,
        "SendingEnabled": True,
        "EnforcementStatus": "HEALTHY",
        "SendQuota": {"Max24HourSend": 50_000.0, "SentLast24Hours": 900.0, "MaxSendRate": 14.0},
        "PricingAttributes": {"CurrentPlan": "NONE"},
    }
    destination = {"Name": "feedback", "Enabled": True, "MatchingEventTypes": EVENTS}
    destinations = {"EventDestinations": [{**destination, "SnsDestination": {"TopicArn": topic}}]}
    return {
        "GetEmailIdentity": identity,
        "GetConfigurationSet": {
            "SendingOptions": {"SendingEnabled": True},
            "SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]},
        },
        "GetAccount": account,
        "GetConfigurationSetEventDestinations": destinations,
    }


def _clients(answers: dict[str, Any], refused: set[str]) -> Callable[[str], Any]:
    session = boto3.Session(region_name=REGION)

    def answer(model: Any, **_: Any) -> Any:
        response = AWSResponse("https://aws.example", 200, HTTPHeaders(), None)
        if model.name in refused:
            response.status_code = 403
            return response, {"Error": {"Code": "AccessDeniedException", "Message": "no"}, "ResponseMetadata": {}}
        return (response, answers[model.name]) if model.name in answers else None

    session.events.register("before-call.*.*", answer)
    return cache(lambda service: session.client(service))


def _alarm_topic(cloud: Cloud) -> str:
    topic: str = cloud.admin("sns").create_topic(Name="wake-somebody")["TopicArn"]
    queue = cloud.admin("sqs").create_queue(QueueName="pager")["QueueUrl"]
    arn = cloud.admin("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    cloud.admin("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic


def _feed(cloud: Cloud) -> None:
    role = cloud.resources.attribute("ScheduleRole", "Arn")
    functions = cloud.admin("lambda")
    for name in ("AdvanceCustomer", "RecordFeedback"):
        functions.create_function(
            FunctionName=name, Role=role, Runtime="python3.13", Handler="app.handler", Code={"ZipFile": b"none"}
        )
    for queue, name in READERS.items():
        arn = cloud.resources.attribute(queue, "Arn")
        functions.create_event_source_mapping(FunctionName=name, EventSourceArn=arn, Enabled=True)


def _keep(cloud: Cloud, table: str) -> None:
    tables = cloud.admin("dynamodb")
    tables.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    tables.update_time_to_live(TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})


def _metrics(cloud: Cloud, moments: list[datetime]) -> None:
    data = [
        {
            "MetricName": "WebhookQueued",
            "Dimensions": [{"Name": "service", "Value": "receive_webhook"}],
            "Timestamp": moment,
            "Value": 3,
        }
        for moment in moments
    ]
    cloud.admin("cloudwatch").put_metric_data(Namespace="Perennial/shop", MetricData=data)


def test_a_healthy_stack_has_no_finding(world: World) -> None:
    assert world.found() == []


def test_what_waits_for_people_who_never_bought_is_no_finding(world: World) -> None:
    said = consented("Given", world.place.now - timedelta(days=9), contact={"customer_id": "900"})
    with world.cloud.receiving() as outside:
        outside.directory.owner_or_park("demo", Alias("customer", "900"), said, said.occurred_at)
    assert world.found() == []


def _unverified(world: World) -> None:
    world.answers["GetEmailIdentity"] |= {"VerifiedForSendingStatus": False, "VerificationStatus": "PENDING"}


def _unknown(world: World) -> None:
    del world.answers["GetEmailIdentity"]
    world.client("sesv2").delete_email_identity(EmailIdentity="ovenbird.example")


def _unsigned(world: World) -> None:
    world.answers["GetEmailIdentity"]["DkimAttributes"] = {"SigningEnabled": True, "Status": "FAILED"}


def _weakly_signed(world: World) -> None:
    world.answers["GetEmailIdentity"]["DkimAttributes"]["CurrentSigningKeyLength"] = "RSA_1024_BIT"


def _no_mail_from(world: World) -> None:
    world.answers["GetEmailIdentity"]["MailFromAttributes"] = {}


def _mail_from_failed(world: World) -> None:
    world.answers["GetEmailIdentity"]["MailFromAttributes"] |= {
        "MailFromDomainStatus": "FAILED", "BehaviorOnMxFailure": "REJECT_MESSAGE"
    }  # fmt: skip


def _sandbox(world: World) -> None:
    world.answers["GetAccount"]["ProductionAccessEnabled"] = False


def _under_review(world: World) -> None:
    world.answers["GetAccount"]["EnforcementStatus"] = "PROBATION"


def _stopped(world: World) -> None:
    world.answers["GetAccount"]["SendingEnabled"] = False


def _quota_used_up(world: World) -> None:
    world.answers["GetAccount"]["SendQuota"]["SentLast24Hours"] = 48_000.0


def _slow(world: World) -> None:
    world.answers["GetAccount"]["SendQuota"]["MaxSendRate"] = 1.0


def _dear_plan(world: World) -> None:
    world.answers["GetAccount"]["PricingAttributes"]["CurrentPlan"] = "ESSENTIALS"


def _no_bounces(world: World) -> None:
    (one,) = world.answers["GetConfigurationSetEventDestinations"]["EventDestinations"]
    one["MatchingEventTypes"] = [name for name in EVENTS if name != "BOUNCE"]


def _destination_off(world: World) -> None:
    (one,) = world.answers["GetConfigurationSetEventDestinations"]["EventDestinations"]
    one["Enabled"] = False


def _unsubscribed(world: World) -> None:
    topic = world.cloud.resources.attribute("FeedbackTopic", "Ref")
    for entry in world.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
        world.client("sns").unsubscribe(SubscriptionArn=entry["SubscriptionArn"])


def _no_configuration_set(world: World) -> None:
    del world.answers["GetConfigurationSet"]
    name = world.cloud.resources.attribute("ConfigurationSet", "Ref")
    world.client("sesv2").delete_configuration_set(ConfigurationSetName=name)


def _set_switched_off(world: World) -> None:
    world.answers["GetConfigurationSet"]["SendingOptions"]["SendingEnabled"] = False


def _complaints_held_back(world: World) -> None:
    world.answers["GetConfigurationSet"]["SuppressionOptions"] = {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}


def _no_secret(world: World) -> None:
    world.client("ssm").delete_parameter(Name="/perennial/webhooks/demo/shopify")


def _no_keys(world: World) -> None:
    world.client("ssm").delete_parameter(Name="/perennial/keys")


def _open_secret(world: World) -> None:
    name = "/perennial/webhooks/demo/shopify"
    world.client("ssm").delete_parameter(Name=name)
    world.client("ssm").put_parameter(Name=name, Value="{}", Type="String")


def _dead_letter(world: World) -> None:
    url = world.cloud.resources.attribute("DeadLetters", "Ref")
    world.client("sqs").send_message(QueueUrl=url, MessageBody="{}", MessageGroupId="demo:c")


def _paused(world: World) -> None:
    with world.cloud.advancing() as outside:
        outside.pauses.pause("demo", Pause("class", "marketing"))


def _lost_wake(world: World) -> None:
    world.client("sqs").send_message(QueueUrl=world.cloud.resources.attribute("LostWakes", "Ref"), MessageBody="{}")


def _lost_report(world: World) -> None:
    url = world.cloud.resources.attribute("FeedbackDeadLetters", "Ref")
    world.client("sqs").send_message(QueueUrl=url, MessageBody="{}")


def _parked(world: World) -> None:
    entry = Parked("x1", "demo", "body", "unreadable", world.place.now - timedelta(days=3), "{}")
    with world.cloud.receiving() as outside:
        outside.parking.park(entry)


def _overdue(world: World) -> None:
    world.place = replace(world.place, now=world.place.now + timedelta(hours=3))


def _no_schedule(world: World) -> None:
    group = world.cloud.resources.attribute("ScheduleGroup", "Ref")
    for entry in world.client("scheduler").list_schedules(GroupName=group)["Schedules"]:
        world.client("scheduler").delete_schedule(GroupName=group, Name=entry["Name"])


def _no_schedule_group(world: World) -> None:
    world.client("scheduler").delete_schedule_group(Name=world.cloud.resources.attribute("ScheduleGroup", "Ref"))


def _silent(world: World) -> None:
    world.place = replace(world.place, now=world.place.now + timedelta(hours=12))


def _no_alarm_topic(world: World) -> None:
    world.place = replace(world.place, parameters={**world.place.parameters, "AlarmTopic": ""})


def _nobody_listens(world: World) -> None:
    for entry in world.client("sns").list_subscriptions_by_topic(TopicArn=world.topic)["Subscriptions"]:
        world.client("sns").unsubscribe(SubscriptionArn=entry["SubscriptionArn"])


def _rings(world: World) -> None:
    name = world.place.resources["LateWakesAlarm"]
    world.client("cloudwatch").put_metric_alarm(
        AlarmName=name, MetricName="WakePutBack", Namespace="Perennial", Period=60, EvaluationPeriods=1,
        Threshold=0, ComparisonOperator="GreaterThanThreshold", Statistic="Sum",
    )  # fmt: skip
    world.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="planted")


def _not_feeding(world: World) -> None:
    functions = world.client("lambda")
    (mapping,) = functions.list_event_source_mappings(FunctionName="RecordFeedback")["EventSourceMappings"]
    functions.delete_event_source_mapping(UUID=mapping["UUID"])


def _no_recovery(world: World) -> None:
    world.client("dynamodb").update_continuous_backups(
        TableName=world.cloud.resources.attribute("Table", "Ref"),
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )


FAULTS: list[tuple[Callable[[World], None], str, str, str]] = [
    (_paused, "warning", "pauses", "demo: class marketing paused"),
    (_unverified, "error", "sender identity", "ovenbird.example is not verified (PENDING)"),
    (_unknown, "error", "sender identity", "not known to SES"),
    (_unsigned, "error", "DKIM", "FAILED"),
    (_weakly_signed, "warning", "DKIM", "1024"),
    (_no_mail_from, "warning", "MAIL FROM", "no MAIL FROM domain"),
    (_mail_from_failed, "error", "MAIL FROM", "FAILED"),
    (_sandbox, "error", "sandbox", "200 a day"),
    (_under_review, "error", "sending", "PROBATION"),
    (_stopped, "error", "sending", "stopped"),
    (_quota_used_up, "error", "sending quota", "48,000 of 50,000"),
    (_slow, "warning", "sending rate", "2.8 hours"),
    (_dear_plan, "warning", "SES plan", "60 % more"),
    (_no_bounces, "error", "event destinations", "BOUNCE"),
    (_destination_off, "error", "event destinations", "COMPLAINT"),
    (_unsubscribed, "error", "event destinations", "not subscribed"),
    (_no_configuration_set, "error", "configuration set", "there is no"),
    (_set_switched_off, "error", "configuration set", "switched off"),
    (_complaints_held_back, "warning", "configuration set", "order mail too"),
    (_no_secret, "error", "secrets", "/perennial/webhooks/demo/shopify is missing"),
    (_no_keys, "error", "secrets", "/perennial/keys is missing"),
    (_open_secret, "error", "secrets", "is a String"),
    (_dead_letter, "error", "dead letters", "DeadLetters: 1"),
    (_lost_wake, "error", "dead letters", "LostWakes: 1"),
    (_lost_report, "error", "dead letters", "FeedbackDeadLetters: 1"),
    (_parked, "error", "parked", "demo: 1 parked, the oldest 3 days ago"),
    (_overdue, "error", "overdue wakes", "demo: 1 customers"),
    (_no_schedule, "error", "schedules", "1 of 1 wakes of the next day have no schedule"),
    (_no_schedule_group, "error", "schedules", "gone"),
    (_silent, "error", "webhooks", "none came for 13 hours"),
    (_no_alarm_topic, "error", "alarm topic", "alarms tell nobody"),
    (_nobody_listens, "error", "alarm topic", "nobody listens"),
    (_rings, "error", "alarms", "LateWakesAlarm rings"),
    (_not_feeding, "error", "queues", "RecordFeedback does not read"),
    (_no_recovery, "error", "table", "point-in-time"),
]


@pytest.mark.parametrize(("plant", "level", "check", "words"), FAULTS, ids=[fault[0].__name__ for fault in FAULTS])
def test_each_planted_fault_is_found_and_says_what_to_do(
    world: World, plant: Callable[[World], None], level: str, check: str, words: str
) -> None:
    plant(world)
    found = world.found()
    (finding,) = [one for one in found if one.check == check]
    assert finding.level == level
    assert words in finding.what
    assert len(finding.todo) > 10


def test_what_one_may_not_ask_is_a_finding_and_the_other_checks_go_on(world: World) -> None:
    world.refused |= {"GetAccount", "GetParameter", "ListSubscriptionsByTopic"}
    _dead_letter(world)
    found = world.found()
    denied = {one.check: one for one in found if "AccessDenied" in one.what}
    assert denied.keys() == {"SES account", "secrets", "event destinations", "alarms"}
    assert {one.level for one in denied.values()} == {"warning"}
    assert "allow GetParameter" in denied["secrets"].todo
    assert [one.check for one in found if one.level == "error"] == ["dead letters"]


def test_a_stack_of_another_template_is_said_to_be_one(world: World) -> None:
    world.place = replace(world.place, resources={**world.place.resources})
    del world.place.resources["LostWakes"]  # type: ignore[attr-defined]  # a dict of this test's own
    (finding,) = world.found()
    assert "has no LostWakes" in finding.what


def test_a_deployed_stack_is_read_by_its_name(world: World) -> None:
    told = {
        "DescribeStacks": {"Stacks": [{"Parameters": [{"ParameterKey": "AlarmTopic", "ParameterValue": "arn:x"}]}]},
        "ListStackResources": {
            "StackResourceSummaries": [{"LogicalResourceId": "DeadLetters", "PhysicalResourceId": "https://queue"}]
        },
    }
    _cloudformation(lambda operation: told[operation])
    found = deployed("shop", world.cloud.content)
    assert (found.parameters, found.named("DeadLetters")) == ({"AlarmTopic": "arn:x"}, "https://queue")
    assert found.client("sqs").meta.service_model.service_name == "sqs"


def test_a_stack_that_cannot_be_read_is_said_so(world: World) -> None:
    _cloudformation(lambda _: {"Error": {"Code": "ValidationError", "Message": "does not exist"}})
    with pytest.raises(Misconfigured, match="nowhere cannot be read"):
        deployed("nowhere", world.cloud.content)


def _cloudformation(answer: Callable[[str], Any]) -> None:
    """What a stack answers: moto's own cannot be imported without half of its extras."""

    def answered(model: Any, **_: Any) -> Any:
        told = answer(model.name)
        status = 400 if "Error" in told else 200
        return AWSResponse("https://aws.example", status, HTTPHeaders(), None), {**told, "ResponseMetadata": {}}

    assert boto3.DEFAULT_SESSION is not None
    boto3.DEFAULT_SESSION.events.register("before-call.cloudformation.*", answered)


def test_the_embedded_cloud_says_what_it_has_no_notion_of(
    perennial: Command, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = embedded(world.cloud)
    told = list(examine(place))
    assert {finding.level for finding in told} == {"note"}
    assert [finding.check for finding in told] == [look.name for look in LOOKS if not look.embedded]


def test_the_exit_code_is_one_if_there_is_an_error_and_zero_if_not(
    perennial: Command, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "deployed", lambda stack, content: world.place)
    monkeypatch.setattr(places, "read", lambda templates: world.cloud.content)
    assert "shop: nothing is wrong" in perennial("doctor", "--stack", STACK).stdout
    _slow(world)
    assert "1 warning" in perennial("doctor", "--stack", STACK).stdout
    _dead_letter(world)
    told = json.loads(perennial("doctor", "--stack", STACK, "--json", code=1).stdout)
    assert [finding["check"] for finding in told["findings"]] == ["sending rate", "dead letters"]
    assert list(told["findings"][0]) == ["level", "check", "what", "todo"]


def test_without_a_stack_it_looks_at_the_last_replay_as_it_was_left(
    perennial: Command, replay: Callable[..., dict[str, Any]]
) -> None:
    assert "there is no replayed store" in perennial("doctor", "--templates", TEMPLATES, code=2).stderr
    replay([line("orders/create", PLACED, order()), line("carts/exploded", PLACED, {"id": 1})])
    told = json.loads(perennial("doctor", "--json", "--templates", TEMPLATES).stdout)
    assert told["place"] == "the embedded cloud"
    assert [finding["check"] for finding in told["findings"] if finding["level"] == "warning"] == ["parked"]
