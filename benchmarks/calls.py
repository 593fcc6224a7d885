"""AWS calls: for one accepted webhook and for one email touch, in a process that is warm."""

from collections.abc import Iterator

from benchmarks.rows import Row
from benchmarks.worlds import cloud, delivery, post
from perennial_cli.cloud import Cloud

SETTING_UP = ("SSM.GetParameter",)
"""Asked once in five minutes by each process, whatever it handles."""


def rows() -> Iterator[Row]:
    with cloud() as opened:
        post(opened, delivery("consent to texts"))  # warms the door
        before = _count(opened)
        post(opened, delivery("order placed"))
        yield Row("AWS calls per accepted webhook", _count(opened) - before, "calls", budget=2)
        yield Row("AWS calls per email touch, sent by its event", _touch(opened), "calls", budget=5)
        for words in (
            "the blender leaves",
            "the refrigerator leaves",
            "the blender is there",
            "the refrigerator is there",
        ):
            post(opened, delivery(words))
            opened.settle()
        yield Row("AWS calls per email touch, sent by its wake", _by_wake(opened), "calls", budget=5)


def _touch(opened: Cloud) -> int:
    """Calls of one run that sends one email and adopts nothing."""
    before, sent = _count(opened), len(opened.witness.sent)
    opened.settle()
    if len(opened.witness.sent) != sent + 1:
        raise SystemExit("the order's event did not send exactly one message")
    return _count(opened) - before


def _by_wake(opened: Cloud) -> int:
    """The dearest of the runs in which a wake sends exactly one email."""
    dearest = 0
    while (due := opened.next_wake()) is not None:
        before, sent = _count(opened), len(opened.witness.sent)
        opened.run_until(due)
        new = opened.witness.sent[sent:]
        if [message.channel for message in new] == ["email"]:
            dearest = max(dearest, _count(opened) - before)
    return dearest


def _count(opened: Cloud) -> int:
    calls = opened.witness.calls
    return calls.total() - sum(calls[name] for name in SETTING_UP)
