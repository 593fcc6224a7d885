"""Customers in the one table: loaded by one query, committed by one conditional write."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from perennial import documents, ports
from perennial.adapters import table
from perennial.adapters.errors import code_of, reasons_of, translated
from perennial.adapters.items import facts_of, items_of, pack, parked_item, unpack
from perennial.adapters.patience import CANCELLED, Patience
from perennial.adapters.reading import customer_of, touch_of
from perennial.adapters.table import Item
from perennial.adapters.writes import Write, writes_of
from perennial.customer import Customer, Touch, stranger
from perennial.decide import Decision
from perennial.errors import RuleFailed, Unavailable
from perennial.identity import Alias
from perennial.ledger import Entry, in_order
from perennial.orders import Order
from perennial.suppression import Left

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REFUSED = "ConditionalCheckFailedException"
INVALID = "ValidationException"

MOST_WRITES = 100
"""Actions that DynamoDB takes in one transaction."""

LOOKS = 5
"""How often a customer is read again who is being written to."""


@dataclass(frozen=True, slots=True)
class DynamoCustomers:
    """`pepper` keys the hashes of personal aliases; `bodies` takes parked events that do not fit into an item."""

    client: "DynamoDBClient"
    name: str
    pepper: bytes = field(repr=False)
    bodies: ports.Bodies
    patience: Patience = Patience()

    def load(self, store: str, customer: str) -> Customer:
        for _ in range(LOOKS):
            found = customer_of(self._query(store, customer, "L#"), stranger(store, customer))
            if found is not None:
                return found
        raise Unavailable("others keep committing to this customer")

    def archived(self, store: str, customer: str, order_id: str) -> Order | None:
        key = pack({"pk": table.customer_key(store, customer), "sk": f"O#{order_id}"})
        with translated():
            answer = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
        return documents.read(Order, unpack(answer["Item"])["doc"]) if "Item" in answer else None

    def commit(self, decision: Decision, adopted: Mapping[Alias, int]) -> ports.Result:
        writes = writes_of(decision, adopted, self.name, self.pepper)
        if len(writes) > MOST_WRITES:
            raise RuleFailed(f"this needs {len(writes)} writes at once, and DynamoDB takes {MOST_WRITES}")
        try:
            with translated(REFUSED, CANCELLED, INVALID):
                self.patience.through(partial(self._write, writes))
        except ClientError as error:
            return _refusal(error, decision)
        return ports.Committed()

    def commit_both(self, winner: Decision, loser: Decision) -> ports.Committed | ports.Overtaken:
        writes = [write for one in (winner, loser) for write in writes_of(one, {}, self.name, self.pepper)]
        if len(writes) > MOST_WRITES:
            raise RuleFailed(f"this needs {len(writes)} writes at once, and DynamoDB takes {MOST_WRITES}")
        try:
            with translated(REFUSED, CANCELLED, INVALID):
                self.patience.through(partial(self._write, writes))
        except ClientError as error:
            _refusal(error, winner)
            return ports.Overtaken()
        return ports.Committed()

    def record(self, store: str, customer: str, touch: str) -> Touch | None:
        key = pack({"pk": table.customer_key(store, customer), "sk": f"T#{touch}"})
        with translated():
            answer = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
        return touch_of(unpack(answer["Item"])) if "Item" in answer else None

    def receipts(self, store: str, customer: str, touches: Collection[str]) -> Mapping[str, datetime | None]:
        pk = table.customer_key(store, customer)
        found: dict[str, datetime | None] = dict.fromkeys(touches)
        for touch in touches:
            with translated():
                answer = self.client.get_item(
                    TableName=self.name, Key=pack({"pk": pk, "sk": f"T#{touch}"}), ConsistentRead=True
                )
            accepted = unpack(answer.get("Item", {})).get("accepted_at")
            found[touch] = table.parse_instant(accepted) if accepted else None
        return found

    def touches(self, store: str, customer: str) -> Sequence[Touch]:
        records = [touch_of(item) for item in self._query(store, customer, "T#")]
        return sorted(records, key=lambda touch: (touch.at, touch.id))

    def ledger(self, store: str, customer: str) -> Sequence[Entry]:
        entries = [documents.read(Entry, item["doc"]) for item in self._query(store, customer, "K#")]
        return sorted(entries, key=in_order)

    def park(self, store: str, customer: str, parked: ports.Parked) -> None:
        """First the event, then the version: who sees the new version sees the event too."""
        pk = table.customer_key(store, customer)
        item = parked_item(parked, pk, f"L#parked#{parked.id}", self.bodies)
        with translated():
            self.client.put_item(TableName=self.name, Item=pack(item))
            seen = partial(
                self.client.update_item,
                TableName=self.name,
                Key=pack({"pk": pk, "sk": "L#profile"}),
                UpdateExpression="ADD v :one",
                ExpressionAttributeValues=pack({":one": 1}),
            )
            self.patience.through(seen)

    def due(self, store: str) -> Sequence[str]:
        customers = [
            item["pk"].removeprefix(table.customer_key(store, ""))
            for shard in range(table.SHARDS)
            for item in self._due(table.due_partition(store, "wake", shard))
        ]
        return sorted(customers)

    def _write(self, writes: Sequence[Write]) -> None:
        if len(writes) == 1:
            self.client.put_item(**writes[0]["Put"])
        else:
            self.client.transact_write_items(TransactItems=writes)

    def _query(self, store: str, customer: str, prefix: str) -> Iterator[Item]:
        return items_of(self.client, self.name, table.customer_key(store, customer), prefix)

    def _due(self, partition: str) -> Iterator[Item]:
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            IndexName=table.INDEX,
            KeyConditionExpression="due = :due",
            ExpressionAttributeValues=pack({":due": partition}),
        )
        with translated():
            for page in pages:
                yield from (unpack(item) for item in page["Items"])


def _refusal(error: ClientError, decision: Decision) -> ports.Result:
    """Reads a refused write as the answer it is: overtaken, or an alias in the way. Raises RuleFailed, Unavailable."""
    reasons = reasons_of(error)
    codes = {str(reason["Code"]) for reason in reasons if reason.get("Code", "None") != "None"}
    if code_of(error) == REFUSED or (reasons and reasons[0].get("Code") == "ConditionalCheckFailed"):
        return ports.Overtaken()
    if code_of(error) == INVALID or codes & {"ValidationError", "ItemCollectionSizeLimitExceeded"}:
        raise RuleFailed("DynamoDB cannot hold what this makes of the customer: an item is too large") from error
    if codes != {"ConditionalCheckFailed"}:
        raise Unavailable(f"{error.operation_name}: {', '.join(sorted(codes))}") from error
    registered = zip(decision.aliases, reasons[len(reasons) - len(decision.aliases) :], strict=True)
    held = [_held(alias, reason) for alias, reason in registered if reason.get("Code") == "ConditionalCheckFailed"]
    return ports.Taken(tuple(held))


def _held(alias: Alias, reason: dict[str, Any]) -> ports.Held:
    item = unpack(reason.get("Item", {}))
    left = documents.read(Left, item["left"]) if "left" in item else None
    return ports.Held(alias, item.get("owner"), facts_of(item), left)
