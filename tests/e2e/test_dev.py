"""`perennial dev`, as an engineer uses it: webhooks in, messages to look at, a clock to move, templates to edit."""

import http.client
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from perennial.platforms import platform
from perennial_cli.cloud import Answer
from perennial_cli.cloud_secrets import webhook_secret
from perennial_cli.dev import watching
from perennial_cli.dev.journal import Journal
from perennial_cli.dev.listening import Server
from perennial_cli.dev.pages import Desk
from perennial_cli.dev.server import Front
from perennial_cli.dev.watching import Watch
from perennial_cli.dev.world import World
from tests.e2e import conftest
from tests.e2e.conftest import ROOT, TEMPLATES, Command
from tests.e2e.shop import PLACED, order

START = datetime(2026, 3, 2, 9, 12, tzinfo=UTC)
PORT = 8025
HOST = f"127.0.0.1:{PORT}"
ADDRESS = f"http://{HOST}"
DAYS = (24, 24, 24)
LEAVE, ARRIVE = (4, 5), (8, 12)
"""Steps of the sample order."""


class Desktop:
    """A browser and a shell before one `perennial dev`; `stop` and `start` it as one does overnight."""

    def __init__(self, folder: Path, templates: Path) -> None:
        self.folder, self.templates, self.stack = folder, templates, ExitStack()
        self.clock: Callable[[], datetime] = lambda: START

    def start(self, *, signs: bool = False, follows: bool = False) -> None:
        self.world = World(
            watch=Watch(self.templates, ADDRESS),
            journal=Journal(self.folder / "journal.jsonl"),
            root=ROOT,
            real=lambda: self.clock(),
            signs=signs,
            start=None if follows else START,
        )
        self.stack.enter_context(self.world.opened())
        self.front = Front(self.world, Desk(self.world, ADDRESS, self.folder / "order.json"), PORT)

    def stop(self) -> None:
        self.stack.close()

    def get(self, address: str, **headers: str) -> Answer:
        return self.front.answer("GET", address, {"host": HOST, **headers}, b"")

    def press(self, address: str, fields: str, **headers: str) -> Answer:
        form = {"host": HOST, "content-type": "application/x-www-form-urlencoded", **headers}
        return self.front.answer("POST", address, form, fields.encode())

    def webhook(self, body: object, *, signed: bool = True) -> Answer:
        raw, headers = json.dumps(body).encode(), {"host": HOST, "x-shopify-topic": "orders/create"}
        if signed:
            secret = webhook_secret("demo", "shopify")
            headers = platform("shopify").sign(headers, raw, secret, self.world.cloud.now)
        return self.front.answer("POST", "/webhooks/shopify/demo", headers, raw)

    def titles(self) -> list[str]:
        return re.findall(r'<a href="/outbox/\d+"><b>(.*?)</b>', self.get("/").body)

    def customer(self) -> str:
        found = re.search(r"/customers/demo/[a-z0-9]+", self.get("/").body)
        assert found, "nobody is known"
        return found[0]

    def link(self, number: int, page: str) -> str:
        """A link of a mail, as somebody who reads it would press it."""
        html = unescape(self.get(f"/outbox/{number}/light").body)
        found = re.search(rf'href="{ADDRESS}(/{page}/[^"]+)"', html)
        assert found, f"the mail has no link to /{page}/"
        return found[1]


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    monkeypatch.setattr(watching, "read", conftest._read)
    made = Desktop(tmp_path / "dev", Path(TEMPLATES))
    yield made
    made.stop()


def test_a_signed_order_becomes_a_mail_in_the_outbox(desktop: Desktop) -> None:
    desktop.start()
    assert desktop.webhook(order()).status == 200
    assert desktop.titles() == ["Thank you: we have your order #1001"]
    mail = desktop.get("/outbox/1").body
    assert "List-Unsubscribe" not in mail  # it is a confirmation: nobody can leave those
    assert "mina@mail.example" in mail
    assert "<h2>Text of the email</h2><pre>" in mail
    assert "applied" in desktop.get("/").body


