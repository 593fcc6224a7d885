"""What a decision changes, as the writes of one transaction: only what is new or other than what was loaded."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from perennial import documents
from perennial.adapters import table
from perennial.adapters.items import pack, wake_due
from perennial.adapters.reading import bundled
from perennial.adapters.texting import text_writes
from perennial.customer import Customer, Enrolment, Profile, Touch, Wake
from perennial.decide import Decision
from perennial.draft import Ending
from perennial.identity import Alias
from perennial.ledger import Entry

Write = Any
"""One action of `transact_write_items`: a mapping with a single key, Put, Update or Delete."""


def writes_of(decision: Decision, adopted: Mapping[Alias, int], name: str, pepper: bytes) -> list[Write]:
    """The profile's conditional put first, the aliases last, in the order of `decision.aliases`."""
    profile = decision.after.profile
    pk = table.customer_key(profile.store, profile.customer)
    body = [*_orders(decision), *_enrolments(decision), *map(_touch, decision.touches), *map(_ending, decision.endings)]
    body += map(_word, decision.ledger)
    aliases = [_alias(alias, adopted.get(alias), profile, pepper) for alias in decision.aliases]
    wrote = sum(write["Put"]["Item"]["sk"].startswith("L#") for write in body if "Put" in write)
    writes = [_profile(decision, wrote), *body]
    for write in writes:
        ((kind, action),) = write.items()
        if kind == "Put":
            action["Item"] = pack({"pk": pk, **action["Item"]})
        else:
            action["Key"] = pack({"pk": pk, **action["Key"]})
    whole = [*writes, *text_writes(decision, pepper), *aliases]
    for write in whole:
        for action in write.values():
            action["TableName"] = name
    return whole


def _profile(decision: Decision, wrote: int) -> Write:
    """The guarantee against two workers on one customer: the version must be the one that was loaded.

    What is live lies in the same item, but for orders that are apart; `wrote` is how many items of those are written
    beside it (see reading.py).
    """
    after, profile, version = decision.after, decision.after.profile, decision.before.profile.version
    wake = wake_due(profile.store, profile.customer, _due_at(decision, profile.wake)) if profile.wake else {}
    live = len(_enrolments_apart(after)) + len(after.apart & after.live_orders & after.orders.keys())
    seal = {"seal": {"commit": profile.version, "wrote": wrote, "live": live}} if live else {}
    put: Write = {
        "Item": {"sk": "L#profile", "v": profile.version, "doc": bundled(after), **seal, **wake},
        "ConditionExpression": "v = :v" if version else "attribute_not_exists(v)",
    }
    if version:
        put["ExpressionAttributeValues"] = pack({":v": version})
    return {"Put": put}


def _due_at(decision: Decision, wake: Wake) -> datetime:
    """A claim is answered within seconds: until then its place in the index stays, if that is no later than the wake.
    To be found there too early does no harm, and a move costs two writes.
    """
    held = decision.before.profile.wake
    return min(held.at, wake.at) if held is not None and decision.send is not None else wake.at


def _orders(decision: Decision) -> Iterator[Write]:
    """An order that no enrolment needs lies in the archive; items of their own only."""
    before, after = decision.before, decision.after
    was = {_place(order_id, before): order for order_id, order in before.orders.items()}
    now = {_place(order_id, after): order for order_id, order in after.orders.items()}
    for place, order in now.items():
        if place is not None and was.get(place) is not order:
            yield {"Put": {"Item": {"sk": place, "v": after.profile.version, "doc": documents.packed(order)}}}
    archived = {f"O#{order_id}" for order_id in before.orders.keys() - after.orders.keys()}
    for place in sorted(filter(None, was.keys() - now.keys() - archived)):
        yield {"Delete": {"Key": {"sk": place}}}


def _place(order_id: str, customer: Customer) -> str | None:
    """The sort key of an order that lies by itself; None if it lies together with its person."""
    if order_id not in customer.live_orders:
        return f"O#{order_id}"
    return f"L#order#{order_id}" if order_id in customer.apart else None


