"""How many decisions one core takes in a second: facts, gates, conditions, plan and wake of the demo's order."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from benchmarks.rows import Row, seconds_each
from benchmarks.worlds import STORE, content, delivery, event_of, placed_at
from perennial.customer import stranger
from perennial.decide import decide
from perennial.draft import Answer, Setting


def rows() -> Iterator[Row]:
    order = event_of(delivery("order placed"))
    setting = Setting(placed_at(), content().stores[STORE], content(), "nonce")
    nobody = stranger(STORE, "a" * 16)
    first = decide(nobody, (order,), setting)
    yield _row("an order that enrols and claims", lambda: decide(nobody, (order,), setting))
    if first.send is None:
        raise SystemExit("the demo's order claims nothing")
    answer = Answer(first.send.touch.id, "nonce", "accepted")
    settled = decide(first.after, (answer,), setting).after
    yield _row("an answer that settles", lambda: decide(first.after, (answer,), setting))
    later = Setting(placed_at() + timedelta(minutes=1), setting.store, content(), "other")
    yield _row("an event that changes nothing", lambda: decide(settled, (order,), later))


def _row(words: str, work: Callable[[], object]) -> Row:
    each = seconds_each(work, rounds=100)
    return Row(f"decide: {words}", 1 / each, "per second")
