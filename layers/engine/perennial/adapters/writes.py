"""What a decision changes, as the writes of one transaction: only what is new or other than what was loaded."""

from collections.abc import Iterator, Mapping
from typing import Any

from perennial import documents
from perennial.adapters import table
from perennial.adapters.items import pack, wake_due
from perennial.customer import Customer, Profile, Touch
from perennial.decide import Decision
from perennial.draft import Ending
from perennial.identity import Alias

Write = Any
"""One action of `transact_write_items`: a mapping with a single key, Put, Update or Delete."""


def writes_of(decision: Decision, adopted: Mapping[Alias, int], name: str, pepper: bytes) -> list[Write]:
    """The profile's conditional put first, the aliases last, in the order of `decision.aliases`."""
    profile = decision.after.profile
    pk = table.customer_key(profile.store, profile.customer)
    body = [*_orders(decision), *_enrolments(decision), *map(_touch, decision.touches), *map(_ending, decision.endings)]
    aliases = [_alias(alias, adopted.get(alias), profile, pepper) for alias in decision.aliases]
    writes = [_profile(decision), *body]
    for write in writes:
        ((kind, action),) = write.items()
        if kind == "Put":
            action["Item"] = pack({"pk": pk, **action["Item"]})
        else:
            action["Key"] = pack({"pk": pk, **action["Key"]})
    for write in (*writes, *aliases):
        for action in write.values():
            action["TableName"] = name
    return [*writes, *aliases]


def _profile(decision: Decision) -> Write:
    """The guarantee against two workers on one customer: the version must be the one that was loaded."""
    profile, version = decision.after.profile, decision.before.profile.version
    wake = wake_due(profile.store, profile.customer, profile.wake.at) if profile.wake else {}
    put: Write = {
        "Item": {"sk": "L#profile", "v": profile.version, "doc": documents.write(profile), **wake},
        "ConditionExpression": "v = :v" if version else "attribute_not_exists(v)",
    }
    if version:
        put["ExpressionAttributeValues"] = pack({":v": version})
    return {"Put": put}


def _orders(decision: Decision) -> Iterator[Write]:
    """An order lies with the live items while an enrolment needs it, else in the archive."""
    before, after = decision.before, decision.after
    for order_id, order in after.orders.items():
        was, now = _place(order_id, before), _place(order_id, after)
        if before.orders.get(order_id) is order and was == now:
            continue
        yield {"Put": {"Item": {"sk": now, "doc": documents.write(order)}}}
        if order_id in before.orders and was != now:
            yield {"Delete": {"Key": {"sk": was}}}


def _place(order_id: str, customer: Customer) -> str:
    return f"L#order#{order_id}" if order_id in customer.live_orders else f"O#{order_id}"


def _enrolments(decision: Decision) -> Iterator[Write]:
    before, after = decision.before.enrolments, decision.after.enrolments
    for name, enrolment in after.items():
        if before.get(name) is not enrolment:
            yield {"Put": {"Item": {"sk": f"L#enrolment#{name}", "doc": documents.write(enrolment)}}}
    for name in before.keys() - after.keys():
        yield {"Delete": {"Key": {"sk": f"L#enrolment#{name}"}}}


def _touch(touch: Touch) -> Write:
    """An update, not a put: receipts that came for an earlier try stay."""
    return _set(touch.id, {"doc": documents.write(touch), **_end(touch)})


def _ending(ending: Ending) -> Write:
    return _set(ending.touch, _end(ending))


def _end(record: Touch | Ending) -> dict[str, str]:
    told = {"state": record.state, "at": table.instant(record.at), "reason": record.reason}
    return {name: value for name, value in {**told, "provider_id": record.provider_id}.items() if value is not None}


def _set(touch: str, values: Mapping[str, str]) -> Write:
    names = {f"#{name}": name for name in values}
    gone = [name for name in ("reason",) if name not in values]
    removal = f" REMOVE {', '.join(f'#{name}' for name in gone)}" if gone else ""
    names.update({f"#{name}": name for name in gone})
    return {
        "Update": {
            "Key": {"sk": f"T#{touch}"},
            "UpdateExpression": f"SET {', '.join(f'#{name} = :{name}' for name in values)}{removal}",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": pack({f":{name}": value for name, value in values.items()}),
        }
    }


def _alias(alias: Alias, adopted: int | None, profile: Profile, pepper: bytes) -> Write:
    """Put-if-absent; where somebody has looked in before, also over what was found there and nothing more."""
    values: dict[str, Any] = {":me": profile.customer}
    condition = "attribute_not_exists(#owner) AND attribute_not_exists(facts)"
    if adopted is not None:
        values[":n"] = adopted
        condition = "(attribute_not_exists(#owner) OR #owner = :me) AND "
        condition += "size(facts) = :n" if adopted else "attribute_not_exists(facts)"
    if not adopted:
        values.pop(":n", None)
    return {
        "Update": {
            "Key": pack({"pk": table.alias_key(profile.store, alias, pepper), "sk": "alias"}),
            "UpdateExpression": "SET #owner = :me REMOVE facts, due, due_at",
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": pack(values),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
