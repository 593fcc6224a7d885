from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from perennial import documents, ports
from perennial.adapters import table
from perennial.customer import Consent, Wake, stranger
from perennial.decide import Decision
from perennial.draft import Ending
from perennial.errors import Misconfigured, RuleFailed, Unavailable
from perennial.identity import Alias
from perennial.ledger import Entry
from tests.adapters.cloud import NOON, TABLE, calls, client, fault, items, small_pages
from tests.adapters.people import (
    ANNA,
    BERT,
    EMAIL,
    ORDER,
    STORE,
    commit,
    decision,
    enrolment,
    everything_known,
    fact,
    order,
    parked,
    rich_enrolment,
    rich_order,
    touch,
)
from tests.adapters.worlds import World

TRACKING = Alias("tracking", "00340")
HOUR = timedelta(hours=1)


# --- loading ---


def test_somebody_nobody_has_met_is_a_stranger(world: World) -> None:
    assert world.customers.load(STORE, ANNA) == stranger(STORE, ANNA)


def test_whatever_is_committed_is_loaded_again(world: World) -> None:
    made = decision(
        stranger(STORE, ANNA), with_orders=[rich_order()], with_enrolments=[rich_enrolment()], **everything_known()
    )
    assert world.customers.commit(made, {}) == ports.Committed()
    assert world.customers.load(STORE, ANNA) == made.after


def test_customers_of_one_id_in_two_stores_are_two_customers(world: World) -> None:
    commit(world.customers, stranger(STORE, ANNA), with_orders=[order()], with_enrolments=[enrolment()])
    assert world.customers.load("other", ANNA) == stranger("other", ANNA)
    assert world.customers.load("dem", ANNA) == stranger("dem", ANNA)


def test_a_customer_whose_id_begins_like_anothers_is_not_mixed_up(world: World) -> None:
    commit(world.customers, stranger(STORE, ANNA), with_orders=[order()], with_enrolments=[enrolment()])
    assert world.customers.load(STORE, ANNA[:-1]) == stranger(STORE, ANNA[:-1])


# --- the version ---


def test_of_two_who_loaded_the_same_version_only_the_first_commits(world: World) -> None:
    before = commit(world.customers, stranger(STORE, ANNA), with_orders=[order()], with_enrolments=[enrolment()])
    commit(world.customers, before, wakes=1)
    late = decision(
        before,
        nonce="late",
        with_orders=[order("1002")],
        with_enrolments=[],
        touches=[touch()],
        register=[Alias("order", "1002")],
        wake=Wake(NOON, 2),
    )
    assert world.customers.commit(late, {}) == ports.Overtaken()


def test_what_was_overtaken_has_written_nothing(world: World) -> None:
    before = commit(world.customers, stranger(STORE, ANNA), with_orders=[order()], with_enrolments=[enrolment()])
    present = commit(world.customers, before, wakes=1)
    late = decision(
        before, with_orders=[order("1002")], with_enrolments=[], touches=[touch()], register=[ORDER], wakes=9
    )
    world.customers.commit(late, {})
    assert world.customers.load(STORE, ANNA) == present
    assert world.customers.archived(STORE, ANNA, "1001") is None
    assert world.customers.archived(STORE, ANNA, "1002") is None
    assert world.customers.touches(STORE, ANNA) == []
    assert world.directory.owner(STORE, ORDER) is None


def test_of_two_who_met_the_same_stranger_only_the_first_commits(world: World) -> None:
    first = commit(world.customers, stranger(STORE, ANNA), wakes=1)
    assert world.customers.commit(decision(stranger(STORE, ANNA), wakes=2), {}) == ports.Overtaken()
    second = decision(stranger(STORE, ANNA), wakes=2, with_orders=[order()])
    assert world.customers.commit(second, {}) == ports.Overtaken()
    assert world.customers.load(STORE, ANNA) == first


def test_a_commit_can_be_told_by_its_nonce_from_another_of_the_same_version(world: World) -> None:
    assert commit(world.customers, stranger(STORE, ANNA), nonce="mine").profile.commit == "mine"


# --- aliases ---


def test_a_registered_alias_leads_to_its_customer(world: World) -> None:
    commit(world.customers, stranger(STORE, ANNA), register=[EMAIL, ORDER, TRACKING])
    assert {world.directory.owner(STORE, alias) for alias in (EMAIL, ORDER, TRACKING)} == {ANNA}
    assert world.directory.owner("other", EMAIL) is None


