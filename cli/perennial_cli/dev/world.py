"""A shop's day on the embedded cloud: what comes in is written down, so that a restart can tell it again."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from perennial import wiring
from perennial.errors import ContentInvalid, PerennialError
from perennial.links import BY_PATH
from perennial.platforms import platform
from perennial_cli.cloud import Answer, Cloud
from perennial_cli.cloud_secrets import webhook_secret
from perennial_cli.dev.journal import Began, Entry, Journal, Moved, Reported, Requested
from perennial_cli.dev.samples import PLATFORM, Step
from perennial_cli.dev.watching import Watch
from perennial_cli.page_visits import visit
from perennial_cli.replaying import Replay
from perennial_cli.reports import Delivered

FARTHEST = timedelta(days=800)
"""How far ahead the next message is looked for."""


@dataclass
class World:
    """Use `opened`. For one thread at a time: moto is not made for more. `real` is the clock on the wall."""

    watch: Watch
    journal: Journal
    root: Path
    real: Callable[[], datetime]
    signs: bool = False
    start: datetime | None = None
    deliveries: list[Delivered] = field(default_factory=list)
    deployed_at: datetime | None = None
    _drawn: tuple[datetime, int] | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def opened(self) -> Iterator["World"]:
        """The day as far as the journal tells it. Raises ContentInvalid."""
        try:
            self.tell_again()
            yield self
        finally:
            self._stack.close()

    def tell_again(self) -> None:
        """From the top, with `templates/` as they are now."""
        content = self.watch.first()
        self._stack.close()
        began, *entries = self.journal.entries() or (self._begin(),)
        if not isinstance(began, Began):
            raise ContentInvalid(
                "the journal has lost its beginning: begin anew with --fresh", file=str(self.journal.file)
            )
        self.watch.problems, self.deployed_at = (), None
        self.deliveries, self._drawn, self.follows = [], None, began.follows
        self.cloud = self._stack.enter_context(Cloud.open(content, self.root, began.at, self.journal.file.parent))
        wiring.use_chance(self._chance)
        for entry in entries:
            self._live(entry)
        self.tick()

    def tick(self) -> None:
        """What the files and the wall say by now: new content, and the time if the clock follows it."""
        content = self.watch.changed()
        if content is not None:
            self.cloud.deploy(content)
            self.deployed_at = self.real()
        if self.follows and self.real() > self.cloud.now:
            self.cloud.run_until(self.real())

    def ask(self, method: str, address: str, headers: dict[str, str], body: bytes) -> Answer:
        """A request to the bundle. What only looks is not written down: it changes nothing."""
        if method != "POST":
            return self.cloud.request(method, address, headers, body)
        if self.signs:
            headers = self._signed(address, headers, body)
        entry = Requested.of(self.cloud.now, address, headers, body)
        answer = self._live(entry)
        if answer.status < 400:
            self.journal.add(entry)
        return answer

    def tell_sample(self, store: str, step: Step) -> Answer:
        """A webhook of the sample order, under its shop's signature."""
        secret = webhook_secret(store, PLATFORM)
        headers = platform(PLATFORM).sign(step.headers, step.body, secret, self.cloud.now)
        return self.ask("POST", f"/webhooks/{PLATFORM}/{store}", headers, step.body)

    def move(self, by: timedelta) -> None:
        self.cloud.run_until(self.cloud.now + by)
        self.journal.add(Moved(at=self.cloud.now))

    def move_to_next_message(self) -> bool:
        """False if none goes out for as far as anybody looks; the clock stands where it stood then."""
        before, end = len(self.cloud.witness.sent), self.cloud.now + FARTHEST
        while len(self.cloud.witness.sent) == before:
            due = self.cloud.next_wake()
            if due is None or due > end:
                break
            self.cloud.run_until(due)
        self.journal.add(Moved(at=self.cloud.now))
        return len(self.cloud.witness.sent) > before

    def report(self, entry: Reported) -> None:
        """Raises ContentInvalid where no email of that touch was sent."""
        self._report(entry)
        self.journal.add(entry)

    def outcomes(self) -> list[Delivered]:
        """What came in, and what became of it by now."""
        return list(Replay(self.cloud, "").outcomes(self.deliveries))

    def _begin(self) -> Began:
        began = Began(at=self.start or self.real(), follows=self.start is None)
        self.journal.add(began)
        return began

    def _live(self, entry: Entry) -> Answer:
        self.cloud.run_until(entry.at)
        if isinstance(entry, Requested):
            return self._request(entry)
        if isinstance(entry, Reported):
            try:
                self._report(entry)
            except ContentInvalid as problem:  # other templates than yesterday's: that email was never sent
                self.cloud.failures.append(f"{entry.event}: {problem.message}")
        return Answer(204, "")

    def _request(self, entry: Requested) -> Answer:
        webhook = entry.path.startswith("/webhooks/")
        if webhook:
            answer = self.cloud.post(entry.path, entry.headers, entry.bytes)
            told = answer.json()
            outcome, event, reason = told.get("outcome"), told.get("event"), told.get("reason")
        else:
            body = entry.bytes.decode(errors="replace")
            visited = visit(self.cloud, entry.path, "POST", entry.headers, body)
            answer, event, reason = visited.answer, next(iter(visited.told), None), None
            outcome = "queued" if event else "shown"
        refused = answer.status >= 400
        said = answer.body.strip() if refused and webhook else reason
        self.deliveries.append(
            Delivered(
                index=len(self.deliveries),
                at=entry.at.isoformat(),
                platform=_label(entry),
                status=answer.status,
                outcome="refused" if refused else outcome or "refused",
                event=event,
                reason=said,
            )
        )
        self.cloud.settle()
        return answer

    def _report(self, entry: Reported) -> None:
        body = {"eventType": entry.event, "to": {"touch": entry.touch}}
        self.cloud.postman.tell("ses", {**body, **MORE.get(entry.event, {})})
        self.cloud.settle()

    def _signed(self, address: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
        """With the store's own secret of this cloud. What carries a signature keeps it, right or wrong."""
        parts = address.partition("?")[0].split("/")
        if any("signature" in name or "hmac" in name for name in headers) or parts[1] != "webhooks" or len(parts) != 4:
            return headers
        try:
            return platform(parts[2]).sign(headers, body, webhook_secret(parts[3], parts[2]), self.cloud.now)
        except PerennialError:
            return headers  # nobody to sign for: the door will say so

    def _chance(self, size: int) -> bytes:
        """The same at the same moment of the same day, so that links still open after a restart."""
        moment, count = self._drawn or (self.cloud.now, 0)
        count = count + 1 if moment == self.cloud.now else 0
        self._drawn = (self.cloud.now, count)
        return hashlib.sha256(f"{self.cloud.now.isoformat()}|{count}".encode()).digest()[:size]


MORE = {
    "Bounce": {"bounceType": "Permanent", "bounceSubType": "General"},
    "Complaint": {"complaintFeedbackType": "abuse"},
}


def _label(entry: Requested) -> str:
    parts = entry.path.partition("?")[0].split("/")
    if parts[1] != "webhooks":
        return f"page {BY_PATH.get(parts[1], parts[1])}"
    topic = entry.headers.get("x-shopify-topic")
    return " ".join(word for word in (parts[2] if len(parts) > 2 else "", topic) if word)