def test_a_year_forward_by_clicks_ends_in_a_timeline_with_reasons(desktop: Desktop) -> None:
    desktop.start()
    desktop.press("/story/demo", "step=1")
    desktop.press("/clock", "hours=24")
    for parcels in (LEAVE, ARRIVE):
        for step in parcels:
            assert desktop.press("/story/demo", f"step={step}").status == 303
        desktop.press("/clock", "hours=24")
    before = len(desktop.titles())
    assert desktop.press("/clock", "hours=next").status == 303
    assert len(desktop.titles()) == before + 1
    assert desktop.press("/clock", "hours=8760").status == 303
    assert desktop.world.cloud.now > START + timedelta(days=366)
    timeline = desktop.get(desktop.customer()).body
    assert "Before you switch it on for the first time" in timeline
    assert '<span class="outcome">skipped</span> <span class="why">' in timeline
    assert "email:marketing" in timeline
    assert not desktop.world.cloud.failures


def test_a_link_in_a_mail_opens_the_page_and_its_form_is_heard(desktop: Desktop) -> None:
    desktop.start()
    desktop.webhook(order())
    page = desktop.link(1, "w")
    shown = desktop.get(page)
    assert (shown.status, "<form" in shown.body) == (200, True)
    foreign = {"origin": "null"}  # what a browser says on a page with no-referrer
    assert desktop.press(page, "", **foreign).status == 200
    assert re.search(r'<b>page not-me</b> <span class="good">applied', desktop.get("/").body)
    assert "<h2>Not written to any more</h2>" in desktop.get(desktop.customer()).body


def test_a_restart_tells_the_same_day_again(desktop: Desktop) -> None:
    desktop.start()
    desktop.webhook(order())
    page, customer = desktop.link(1, "o"), desktop.customer()
    for hours in DAYS:
        desktop.press("/clock", f"hours={hours}")
    desktop.press("/outbox/1/report", "event=Bounce")
    before = (desktop.get("/").body, desktop.get(customer).body)
    desktop.stop()
    desktop.start()
    assert (desktop.get("/").body, desktop.get(customer).body) == before
    assert desktop.get(page).status == 200, "links of yesterday's mails still open"
    assert "bounced" in before[1]


def test_looking_writes_nothing_down(desktop: Desktop) -> None:
    desktop.start()
    desktop.webhook(order())
    page, before = desktop.link(1, "w"), desktop.world.journal.entries()
    for address in ("/", "/outbox/1", desktop.customer(), page):
        desktop.get(address)
    assert desktop.world.journal.entries() == before


def test_an_unsigned_webhook_is_refused_unless_it_is_to_be_signed_here(desktop: Desktop) -> None:
    desktop.start()
    assert desktop.webhook(order(), signed=False).status == 401
    assert len(desktop.world.journal.entries()) == 1, "what was refused is not told again"
    desktop.stop()
    desktop.start(signs=True)
    assert desktop.webhook(order(), signed=False).status == 200
    wrong = {"host": HOST, "x-shopify-topic": "orders/create", "x-shopify-hmac-sha256": "bm90IHRoaXM="}
    assert desktop.front.answer("POST", "/webhooks/shopify/demo", wrong, b"{}").status == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8025", "127.0.0.1", "127.0.0.1:80", ""])
def test_a_foreign_host_is_refused(desktop: Desktop, host: str) -> None:
    desktop.start()
    assert desktop.get("/", host=host).status == 403
    assert desktop.press("/clock", "hours=24", host=host).status == 403
    assert desktop.world.cloud.now == START


def test_another_sites_page_moves_no_clock(desktop: Desktop) -> None:
    desktop.start()
    for origin in ("http://evil.example", "null"):
        assert desktop.press("/clock", "hours=24", origin=origin).status == 403
    assert desktop.world.cloud.now == START
    assert desktop.press("/clock", "hours=24", origin=ADDRESS).status == 303


def test_the_clock_follows_the_real_one_but_never_goes_back(desktop: Desktop) -> None:
    desktop.start(follows=True)
    desktop.clock = lambda: START + timedelta(hours=5)
    desktop.get("/")
    assert desktop.world.cloud.now == START + timedelta(hours=5)
    assert "ahead of the real time" not in desktop.get("/").body
    desktop.press("/clock", "hours=1")
    assert "1 hour ahead of the real time" in desktop.get("/").body
    desktop.press("/clock", "hours=72")
    desktop.get("/")
    assert desktop.world.cloud.now == START + timedelta(hours=78)
    assert "3 days ahead of the real time" in desktop.get("/").body