def test_an_alias_of_somebody_else_stands_in_the_way_of_everything(world: World) -> None:
    world.directory.owner_or_claim(STORE, EMAIL, BERT)
    made = decision(
        stranger(STORE, ANNA),
        with_orders=[order()],
        with_enrolments=[enrolment()],
        touches=[touch()],
        register=[ORDER, EMAIL],
    )
    assert world.customers.commit(made, {}) == ports.Taken((ports.Held(EMAIL, BERT),))
    assert world.customers.load(STORE, ANNA) == stranger(STORE, ANNA)
    assert world.customers.touches(STORE, ANNA) == []
    assert world.directory.owner(STORE, ORDER) is None


def test_facts_that_wait_at_an_alias_stand_in_the_way_and_are_shown(world: World) -> None:
    facts = (fact("one"), fact("two", hours=1))
    for waiting in facts:
        world.directory.owner_or_park(STORE, ORDER, waiting, NOON)
    made = decision(stranger(STORE, ANNA), with_orders=[order()], register=[ORDER])
    assert world.customers.commit(made, {}) == ports.Taken((ports.Held(ORDER, None, facts),))
    assert world.customers.load(STORE, ANNA) == stranger(STORE, ANNA)
    assert [kept.id for kept in world.parking.parked(STORE)] == ["one", "two"]


def test_all_aliases_in_the_way_are_told_in_the_order_of_the_decision(world: World) -> None:
    world.directory.owner_or_claim(STORE, TRACKING, BERT)
    world.directory.owner_or_park(STORE, ORDER, fact(), NOON)
    made = decision(stranger(STORE, ANNA), register=[ORDER, EMAIL, TRACKING])
    assert world.customers.commit(made, {}) == ports.Taken(
        (ports.Held(ORDER, None, (fact(),)), ports.Held(TRACKING, BERT))
    )


def test_facts_that_were_looked_into_are_adopted(world: World) -> None:
    for name in ("one", "two"):
        world.directory.owner_or_park(STORE, ORDER, fact(name), NOON)
    commit(world.customers, stranger(STORE, ANNA), {ORDER: 2}, register=[ORDER])
    assert world.directory.owner(STORE, ORDER) == ANNA
    assert world.parking.parked(STORE) == []


@pytest.mark.parametrize("looked_into", [0, 1, 3])
def test_facts_are_adopted_only_if_all_of_them_were_looked_into(world: World, looked_into: int) -> None:
    for name in ("one", "two"):
        world.directory.owner_or_park(STORE, ORDER, fact(name), NOON)
    held = ports.Held(ORDER, None, (fact("one"), fact("two")))
    made = decision(stranger(STORE, ANNA), register=[ORDER])
    assert world.customers.commit(made, {ORDER: looked_into}) == ports.Taken((held,))
    assert world.directory.owner(STORE, ORDER) is None


def test_whoever_was_claimed_at_the_door_is_registered_without_a_further_look(world: World) -> None:
    for alias in (EMAIL, Alias("customer", "77"), TRACKING):
        world.directory.owner_or_claim(STORE, alias, ANNA)
    commit(world.customers, stranger(STORE, ANNA), register=[EMAIL, Alias("customer", "77"), TRACKING])
    assert world.directory.owner(STORE, EMAIL) == ANNA


def test_an_order_that_is_mine_already_is_looked_into_first_because_it_may_lie_in_the_archive(world: World) -> None:
    world.directory.owner_or_claim(STORE, ORDER, ANNA)
    made = decision(stranger(STORE, ANNA), register=[ORDER])
    assert world.customers.commit(made, {}) == ports.Taken((ports.Held(ORDER, ANNA),))
    assert world.customers.commit(made, {ORDER: 0}) == ports.Committed()
    assert world.directory.owner(STORE, ORDER) == ANNA


def test_facts_that_waited_before_the_claim_at_the_door_are_adopted_with_it(world: World) -> None:
    alias = Alias("customer", "77")
    world.directory.owner_or_park(STORE, alias, fact(), NOON)
    assert world.directory.owner_or_claim(STORE, alias, ANNA) == ANNA
    made = decision(stranger(STORE, ANNA), register=[alias])
    assert world.customers.commit(made, {}) == ports.Taken((ports.Held(alias, ANNA, (fact(),)),))
    assert [kept.id for kept in world.parking.parked(STORE)] == [fact().id]
    assert world.customers.commit(made, {alias: 1}) == ports.Committed()
    assert world.parking.parked(STORE) == []


