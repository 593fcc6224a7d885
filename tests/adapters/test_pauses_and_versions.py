"""Pauses, kept journey versions and large bodies."""

from datetime import timedelta

import pytest

from perennial.adapters.items import pack
from perennial.adapters.pausing import DynamoPauses
from perennial.adapters.versions import DynamoVersions
from perennial.errors import Misconfigured, RuleFailed, Unavailable
from perennial.journeys import Journey, version_of
from perennial.pauses import Pause
from tests.adapters.cloud import BUCKET, TABLE, Cloud, calls, client, fault
from tests.adapters.people import STORE
from tests.adapters.worlds import World

WHOLE_STORE, REVIEWS = Pause("store"), Pause("message", "review-request")
A_MOMENT = timedelta(seconds=31)
JOURNEY = Journey.model_validate(
    {
        "journey": "care",
        "about": "From the order to the first weeks — é.",
        "enrol": {"on": "order.placed", "when": "'kettle' in order.categories"},
        "anchors": {"arrival": "order.delivered or order.shipped + 9 days"},
        "patience": "90 days",
        "touches": [
            {"touch": "thanks", "after": "order.placed", "message": "thanks"},
            {
                "touch": "tips",
                "after": "arrival + 3 days",
                "at": "10:00",
                "message": "tips",
                "hold while": "order.late",
            },
        ],
    }
)


# --- pauses ---


def test_nothing_is_paused_at_first(world: World) -> None:
    assert world.pauses.paused(STORE) == frozenset()


def test_pauses_last_until_they_are_lifted(world: World) -> None:
    for pause in (WHOLE_STORE, REVIEWS, Pause("journey", "care"), Pause("class", "marketing")):
        world.pauses.pause(STORE, pause)
    world.pauses.pause(STORE, REVIEWS)
    world.pauses.resume(STORE, Pause("journey", "care"))
    world.pauses.resume(STORE, Pause("journey", "never paused"))
    assert world.pauses.paused(STORE) == {WHOLE_STORE, REVIEWS, Pause("class", "marketing")}
    assert world.pauses.paused("other") == frozenset()


def test_who_switches_sees_it_at_once(world: World) -> None:
    assert world.pauses.paused(STORE) == frozenset()
    world.pauses.pause(STORE, REVIEWS)
    assert world.pauses.paused(STORE) == {REVIEWS}
    world.pauses.resume(STORE, REVIEWS)
    assert world.pauses.paused(STORE) == frozenset()


def test_other_processes_see_a_switch_within_half_a_minute(aws: World) -> None:
    elsewhere = DynamoPauses(client("dynamodb"), TABLE, aws.clock)
    assert elsewhere.paused(STORE) == frozenset()
    aws.pauses.pause(STORE, REVIEWS)
    aws.clock.move(seconds=30)
    assert elsewhere.paused(STORE) == frozenset()
    aws.clock.move(seconds=1)
    assert elsewhere.paused(STORE) == {REVIEWS}


def test_pauses_are_asked_for_once_in_half_a_minute_and_store(aws: World) -> None:
    with calls(client("dynamodb")) as asked:
        for _ in range(3):
            aws.pauses.paused(STORE)
            aws.pauses.paused("other")
            aws.clock.move(seconds=14)
        aws.clock.move(seconds=14)
        aws.pauses.paused(STORE)
    assert [operation for operation, _ in asked] == ["Query"] * 3


def test_a_clock_that_is_put_back_does_not_keep_old_pauses_alive(aws: World) -> None:
    elsewhere = DynamoPauses(client("dynamodb"), TABLE, aws.clock)
    elsewhere.paused(STORE)
    aws.pauses.pause(STORE, REVIEWS)
    aws.clock.move(hours=-5)
    assert elsewhere.paused(STORE) == {REVIEWS}


def test_pauses_that_cannot_be_read_are_not_taken_for_none(aws: World) -> None:
    with fault(client("dynamodb"), "Query", "ThrottlingException"), pytest.raises(Unavailable):
        aws.pauses.paused(STORE)


# --- journey versions ---


def test_a_version_that_was_kept_is_found_by_its_hash(world: World) -> None:
    world.versions.keep(STORE, JOURNEY)
    found = world.versions.find(STORE, version_of(JOURNEY))
    assert found == JOURNEY
    assert version_of(JOURNEY) == version_of(found or JOURNEY)


def test_a_version_is_read_back_as_it_was_by_another_process(aws: World) -> None:
    aws.versions.keep(STORE, JOURNEY)
    found = DynamoVersions(client("dynamodb"), TABLE).find(STORE, version_of(JOURNEY))
    assert found is not None
    assert (found, version_of(found)) == (JOURNEY, version_of(JOURNEY))


def test_a_version_that_nobody_kept_is_not_found(world: World) -> None:
    world.versions.keep(STORE, JOURNEY)
    other = JOURNEY.model_copy(update={"priority": 1})
    assert world.versions.find(STORE, version_of(other)) is None
    assert world.versions.find("other", version_of(JOURNEY)) is None


