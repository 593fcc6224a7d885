"""Work spread over processes, its results in order: the same results, however many processes there are."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import Any, TypeVar

Job = TypeVar("Job")
Done = TypeVar("Done")

AHEAD = 2
"""Jobs for each process that are handed out at once: enough that none stands still, and no more results to keep."""

_work: Callable[[Any], Any]
"""What this process does with each of its jobs. It is handed over once, as it may carry a whole store's content."""


def spread(work: Callable[[Job], Done], jobs: Iterable[Job], processes: int) -> Iterator[Done]:
    """`work` of every job. Processes are begun here and now: whoever shows a bar starts its thread afterwards."""
    if processes <= 1:
        return map(work, jobs)
    pool, left = ProcessPoolExecutor(processes, initializer=_take_up, initargs=(work,)), iter(jobs)
    return _in_order(pool, deque(pool.submit(_do, job) for job in islice(left, AHEAD * processes)), left)


def _in_order(pool: ProcessPoolExecutor, begun: deque[Future[Any]], left: Iterator[Any]) -> Iterator[Any]:
    try:
        while begun:
            done = begun.popleft().result()
            begun.extend(pool.submit(_do, job) for job in islice(left, 1))
            yield done
    finally:
        pool.shutdown(cancel_futures=True)


def _take_up(work: Callable[[Any], Any]) -> None:
    global _work
    _work = work


def _do(job: Any) -> Any:
    return _work(job)
