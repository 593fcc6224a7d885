"""The shopper's pages as Lambda runs them: real requests of an HTTP API, the real table, the real queue."""

import base64
import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from functions.serve_pages import app
from perennial.links import PATHS, KeyRing, Purpose, sign
from tests.adapters import cloud
from tests.handlers.conftest import KEYS, Bundle
from tests.handlers.shop import MINA, STORE, fixture

FORM = "application/x-www-form-urlencoded"
RING = KeyRing(1, {1: bytes.fromhex(KEYS["links"]["keys"]["1"])})
MULTIPART = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "x-content-type-options": "nosniff",
}


@pytest.fixture(autouse=True)
def ordered(bundle: Bundle) -> None:
    """Mina's order is placed and confirmed."""
    bundle.post("orders/create", fixture("order"))
    assert bundle.advance() == []
    bundle.calls.clear()


def items() -> list[dict[str, Any]]:
    return sorted(cloud.items(), key=lambda item: json.dumps(item, sort_keys=True))


def link(purpose: Purpose, bundle: Bundle) -> str:
    """A link of the confirmation that went out."""
    record = next(item for item in items() if item["sk"]["S"].startswith("T#"))
    customer, touch = record["pk"]["S"].rpartition("#")[2], record["sk"]["S"].removeprefix("T#")
    return f"/{PATHS[purpose]}/{sign(RING, purpose, STORE, customer, touch, bundle.clock())}"


def post(bundle: Bundle, path: str, *, encoded: bool = True, **fields: str) -> dict[str, Any]:
    return bundle.visit("POST", path, body=urlencode(fields).encode(), content_type=FORM, encoded=encoded)


def joined(bundle: Bundle) -> list[dict[str, Any]]:
    return [json.loads(body) for body, _ in bundle.messages()]


@pytest.mark.parametrize("purpose", PATHS)
def test_every_page_opens_under_a_strict_policy_that_its_own_style_fits(bundle: Bundle, purpose: Purpose) -> None:
    answer = bundle.visit("GET", link(purpose, bundle))
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"] == "text/html; charset=utf-8"
    assert HEADERS.items() <= answer["headers"].items()
    assert "set-cookie" not in answer["headers"]
    policy = answer["headers"]["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
    assert "unsafe" not in policy
    assert len(answer["body"].encode()) < 30_000
    assert "<script" not in answer["body"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [(FORM, b"List-Unsubscribe=One-Click"), ("multipart/form-data; boundary=b", MULTIPART)],
)
@pytest.mark.parametrize("encoded", [True, False])
def test_one_click_unsubscribes_in_two_calls_and_never_redirects(
    bundle: Bundle, content_type: str, body: bytes, encoded: bool
) -> None:
    path = link("unsubscribe", bundle)
    bundle.calls.clear()
    answer = bundle.visit("POST", path, body=body, content_type=content_type, encoded=encoded)
    assert (answer["statusCode"], answer["body"]) == (200, "You are unsubscribed.\n")
    assert "location" not in answer["headers"]
    assert bundle.calls == {"GetParameter": 1, "GetItem": 2, "SendMessage": 1}
    assert bundle.advance() == []
    profile = next(item for item in items() if item["sk"]["S"] == "L#profile")
    told = json.loads(profile["doc"]["S"])["profile"]
    assert told["consents"]["email:marketing"]["source"] == "one-click"


READS = {
    "unsubscribe": {"GetItem": 2},
    "not-me": {"GetItem": 2},
    "support": {"GetItem": 1},
    **dict.fromkeys(("preferences", "order", "review", "returns", "score"), {"Query": 1, "GetItem": 1}),
}


@pytest.mark.parametrize("purpose", PATHS)
def test_a_page_costs_two_reads_and_an_answer_one_message_more(bundle: Bundle, purpose: Purpose) -> None:
    path = link(purpose, bundle)
    bundle.visit("HEAD", path)
    bundle.calls.clear()
    bundle.visit("GET", path)
    assert bundle.calls == READS[purpose]


def test_a_head_costs_nothing_once_the_keys_are_known(bundle: Bundle) -> None:
    path = link("order", bundle)
    bundle.visit("HEAD", path)
    bundle.calls.clear()
    answer = bundle.visit("HEAD", path)
    assert (answer["statusCode"], answer["body"], bundle.calls) == (200, "", {})


def test_what_is_answered_joins_the_customers_line_and_changes_what_happens_next(bundle: Bundle) -> None:
    answer = post(bundle, link("preferences", bundle), do="rest")
    assert "Quiet it is" in answer["body"]
    (body, group), *none = bundle.messages()
    told = json.loads(body)
    assert (told["type"], group.partition(":")[0], none) == ("MessagesRested", STORE, [])
    assert told["id"].startswith("page:preferences:")
    assert bundle.take(body, group) == []
    assert "Until" in bundle.visit("GET", link("preferences", bundle))["body"]


def test_a_planned_message_is_skipped_by_its_button(bundle: Bundle) -> None:
    path = link("preferences", bundle)
    skip = re.search(r'value="(skip:\w+)"', bundle.visit("GET", path)["body"])
    assert skip is not None
    assert "That message will not be sent" in post(bundle, path, do=skip[1])["body"]
    assert [told["type"] for told in joined(bundle)] == ["TouchDeclined"]


@pytest.mark.parametrize("encoded", [True, False])
def test_words_in_any_script_come_through_whole(bundle: Bundle, encoded: bool) -> None:
    page = link("score", bundle)
    said = 'Отлично 👍 "so" <b>good</b> & cheap'
    answer = post(bundle, page, encoded=encoded, score="10", why=said)
    assert "Отлично 👍" in answer["body"]
    assert "<b>good" not in answer["body"]
    assert [told["why"] for told in joined(bundle)] == [said]


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"why=%ff&score=3", b"why=" + b"x" * 300_000])
def test_a_body_that_cannot_be_read_is_told_so_and_nothing_is_taken(bundle: Bundle, body: bytes) -> None:
    answer = bundle.visit("POST", link("score", bundle), body=body, content_type=FORM, encoded=True)
    assert answer["statusCode"] in (400, 413)
    assert "<h1>" in answer["body"]
    assert joined(bundle) == []


