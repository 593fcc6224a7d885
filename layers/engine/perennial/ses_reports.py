"""What SES reports about an email, as SNS, SQS or EventBridge bring it.

Tolerant of what it does not need, strict about what it does: a report that cannot be told apart is never guessed at.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from perennial.links import BY_PATH
from perennial.machines import signs
from perennial.receipts import Click, First, Kind, TouchRef
from perennial.reports import Report, Unreadable, instant_of, words

_TOKEN = re.compile(r"[A-Za-z0-9_-]{44}")

SUPPRESSED = frozenset({"OnAccountSuppressionList", "Suppressed"})
"""Sub-types of bounces and complaints for which SES did not even try."""


@dataclass(frozen=True, slots=True)
class _Told:
    """One event of SES: its `mail`, and `about`, the part that is named after its type."""

    type: str
    mail: Mapping[str, Any]
    about: Mapping[str, Any]
    sent_at: datetime
    at: datetime

    @property
    def message_id(self) -> str:
        return str(self.mail["messageId"])[:100]

    @property
    def address(self) -> str | None:
        """Where we sent it: a bounce or complaint may name another mailbox, to which that one forwards."""
        destination = self.mail.get("destination") or []
        named = self.about.get("bouncedRecipients") or self.about.get("complainedRecipients") or []
        addresses = [*destination, *(entry.get("emailAddress") for entry in named)]
        return next((str(address) for address in addresses if address), None)

    @property
    def ref(self) -> TouchRef | None:
        tags = self.mail.get("tags") or {}
        store, customer, touch = ((tags.get(name) or [None])[0] for name in ("store", "customer", "touch"))
        return TouchRef.of(store, customer, touch)


PARTS: Mapping[str, str] = {
    "Send": "send",
    "Delivery": "delivery",
    "Bounce": "bounce",
    "Complaint": "complaint",
    "Reject": "reject",
    "Open": "open",
    "Click": "click",
    "Rendering Failure": "failure",
    "DeliveryDelay": "deliveryDelay",
}
"""Where each type of event keeps what it is about."""


def parse(body: str) -> Report | Unreadable:
    """The report in a queue message. Whatever comes, this raises nothing."""
    try:
        event = _unwrapped(json.loads(body))
        type_ = event.get("eventType") or event.get("notificationType")
        if not isinstance(type_, str) or type_ not in PARTS:
            return Unreadable("SES reports something that this release does not know")
        told = _told(type_, event)
        if told.ref is None:
            return Unreadable(f"the tags of this {type_} name no touch of ours")
        return _READERS[type_](told)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return Unreadable("this is not a report as SES writes them")


def _unwrapped(found: Any) -> Mapping[str, Any]:
    """Out of the envelopes of SNS and EventBridge, if it is in one."""
    if isinstance(found, dict) and found.get("Type") == "Notification":
        found = json.loads(found["Message"])
    if isinstance(found, dict) and "detail-type" in found:
        found = found["detail"]
    if not isinstance(found, dict):
        raise TypeError("a report is an object")
    return found


def _told(type_: str, event: Mapping[str, Any]) -> _Told:
    about = event.get(PARTS[type_]) or {}
    sent_at = instant_of(event["mail"]["timestamp"])
    at = instant_of(about["timestamp"]) if about.get("timestamp") else sent_at
    return _Told(type_, event["mail"], about, sent_at, max(at, sent_at))


def _report(told: _Told, kinds: Mapping[Kind, str], **more: Any) -> Report:
    """Every report proves that SES took the message, at the moment that `mail` tells."""
    firsts: dict[Kind, First] = {"accepted": First(told.sent_at)}
    firsts |= {kind: First(told.at, text) for kind, text in kinds.items()}
    return Report(
        id=f"ses:{told.type.lower().replace(' ', '-')}:{words(told.about.get('feedbackId')) or told.message_id}",
        type=told.type,
        channel="email",
        message_id=told.message_id,
        at=told.at,
        ref=told.ref,
        firsts=firsts,
        address=told.address,
        **more,
    )


def _sent(told: _Told) -> Report:
    return _report(told, {})


def _delivered(told: _Told) -> Report:
    return _report(told, {"delivered": ""})


def _delayed(told: _Told) -> Report:
    return _report(told, {"delayed": words(told.about.get("delayType"))})


def _bounced(told: _Told) -> Report:
    """Only what bounces for good is dead; a full mailbox may be emptied, an answering machine be switched off."""
    type_, subtype = words(told.about["bounceType"]), words(told.about.get("bounceSubType"))
    kinds: Mapping[Kind, str] = {"bounced": f"{type_} {subtype}".strip()}
    if type_ != "Permanent":
        return _report(told, kinds)
    return _dead(told, kinds, subtype)


def _dead(told: _Told, kinds: Mapping[Kind, str], subtype: str) -> Report:
    if told.address is None:
        raise ValueError("nobody knows which address is dead")
    reason = "on the suppression list" if subtype in SUPPRESSED else f"bounced: {subtype or 'General'}"
    return _report(told, kinds, consequence="AddressBounced", reason=reason)


def _complained(told: _Told) -> Report:
    """`not-spam` is praise; what SES holds back because of an earlier complaint was never seen by anybody."""
    type_, subtype = words(told.about.get("complaintFeedbackType")), words(told.about.get("complaintSubType"))
    if subtype in SUPPRESSED:
        return _dead(told, {"bounced": f"Complaint {subtype}"}, subtype)
    if type_ == "not-spam":
        return _report(told, {"complained": type_})
    return _report(told, {"complained": type_}, consequence="MessageComplained", reason=type_ or None)


def _rejected(told: _Told) -> Report:
    return _report(told, {"refused": f"rejected: {words(told.about.get('reason'))}"})


def _unrendered(told: _Told) -> Report:
    """The error message may quote what was rendered: only that there was one is kept."""
    return _report(told, {"refused": "could not be rendered"})


def _opened(told: _Told) -> Report:
    found = signs(told.about, told.at, told.sent_at)
    return _report(told, {"fetched": ", ".join(found)} if found else {"opened": ""})


def _clicked(told: _Told) -> Report:
    url = str(told.about["link"])
    mark = hashlib.sha256(url.encode()).hexdigest()[:6]
    click = Click(told.at, link_of(url), mark, signs(told.about, told.at, told.sent_at))
    return _report(told, {}, click=click, consequence="LinkClicked")


def link_of(url: str) -> str:
    """What a link is for if it is one of ours, else its host: a URL may be a key, and may name somebody."""
    parts = urlsplit(url)
    path = parts.path.strip("/").split("/")
    if len(path) >= 2 and path[-2] in BY_PATH and _TOKEN.fullmatch(path[-1]):
        return BY_PATH[path[-2]]
    return words(parts.hostname) or "elsewhere"


_READERS: Mapping[str, Callable[[_Told], Report]] = {
    "Send": _sent,
    "Delivery": _delivered,
    "Bounce": _bounced,
    "Complaint": _complained,
    "Reject": _rejected,
    "Open": _opened,
    "Click": _clicked,
    "Rendering Failure": _unrendered,
    "DeliveryDelay": _delayed,
}
