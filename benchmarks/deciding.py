"""How many decisions one core takes in a second: facts, gates, conditions, plan and wake of the demo's order.

Each is about a customer and an event that nobody has seen before, as they come from the table and the line: nothing
that was remembered of the last round helps.
"""

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta

from benchmarks.rows import Row, seconds_each
from benchmarks.worlds import STORE, content, delivery, event_of, placed_at
from perennial.customer import Customer, stranger
from perennial.decide import Input, decide
from perennial.draft import Answer, Setting

ROUNDS, BATCHES = 100, 7


def rows() -> Iterator[Row]:
    order = event_of(delivery("order placed"))
    setting = Setting(placed_at(), content().stores[STORE], content(), "nonce")
    nobody = stranger(STORE, "a" * 16)
    first = decide(nobody, (order,), setting)
    yield _row("an order that enrols and claims", nobody, order, setting)
    if first.send is None:
        raise SystemExit("the demo's order claims nothing")
    answer = Answer(first.send.touch.id, "nonce", "accepted")
    settled = decide(first.after, (answer,), setting).after
    yield _row("an answer that settles", first.after, answer, setting)
    later = Setting(placed_at() + timedelta(minutes=1), setting.store, content(), "other")
    yield _row("an event that changes nothing", settled, order, later)


def _row(words: str, customer: Customer, told: Input, setting: Setting) -> Row:
    fresh = iter([deepcopy((customer, told)) for _ in range(ROUNDS * BATCHES + 1)])

    def work() -> object:
        somebody, news = next(fresh)
        return decide(somebody, (news,), setting)

    return Row(f"decide: {words}", 1 / seconds_each(work, ROUNDS, BATCHES), "per second")