def test_a_text_with_half_a_character_is_unreadable_and_no_fault_of_ours(bundle: Bundle) -> None:
    event_body = "why=\ud83d&score=3"
    assert app.visit_of({**_event(bundle), "body": event_body}).body.endswith(b"&score=3")
    answer = app.handler({**_event(bundle), "body": event_body}, None)
    assert answer["statusCode"] == 400


def _event(bundle: Bundle) -> dict[str, Any]:
    path = link("score", bundle)
    http = {"method": "POST", "path": path}
    return {"rawPath": path, "headers": {"content-type": FORM}, "requestContext": {"http": http}}


def test_a_thousand_looks_change_neither_table_nor_queue(bundle: Bundle) -> None:
    """Law 10, against what is stored. In memory the storm is longer (tests/unit/pages)."""
    paths, before = [link(purpose, bundle) for purpose in PATHS], items()
    for number in range(1000):
        method, path = ("GET", "HEAD")[number % 2], paths[number % len(paths)]
        assert bundle.visit(method, path, query="do=leave&score=1&stars=1")["statusCode"] == 200
    assert items() == before
    assert joined(bundle) == []


@pytest.mark.parametrize("path", ["/u/x", "/r/" + "a" * 44, "/zz/" + "a" * 44, "/o/%2e%2e", "/%F0%9F/x"])
def test_a_link_that_leads_nowhere_is_a_kind_page(bundle: Bundle, path: str) -> None:
    for method in ("GET", "POST"):
        answer = bundle.visit(method, path)
        assert answer["statusCode"] == 404
        assert "This link leads nowhere" in answer["body"]
    assert bundle.visit("HEAD", path)["statusCode"] == 404


def test_a_new_key_is_looked_up_at_most_once_a_minute(bundle: Bundle) -> None:
    unknown = f"/o/{sign(KeyRing(7, {7: b'z' * 16}), 'order', STORE, 'a' * 16, '0' * 12, bundle.clock())}"
    for _ in range(5):
        assert bundle.visit("GET", unknown)["statusCode"] == 404
    assert bundle.calls["GetParameter"] == 1
    bundle.clock.now += timedelta(minutes=2)
    bundle.visit("GET", unknown)
    assert bundle.calls["GetParameter"] == 2


def test_a_fault_of_ours_is_an_apology_without_a_traceback(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_: object) -> None:
        raise RuntimeError(MINA)

    monkeypatch.setattr(app, "serve", fall)
    answer = bundle.visit("GET", link("order", bundle))
    assert answer["statusCode"] == 500
    assert "Please try again" in answer["body"]
    assert MINA not in json.dumps(answer)
    (line,) = [line for line in bundle.logged() if line.get("service") == "serve_pages"]
    assert (line["level"], line["PageFailed"]) == ("ERROR", 1)


def test_a_service_that_is_away_is_waited_for(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    from perennial.errors import Unavailable

    def away(*_: object) -> None:
        raise Unavailable("DynamoDB throttles")

    monkeypatch.setattr(app, "serve", away)
    answer = bundle.visit("POST", link("order", bundle))
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (503, "60")


def test_a_visit_is_one_line_of_log_with_ids_and_one_metric(bundle: Bundle) -> None:
    path = link("review", bundle)
    bundle.visit("GET", path)
    post(bundle, path, do="nothing")
    shown, refused = [line for line in bundle.logged() if line.get("service") == "serve_pages"]
    assert (shown["PageShown"], shown["status"], refused["PageRefused"], refused["status"]) == (1, 200, 1, 422)
    assert shown["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    assert path.rpartition("/")[2] not in bundle.output.getvalue()


def test_a_page_in_base64_is_what_was_sent() -> None:
    body = base64.b64encode(b"a=1").decode()
    event = {"rawPath": "/u/t", "requestContext": {"http": {"method": "POST"}}, "body": body, "isBase64Encoded": True}
    assert app.visit_of(event).body == b"a=1"
