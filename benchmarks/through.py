"""Orders through the whole deployed bundle: how long from webhook to mail server, and how many in a second.

What limits it is the stand-in: its mapping of a FIFO queue hands over one message at a time, whatever group it is of,
and it is one process. So the CPU time of its own process and of the functions that it runs stand beside the figure.
"""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from statistics import median, quantiles
from typing import Any

from benchmarks.processes import child_named, cpu_seconds
from benchmarks.rows import Row
from tests.deployed.bundle import Bundle
from tests.deployed.emulator import eventually
from tests.deployed.shoppers import an_order

NUMBERS = count(500_001)
ONE_BY_ONE, AT_ONCE, SENDERS = 50, 200, 4


@dataclass(frozen=True)
class Burst:
    """What became of orders that came in at once; `mails` are how many the mail server has for each."""

    orders: int
    seconds: float
    emulator: float
    functions: float
    mails: list[int]


def rows(bundle: Bundle) -> Iterator[Row]:
    _latency(bundle)  # every process starts
    taken = sorted(_latency(bundle) for _ in range(ONE_BY_ONE))
    yield Row("webhook to mail server, p50", median(taken) * 1e3, "ms")
    yield Row("webhook to mail server, p95", quantiles(taken, n=20)[-1] * 1e3, "ms")
    found = burst(bundle, AT_ONCE)
    yield Row("orders through the deployed bundle", found.orders / found.seconds, "per second")
    yield Row("CPU of the stand-in for an order", 1e3 * found.emulator / found.orders, "ms of CPU")
    yield Row("CPU of the functions for an order", 1e3 * found.functions / found.orders, "ms of CPU")
    yield Row("orders of a burst without exactly one mail", sum(each != 1 for each in found.mails), "orders", budget=0)


def _latency(bundle: Bundle) -> float:
    """Seconds from sending the webhook to the mail server's file."""
    number = next(NUMBERS)
    told, before = an_order(number, f"one-by-one-{number}@mail.example"), set(bundle.mailbox.folder.glob("new/*"))
    began = time.time()
    assert bundle.webhook("orders/create", told).status == 200
    while not (new := set(bundle.mailbox.folder.glob("new/*")) - before):
        time.sleep(0.005)
    return min(file.stat().st_mtime_ns for file in new) / 1e9 - began


def burst(bundle: Bundle, orders: int, patience: float = 600) -> Burst:
    """As many orders of as many people, sent by four at once; ends when the line is empty."""
    numbers = [next(NUMBERS) for _ in range(orders)]
    stand_in = child_named("ministack")
    before, began = cpu_seconds(stand_in), time.monotonic()
    with ThreadPoolExecutor(SENDERS) as senders:
        taken = list(senders.map(lambda number: _send(bundle, number), numbers))
    assert all(taken), "the door stayed shut"
    last = time.monotonic()
    while time.monotonic() < last + patience and not bundle.idle():
        time.sleep(0.1)
    seconds = time.monotonic() - began
    after = cpu_seconds(stand_in)
    eventually(lambda: all(bundle.mailbox.by_recipient()[_email(number)] for number in numbers), seconds=10)
    told = bundle.mailbox.by_recipient()
    mails = [told[_email(number)] for number in numbers]
    return Burst(orders, seconds, after.itself - before.itself, after.children - before.children, mails)


def _send(bundle: Bundle, number: int) -> bool:
    """Whether it was taken in the end: the shop tells again until it hears 2xx."""
    told = an_order(number, _email(number))
    return eventually(lambda: _taken(bundle, told))


def _taken(bundle: Bundle, told: dict[str, Any]) -> bool:
    try:
        return bundle.webhook("orders/create", told).status == 200
    except TimeoutError:
        return False


def _email(number: int) -> str:
    return f"burst-{number}@mail.example"
