"""The layer is slim: botocore knows only the operations in its list. Whatever a function calls must be among them."""

import gzip
import importlib.util
import json
import marshal
import os
import shutil
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from perennial import precompiled
from perennial_cli.cloud import Cloud
from perennial_cli.replaying import Line, Replay
from tests.adapters.cloud import ROOT
from tests.infra.stack import FUNCTION, actions_of, of_type
from tests.unit.core.builders import DAY, HOUR, KETTLE, MINUTE, NOW, a_content, a_journey, a_touch

SERVICES = {"ses": "sesv2"}
"""Where IAM and botocore call a service differently."""

WHO = {"email": "ann@example.com", "phone": "+447911123456", "first_name": "Ann"}


def operations() -> dict[str, set[str]]:
    """What the list in layers/engine/slim.py names, by botocore's service."""
    spec = importlib.util.spec_from_file_location("slim", ROOT / "layers" / "engine" / "slim.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, set[str]] = module.OPERATIONS
    return found


def told(after: timedelta, type_: str, **body: Any) -> Line:
    at = NOW + after
    event = {"type": type_, "id": f"{type_}:{after}", "occurred_at": at.isoformat(), **body}
    return Line(at=at, platform="perennial", body=event)


def a_large_order() -> dict[str, Any]:
    """Too large for a queue: it goes by way of the bucket."""
    lines = [{**KETTLE, "id": str(number), "title": "Kettle " + "x" * 300} for number in range(800)]
    money = {"currency": "GBP", "total": "40.00"}
    return {"id": "1001", "placed_at": NOW.isoformat(), "contact": WHO, "lines": lines, **money}


LIFE = [
    told(-MINUTE, "DeviceRegistered", contact=WHO, device={"endpoint": "arn:aws:sns:x:1:app/1", "platform": "fcm"}),
    told(timedelta(0), "OrderPlaced", order=a_large_order()),
    told(HOUR, "ShipmentShipped", order_id="unknown", parcel={"id": "p1"}),
    told(2 * HOUR, "OrderPlacedd"),
    told(2 * DAY, "OrderCancelled", order={"id": "1001", "cancelled_at": (NOW + 2 * DAY).isoformat()}),
]  # fmt: skip


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """The calls of a short life that meets everything: all channels, a large body, things parked, wakes moved."""
    touches = (
        a_touch("note", "order.placed", "note"),
        a_touch("ping", "order.placed", "ping"),
        a_touch("buzz", "order.placed", "buzz"),
        a_touch("later", "order.placed + 5 days", "note"),
    )
    content = a_content(a_journey("care", *touches, stop=["order.cancelled"]))
    with Cloud.open(content, ROOT, LIFE[0].at, tmp_path_factory.mktemp("layer")) as cloud:
        Replay(cloud, "shop", sign=True).feed(LIFE)
        cloud.run_until(NOW + 3 * DAY)
        for name, function in cloud.host.functions.items():
            if not function.queues and not function.routes:
                cloud.call(name, {})  # what only a schedule calls
        cloud.call("RecordFeedback", {"task": "read opted-out numbers"})
        return cloud.witness.calls + cloud.witness.feedback_calls


def test_that_life_meets_what_it_is_meant_to_meet(seen: Counter[str]) -> None:
    assert seen.keys() >= {
        "DynamoDB.Query",
        "DynamoDB.PutItem",
        "DynamoDB.TransactWriteItems",
        "DynamoDB.UpdateItem",
        "S3.GetObject",
        "S3.PutObject",
        "SESv2.SendEmail",
        "SNS.Publish",
        "SQS.SendMessage",
        "SSM.GetParameter",
        "Scheduler.CreateSchedule",
        "Scheduler.DeleteSchedule",
    }


def test_the_layer_knows_every_operation_that_the_functions_are_seen_to_call(seen: Counter[str]) -> None:
    known = {(service, operation) for service, names in operations().items() for operation in names}
    called = {tuple(name.split(".")) for name in seen}
    assert {(service.lower(), operation) for service, operation in called} <= known


@pytest.mark.parametrize("function", of_type(FUNCTION))
def test_the_layer_knows_every_operation_that_a_function_may_call(function: str) -> None:
    """A right that the layer cannot use is a right in vain, or a call that fails on its first day."""
    for action in actions_of(function) - {"iam:PassRole"}:
        service, _, operation = action.partition(":")
        assert operation in operations()[SERVICES.get(service, service)], action


def test_every_operation_of_the_list_is_one_that_botocore_knows() -> None:
    data = Path(importlib.util.find_spec("botocore").origin or "").parent / "data"  # type: ignore[union-attr]  # it is installed
    for service, names in operations().items():
        newest = max((data / service).iterdir())
        model = json.loads(gzip.decompress((newest / "service-2.json.gz").read_bytes()))
        assert names <= model["operations"].keys()


MISSED = """
import dataclasses
from perennial import precompiled
held, missed = precompiled.read(precompiled.FILE), []
def spy(text, names, *rest):
    if names["__name__"].startswith("perennial") and precompiled.key(text) not in held:
        missed.append(names["__name__"])
    exec(text, names, *rest)
vars(dataclasses)["exec"] = spy
from importlib import import_module
from pathlib import Path
for file in Path(precompiled.__file__).parent.rglob("*.py"):
    import_module(".".join(("perennial", *file.relative_to(precompiled.FILE.parent).with_suffix("").parts)))
print(len(held), missed)
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the engine, as the build leaves it."""
    engine = ROOT / "layers" / "engine"
    site = tmp_path_factory.mktemp("site")
    shutil.copytree(engine / "perennial", site / "perennial", ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, engine / "precompile.py", site], check=True)
    return site


def _in(site: Path, code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONHASHSEED": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_no_dataclass_of_the_engine_is_left_to_be_compiled_in_a_cold_start(compiled: Path) -> None:
    held, _, missed = _in(compiled, MISSED).partition(" ")
    assert int(held) > 300
    assert missed.strip() == "[]"


def test_a_dataclass_that_was_compiled_by_the_build_is_what_it_is_without(compiled: Path) -> None:
    told = "from perennial.customer import Wake; from datetime import datetime as d; w = Wake(d(2026, 1, 1), n=3)\n"
    told += "import dataclasses as c\nprint(w, w == c.replace(w), hash(w), c.replace(w, n=4).n, Wake.__slots__)\n"
    told += "try:\n    w.n = 5\nexcept c.FrozenInstanceError as error:\n    print(error)\n"
    assert _in(compiled, told) == _in(ROOT / "layers" / "engine", told)


def test_code_of_another_python_is_not_used(compiled: Path) -> None:
    file = compiled / "perennial" / "precompiled.bin"
    assert precompiled.read(file)
    other = file.with_name("other.bin")
    other.write_bytes(marshal.dumps((b"\0\0\r\n", {b"k": b""})))
    assert precompiled.read(other) == {}
    assert precompiled.read(file.with_name("nothing.bin")) == {}
