"""Email by SES v2. SendEmail has no idempotency token: one call for one claim, SDK retries off."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from perennial import ports
from perennial.adapters.replies import reply_of

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

NOT_NOW = frozenset(
    {
        "AccountSuspendedException",
        "LimitExceededException",
        "MailFromDomainNotVerifiedException",
        "MessageRejected",
        "NotFoundException",
        "SendingPausedException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
"""SES took nothing, and may later: throttled, paused, or something that the engineer can mend.

MessageRejected belongs here: at the call it means an identity that is not verified (a virus is reported later, by a
Reject event), and a store that forgot to verify its domain must not lose its first day's confirmations.
"""

FOR_GOOD = frozenset({"BadRequestException", "ValidationException"})


@dataclass(frozen=True, slots=True)
class SesSender:
    client: "SESV2Client"
    configuration_set: str

    def send(self, message: ports.Outgoing) -> ports.Reply | None:
        if not isinstance(message, ports.OutgoingEmail):
            raise TypeError("SES sends emails")
        request = _request(message, self.configuration_set)
        return reply_of(lambda: self.client.send_email(**request), FOR_GOOD, NOT_NOW)


def _request(message: ports.OutgoingEmail, configuration_set: str) -> Any:
    reply_to = {"ReplyToAddresses": [message.reply_to]} if message.reply_to else {}
    return {
        "FromEmailAddress": message.sender,
        "Destination": {"ToAddresses": [message.to]},
        **reply_to,
        "Content": {
            "Simple": {
                "Subject": {"Data": message.subject, "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": message.text, "Charset": "UTF-8"},
                    "Html": {"Data": message.html, "Charset": "UTF-8"},
                },
                "Headers": [{"Name": name, "Value": value} for name, value in message.headers.items()],
            }
        },
        "EmailTags": [{"Name": name, "Value": value} for name, value in message.tags.items()],
        "ConfigurationSetName": configuration_set,
        "ConfigurationOverrides": {
            "Tracking": {
                "OpenTrackingEnabled": _switch(message.open_tracking),
                "ClickTrackingEnabled": _switch(message.click_tracking),
            }
        },
    }


def _switch(on: bool) -> str:
    return "ENABLED" if on else "DISABLED"
