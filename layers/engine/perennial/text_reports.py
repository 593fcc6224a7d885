"""What SNS logs about a text, as CloudWatch Logs hands it on.

SNS names neither store nor customer: the text's message id leads to its touch. `providerResponse` is a sentence for
people, from a documented list (SNS Developer Guide, "Amazon SNS SMS delivery monitoring").
"""

import base64
import gzip
import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from perennial.receipts import First, Kind
from perennial.reports import Consequence, Report, Unreadable, instant_of, words

LARGEST = 16 * 1024 * 1024
"""Bytes of unpacked log lines; CloudWatch Logs sends at most one megabyte, packed."""

_OPTED_OUT, _INVALID = "opted out", "invalid phone number"

_TOO_DEAR = "exceed max price"
"""SNS itself never sent it on: the store's `max_price_usd` is less than its parts cost."""


def unpack(event: Mapping[str, Any]) -> tuple[str, ...] | Unreadable:
    """The log lines of one call by CloudWatch Logs; none for its own trial of the subscription."""
    try:
        packed = base64.b64decode(event["awslogs"]["data"])
        with gzip.open(io.BytesIO(packed)) as stream:
            found = json.loads(stream.read(LARGEST))
        if found["messageType"] != "DATA_MESSAGE":
            return ()
        return tuple(str(entry["message"]) for entry in found["logEvents"])
    except (ValueError, KeyError, TypeError, EOFError, OSError, RecursionError, zlib.error):
        return Unreadable("this is not what CloudWatch Logs sends")


def parse(line: str) -> Report | Unreadable:
    """The report in one log line. Whatever comes, this raises nothing."""
    try:
        return _report(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return Unreadable("this is not a delivery report as SNS logs them")


def _report(found: Mapping[str, Any]) -> Report:
    sent_at = instant_of(found["notification"]["timestamp"])
    delivery, message_id = found["delivery"], str(found["notification"]["messageId"])[:100]
    took = timedelta(milliseconds=float(delivery.get("dwellTimeMs") or 0))
    at, said = sent_at + took, str(delivery.get("providerResponse") or "")
    report = Report(
        id=f"sns:{message_id}", type=str(found["status"]), channel="text", message_id=message_id, at=at,
        address=str(delivery["destination"]),
    )  # fmt: skip
    if found["status"] == "SUCCESS":
        return replace(report, firsts=_firsts(sent_at, "delivered", First(at)))
    if found["status"] != "FAILURE":
        raise ValueError("neither success nor failure")
    consequence = _consequence(said)
    reason = words(said) if consequence else None
    kind: Kind = "refused" if _TOO_DEAR in said.lower() else "bounced"
    firsts = _firsts(sent_at, kind, First(at, words(said)))
    return replace(report, firsts=firsts, consequence=consequence, reason=reason)


def _firsts(sent_at: datetime, kind: Kind, first: First) -> Mapping[Kind, First]:
    return {"accepted": First(sent_at), kind: first}


def _consequence(said: str) -> Consequence | None:
    """Most failures pass; a number that left, or that there is not, stays so."""
    low = said.lower()
    if _OPTED_OUT in low:
        return "AddressOptedOut"
    return "AddressBounced" if _INVALID in low else None
