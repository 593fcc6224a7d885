"""What pages read is what was committed: in memory and in DynamoDB alike."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from perennial import events, ports
from perennial.adapters.looking import DynamoLooks
from perennial.adapters.memory import MemoryCustomers
from perennial.adapters.memory_looks import MemoryLooks
from perennial.adapters.ssm import AGAIN, SsmLinkKeys
from perennial.customer import stranger
from perennial.errors import Unavailable
from perennial.journeys import version_of
from perennial.visitors import Trace, Visitor, masked
from tests.adapters.cloud import NOON, TABLE, Clock, Cloud, client
from tests.adapters.people import ANNA, BERT, STORE, commit, enrolment, order, touch
from tests.adapters.test_pauses_and_versions import JOURNEY
from tests.adapters.worlds import World

KEYS = {"pepper": "70" * 16, "links": {"current": 1, "keys": {"1": "6b" * 16}}}
TOLD = events.Contact(email="anna@example.com", phone="+44", first_name="Anna", locale="de", time_zone="Europe/Berlin")


@pytest.fixture
def looks(world: World) -> ports.Looks:
    if isinstance(world.customers, MemoryCustomers):
        return MemoryLooks(world.customers.memory)
    return DynamoLooks(client("dynamodb"), TABLE)


def test_nobody_is_known_before_the_first_commit(looks: ports.Looks) -> None:
    assert looks.visitor(STORE, ANNA) is None
    assert looks.trace(STORE, ANNA, "0" * 12) is None
    assert looks.order(STORE, ANNA, "1001") is None
    assert looks.customer(STORE, ANNA) == stranger(STORE, ANNA)


def test_a_visitor_is_what_the_profile_says_of_the_person(world: World, looks: ports.Looks) -> None:
    commit(world.customers, stranger(STORE, ANNA), contact=TOLD, stamps={"email": NOON, "locale": NOON})
    told_at = {"email": NOON}
    assert looks.visitor(STORE, ANNA) == Visitor(
        "anna@example.com", "+44", "Anna", "de", "Europe/Berlin", told_at=told_at
    )
    commit(world.customers, world.customers.load(STORE, ANNA), redirect=BERT)
    found = looks.visitor(STORE, ANNA)
    assert found is not None
    assert (found.redirect, found.erased) == (BERT, False)


def test_of_somebody_who_was_erased_a_visitor_says_so(world: World, looks: ports.Looks) -> None:
    commit(world.customers, stranger(STORE, ANNA), erased_at=NOON)
    assert looks.visitor(STORE, ANNA) == Visitor(erased=True)


def test_a_trace_is_what_the_record_of_a_touch_says(world: World, looks: ports.Looks) -> None:
    sent = replace(touch(), channel="text", class_="marketing", order_id="1001", to="+447911123456")
    commit(world.customers, stranger(STORE, ANNA), touches=(sent,))
    assert looks.trace(STORE, ANNA, sent.id) == Trace("1001", "marketing", "text", "+447911123456", sent.at)
    assert looks.trace(STORE, BERT, sent.id) is None
    assert looks.trace("other", ANNA, sent.id) is None


def test_a_customer_is_read_whole_and_an_order_in_the_archive_by_itself(world: World, looks: ports.Looks) -> None:
    before = commit(
        world.customers, stranger(STORE, ANNA), with_orders=(order(),), with_enrolments=(enrolment(),), contact=TOLD
    )
    assert looks.customer(STORE, ANNA) == before
    assert looks.order(STORE, ANNA, "1001") is None
    commit(world.customers, before, with_enrolments=())
    assert looks.order(STORE, ANNA, "1001") == order()


def test_a_journey_that_was_begun_is_found_by_its_version(world: World, looks: ports.Looks) -> None:
    world.versions.keep(STORE, JOURNEY)
    assert looks.version(STORE, version_of(JOURNEY)) == JOURNEY
    assert looks.version(STORE, "0" * 64) is None


def test_a_customer_who_is_being_written_to_is_read_again_and_then_waited_for(cloud: Cloud) -> None:
    torn = {"pk": {"S": f"{STORE}#C#{ANNA}"}, "sk": {"S": "L#order#1001"}, "v": {"N": "7"}}
    client("dynamodb").put_item(TableName=TABLE, Item={**torn, "doc": {"S": '{"known": {"id": "1001"}}'}})
    with pytest.raises(Unavailable):
        DynamoLooks(client("dynamodb"), TABLE).customer(STORE, ANNA)


def test_link_keys_are_read_once_and_again_only_when_that_is_worth_it(cloud: Cloud) -> None:
    ssm, clock = client("ssm"), Clock(NOON)
    ssm.put_parameter(Name="/perennial/keys", Value=json.dumps(KEYS), Type="SecureString")
    keys = SsmLinkKeys(ssm, "/perennial", clock)
    assert set(keys.ring().keys) == {1}
    rotated = {**KEYS, "links": {"current": 2, "keys": {"1": "6b" * 16, "2": "6c" * 16}}}
    ssm.put_parameter(Name="/perennial/keys", Value=json.dumps(rotated), Type="SecureString", Overwrite=True)
    assert set(keys.renewed().keys) == {1}, "it was read a moment ago"
    clock.now += AGAIN + timedelta(seconds=1)
    assert set(keys.ring().keys) == {1}, "nobody asked for new ones"
    assert set(keys.renewed().keys) == set(keys.ring().keys) == {1, 2}


@pytest.mark.parametrize(
    ("address", "shown"),
    [(None, None), ("", None), ("mina@mail.example", "m***@mail.example"), ("+447700900123", "+44*****123")],
)
def test_an_address_is_shown_so_that_only_its_owner_knows_it(address: str | None, shown: str | None) -> None:
    assert masked(address) == shown