def test_two_versions_of_a_journey_are_kept_side_by_side(world: World) -> None:
    newer = JOURNEY.model_copy(update={"priority": 1})
    for journey in (JOURNEY, newer, JOURNEY):
        world.versions.keep(STORE, journey)
    assert world.versions.find(STORE, version_of(JOURNEY)) == JOURNEY
    assert world.versions.find(STORE, version_of(newer)) == newer


def test_a_version_is_kept_for_each_store_that_needs_it(aws: World) -> None:
    for store in (STORE, "other"):
        aws.versions.keep(store, JOURNEY)
    elsewhere = DynamoVersions(client("dynamodb"), TABLE)
    assert elsewhere.find("other", version_of(JOURNEY)) == elsewhere.find(STORE, version_of(JOURNEY)) == JOURNEY


def test_a_process_keeps_and_finds_each_version_once(aws: World) -> None:
    with calls(client("dynamodb")) as asked:
        for _ in range(3):
            aws.versions.keep(STORE, JOURNEY)
            aws.versions.find(STORE, version_of(JOURNEY))
    assert [operation for operation, _ in asked] == ["PutItem"]
    elsewhere = DynamoVersions(client("dynamodb"), TABLE)
    with calls(client("dynamodb")) as asked:
        for _ in range(3):
            elsewhere.find(STORE, version_of(JOURNEY))
            elsewhere.keep(STORE, JOURNEY)
    assert [operation for operation, _ in asked] == ["GetItem"]


def test_a_version_is_found_the_moment_after_it_was_kept(aws: World) -> None:
    with calls(client("dynamodb")) as asked:
        aws.versions.find(STORE, version_of(JOURNEY))
    assert asked[0][1]["ConsistentRead"] is True


def test_a_version_that_could_not_be_kept_is_kept_the_next_time(aws: World) -> None:
    with fault(client("dynamodb"), "PutItem", "ThrottlingException"), pytest.raises(Unavailable):
        aws.versions.keep(STORE, JOURNEY)
    aws.versions.keep(STORE, JOURNEY)
    assert DynamoVersions(client("dynamodb"), TABLE).find(STORE, version_of(JOURNEY)) == JOURNEY


def test_a_version_that_this_release_refuses_fails_as_a_rule_and_not_as_an_outage(aws: World) -> None:
    aws.versions.keep(STORE, JOURNEY)
    client("dynamodb").update_item(
        TableName=TABLE,
        Key=pack({"pk": "demo#J", "sk": version_of(JOURNEY)}),
        UpdateExpression="SET doc = :doc",
        ExpressionAttributeValues=pack({":doc": '{"journey": "care", "said": "before"}'}),
    )
    with pytest.raises(RuleFailed, match=version_of(JOURNEY)):
        DynamoVersions(client("dynamodb"), TABLE).find(STORE, version_of(JOURNEY))


# --- bodies ---


def test_a_body_is_fetched_as_it_was_kept(world: World) -> None:
    world.bodies.keep("events/demo/shopify:orders/create:1", '{"title":"Kessel für Æther €"}')
    assert world.bodies.fetch("events/demo/shopify:orders/create:1") == '{"title":"Kessel für Æther €"}'


def test_a_body_that_nobody_kept_is_not_there(world: World) -> None:
    assert world.bodies.fetch("events/demo/never") is None


def test_of_two_bodies_under_one_key_the_newer_is_fetched(world: World) -> None:
    for body in ("old", "new"):
        world.bodies.keep("k", body)
    assert world.bodies.fetch("k") == "new"


def test_a_body_that_cannot_be_reached_is_not_taken_for_gone(cloud: Cloud) -> None:
    for code, raised in (("SlowDown", Unavailable), ("AccessDenied", Misconfigured), ("NoSuchBucket", Misconfigured)):
        with fault(client("s3"), "GetObject", code, 503 if code == "SlowDown" else 403), pytest.raises(raised):
            cloud.bodies.fetch("k")
        with fault(client("s3"), "PutObject", code, 503 if code == "SlowDown" else 403), pytest.raises(raised):
            cloud.bodies.keep("k", "body")


def test_what_s3_hides_from_a_role_that_may_not_list_is_named_with_both_causes(cloud: Cloud) -> None:
    """The functions have no s3:ListBucket: S3 answers a missing key with 403, as if it were forbidden."""
    with (
        fault(client("s3"), "GetObject", "AccessDenied", 403),
        pytest.raises(Misconfigured, match="events/demo/1 is gone from the bucket, or this role may not read it"),
    ):
        cloud.bodies.fetch("events/demo/1")


def test_a_body_is_kept_as_json(cloud: Cloud) -> None:
    cloud.bodies.keep("k", "{}")
    assert client("s3").head_object(Bucket=BUCKET, Key="k")["ContentType"] == "application/json"
