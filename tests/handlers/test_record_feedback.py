"""record_feedback with the shapes that AWS sends: batches of a queue, packed log lines, the day's task."""

import json
from datetime import timedelta
from typing import Any

import pytest

from perennial import events, wiring
from perennial.adapters.opted_out import TASK
from perennial.customer import Touch
from perennial.errors import Unavailable
from perennial.identity import Alias
from perennial.receipts import ACCOUNT
from tests.adapters.cloud import client, fault, items
from tests.handlers.conftest import Bundle
from tests.handlers.shop import MINA, STORE, fixture
from tests.unit.feedback.test_text_reports import entry, packed


def order(bundle: Bundle) -> str:
    """An order whose confirmation has gone out; its customer."""
    bundle.post("orders/create", fixture("order"))
    assert bundle.advance() == []
    owner = wiring.for_receiving().directory.owner(STORE, Alias("email", MINA))
    bundle.calls.clear()
    return str(owner)


def touch(customer: str) -> Touch:
    (found,) = wiring.for_advancing().customers.touches(STORE, customer)
    return found


def report(bundle: Bundle, customer: str, type_: str, part: str, **about: Any) -> str:
    tags = {"store": [STORE], "customer": [customer], "touch": [touch(customer).id]}
    sent = bundle.clock.now.isoformat()
    mail = {"timestamp": sent, "messageId": "0102", "destination": [MINA], "tags": tags}
    return json.dumps({"eventType": type_, "mail": mail, part: {"timestamp": sent, **about}})


def bounce(bundle: Bundle, customer: str) -> str:
    return report(bundle, customer, "Bounce", "bounce", bounceType="Permanent", bounceSubType="General", feedbackId="f")


def test_a_settled_report_is_one_call_and_stays_out_of_the_line(bundle: Bundle) -> None:
    customer = order(bundle)
    told = report(bundle, customer, "Delivery", "delivery", recipients=[MINA])
    bundle.calls.clear()
    assert bundle.report(told) == []
    assert bundle.calls == {"UpdateItem": 1}
    assert touch(customer).receipts.at("delivered") == bundle.clock.now
    assert bundle.messages() == bundle.messages("patient") == []


def test_a_bounce_ends_the_address_through_the_customers_line(bundle: Bundle) -> None:
    customer = order(bundle)
    told = bounce(bundle, customer)
    bundle.calls.clear()
    assert bundle.report(told) == []
    assert bundle.calls == {"UpdateItem": 1, "SendMessage": 1}
    assert bundle.advance() == []
    assert wiring.for_advancing().customers.load(STORE, customer).profile.dead == {MINA: "bounced: General"}


def test_of_a_batch_only_what_failed_comes_again(bundle: Bundle) -> None:
    customer = order(bundle)
    good, bad = report(bundle, customer, "Send", "send"), bounce(bundle, customer)
    with fault(client("sqs"), "SendMessage", "ServiceUnavailable", 503):
        assert bundle.report(good, bad, "unreadable") == [1]
    assert bundle.report(bad) == []
    ((body, _),) = bundle.messages()
    assert events.from_json(body).type == "AddressBounced"


def test_a_throttled_table_loses_no_report(bundle: Bundle) -> None:
    customer = order(bundle)
    told = report(bundle, customer, "Send", "send")
    with fault(client("dynamodb"), "UpdateItem", "ThrottlingException"):
        assert bundle.report(told) == [0]
    assert bundle.report(told) == []
    assert touch(customer).receipts.at("accepted") == bundle.clock.now


def test_a_click_waits_for_its_neighbours_and_is_judged_when_it_comes_again(bundle: Bundle) -> None:
    customer = order(bundle)
    when = (bundle.clock.now + timedelta(hours=1)).isoformat()
    told = report(
        bundle,
        customer,
        "Click",
        "click",
        link="https://larkspur.example/mugs",
        userAgent="Firefox/128",
        timestamp=when,
    )
    bundle.clock.move(hours=1)
    assert bundle.report(told) == [0]
    bundle.clock.move(minutes=3)
    assert bundle.report(told) == []
    ((body, group),) = bundle.messages("patient")
    assert (events.from_json(body).type, group) == ("LinkClicked", f"{STORE}:{customer}")
    assert bundle.take(body, group) == []
    assert wiring.for_advancing().customers.load(STORE, customer).profile.clicked_at is not None


def test_what_cannot_be_read_is_parked_and_counted(bundle: Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    assert bundle.report('{"eventType": "Unheard", "mail": {}}') == []
    (parked,) = wiring.for_receiving().parking.parked(ACCOUNT)
    assert parked.kind == "report"
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ReportParked" in line]
    assert printed[0]["ReportParked"] == [1.0]
    assert printed[0]["service"] == "record_feedback"


def test_a_report_about_nobody_of_ours_makes_nobody(bundle: Bundle) -> None:
    customer = order(bundle)
    told = json.loads(bounce(bundle, customer))
    told["mail"]["tags"]["customer"] = ["b" * 16]
    before = len(items())
    assert bundle.report(json.dumps(told)) == []
    assert len(items()) == before
    assert bundle.messages() == []
    assert bundle.logged()[-1]["outcome"] == "unknown touch"


def test_log_lines_of_texts_that_are_not_ours_change_nothing(bundle: Bundle) -> None:
    before = items()
    bundle.call_recording(packed(entry(), entry("FAILURE", "Phone number is opted out")))
    assert items() == before
    assert [line["outcome"] for line in bundle.logged()] == ["unknown touch"] * 2


def test_log_lines_that_cannot_be_recorded_now_are_called_with_again(bundle: Bundle) -> None:
    with fault(client("dynamodb"), "GetItem", "ThrottlingException"), pytest.raises(Unavailable) as caught:
        bundle.call_recording(packed(entry()))
    assert caught.value.__cause__ is None, "what Lambda prints of it quotes nobody"


def test_the_numbers_that_answered_stop_are_read_when_the_day_asks_for_it(bundle: Bundle) -> None:
    bundle.call_recording(dict(TASK))
    (told,) = bundle.logged()
    assert (told["message"], told["told"], told["more"]) == ("opted-out numbers", 0, False)
    assert told["read"] > 0
    assert bundle.calls == {"ListPhoneNumbersOptedOut": 1, "BatchGetItem": 1, "GetParameter": 1}


def test_the_rest_of_the_list_comes_by_the_queue(bundle: Bundle) -> None:
    assert bundle.report(json.dumps({**TASK, "after": "there"})) == []
    assert bundle.logged()[-1]["message"] == "opted-out numbers"


def test_what_lambda_kept_of_a_failed_call_can_be_put_back_through_the_queue(bundle: Bundle) -> None:
    """The shape of an on-failure destination: the event itself is in `requestPayload`."""
    kept = {"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": packed(entry())}
    assert bundle.report(json.dumps(kept)) == []
    assert bundle.logged()[-1]["outcome"] == "unknown touch"


def test_the_functions_own_clients_are_those_it_needs(bundle: Bundle) -> None:
    customer = order(bundle)
    told = report(bundle, customer, "Open", "open", userAgent="Firefox/128")
    bundle.calls.clear()
    wiring.forget()
    bundle.report(told)
    assert bundle.calls == {"UpdateItem": 1}, "not even the keys are read for it"