def test_an_alias_that_was_looked_into_and_is_somebody_elses_is_not_taken(world: World) -> None:
    world.directory.owner_or_claim(STORE, EMAIL, BERT)
    made = decision(stranger(STORE, ANNA), register=[EMAIL])
    assert world.customers.commit(made, {EMAIL: 0}) == ports.Taken((ports.Held(EMAIL, BERT),))
    assert world.directory.owner(STORE, EMAIL) == BERT


def test_an_alias_that_leads_nowhere_is_registered_even_if_it_was_looked_into(world: World) -> None:
    commit(world.customers, stranger(STORE, ANNA), {EMAIL: 0}, register=[EMAIL])
    assert world.directory.owner(STORE, EMAIL) == ANNA


def test_who_was_overtaken_hears_that_before_anything_about_aliases(world: World) -> None:
    commit(world.customers, stranger(STORE, ANNA))
    world.directory.owner_or_claim(STORE, EMAIL, BERT)
    assert world.customers.commit(decision(stranger(STORE, ANNA), register=[EMAIL]), {}) == ports.Overtaken()


# --- orders and enrolments ---


def test_an_order_that_no_enrolment_needs_lies_in_the_archive(world: World) -> None:
    known = commit(world.customers, stranger(STORE, ANNA), with_orders=[order()])
    assert known.orders == {}
    assert world.customers.archived(STORE, ANNA, "1001") == order()
    assert world.customers.archived(STORE, BERT, "1001") is None
    assert world.customers.archived("other", ANNA, "1001") is None


def test_an_order_goes_to_the_archive_when_its_last_enrolment_closes(world: World) -> None:
    both = [enrolment(), enrolment(journey="service")]
    known = commit(world.customers, stranger(STORE, ANNA), with_orders=[order()], with_enrolments=both)
    known = commit(world.customers, known, with_enrolments=both[1:])
    assert (set(known.orders), set(known.enrolments)) == ({"1001"}, {"service:1001"})
    assert world.customers.archived(STORE, ANNA, "1001") is None
    known = commit(world.customers, known, with_enrolments=[])
    assert (known.orders, known.enrolments) == ({}, {})
    assert world.customers.archived(STORE, ANNA, "1001") == order()


def test_an_order_comes_back_from_the_archive_with_a_new_enrolment(world: World) -> None:
    known = commit(world.customers, stranger(STORE, ANNA), with_orders=[order()])
    found = world.customers.archived(STORE, ANNA, "1001")
    assert found is not None
    fetched = replace(known, orders={"1001": found})
    known = commit(world.customers, fetched, with_enrolments=[enrolment()])
    assert known.orders == {"1001": order()}
    assert world.customers.archived(STORE, ANNA, "1001") is None


def test_news_of_an_archived_order_stays_in_the_archive(world: World) -> None:
    known = commit(world.customers, stranger(STORE, ANNA), with_orders=[order()])
    fetched = replace(known, orders={"1001": order()})
    known = commit(world.customers, fetched, with_orders=[order(number="#1001-A")])
    assert known.orders == {}
    assert world.customers.archived(STORE, ANNA, "1001") == order(number="#1001-A")


def test_orders_of_two_live_enrolments_are_both_loaded(world: World) -> None:
    enrolments = [enrolment("1001"), enrolment("1002")]
    known = commit(
        world.customers, stranger(STORE, ANNA), with_orders=[order("1001"), order("1002")], with_enrolments=enrolments
    )
    assert known.orders == {"1001": order("1001"), "1002": order("1002")}
    assert known.enrolments == {entry.id: entry for entry in enrolments}


def test_an_order_that_a_decision_drops_is_gone(world: World) -> None:
    both = [order("1001"), order("1002")]
    known = commit(
        world.customers,
        stranger(STORE, ANNA),
        with_orders=both,
        with_enrolments=[enrolment("1001"), enrolment("1002")],
    )
    after = replace(known, orders={"1001": both[0]}, enrolments={"care:1001": enrolment("1001")})
    after = replace(after, profile=replace(known.profile, version=2))
    assert world.customers.commit(Decision(known, after), {}) == ports.Committed()
    assert world.customers.load(STORE, ANNA) == after
    assert world.customers.archived(STORE, ANNA, "1002") is None


