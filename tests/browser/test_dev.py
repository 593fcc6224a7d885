"""`perennial dev` in a browser without scripts: from a button to the mail, from the mail to its page, and back."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from perennial_cli.dev.journal import Journal
from perennial_cli.dev.listening import Server
from perennial_cli.dev.pages import Desk
from perennial_cli.dev.server import Front
from perennial_cli.dev.watching import Watch
from perennial_cli.dev.world import World
from tests.unit.pages.visits import ROOT

START = datetime(2026, 3, 2, 9, 12, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[str]:
    """The address of a day that has just begun."""
    with Server(0) as server:
        port = server.server_address[1]
        address = f"http://127.0.0.1:{port}"
        journal = Journal(tmp_path / "journal.jsonl")
        world = World(Watch(ROOT / "templates", address), journal, ROOT, real=lambda: START)
        with world.opened():
            server.front = Front(world, Desk(world, address, tmp_path / "order.json"), port)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield address
            server.shutdown()


def test_an_order_its_mail_its_page_and_the_clock_by_clicks_alone(chromium: Any, desk: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(desk)
    page.click("text=order placed")
    page.click("text=Thank you: we have your order")
    mail = page.frame_locator("iframe[title='Phone, light']")
    with context.expect_page() as opened:
        mail.locator("a[href*='/w/']").first.click()
    opened.value.click("button")
    opened.value.wait_for_selector("h1:has-text('We will not write to you again')")
    page.click("text=+1 day")
    assert page.url == f"{desk}/outbox/1", "the clock leaves one where one was"
    assert "Tue 3 Mar 2026" in page.inner_text(".clock")
    page.click("text=their timeline")
    assert "Not written to any more" in page.inner_text("main")
    context.close()
    assert complaints == []