def test_a_mail_in_its_frame_runs_nothing_and_loads_nothing_of_this_server(desktop: Desktop) -> None:
    desktop.start()
    desktop.webhook(order())
    policy = desktop.get("/outbox/1/dark").headers["content-security-policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "<script" not in desktop.get("/").body


def test_what_a_person_wrote_is_shown_as_text(desktop: Desktop) -> None:
    desktop.start()
    evil = order(name="<b>#1</b>", email='"<img>"@mail.example')
    desktop.webhook(evil)
    assert "<img>" not in desktop.get("/").body
    assert "<b>#1</b>" not in desktop.get("/").body


def test_nothing_to_report_and_nothing_there_are_said_kindly(desktop: Desktop) -> None:
    desktop.start()
    assert desktop.get("/outbox/7").status == 404
    assert desktop.press("/outbox/7/report", "event=Bounce").status == 404
    assert desktop.press("/clock", "hours=5").status == 400
    assert "No message is ahead" in desktop.press("/clock", "hours=next").body


def test_a_broken_template_is_told_with_file_and_line_and_the_last_sound_one_stays(
    desktop: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    desktop.templates = shutil.copytree(TEMPLATES, tmp_path / "templates")
    desktop.start()
    desktop.webhook(order())
    page, message = desktop.link(1, "o"), desktop.templates / "messages" / "order-confirmation" / "message.yaml"
    sound, subject = message.read_text(), re.compile(r"subject: >-\n(?:  .*\n)+")
    message.write_text(subject.sub('subject: "Hello {{ ordr.number }}"\n', sound))
    line = sound[: sound.index("subject:")].count("\n") + 1
    place = f"templates/messages/order-confirmation/message.yaml:{line}"
    assert place in desktop.get("/").body
    assert place in desktop.get(page).body, "a shopper's page says so too"
    assert desktop.webhook(order(1002)).status == 200
    assert desktop.titles()[0] == "Thank you: we have your order #1002"
    desktop.press("/again", "")
    assert place in desktop.get("/").body, "a day cannot be told again from what is not sound"
    assert len(desktop.titles()) == 2
    message.write_text(subject.sub('subject: "Hello {{ order.number }}"\n', sound))
    assert "is not sound" not in desktop.get("/").body
    assert desktop.webhook(order(1003)).status == 200
    assert desktop.titles()[0] == "Hello #1003"
    desktop.press("/again", "")
    assert desktop.titles() == ["Hello #1003", "Hello #1002", "Hello #1001"]


def test_it_answers_over_http(desktop: Desktop) -> None:
    desktop.start()
    with Server(0) as server:
        port = server.server_address[1]
        desktop.front.port = port
        server.front = desktop.front
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            assert spoken(port, "POST", "/webhooks/shopify/demo", b"{}")[0] == 401
            status, body = spoken(port, "GET", "/")
            assert (status, b"Outbox" in body) == (200, True)
            assert spoken(port, "HEAD", "/") == (200, b"")
        finally:
            server.shutdown()


def spoken(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body=body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_port_that_is_taken_and_a_day_that_has_begun_are_said(perennial: Command, tmp_path: Path) -> None:
    with Server(0) as server:
        said = perennial("dev", "--port", str(server.server_address[1]), "--templates", TEMPLATES, code=2)
        assert "choose another with --port" in said.output
    (tmp_path / "build" / "dev").mkdir(parents=True, exist_ok=True)
    (tmp_path / "build" / "dev" / "journal.jsonl").write_text(
        '{"at":"2026-03-02T09:12:00Z","do":"begin","follows":true}\n'
    )
    assert "--fresh" in perennial("dev", "--at", PLACED[:19], "--templates", TEMPLATES, code=2).output


def test_a_line_of_the_journal_that_is_none_is_named(desktop: Desktop) -> None:
    desktop.folder.mkdir()
    (desktop.folder / "journal.jsonl").write_text(
        '{"at":"2026-03-02T09:12:00Z","do":"begin","follows":true}\n{"do":"?"}\n'
    )
    with pytest.raises(Exception, match="journal.jsonl:2|no line of a day's journal"):
        desktop.start()


def test_two_servers_never_write_one_day(perennial: Command, tmp_path: Path) -> None:
    day = Journal(tmp_path / "build" / "dev" / "journal.jsonl")
    with day.held():
        said = perennial("dev", "--fresh", "--templates", TEMPLATES, code=2)
        assert "another `perennial dev` keeps its day" in " ".join(said.output.split())
    with day.held():
        day.forget()
