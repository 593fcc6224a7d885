"""SNS's log of texts, as CloudWatch Logs hands it on."""

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perennial import text_reports
from perennial.afterwards import as_it_was
from perennial.customer import Touch
from perennial.receipts import First, Receipts
from perennial.reports import Report, Unreadable

NUMBER = "+447700900123"
SENT = datetime(2026, 6, 1, 12, 0, 0, 558_000, UTC)


def entry(status: str = "SUCCESS", said: str = "Message has been accepted by phone carrier", **more: Any) -> str:
    told = {
        "notification": {"messageId": "34d9b400-c6dd-5444-820d-fbeb0f1f54cf", "timestamp": "2026-06-01 12:00:00.558"},
        "delivery": {
            "phoneCarrier": "A carrier",
            "mnc": 270,
            "numberOfMessageParts": 1,
            "destination": NUMBER,
            "priceInUSD": 0.00645,
            "smsType": "Transactional",
            "mcc": 310,
            "providerResponse": said,
            "dwellTimeMs": 599,
            "dwellTimeMsUntilDeviceAck": 1344,
        },
        "status": status,
    }
    return json.dumps({**told, **more})


def packed(*lines: str, kind: str = "DATA_MESSAGE") -> dict[str, Any]:
    told = {
        "messageType": kind,
        "owner": "123456789012",
        "logGroup": "sns/eu-central-1/123456789012/DirectPublishToPhoneNumber",
        "logStream": "s",
        "subscriptionFilters": ["f"],
        "logEvents": [{"id": str(index), "timestamp": 1, "message": line} for index, line in enumerate(lines)],
    }
    return {"awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(told).encode())).decode()}}


def read(line: str) -> Report:
    report = text_reports.parse(line)
    assert isinstance(report, Report), report
    return report


def test_a_delivered_text_says_when() -> None:
    report = read(entry())
    assert report.firsts == {"accepted": First(SENT), "delivered": First(SENT + timedelta(milliseconds=599))}
    assert (report.consequence, report.ref) == (None, None)


def test_a_number_that_opted_out_is_left_alone_from_now_on() -> None:
    report = read(entry("FAILURE", "Phone number is opted out"))
    assert (report.consequence, report.address, report.reason) == (
        "AddressOptedOut", NUMBER, "Phone number is opted out",
    )  # fmt: skip


def test_a_number_that_does_not_exist_is_dead() -> None:
    assert read(entry("FAILURE", "Invalid phone number")).consequence == "AddressBounced"


def test_a_text_that_is_dearer_than_the_store_allows_has_failed() -> None:
    """SNS takes it, and sends nothing: only this line tells."""
    report = read(entry("FAILURE", "This delivery would exceed max price"))
    assert report.consequence is None
    assert "bounced" not in report.firsts
    sent = Touch("t" * 12, "e", "k", "j", "v", "1001", "ping", "transactional", "sent", SENT, channel="text")
    told = as_it_was(sent, Receipts(report.firsts))
    assert (told.state, told.reason) == ("failed", "taken, and then refused: This delivery would exceed max price")


@pytest.mark.parametrize(
    "said", ["Phone is currently unreachable/unavailable", "Blocked as spam by phone carrier", "", "Unknown error"]
)
def test_a_failure_that_may_pass_is_noted_and_changes_nothing(said: str) -> None:
    report = read(entry("FAILURE", said))
    assert report.consequence is None
    assert report.firsts["bounced"].words == said


@pytest.mark.parametrize(
    "line", ["", "{}", "[]", "null", entry("PENDING"), entry(notification={}), entry(delivery=None)]
)
def test_what_is_no_report_is_not_guessed_at(line: str) -> None:
    assert isinstance(text_reports.parse(line), Unreadable)


def test_every_line_of_a_call_is_unpacked() -> None:
    assert text_reports.unpack(packed("a", "b")) == ("a", "b")


def test_the_trial_of_a_subscription_holds_nothing() -> None:
    assert text_reports.unpack(packed("a", kind="CONTROL_MESSAGE")) == ()


@pytest.mark.parametrize(
    "event",
    [
        {"awslogs": {"data": "no base64 !"}},
        {"awslogs": {"data": base64.b64encode(b"no gzip").decode()}},
        {"awslogs": {"data": base64.b64encode(gzip.compress(b"no json")).decode()}},
        {"awslogs": {"data": base64.b64encode(gzip.compress(b"[]")).decode()}},
        {"awslogs": {"data": base64.b64encode(gzip.compress(b"{}")[:-6]).decode()}},
        {"awslogs": {"data": base64.b64encode(gzip.compress(b"")[:10] + b"\xff" * 20).decode()}},
        {"awslogs": {}},
        {"awslogs": None},
        {},
    ],
)
def test_what_was_not_packed_by_cloudwatch_is_not_unpacked(event: dict[str, Any]) -> None:
    assert isinstance(text_reports.unpack(event), Unreadable)


def test_a_package_that_would_fill_the_memory_is_not_unpacked() -> None:
    bomb = gzip.compress(b" " * (text_reports.LARGEST + 1))
    assert isinstance(text_reports.unpack({"awslogs": {"data": base64.b64encode(bomb).decode()}}), Unreadable)


@given(st.text(max_size=40))
def test_nothing_that_a_log_may_hold_raises(text: str) -> None:
    assert isinstance(text_reports.parse(text), Unreadable)
