"""`perennial demo`: what a stranger runs first. It is run once here, with the functions at their most talkative."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from perennial.links import PATHS
from perennial_cli import demo, functions_host, run_commands
from perennial_cli.cloud_secrets import webhook_secret
from perennial_cli.demo_order import CUSTOMER, ORDER
from tests.e2e.conftest import TEMPLATES, run


@dataclass(frozen=True)
class Seen:
    """The folder it ran in, what it printed, what it lived through, and every line that a function logged."""

    folder: Path
    printed: str
    year: demo.Year
    logged: list[str]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, _read_once: None) -> Iterator[Seen]:
    folder, years, logs = tmp_path_factory.mktemp("demo"), [], []
    written = functions_host.Log

    def live(*args: Any) -> demo.Year:
        years.append(demo.run(*args))
        return years[-1]

    def log() -> functions_host.Log:
        logs.append(written())
        return logs[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("POWERTOOLS_LOG_LEVEL", "DEBUG")
        patch.setattr(run_commands, "run_demo", live)
        patch.setattr(functions_host, "Log", log)
        printed = run("demo", "--templates", TEMPLATES).stdout
        yield Seen(folder, printed, years[0], [line for log in logs for line in log.lines])


def test_the_table_tells_of_every_touch_with_its_local_time_outcome_and_reason(seen: Seen) -> None:
    lines = [line for line in seen.printed.splitlines() if re.match(r"│ [A-Z][a-z]{2} \d", line)]
    assert len(lines) == len(seen.year.rows)
    for line, row in zip(lines, seen.year.rows, strict=True):
        cells = [cell.strip() for cell in line.strip("│").split("│")]
        moment = row.at or row.due
        assert moment is not None
        assert cells[0] == f"{moment.astimezone(seen.year.zone):%a %-d %b %Y %H:%M}"
        assert row.journey.startswith(cells[1])  # a long name goes on in the next line
        assert row.touch.startswith(cells[2])
        assert cells[3:6] == [row.class_, row.channel or "–", row.outcome]
    assert "already sent by" in seen.printed


def test_a_year_and_a_half_of_care_comes_to_rest(seen: Seen) -> None:
    outcomes = {row.outcome for row in seen.year.rows}
    assert outcomes <= {"sent", "skipped", "expired"}
    assert all(row.reason for row in seen.year.rows if row.outcome != "sent")
    sent = [row for row in seen.year.rows if row.outcome == "sent"]
    assert {row.journey for row in sent} >= {"order-service", "small-appliance-care", "large-appliance-care"}
    assert f"{len(seen.year.deliveries)} webhooks, {len(sent)} messages, " in seen.printed


def test_nothing_fails_on_the_way(seen: Seen) -> None:
    assert seen.year.failures == ()
    assert {delivered.outcome for _, delivered in seen.year.deliveries} == {"applied"}


def test_the_page_shows_every_message_and_loads_nothing_from_elsewhere(seen: Seen) -> None:
    page = (seen.folder / "build" / "demo" / "index.html").read_text(encoding="utf-8")
    assert "build/demo/index.html" in seen.printed
    emails = [row for row in seen.year.rows if row.outcome == "sent" and row.channel == "email"]
    assert page.count("srcdoc=") >= len(emails)
    for row in emails:
        assert row.subject
        assert html.escape(row.subject, quote=False) in page
    outer = re.sub(r'srcdoc="[^"]*"', "", page)
    assert not re.search(r'<(?:script|link|img)[^>]+(?:src|href)="https?:', outer)
    for row in seen.year.rows:
        assert row.touch.partition("/")[0] in page


@pytest.mark.parametrize("name", ["alma.reyes@mail.example", "Alma.Reyes@MAIL.example", str(ORDER), str(CUSTOMER)])
def test_explain_finds_the_customer_by_whatever_one_has_at_hand(
    seen: Seen, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(seen.folder)
    told = json.loads(run("explain", name, "--json", "--templates", TEMPLATES).stdout)
    assert told["id"] == seen.year.customer
    assert [row["touch"] for row in told["touches"]] == [row.touch for row in seen.year.rows]


# Law 11: logs hold ids only


def told_by_the_shop(value: Any, key: str = "") -> Iterator[str]:
    """Whatever of the webhooks says who somebody is or what they bought."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from told_by_the_shop(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from told_by_the_shop(inner, key)
    elif key in ("first_name", "last_name", "name", "address1", "city", "zip", "phone", "email", "title", "sku"):
        yield str(value)


def personal_values(year: demo.Year) -> set[str]:
    told = {value for delivery, _ in year.deliveries for value in told_by_the_shop(delivery.line.body) if value}
    phones = {re.sub(r"\D", "", value)[-9:] for value in told if value.startswith("+")}
    return told | phones | {"alma.reyes", "+44"}


def message_texts(year: demo.Year) -> Iterator[str]:
    for message in year.messages.values():
        content = message.request.get("Content", {}).get("Simple")
        if content:
            yield from (content["Body"]["Text"]["Data"], content["Body"]["Html"]["Data"])
        else:
            yield str(message.request["Message"])


def links(year: demo.Year) -> set[str]:
    """The tokens of the signed links in all messages: keys to a customer's pages."""
    base = re.escape(year.store.pages_url.rstrip("/"))
    return {token for text in message_texts(year) for token in re.findall(rf"{base}/\w/([\w-]+)", text)}


def said(lines: list[str], words: set[str]) -> list[tuple[str, str]]:
    small = [line.lower() for line in lines]
    return [(word, line) for word in words for line in small if word.lower() in line]


def test_the_values_that_must_not_be_logged_are_found_at_all(seen: Seen) -> None:
    assert {"Alma", "Reyes", "7 Orchard Lane", "alma.reyes@mail.example"} <= personal_values(seen.year)
    assert len(links(seen.year)) > 50
    assert sum(line.startswith("{") for line in seen.logged) > len(seen.year.deliveries)
    assert said(['{"to": "ALMA.REYES@mail.example"}'], personal_values(seen.year))


def test_no_log_line_names_a_person_an_address_or_what_was_bought(seen: Seen) -> None:
    assert said(seen.logged, personal_values(seen.year)) == []


def test_no_log_line_holds_a_token_of_a_link(seen: Seen) -> None:
    assert said(seen.logged, links(seen.year)) == []


def test_no_log_line_holds_a_subject_or_a_line_of_a_message(seen: Seen) -> None:
    subjects = {row.subject for row in seen.year.rows if row.subject}
    lines = {line.strip() for text in message_texts(seen.year) for line in text.splitlines() if len(line) > 25}
    assert len(subjects) > 10
    assert said(seen.logged, subjects | {line for line in lines if "<" not in line}) == []


def test_no_log_line_holds_a_secret(seen: Seen) -> None:
    assert said(seen.logged, {webhook_secret(seen.year.store.store, "shopify")}) == []


def test_every_page_that_the_messages_lead_to_can_be_looked_at(seen: Seen) -> None:
    folder = seen.folder / "build" / "demo" / "pages"
    index = (folder.parent / "index.html").read_text(encoding="utf-8")
    for purpose in PATHS:
        html = (folder / f"{purpose}.html").read_text(encoding="utf-8")
        assert "Ovenbird</title>" in html
        assert f'href="pages/{purpose}.html"' in index
    assert 'href="returns.html"' in (folder / "order.html").read_text(encoding="utf-8")
