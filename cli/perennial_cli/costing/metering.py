"""Meters what the functions do in the embedded cloud: calls by function, and what DynamoDB would charge for each.

moto reports no capacity worth reading (1.0 for everything, nothing for transactions), so the items are measured as they
lie in the table before and after each write.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from botocore.session import Session

from perennial_cli.cloud import Cloud
from perennial_cli.costing import units
from perennial_cli.functions_host import Function

CHUNK = 64 * 1024
"""Bytes that a queue charges as one request."""

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"}
Key = dict[str, dict[str, str]]
Place = tuple[str, Key]


@dataclass
class Meter:
    """`used` counts by (function, what). What: `invocations`, `write units`, `read units`, `calls <Service>` …"""

    cloud: Cloud
    used: Counter[tuple[str, str]] = field(default_factory=Counter)
    function: str = ""
    _before: list[tuple[Place, units.Item]] = field(default_factory=list)

    @classmethod
    def on(cls, cloud: Cloud, session: Session) -> "Meter":
        """Meters every call of the clients that the session makes from now on, and every invocation."""
        meter = cls(cloud)
        invoke = cloud.host.invoke

        def metered(function: Function, event: Mapping[str, Any]) -> Any:
            meter.function = function.name
            meter.add("invocations", 1)
            return invoke(function, event)

        cloud.host.invoke = metered  # type: ignore[method-assign]  # the host has no other place to look in
        emitter = session.get_component("event_emitter")
        emitter.register("provide-client-params.*.*", meter._asked)
        emitter.register("after-call.*.*", meter._answered)
        return meter

    def add(self, what: str, amount: float) -> None:
        self.used[self.function, what] += amount  # type: ignore[assignment]  # units of reading come in halves

    def _asked(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        service = model.service_model.service_id.replace(" ", "")
        self.add(f"calls {service}", 1)
        if model.name in WRITES:
            self._before = [(place, self._item(place)) for place in _places(model.name, params)]
        elif model.name == "SendMessage":
            self.add("queue requests", ceil(len(params["MessageBody"].encode()) / CHUNK))
        elif model.name in ("SendEmail", "PutObject"):
            self.add(model.name, 1)

    def _answered(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if model.name in WRITES:
            transaction = model.name == "TransactWriteItems"
            for place, before in self._before:
                after = self._item(place)
                self.add("write units", units.write_units(before, after, transaction=transaction))
                self.add("index units", units.index_units(before, after))
        elif model.name in ("Query", "GetItem", "BatchGetItem"):
            self.add("read units", self._read(model.name, parsed))

    def _read(self, name: str, parsed: Mapping[str, Any]) -> float:
        """Every read is reckoned as a consistent one, which the dearer of them are."""
        if name == "Query":
            return units.read_units(sum(map(units.size, parsed.get("Items", []))), consistent=True)
        found = [parsed.get("Item", {})]
        if name == "BatchGetItem":
            found = [item for items in parsed.get("Responses", {}).values() for item in items]
        return sum(units.read_units(units.size(item), consistent=True) for item in found)

    def _item(self, place: Place) -> units.Item:
        table, key = place
        found = self.cloud.admin("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True)
        item: units.Item = found.get("Item", {})
        return item

    def stored(self) -> int:
        """Bytes that lie in the table."""
        table = self.cloud.resources.attribute("Table", "Ref")
        pages = self.cloud.admin("dynamodb").get_paginator("scan").paginate(TableName=table)
        return sum(map(units.stored, (item for page in pages for item in page["Items"])))

    def logged(self) -> int:
        """Bytes that the functions have logged by now."""
        return sum(len(line.encode()) + 1 for line in self.cloud.host.log.lines)

    def lines(self) -> int:
        """Lines that the functions have logged by now."""
        return len(self.cloud.host.log.lines)

    def metrics(self) -> set[tuple[str, ...]]:
        """Metrics of our own that the log has told of: name and dimensions."""
        told = (json.loads(line) for line in self.cloud.host.log.lines if '"_aws"' in line)
        directives = (directive for line in told for directive in line["_aws"]["CloudWatchMetrics"])
        return {
            (metric["Name"], *dimensions)
            for directive in directives
            for metric in directive["Metrics"]
            for dimensions in directive["Dimensions"]
        }


def _places(name: str, params: Mapping[str, Any]) -> Iterator[Place]:
    """Every item that a write is about. Checks of a transaction count as writes do."""
    actions = [params]
    if name == "TransactWriteItems":
        actions = [action for entry in params["TransactItems"] for action in entry.values()]
    for action in actions:
        whole = action.get("Key") or action["Item"]
        yield action["TableName"], {part: whole[part] for part in ("pk", "sk")}
