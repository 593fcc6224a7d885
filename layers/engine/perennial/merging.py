"""Newest wins, per field: the one rule by which late, doubled and shuffled events end in the same facts (law 7).

A field keeps the value with the newest stamp, and its stamp. Values of one instant are told apart by themselves and not
by the order in which they came: something beats nothing, a later payment status beats an earlier, else the larger text.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel

Stamps = Mapping[str, datetime]
Known = TypeVar("Known", bound=BaseModel)

PAYMENT_STATES = ("pending", "authorized", "partially_paid", "paid", "partially_refunded", "refunded", "voided")

_RANKS = {"payment_status": {state: rank for rank, state in enumerate(PAYMENT_STATES, 1)}}


def newest(
    known: Known, stamps: Stamps, incoming: Mapping[str, Any], stamp: datetime, prefix: str = ""
) -> tuple[Known, Stamps]:
    """`known` and `stamps` after `incoming`, all observed at `stamp`; the very same objects if nothing wins.

    Stamps are kept under `prefix` + field, so that a part of a whole can share the whole's stamps.
    """
    winners = {
        name: value
        for name, value in incoming.items()
        if _wins(name, value, stamp, getattr(known, name), stamps.get(prefix + name))
    }
    if not winners:
        return known, stamps
    return known.model_copy(update=winners), {**stamps, **dict.fromkeys((prefix + name for name in winners), stamp)}


def stated(model: BaseModel, *without: str) -> dict[str, Any]:
    """What the sender stated: the fields that were present, whatever they say."""
    return {name: getattr(model, name) for name in sorted(model.model_fields_set) if name not in without}


def earliest(times: Mapping[str, datetime], incoming: Mapping[str, datetime]) -> Mapping[str, datetime]:
    """First-times: for every key the earliest moment anyone reported; the very same object if nothing is earlier."""
    earlier = {key: moment for key, moment in incoming.items() if key not in times or moment < times[key]}
    return {**times, **earlier} if earlier else times


def _wins(name: str, value: Any, stamp: datetime, held: Any, held_stamp: datetime | None) -> bool:
    if held_stamp is None or stamp != held_stamp:
        return held_stamp is None or stamp > held_stamp
    return value != held and _precedence(name, value) > _precedence(name, held)


def _precedence(name: str, value: Any) -> tuple[bool, int, str]:
    rank = _RANKS.get(name, {}).get(value, 0) if isinstance(value, str) else 0
    return (value is not None, rank, json.dumps(value, default=_plain, sort_keys=True))


def _plain(value: Any) -> Any:
    """Equal values give equal text: 11:00+02:00 is 09:00Z, and 10.0 is 10."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value.normalize() if isinstance(value, Decimal) else value)
