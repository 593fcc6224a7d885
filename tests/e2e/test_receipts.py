"""What providers report, through the real handlers: `perennial replay` with lines of the platforms `ses` and `sns`."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import TEMPLATES, Command
from tests.e2e.shop import PLACED, line, order, parcel, progress

Replay = Callable[..., dict[str, Any]]
DELIVERED = "2026-03-05T15:00:00+00:00"
AFTER = "2026-03-09T12:00:00+00:00"
STORY = [
    line("orders/create", PLACED, order()),
    line("fulfillments/create", "2026-03-03T10:00:00+00:00", parcel()),
    line("fulfillment_events/create", DELIVERED, progress("delivered", DELIVERED)),
]


def tell(at: str, body: Any, platform: str = "ses") -> dict[str, Any]:
    return {"at": at, "platform": platform, "body": body}


def told(report: dict[str, Any], message: str) -> dict[str, Any]:
    (row,) = (
        row
        for customer in report["customers"]
        for row in customer["touches"]
        if row["message"] == message and row["outcome"] == "sent"
    )
    found: dict[str, Any] = row
    return found


def buyer(email: str) -> dict[str, Any]:
    return order(email=email, customer={"id": 77, "email": email, "first_name": "Mina", "last_name": "Okafor"})


def test_what_was_sent_is_reported_as_delivered_and_costs_one_write_a_report(replay: Replay) -> None:
    report = replay(STORY)
    row = told(report, "order-confirmation")
    assert row["delivered"] == row["at"] == "2026-03-02T09:12:00+00:00"
    assert (row["opened"], row["clicked"], row["bounced"], row["complained"], row["machines"]) == (*[None] * 4, [])
    sent = report["calls"]["SESv2.SendEmail"]
    assert report["feedback_calls"] == {"DynamoDB.UpdateItem": 2 * sent}, "Send and Delivery, and nothing else"


def test_an_open_is_a_hint_and_a_click_of_a_person_is_interest(replay: Replay) -> None:
    lines = [
        *STORY,
        tell(AFTER, {"eventType": "Open", "to": {"message": "care-tips"}}),
        tell(AFTER, {"eventType": "Click", "to": {"message": "care-tips"}, "link": "order"}),
    ]
    report = replay(lines, "--until", "2026-03-10")
    assert [entry["outcome"] for entry in report["deliveries"]] == ["applied"] * 5
    row = told(report, "care-tips")
    assert (row["opened"], row["clicked"]) == (AFTER, AFTER)
    assert report["feedback_calls"]["SQS.SendMessage"] == 1, "the click joins the customer's line, the open does not"


def test_a_scanner_that_follows_every_link_shows_no_interest(replay: Replay) -> None:
    burst = [
        tell(AFTER, {"eventType": "Click", "to": {"message": "care-tips"}, "link": link})
        for link in ("order", "support", "preferences")
    ]
    report = replay([*STORY, *burst], "--until", "2026-03-10")
    row = told(report, "care-tips")
    assert row["clicked"] is None
    assert row["machines"] == ["3 clicks by a machine: burst"]
    assert "SQS.SendMessage" not in report["feedback_calls"]


@pytest.mark.parametrize("agent", ["Mozilla/5.0", "Mimecast Scanner/1.0", ""])
def test_what_a_machine_fetches_is_told_apart(replay: Replay, agent: str) -> None:
    opened = {"eventType": "Open", "to": {"message": "care-tips"}, "userAgent": agent}
    row = told(replay([*STORY, tell(AFTER, opened)]), "care-tips")
    assert row["opened"] is None
    assert row["machines"][0].startswith("opened by a machine: ")


def test_an_address_that_bounces_for_good_gets_no_more_mail(replay: Replay) -> None:
    lines = [line("orders/create", PLACED, buyer("bounce@simulator.amazonses.com")), *STORY[1:]]
    report = replay(lines, "--until", "2026-04-30")
    row = told(report, "order-confirmation")
    assert (row["bounced"], row["delivered"]) == ("2026-03-02T09:12:00+00:00", None)
    others = [row for row in report["customers"][0]["touches"] if row["message"] != "order-confirmation"]
    assert not [row for row in others if row["outcome"] == "sent"]
    assert any("dead address: bounced" in (row["reason"] or "") for row in others)


def test_an_answering_machine_changes_nothing(replay: Replay) -> None:
    lines = [line("orders/create", PLACED, buyer("ooto@simulator.amazonses.com")), *STORY[1:]]
    report = replay(lines, "--until", "2026-03-10")
    assert told(report, "order-confirmation")["bounced"] == "2026-03-02T09:12:00+00:00"
    assert told(report, "care-tips")["delivered"]


def test_who_complains_gets_what_they_need_and_nothing_else(replay: Replay) -> None:
    lines = [line("orders/create", PLACED, buyer("complaint@simulator.amazonses.com")), *STORY[1:]]
    report = replay(lines, "--until", "2026-06-01")
    touches = report["customers"][0]["touches"]
    assert told(report, "order-confirmation")["complained"] == "2026-03-02T09:12:00+00:00"
    assert {row["class"] for row in touches if row["outcome"] == "sent"} == {"transactional"}
    assert report["customers"][0]["consent"]["email:marketing"]["state"] == "withdrawn"


def test_an_address_on_the_suppression_list_gets_no_more_mail(replay: Replay) -> None:
    lines = [line("orders/create", PLACED, buyer("suppressionlist+1@simulator.amazonses.com")), *STORY[1:]]
    report = replay(lines, "--until", "2026-03-10")
    outcomes = [row["outcome"] for row in report["customers"][0]["touches"] if row["message"] != "order-confirmation"]
    assert "sent" not in outcomes


def test_a_whole_event_of_ses_finds_its_message_by_the_address_it_went_to(replay: Replay) -> None:
    """Nobody can write down beforehand which ids a replay will make."""
    event = {
        "eventType": "Complaint",
        "mail": {
            "timestamp": "2026-03-02T09:12:00.000Z",
            "messageId": "0102",
            "destination": ["mina@mail.example"],
            "tags": {"ses:configuration-set": ["x"], "message": ["order-confirmation"]},
        },
        "complaint": {
            "complainedRecipients": [{"emailAddress": "mina@mail.example"}],
            "timestamp": "2026-03-04T08:00:00.000Z",
            "feedbackId": "f-1",
            "complaintFeedbackType": "abuse",
        },
    }
    report = replay([*STORY[:2], tell("2026-03-04T08:00:05+00:00", event)])
    assert told(report, "order-confirmation")["complained"] == "2026-03-04T08:00:00+00:00"


def test_what_fits_no_message_is_refused_and_what_nobody_can_read_is_parked(replay: Replay, perennial: Command) -> None:
    foreign = {"store": ["demo"], "customer": ["a" * 16], "touch": ["0" * 12]}
    mail = {"timestamp": PLACED, "messageId": "m", "destination": ["x@mail.example"], "tags": foreign}
    lines = [
        STORY[0],
        tell(AFTER, {"eventType": "Open", "to": {"message": "care-tips"}}),
        tell(AFTER, {"eventType": "Send", "mail": mail, "send": {}}),
        tell(AFTER, "no JSON at all"),
        tell(AFTER, {"eventType": "Subscription", "mail": mail}),
    ]
    report = replay(lines)
    assert [entry["outcome"] for entry in report["deliveries"]] == ["applied", "refused", "refused", "parked", "parked"]
    assert [entry["kind"] for entry in report["parked"]] == ["report", "report"]
    assert len(report["customers"]) == 1, "no customer is made of a report"
    listed = json.loads(perennial("parked", "--store", "demo", "--json", "--templates", TEMPLATES).stdout)
    assert {entry["kind"] for entry in listed} == {"report"}
    perennial("put-back", listed[0]["id"], "--store", "demo", "--templates", TEMPLATES, code=1)


def test_explain_tells_what_came_back(replay: Replay, perennial: Command) -> None:
    clicked = {"eventType": "Click", "to": {"message": "order-confirmation"}, "link": "order"}
    replay([*STORY, tell(AFTER, {"eventType": "Open", "to": {"message": "order-confirmation"}}), tell(AFTER, clicked)])
    shown = perennial("explain", "mina@mail.example", "--store", "demo", "--templates", TEMPLATES).stdout
    assert "hint" in shown
    assert "clicked" in shown
    assert "mina@" not in shown


# --- texts ---

OUT = "2026-03-05T09:00:00+00:00"


def with_texts(phone: str = "+447400123456") -> list[dict[str, Any]]:
    """Somebody with a telephone, to whom a text goes when the parcel is out for delivery."""
    person = {"id": 77, "email": "mina@mail.example", "first_name": "Mina", "last_name": "Okafor", "phone": phone}
    return [
        line("orders/create", PLACED, order(phone=phone, customer=person)),
        line("fulfillments/create", "2026-03-03T10:00:00+00:00", parcel()),
        line("fulfillment_events/create", OUT, progress("out_for_delivery", OUT)),
    ]


def test_a_texts_delivery_is_known_from_the_log(replay: Replay) -> None:
    report = replay(with_texts(), "--until", "2026-03-05T12:00:00")
    row = told(report, "out-for-delivery")
    assert (row["channel"], row["delivered"][:16]) == ("text", row["at"][:16])
    assert report["feedback_calls"]["DynamoDB.GetItem"] == 1


def test_who_answered_stop_gets_no_more_texts_and_has_withdrawn(replay: Replay) -> None:
    stop = tell("2026-03-06T09:00:00+00:00", {"optedOut": "+447400123456"}, "sns")
    report = replay([*with_texts(), stop], "--until", "2026-03-06T10:00:00")
    assert report["deliveries"][-1]["outcome"] == "applied"
    consent = report["customers"][0]["consent"]
    assert (consent["text:marketing"]["state"], consent["text:marketing"]["source"]) == ("withdrawn", "keyword")


def test_a_text_to_a_number_that_had_left_already_ends_it_too(replay: Replay) -> None:
    """Texts carry no tags: the number tells which is meant."""
    number = {"address": "+447400123456"}
    failed = {"to": number, "status": "FAILURE", "providerResponse": "Phone number is opted out"}
    report = replay([*with_texts(), tell("2026-03-05T13:00:00+00:00", failed, "sns")])
    assert report["customers"][0]["consent"]["text:marketing"]["state"] == "withdrawn"
    assert told(report, "out-for-delivery")["bounced"] is not None


@pytest.mark.parametrize(
    "body", [{"eventType": "Open", "mail": 5}, {"eventType": "Open", "to": [1]}, {"eventType": "Opne"}]
)
def test_what_is_short_for_nothing_is_refused(replay: Replay, body: Any) -> None:
    report = replay([STORY[0], tell(AFTER, body)])
    assert report["deliveries"][1]["outcome"] == "refused"
