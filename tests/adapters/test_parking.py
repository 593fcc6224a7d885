from datetime import timedelta

import pytest

from perennial import events, ports
from perennial.customer import stranger
from perennial.errors import Unavailable
from tests.adapters.cloud import BUCKET, NOON, Cloud, client, fault, small_pages
from tests.adapters.people import ANNA, BERT, ORDER, STORE, commit, fact, parked
from tests.adapters.worlds import World

HOUR = timedelta(hours=1)


def test_what_is_parked_is_listed_oldest_first(world: World) -> None:
    second = parked("b", NOON + HOUR, kind="request", reason="answer it", platform="shopify", headers={"X-Topic": "é"})
    first, third = parked("z", NOON), parked("a", NOON + 2 * HOUR)
    for entry in (third, first, second):
        world.parking.park(entry)
    assert world.parking.parked(STORE) == [first, second, third]


def test_what_was_parked_at_one_moment_is_listed_by_its_id(world: World) -> None:
    names = [f"shopify:{n}" for n in (3, 1, 4, 2)]
    for name in names:
        world.parking.park(parked(name))
    assert [entry.id for entry in world.parking.parked(STORE)] == sorted(names)


def test_stores_see_only_their_own(world: World) -> None:
    world.parking.park(parked())
    assert world.parking.parked("other") == []
    assert world.parking.parked("dem") == []


def test_parking_the_same_again_changes_nothing(world: World) -> None:
    world.parking.park(parked())
    world.parking.park(parked(at=NOON + HOUR, reason="still cannot be read"))
    assert world.parking.parked(STORE) == [parked()]


def test_bodies_facts_and_events_of_customers_are_listed_together(world: World) -> None:
    of_customer = parked("b", NOON + HOUR, kind="event", reason="order.total is unknown", customer=ANNA)
    body, waiting = parked("a"), fact("c", hours=2)
    commit(world.customers, stranger(STORE, ANNA))
    world.customers.park(STORE, ANNA, of_customer)
    world.directory.owner_or_park(STORE, ORDER, waiting, NOON)
    world.parking.park(body)
    assert world.parking.parked(STORE) == [body, of_customer, ports.alias_fact(STORE, "order", waiting)]


def test_every_fact_of_an_alias_is_listed_with_its_own_time(world: World) -> None:
    early, late = fact("early"), fact("late", hours=5)
    world.directory.owner_or_park(STORE, ORDER, late, NOON)
    world.directory.owner_or_park(STORE, ORDER, early, NOON)
    between = parked("between", NOON + HOUR)
    world.parking.park(between)
    found = world.parking.parked(STORE)
    assert [entry.id for entry in found] == ["early", "between", "late"]
    assert events.from_json(found[0].content) == early


def test_what_is_removed_is_listed_no_more(world: World) -> None:
    for name in ("one", "two"):
        world.parking.park(parked(name))
    world.parking.remove(parked("one"))
    assert world.parking.parked(STORE) == [parked("two")]


def test_removing_what_is_gone_changes_nothing(world: World) -> None:
    world.parking.remove(parked())
    world.parking.remove(parked(kind="event", customer=ANNA))
    assert world.parking.parked(STORE) == []
    assert world.customers.load(STORE, ANNA) == stranger(STORE, ANNA)


def test_a_customer_whose_events_are_put_back_has_nothing_parked(world: World) -> None:
    entries = [parked(name, kind="event", customer=ANNA) for name in ("one", "two")]
    for entry in entries:
        world.customers.park(STORE, ANNA, entry)
    for left, entry in ((1, entries[0]), (1, entries[0]), (0, entries[1])):
        world.parking.remove(entry)
        assert world.customers.load(STORE, ANNA).parked == left
    assert world.parking.parked(STORE) == []


def test_what_is_put_back_meanwhile_does_not_come_back_with_a_commit(world: World) -> None:
    entries = [parked(name, kind="event", customer=ANNA) for name in ("one", "two")]
    for entry in entries:
        world.customers.park(STORE, ANNA, entry)
    before = world.customers.load(STORE, ANNA)
    world.parking.remove(entries[0])
    assert commit(world.customers, before, wakes=1).parked == 1


def test_an_event_of_one_customer_is_not_removed_for_another(world: World) -> None:
    for customer in (ANNA, BERT):
        world.customers.park(STORE, customer, parked(kind="event", customer=customer))
    world.parking.remove(parked(kind="event", customer=ANNA))
    assert [entry.customer for entry in world.parking.parked(STORE)] == [BERT]
    assert (world.customers.load(STORE, ANNA).parked, world.customers.load(STORE, BERT).parked) == (0, 1)


def test_whatever_is_parked_is_found_wherever_it_lies(world: World) -> None:
    names = sorted(f"shopify:{n:03}" for n in range(60))
    for name in names:
        world.parking.park(parked(name))
    assert [entry.id for entry in world.parking.parked(STORE)] == names


def test_more_than_one_page_of_parked_things_is_listed(aws: World) -> None:
    for name in ("one", "two", "three"):
        aws.directory.owner_or_park(STORE, ORDER, fact(name), NOON)
        aws.customers.park(STORE, ANNA, parked(f"event {name}", kind="event", customer=ANNA))
    with small_pages(client("dynamodb")) as asked:
        assert len(aws.parking.parked(STORE)) == 6
    assert len(asked) > 16


LARGE = {
    "plain": "x" * 400_000,
    "full of quotes": '"' * 250_000,
    "binary": "\\xff" * 100_000,
    "of wide letters": "€" * 150_000,
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_body_of_any_size_is_kept_whole(world: World, kind: str) -> None:
    world.parking.park(parked(content=LARGE[kind]))
    (found,) = world.parking.parked(STORE)
    assert world.parking.content(found) == LARGE[kind]


@pytest.mark.parametrize("kind", LARGE)
def test_an_event_of_any_size_is_kept_whole_with_its_customer(world: World, kind: str) -> None:
    world.customers.park(STORE, ANNA, parked(kind="event", customer=ANNA, content=LARGE[kind]))
    (found,) = world.parking.parked(STORE)
    assert world.parking.content(found) == LARGE[kind]
    assert world.customers.load(STORE, ANNA).parked == 1


def test_a_body_that_fits_is_kept_with_the_rest(aws: World) -> None:
    aws.parking.park(parked(content="x" * 300_000))
    (found,) = aws.parking.parked(STORE)
    assert (found.stored_as, found.content) == (None, "x" * 300_000)


def test_a_body_that_does_not_fit_lies_where_the_bucket_keeps_parked_bodies(aws: World, cloud: Cloud) -> None:
    aws.parking.park(parked("shopify:abc", content="x" * 400_000))
    (found,) = aws.parking.parked(STORE)
    assert (found.stored_as, found.content) == ("parked/demo/shopify:abc", "")
    assert client("s3").head_object(Bucket=BUCKET, Key="parked/demo/shopify:abc")["ContentLength"] == 400_000


def test_no_answer_is_unavailable(aws: World) -> None:
    aws.parking.park(parked())
    for operation, ask in (
        ("PutItem", lambda: aws.parking.park(parked("two"))),
        ("DeleteItem", lambda: aws.parking.remove(parked())),
        ("Query", lambda: aws.parking.parked(STORE)),
        ("GetItem", lambda: aws.parking.parked(STORE)),
    ):
        with fault(client("dynamodb"), operation, "InternalServerError", 500), pytest.raises(Unavailable):
            ask()
