"""Messages as they were sent: what was asked of the provider, word for word."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from perennial_cli.explaining import Row
from perennial_cli.previewing import in_scheme
from perennial_cli.witness import SentMessage

REPORTS = {"Open": "They opened it", "Click": "They clicked", "Bounce": "It bounced", "Complaint": "They complained"}
"""What a provider may tell of an email afterwards, by SES's word for it."""


@dataclass(frozen=True)
class Mail:
    """One message of any channel. `headers` are of emails; `touch` is None where the provider is told of none."""

    number: int
    channel: str
    at: datetime
    to: str
    title: str
    text: str
    headers: tuple[tuple[str, str], ...]
    tags: dict[str, str]
    accepted: bool
    html: str | None

    @property
    def touch(self) -> str | None:
        return self.tags.get("touch")

    @property
    def kilobytes(self) -> float:
        return len((self.html or "").encode()) / 1000


def outbox(sent: Sequence[SentMessage]) -> list[Mail]:
    """Oldest first; numbers begin with 1."""
    return [_mail(number, message) for number, message in enumerate(sent, 1)]


def mail_of(row: Row, mails: Sequence[Mail]) -> Mail | None:
    """The message that a touch became. Texts and push notes name no touch, and are told by their moment."""
    named = [mail for mail in mails if mail.touch == row.id]
    alike = [mail for mail in mails if mail.touch is None and (mail.channel, mail.at) == (row.channel, row.at)]
    return next(iter(named or alike), None)


def framed(mail: Mail, *, dark: bool) -> str:
    """The HTML as a client in that mode shows it; its links open in a tab of their own."""
    own = '<base target="_blank"></head>'
    return in_scheme(mail.html or "", dark=dark).replace("</head>", own, 1)


def _mail(number: int, message: SentMessage) -> Mail:
    content = _email(message) if message.channel == "email" else _note(message)
    return Mail(
        number=number,
        channel=message.channel,
        at=message.at,
        to=message.to,
        tags=message.tags,
        accepted=message.provider_id is not None,
        **content,
    )


def _email(message: SentMessage) -> dict[str, Any]:
    request, simple = message.request, message.request["Content"]["Simple"]
    subject = simple["Subject"]["Data"]
    named = [("From", request["FromEmailAddress"]), ("To", message.to), ("Subject", subject)]
    named += [("Reply-To", address) for address in request.get("ReplyToAddresses", [])]
    named += [(header["Name"], header["Value"]) for header in simple.get("Headers", [])]
    body = simple["Body"]
    return {"title": subject, "text": body["Text"]["Data"], "html": body["Html"]["Data"], "headers": tuple(named)}


def _note(message: SentMessage) -> dict[str, Any]:
    said = str(message.request.get("Message", ""))
    if message.channel == "push":
        said = _pushed(said)
    return {"title": said.partition("\n")[0][:80], "text": said, "html": None, "headers": ()}


def _pushed(said: str) -> str:
    """A push note is JSON for each kind of phone: shown is the plain one."""
    try:
        return str(json.loads(said).get("default", said))
    except ValueError:
        return said
