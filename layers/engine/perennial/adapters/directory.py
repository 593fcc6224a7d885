"""Aliases in the one table: each question is one conditional write, so two that ask at once get one answer."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from perennial import events
from perennial.adapters import table
from perennial.adapters.errors import translated
from perennial.adapters.items import pack, unpack
from perennial.adapters.patience import Patience
from perennial.identity import Alias

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REFUSED = "ConditionalCheckFailedException"
UNOWNED = "attribute_not_exists(#owner)"


@dataclass(frozen=True, slots=True)
class DynamoDirectory:
    client: "DynamoDBClient"
    name: str
    pepper: bytes = field(repr=False)
    patience: Patience = Patience()

    def owner_or_claim(self, store: str, alias: Alias, candidate: str) -> str:
        return self._unless(UNOWNED, store, alias, "SET #owner = :owner", {":owner": candidate}) or candidate

    def owner_or_park(self, store: str, alias: Alias, event: events.Event, since: datetime) -> str | None:
        waits = table.due(store, "parked", table.alias_key(store, alias, self.pepper), since)
        expression = (
            "SET facts = list_append(if_not_exists(facts, :none), :facts), "
            "due = if_not_exists(due, :due), due_at = if_not_exists(due_at, :due_at)"
        )
        fact = events.to_json(event)
        values = {":none": [], ":facts": [fact], ":fact": fact, ":due": waits["due"], ":due_at": waits["due_at"]}
        return self._unless(f"{UNOWNED} AND NOT contains(facts, :fact)", store, alias, expression, values)

    def owner(self, store: str, alias: Alias) -> str | None:
        with translated():
            answer = self.client.get_item(TableName=self.name, Key=self._key(store, alias), ConsistentRead=True)
        owner: str | None = unpack(answer.get("Item", {})).get("owner")
        return owner

    def take_over(self, store: str, alias: Alias, erased: str, heir: str) -> str:
        values = {":heir": heir, ":erased": erased}
        return self._unless(f"{UNOWNED} OR #owner = :erased", store, alias, "SET #owner = :heir", values) or heir

    def _key(self, store: str, alias: Alias) -> dict[str, Any]:
        return pack({"pk": table.alias_key(store, alias, self.pepper), "sk": "alias"})

    def _unless(self, condition: str, store: str, alias: Alias, expression: str, values: dict[str, Any]) -> str | None:
        """The owner if there is one; else None, and the update is done, or was done before."""
        asked = partial(
            self.client.update_item,
            TableName=self.name,
            Key=self._key(store, alias),
            UpdateExpression=expression,
            ConditionExpression=condition,
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues=pack(values),
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        try:
            with translated(REFUSED):
                self.patience.through(asked)
        except ClientError as error:
            response: dict[str, Any] = dict(error.response)
            owner: str | None = unpack(response.get("Item", {})).get("owner")
            return owner
        return None
