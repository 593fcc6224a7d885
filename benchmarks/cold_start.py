"""Cold start: import and first event of each function, against `import boto3` and one DynamoDB client.

Every start is a process of its own, on what `sam build` ships, with `.pyc`; the bare interpreter's start is taken off
both sides. Starts take turns, so that a slow moment of the machine hits both.
"""

import compileall
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from py_compile import PycInvalidationMode
from statistics import median
from typing import Any

from benchmarks import pages
from benchmarks.artefact import build
from benchmarks.rows import Row
from benchmarks.worlds import BUILD, ROOT, STORE, content, delivery, event_of
from perennial import events
from perennial.content import COMPILED, dump
from perennial.platforms import platform
from perennial_cli import ready_made
from perennial_cli.lambda_events import http_event

ROUNDS = 15
BUDGETS: dict[str, float | None] = {
    "receive_webhook": 2.0,
    "advance_customer": 2.0,
    "record_feedback": 1.2,
    "serve_pages, a mailbox's one-click button": 1.5,
    "serve_pages, the page to unsubscribe": 1.5,
    "serve_pages, the page of an order": None,
}
CLOCK = "import time; print(time.process_time())"
FLOOR = f"import boto3; boto3.client('dynamodb'); {CLOCK}"


def rows() -> Iterator[Row]:
    site = build()
    ours = [sys.executable, "-I", "-S"]
    commands = {
        "bare": [sys.executable, "-c", CLOCK],
        "floor": [sys.executable, "-c", FLOOR],
        "bare artefact": [*ours, "-c", CLOCK],
    }
    for name, path in _first_events().items():
        script = str(ROOT / "benchmarks" / "first_event.py")
        commands[name] = [*ours, script, str(site), name.partition(",")[0], str(path)]
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            taken[name].append(_seconds(command))
    middle = {name: median(found) * 1e3 for name, found in taken.items()}
    floor = middle["floor"] - middle["bare"]
    for function, budget in BUDGETS.items():
        value = middle[function] - middle["bare artefact"]
        yield Row(f"cold start of {function}", value, "ms of CPU", floor, "import boto3 and a DynamoDB client", budget)


def _seconds(command: list[str]) -> float:
    """CPU time up to the last line of a process, as it says itself there.

    Importing waits for nothing, and a busy neighbour is not our cost; nor is taking the interpreter down, which Lambda
    never does.
    """
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return float(done.stdout.splitlines()[-1])


def _environment() -> dict[str, str]:
    names = ["table", "bucket", "schedule_group", "configuration_set", "feedback_queue"]
    queues = {name: f"https://sqs.eu-west-1.amazonaws.com/1/{name}.fifo" for name in ("urgent_queue", "patient_queue")}
    arns = {
        name: f"arn:aws:x:::{name}"
        for name in ("urgent_queue_arn", "patient_queue_arn", "schedule_role", "lost_wakes_arn")
    }
    ours = {
        **{name: name for name in names},
        **queues,
        **arns,
        "parameters": "/perennial",
        "content": str(BUILD / "content.json"),
    }
    aws = {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    plain = {"PYDANTIC_DISABLE_PLUGINS": "__all__"}  # as template.yaml sets it
    return dict(os.environ) | aws | plain | {f"PERENNIAL_{name.upper()}": value for name, value in ours.items()}


def _first_events() -> dict[str, Path]:
    """The demo's order, at the door and in the line."""
    BUILD.mkdir(parents=True, exist_ok=True)
    (BUILD / "content.json").write_text(dump(content()))
    ready_made.write(content(), BUILD / COMPILED)
    compileall.compile_dir(BUILD / COMPILED, quiet=2, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    line, now = delivery("order placed").line, datetime.now(UTC)
    headers = platform("shopify").sign(line.headers, line.bytes, "secret", now)
    order = _placed_at(now, event_of(delivery("order placed")))
    found = {
        "receive_webhook": http_event("POST", f"/webhooks/shopify/{STORE}", headers, line.bytes, now),
        "advance_customer": {"Records": [_record(events.to_json(order))]},
        "record_feedback": {"Records": [_record(_delivered(now))]},
    }
    paths = {name: BUILD / f"{name}.json" for name in found}
    for name, path in paths.items():
        path.write_text(json.dumps(found[name]))
    return paths | pages.first_visits(BUILD)


def _delivered(now: datetime) -> str:
    """What SES reports of nearly every message."""
    tags = {"store": [STORE], "customer": ["a" * 16], "touch": ["0" * 12]}
    mail = {"timestamp": now.isoformat(), "messageId": "m", "destination": ["somebody@mail.example"], "tags": tags}
    return json.dumps({"eventType": "Delivery", "mail": mail, "delivery": {"timestamp": now.isoformat()}})


def _placed_at(now: datetime, event: events.Event) -> events.Event:
    """An order old enough to enrol nobody would spare the first event all of deciding, rendering and sending."""
    assert isinstance(event, events.OrderEvent)
    order = event.order.model_copy(update={"placed_at": now})
    return event.model_copy(update={"occurred_at": now, "received_at": now, "order": order})


def _record(body: str) -> dict[str, Any]:
    return {
        "messageId": "1",
        "receiptHandle": "r",
        "body": body,
        "messageAttributes": {},
        "md5OfBody": "",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1",
            "SenderId": "x",
            "ApproximateFirstReceiveTimestamp": "1",
            "MessageGroupId": f"{STORE}:{'a' * 16}",
        },
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:1:q.fifo",
        "awsRegion": "eu-west-1",
    }
