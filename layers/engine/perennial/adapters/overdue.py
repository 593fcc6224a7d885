"""What time has passed by, in the one table: found in the due index, judged by the item itself, put off in the index.

To put a thing off is to move its place in the index, so the index is the cursor too: what was met lies behind what was
not. A commit writes the true time again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from perennial import ports
from perennial.adapters import table
from perennial.adapters.errors import translated
from perennial.adapters.items import facts_of, pack, unpack
from perennial.adapters.patience import CONFLICT
from perennial.adapters.reading import bundle_of
from perennial.adapters.table import Item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REFUSED = "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True)
class DynamoOverdue:
    client: "DynamoDBClient"
    name: str

    def find(self, store: str, kind: ports.LateKind, before: datetime, most: int) -> Iterator[ports.Late]:
        """An equal share of every shard, so that a full one starves no other."""
        share = -(-most // table.SHARDS)
        for shard in range(table.SHARDS):
            for key in self._keys(table.due_partition(store, kind, shard), before, share):
                with translated():
                    answer = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
                item = unpack(answer.get("Item", {}))
                # The index follows its table a moment later: the item knows better.
                if item.get("due", "").startswith(f"{store}#{kind}#") and item["due_at"] <= table.instant(before):
                    yield _late(store, kind, item)

    def put_off(self, late: ports.Late, until: datetime) -> None:
        self._unless_changed(
            late,
            "SET due_at = :until, looks = :looks",
            "due_at = :at",
            {":until": table.instant(until), ":looks": late.looks + 1, ":at": table.instant(late.at)},
        )

    def take_facts(self, late: ports.Late) -> None:
        same = "attribute_exists(facts) AND size(facts) = :n"
        self._unless_changed(late, "REMOVE facts, due, due_at, looks", same, {":n": len(late.facts)})

    def give_up(self, late: ports.Late) -> None:
        pk, sk = late.place
        try:
            with translated(REFUSED):
                self.client.delete_item(
                    TableName=self.name,
                    Key=pack({"pk": pk, "sk": sk}),
                    ConditionExpression="attribute_not_exists(#owner) AND size(facts) = :n",
                    ExpressionAttributeNames={"#owner": "owner"},
                    ExpressionAttributeValues=pack({":n": len(late.facts)}),
                )
        except ClientError:
            return  # somebody has come for them, or more of them

    def _unless_changed(self, late: ports.Late, expression: str, condition: str, values: dict[str, Any]) -> None:
        pk, sk = late.place
        try:
            with translated(REFUSED, CONFLICT):
                self.client.update_item(
                    TableName=self.name,
                    Key=pack({"pk": pk, "sk": sk}),
                    UpdateExpression=expression,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=pack(values),
                )
        except ClientError:
            return  # it has changed meanwhile, or is about to: somebody is at it

    def _keys(self, partition: str, before: datetime, most: int) -> list[Item]:
        with translated():
            answer = self.client.query(
                TableName=self.name,
                IndexName=table.INDEX,
                KeyConditionExpression="due = :due AND due_at <= :before",
                ExpressionAttributeValues=pack({":due": partition, ":before": table.instant(before)}),
                Limit=most,
            )
        return [{name: found[name] for name in ("pk", "sk")} for found in answer["Items"]]


def _late(store: str, kind: ports.LateKind, item: Item) -> ports.Late:
    late = ports.Late(
        store=store,
        place=(item["pk"], item["sk"]),
        at=table.parse_instant(item["due_at"]),
        looks=int(item.get("looks", 0)),
        owner=item.get("owner"),
        facts=facts_of(item),
    )
    return _of_wake(late, item) if kind == "wake" else late


def _of_wake(late: ports.Late, item: Item) -> ports.Late:
    wake = bundle_of(item).profile.wake
    owner = item["pk"].removeprefix(table.customer_key(late.store, ""))
    return replace(late, owner=owner, lane=wake.lane if wake else "urgent")
