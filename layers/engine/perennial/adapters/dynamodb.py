"""Customers in the one table: loaded by one query, committed by one conditional write."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from perennial import documents, ports
from perennial.adapters import table
from perennial.adapters.errors import reasons_of, translated
from perennial.adapters.items import facts_of, pack, parked_item, unpack
from perennial.adapters.table import Item
from perennial.adapters.writes import writes_of
from perennial.customer import Customer, Enrolment, Profile, Touch, stranger
from perennial.decide import Decision
from perennial.identity import Alias
from perennial.orders import Order

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REFUSED = "ConditionalCheckFailedException"
CANCELLED = "TransactionCanceledException"


@dataclass(frozen=True, slots=True)
class DynamoCustomers:
    """`pepper` keys the hashes of personal aliases."""

    client: "DynamoDBClient"
    name: str
    pepper: bytes

    def load(self, store: str, customer: str) -> Customer:
        found = stranger(store, customer)
        orders: dict[str, Order] = {}
        enrolments: dict[str, Enrolment] = {}
        parked = 0
        for item in self._query(store, customer, "L#"):
            kind = item["sk"].split("#")[1]
            if kind == "profile":
                found = replace(found, profile=_profile(item, found.profile))
            elif kind == "order":
                order = documents.read(Order, item["doc"])
                orders[order.id] = order
            elif kind == "enrolment":
                enrolment = documents.read(Enrolment, item["doc"])
                enrolments[enrolment.id] = enrolment
            else:
                parked += 1
        return replace(found, orders=orders, enrolments=enrolments, parked=parked)

    def archived(self, store: str, customer: str, order_id: str) -> Order | None:
        key = pack({"pk": table.customer_key(store, customer), "sk": f"O#{order_id}"})
        with translated():
            answer = self.client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
        return documents.read(Order, unpack(answer["Item"])["doc"]) if "Item" in answer else None

    def commit(self, decision: Decision, adopted: Mapping[Alias, int]) -> ports.Result:
        writes = writes_of(decision, adopted, self.name, self.pepper)
        try:
            with translated(REFUSED, CANCELLED):
                if len(writes) == 1:
                    self.client.put_item(**writes[0]["Put"])
                else:
                    self.client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            return _refusal(error, decision)
        return ports.Committed()

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
        records = [_touch(item) for item in self._query(store, customer, "T#")]
        return sorted(records, key=lambda touch: (touch.at, touch.id))

    def park(self, store: str, customer: str, parked: ports.Parked) -> None:
        pk = table.customer_key(store, customer)
        item = parked_item(parked, pk, f"L#parked#{parked.id}")
        raised: Any = {
            "TableName": self.name,
            "Key": pack({"pk": pk, "sk": "L#profile"}),
            "UpdateExpression": "ADD v :one",
            "ExpressionAttributeValues": pack({":one": 1}),
        }
        with translated():
            self.client.transact_write_items(
                TransactItems=[{"Put": {"TableName": self.name, "Item": pack(item)}}, {"Update": raised}]
            )

    def due(self, store: str) -> Sequence[str]:
        customers = [
            item["pk"].removeprefix(table.customer_key(store, ""))
            for shard in range(table.SHARDS)
            for item in self._due(table.due_partition(store, "wake", shard))
        ]
        return sorted(customers)

    def _query(self, store: str, customer: str, prefix: str) -> Iterator[Item]:
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues=pack({":pk": table.customer_key(store, customer), ":prefix": prefix}),
            ConsistentRead=True,
        )
        with translated():
            for page in pages:
                yield from (unpack(item) for item in page["Items"])

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


def _profile(item: Item, unknown: Profile) -> Profile:
    """A customer of whom only a parked fact is known has a version and no document yet."""
    profile = documents.read(Profile, item["doc"]) if "doc" in item else unknown
    return replace(profile, version=int(item["v"]))


def _touch(item: Item) -> Touch:
    touch = documents.read(Touch, item["doc"])
    return replace(
        touch,
        state=item["state"],
        at=table.parse_instant(item["at"]),
        reason=item.get("reason"),
        provider_id=item.get("provider_id"),
    )


def _refusal(error: ClientError, decision: Decision) -> ports.Result:
    """Reads a refused write as the answer it is: overtaken, or an alias in the way."""
    reasons = reasons_of(error)
    if not reasons or reasons[0].get("Code") == "ConditionalCheckFailed":
        return ports.Overtaken()
    failed = [reason.get("Code") for reason in reasons if reason.get("Code") not in (None, "None")]
    if set(failed) != {"ConditionalCheckFailed"}:
        with translated():
            raise error if "TransactionConflict" not in failed else _conflict(error)
    registered = zip(decision.aliases, reasons[len(reasons) - len(decision.aliases) :], strict=True)
    held = [_held(alias, reason) for alias, reason in registered if reason.get("Code") == "ConditionalCheckFailed"]
    return ports.Taken(tuple(held))


def _conflict(error: ClientError) -> ClientError:
    """Two transactions met: the one that lost tries again."""
    return ClientError({"Error": {"Code": "TransactionConflictException"}}, error.operation_name)


def _held(alias: Alias, reason: dict[str, Any]) -> ports.Held:
    item = unpack(reason.get("Item", {}))
    return ports.Held(alias, item.get("owner"), facts_of(item))