def test_an_enrolment_is_replaced_by_its_newer_self(world: World) -> None:
    known = commit(world.customers, stranger(STORE, ANNA), with_orders=[order()], with_enrolments=[enrolment()])
    known = commit(world.customers, known, with_enrolments=[rich_enrolment()])
    assert known.enrolments == {"care:1001": rich_enrolment()}


@pytest.mark.parametrize("name", ["#1001", "R-1/2026:7", "Bestellung 12 é", "x" * 200])
def test_orders_may_be_called_anything(world: World, name: str) -> None:
    alias = Alias("order", name)
    known = commit(
        world.customers,
        stranger(STORE, ANNA),
        with_orders=[order(name)],
        with_enrolments=[enrolment(name)],
        register=[alias],
    )
    assert (known.orders, known.enrolments) == ({name: order(name)}, {f"care:{name}": enrolment(name)})
    assert world.directory.owner(STORE, alias) == ANNA
    commit(world.customers, known, with_enrolments=[])
    assert world.customers.archived(STORE, ANNA, name) == order(name)


# --- touches ---


def test_records_of_touches_are_read_oldest_first(world: World) -> None:
    second = touch("late", at=NOON + timedelta(hours=1), state="skipped", reason="unless order.late")
    first = touch("early", due=NOON, channel="email", subject="Make it last", nonce="n1", tries=1, zone="Europe/Berlin")
    third = touch("later", at=NOON + timedelta(hours=1, microseconds=1))
    commit(world.customers, stranger(STORE, ANNA), touches=[third, second, first])
    assert world.customers.touches(STORE, ANNA) == [first, second, third]
    assert world.customers.touches(STORE, BERT) == []


def test_an_ending_changes_what_it_says_and_keeps_the_rest(world: World) -> None:
    claimed = touch(channel="email", subject="Make it last", nonce="n1", tries=1, due=NOON)
    known = commit(world.customers, stranger(STORE, ANNA), touches=[claimed])
    later = NOON + timedelta(seconds=2)
    commit(world.customers, known, endings=[Ending(claimed.id, "sent", later, None, "ses-1")])
    sent = replace(claimed, state="sent", at=later, provider_id="ses-1")
    assert world.customers.touches(STORE, ANNA) == [sent]


def test_an_ending_without_a_providers_id_keeps_the_one_there_was(world: World) -> None:
    known = commit(world.customers, stranger(STORE, ANNA), touches=[touch()])
    known = commit(world.customers, known, endings=[Ending(touch().id, "sent", NOON, "settled", "ses-1")])
    commit(world.customers, known, endings=[Ending(touch().id, "failed", NOON)])
    assert world.customers.touches(STORE, ANNA) == [touch(state="failed", provider_id="ses-1")]


def test_a_reason_lasts_as_long_as_the_state_it_explains(world: World) -> None:
    known = commit(world.customers, stranger(STORE, ANNA), touches=[touch()])
    known = commit(world.customers, known, endings=[Ending(touch().id, "released", NOON, "throttled")])
    assert world.customers.touches(STORE, ANNA)[0].reason == "throttled"
    known = commit(world.customers, known, touches=[touch(nonce="again", tries=2)])
    assert world.customers.touches(STORE, ANNA) == [touch(nonce="again", tries=2)]
    commit(world.customers, known, endings=[Ending(touch().id, "sent", NOON, provider_id="ses-2")])
    assert world.customers.touches(STORE, ANNA)[0].reason is None


def test_a_touch_that_is_claimed_again_starts_a_new_record(world: World) -> None:
    known = commit(world.customers, stranger(STORE, ANNA), touches=[touch(channel="email", subject="First")])
    known = commit(world.customers, known, endings=[Ending(touch().id, "sent", NOON, None, "ses-1")])
    commit(world.customers, known, touches=[touch(channel="text", subject="Second")])
    assert world.customers.touches(STORE, ANNA) == [touch(channel="text", subject="Second")]


def test_of_each_touch_asked_about_the_report_or_none_is_told(world: World) -> None:
    first, second = touch("first"), touch("second")
    commit(world.customers, stranger(STORE, ANNA), touches=[first, second])
    accepted = NOON + timedelta(seconds=3, microseconds=17)
    world.report_accepted(STORE, ANNA, first.id, accepted)
    reports = world.customers.receipts(STORE, ANNA, [first.id, second.id, "unheard-of"])
    assert reports == {first.id: accepted, second.id: None, "unheard-of": None}
    assert world.customers.receipts(STORE, ANNA, []) == {}


