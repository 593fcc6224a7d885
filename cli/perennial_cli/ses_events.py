"""What SES would report about a message, in its own shapes, from the request that sent it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from perennial.errors import ContentInvalid
from perennial.ses_reports import PARTS
from perennial_cli.witness import SentMessage

SIMULATOR = "simulator.amazonses.com"
BROWSER = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15"
)
"""What reports of opens and clicks on demand come from, where nothing else is said."""

Event = dict[str, Any]


def at_once(message: SentMessage, now: datetime) -> list[Event]:
    """What SES reports by itself, right after it took a message: the mailbox simulator's addresses behave as theirs."""
    name, _, domain = message.to.lower().partition("@")
    kind = name.partition("+")[0] if domain == SIMULATOR else "success"
    sent = make("Send", message, now)
    delivered = make("Delivery", message, now)
    if kind == "bounce":
        return [sent, make("Bounce", message, now, bounceType="Permanent", bounceSubType="General")]
    if kind == "suppressionlist":
        return [sent, make("Bounce", message, now, bounceType="Permanent", bounceSubType="OnAccountSuppressionList")]
    if kind == "ooto":
        return [sent, delivered, make("Bounce", message, now, bounceType="Transient", bounceSubType="General")]
    if kind == "complaint":
        return [sent, delivered, make("Complaint", message, now, complaintFeedbackType="abuse")]
    return [sent, delivered]


def make(type_: str, message: SentMessage, now: datetime, **told: Any) -> Event:
    """One event about a message; `told` are fields of the part that is named after its type."""
    if type_ not in PARTS:
        raise ContentInvalid(f"SES has no event {type_!r}: write one of {', '.join(PARTS)}", file="ses")
    about = {**_about(type_, message, now), **told}
    return {"eventType": type_, "mail": mail(message), PARTS[type_]: about}


def mail(message: SentMessage) -> Event:
    request = message.request
    subject = request["Content"]["Simple"]["Subject"]["Data"]
    headers = {"From": request["FromEmailAddress"], "To": message.to, "Subject": subject}
    own = {tag["Name"]: [tag["Value"]] for tag in request.get("EmailTags", [])}
    return {
        "timestamp": stamp(message.at),
        "source": request["FromEmailAddress"],
        "sendingAccountId": "123456789012",
        "messageId": message.provider_id,
        "destination": [message.to],
        "headersTruncated": False,
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "commonHeaders": {"from": [headers["From"]], "to": [message.to], "subject": subject},
        "tags": {"ses:configuration-set": [request["ConfigurationSetName"]], **own},
    }


def stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def _about(type_: str, message: SentMessage, now: datetime) -> Mapping[str, Any]:
    """The part named after the type, with what SES always says there."""
    when, whom = {"timestamp": stamp(now)}, [{"emailAddress": message.to}]
    feedback = hashlib.sha256(f"{type_}|{message.provider_id}|{now.isoformat()}".encode()).hexdigest()[:24]
    visit = {"ipAddress": "192.0.2.7", "userAgent": BROWSER}
    known: Mapping[str, Mapping[str, Any]] = {
        "Delivery": {**when, "processingTimeMillis": 700, "recipients": [message.to], "smtpResponse": "250 2.6.0 OK"},
        "Bounce": {**when, "bouncedRecipients": whom, "feedbackId": feedback, "bounceType": "Permanent"},
        "Complaint": {**when, "complainedRecipients": whom, "feedbackId": feedback, "complaintSubType": None},
        "Reject": {"reason": "Bad content"},
        "Open": {**when, **visit},
        "Click": {**when, **visit, "linkTags": None},
        "Rendering Failure": {"templateName": "none", "errorMessage": "An attribute is missing."},
        "DeliveryDelay": {**when, "delayType": "MailboxFull", "delayedRecipients": whom},
    }
    return known.get(type_, {})
