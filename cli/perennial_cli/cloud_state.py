"""What an embedded cloud holds, in a file: so that `perennial explain` can look into yesterday's replay."""

import base64
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from perennial.errors import Misconfigured
from perennial_cli import cloud_timers
from perennial_cli.cloud import Cloud

FORMAT = 1


def save(cloud: Cloud, file: Path) -> None:
    """Writes table, schedules, stored bodies and clock. The file holds personal data, as the table does."""
    document = {
        "format": FORMAT,
        "now": cloud.now.isoformat(),
        "items": list(_items(cloud)),
        "schedules": cloud_timers.as_requests(),
        "bodies": dict(_bodies(cloud)),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, default=_spell))


def saved_clock(file: Path) -> datetime:
    """Where the clock of a saved cloud stands. Raises Misconfigured if there is none."""
    return datetime.fromisoformat(_read(file)["now"])


def restore(cloud: Cloud, file: Path) -> None:
    """Fills a fresh cloud with what was saved."""
    document = _read(file)
    table, bucket = cloud.resources.attribute("Table", "Ref"), cloud.resources.attribute("Bucket", "Ref")
    for item in document["items"]:
        cloud.admin("dynamodb").put_item(TableName=table, Item=_respell(item))
    for schedule in document["schedules"]:
        cloud.admin("scheduler").create_schedule(**schedule)
    for key, body in document["bodies"].items():
        cloud.admin("s3").put_object(Bucket=bucket, Key=key, Body=body.encode())


def _read(file: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise Misconfigured(
            f"there is no replayed store in {file}: run `perennial replay` or `perennial demo`"
        ) from error
    if document.get("format") != FORMAT:
        raise Misconfigured(f"{file} was written by another version: replay again")
    return document


def _spell(packed: bytes) -> str:
    """Packed documents as JSON can hold them."""
    return base64.b64encode(packed).decode()


def _respell(item: dict[str, Any]) -> dict[str, Any]:
    return {name: {"B": base64.b64decode(value["B"])} if "B" in value else value for name, value in item.items()}


def _items(cloud: Cloud) -> Iterator[dict[str, Any]]:
    pages = cloud.admin("dynamodb").get_paginator("scan").paginate(TableName=cloud.resources.attribute("Table", "Ref"))
    for page in pages:
        yield from page["Items"]


def _bodies(cloud: Cloud) -> Iterator[tuple[str, str]]:
    bucket = cloud.resources.attribute("Bucket", "Ref")
    for entry in cloud.admin("s3").list_objects_v2(Bucket=bucket).get("Contents", []):
        found = cloud.admin("s3").get_object(Bucket=bucket, Key=entry["Key"])
        yield entry["Key"], found["Body"].read().decode()
