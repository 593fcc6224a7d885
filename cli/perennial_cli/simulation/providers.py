"""The twins of mail, text and push providers: they take messages, report on them, and people read what they took."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from perennial import ports
from perennial.serving import Shown
from perennial_cli.simulation.answering import ANSWERS
from perennial_cli.simulation.faults import Faults
from perennial_cli.simulation.log import Log
from perennial_cli.simulation.people import Person

Report = Callable[[str, str, str], None]
"""`ses` or `sns`, the body, and what this report is called: how it reaches the function that records it."""

Method = Literal["GET", "HEAD", "POST"]
Visit = Callable[[Method, str, str, bytes], Shown | None]
"""A method, an address, the message it was found in, and what is filled in: how somebody, or something, follows a link
of a message. None if whoever should have shown the page died or failed.
"""

Answer = Callable[[str, str, str], None]
"""What somebody wants to do, the link to the page where it is done, and the message it was found in."""

FORGED = " that nobody signed"
"""So ends the name of a message in which nobody found the link."""

ONE_CLICK = b"List-Unsubscribe=One-Click"
LINK = re.compile(r"https?://[^\s\"<>]+/[a-z]/[A-Za-z0-9_-]{44}")
"""A link to a page of ours, as somebody sees it who only reads: a letter, and 44 signs."""

BROWSER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/605.1.15"
SCANNER = "Mozilla/5.0 (compatible; Barracuda Sentinel)"


@dataclass(slots=True)
class Providers:
    """`about` tells which claim is being served: texts and notes carry no tags."""

    log: Log
    faults: Faults
    now: Callable[[], datetime]
    later: Callable[[datetime, Callable[[], object]], None]
    report: Report
    about: Callable[[], Mapping[str, Any]]
    people: Mapping[str, Person]
    visit: Visit
    answer: Answer
    taken: Counter[str] = field(default_factory=Counter)

    def take(self, channel: str, message: ports.Outgoing) -> ports.Reply:
        """Accepts whatever it is handed; an address that is no good is found out afterwards, as it is with SES."""
        about = self.about()
        self.taken[f"{channel}-{about['touch']}"] += 1
        name = f"{channel}-{about['touch']}-{self.taken[f'{channel}-' + about['touch']]}"
        told = {**message.tags, "run": about["run"]} if isinstance(message, ports.OutgoingEmail) else dict(about)
        to = message.endpoint if isinstance(message, ports.OutgoingPush) else message.to
        self.log.note(
            "accepted", self.now(), **told | {"channel": channel, "to": to, "provider_id": name} | _of_a_reader(message)
        )
        if isinstance(message, ports.OutgoingEmail):
            self._report_mail(message, name, told)
        elif channel == "text":
            self._tell(timedelta(seconds=5), "sns", f"Delivery of {name}", _text_line(name, to, self.now()))
        return ports.Reply("accepted", provider_id=name)

    def _report_mail(self, message: ports.OutgoingEmail, name: str, tags: Mapping[str, Any]) -> None:
        person, luck = self.people.get(message.to), self.faults.luck(f"delivery of {name}")
        box = person.mailbox if person else "good"
        self._mail("Send", timedelta(seconds=2), message, name)
        if box == "dead":
            self._mail("Bounce", timedelta(seconds=20), message, name, bounceType="Permanent", bounceSubType="General")
            return
        if box == "full":
            self._mail("Bounce", timedelta(hours=3), message, name, bounceType="Transient", bounceSubType="MailboxFull")
            return
        self._mail("Delivery", timedelta(seconds=luck.between(3, 90)), message, name)
        if person is not None:
            self._read(person, message, name, tags)

    def _read(self, person: Person, message: ports.OutgoingEmail, name: str, tags: Mapping[str, Any]) -> None:
        """Half of all people open, a few press a link, scanners press all of them, and some have had enough."""
        luck, cares = self.faults.luck(f"reading of {name}"), tags.get("class") != "transactional"
        after, eyes = timedelta(minutes=luck.between(2, 3000)), luck.choice((BROWSER, SCANNER))
        if self._does("opens", name, 0.5):
            self._mail("Open", after, message, name, userAgent=eyes)
        if self._does("is scanned for clicks", name, 0.05):
            self._mail("Click", timedelta(seconds=1), message, name, userAgent=SCANNER, link="https://shop.example/a")
        if self._does("clicks", name, 0.06 * person.patience):
            self._mail("Click", after, message, name, userAgent=BROWSER, link="https://shop.example/b")
        self._follow(person, message, name, after)
        if cares and self._does("complains", name, 0.03 * person.patience):
            self._mail("Complaint", after, message, name, complaintFeedbackType="abuse")

    def _follow(self, person: Person, message: ports.OutgoingEmail, name: str, after: timedelta) -> None:
        """Links: machines press none of their buttons; people leave, answer, or come back to an old message."""
        link, luck = message.headers.get("List-Unsubscribe", "").strip("<>"), self.faults.luck(f"links of {name}")
        pages = {path.split("/")[-2]: path for path in LINK.findall(message.text)}
        if link and self._does("is scanned for links", name, 0.3):
            self.later(self.now() + timedelta(seconds=2), lambda: self._scan([link], name))
        if self._does("is scanned to the last link", name, 0.04):
            self.later(self.now() + timedelta(seconds=2), lambda: self._scan(list(pages.values()), name))
        if link and self._does("leaves", name, 0.02 * person.patience):
            self.later(self.now() + after, lambda: self.visit("POST", link, name, ONE_CLICK))
        old = self.now() + timedelta(days=luck.between(1, 200))
        if pages and self._does("is found again", name, 0.04):
            self.later(old, lambda: self._scan([luck.choice(list(pages.values()))], name))
        if "n" in pages and self._does("is scored", name, 0.03):
            score = b"score=%d" % luck.between(0, 11)
            self.later(self.now() + after, lambda: self.visit("POST", pages["n"], name, score))
        if pages and self._does("is tampered with", name, 0.02):
            self.later(self.now() + after, lambda: self._tamper(pages, name))
        if "w" in pages and self._does("was meant for somebody else", name, 0.003):
            self.later(self.now() + after, lambda: self.visit("POST", pages["w"], name, b""))
        self._answer(pages, name, after)

    def _answer(self, pages: Mapping[str, str], name: str, after: timedelta) -> None:
        """Some fill in a form."""
        for what, (page, rate) in ANSWERS.items():
            if page in pages and self._does(what, name, rate):
                self.later(self.now() + after, partial(self.answer, what, pages[page], name))

    def _does(self, what: str, name: str, rate: float) -> bool:
        does = self.faults.does(f"{name} {what}", rate)
        if does:
            self.log.note("act", self.now(), name=f"{name} {what}")
        return does

    def _scan(self, links: Sequence[str], name: str) -> None:
        """A machine follows whatever it finds, some of it twice, with whatever it may carry."""
        for link in links:
            self.visit("GET", link, name, b"")
            self.visit("HEAD", link, name, b"")
            self.visit("GET", f"{link}?score=9&done=yes", name, b"")

    def _tamper(self, pages: Mapping[str, str], name: str) -> None:
        """Somebody who has a link tries whether it opens another page as well, or is good for somebody else."""
        link = self.faults.luck(f"tampering with {name}").choice(sorted(pages.values()))
        page, token = link.rsplit("/", 2)[1:]
        other = "u" if page != "u" else "p"
        elsewhere = link.replace(f"/{page}/{token}", f"/{other}/{token}")
        for forged in (elsewhere, f"{link[:-1]}{'Q' if link.endswith('A') else 'A'}"):
            self.visit("GET", forged, f"{name}{FORGED}", b"")
            self.visit("POST", forged, f"{name}{FORGED}", ONE_CLICK)

    def _mail(self, type_: str, after: timedelta, message: ports.OutgoingEmail, name: str, **more: Any) -> None:
        sent, when = self.now(), self.now() + after
        whom = [{"emailAddress": message.to}]
        about = {"timestamp": _stamp(when), "bouncedRecipients": whom, "complainedRecipients": whom,
                 "feedbackId": f"{name}-{type_}", **more}  # fmt: skip
        part = {"Send": "send", "Delivery": "delivery", "Bounce": "bounce", "Complaint": "complaint", "Open": "open",
                "Click": "click"}[type_]  # fmt: skip
        mail = {"timestamp": _stamp(sent), "messageId": name, "destination": [message.to],
                "tags": {key: [value] for key, value in message.tags.items()}}  # fmt: skip
        machine = "by a machine " if more.get("userAgent") == SCANNER else ""
        known_as = f"{type_} {machine}of {name}"
        self._tell(after, "ses", known_as, json.dumps({"eventType": type_, "mail": mail, part: about}))

    def _tell(self, after: timedelta, platform: str, name: str, body: str) -> None:
        """A report on its way: it may get lost, late, or come twice."""
        rates = self.faults.rates
        if self._goes_wrong("lost", name, rates.report_lost):
            return
        if self._goes_wrong("late", name, rates.report_late):
            after += timedelta(minutes=self.faults.luck(f"{name} late by").choice((10, 90, 2000)))
        times = 2 if self._goes_wrong("doubled", name, rates.report_doubled) else 1
        for again in range(times):
            self.later(self.now() + after + timedelta(seconds=7 * again), lambda: self.report(platform, body, name))

    def _goes_wrong(self, how: str, name: str, rate: float) -> bool:
        wrong = self.faults.happens(f"{name} {how}", rate)
        if wrong:
            self.log.note("fault", self.now(), kind=f"report {how}", name=f"{name} {how}")
        return wrong


@dataclass(frozen=True, slots=True)
class Sender:
    """One channel of the providers, behind its port."""

    channel: str
    providers: Providers

    def send(self, message: ports.Outgoing) -> ports.Reply | None:
        return self.providers.take(self.channel, message)


def _of_a_reader(message: ports.Outgoing) -> dict[str, Any]:
    """What whoever reads it has; of a mail the text, which says what its HTML does, and the way out."""
    if isinstance(message, ports.OutgoingEmail):
        ways = {name: value for name, value in message.headers.items() if name.startswith("List-")}
        return {"subject": message.subject, "text": message.text, "headers": ways}
    if isinstance(message, ports.OutgoingPush):
        return {"subject": message.title, "text": f"{message.body} {message.url or ''}"}
    return {"text": message.body}


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


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
