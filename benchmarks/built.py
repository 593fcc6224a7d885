"""Every built function under Lambda's own runtime: its first event, the next ones, the memory it takes; and its size.

CPU time of the function's process, from starting it to its answer: a busy machine waits, but works no more for it. The
floor is a function that imports boto3, makes one DynamoDB client and answers, in the same runtime with the same layer.
"""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.rows import Row
from benchmarks.worlds import ROOT
from perennial import links
from tests.deployed.bundle import Bundle, signed
from tests.deployed.repairs import variables_of
from tests.deployed.runtime import BUILD, started
from tests.deployed.shoppers import an_order, as_message

FUNCTIONS = ("ReceiveWebhook", "AdvanceCustomer", "ServePages", "RecordFeedback", "SweepOverdue")
STARTS, CALLS = 5, 20
BUYERS = count(700_001)
FLOOR, FLOOR_NAME = "floor", "boto3 and a DynamoDB client"
APP = "import boto3\nboto3.client('dynamodb')\n\ndef handler(event, context):\n    return {}\n"


@dataclass(frozen=True)
class Cost:
    """Milliseconds of CPU for the first event and for each next one; megabytes at most."""

    first: float
    next_one: float
    memory: float


def rows(bundle: Bundle) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_text(APP)
        variables = variables_of(bundle.named["ReceiveWebhook"])
        floor = _cost(folder, variables, dict)
    yield Row("memory of the floor", floor.memory, "MB")
    for function in FUNCTIONS:
        found = _cost(function, variables_of(bundle.named[function]), partial(_event, function))
        yield Row(f"first event of {function}, built", found.first, "ms of CPU", floor.first, FLOOR_NAME)
        yield Row(f"next event of {function}, built", found.next_one, "ms of CPU", floor.next_one, "an empty function")
        yield Row(f"memory of {function}, built", found.memory, "MB")
    yield from _sizes()


def _event(function: str) -> dict[str, Any]:
    """The sample of `make invoke`, signed for this stack. An order is a new one each time, of somebody new: it claims,
    renders and sends a confirmation, where the same one again would change nothing.
    """
    if function == "AdvanceCustomer":
        number = next(BUYERS)
        return as_message(an_order(number, f"built-{number}@mail.example"), links.customer_id(number.to_bytes(10)))
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{function}.json").read_text())
    if function == "ReceiveWebhook":
        event["headers"] |= signed("orders/create", event["body"].encode())
    return event


def _cost(function: str, variables: Mapping[str, str], make: Callable[[], dict[str, Any]]) -> Cost:
    starts = [_start(function, variables, make) for _ in range(STARTS)]
    return Cost(
        median(each.first for each in starts),
        median(each.next_one for each in starts),
        max(each.memory for each in starts),
    )


def _start(function: str, variables: Mapping[str, str], make: Callable[[], dict[str, Any]]) -> Cost:
    with started(function, variables) as runtime:
        runtime.call(make())
        first = runtime.used()
        for _ in range(CALLS):
            runtime.call(make())
        last = runtime.used()
    warm = (last.cpu_seconds - first.cpu_seconds) / CALLS
    return Cost(first.cpu_seconds * 1e3, warm * 1e3, last.peak_bytes / 2**20)


def _sizes() -> Iterator[Row]:
    """Of the layers: a function is one small file."""
    for folder in sorted(BUILD.glob("*Layer")):
        files = [file for file in folder.rglob("*") if file.is_file()]
        yield Row(f"size of {folder.name}, unpacked", sum(file.stat().st_size for file in files) / 2**20, "MB")
        yield Row(f"size of {folder.name}, zipped", _zipped(folder, files) / 2**20, "MB")


def _zipped(folder: Path, files: list[Path]) -> int:
    with tempfile.TemporaryFile() as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.relative_to(folder))
        return target.tell()
