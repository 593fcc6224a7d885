"""Every email of the demo's year as a provider would put it on the wire, read back by parsers that know us not.

SES builds the MIME from what `SendEmail` is asked for. Here the standard library does, and a second writer by the RFCs;
the standard library reads it back from bytes, and so does a parser in Rust that takes nothing amiss without saying so.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from fast_mail_parser import PyMail, parse_email, parse_email_tree

from perennial.content import Content
from perennial_cli.cloud import Cloud
from perennial_cli.demo import DAYS, PLACED
from perennial_cli.demo_order import story
from perennial_cli.replaying import Line, Replay
from perennial_cli.witness import SentMessage
from tests.e2e.conftest import ROOT, TEMPLATES, compiled
from tests.e2e.wire import Request, by_the_book, by_the_library

CLIPPED_ABOVE = 102_000
"""Bytes of HTML above which Gmail hides the rest, and the way out with it."""

LONGEST_ADDRESS = 75
"""Characters of a `List-Unsubscribe` address: with its brackets it fits on a line of 78 (RFC 5322 2.1.1)."""


WRITERS = (by_the_book, by_the_library)


class Reader(HTMLParser):
    """What a mail program finds: the language, the links, and pictures with what they say to those who see none."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.language: str | None = None
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "html":
            self.language = told.get("lang")
        if tag == "a":
            self.links.append(told.get("href") or "")
        if tag == "img":
            self.pictures.append(told)


def on_the_wire(sent: SentMessage) -> bytes:
    return by_the_library(sent.request)


def year(folder: Path, locale: str, content: Content) -> Iterator[SentMessage]:
    placed = PLACED.replace(tzinfo=ZoneInfo(content.stores["demo"].time_zone)).astimezone(UTC)
    lines = [in_language(delivery.line, locale) for delivery in story(content.stores["demo"], placed)]
    with Cloud.open(content, ROOT, lines[0].at.astimezone(UTC), folder) as cloud:
        Replay(cloud, "demo", sign=True).feed(lines)
        while (due := cloud.next_wake()) is not None and (due - placed).days <= DAYS:
            cloud.run_until(due)
        yield from (sent for sent in cloud.witness.sent if sent.channel == "email")


def in_language(line: Line, locale: str) -> Line:
    if not isinstance(line.body, dict) or "customer_locale" not in line.body:
        return line
    return line.model_copy(update={"body": {**line.body, "customer_locale": locale}})


@pytest.fixture(scope="module", params=["en-GB", "ru"])
def mails(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, _read_once: None
) -> list[SentMessage]:
    found = list(year(tmp_path_factory.mktemp("year"), request.param, compiled(Path(TEMPLATES))))
    assert len(found) >= 18
    return found