def test_a_report_outlives_what_is_written_of_the_touch_later(world: World) -> None:
    known = commit(world.customers, stranger(STORE, ANNA), touches=[touch()])
    world.report_accepted(STORE, ANNA, touch().id, NOON)
    known = commit(world.customers, known, endings=[Ending(touch().id, "released", NOON, "once more")])
    commit(world.customers, known, touches=[touch(tries=2)])
    assert world.customers.receipts(STORE, ANNA, [touch().id]) == {touch().id: NOON}


# --- parked events ---


def test_a_parked_event_is_counted_and_raises_the_version(world: World) -> None:
    known = commit(world.customers, stranger(STORE, ANNA), with_orders=[order()], with_enrolments=[enrolment()])
    world.customers.park(STORE, ANNA, parked(kind="event", customer=ANNA))
    found = world.customers.load(STORE, ANNA)
    assert found == replace(known, parked=1, profile=replace(known.profile, version=known.profile.version + 1))


def test_work_that_was_open_when_an_event_was_parked_is_overtaken(world: World) -> None:
    before = commit(world.customers, stranger(STORE, ANNA))
    world.customers.park(STORE, ANNA, parked(kind="event", customer=ANNA))
    assert world.customers.commit(decision(before, touches=[touch()]), {}) == ports.Overtaken()


def test_an_event_of_a_stranger_can_be_parked(world: World) -> None:
    world.customers.park(STORE, ANNA, parked(kind="event", customer=ANNA))
    known = world.customers.load(STORE, ANNA)
    assert (known.parked, known.profile.version) == (1, 1)
    assert known.profile == replace(stranger(STORE, ANNA).profile, version=1)
    assert commit(world.customers, known, wakes=1).parked == 1
    assert world.customers.commit(decision(stranger(STORE, ANNA)), {}) == ports.Overtaken()


def test_an_event_parked_twice_is_parked_once(world: World) -> None:
    for _ in range(2):
        world.customers.park(STORE, ANNA, parked("one", kind="event", customer=ANNA))
    world.customers.park(STORE, ANNA, parked("two", kind="event", customer=ANNA))
    assert world.customers.load(STORE, ANNA).parked == 2


# --- who has a wake ahead ---


def test_customers_with_a_wake_ahead_are_due(world: World) -> None:
    for name in (BERT, ANNA, "zoe"):
        commit(world.customers, stranger(STORE, name), wake=Wake(NOON, 1))
    commit(world.customers, stranger(STORE, "idle"))
    commit(world.customers, stranger("other", "elsewhere"), wake=Wake(NOON, 1))
    assert world.customers.due(STORE) == [ANNA, BERT, "zoe"]
    commit(world.customers, world.customers.load(STORE, BERT), wake=None)
    assert world.customers.due(STORE) == [ANNA, "zoe"]


def test_whoever_is_due_is_found_wherever_they_lie(world: World) -> None:
    names = [f"customer{n:02}" for n in range(60)]
    for name in names:
        commit(world.customers, stranger(STORE, name), wake=Wake(NOON, 1))
    assert world.customers.due(STORE) == names


def test_who_is_due_stays_due_when_an_event_is_parked(world: World) -> None:
    commit(world.customers, stranger(STORE, ANNA), wake=Wake(NOON, 1))
    world.customers.park(STORE, ANNA, parked(kind="event", customer=ANNA))
    assert world.customers.due(STORE) == [ANNA]


# --- on the wire ---


def test_a_customer_is_loaded_by_one_consistent_query(aws: World) -> None:
    commit(
        aws.customers, stranger(STORE, ANNA), with_orders=[order()], with_enrolments=[enrolment()], touches=[touch()]
    )
    with calls(client("dynamodb")) as asked:
        aws.customers.load(STORE, ANNA)
    ((operation, request),) = asked
    assert (operation, request["ConsistentRead"]) == ("Query", True)


def test_a_customer_of_more_than_one_page_is_loaded_whole(aws: World) -> None:
    names = [str(1000 + n) for n in range(4)]
    made = decision(
        replace(stranger(STORE, ANNA), apart=frozenset(names)),
        with_orders=[order(name) for name in names],
        with_enrolments=[enrolment(name) for name in names],
        touches=[touch("early"), touch("late", at=NOON + timedelta(hours=1))],
        wake=Wake(NOON, 1),
    )
    aws.customers.commit(made, {})
    with small_pages(client("dynamodb")) as asked:
        assert aws.customers.load(STORE, ANNA) == made.after
    assert len(asked) > len(names)
    commit(aws.customers, stranger(STORE, BERT), wake=Wake(NOON, 1))
    with small_pages(client("dynamodb")):
        assert aws.customers.touches(STORE, ANNA) == list(made.touches)
        assert aws.customers.due(STORE) == [ANNA, BERT]


