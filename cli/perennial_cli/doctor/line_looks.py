"""Asks the stack's own resources what the rules of the line want to know. Nothing here changes anything."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from perennial.adapters.items import unpack
from perennial.adapters.overdue import DynamoOverdue
from perennial.adapters.parking import DynamoParking
from perennial.adapters.pausing import DynamoPauses
from perennial.adapters.reading import bundle_of
from perennial.adapters.s3 import S3Bodies
from perennial.customer import schedule_name
from perennial.ports import Late
from perennial.receipts import ACCOUNT
from perennial.sweeping import LATE
from perennial_cli.doctor import line_rules
from perennial_cli.doctor.findings import Finding
from perennial_cli.doctor.place import Place

MOST = 160
"""Wakes that are looked at in each store: a few seconds of calls."""

SOON, AHEAD = timedelta(minutes=5), timedelta(days=1)
"""Wakes between these must have a schedule; one that is due sooner may be ringing."""

QUEUES = ("DeadLetters", "LostWakes", "FeedbackDeadLetters")
READERS = {"UrgentQueue": "AdvanceCustomer", "PatientQueue": "AdvanceCustomer", "FeedbackQueue": "RecordFeedback"}


def secrets(place: Place) -> Iterator[Finding]:
    """Only whether they are there: their values are nobody's business here, and are never asked for."""
    prefix = place.parameters.get("Parameters", "/perennial")
    option = "" if prefix == "/perennial" else f" --parameters {prefix}"
    name = f"{prefix}/keys"
    yield from line_rules.secret(name, _kind(place, name), f"perennial keys{option}")
    for store in place.content.stores.values():
        for platform in store.platforms:
            name = f"{prefix}/webhooks/{store.store}/{platform}"
            command = f"perennial secret {store.store} {platform}{option}"
            yield from line_rules.secret(name, _kind(place, name), command)


def _kind(place: Place, name: str) -> str | None:
    client = place.client("ssm")
    try:
        return str(client.get_parameter(Name=name, WithDecryption=False)["Parameter"]["Type"])
    except client.exceptions.ParameterNotFound:
        return None


def dead_letters(place: Place) -> Iterator[Finding]:
    for queue in QUEUES:
        asked = ["QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = place.client("sqs").get_queue_attributes(QueueUrl=place.named(queue), AttributeNames=asked)
        found = told["Attributes"]
        count = sum(int(found[name]) for name in asked[1:])
        yield from line_rules.dead_letters(queue, found["QueueArn"], count)


def parked(place: Place) -> Iterator[Finding]:
    bodies = S3Bodies(place.resources.get("Bucket", ""), lambda: place.client("s3"))
    parking = DynamoParking(place.client("dynamodb"), place.named("Table"), bodies)
    for store in (*sorted(place.content.stores), ACCOUNT):
        loud = [entry.parked_at for entry in parking.parked(store) if entry.kind != "newcomer"]
        yield from line_rules.parked(store, loud, place.now)


def pauses(place: Place) -> Iterator[Finding]:
    book = DynamoPauses(place.client("dynamodb"), place.named("Table"), lambda: place.now)
    for store in sorted(place.content.stores):
        yield from line_rules.paused(store, [str(found) for found in book.paused(store) if found.scope != "lost"])


def overdue(place: Place) -> Iterator[Finding]:
    book = DynamoOverdue(place.client("dynamodb"), place.named("Table"))
    for store in sorted(place.content.stores):
        late = [one.at for one in book.find(store, "wake", place.now - LATE, MOST)]
        yield from line_rules.overdue(store, late, place.now, MOST)


def schedules(place: Place) -> Iterator[Finding]:
    group = place.named("ScheduleGroup")
    state = _group_state(place, group)
    yield from line_rules.schedule_group(group, state)
    if state is None:
        return
    book = DynamoOverdue(place.client("dynamodb"), place.named("Table"))
    for store in sorted(place.content.stores):
        coming = [one for one in book.find(store, "wake", place.now + AHEAD, MOST) if one.at > place.now + SOON]
        yield from line_rules.schedules(store, [_armed(place, group, one) for one in coming])


def _group_state(place: Place, group: str) -> str | None:
    client = place.client("scheduler")
    try:
        return str(client.get_schedule_group(Name=group)["State"])
    except client.exceptions.ResourceNotFoundException:
        return None


def _armed(place: Place, group: str, coming: Late) -> line_rules.Armed:
    pk, sk = coming.place
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    answer = place.client("dynamodb").get_item(TableName=place.named("Table"), Key=key, ConsistentRead=True)
    profile = bundle_of(unpack(answer["Item"])).profile
    number = profile.wake.n if profile.wake else 0
    client = place.client("scheduler")
    try:
        name = schedule_name(profile.customer, profile.epoch, number)
        found: Any = client.get_schedule(GroupName=group, Name=name)
    except client.exceptions.ResourceNotFoundException:
        return line_rules.Armed(coming.at, None)
    return line_rules.Armed(coming.at, found["State"])


def webhooks(place: Place) -> Iterator[Finding]:
    told = place.client("cloudwatch").get_metric_statistics(
        Namespace=place.metrics,
        MetricName="WebhookQueued",
        Dimensions=[{"Name": "service", "Value": "receive_webhook"}],
        StartTime=place.now - line_rules.WATCHED,
        EndTime=place.now,
        Period=3600,
        Statistics=["Sum"],
    )
    busy = [point["Timestamp"] for point in told["Datapoints"] if point["Sum"] > 0]
    yield from line_rules.silence(busy, place.now)


def alarms(place: Place) -> Iterator[Finding]:
    topic = place.parameters.get("AlarmTopic") or None
    confirmed = 0
    if topic:
        pages = place.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
        arns = [entry["SubscriptionArn"] for page in pages for entry in page["Subscriptions"]]
        confirmed = sum(arn.startswith("arn:") for arn in arns)
    yield from line_rules.alarm_topic(topic, confirmed)
    own = set(place.resources.values())
    pages = place.client("cloudwatch").get_paginator("describe_alarms").paginate(StateValue="ALARM")
    ringing = [alarm for page in pages for alarm in page["MetricAlarms"] if alarm["AlarmName"] in own]
    yield from line_rules.ringing({alarm["AlarmName"]: alarm.get("AlarmDescription", "") for alarm in ringing})


def queues(place: Place) -> Iterator[Finding]:
    """Asked by queue: a function may read it under an alias, which asking by the function's name would not find."""
    for queue, function in READERS.items():
        asked = {"QueueUrl": place.named(queue), "AttributeNames": ["QueueArn"]}
        arn = place.client("sqs").get_queue_attributes(**asked)["Attributes"]["QueueArn"]
        pages = place.client("lambda").get_paginator("list_event_source_mappings").paginate(EventSourceArn=arn)
        states = [entry["State"] for page in pages for entry in page["EventSourceMappings"]]
        yield from line_rules.feeding(function, queue, states)


def table(place: Place) -> Iterator[Finding]:
    client, name = place.client("dynamodb"), place.named("Table")
    backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus", "DISABLED")
    ttl = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"]
    yield from line_rules.table(recovery, ttl)