def _enrolments(decision: Decision) -> Iterator[Write]:
    before, after = (_enrolments_apart(customer) for customer in (decision.before, decision.after))
    for name, enrolment in after.items():
        if before.get(name) is not enrolment:
            item = {
                "sk": f"L#enrolment#{name}",
                "v": decision.after.profile.version,
                "doc": documents.packed(enrolment),
            }
            yield {"Put": {"Item": item}}
    for name in sorted(before.keys() - after.keys()):
        yield {"Delete": {"Key": {"sk": f"L#enrolment#{name}"}}}


def _enrolments_apart(customer: Customer) -> dict[str, Enrolment]:
    """Those that lie by themselves, as their orders do."""
    return {name: held for name, held in customer.enrolments.items() if held.order_id in customer.apart}


def _touch(touch: Touch) -> Write:
    """An update, not a put: receipts that came for an earlier try stay."""
    return _set(touch.id, {"doc": documents.write(touch), **_end(touch)}, ("reason", "provider_id"))


def _ending(ending: Ending) -> Write:
    """What a provider called an earlier try stays, unless this one has a name too."""
    return _set(ending.touch, _end(ending), ("reason",))


def _word(entry: Entry) -> Write:
    """Written once: the same word again leaves the entry as it is."""
    return {
        "Update": {
            "Key": {"sk": table.ledger_key(entry)},
            "UpdateExpression": "SET doc = if_not_exists(doc, :doc)",
            "ExpressionAttributeValues": pack({":doc": documents.write(entry)}),
        }
    }


def _end(record: Touch | Ending) -> dict[str, str]:
    told = {"state": record.state, "at": table.instant(record.at), "reason": record.reason}
    return {name: value for name, value in {**told, "provider_id": record.provider_id}.items() if value is not None}


def _set(touch: str, values: Mapping[str, str], unless_told: tuple[str, ...]) -> Write:
    """Sets `values`, and forgets those of `unless_told` that are not among them."""
    gone = [name for name in unless_told if name not in values]
    removal = f" REMOVE {', '.join(f'#{name}' for name in gone)}" if gone else ""
    return {
        "Update": {
            "Key": {"sk": f"T#{touch}"},
            "UpdateExpression": f"SET {', '.join(f'#{name} = :{name}' for name in values)}{removal}",
            "ExpressionAttributeNames": {f"#{name}": name for name in (*values, *gone)},
            "ExpressionAttributeValues": pack({f":{name}": value for name, value in values.items()}),
        }
    }


def _alias(alias: Alias, adopted: int | None, profile: Profile, pepper: bytes) -> Write:
    """Put-if-absent. Whatever but an order was claimed at the door may be this customer's already; where somebody has
    looked in before, also over what was found there and nothing more. So may it be theirs who turned out to be them.
    """
    whose, us = "attribute_not_exists(#owner)", {":me": profile.customer}
    if adopted is not None or alias.kind != "order":
        us |= {f":was{which}": name for which, name in enumerate(profile.merged)}
        whose = f"({whose} OR #owner IN ({', '.join(us)}))"
    facts = "attribute_exists(facts) AND size(facts) = :n" if adopted else "attribute_not_exists(facts)"
    if adopted is None:
        facts += " AND attribute_not_exists(#left)"
    values: dict[str, Any] = {**us, **({":n": adopted} if adopted else {})}
    return {
        "Update": {
            "Key": pack({"pk": table.alias_key(profile.store, alias, pepper), "sk": "alias"}),
            "UpdateExpression": "SET #owner = :me REMOVE facts, due, due_at",
            "ConditionExpression": f"{whose} AND {facts}",
            "ExpressionAttributeNames": {"#owner": "owner", **({"#left": "left"} if adopted is None else {})},
            "ExpressionAttributeValues": pack(values),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }
