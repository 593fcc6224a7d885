"""What a commit writes for texts alone, whose reports name neither store nor customer, nor touch.

A claimed text notes whom its number was texted for, so that a number on the provider's list of those that answered STOP
leads to people; an accepted one notes its provider's id, so that its delivery report leads to its touch. Both in the
commit that is made anyway, and both leave by themselves.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from perennial.adapters.receipts import number_name, text_key
from perennial.decide import Decision

REPORTED = timedelta(days=8)
"""Carriers report within three days, and a report may wait in a log or a queue."""

REMEMBERED = timedelta(days=400)
"""Who answers STOP answers a text of the last year."""


def text_writes(decision: Decision, pepper: bytes) -> Iterator[Any]:
    """Whole actions of a transaction but for the table's name."""
    profile = decision.after.profile
    send = decision.send
    if send is not None and send.go.channel == "text":
        yield _number(send.go.address, f"{profile.store}:{profile.customer}", send.touch.at, pepper)
    for ending in decision.endings:
        mark = decision.before.profile.claims.get(ending.touch)
        if ending.provider_id and mark is not None and mark.channel == "text":
            told = {"store": profile.store, "customer": profile.customer, "touch": ending.touch}
            item = {name: {"S": value} for name, value in told.items()}
            yield {"Put": {"Item": {**text_key(ending.provider_id), **item, "ttl": _after(ending.at, REPORTED)}}}


def _number(number: str, whom: str, at: datetime, pepper: bytes) -> Any:
    """A set, because people share telephones."""
    return {
        "Update": {
            "Key": {"pk": {"S": number_name(number, pepper)}, "sk": {"S": "number"}},
            "UpdateExpression": "ADD customers :whom SET #ttl = :ttl",
            "ExpressionAttributeNames": {"#ttl": "ttl"},
            "ExpressionAttributeValues": {":whom": {"SS": [whom]}, ":ttl": _after(at, REMEMBERED)},
        }
    }


def _after(at: datetime, span: timedelta) -> dict[str, str]:
    """Seconds since 1970, as DynamoDB's TTL wants them."""
    return {"N": str(int((at + span).timestamp()))}
