"""Smaller things in the one table: what is parked, what is paused, and journeys as enrolments began with them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import ValidationError

from perennial import documents, ports
from perennial.adapters import table
from perennial.adapters.errors import translated
from perennial.adapters.items import facts_of, pack, parked_item, unpack
from perennial.adapters.table import Item
from perennial.errors import RuleFailed
from perennial.journeys import Journey, canonical, version_of
from perennial.pauses import Pause

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

FRESH = timedelta(seconds=30)

REFUSED = "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True)
class DynamoParking:
    """`bodies` takes what does not fit into an item."""

    client: "DynamoDBClient"
    name: str
    bodies: ports.Bodies

    def park(self, parked: ports.Parked) -> None:
        item = parked_item(parked, f"{parked.store}#X#{parked.id}", "parked", self.bodies)
        try:
            with translated(REFUSED):
                self.client.put_item(
                    TableName=self.name, Item=pack(item), ConditionExpression="attribute_not_exists(pk)"
                )
        except ClientError:
            return  # it is parked already, since then

    def parked(self, store: str) -> Sequence[ports.Parked]:
        found = [entry for shard in range(table.SHARDS) for entry in self._shard(store, shard)]
        return sorted(found, key=lambda parked: (parked.parked_at, parked.id))

    def content(self, parked: ports.Parked) -> str:
        return parked.content if parked.stored_as is None else self.bodies.fetch(parked.stored_as) or ""

    def remove(self, parked: ports.Parked) -> None:
        pk, sk = f"{parked.store}#X#{parked.id}", "parked"
        if parked.customer is not None:
            pk, sk = table.customer_key(parked.store, parked.customer), f"L#parked#{parked.id}"
        with translated():
            self.client.delete_item(TableName=self.name, Key=pack({"pk": pk, "sk": sk}))

    def _shard(self, store: str, shard: int) -> Iterator[ports.Parked]:
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            IndexName=table.INDEX,
            KeyConditionExpression="due = :due",
            ExpressionAttributeValues=pack({":due": table.due_partition(store, "parked", shard)}),
        )
        with translated():
            for page in pages:
                for found in page["Items"]:
                    key = {name: found[name] for name in ("pk", "sk")}
                    answer = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
                    yield from _entries(store, unpack(answer.get("Item", {})))


def _entries(store: str, item: Item) -> Iterator[ports.Parked]:
    """A parked thing of its own, or each fact that waits at an alias."""
    if "doc" in item:
        yield documents.read(ports.Parked, item["doc"])
    for fact in facts_of(item):
        yield ports.alias_fact(store, item["pk"].split("#")[2], fact)


@dataclass(frozen=True, slots=True)
class DynamoPauses:
    """A process looks again after half a minute: a switch works everywhere within one, and costs next to nothing."""

    client: "DynamoDBClient"
    name: str
    now: Callable[[], datetime]
    seen: dict[str, tuple[datetime, frozenset[Pause]]] = field(default_factory=dict)

    def paused(self, store: str) -> frozenset[Pause]:
        at, pauses = self.seen.get(store, (None, frozenset[Pause]()))
        if at is None or abs(self.now() - at) > FRESH:
            pauses = self._read(store)
            self.seen[store] = (self.now(), pauses)
        return pauses

    def _read(self, store: str) -> frozenset[Pause]:
        with translated():
            answer = self.client.query(
                TableName=self.name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues=pack({":pk": f"{store}#P"}),
                ConsistentRead=True,
            )
        keys = [unpack(item)["sk"].partition("#") for item in answer["Items"]]
        return frozenset(Pause(scope, name) for scope, _, name in keys)

    def pause(self, store: str, pause: Pause) -> None:
        with translated():
            self.client.put_item(TableName=self.name, Item=_pause_key(store, pause))
        self.seen.pop(store, None)

    def resume(self, store: str, pause: Pause) -> None:
        with translated():
            self.client.delete_item(TableName=self.name, Key=_pause_key(store, pause))
        self.seen.pop(store, None)


def _pause_key(store: str, pause: Pause) -> Item:
    return pack({"pk": f"{store}#P", "sk": f"{pause.scope}#{pause.name}"})


@dataclass(frozen=True, slots=True)
class DynamoVersions:
    """What a process has kept or found once, it does not ask for again: versions never change."""

    client: "DynamoDBClient"
    name: str
    known: dict[tuple[str, str], Journey] = field(default_factory=dict)

    def keep(self, store: str, journey: Journey) -> None:
        version = version_of(journey)
        if (store, version) in self.known:
            return
        item = {"pk": f"{store}#J", "sk": version, "doc": canonical(journey)}
        with translated():
            self.client.put_item(TableName=self.name, Item=pack(item))
        self.known[store, version] = journey

    def find(self, store: str, version: str) -> Journey | None:
        if (store, version) not in self.known:
            key = pack({"pk": f"{store}#J", "sk": version})
            with translated():
                answer = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
            if "Item" not in answer:
                return None
            self.known[store, version] = _journey(version, unpack(answer["Item"])["doc"])
        return self.known[store, version]


def _journey(version: str, document: str) -> Journey:
    try:
        return Journey.model_validate_json(document)
    except ValidationError as error:
        raise RuleFailed(f"journey version {version} was kept by a release that took what this one refuses") from error
