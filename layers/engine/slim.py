"""Makes an installed layer smaller and quicker to start: run by the layer's Makefile and by the benchmarks.

botocore knows some 400 services with all their documentation; we call seven, a few operations of each. Reading their
models is a third of a cold start, so only what is called is kept, without a word of documentation.
"""

import gzip
import json
import shutil
import sys
from pathlib import Path
from typing import Any

OPERATIONS = {
    "dynamodb": {
        "BatchGetItem",
        "DeleteItem",
        "DescribeEndpoints",
        "GetItem",
        "PutItem",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    },
    "s3": {"DeleteObject", "GetObject", "PutObject"},
    "scheduler": {"CreateSchedule", "DeleteSchedule"},
    "sesv2": {"SendEmail"},
    "sns": {"ListPhoneNumbersOptedOut", "Publish"},
    "sqs": {"SendMessage"},
    "ssm": {"GetParameter"},
}
"""Every AWS operation the functions call, by service; tests/infra compares it with what they are seen to call."""

ALWAYS = {"sso", "sso-oidc", "sts", "signin"}
"""Asked for by botocore itself when it looks for credentials."""


def slim(site: Path) -> None:
    """Slims the packages installed in a folder, in place."""
    data = site / "botocore" / "data"
    for folder in [entry for entry in data.iterdir() if entry.is_dir()]:
        if folder.name not in OPERATIONS and folder.name not in ALWAYS:
            shutil.rmtree(folder)
        for file in sorted(folder.rglob("*.json.gz")) if folder.exists() else ():
            _rewrite(file, OPERATIONS.get(folder.name))
    shutil.rmtree(site / "bin", ignore_errors=True)
    for cache in sorted(site.rglob("__pycache__")):
        shutil.rmtree(cache, ignore_errors=True)


def _rewrite(file: Path, operations: set[str] | None) -> None:
    document = json.loads(gzip.decompress(file.read_bytes()))
    if file.name.startswith("service-") and operations is not None:
        document = _only(document, operations)
    elif not file.name.startswith(("service-", "endpoint-rule-set")):
        file.unlink()  # paginators, waiters and examples
        if file.name.startswith("paginators-") and operations and "Query" in operations:
            _write(file, {"pagination": {"Query": document["pagination"]["Query"]}})
        return
    _write(file, _silent(document))


def _write(file: Path, document: Any) -> None:
    """Plain, as decompressing costs time as well; botocore reads both."""
    file.unlink(missing_ok=True)
    file.with_suffix("").write_text(json.dumps(document, separators=(",", ":")))


def _only(model: dict[str, Any], operations: set[str]) -> dict[str, Any]:
    """The model with some operations and the shapes they reach."""
    kept = {name: entry for name, entry in model["operations"].items() if name in operations}
    missing = operations - kept.keys()
    if missing:
        raise SystemExit(f"botocore knows no {', '.join(sorted(missing))}")
    reached: set[str] = set()
    waiting = list(_shapes_in(kept))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _shapes_in(model["shapes"][name])
    shapes = {name: entry for name, entry in model["shapes"].items() if name in reached}
    return {**model, "operations": kept, "shapes": shapes}


def _shapes_in(entry: Any) -> list[str]:
    if isinstance(entry, dict):
        own = [entry["shape"]] if isinstance(entry.get("shape"), str) else []
        return own + [name for value in entry.values() for name in _shapes_in(value)]
    if isinstance(entry, list):
        return [name for value in entry for name in _shapes_in(value)]
    return []


def _silent(entry: Any) -> Any:
    """Without documentation. A member that happens to be called so is a mapping, and stays."""
    if isinstance(entry, dict):
        return {
            name: _silent(value)
            for name, value in entry.items()
            if not (name == "documentation" and isinstance(value, str))
        }
    return [_silent(value) for value in entry] if isinstance(entry, list) else entry


if __name__ == "__main__":
    slim(Path(sys.argv[1]))
