"""One cold start in a process of its own: imports a function and hands it its first event.

The last line it prints is its CPU time in seconds.

AWS is answered from memory, below botocore's parsers, so that what is timed is our code and botocore's, not a network.
"""

import importlib
import importlib.util
import json
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

ANSWERS: dict[str, Any] = {
    "GetParameter": lambda body: {"Parameter": {"Name": body["Name"], "Value": _parameter(body["Name"])}},
    "SendMessage": lambda body: {"MessageId": "m", "MD5OfMessageBody": _md5(body["MessageBody"])},
    "Query": lambda body: {"Items": _stored("L#"), "Count": 0},
    "GetItem": lambda body: {"Item": next(iter(_stored(body["Key"]["sk"]["S"])), {})},
}

TABLE: list[dict[str, Any]] = []
"""The items of the one customer who is asked about."""


def _stored(prefix: str) -> list[dict[str, Any]]:
    return [item for item in TABLE if item["sk"]["S"].startswith(prefix)]


def _md5(text: str) -> str:
    import hashlib

    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _parameter(name: str) -> str:
    if name.endswith("/keys"):
        return json.dumps({"pepper": "00" * 32, "links": {"current": 1, "keys": {"1": "11" * 32}}})
    return json.dumps({"current": "secret"})


def answer_from_memory() -> None:
    """Replaces botocore's HTTP session: every request is accepted."""
    # botocore's insides have no types worth checking against.
    httpsession: Any = importlib.import_module("botocore.httpsession")
    awsrequest: Any = importlib.import_module("botocore.awsrequest")

    def send(self: Any, request: Any) -> Any:
        target = request.headers.get("X-Amz-Target", b"")
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        told: Any = {"MessageId": "m", "ScheduleArn": "a"}
        if operation in ANSWERS:
            told = ANSWERS[operation](json.loads(request.body))
        answered = awsrequest.AWSResponse(request.url, 200, {"content-type": "application/json"}, None)
        answered._content = json.dumps(told).encode()
        return answered

    httpsession.URLLib3Session.send = send


def load(site: Path, function: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("app", site / "functions" / function / "app.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"there is no function {function}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(site: Path, function: str, event: Path) -> None:
    from types import SimpleNamespace

    items = event.with_suffix(".items")
    TABLE.extend(json.loads(items.read_text()) if items.exists() else [])
    sys.path.insert(0, str(site))
    module = load(site, function)
    answer_from_memory()
    context = SimpleNamespace(
        function_name=function, memory_limit_in_mb=512, invoked_function_arn="arn:f", aws_request_id="1"
    )
    answer = module.handler(json.loads(event.read_text()), context)
    if answer.get("batchItemFailures") or answer.get("statusCode", 200) != 200:
        raise SystemExit(f"{function} did not take its first event: {answer}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
    print(time.process_time())
