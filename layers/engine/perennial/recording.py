"""What providers report, put where it belongs: on its touch, and into the customer's line where it changes a decision.

A report may come twice, late, or before its elders: what is kept ends the same (receipts.py), and whatever joins the
line carries a derived id. A report without a touch makes none; one that nobody can read is parked, never dropped.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from perennial import ses_reports, text_reports
from perennial.machines import SETTLED, judge
from perennial.outside import ForRecording
from perennial.receipts import ACCOUNT, Click, TouchRef
from perennial.reports import Report, Unreadable

if TYPE_CHECKING:
    from perennial.ports import Parked

Outcome = Literal["noted", "queued", "waiting", "unknown touch", "parked"]

PAGES = 50
"""Pages of opted-out numbers, of 100 each, that one run reads before it hands on to another."""

UNINTERESTED = frozenset({"unsubscribe", "preferences", "not-me"})
"""Links whose press shows no interest in more messages."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a report. Only ids and words of our own: this is what is logged.

    `waiting`: a click whose neighbours are not known yet; whoever brought it brings it again.
    """

    outcome: Outcome
    type: str
    store: str | None = None
    customer: str | None = None
    touch: str | None = None
    reason: str | None = None

    def as_log(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value is not None}


def record(body: str, outside: ForRecording) -> Recorded:
    """One report of SES. Raises Unavailable: bring it again."""
    report = ses_reports.parse(body)
    if isinstance(report, Unreadable):
        return _park(body, "ses", report.reason, outside)
    return _settle(report, report.ref, outside)


def record_log(event: Mapping[str, Any], outside: ForRecording) -> Iterator[Recorded]:
    """What CloudWatch Logs hands on: lines of SNS's log of texts. Raises Unavailable."""
    lines = text_reports.unpack(event)
    if isinstance(lines, Unreadable):
        yield _park(json.dumps(event), "awslogs", lines.reason, outside)
        return
    for line in lines:
        yield record_text(line, outside)


def record_text(line: str, outside: ForRecording) -> Recorded:
    """One line of SNS's log of texts. Raises Unavailable."""
    report = text_reports.parse(line)
    if isinstance(report, Unreadable):
        return _park(line, "sns", report.reason, outside)
    return _settle(report, outside.book.text(report.message_id), outside)


def put_back(parked: "Parked", outside: ForRecording) -> Recorded:
    """Once more, after a deploy that can read it. What is still unreadable, or packed log lines, stays parked."""
    if parked.platform == "awslogs":
        return Recorded("parked", "awslogs", reason=parked.reason)
    content = outside.open_parking().content(parked)
    done = (record_text if parked.platform == "sns" else record)(content, outside)
    if done.outcome not in ("parked", "waiting"):
        outside.open_parking().remove(parked)
    return done


def _settle(report: Report, ref: TouchRef | None, outside: ForRecording) -> Recorded:
    """The record first: whatever has no record is not ours, or not ours any more, and goes no further."""
    if ref is None:
        return Recorded("unknown touch", report.type)
    told = Recorded("noted", report.type, ref.store, ref.customer, ref.touch)
    if not outside.book.note(ref, report.firsts):  # whatever is told of a message, a provider took it (law 1)
        return replace(told, outcome="unknown touch")
    if report.click is not None:
        return _settle_click(report, report.click, ref, told, outside)
    if report.consequence is None:
        return told
    _tell(report, ref, outside)
    return replace(told, outcome="queued", reason=report.reason)


def _settle_click(report: Report, click: Click, ref: TouchRef, told: Recorded, outside: ForRecording) -> Recorded:
    """A machine's click is put down and nothing follows. A person's is judged once its neighbours must be known."""
    clicks = outside.book.note_click(ref, click)
    if clicks is None:
        return replace(told, outcome="unknown touch")
    verdict = judge(click, clicks)
    if verdict.who == "machine":
        return replace(told, reason=f"machine: {', '.join(verdict.reasons)}")
    if click.link in UNINTERESTED:
        return replace(told, reason=f"person: {click.link}")
    if outside.now() - click.at < SETTLED:
        return replace(told, outcome="waiting")
    _tell(report, ref, outside)
    return replace(told, outcome="queued", reason=f"person: {click.link}")


def _tell(report: Report, ref: TouchRef, outside: ForRecording) -> None:
    """What stops messages is urgent; interest is not."""
    from perennial.telling import events_of  # the event models: most reports need none

    for event in events_of(report, ref, outside.now()):
        outside.open_line().join(event, ref.customer, "patient" if report.click is not None else "urgent")


def _park(content: str, platform: str, reason: str, outside: ForRecording) -> Recorded:
    """Nobody can tell whose it is, so it is parked for the account as a whole."""
    from perennial.ports import Parked  # likewise

    digest = hashlib.sha256(content.encode("utf-8", errors="backslashreplace")).hexdigest()[:24]
    parked = Parked(
        id=f"{platform}:{digest}",
        store=ACCOUNT,
        kind="report",
        reason=reason,
        parked_at=outside.now(),
        content=content,
        platform=platform,
    )
    outside.open_parking().park(parked)
    return Recorded("parked", platform, reason=reason)


@dataclass(frozen=True, slots=True)
class ReadNumbers:
    """How a reading of the provider's list went, as it is logged; `more`: another run reads on."""

    read: int
    told: int
    more: bool


def read_opted_out(after: str | None, outside: ForRecording) -> ReadNumbers:
    """Tells of every number on the list that a text of ours ever went to; each of them once. Raises Unavailable."""
    read = told = 0
    for _ in range(PAGES):
        numbers, after = outside.opted_out.page(after)
        read += len(numbers)
        for number, people in outside.book.texted(numbers).items():
            told += sum(_left(number, store, customer, outside) for store, customer in people)
        if after is None:
            return ReadNumbers(read, told, more=False)
    outside.opted_out.go_on(str(after))
    return ReadNumbers(read, told, more=True)


def _left(number: str, store: str, customer: str, outside: ForRecording) -> int:
    """Told first and forgotten then: a death in between tells twice, which changes nothing."""
    from perennial.telling import opted_out  # likewise

    for event in opted_out(store, customer, number, outside.now()):
        outside.open_line().join(event, customer, "urgent")
    outside.book.forget_number(number, store, customer)
    return 1