def parsed(sent: SentMessage) -> tuple[EmailMessage, str, str, Reader]:
    mail = message_from_bytes(on_the_wire(sent), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert rich is not None
    html = rich.get_content()
    return mail, plain.get_content(), html, Reader(html)


def test_every_header_arrives_as_it_was_meant(mails: list[SentMessage]) -> None:
    for sent in mails:
        mail, *_ = parsed(sent)
        simple = sent.request["Content"]["Simple"]
        # Python 3.11 may drop a space where it folds between encoded words (python/cpython#92081): its fault, not ours.
        assert "".join(mail["Subject"].split()) == "".join(simple["Subject"]["Data"].split())
        assert {header["Name"]: str(mail[header["Name"]]).strip() for header in simple["Headers"]} == {
            header["Name"]: header["Value"] for header in simple["Headers"]
        }
        assert not mail.defects
        assert parseaddr(str(mail["From"]))[1] == "hello@ovenbird.example"


def test_one_press_leaves_and_its_address_is_never_folded(mails: list[SentMessage]) -> None:
    seen = set()
    for sent in mails:
        mail, *_ = parsed(sent)
        if sent.tags["class"] == "transactional":
            assert mail["List-Unsubscribe"] is None
            continue
        seen.add(sent.tags["class"])
        address = str(mail["List-Unsubscribe"]).strip()
        assert address[0] + address[-1] == "<>"
        assert len(address) - 2 < LONGEST_ADDRESS
        assert urlsplit(address[1:-1]).scheme == "https"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert re.search(rb"\r\nList-Unsubscribe:(\r\n)? " + re.escape(address.encode()) + rb"\r\n", on_the_wire(sent))
    assert seen == {"feedback", "marketing"}


def test_both_bodies_are_there_and_none_is_clipped(mails: list[SentMessage]) -> None:
    for sent in mails:
        _, plain, html, _ = parsed(sent)
        assert len(plain.split()) > 40
        assert len(html.encode()) < CLIPPED_ABOVE
        assert "{{" not in plain + html
        assert "None" not in plain


def test_every_link_leads_somewhere_from_anywhere(mails: list[SentMessage]) -> None:
    for sent in mails:
        *_, reader = parsed(sent)
        assert reader.links
        for link in reader.links:
            assert urlsplit(link).scheme in ("https", "mailto", "tel"), (sent.tags["message"], link)


def test_who_hears_the_mail_knows_its_language_and_its_pictures(mails: list[SentMessage]) -> None:
    languages = set()
    for sent in mails:
        *_, reader = parsed(sent)
        languages.add(reader.language)
        for picture in reader.pictures:
            assert picture.get("alt") is not None, (sent.tags["message"], picture)
    assert len(languages) == 1
    assert languages <= {"en", "en-GB", "ru"}


def test_nobody_is_watched_unasked(mails: list[SentMessage]) -> None:
    for sent in mails:
        tracking = sent.request["ConfigurationOverrides"]["Tracking"]
        assert tracking == {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}


def test_who_was_signed_up_but_never_said_yes_is_asked_once_more_by_the_confirmation_alone(tmp_path: Path) -> None:
    """Double opt-in: the address proves itself by a link that was sent to it; until then nothing is sold to it."""
    content = compiled(Path(TEMPLATES))
    shop = content.stores["demo"]
    strict = shop.model_copy(
        update={"consent": shop.consent.model_copy(update={"double_opt_in": True, "soft_opt_in": False})}
    )
    sent = list(year(tmp_path, "en-GB", replace(content, stores={"demo": strict})))
    asking = [mail for mail in sent if "One more yes, please" in parsed(mail)[1]]
    assert [mail.tags["message"] for mail in asking] == ["order-confirmation"]
    assert any("/p/" in link for link in parsed(asking[0])[3].links)
    assert "marketing" not in {mail.tags["class"] for mail in sent}


@pytest.mark.parametrize("write", [by_the_library, by_the_book])
def test_whoever_writes_the_mail_another_parser_reads_what_was_asked_for(
    mails: list[SentMessage], write: Callable[[Request], bytes]
) -> None:
    for sent in mails:
        raw, simple = write(sent.request), sent.request["Content"]["Simple"]
        mail, tree = parse_email(raw, strict=True), parse_email_tree(raw)
        assert isinstance(mail, PyMail)
        assert mail.warnings == []
        assert "".join(mail.subject.split()) == "".join(simple["Subject"]["Data"].split())  # see above
        assert (mail.from_ and mail.from_.address) == "hello@ovenbird.example"
        for header in simple["Headers"]:
            assert [value.strip() for value in mail.headers[header["Name"]]] == [header["Value"]]
        assert (tree.content_type, [part.content_type for part in tree.children]) == (
            "multipart/alternative",
            ["text/plain", "text/html"],
        )
        for part, asked in zip(tree.children, (simple["Body"]["Text"], simple["Body"]["Html"]), strict=True):
            assert "utf-8" in part.headers["Content-Type"][0].lower()
            assert lines_of(part.content) == asked["Data"].splitlines()


def lines_of(body: bytes | None) -> list[str]:
    assert body is not None
    return body.decode("utf-8").splitlines()


def test_the_mail_that_is_written_by_the_book_says_the_same_to_the_library(mails: list[SentMessage]) -> None:
    for sent in mails:
        written, library = (message_from_bytes(write(sent.request), policy=policy.default) for write in WRITERS)
        assert not written.defects
        for name in ("From", "To", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post"):
            assert "".join(str(written[name]).split()) == "".join(str(library[name]).split())
        assert str(written["Reply-To"]) == ", ".join(sent.request["ReplyToAddresses"])
