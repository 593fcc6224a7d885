"""What is parked, in the one table: listed by way of the due index, wherever it is kept."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from perennial import documents, ports
from perennial.adapters import table
from perennial.adapters.errors import translated
from perennial.adapters.items import facts_of, pack, parked_item, unpack
from perennial.adapters.table import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

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
        keys = (self._key(found) for shard in range(table.SHARDS) for found in self._shard(store, shard))
        found = [entry for key in keys for entry in _entries(store, self._item(key))]
        return sorted(found, key=lambda parked: (parked.parked_at, parked.id))

    def entries(self, stores: Sequence[str], after: str) -> Iterator[tuple[ports.Parked | None, str]]:
        """Whatever is parked but facts at aliases, which are not even read, and where each lies, to go on after it."""
        number, start = json.loads(after) if after else (0, None)
        shards = [(store, shard) for store in stores for shard in range(table.SHARDS)]
        for index, (store, shard) in enumerate(shards[number:], number):
            for found in self._shard(store, shard, start if index == number else None):
                if unpack(found)["sk"] != "alias":
                    item = self._item(self._key(found))
                    place = {name: found[name] for name in ("pk", "sk", "due", "due_at")}
                    yield next(_entries(store, item), None), json.dumps((index, place))

    def content(self, parked: ports.Parked) -> str:
        return parked.content if parked.stored_as is None else self.bodies.fetch(parked.stored_as) or ""

    def remove(self, parked: ports.Parked) -> None:
        pk, sk = f"{parked.store}#X#{parked.id}", "parked"
        if parked.customer is not None:
            pk, sk = table.customer_key(parked.store, parked.customer), f"L#parked#{parked.id}"
        with translated():
            self.client.delete_item(TableName=self.name, Key=pack({"pk": pk, "sk": sk}))

    def _shard(self, store: str, shard: int, start: Item | None = None) -> Iterator[Item]:
        """What the index says, which are keys."""
        after: dict[str, Any] = {"ExclusiveStartKey": start} if start else {}
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            IndexName=table.INDEX,
            KeyConditionExpression="due = :due",
            ExpressionAttributeValues=pack({":due": table.due_partition(store, "parked", shard)}),
            **after,
        )
        with translated():
            for page in pages:
                yield from page["Items"]

    @staticmethod
    def _key(found: Item) -> Item:
        return {name: found[name] for name in ("pk", "sk")}

    def _item(self, key: Item) -> Item:
        with translated():
            answer = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
        return unpack(answer.get("Item", {}))


def _entries(store: str, item: Item) -> Iterator[ports.Parked]:
    """A parked thing of its own, or each fact that waits at an alias."""
    if "doc" in item:
        yield documents.read(ports.Parked, item["doc"])
    for fact in facts_of(item):
        yield ports.alias_fact(store, item["pk"].split("#")[2], fact)
