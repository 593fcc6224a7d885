"""Aliases in the one table: each question is one conditional write, so two that ask at once get one answer."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from perennial import events, ports
from perennial.adapters import table
from perennial.adapters.errors import code_of, translated
from perennial.adapters.items import pack, unpack
from perennial.adapters.overflow import by_itself
from perennial.adapters.patience import Patience
from perennial.identity import Alias

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REFUSED = "ConditionalCheckFailedException"
INVALID = "ValidationException"
UNOWNED = "attribute_not_exists(#owner)"


@dataclass(frozen=True, slots=True)
class DynamoDirectory:
    """`parking` takes the facts that no longer fit into an alias's item."""

    client: "DynamoDBClient"
    name: str
    pepper: bytes = field(repr=False)
    parking: ports.Parking
    patience: Patience = Patience()

    def owner_or_claim(self, store: str, alias: Alias, candidate: str) -> str:
        return self._unless(UNOWNED, store, alias, "SET #owner = :owner", {":owner": candidate}) or candidate

    def owner_or_park(self, store: str, alias: Alias, event: events.Event, since: datetime) -> str | None:
        waits = table.due(store, "parked", table.alias_key(store, alias, self.pepper), since)
        since_first = "due = if_not_exists(due, :due), due_at = if_not_exists(due_at, :due_at)"
        append = f"SET facts = list_append(if_not_exists(facts, :none), :facts), {since_first}"
        fact, spans = events.to_json(event), {":due": waits["due"], ":due_at": waits["due_at"]}
        values = {":none": [], ":facts": [fact], ":fact": fact, **spans}
        try:
            return self._unless(f"{UNOWNED} AND NOT contains(facts, :fact)", store, alias, append, values, INVALID)
        except ClientError:  # No room. A write that changes nothing asks who owns it: the door may not read.
            owner = self._unless(f"attribute_exists(facts) AND {UNOWNED}", store, alias, f"SET {since_first}", spans)
        if owner is None:
            self.parking.park(by_itself(store, alias, event))
        return owner

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

    def _unless(
        self, condition: str, store: str, alias: Alias, expression: str, values: dict[str, Any], *expected: str
    ) -> str | None:
        """The owner if there is one; else None, and the update is done, or was done before. Raises what is expected."""
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
            with translated(REFUSED, *expected):
                self.patience.through(asked)
        except ClientError as error:
            if code_of(error) in expected:
                raise
            response: dict[str, Any] = dict(error.response)
            owner: str | None = unpack(response.get("Item", {})).get("owner")
            return owner
        return None
