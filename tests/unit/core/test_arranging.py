from dataclasses import replace
from datetime import UTC, datetime, timedelta

from perennial import events
from perennial.arranging import MOST_TOGETHER, arranged
from perennial.customer import Customer, Enrolment, Profile
from perennial.orders import Order

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def order(name: str, lines: int = 2, days: int = 0) -> Order:
    told = tuple(events.Line(id=str(n), title="Kettle", quantity=1) for n in range(lines))
    return Order(events.Order(id=name, lines=told), firsts={"placed": NOON + timedelta(days=days)})


def customer(*orders: Order, alive: str | None = None, apart: str = "") -> Customer:
    """`alive` and `apart` are letters, each an order."""
    names = alive if alive is not None else "".join(order.id for order in orders)
    live = {f"care:{name}": Enrolment(f"care:{name}", "care", "v", name, NOON) for name in names}
    return Customer(Profile("shop", "c"), {order.id: order for order in orders}, live, apart=frozenset(apart))


def test_few_and_small_orders_lie_with_their_person() -> None:
    few = customer(order("a"), order("b"), order("c"))
    assert arranged(few) is few


def test_of_too_many_the_oldest_lie_apart() -> None:
    many = customer(*(order(name, days=days) for days, name in enumerate("fedcba")))
    assert arranged(many).apart == {"f", "e"}


def test_what_lies_apart_stays_there_while_it_lives() -> None:
    held = customer(order("a"), order("b"), apart="a")
    assert arranged(held) is held
    assert arranged(customer(order("a"), order("b"), alive="b", apart="a")).apart == frozenset()


def test_an_order_that_is_too_large_by_itself_lies_apart() -> None:
    assert arranged(customer(order("a", lines=MOST_TOGETHER))).apart == {"a"}


def test_an_order_that_is_edited_again_and_again_lies_apart() -> None:
    edits = {str(number): (NOON, events.Edit(id=str(number))) for number in range(MOST_TOGETHER)}
    assert arranged(customer(replace(order("a"), edits=edits))).apart == {"a"}


def test_what_lies_in_the_archive_takes_no_room() -> None:
    assert arranged(customer(*(order(name, lines=9) for name in "abc"), alive="a")).apart == frozenset()


def test_an_order_whose_day_is_unknown_counts_as_the_newest() -> None:
    unknown = replace(order("a", lines=6), firsts={})
    assert arranged(customer(unknown, order("b", lines=6))).apart == {"b"}
