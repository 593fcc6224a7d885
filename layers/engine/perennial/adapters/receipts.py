"""Receipts in the one table: one conditional write each, straight onto the touch's record.

Values are spelt by hand as DynamoDB spells them: this starts a function that needs no models.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from perennial.adapters import table
from perennial.adapters.errors import translated
from perennial.adapters.patience import Patience
from perennial.errors import Unavailable
from perennial.receipts import (
    ACCOUNT,
    KINDS,
    MOST_CLICKS,
    Click,
    First,
    Kind,
    Receipts,
    TouchRef,
    earlier,
    read_click,
    read_first,
    write_click,
    write_first,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REFUSED = "ConditionalCheckFailedException"
TRIES = 5
"""How often a report is compared again with what others have reported meanwhile."""


@dataclass(frozen=True, slots=True)
class DynamoReceipts:
    """`pepper` is asked for only where a telephone number is looked up."""

    client: "DynamoDBClient"
    name: str
    pepper: Callable[[], bytes] = field(repr=False)
    patience: Patience = Patience()

    def note(self, ref: TouchRef, told: Mapping[Kind, First]) -> bool:
        news = dict(told)
        for _ in range(TRIES):
            held = self._lower(ref, news)
            if held is None:
                return True
            news = earlier(told, _spelt(held).firsts)
            if not held or not news:
                return bool(held)
        raise Unavailable("others keep reporting about this touch")

    def _lower(self, ref: TouchRef, news: Mapping[Kind, First]) -> Mapping[str, Any] | None:
        """None if everything was at least as early as what is held; else the item as it is, empty if there is none."""
        conditions = [f"(attribute_not_exists(#{kind}) OR #{kind} >= :{kind})" for kind in news]
        asked = partial(
            self.client.update_item,
            TableName=self.name,
            Key=touch_key(ref),
            UpdateExpression="SET " + ", ".join(f"#{kind} = :{kind}" for kind in news),
            ConditionExpression=" AND ".join(["attribute_exists(pk)", *conditions]),
            ExpressionAttributeNames={f"#{kind}": f"{kind}_at" for kind in news},
            ExpressionAttributeValues={f":{kind}": {"S": write_first(first)} for kind, first in news.items()},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        try:
            with translated(REFUSED):
                self.patience.through(asked)
        except ClientError as error:
            return _found(error)
        return None

    def note_click(self, ref: TouchRef, click: Click) -> tuple[Click, ...] | None:
        room = "(attribute_not_exists(clicks) OR contains(clicks, :click) OR size(clicks) < :most)"
        text = write_click(click)
        values: Any = {":clicks": {"SS": [text]}, ":click": {"S": text}, ":most": {"N": str(MOST_CLICKS)}}
        asked = partial(
            self.client.update_item,
            TableName=self.name,
            Key=touch_key(ref),
            UpdateExpression="ADD clicks :clicks",
            ConditionExpression=f"attribute_exists(pk) AND {room}",
            ExpressionAttributeValues=values,
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        try:
            with translated(REFUSED):
                answer = self.patience.through(asked)
        except ClientError as error:
            held = _found(error)
            return tuple(sorted({*_spelt(held).clicks, click})) if held else None
        return _spelt(answer["Attributes"]).clicks

    def text(self, message_id: str) -> TouchRef | None:
        with translated():
            answer = self.client.get_item(TableName=self.name, Key=text_key(message_id), ConsistentRead=True)
        item = answer.get("Item", {})
        return TouchRef.of(*(item.get(name, {}).get("S") for name in ("store", "customer", "touch")))

    def texted(self, numbers: tuple[str, ...]) -> Mapping[str, tuple[tuple[str, str], ...]]:
        by_key = {number_name(number, self.pepper()): number for number in numbers}
        waiting: Any = {self.name: {"Keys": [_number_key(name) for name in by_key]}} if by_key else {}
        found: dict[str, tuple[tuple[str, str], ...]] = {}
        for _ in range(TRIES):
            if not waiting:
                return found
            with translated():
                answer = self.client.batch_get_item(RequestItems=waiting)
            for item in answer["Responses"].get(self.name, []):
                people = _people(item)
                if people:
                    found[by_key[item["pk"]["S"]]] = people
            waiting = answer.get("UnprocessedKeys", {})
        raise Unavailable("DynamoDB keeps leaving keys unread")

    def forget_number(self, number: str, store: str, customer: str) -> None:
        with translated():
            self.client.update_item(
                TableName=self.name,
                Key=_number_key(number_name(number, self.pepper())),
                UpdateExpression="DELETE customers :gone",
                ExpressionAttributeValues={":gone": {"SS": [f"{store}:{customer}"]}},
            )


def touch_key(ref: TouchRef) -> Any:
    return {"pk": {"S": table.customer_key(ref.store, ref.customer)}, "sk": {"S": f"T#{ref.touch}"}}


def text_key(message_id: str) -> Any:
    return {"pk": {"S": f"{ACCOUNT}#M#{message_id}"}, "sk": {"S": "text"}}


def number_name(number: str, pepper: bytes) -> str:
    """A telephone number as it may stand in a key."""
    return f"{ACCOUNT}#N#{hmac.new(pepper, f'phone:{number}'.encode(), hashlib.sha256).hexdigest()[:32]}"


def _number_key(name: str) -> Any:
    return {"pk": {"S": name}, "sk": {"S": "number"}}


def receipts_of(item: Mapping[str, Any]) -> Receipts:
    """What an item of plain values says."""
    firsts = {kind: read_first(item[f"{kind}_at"]) for kind in KINDS if f"{kind}_at" in item}
    return Receipts(firsts, tuple(sorted(read_click(text) for text in item.get("clicks", ()))))


def _spelt(item: Mapping[str, Any]) -> Receipts:
    """The same, of an item as DynamoDB spells it."""
    return receipts_of({name: next(iter(value.values())) for name, value in item.items()})


def _people(item: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    pairs = (text.partition(":") for text in sorted(item.get("customers", {}).get("SS", ())))
    return tuple((store, customer) for store, _, customer in pairs)


def _found(error: ClientError) -> Mapping[str, Any]:
    """The item that a condition was refused on; empty if there is none."""
    response: dict[str, Any] = dict(error.response)
    item: Mapping[str, Any] = response.get("Item", {})
    return item
