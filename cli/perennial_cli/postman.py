"""Providers of the embedded cloud: they report on every message they take, and on demand what people did with it."""

import base64
import gzip
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.sns.models import sns_backends

from perennial.adapters.opted_out import TASK
from perennial.errors import ContentInvalid
from perennial.links import PATHS
from perennial_cli import ses_events
from perennial_cli.cloud_resources import ACCOUNT, REGION
from perennial_cli.witness import SentMessage, Witness

OPTED_OUT = "99"
"""Numbers with this ending answered STOP: so says moto, which keeps the embedded cloud's list."""

_HREF = re.compile(r'href="(https?://[^"]+)"')


@dataclass
class Postman:
    """Reports on emails go to `topic`; logs of texts, and the day at which opted-out numbers are read, call `call`."""

    witness: Witness
    now: Callable[[], datetime]
    admin: Callable[[str], Any]
    topic: str
    call: Callable[[Mapping[str, Any]], None]
    seen: int = 0
    taken: list[SentMessage] = field(default_factory=list)

    def deliver(self) -> bool:
        """Reports on what was sent since the last time. False if there was nothing."""
        new = self.witness.sent[self.seen :]
        self.seen += len(new)
        for message in new:
            if message.provider_id is not None:
                self.taken.append(message)
                self._report(message)
        return bool(new)

    def publish(self, event: str) -> None:
        self.admin("sns").publish(TopicArn=self.topic, Message=event)

    def opt_out(self, number: str) -> None:
        """Somebody answers STOP, and the day comes at which the list is read."""
        sns_backends[ACCOUNT][REGION].opt_out_numbers.append(number)
        self.call(TASK)

    def _report(self, message: SentMessage) -> None:
        if message.channel == "email":
            for event in ses_events.at_once(message, self.now()):
                self.publish(json.dumps(event))
        elif message.channel == "text":
            failed = message.to.endswith(OPTED_OUT)
            said = "Phone number is opted out" if failed else "Message has been accepted by phone carrier"
            self.tell_of_text(message, "FAILURE" if failed else "SUCCESS", said)

    def tell_of_text(self, message: SentMessage, status: str, said: str) -> None:
        """One line of SNS's delivery log, as CloudWatch Logs hands it to its subscriber."""
        line = {
            "notification": {
                "messageId": message.provider_id,
                "timestamp": f"{message.at:%Y-%m-%d %H:%M:%S}.{message.at.microsecond // 1000:03}",
            },
            "delivery": {
                "destination": message.to,
                "priceInUSD": 0.03,
                "smsType": "Transactional",
                "providerResponse": said,
                "dwellTimeMs": 400,
            },
            "status": status,
        }
        self.call(awslogs(json.dumps(line)))

    def tell(self, platform: str, body: Any) -> None:
        """A report on demand, whole or in short. Raises ContentInvalid where it fits nothing that was sent.

        What is no object, or names neither a message nor what became of it, is handed on as it is.
        """
        try:
            self._tell_of_texts(body) if platform == "sns" else self._tell_of_emails(body)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise ContentInvalid(
                "this is neither a report nor short for one: see docs/replaying.md", file=platform
            ) from error

    def _tell_of_emails(self, body: Any) -> None:
        if not isinstance(body, dict) or "eventType" not in body:
            self.publish(body if isinstance(body, str) else json.dumps(body))
        else:
            self.publish(json.dumps(self._whole(body) if "mail" in body else self._short(body)))

    def _tell_of_texts(self, body: Any) -> None:
        if isinstance(body, dict) and "optedOut" in body:
            self.opt_out(str(body["optedOut"]))
        elif isinstance(body, dict) and "to" in body:
            message = self.find(body["to"], "text")
            self.tell_of_text(message, body.get("status", "SUCCESS"), body.get("providerResponse", "accepted"))
        else:
            self.call(awslogs(body if isinstance(body, str) else json.dumps(body)))

    def _short(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        told = {name: value for name, value in body.items() if name not in ("eventType", "to")}
        message = self.find(body.get("to") or {}, "email")
        if body.get("eventType") == "Click":
            told["link"] = link_in(message, str(told.get("link") or "order"))
        return ses_events.make(str(body.get("eventType")), message, self.now(), **told)

    def _whole(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """As it is, but for the tags: nobody can write down beforehand which customer and touch a replay will make."""
        mail = body["mail"]
        tags = {name: values[0] for name, values in (mail.get("tags") or {}).items() if not name.startswith("ses:")}
        if "touch" in tags:
            return body
        wanted = {**tags, **({"address": mail["destination"][0]} if mail.get("destination") else {})}
        found = ses_events.mail(self.find(wanted, "email"))
        return {**body, "mail": {**mail, "messageId": found["messageId"], "tags": found["tags"]}}

    def find(self, wanted: Mapping[str, str] | str, channel: str) -> SentMessage:
        """The newest message with these tags or this address. Raises ContentInvalid."""
        asked = {"message": wanted} if isinstance(wanted, str) else dict(wanted)
        if "@" in asked.get("message", ""):
            asked = {"address": asked["message"]}
        for message in reversed(self.taken):
            tags = {**message.tags, "address": message.to.lower()}
            if message.channel == channel and all(str(v).lower() == tags.get(k, "").lower() for k, v in asked.items()):
                return message
        words = ", ".join(f"{name} {value}" for name, value in asked.items())
        raise ContentInvalid(f"no {channel} was sent yet that fits {words or 'this'}", file=channel)


def awslogs(*lines: str) -> Mapping[str, Any]:
    told = {
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": "sns/eu-west-1/123456789012/DirectPublishToPhoneNumber",
        "logStream": "embedded",
        "subscriptionFilters": ["embedded"],
        "logEvents": [{"id": str(number), "timestamp": 0, "message": line} for number, line in enumerate(lines)],
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(told).encode())).decode()}}


def link_in(message: SentMessage, wanted: str) -> str:
    """The address behind a link of a message: by purpose, by a part of it, or as it is written."""
    if wanted.startswith(("http://", "https://")):
        return wanted
    found = _HREF.findall(message.request["Content"]["Simple"]["Body"]["Html"]["Data"].replace("&amp;", "&"))
    path = next((letter for purpose, letter in PATHS.items() if purpose == wanted), None)
    pages = [url for url in found if re.search(r"/[a-z]/[A-Za-z0-9_-]{44}$", url)]
    if path is not None:
        own = [url for url in pages if url.split("/")[-2] == path]
        elsewhere = [re.sub(r"/[a-z]/([A-Za-z0-9_-]{44})$", rf"/{path}/\1", url) for url in pages]
        found = own or elsewhere
    else:
        found = [url for url in found if wanted in url]
    if not found:
        raise ContentInvalid(f"the message {message.tags.get('message')} has no link {wanted!r}", file="email")
    return found[0]