APART = frozenset({"1001", "1002"})
"""Orders of somebody who has too many for one item."""


def test_a_customer_with_few_orders_is_one_item_and_an_ordinary_write(aws: World) -> None:
    known = commit(aws.customers, stranger(STORE, ANNA), with_orders=[order()], with_enrolments=[enrolment()])
    with calls(client("dynamodb")) as asked:
        aws.customers.commit(decision(known, with_orders=[rich_order()], with_enrolments=[rich_enrolment()]), {})
    assert [operation for operation, _ in asked] == ["PutItem"]
    assert [item["sk"]["S"] for item in items()] == ["L#profile"]


def _as_text(item: dict[str, Any], text: str) -> None:
    """Puts an item as it was written before documents were packed."""
    client("dynamodb").put_item(TableName=TABLE, Item={**item, "doc": {"S": text}})


def test_what_was_begun_as_text_and_in_items_of_its_own_is_read_and_goes_on(aws: World) -> None:
    begun = replace(stranger(STORE, ANNA), apart=frozenset({"1001"}))
    known = commit(aws.customers, begun, with_orders=[rich_order()], with_enrolments=[rich_enrolment()])
    _as_text(_item("L#profile"), documents.write(known.profile))
    _as_text(_item("L#order#1001"), documents.write(known.orders["1001"]))
    _as_text(_item("L#enrolment#care:1001"), documents.write(known.enrolments["care:1001"]))
    assert aws.customers.load(STORE, ANNA) == known
    assert known.apart == {"1001"}
    known = commit(aws.customers, known, with_orders=[order("1002")], with_enrolments=[enrolment(), enrolment("1002")])
    assert (set(known.apart), set(known.live_orders)) == ({"1001"}, {"1001", "1002"})
    commit(aws.customers, known, with_enrolments=[])
    assert {item["sk"]["S"] for item in items()} == {"L#profile", "O#1001", "O#1002"}


def test_an_order_may_be_set_apart_later_and_come_back(world: World) -> None:
    orders, enrolments = [order("1001"), order("1002")], [enrolment("1001"), enrolment("1002")]
    known = commit(world.customers, stranger(STORE, ANNA), with_orders=orders, with_enrolments=enrolments)
    for apart in ({"1001"}, {"1001", "1002"}, {"1002"}, frozenset[str]()):
        made = decision(known, wakes=known.profile.wakes + 1)
        made = replace(made, after=replace(made.after, apart=frozenset(apart)))
        assert world.customers.commit(made, {}) == ports.Committed()
        known = world.customers.load(STORE, ANNA)
        assert known == made.after


def test_only_what_has_changed_is_written(aws: World) -> None:
    before = commit(
        aws.customers,
        replace(stranger(STORE, ANNA), apart=APART),
        with_orders=[order("1001"), order("1002")],
        with_enrolments=[enrolment("1001"), enrolment("1002")],
    )
    with calls(client("dynamodb")) as asked:
        aws.customers.commit(decision(before, wakes=1), {})
    assert [operation for operation, _ in asked] == ["PutItem"]
    with calls(client("dynamodb")) as asked:
        known = aws.customers.load(STORE, ANNA)
        changed = [rich_enrolment(), known.enrolments["care:1002"]]
        aws.customers.commit(decision(known, with_enrolments=changed, touches=[touch()]), {})
    operation, request = asked[-1]
    keys = [next(iter(write.values())) for write in request["TransactItems"]]
    names = [(key.get("Item") or key["Key"])["sk"]["S"] for key in keys]
    assert (operation, names) == ("TransactWriteItems", ["L#profile", "L#enrolment#care:1001", f"T#{touch().id}"])


def test_nothing_personal_stands_in_a_key(aws: World) -> None:
    contact = {"contact": everything_known()["contact"], "wake": Wake(NOON, 1)}
    commit(aws.customers, stranger(STORE, ANNA), register=[EMAIL, Alias("customer", "77")], **contact)
    aws.directory.owner_or_park(STORE, Alias("customer", "78"), fact(), NOON)
    keys = [item[name]["S"] for item in items() for name in ("pk", "sk", "due") if name in item]
    assert keys
    assert not [key for key in keys if "anna@" in key or "customer#7" in key]


