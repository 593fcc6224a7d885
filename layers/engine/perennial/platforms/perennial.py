"""Perennial's own door: canonical events as JSON, signed by Standard Webhooks 1.0.0, for scripts, carriers and apps.

The library `standardwebhooks` makes the signatures. Its `verify` is left aside for one reason: it reads the real clock,
while here `now` is an argument (the embedded cloud moves its own). So the time is checked here, with the library's
tolerance, and the signature is compared with the one that the library's `sign` makes.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

from pydantic import ValidationError

from perennial.errors import BodyUnreadable, Misconfigured, SignatureInvalid
from perennial.events import Event, OutsideEvent, PrivacyEvent, to_json
from perennial.platforms import Secrets, bodies, event_id, lower, same

if TYPE_CHECKING:
    from standardwebhooks import Webhook

TOLERANCE = timedelta(minutes=5)
"""In both directions, as in the libraries; the specification leaves it open."""


TYPES: Mapping[str, type[Event]] = {
    name: class_
    for class_ in get_args(get_args(OutsideEvent)[0])
    for name in get_args(class_.model_fields["type"].annotation)
}
"""What `events.OUTSIDE` takes, by type: a cold start builds the validator of one class and not of all."""


def verify(headers: Mapping[str, str], body: bytes, secrets: Secrets, now: datetime) -> None:
    """Several signatures may be given while the sender rotates its secret: one has to match, by one of our secrets."""
    known = lower(headers)
    missing = [name for name in ("webhook-id", "webhook-timestamp", "webhook-signature") if not known.get(name)]
    if missing:
        raise SignatureInvalid(f"the header {missing[0]} is missing")
    if not body:
        raise SignatureInvalid("the body is empty: nothing was signed")
    sent_at = _sent_at(known["webhook-timestamp"])
    if sent_at is None:
        raise SignatureInvalid("webhook-timestamp is not a number of seconds since 1970")
    if abs(now - sent_at) > TOLERANCE:
        raise SignatureInvalid("webhook-timestamp is more than five minutes from now: sent again, or a clock is wrong")
    given = known["webhook-signature"].split()
    expected = [_signature(secret, known["webhook-id"], sent_at, body) for secret in secrets.valid]
    if not any(same(ours, theirs) for ours in expected for theirs in given):
        raise SignatureInvalid("no signature matches: another secret, or a body changed on its way")


def sign(headers: Mapping[str, str], body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """A time that `verify` would find stale is replaced, so that an old delivery can be sent again."""
    known = lower(headers)
    delivery = known.get("webhook-id") or f"msg_{hashlib.sha256(body).hexdigest()[:32]}"
    told = _sent_at(known.get("webhook-timestamp", ""))
    sent_at = told if told and abs(now - told) <= TOLERANCE else datetime.fromtimestamp(int(now.timestamp()), UTC)
    return known | {
        "webhook-id": delivery,
        "webhook-timestamp": str(int(sent_at.timestamp())),
        "webhook-signature": _signature(secret, delivery, sent_at, body),
    }


def parse(headers: Mapping[str, str], body: bytes, store: str, received_at: datetime) -> Event:
    """One event of `TYPES`; WakeDue is not among them. The path names the store, and the door stamps the time."""
    content = bodies.read(body)
    if content.fields.get("store", store) != store:
        raise BodyUnreadable("store: the body names another store than the address; leave it out")
    type_ = content.text("type")
    class_ = TYPES.get(type_ or "")
    if class_ is None:
        raise BodyUnreadable("type: no event of that name; `perennial schema events` lists them")
    ours = {"store": store, "received_at": received_at} | ({"goes_on": False} if class_ is PrivacyEvent else {})
    named = {"id": event_id("perennial", str(type_), lower(headers).get("webhook-id"), body)}
    try:
        event = class_.model_validate(named | content.fields | ours)
        to_json(event)
    except ValidationError as error:
        raise BodyUnreadable(bodies.reasons(error)) from None
    except ValueError:  # pydantic takes "\ud83d", but no queue does
        raise BodyUnreadable("a text holds half a character (a lone surrogate)") from None
    return event


def _sent_at(timestamp: str) -> datetime | None:
    seconds = int(timestamp) if timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 11 else None
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _signature(secret: str, delivery: str, sent_at: datetime, body: bytes) -> str:
    signer = _signer(secret)
    try:
        return signer.sign(delivery, sent_at, body.decode())  # the library signs text
    except UnicodeError:
        raise SignatureInvalid("the body or webhook-id is not UTF-8") from None


def _signer(secret: str) -> "Webhook":
    from standardwebhooks import Webhook  # a cold start that serves another platform does not pay for it
    from standardwebhooks.webhooks import EmptyWebhookSecretError

    try:
        return Webhook(secret)
    except (ValueError, EmptyWebhookSecretError):
        raise Misconfigured("the webhook secret has to be base64, with or without whsec_ before it") from None
