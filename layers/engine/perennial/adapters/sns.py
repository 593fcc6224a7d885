"""Texts and push notes by SNS. Publish has no idempotency token: one call for one claim, SDK retries off."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from perennial import ports
from perennial.adapters.ses import reply_to

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

FOR_GOOD = frozenset({"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid", "ValidationException"})
NOT_NOW = frozenset(
    {
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "ExpiredTokenException",
        "KMSThrottlingException",
        "Throttled",
        "Throttling",
        "ThrottlingException",
        "PlatformApplicationDisabled",
        "PlatformApplicationDisabledException",
    }
)
GONE = frozenset({"EndpointDisabled", "EndpointDisabledException", "NotFound", "NotFoundException"})
"""The device is not there any more; another device or channel may be."""


@dataclass(frozen=True, slots=True)
class SnsTextSender:
    client: "SNSClient"

    def send(self, message: ports.Outgoing) -> ports.Reply | None:
        if not isinstance(message, ports.OutgoingText):
            raise TypeError("this sends texts")
        attributes: dict[str, Any] = {
            "AWS.SNS.SMS.SMSType": _string("Promotional" if message.promotional else "Transactional"),
            "AWS.SNS.SMS.MaxPrice": {"DataType": "Number", "StringValue": str(message.max_price_usd)},
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
        service = "GCM" if message.platform == "fcm" else message.platform.upper()
        attributes: dict[str, Any] = {
            f"AWS.SNS.MOBILE.{service}.TTL": _string(str(message.seconds_of_use)),
            **({} if service == "GCM" else {"AWS.SNS.MOBILE.APNS.PUSH_TYPE": _string("alert")}),
        }
        return _publish(
            self.client,
            TargetArn=message.endpoint,
            MessageStructure="json",
            Message=json.dumps(payload),
            MessageAttributes=attributes,
        )


def _payload(message: ports.OutgoingPush) -> dict[str, str]:
    """One JSON text per platform inside the JSON, as SNS wants it; both platforms allow 4,096 bytes."""
    note = {"title": message.title, "body": message.body}
    if message.platform == "fcm":
        android = {"collapse_key": message.collapse_key, "ttl": f"{message.seconds_of_use}s"}
        told: dict[str, Any] = {
            "message": {"notification": note, "data": {"url": message.url or ""}, "android": android}
        }
        return {"GCM": json.dumps({"fcmV1Message": told}, ensure_ascii=False)}
    told = {"aps": {"alert": note, "thread-id": message.collapse_key}, "url": message.url or ""}
    return {message.platform.upper(): json.dumps(told, ensure_ascii=False)}


def _string(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def _publish(client: "SNSClient", **request: Any) -> ports.Reply | None:
    try:
        answer = client.publish(**request)
    except ClientError as error:
        reply = reply_to(error, FOR_GOOD, NOT_NOW | GONE)
        gone = reply is not None and reply.reason in GONE
        return ports.Reply("released", reply.reason, address_gone=True) if reply is not None and gone else reply
    except BotoCoreError:
        return None
    return ports.Reply("accepted", provider_id=answer["MessageId"])
