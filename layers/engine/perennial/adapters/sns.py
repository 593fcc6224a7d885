"""Texts and push notes by SNS. Publish has no idempotency token: one call for one claim, SDK retries off."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from perennial import ports
from perennial.adapters.errors import code_of
from perennial.adapters.replies import reply_of

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

FOR_GOOD = frozenset({"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid", "ValidationException"})
NOT_NOW = frozenset(
    {
        "AuthorizationError",
        "AuthorizationErrorException",
        "KMSThrottling",
        "Throttled",
        "Throttling",
        "ThrottlingException",
        "PlatformApplicationDisabled",
        "PlatformApplicationDisabledException",
    }
)
GONE = frozenset({"EndpointDisabled", "EndpointDisabledException", "NotFound", "NotFoundException"})
"""The device is not there any more; another device or channel may be."""

NO_ENDPOINT = "No endpoint found"
"""What Publish says, under InvalidParameter, of an endpoint that was deleted; no code tells it from a bad message."""

LONGEST = 14 * 86_400
"""Seconds that SNS lets a push note wait for its device; FCM would take twice that."""


@dataclass(frozen=True, slots=True)
class SnsTextSender:
    client: "SNSClient"

    def send(self, message: ports.Outgoing) -> ports.Reply | None:
        if not isinstance(message, ports.OutgoingText):
            raise TypeError("this sends texts")
        attributes: dict[str, Any] = {
            "AWS.SNS.SMS.SMSType": _string("Promotional" if message.promotional else "Transactional"),
            "AWS.SNS.SMS.MaxPrice": {"DataType": "Number", "StringValue": f"{message.max_price_usd:f}"},
        }
        if message.sender_id:
            attributes["AWS.SNS.SMS.SenderID"] = _string(message.sender_id)
        return _publish(self.client, PhoneNumber=message.to, Message=message.body, MessageAttributes=attributes)


@dataclass(frozen=True, slots=True)
class SnsPushSender:
    client: "SNSClient"

    def send(self, message: ports.Outgoing) -> ports.Reply | None:
        if not isinstance(message, ports.OutgoingPush):
            raise TypeError("this sends push notes")
        payload = {"default": message.body, **_payload(message)}
        return _publish(
            self.client,
            TargetArn=message.endpoint,
            MessageStructure="json",
            Message=json.dumps(payload),
            MessageAttributes=_headers(message),
        )


def _headers(message: ports.OutgoingPush) -> dict[str, Any]:
    """What APNs wants beside the payload; FCM has it inside."""
    if message.platform == "fcm":
        return {}
    return {
        f"AWS.SNS.MOBILE.{message.platform.upper()}.TTL": _string(str(_ttl(message))),
        "AWS.SNS.MOBILE.APNS.PUSH_TYPE": _string("alert"),
        "AWS.SNS.MOBILE.APNS.COLLAPSE_ID": _string(message.collapse_key),
    }


def _ttl(message: ports.OutgoingPush) -> int:
    return min(message.seconds_of_use, LONGEST)


def _payload(message: ports.OutgoingPush) -> dict[str, str]:
    """One JSON text per platform inside the JSON, as SNS wants it; both platforms allow 4,096 bytes."""
    note = {"title": message.title, "body": message.body}
    if message.platform == "fcm":
        android = {"collapse_key": message.collapse_key, "ttl": f"{_ttl(message)}s"}
        told: dict[str, Any] = {
            "message": {"notification": note, "data": {"url": message.url or ""}, "android": android}
        }
        return {"GCM": json.dumps({"fcmV1Message": told}, ensure_ascii=False)}
    told = {"aps": {"alert": note, "thread-id": message.collapse_key}, "url": message.url or ""}
    return {message.platform.upper(): json.dumps(told, ensure_ascii=False)}


def _string(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def _publish(client: "SNSClient", **request: Any) -> ports.Reply | None:
    reply = reply_of(lambda: _asked(client, request), FOR_GOOD, NOT_NOW | GONE)
    return replace(reply, address_gone=True) if reply is not None and reply.reason in GONE else reply


def _asked(client: "SNSClient", request: dict[str, Any]) -> Mapping[str, Any]:
    try:
        return client.publish(**request)
    except ClientError as error:
        told = error.response.get("Error", {})
        if code_of(error) == "InvalidParameter" and NO_ENDPOINT in told.get("Message", ""):
            raise ClientError(
                {**error.response, "Error": {**told, "Code": "NotFound"}}, error.operation_name
            ) from error
        raise