def test_aliases_hash_to_other_keys_under_another_pepper() -> None:
    keys = {table.alias_key(STORE, EMAIL, pepper) for pepper in (b"one pepper", b"another pepper")}
    assert len(keys) == 2


def test_a_commit_of_as_many_writes_as_dynamodb_takes_is_written(aws: World) -> None:
    touches = [touch(f"touch-{n}") for n in range(99)]
    commit(aws.customers, stranger(STORE, ANNA), touches=touches)
    assert len(aws.customers.touches(STORE, ANNA)) == 99


def test_a_decision_of_more_writes_than_dynamodb_takes_can_never_be_written(aws: World) -> None:
    made = decision(stranger(STORE, ANNA), touches=[touch(f"touch-{n}") for n in range(150)])
    with pytest.raises(RuleFailed, match="151 writes"):
        aws.customers.commit(made, {})
    assert aws.customers.touches(STORE, ANNA) == []


def test_a_decision_with_an_item_too_large_for_dynamodb_can_never_be_written(aws: World) -> None:
    long = Random(1).randbytes(450_000).hex()
    huge = order(number=long)
    with pytest.raises(RuleFailed):
        aws.customers.commit(decision(stranger(STORE, ANNA), with_orders=[huge]), {})
    with pytest.raises(RuleFailed):
        aws.customers.commit(decision(stranger(STORE, ANNA), once=(long,)), {})


CANCELLED = "TransactionCanceledException"


def _reasons(*codes: str) -> dict[str, Any]:
    return {"CancellationReasons": [{"Code": code} for code in codes]}


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
@pytest.mark.parametrize("others", ["None", "ConditionalCheckFailed"])
def test_a_transaction_that_met_another_or_a_limit_is_tried_again(aws: World, code: str, others: str) -> None:
    made = decision(stranger(STORE, ANNA), register=[EMAIL])
    with (
        fault(client("dynamodb"), "TransactWriteItems", CANCELLED, **_reasons(code, others)),
        pytest.raises(Unavailable),
    ):
        aws.customers.commit(made, {})


def test_a_transaction_that_is_malformed_is_nothing_to_wait_for(aws: World) -> None:
    made = decision(stranger(STORE, ANNA), touches=[touch()])
    with (
        fault(client("dynamodb"), "TransactWriteItems", CANCELLED, **_reasons("None", "ValidationError")),
        pytest.raises(RuleFailed),
    ):
        aws.customers.commit(made, {})


QUESTIONS: dict[str, tuple[str, Callable[[ports.Customers], object]]] = {
    "load": ("Query", lambda customers: customers.load(STORE, ANNA)),
    "archived": ("GetItem", lambda customers: customers.archived(STORE, ANNA, "1001")),
    "receipts": ("GetItem", lambda customers: customers.receipts(STORE, ANNA, ["t"])),
    "touches": ("Query", lambda customers: customers.touches(STORE, ANNA)),
    "due": ("Query", lambda customers: customers.due(STORE)),
    "park": ("PutItem", lambda customers: customers.park(STORE, ANNA, parked(kind="event", customer=ANNA))),
    "commit": ("PutItem", lambda customers: customers.commit(decision(stranger(STORE, ANNA)), {})),
    "commit of more": (
        "TransactWriteItems",
        lambda customers: customers.commit(decision(stranger(STORE, ANNA), touches=[touch()]), {}),
    ),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    ("code", "raised"), [("ThrottlingException", Unavailable), ("ResourceNotFoundException", Misconfigured)]
)
def test_what_dynamodb_cannot_answer_is_no_answer(
    aws: World, question: str, code: str, raised: type[Exception]
) -> None:
    operation, ask = QUESTIONS[question]
    with fault(client("dynamodb"), operation, code), pytest.raises(raised, match=f"{operation}: {code}") as caught:
        ask(aws.customers)
    assert "example.com" not in str(caught.value)


# --- a query is no snapshot ---


CROWDED = replace(stranger(STORE, ANNA), apart=frozenset({"1001"}))
"""Her order lies apart."""


