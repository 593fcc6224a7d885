"""Events of SES in the shapes that AWS documents, every value of them invented."""

import json
from datetime import UTC, datetime
from typing import Any

from perennial.receipts import TouchRef

STORE, WHO, TOUCH = "larkspur", "cccccccccccccccc", "0123456789ab"
REF = TouchRef(STORE, WHO, TOUCH)
SENT = datetime(2026, 6, 1, 12, tzinfo=UTC)
MINA = "mina@mail.example"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
TOKEN = "A" * 44


def mail(**changes: Any) -> dict[str, Any]:
    tags = {
        "ses:configuration-set": ["perennial"],
        "ses:source-ip": ["192.0.2.1"],
        "ses:from-domain": ["larkspur.example"],
        "store": [STORE],
        "customer": [WHO],
        "touch": [TOUCH],
    }
    told = {
        "timestamp": "2026-06-01T12:00:00.000Z",
        "source": "Larkspur <care@larkspur.example>",
        "sourceArn": "arn:aws:ses:eu-central-1:123456789012:identity/larkspur.example",
        "sendingAccountId": "123456789012",
        "messageId": "010701234-aaaa",
        "destination": [MINA],
        "headersTruncated": False,
        "headers": [{"name": "To", "value": MINA}],
        "commonHeaders": {"from": ["care@larkspur.example"], "to": [MINA], "messageId": "m", "subject": "Hello"},
        "tags": tags,
    }
    return {**told, **changes}


def at(second: float) -> str:
    return datetime.fromtimestamp(SENT.timestamp() + second, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def send() -> dict[str, Any]:
    return {"eventType": "Send", "mail": mail(), "send": {}}


def delivery(second: float = 3) -> dict[str, Any]:
    about = {
        "timestamp": at(second),
        "processingTimeMillis": 3000,
        "recipients": [MINA],
        "smtpResponse": "250 2.6.0 Message received for mina@mail.example",
        "reportingMTA": "a8-70.smtp-out.amazonses.com",
    }
    return {"eventType": "Delivery", "mail": mail(), "delivery": about}


def bounce(type_: str = "Permanent", subtype: str = "General", second: float = 5, **about: Any) -> dict[str, Any]:
    told = {
        "bounceType": type_,
        "bounceSubType": subtype,
        "bouncedRecipients": [
            {"emailAddress": MINA, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 no such mina"}
        ],
        "timestamp": at(second),
        "feedbackId": "0107-bounce-1",
        "reportingMTA": "dsn; mta.example",
    }
    return {"eventType": "Bounce", "mail": mail(), "bounce": {**told, **about}}


def complaint(type_: str | None = "abuse", subtype: str | None = None, second: float = 3600) -> dict[str, Any]:
    told: dict[str, Any] = {
        "complainedRecipients": [{"emailAddress": MINA}],
        "timestamp": at(second),
        "feedbackId": "0107-complaint-1",
        "userAgent": "Feedback Loop/1.0",
        "arrivalDate": at(second),
        "complaintSubType": subtype,
    }
    return {
        "eventType": "Complaint",
        "mail": mail(),
        "complaint": told | ({"complaintFeedbackType": type_} if type_ else {}),
    }


def reject() -> dict[str, Any]:
    return {"eventType": "Reject", "mail": mail(), "reject": {"reason": "Bad content"}}


def failure() -> dict[str, Any]:
    told = mail()
    del told["headers"]
    about = {"templateName": "t", "errorMessage": "Attribute 'mina' is not present in the rendering data."}
    return {"eventType": "Rendering Failure", "mail": told, "failure": about}


def delay(second: float = 60) -> dict[str, Any]:
    about = {
        "timestamp": at(second),
        "delayType": "MailboxFull",
        "expirationTime": at(50_000),
        "delayedRecipients": [{"emailAddress": MINA, "status": "4.2.2", "diagnosticCode": "smtp; 452 full"}],
    }
    return {"eventType": "DeliveryDelay", "mail": mail(), "deliveryDelay": about}


def opened(second: float = 600, agent: str | None = BROWSER, **about: Any) -> dict[str, Any]:
    told = {"timestamp": at(second), "userAgent": agent, "ipAddress": "192.0.2.9"}
    return {"eventType": "Open", "mail": mail(), "open": {**told, **about}}


def click(second: float = 600, link: str = "https://shop.larkspur.example/kettle", **about: Any) -> dict[str, Any]:
    told = {"timestamp": at(second), "userAgent": BROWSER, "ipAddress": "192.0.2.9", "link": link, "linkTags": None}
    return {"eventType": "Click", "mail": mail(), "click": {**told, **about}}


def body(event: dict[str, Any]) -> str:
    return json.dumps(event)
