"""Reports of SES, read: whose they are, what is kept, what joins the line; nothing is guessed at, nothing dropped."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial import ses_reports
from perennial.receipts import First
from perennial.reports import Report, Unreadable
from tests.unit.feedback import ses


def read(event: dict[str, Any]) -> Report:
    report = ses_reports.parse(ses.body(event))
    assert isinstance(report, Report), report
    return report


def test_every_report_says_whose_message_it_was_and_that_ses_took_it() -> None:
    told = (ses.send(), ses.delivery(), ses.bounce(), ses.complaint(), ses.reject(), ses.failure(), ses.delay())
    for event in (*told, ses.opened(), ses.click()):
        report = read(event)
        assert report.ref == ses.REF
        assert report.firsts["accepted"] == First(ses.SENT)


def test_a_delivery_is_known_from_the_moment_the_mailbox_took_it() -> None:
    assert read(ses.delivery(3)).firsts["delivered"] == First(ses.SENT + timedelta(seconds=3))


@pytest.mark.parametrize("subtype", ["General", "NoEmail", "Suppressed", "OnAccountSuppressionList"])
def test_a_permanent_bounce_is_the_end_of_an_address(subtype: str) -> None:
    report = read(ses.bounce("Permanent", subtype))
    assert (report.consequence, report.address) == ("AddressBounced", ses.MINA)
    listed = subtype in ("Suppressed", "OnAccountSuppressionList")
    assert report.reason == ("on the suppression list" if listed else f"bounced: {subtype}")
    assert report.firsts["bounced"].words == f"Permanent {subtype}"


@pytest.mark.parametrize(
    ("type_", "subtype"),
    [("Undetermined", "Undetermined"), ("Transient", "General"), ("Transient", "MailboxFull")],
)
def test_a_bounce_that_may_pass_is_noted_and_changes_nothing(type_: str, subtype: str) -> None:
    report = read(ses.bounce(type_, subtype))
    assert report.consequence is None
    assert report.firsts["bounced"].words == f"{type_} {subtype}"


def test_the_address_is_the_one_we_wrote_to_not_the_one_it_forwards_to() -> None:
    report = read(ses.bounce(bouncedRecipients=[{"emailAddress": "elsewhere@other.example"}]))
    assert report.address == ses.MINA


@pytest.mark.parametrize("type_", ["abuse", "auth-failure", "fraud", "other", "virus", None])
def test_a_complaint_is_one_whatever_kind_the_mailbox_calls_it(type_: str | None) -> None:
    report = read(ses.complaint(type_))
    assert (report.consequence, report.reason) == ("MessageComplained", type_)


def test_not_spam_is_praise() -> None:
    assert read(ses.complaint("not-spam")).consequence is None


def test_a_complaint_held_against_the_address_earlier_was_never_made_about_this_message() -> None:
    report = read(ses.complaint(None, "OnAccountSuppressionList"))
    assert (report.consequence, report.reason) == ("AddressBounced", "on the suppression list")
    assert "complained" not in report.firsts


@pytest.mark.parametrize(
    ("event", "words"), [(ses.reject(), "rejected: Bad content"), (ses.failure(), "could not be rendered")]
)
def test_what_was_taken_and_never_sent_on_says_why_without_quoting_anybody(event: dict[str, Any], words: str) -> None:
    assert read(event).firsts["refused"].words == words


def test_a_delay_is_noted_with_its_kind() -> None:
    assert read(ses.delay()).firsts["delayed"].words == "MailboxFull"


def test_an_open_by_a_person_and_one_by_a_machine_are_kept_apart() -> None:
    assert "opened" in read(ses.opened()).firsts
    machine = read(ses.opened(agent="Mozilla/5.0")).firsts
    assert (machine["fetched"].words, "opened" in machine) == ("prefetched", False)


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        (f"https://p.larkspur.example/o/{ses.TOKEN}", "order"),
        (f"https://p.larkspur.example/pages/r/{ses.TOKEN}", "review"),
        (f"https://p.larkspur.example/u/{ses.TOKEN}", "unsubscribe"),
        ("https://shop.larkspur.example/kettle?who=mina", "shop.larkspur.example"),
        ("https://shop.larkspur.example/o/short", "shop.larkspur.example"),
        ("mailto:help@larkspur.example", "elsewhere"),
    ],
)
def test_a_click_keeps_what_its_link_was_for_and_never_the_url(link: str, kept: str) -> None:
    click = read(ses.click(link=link)).click
    assert click is not None
    assert click.link == kept
    assert ses.TOKEN not in repr(click)
    assert "mina" not in repr(click)


def test_two_links_of_one_host_are_told_apart() -> None:
    first, second = (read(ses.click(link=f"https://shop.larkspur.example/{name}")).click for name in ("a", "b"))
    assert first is not None
    assert second is not None
    assert first.mark != second.mark


def test_nothing_that_is_kept_tells_an_address_or_an_agent() -> None:
    for event in (ses.opened(agent="Mimecast/1.0"), ses.click(userAgent="curl/8"), ses.delivery(), ses.bounce()):
        report = read(event)
        kept = repr((report.firsts, report.click))
        assert not [word for word in ("192.0.2", "Mimecast", "curl", "mina", "@") if word in kept]


@pytest.mark.parametrize("wrap", ["sns", "eventbridge", "both"])
def test_envelopes_are_opened(wrap: str) -> None:
    event = ses.bounce()
    if wrap != "sns":
        event = {"version": "0", "detail-type": "Email Bounced", "source": "aws.ses", "detail": event}
    if wrap != "eventbridge":
        event = {"Type": "Notification", "MessageId": "m", "Message": json.dumps(event)}
    assert read(event).consequence == "AddressBounced"


def test_the_name_of_an_older_kind_of_notification_is_understood() -> None:
    event = ses.bounce()
    event["notificationType"] = event.pop("eventType")
    assert read(event).type == "Bounce"


def test_a_moment_before_the_message_was_taken_is_taken_for_that_moment() -> None:
    assert read(ses.delivery(-60)).firsts["delivered"].at == ses.SENT


def test_a_report_has_one_id_however_often_it_comes() -> None:
    assert read(ses.bounce()).id == read(ses.bounce()).id == "ses:bounce:0107-bounce-1"
    assert read(ses.complaint()).id != read(ses.bounce()).id


@pytest.mark.parametrize(
    "event",
    [
        {"eventType": "Subscription", "mail": ses.mail(), "subscription": {}},
        {"eventType": "Bounce", "mail": ses.mail(), "bounce": {}},
        {"eventType": "Bounce", "mail": ses.mail(tags={}), "bounce": {}},
        {"eventType": "Send", "mail": ses.mail(tags={"store": ["x"], "customer": ["me"], "touch": ["1"]})},
        {"eventType": "Send", "mail": ses.mail(timestamp="yesterday")},
        {"eventType": "Send", "mail": ses.mail(timestamp="0001-01-01T00:00:00Z")},
        {"eventType": "Send"},
        {"eventType": ["Send"], "mail": ses.mail()},
        {"eventType": "Click", "mail": ses.mail(), "click": {"timestamp": ses.at(9)}},
        {"eventType": "Click", "mail": ses.mail(), "click": {"timestamp": ses.at(9), "link": "http://[::1"}},
        {"Type": "Notification", "Message": "Successfully validated SNS topic for Amazon SES event publishing."},
        {"eventType": "Bounce", "mail": ses.mail(destination=[]), "bounce": {"bounceType": "Permanent"}},
    ],
)
def test_what_cannot_be_told_is_not_guessed_at(event: dict[str, Any]) -> None:
    found = ses_reports.parse(ses.body(event))
    assert isinstance(found, Unreadable), found
    assert "@" not in found.reason


@pytest.mark.parametrize("text", ["", "null", "[]", "5", "{", '"a"', "[" * 100_000, "\ud800"])
def test_what_is_no_object_is_not_read(text: str) -> None:
    assert isinstance(ses_reports.parse(text), Unreadable)


EVENTS = (
    ses.send(),
    ses.delivery(),
    ses.bounce(),
    ses.complaint(),
    ses.reject(),
    ses.opened(),
    ses.click(),
    ses.delay(),
)
JUNK = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2)


@given(st.sampled_from(EVENTS), st.data())
def test_a_report_with_anything_in_any_place_raises_nothing(event: dict[str, Any], data: st.DataObject) -> None:
    copy = json.loads(json.dumps(event))
    part = data.draw(st.sampled_from([copy, *(value for value in copy.values() if isinstance(value, dict))]))
    if part:
        part[data.draw(st.sampled_from(sorted(part)))] = data.draw(JUNK | st.dictionaries(st.text(max_size=3), JUNK))
    assert isinstance(ses_reports.parse(json.dumps(copy)), Report | Unreadable)
