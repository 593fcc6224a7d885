"""The desk on localhost: its own pages, and behind them the bundle's own addresses, through the real handlers.

Only this machine gets in: the server listens on 127.0.0.1, answers to its own name alone (a foreign Host is how a web
page would reach it by DNS rebinding), and takes no POST that another site's page makes, but for the shopper's pages,
which mail programs and scanners call from anywhere and whose links are their authority.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from perennial.errors import ContentInvalid
from perennial.links import BY_PATH
from perennial_cli.cloud import Answer
from perennial_cli.dev.journal import Reported
from perennial_cli.dev.outbox import REPORTS, framed
from perennial_cli.dev.pages import HTML, MOVES, Desk, with_problems
from perennial_cli.dev.samples import steps, write_order
from perennial_cli.dev.world import World

HERE = "127.0.0.1"

POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'self'"
)
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src https: data:; frame-ancestors 'self'"
)
"""A mail in its frame runs nothing; its links open tabs."""

Fields = Mapping[str, str]


@dataclass
class Front:
    """Answers requests, one at a time."""

    world: World
    desk: Desk
    port: int
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, address: str, headers: dict[str, str], body: bytes) -> Answer:
        """`headers` with their names in lower case."""
        if headers.get("host", "").lower() not in (f"{HERE}:{self.port}", f"localhost:{self.port}"):
            return _plain(403, "This address is not the one it listens to.")
        path = address.partition("?")[0]
        parts = path.strip("/").split("/")
        if method == "POST" and parts[0] not in BY_PATH and not self._from_here(headers):
            return _plain(403, "A page of another site asked for this.")
        with self._lock:
            self.world.tick()
            found = self._post(parts, body, _back(headers)) if method == "POST" else self._get(parts)
            found = found or self._bundle(method, address, headers, body)
            self.write_samples()
        return found

    def write_samples(self) -> None:
        """The sample orders beside the journal, dated by the clock."""
        for name, store in self.world.cloud.content.stores.items():
            write_order(store, self.world.cloud.now, self.desk.order.with_name(f"order-{name}.json"))

    def _from_here(self, headers: Fields) -> bool:
        origin = headers.get("origin")
        return origin is None or origin in (f"http://{HERE}:{self.port}", f"http://localhost:{self.port}")

    def _get(self, parts: list[str]) -> Answer | None:
        """A page of the desk; None for what is not its own."""
        match parts:
            case [""]:
                return _page(self.desk.overview())
            case ["style.css"]:
                return Answer(200, (HTML / "style.css").read_text(), {"content-type": "text/css"})
            case ["outbox", number] if number.isdigit():
                return self._found(self.desk.mail(int(number)))
            case ["outbox", number, "light" | "dark" as mode] if number.isdigit():
                return self._framed(int(number), dark=mode == "dark")
            case ["customers", store, customer]:
                return self._found(self.desk.customer(store, customer))
        return None

    def _post(self, parts: list[str], body: bytes, back: str) -> Answer | None:
        """A button of the desk, and `back` to where it was pressed; None for what is not its own."""
        fields = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
        match parts:
            case ["clock"]:
                return self._move(fields.get("hours", ""), back)
            case ["story", store]:
                return self._tell(store, fields.get("step", ""))
            case ["outbox", number, "report"] if number.isdigit():
                return self._report(int(number), fields.get("event", ""))
            case ["again"]:
                return self._again()
        return None

    def _move(self, hours: str, back: str) -> Answer:
        if hours == "next":
            went = self.world.move_to_next_message()
            return _to(back) if went else _page(self.desk.overview("No message is ahead: the timelines say why."))
        if hours not in MOVES:
            return self._wrong(400, "The clock knows no such step", f"hours is one of {', '.join(MOVES)} or next")
        self.world.move(timedelta(hours=int(hours)))
        return _to(back)

    def _tell(self, store: str, number: str) -> Answer:
        shop = self.world.cloud.content.stores.get(store)
        told = [step for step in (steps(shop, self.world.cloud.now) if shop else ()) if str(step.number) == number]
        if not told:
            return self._wrong(404, "There is no such webhook", "The sample order has no step of that number.")
        self.world.tell_sample(store, told[0])
        return _to("/")

    def _report(self, number: int, event: str) -> Answer:
        mail = self.desk.find(number)
        if mail is None or mail.touch is None or event not in REPORTS:
            return self._wrong(
                404, "There is nothing to report", "No such email, or no such word for what became of it."
            )
        entry = Reported.model_validate({"at": self.world.cloud.now, "touch": mail.touch, "event": event})
        try:
            self.world.report(entry)
        except ContentInvalid as problem:
            return self._wrong(409, "That cannot be reported", problem.message)
        return _page(self.desk.mail(number, f"{REPORTS[event]}: told as SES would.") or "")

    def _again(self) -> Answer:
        try:
            self.world.tell_again()
        except ContentInvalid:
            self.world.watch.recheck()
        return _to("/")

    def _bundle(self, method: str, address: str, headers: dict[str, str], body: bytes) -> Answer:
        """The way into the bundle itself, as API Gateway would hand it on."""
        answer = self.world.ask(method, address, headers, body)
        if answer.headers.get("content-type", "").startswith("text/html"):
            problems = [problem.render() for problem in self.world.watch.problems]
            return Answer(answer.status, with_problems(answer.body, problems), answer.headers)
        return answer

    def _framed(self, number: int, *, dark: bool) -> Answer:
        mail = self.desk.find(number)
        if mail is None or mail.html is None:
            return self._found(None)
        return _page(framed(mail, dark=dark), MAIL_POLICY)

    def _found(self, html: str | None) -> Answer:
        if html is None:
            return self._wrong(
                404, "There is nothing here", "It may have had another number before the day was told again."
            )
        return _page(html)

    def _wrong(self, status: int, title: str, words: str) -> Answer:
        return Answer(status, self.desk.wrong(title, words), _page("").headers)


def _back(headers: Fields) -> str:
    """The page of the desk on which a button was pressed. A report's answer is shown by its own address alone."""
    path = urlsplit(headers.get("referer", "")).path
    return path if path.startswith(("/customers/", "/outbox/")) and not path.endswith("/report") else "/"


def _page(html: str, policy: str = POLICY) -> Answer:
    headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": policy}
    return Answer(200, html, {**headers, "cache-control": "no-store", "referrer-policy": "same-origin"})


def _plain(status: int, words: str) -> Answer:
    return Answer(status, f"{words}\n", {"content-type": "text/plain; charset=utf-8"})


def _to(path: str) -> Answer:
    return Answer(303, "", {"location": path})
