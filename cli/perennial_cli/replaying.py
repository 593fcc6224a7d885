"""Recorded deliveries, fed through the real handlers in the embedded cloud, each at its own time."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError, model_validator

from perennial.errors import ContentInvalid, PerennialError
from perennial.platforms import platform
from perennial_cli.cloud import Cloud
from perennial_cli.cloud_secrets import webhook_secret
from perennial_cli.page_visits import LinkOf, headline, visit
from perennial_cli.reports import Delivered

PROVIDERS = ("ses", "sns")
"""Who tells what became of messages: nobody signs that, and it enters by a queue."""

REPORTED = {"unknown touch": "refused", "parked": "parked"}


class Line(BaseModel):
    """One line of the file. A body that is no text is written as JSON before it is sent.

    `method`, `path` and `link` are of pages: somebody opens or answers one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    platform: str
    headers: dict[str, str] = {}
    body: Any = None
    store: str | None = None
    method: Literal["GET", "HEAD", "POST"] | None = None
    path: str | None = None
    link: LinkOf | None = None

    @model_validator(mode="after")
    def _fits_its_platform(self) -> Self:
        is_page, told = self.platform == "page", (self.path, self.link)
        if is_page and sum(part is not None for part in told) != 1:
            raise ValueError("a page is opened by its `link`, or by its whole `path`")
        if not is_page and any(part is not None for part in (*told, self.method)):
            raise ValueError('method, path and link are of pages: write `"platform": "page"`')
        if not is_page and "body" not in self.model_fields_set:
            raise ValueError("body: Field required")
        return self

    @property
    def bytes(self) -> bytes:
        text = self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False)
        return text.encode()


def read_lines(file: Path) -> tuple[Line, ...]:
    """Every delivery of the file. Raises ContentInvalid for the first line that is none."""
    lines = []
    try:
        texts = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ContentInvalid(f"cannot be read: {error}", file=str(file)) from error
    for number, text in enumerate(texts, 1):
        if not text.strip():
            continue
        try:
            lines.append(Line.model_validate_json(text))
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)[0]
            field = ".".join(str(part) for part in wrong["loc"]) or None
            raise ContentInvalid(wrong["msg"], file=str(file), line=number, field=field) from error
    if not lines:
        raise ContentInvalid("has no deliveries: write one JSON object a line", file=str(file))
    return tuple(lines)


@dataclass
class Replay:
    """Feeds lines into a cloud. `sign` signs each with its store's own secret, as the shop would have."""

    cloud: Cloud
    store: str
    sign: bool = False

    def feed(self, lines: Sequence[Line], progress: Callable[[datetime], None] = lambda at: None) -> list[Delivered]:
        """Delivers each line when its time has come; a line that is late goes out at once."""
        delivered = []
        for index, line in enumerate(lines):
            self.cloud.run_until(max(line.at.astimezone(UTC), self.cloud.now))
            progress(self.cloud.now)
            delivered.append(self._deliver(index, line))
            self.cloud.settle()
        return delivered

    def outcomes(self, delivered: Sequence[Delivered]) -> Iterator[Delivered]:
        """The deliveries with what became of them in the end: what was parked at the door may have been adopted."""
        parked = {entry.id: entry for entry in self.cloud.parked()}
        handled = {entry["event_id"] for entry in self.cloud.host.log.entries("event")}
        for delivery in delivered:
            if delivery.outcome in ("refused", "shown", "ignored") or delivery.platform in PROVIDERS:
                yield delivery
            elif delivery.event in parked:
                kept = parked[delivery.event]
                outcome = "waiting" if kept.kind == "newcomer" else "parked"
                yield replace(delivery, outcome=outcome, reason=kept.reason)
            elif delivery.outcome == "queued" and delivery.event not in handled:
                yield replace(
                    delivery, outcome="parked", reason="its function fails: it is in the queue or the dead letters"
                )
            else:
                yield replace(delivery, outcome="applied", reason=None)

    def _deliver(self, index: int, line: Line) -> Delivered:
        if line.platform in PROVIDERS:
            return self._report(index, line)
        if line.platform == "page":
            return self._visit(index, line)
        store = line.store or self.store
        headers = dict(line.headers)
        if self.sign:
            headers = self._signed(line, store)
        answer = self.cloud.post(f"/webhooks/{line.platform}/{store}", headers, line.bytes)
        told = answer.json()
        accepted = answer.status == 200
        return Delivered(
            index=index,
            at=line.at.isoformat(),
            platform=line.platform,
            status=answer.status,
            outcome=told.get("outcome", "refused") if accepted else "refused",
            event=told.get("event"),
            reason=told.get("reason") if accepted else answer.body.strip(),
        )

    def _visit(self, index: int, line: Line) -> Delivered:
        """Somebody at a page: what they answered joins the line as events, one of which is named."""
        method = line.method or ("GET" if line.body is None else "POST")
        at = line.at.isoformat()
        try:
            visited = visit(self.cloud, line.link or line.path or "/", method, line.headers, line.body)
        except ContentInvalid as error:
            return Delivered(index, at, "page", 404, "refused", None, error.message)
        status, event = visited.answer.status, next(iter(visited.told), None)
        refused = status >= 400
        outcome = "refused" if refused else "queued" if event else "shown"
        reason = headline(visited.answer.body) if refused else None
        return Delivered(index, at, "page", status, outcome, event, reason)

    def _report(self, index: int, line: Line) -> Delivered:
        """What a provider tells, by way of the queue it fills. It is answered nothing: 202 says that it was taken."""
        before = len(list(self.cloud.host.log.entries("report")))
        try:
            self.cloud.postman.tell(line.platform, line.body)
        except ContentInvalid as error:
            return Delivered(index, line.at.isoformat(), line.platform, 404, "refused", None, error.message)
        self.cloud.settle()
        told = next(islice(self.cloud.host.log.entries("report"), before, None), None)
        if told is None:  # a list of numbers that was read, or a function that fails: the latter says so itself
            return Delivered(index, line.at.isoformat(), line.platform, 202, "applied", None, None)
        outcome = REPORTED.get(told["outcome"], "applied")
        event = f"{line.platform}:{told['type']}:{told.get('touch', '-')}"
        reason = told.get("reason") or (told["outcome"] if outcome == "refused" else None)
        return Delivered(index, line.at.isoformat(), line.platform, 202, outcome, event, reason)

    def _signed(self, line: Line, store: str) -> dict[str, str]:
        try:
            secret = webhook_secret(store, line.platform)
            return platform(line.platform).sign(line.headers, line.bytes, secret, self.cloud.now)
        except PerennialError:
            return dict(line.headers)  # nobody to sign for: the door will say so