def _stale(sk: str, item: dict[str, object] | None) -> None:
    """Makes the next query see one item as it was (None: not at all), as read-committed isolation allows."""

    def tear(parsed: dict[str, object], **_: object) -> None:
        found = [entry for entry in parsed["Items"] if entry["sk"]["S"] != sk]  # type: ignore[attr-defined]
        parsed["Items"] = sorted([*found, *([item] if item else [])], key=lambda entry: entry["sk"]["S"])
        client("dynamodb").meta.events.unregister("after-call.dynamodb.Query", tear)

    client("dynamodb").meta.events.register_first("after-call.dynamodb.Query", tear)


def _item(sk: str) -> dict[str, object]:
    key = {"pk": {"S": table.customer_key(STORE, ANNA)}, "sk": {"S": sk}}
    found: dict[str, object] = client("dynamodb").get_item(TableName=TABLE, Key=key)["Item"]
    return found


@pytest.mark.parametrize("sk", ["L#enrolment#care:1001", "L#order#1001"])
def test_a_query_that_saw_half_of_a_commit_is_asked_again(aws: World, sk: str) -> None:
    known = commit(aws.customers, CROWDED, with_orders=[order()], with_enrolments=[enrolment()])
    before = _item(sk)
    known = commit(aws.customers, known, with_orders=[rich_order()], with_enrolments=[rich_enrolment()])
    for torn in (before, None):
        _stale(sk, torn)
        with calls(client("dynamodb"), "Query") as asked:
            assert aws.customers.load(STORE, ANNA) == known
        assert len(asked) == 2


def test_a_customer_who_is_never_seen_whole_is_tried_again_later(aws: World) -> None:
    commit(aws.customers, CROWDED, with_orders=[order()], with_enrolments=[enrolment()])
    client("dynamodb").delete_item(TableName=TABLE, Key={name: _item("L#order#1001")[name] for name in ("pk", "sk")})
    with calls(client("dynamodb"), "Query") as asked, pytest.raises(Unavailable):
        aws.customers.load(STORE, ANNA)
    assert len(asked) == 5


def test_a_query_that_still_saw_what_a_commit_removed_is_asked_again(aws: World) -> None:
    known = commit(aws.customers, CROWDED, with_orders=[order()], with_enrolments=[enrolment()])
    gone = _item("L#enrolment#care:1001")
    known = commit(aws.customers, known, with_enrolments=[])
    _stale("L#enrolment#care:1001", gone)
    assert aws.customers.load(STORE, ANNA) == known


def test_a_query_that_saw_a_commit_before_its_version_is_asked_again(aws: World) -> None:
    known = commit(aws.customers, CROWDED, with_orders=[order()], with_enrolments=[enrolment()])
    before = _item("L#profile")
    known = commit(aws.customers, known, with_enrolments=[rich_enrolment()])
    _stale("L#profile", before)
    assert aws.customers.load(STORE, ANNA) == known


def word(state: str = "given", at: datetime = NOON, topic: str = "email:marketing", **fields: Any) -> Entry:
    return Entry(topic, Consent(state, at, **fields), NOON + HOUR)  # type: ignore[arg-type]


def test_words_about_consent_are_kept_apart_and_listed_by_their_moment(world: World) -> None:
    late, early = word("withdrawn", NOON + HOUR, evidence="abc"), word(wording="v2")
    other = word(topic="text:feedback", at=NOON - HOUR)
    commit(world.customers, stranger(STORE, ANNA), words=(late, early, other))
    commit(world.customers, stranger(STORE, BERT), words=(word("absent"),))
    assert world.customers.ledger(STORE, ANNA) == [other, early, late]


def test_a_word_that_is_written_again_stays_as_it_was(world: World) -> None:
    first = commit(world.customers, stranger(STORE, ANNA), words=(word(),))
    commit(world.customers, first, words=(replace(word(), heard_at=NOON + 9 * HOUR),))
    assert world.customers.ledger(STORE, ANNA) == [word()]


def test_a_long_ledger_is_never_read_with_its_customer(aws: World) -> None:
    commit(aws.customers, stranger(STORE, ANNA), words=[word(at=NOON + n * HOUR) for n in range(60)])
    with calls(client("dynamodb")) as asked:
        loaded = aws.customers.load(STORE, ANNA)
    ((_, query),) = asked
    assert query["ExpressionAttributeValues"][":prefix"] == {"S": "L#"}
    assert loaded.profile.version == 1
    assert len(aws.customers.ledger(STORE, ANNA)) == 60
