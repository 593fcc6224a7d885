"""The twins of mail, text and push providers: they take messages, report on them, and people read what they took."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from perennial import ports
from perennial_cli.simulation.faults import Faults
from perennial_cli.simulation.log import Log
from perennial_cli.simulation.people import Person

Report = Callable[[str, str], None]
"""`ses` or `sns`, and the body: how it reaches the function that records it."""

Method = Literal["GET", "HEAD", "POST"]
Visit = Callable[[Method, str], None]
"""A method and an address: how somebody, or something, follows a link of a message."""

BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15"
SCANNER = "Mozilla/5.0 (compatible; Barracuda Sentinel)"


@dataclass(slots=True)
class Providers:
    """`about` tells which claim is being served: texts and notes carry no tags."""

    log: Log
    faults: Faults
    now: Callable[[], datetime]
    later: Callable[[datetime, Callable[[], None]], None]
    report: Report
    about: Callable[[], Mapping[str, Any]]
    people: Mapping[str, Person]
    visit: Visit
    taken: int = 0

    def take(self, channel: str, message: ports.Outgoing) -> ports.Reply:
        """Accepts whatever it is handed; an address that is no good is found out afterwards, as it is with SES."""
        self.taken += 1
        name = f"{channel}-{self.taken:06d}"
        about = self.about()
        told = {**message.tags, "run": about["run"]} if isinstance(message, ports.OutgoingEmail) else dict(about)
        to = message.endpoint if isinstance(message, ports.OutgoingPush) else message.to
        self.log.note("accepted", self.now(), **{**told, "channel": channel, "to": to, "provider_id": name})
        if isinstance(message, ports.OutgoingEmail):
            self._report_mail(message, name, told)
        elif channel == "text":
            self._tell(timedelta(seconds=5), "sns", "Delivery", _text_line(name, to, self.now()))
        return ports.Reply("accepted", provider_id=name)

    def _report_mail(self, message: ports.OutgoingEmail, name: str, tags: Mapping[str, Any]) -> None:
        person, chance = self.people.get(message.to), self.faults.chance
        box = person.mailbox if person else "good"
        self._mail("Send", timedelta(seconds=2), message, name)
        if box == "dead":
            self._mail("Bounce", timedelta(seconds=20), message, name, bounceType="Permanent", bounceSubType="General")
            return
        if box == "full":
            self._mail("Bounce", timedelta(hours=3), message, name, bounceType="Transient", bounceSubType="MailboxFull")
            return
        self._mail("Delivery", timedelta(seconds=chance.randrange(3, 90)), message, name)
        if person is not None:
            self._read(person, message, name, tags)

    def _read(self, person: Person, message: ports.OutgoingEmail, name: str, tags: Mapping[str, Any]) -> None:
        """Half of all people open, a few press a link, scanners press all of them, and some have had enough."""
        chance, cares = self.faults.chance, tags.get("class") != "transactional"
        after = timedelta(minutes=chance.randrange(2, 3000))
        if chance.random() < 0.5:
            self._mail("Open", after, message, name, userAgent=chance.choice((BROWSER, SCANNER)))
        if chance.random() < 0.05:
            self._mail("Click", timedelta(seconds=1), message, name, userAgent=SCANNER, link="https://shop.example/a")
        if person.reacts(chance, 0.06):
            self._mail("Click", after, message, name, userAgent=BROWSER, link="https://shop.example/b")
        link = message.headers.get("List-Unsubscribe", "").strip("<>")
        if link and chance.random() < 0.3:
            self.later(self.now() + timedelta(seconds=2), lambda: self._scan(link))
        if link and person.reacts(chance, 0.02):
            self.later(self.now() + after, lambda: self.visit("POST", link))
        if cares and person.reacts(chance, 0.03):
            self._mail("Complaint", after, message, name, complaintFeedbackType="abuse")

    def _scan(self, link: str) -> None:
        """A machine follows whatever it finds, some of it twice."""
        self.visit("GET", link)
        self.visit("HEAD", link)
        self.visit("GET", link)

    def _mail(self, type_: str, after: timedelta, message: ports.OutgoingEmail, name: str, **more: Any) -> None:
        sent, when = self.now(), self.now() + after
        whom = [{"emailAddress": message.to}]
        about = {"timestamp": _stamp(when), "bouncedRecipients": whom, "complainedRecipients": whom,
                 "feedbackId": f"{name}-{type_}", **more}  # fmt: skip
        part = {"Send": "send", "Delivery": "delivery", "Bounce": "bounce", "Complaint": "complaint", "Open": "open",
                "Click": "click"}[type_]  # fmt: skip
        mail = {"timestamp": _stamp(sent), "messageId": name, "destination": [message.to],
                "tags": {key: [value] for key, value in message.tags.items()}}  # fmt: skip
        self._tell(after, "ses", type_, json.dumps({"eventType": type_, "mail": mail, part: about}))

    def _tell(self, after: timedelta, platform: str, type_: str, body: str) -> None:
        """A report on its way: it may get lost, late, or come twice."""
        rates = self.faults.rates
        if self.faults.happens(rates.report_lost):
            self.log.note("fault", self.now(), kind="report lost", type=type_, **_named(body))
            return
        if self.faults.happens(rates.report_late):
            after += timedelta(minutes=self.faults.chance.choice((10, 90, 2000)))
            self.log.note("fault", self.now(), kind="report late", type=type_, **_named(body))
        times = 2 if self.faults.happens(rates.report_doubled) else 1
        for again in range(times):
            self.later(self.now() + after + timedelta(seconds=7 * again), lambda: self.report(platform, body))


@dataclass(frozen=True, slots=True)
class Sender:
    """One channel of the providers, behind its port."""

    channel: str
    providers: Providers

    def send(self, message: ports.Outgoing) -> ports.Reply | None:
        return self.providers.take(self.channel, message)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def _named(body: str) -> dict[str, str]:
    """What a report is about, for the log."""
    told = json.loads(body)
    if "mail" in told:
        return {"provider_id": told["mail"]["messageId"]}
    return {"provider_id": told["notification"]["messageId"]}


def _text_line(name: str, to: str, at: datetime) -> str:
    """A line of SNS's delivery log (SNS Developer Guide, "Amazon SNS SMS delivery monitoring")."""
    return json.dumps(
        {
            "notification": {"messageId": name, "timestamp": f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03}"},
            "delivery": {"destination": to, "smsType": "Transactional", "dwellTimeMs": 400,
                         "providerResponse": "Message has been accepted by phone carrier"},
            "status": "SUCCESS",
        }
    )  # fmt: skip
