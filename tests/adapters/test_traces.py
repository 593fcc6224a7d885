"""What a person leaves behind is emptied, can be emptied again, and tells whoever comes next that they left."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from perennial import events, ports
from perennial.customer import Consent, stranger
from perennial.errors import Unavailable
from perennial.identity import Alias
from perennial.ledger import Entry
from perennial.orders import Order, Parcel
from perennial.suppression import Left
from tests.adapters.cloud import BUCKET, NOON, Cloud, calls, client, fault, items, small_pages
from tests.adapters.people import ANNA, BERT, EMAIL, ORDER, STORE, commit, decision, enrolment, fact, parked, touch
from tests.adapters.worlds import World

HOUR = timedelta(hours=1)
LEFT = Left(NOON, NOON - HOUR, "bounced")
TRACKING = Alias("tracking", "00340")


def never() -> bool:
    """A run that has all the time it needs."""
    return False


def at_once() -> bool:
    """One that is over after each thing that it looks at."""
    return True


def personal_order(name: str = "1001") -> Order:
    parcel = Parcel(events.Parcel(id="p1", tracking=(events.Tracking(number="00340"),)), {"tracking": NOON})
    known = events.Order(id=name, number="#1001", contact=events.Contact(email=EMAIL.value), tags=("for Anna",))
    return Order(known, {"number": NOON, "contact.email": NOON}, {"placed": NOON}, {"p1": parcel})


def somebody(world: World) -> None:
    """A customer with an archived order, a live one, a touch, two words, and an event that is parked."""
    first = commit(world.customers, stranger(STORE, ANNA), with_orders=[personal_order()], register=(EMAIL, TRACKING))
    words = [Entry("email:marketing", Consent("given", NOON + n * HOUR), NOON) for n in range(2)]
    live = [enrolment("1002")]
    told: dict[str, Any] = {"with_orders": [personal_order("1002")], "with_enrolments": live, "words": words}
    commit(world.customers, first, touches=[touch(subject="Dear Anna", to=EMAIL.value)], **told)
    world.customers.park(STORE, ANNA, parked(kind="event", customer=ANNA, content="Anna"))


# What is emptied


def test_what_lies_behind_the_live_items_is_emptied_and_counted(world: World) -> None:
    somebody(world)
    assert world.traces.empty(STORE, [ANNA], never).emptied == ports.Emptied(orders=1, touches=1, words=2, parked=1)
    archived = world.customers.archived(STORE, ANNA, "1001")
    assert archived == Order(events.Order(id="1001", number="#1001"), {"number": NOON}, {"placed": NOON}, {"p1": BARE})
    assert [(told.subject, told.to) for told in world.customers.touches(STORE, ANNA)] == [(None, None)]
    assert (world.customers.ledger(STORE, ANNA), world.parking.parked(STORE)) == ([], [])
    assert world.customers.load(STORE, ANNA).parked == 0
    assert world.directory.owner(STORE, TRACKING) is None


BARE = Parcel(events.Parcel(id="p1"))


def test_emptying_again_finds_nothing(world: World) -> None:
    somebody(world)
    world.traces.empty(STORE, [ANNA], never)
    assert world.traces.empty(STORE, [ANNA], never).emptied == ports.Emptied()


def test_live_items_and_other_people_are_left_alone(world: World) -> None:
    somebody(world)
    commit(world.customers, stranger(STORE, BERT), with_orders=[personal_order("9")])
    before = replace(world.customers.load(STORE, ANNA), parked=0)
    world.traces.empty(STORE, [ANNA], never)
    assert world.customers.load(STORE, ANNA) == before
    assert world.customers.archived(STORE, BERT, "9") == personal_order("9")


def test_what_a_receipt_says_of_a_touch_stays(world: World) -> None:
    somebody(world)
    world.report_accepted(STORE, ANNA, touch().id, NOON)
    world.traces.empty(STORE, [ANNA], never)
    assert world.customers.receipts(STORE, ANNA, [touch().id]) == {touch().id: NOON}


def test_more_than_one_page_is_emptied(aws: World) -> None:
    somebody(aws)
    with small_pages(client("dynamodb")):
        assert aws.traces.empty(STORE, [ANNA], never).emptied == ports.Emptied(orders=1, touches=1, words=2, parked=1)


def test_a_large_parked_event_leaves_the_bucket_as_well(aws: World, cloud: Cloud) -> None:
    aws.customers.park(STORE, ANNA, parked(kind="event", customer=ANNA, content="x" * 400_000))
    aws.parking.park(parked("body", content="anna@example.com " + "x" * 400_000))
    assert aws.traces.empty(STORE, [ANNA], never).emptied.parked == 1
    assert aws.traces.purge(STORE, ["anna@example.com"], never).emptied.parked == 1
    assert client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", []) == []
    assert [item for item in items() if "parked" in item["sk"]["S"]] == []


def test_a_run_that_is_over_says_where_the_next_one_goes_on(world: World) -> None:
    somebody(world)
    found, after = [], ""
    while True:
        cleared = world.traces.empty(STORE, [ANNA], at_once, after)
        found.append(cleared.emptied)
        if cleared.after is None:
            break
        after = cleared.after
    each = [ports.Emptied(words=1), ports.Emptied(words=1), ports.Emptied(parked=1), ports.Emptied(orders=1)]
    assert found == [*each, ports.Emptied(touches=1), ports.Emptied()]
    assert world.traces.empty(STORE, [ANNA], never) == ports.Cleared(ports.Emptied())


def test_a_parcel_leads_nowhere_whichever_of_the_persons_names_it_led_to(world: World) -> None:
    somebody(world)
    world.traces.drop(STORE, ANNA, TRACKING)
    world.directory.owner_or_claim(STORE, TRACKING, BERT)
    world.traces.empty(STORE, [ANNA, BERT], never)
    assert world.directory.owner(STORE, TRACKING) is None


# What is parked for anybody


def test_parked_bodies_that_name_the_person_go_however_they_spell_it(world: World) -> None:
    for name, content in (("a", "ANNA@example.com"), ("b", "bert@example.com"), ("c", "anna@example.com")):
        world.parking.park(parked(name, content=content))
    world.parking.park(replace(parked("report", content="to anna@example.com"), store="-"))
    assert world.traces.purge(STORE, ["Anna@Example.com", "7700112233"], never).emptied.parked == 3
    assert [entry.id for entry in world.parking.parked(STORE)] == ["b"]
    assert world.traces.purge(STORE, ["anna@example.com"], never).emptied.parked == 0


def test_a_purge_that_is_over_goes_on_where_it_stopped_and_looks_at_nothing_twice(world: World) -> None:
    for number in range(40):
        world.parking.park(parked(f"{number:02}", content=f"{'Anna' if number % 4 == 0 else 'Bert'}@example.com"))
    world.parking.park(replace(parked("report", content="to anna@example.com"), store="-"))
    runs, found, after = 0, 0, ""
    while True:
        looked = iter([False] * 9 + [True])
        cleared = world.traces.purge(STORE, ["anna@example.com"], partial(next, looked), after)
        runs, found = runs + 1, found + cleared.emptied.parked
        if cleared.after is None:
            break
        after = cleared.after
    assert (runs, found) == (5, 11)
    assert {entry.content for entry in world.parking.parked(STORE)} == {"Bert@example.com"}
    assert world.parking.parked("-") == []


def test_a_purge_does_not_even_read_what_waits_at_aliases(aws: World) -> None:
    for number in range(50):
        aws.directory.owner_or_park(STORE, Alias("customer", f"{number}"), fact(f"{number}"), NOON)
    aws.parking.park(parked("a", content="anna@example.com"))
    with calls(client("dynamodb")) as asked:
        assert aws.traces.purge(STORE, ["anna@example.com"], never).emptied.parked == 1
    assert Counter(name for name, _ in asked) == {"Query": 32, "GetItem": 1, "DeleteItem": 1}


# What a person has looked at


def test_a_fact_that_is_withdrawn_waits_no_longer_and_its_neighbours_do(world: World) -> None:
    for name in ("one", "two"):
        world.directory.owner_or_park(STORE, ORDER, fact(name), NOON)
    assert world.traces.withdraw(STORE, ORDER, fact("one"))
    assert [entry.id for entry in world.parking.parked(STORE)] == ["two"]
    assert not world.traces.withdraw(STORE, ORDER, fact("one"))
    assert world.traces.withdraw(STORE, ORDER, fact("two"))
    assert world.parking.parked(STORE) == []
    assert list(world.overdue.find(STORE, "parked", NOON + 99 * HOUR, 160)) == []


def test_withdrawing_a_fact_leaves_its_alias_to_its_owner(world: World) -> None:
    world.directory.owner_or_park(STORE, ORDER, fact(), NOON)
    world.directory.owner_or_claim(STORE, ORDER, ANNA)
    assert world.traces.withdraw(STORE, ORDER, fact())
    assert (world.parking.parked(STORE), world.directory.owner(STORE, ORDER)) == ([], ANNA)


def test_nothing_is_left_of_an_alias_at_which_only_the_withdrawn_waited(aws: World) -> None:
    aws.directory.owner_or_park(STORE, ORDER, fact(), NOON)
    aws.traces.withdraw(STORE, ORDER, fact())
    assert items() == []


# Who left


def test_who_registers_the_alias_of_somebody_who_left_is_told_so(world: World) -> None:
    assert world.traces.bury(STORE, ANNA, EMAIL, LEFT)
    assert world.directory.owner(STORE, EMAIL) == ANNA
    assert world.directory.take_over(STORE, EMAIL, ANNA, BERT) == BERT
    made = decision(stranger(STORE, BERT), register=(EMAIL,))
    assert world.customers.commit(made, {}) == ports.Taken((ports.Held(EMAIL, BERT, (), LEFT),))
    assert world.customers.commit(made, {EMAIL: 0}) == ports.Committed()


def test_an_alias_keeps_telling_so_to_whoever_comes_later(world: World) -> None:
    world.traces.bury(STORE, ANNA, EMAIL, LEFT)
    world.directory.take_over(STORE, EMAIL, ANNA, BERT)
    world.customers.commit(decision(stranger(STORE, BERT), register=(EMAIL,)), {EMAIL: 0})
    other = decision(stranger(STORE, "otherotherother1"), register=(EMAIL,))
    assert world.customers.commit(other, {}) == ports.Taken((ports.Held(EMAIL, BERT, (), LEFT),))


def test_facts_that_wait_at_a_buried_alias_are_gone(world: World) -> None:
    world.directory.owner_or_park(STORE, ORDER, fact(), NOON)
    assert world.traces.bury(STORE, ANNA, ORDER, None)
    assert (world.parking.parked(STORE), world.directory.owner(STORE, ORDER)) == ([], ANNA)
    assert list(world.overdue.find(STORE, "parked", NOON + 99 * HOUR, 160)) == []


def test_nobody_buries_what_leads_to_somebody_else(world: World) -> None:
    world.directory.owner_or_claim(STORE, EMAIL, BERT)
    assert not world.traces.bury(STORE, ANNA, EMAIL, LEFT)
    world.traces.drop(STORE, ANNA, EMAIL)
    assert world.directory.owner(STORE, EMAIL) == BERT
    assert commit(world.customers, stranger(STORE, BERT), register=(EMAIL,)).profile.version == 1


def test_what_was_told_first_stays_where_the_work_is_done_again(world: World) -> None:
    """Once the person is forgotten, a second run knows less than the first one did."""
    world.traces.bury(STORE, ANNA, EMAIL, LEFT)
    world.traces.bury(STORE, ANNA, EMAIL, Left(NOON), again=True)
    made = decision(stranger(STORE, ANNA), register=(EMAIL,))
    assert world.customers.commit(made, {}) == ports.Taken((ports.Held(EMAIL, ANNA, (), LEFT),))
    world.traces.bury(STORE, ANNA, EMAIL, Left(NOON + HOUR))
    assert world.customers.commit(made, {}) == ports.Taken((ports.Held(EMAIL, ANNA, (), Left(NOON + HOUR)),))


def test_an_alias_that_is_dropped_leads_nowhere(world: World) -> None:
    world.directory.owner_or_claim(STORE, TRACKING, ANNA)
    world.traces.drop(STORE, ANNA, TRACKING)
    world.traces.drop(STORE, ANNA, TRACKING)
    assert world.directory.owner(STORE, TRACKING) is None


def test_an_alias_is_taken_over_from_the_erased_and_from_nobody_else(world: World) -> None:
    world.directory.owner_or_claim(STORE, EMAIL, ANNA)
    assert world.directory.take_over(STORE, EMAIL, BERT, "otherotherother1") == ANNA
    assert world.directory.take_over(STORE, EMAIL, ANNA, BERT) == BERT
    assert world.directory.take_over(STORE, EMAIL, ANNA, "otherotherother1") == BERT
    assert world.directory.take_over(STORE, ORDER, ANNA, BERT) == BERT, "what led nowhere leads to the heir"


def test_no_key_tells_who_left(aws: World) -> None:
    aws.traces.bury(STORE, ANNA, EMAIL, LEFT)
    assert "example.com" not in str(items())


@pytest.mark.parametrize("operation", ["Query", "UpdateItem", "DeleteItem"])
def test_no_answer_is_unavailable(aws: World, operation: str) -> None:
    somebody(aws)
    with fault(client("dynamodb"), operation, "InternalServerError", 500), pytest.raises(Unavailable):
        aws.traces.empty(STORE, [ANNA], never)


def test_a_body_is_forgotten_once_and_again(world: World) -> None:
    world.bodies.keep("parked/demo/a", "Anna")
    for _ in range(2):
        world.bodies.forget("parked/demo/a")
    assert world.bodies.fetch("parked/demo/a") is None


# Everything, for people and for good


def test_the_archive_is_told_order_by_order(world: World) -> None:
    somebody(world)
    commit(world.customers, stranger(STORE, BERT), with_orders=[personal_order("9")])
    assert [told.id for told in world.traces.archive(STORE, ANNA)] == ["1001"]


def test_a_store_is_cleared_and_its_neighbour_is_not(world: World) -> None:
    somebody(world)
    world.parking.park(parked())
    commit(world.customers, stranger("demo-two", BERT), register=(EMAIL,))
    assert sorted(world.traces.everybody(STORE)) == [ANNA]
    assert world.traces.clear(STORE) > 5
    assert list(world.traces.everybody(STORE)) == []
    assert (world.customers.load(STORE, ANNA), world.directory.owner(STORE, EMAIL)) == (stranger(STORE, ANNA), None)
    assert (world.parking.parked(STORE), world.customers.ledger(STORE, ANNA)) == ([], [])
    assert list(world.traces.everybody("demo-two")) == [BERT]
    assert world.traces.clear(STORE) == 0


def test_bodies_are_cleared_by_how_their_keys_begin(world: World) -> None:
    for key in ("parked/demo/a", "parked/demo/b", "parked/demo-two/a"):
        world.bodies.keep(key, "Anna")
    assert world.bodies.clear("parked/demo/") == 2
    assert world.bodies.fetch("parked/demo-two/a") == "Anna"
