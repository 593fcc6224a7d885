import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from perennial import content, decide, events, wiring
from perennial.content import Content
from perennial.customer import Touch, stranger
from perennial.journeys import Journey
from perennial.settings import AdvancingSettings
from tests.adapters.cloud import calls, client, fault, network
from tests.adapters.people import commit, parked
from tests.handlers.conftest import Bundle
from tests.handlers.shop import MINA, ORDERED, STORE, fixture, small_content

FIVE_CALLS = {"Query": 1, "TransactWriteItems": 2, "SendEmail": 1, "CreateSchedule": 1}
TIPS_AT = datetime(2026, 3, 5, 10, tzinfo=UTC)
"""Three days after the order, at ten in London."""


def _ordered(bundle: Bundle, **changes: Any) -> tuple[str, str]:
    """The message that an order of Mina's becomes, and its group."""
    bundle.post("orders/create", fixture("order", updated_at=None, **changes))
    ((body, group),) = bundle.messages()
    return body, group


def _deploy(templates: Content) -> None:
    with open(AdvancingSettings.read().content, "w") as file:
        file.write(content.dump(templates))
    wiring.forget()


def _rings(bundle: Bundle) -> tuple[str, str]:
    """The soonest wake goes off: its message and its group. The clock has moved on to it."""
    schedule = min(bundle.schedules(), key=lambda entry: entry["ScheduleExpression"])
    at = datetime.strptime(schedule["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
    bundle.clock.now = at + timedelta(seconds=20)
    client("scheduler").delete_schedule(Name=schedule["Name"], GroupName=schedule["GroupName"])
    return schedule["Target"]["Input"], schedule["Target"]["SqsParameters"]["MessageGroupId"]


def _records(group: str) -> list[Touch]:
    return list(wiring.for_advancing().customers.touches(STORE, group.partition(":")[2]))


def test_an_order_becomes_a_confirmation_and_a_wake(bundle: Bundle) -> None:
    body, group = _ordered(bundle)
    with calls(client("sesv2", once=True), "SendEmail") as sent:
        assert bundle.take(body, group) == []
    ((_, email),) = sent
    assert email["Destination"] == {"ToAddresses": [MINA]}
    assert email["FromEmailAddress"] == "Larkspur <care@larkspur.example>"
    assert email["ConfigurationSetName"] == "perennial-mail"
    (schedule,) = bundle.schedules()
    customer = group.partition(":")[2]
    assert schedule["ScheduleExpression"] == "at(2026-03-05T10:00:00)"
    assert schedule["Name"] == f"{customer}-0-{json.loads(schedule['Target']['Input'])['n']}"
    assert schedule["Target"]["SqsParameters"] == {"MessageGroupId": group}
    (record,) = _records(group)
    assert (record.state, record.message, bool(record.provider_id)) == ("sent", "thanks", True)


def test_a_receipt_can_find_the_touch_by_the_tags_of_its_email(bundle: Bundle) -> None:
    body, group = _ordered(bundle)
    with calls(client("sesv2", once=True), "SendEmail") as sent:
        bundle.take(body, group)
    tags = {tag["Name"]: tag["Value"] for tag in sent[0][1]["EmailTags"]}
    (record,) = _records(group)
    assert (tags["store"], tags["customer"], tags["touch"]) == (STORE, group.partition(":")[2], record.id)


def test_a_wake_sends_what_is_due(bundle: Bundle) -> None:
    bundle.take(*_ordered(bundle))
    body, group = _rings(bundle)
    assert bundle.clock.now == TIPS_AT + timedelta(seconds=20)
    with calls(client("sesv2", once=True), "SendEmail") as sent:
        assert bundle.take(body, group) == []
    assert len(sent) == 1
    assert [(record.message, record.state) for record in _records(group)] == [("thanks", "sent"), ("tips", "sent")]


def test_a_message_that_comes_twice_sends_nothing_twice(bundle: Bundle) -> None:
    body, group = _ordered(bundle)
    with calls(client("sesv2", once=True), "SendEmail") as sent:
        for received in (1, 2, 3):
            assert bundle.take(body, group, received=received) == []
    assert len(sent) == 1
    assert len(bundle.schedules()) == 1


def test_a_wake_that_comes_twice_sends_nothing_twice(bundle: Bundle) -> None:
    bundle.take(*_ordered(bundle))
    body, group = _rings(bundle)
    with calls(client("sesv2", once=True), "SendEmail") as sent:
        for received in (1, 2):
            assert bundle.take(body, group, received=received) == []
    assert len(sent) == 1


def test_a_run_that_died_before_it_armed_its_wake_is_healed_by_the_next(bundle: Bundle) -> None:
    body, group = _ordered(bundle)
    with fault(client("scheduler"), "CreateSchedule", "InternalServerException", 500):
        assert len(bundle.take(body, group)) == 1
    assert bundle.schedules() == []
    assert bundle.take(body, group, received=2) == []
    assert len(bundle.schedules()) == 1


def test_an_email_that_ses_does_not_take_is_tried_again_by_a_wake(bundle: Bundle) -> None:
    body, group = _ordered(bundle)
    with fault(client("sesv2", once=True), "SendEmail", "TooManyRequestsException", 429) as met:
        assert bundle.take(body, group) == []
    assert len(met) == 1
    assert [record.state for record in _records(group)] == ["released"]
    body, group = _rings(bundle)
    assert bundle.clock.now < ORDERED + timedelta(minutes=5)
    assert bundle.take(body, group) == []
    assert [record.state for record in _records(group)] == ["sent"]


def _silent() -> Any:
    raise ReadTimeoutError(endpoint_url="https://email.example")


def test_an_email_that_nobody_answered_for_is_sent_once_more_after_its_grace(bundle: Bundle) -> None:
    body, group = _ordered(bundle)
    with network(client("sesv2", once=True), _silent) as attempts:
        assert bundle.take(body, group) == []
    assert len(attempts) == 1
    assert [record.state for record in _records(group)] == ["claimed"]
    body, group = _rings(bundle)
    with calls(client("sesv2", once=True), "SendEmail") as sent:
        assert bundle.take(body, group) == []
    assert len(sent) == 1
    assert [(record.state, record.tries) for record in _records(group)] == [("sent", 2)]


def test_an_email_that_nobody_answered_for_is_settled_by_its_receipt(bundle: Bundle) -> None:
    body, group = _ordered(bundle)
    with network(client("sesv2", once=True), _silent), calls(client("sesv2", once=True), "SendEmail") as asked:
        bundle.take(body, group)
    ((_, request),) = asked
    tags = {tag["Name"]: [tag["Value"]] for tag in request["EmailTags"]}
    mail = {"timestamp": bundle.clock.now.isoformat(), "messageId": "m", "destination": [MINA], "tags": tags}
    assert bundle.report(json.dumps({"eventType": "Send", "mail": mail, "send": {}})) == []
    with calls(client("sesv2", once=True), "SendEmail") as sent:
        assert bundle.take(*_rings(bundle)) == []
    assert sent == []
    (record,) = _records(group)
    assert (record.state, record.reason) == ("sent", "settled by a receipt")


def test_a_cancelled_order_takes_its_wake_with_it(bundle: Bundle) -> None:
    bundle.take(*_ordered(bundle))
    assert len(bundle.schedules()) == 1
    cancelled = fixture("order", updated_at=None, cancelled_at="2026-03-02T09:15:50+01:00", cancel_reason="customer")
    bundle.post("orders/cancelled", cancelled)
    assert bundle.advance() == []
    assert bundle.schedules() == []


def test_facts_that_waited_for_the_order_are_adopted_with_it(bundle: Bundle) -> None:
    bundle.post("fulfillments/create", fixture("fulfillment"))
    parking = wiring.for_receiving().parking
    assert len(parking.parked(STORE)) == 1
    body, group = _ordered(bundle, fulfillments=[])
    assert bundle.take(body, group) == []
    assert parking.parked(STORE) == []
    customer = wiring.for_advancing().customers.load(STORE, group.partition(":")[2])
    (order,) = customer.orders.values()
    assert list(order.parcels) == ["5100000000000001"]


def test_an_event_of_somebody_who_was_merged_joins_the_others_line(bundle: Bundle) -> None:
    body, group = _ordered(bundle)
    customers, loser = wiring.for_advancing().customers, group.partition(":")[2]
    commit(customers, stranger(STORE, loser), redirect="winnerrrrrrrrrrr")
    assert bundle.take(body, group) == []
    ((forwarded, to),) = bundle.messages()
    assert (events.from_json(forwarded), to) == (events.from_json(body), f"{STORE}:winnerrrrrrrrrrr")


def test_an_event_whose_rule_fails_is_parked_and_the_line_goes_on(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError(MINA)

    body, group = _ordered(bundle)
    with monkeypatch.context() as patch:
        patch.setattr("perennial.decide.enrol", broken)
        assert bundle.take(body, group) == []
    (kept,) = wiring.for_receiving().parking.parked(STORE)
    assert (kept.kind, kept.customer) == ("event", group.partition(":")[2])
    assert kept.reason.startswith("ZeroDivisionError in broken")
    assert '"EventParked":[1.0]' in capsys.readouterr().out


def test_a_journey_whose_condition_fails_is_told_of_and_the_confirmation_goes_out(
    bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = small_content()
    (journey,) = (one for one in whole.journeys.values() if one.enrol.on == "order.placed")
    when = {"on": "order.placed", "when": "order.cancel_reason > 1"}
    odd = Journey.model_validate({**journey.model_dump(by_alias=True), "journey": "odd", "enrol": when})
    _deploy(replace(whole, journeys={"odd": odd, **whole.journeys}))
    body, group = _ordered(bundle)
    assert bundle.take(body, group) == []
    assert [record.state for record in _records(group)] == ["sent"]
    why = "condition `order.cancel_reason > 1`: '>' not supported between 'None' and 'int'"
    assert bundle.logged()[-1]["undecided"] == {"odd": why}
    assert '"EventParked":[1.0]' in capsys.readouterr().out


def test_a_touch_whose_condition_fails_rings_an_alarm_as_it_is_never_sent(
    bundle: Bundle, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = small_content()
    odd = {name: journey.model_dump(by_alias=True) for name, journey in whole.journeys.items()}
    for journey in odd.values():
        journey["touches"][0]["when"] = "order.cancel_reason > 1"
    journeys = {name: Journey.model_validate(journey) for name, journey in odd.items()}
    _deploy(replace(whole, journeys=journeys).with_versions(journeys.values()))
    body, group = _ordered(bundle)
    assert bundle.take(body, group) == []
    (record,) = _records(group)
    why = "condition `order.cancel_reason > 1`: '>' not supported between 'None' and 'int'"
    assert (record.state, bundle.logged()[-1]["failed"]) == ("failed", {record.id: why})
    assert '"EventParked":[1.0]' in capsys.readouterr().out


def test_a_customer_who_cannot_be_written_is_parked_and_the_line_goes_on(bundle: Bundle) -> None:
    lines = json.loads(fixture("order"))["line_items"][0]
    many = [{**lines, "id": n, "title": Random(n).randbytes(500).hex()} for n in range(900)]
    body, group = _ordered(bundle, line_items=many)
    assert json.loads(body).keys() == {"stored_as"}
    assert bundle.take(body, group) == []
    parking = wiring.for_receiving().parking
    (kept,) = parking.parked(STORE)
    told: Any = events.from_json(parking.content(kept))
    assert (kept.kind, len(told.order.lines)) == ("event", 900)


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("dynamodb", "Query", "ThrottlingException"),
        ("dynamodb", "TransactWriteItems", "InternalServerError"),
        ("ssm", "GetParameter", "AccessDeniedException"),
    ],
)
def test_what_a_service_does_not_answer_is_tried_again_and_said(
    bundle: Bundle, capsys: pytest.CaptureFixture[str], service: str, operation: str, code: str
) -> None:
    body, group = _ordered(bundle)
    wiring.forget()
    with fault(client(service), operation, code):
        assert bundle.take(body, group) == ["11d6ee51-4cc7-4302-9e22-7cd8afdaadf5"]
    line = bundle.logged()[-1]
    assert (line["level"], line["message"], line["group"]) == ("ERROR", "event failed", group)
    assert f"{operation}: {code}" in line["reason"]
    assert '"EventFailed":[1.0]' in capsys.readouterr().out
    assert bundle.take(body, group, received=2) == []


@pytest.mark.parametrize("code", ["AccessDeniedException", "MessageRejected", "BadRequestException"])
def test_a_no_of_the_provider_is_counted_and_said_without_its_words(
    bundle: Bundle, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    body, group = _ordered(bundle)
    with fault(client("sesv2", once=True), "SendEmail", code):
        assert bundle.take(body, group) == []
    line = bundle.logged()[-1]
    assert list(line["unsent"].values()) == [code]
    assert list(line["unsent"]) == line["claimed"]
    assert '"MessageUnsent":[1.0]' in capsys.readouterr().out


def test_a_provider_that_says_yes_leaves_nothing_unsent(bundle: Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    body, group = _ordered(bundle)
    assert bundle.take(body, group) == []
    assert "unsent" not in bundle.logged()[-1]
    assert "MessageUnsent" not in capsys.readouterr().out


def test_how_late_a_wake_is_worked_is_counted(bundle: Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    bundle.take(*_ordered(bundle))
    assert "WakeLag" not in capsys.readouterr().out, "an order is no wake"
    body, group = _rings(bundle)
    assert bundle.take(body, group) == []
    assert '"WakeLag":[20.0]' in capsys.readouterr().out


def test_a_customer_whom_nothing_would_wake_again_is_counted(
    bundle: Bundle, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle.take(*_ordered(bundle))
    assert "TouchesUnbalanced" not in capsys.readouterr().out
    monkeypatch.setattr(decide, "set_wake", lambda draft, *_, **__: draft.change(wake=None))
    bundle.take(*_ordered(bundle, tags="changed", total_price="9.00"))
    assert '"TouchesUnbalanced":[1.0]' in capsys.readouterr().out
    assert bundle.logged()[-1]["unbalanced"] is True


@pytest.mark.parametrize("body", ["{", "{}", '{"type": "OrderPlaced", "note": "mina@okafor.example"}', ""])
def test_a_message_that_nobody_can_read_is_said_without_its_words(bundle: Bundle, body: str) -> None:
    assert len(bundle.take(body, f"{STORE}:annaaaaaaaaaaaaa")) == 1
    assert bundle.logged()[-1]["reason"].startswith("ValidationError in ")


def test_a_store_that_this_deploy_does_not_know_is_said(bundle: Bundle) -> None:
    body, _ = _ordered(bundle)
    unknown = body.replace(f'"store":"{STORE}"', '"store":"gone"')
    assert len(bundle.take(unknown, "gone:annaaaaaaaaaaaaa")) == 1
    assert "no store 'gone'" in bundle.logged()[-1]["reason"]


def test_one_line_is_logged_with_ids_and_outcome(bundle: Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    body, group = _ordered(bundle)
    bundle.take(body, group)
    line = bundle.logged()[-1]
    (record,) = _records(group)
    assert (line["message"], line["outcome"], line["claimed"]) == ("event", "applied", [record.id])
    assert (line["store"], line["customer"], line["event_type"]) == (STORE, group.partition(":")[2], "OrderPlaced")
    assert '"EventApplied":[1.0]' in capsys.readouterr().out


def test_a_journey_that_is_no_longer_deployed_goes_on_as_it_began(bundle: Bundle) -> None:
    bundle.take(*_ordered(bundle))
    with open(AdvancingSettings.read().content, "w") as file:
        file.write(content.dump(replace(small_content(), journeys={}, versions={})))
    wiring.forget()
    body, group = _rings(bundle)
    assert bundle.take(body, group) == []
    assert [record.message for record in _records(group)] == ["thanks", "tips"]


def test_while_something_is_parked_the_customer_still_gets_what_they_need(bundle: Bundle) -> None:
    body, group = _ordered(bundle)
    customer = group.partition(":")[2]
    wiring.for_advancing().customers.park(
        STORE, customer, replace(parked(kind="event", customer=customer), store=STORE)
    )
    assert bundle.take(body, group) == []
    assert [record.state for record in _records(group)] == ["sent"]


# --- what it costs ---


def _warm(bundle: Bundle) -> None:
    """As a process is that has just handled another customer: pauses seen, versions kept, secrets read."""
    outside = wiring.for_advancing()
    outside.pauses.paused(STORE)
    for journey in outside.content.journeys.values():
        outside.versions.keep(STORE, journey)
    bundle.calls.clear()


def test_an_email_at_its_wake_takes_five_calls(bundle: Bundle) -> None:
    bundle.take(*_ordered(bundle))
    bundle.clock.now = datetime(2026, 3, 3, 9, tzinfo=UTC)
    moment = bundle.clock.now.isoformat()
    told = {"id": 2, "admin_graphql_api_id": "gid://shopify/Order/2", "created_at": moment, "processed_at": moment}
    bundle.take(*_ordered(bundle, **told))
    body, group = _rings(bundle)
    _warm(bundle)
    bundle.take(body, group)
    assert bundle.calls == FIVE_CALLS


def test_an_event_that_changes_nothing_takes_one_call(bundle: Bundle) -> None:
    body, group = _ordered(bundle)
    bundle.take(body, group)
    _warm(bundle)
    bundle.take(body, group)
    assert bundle.calls == {"Query": 1}


def test_the_confirmation_of_a_first_order_takes_five_calls(bundle: Bundle) -> None:
    body, group = _ordered(bundle)
    _warm(bundle)
    bundle.take(body, group)
    assert bundle.calls == FIVE_CALLS


def test_a_process_that_is_new_looks_for_pauses_and_keeps_its_journeys_as_well(bundle: Bundle) -> None:
    body, group = _ordered(bundle)
    wiring.forget()
    bundle.calls.clear()
    bundle.take(body, group)
    assert bundle.calls == Counter(FIVE_CALLS) + Counter({"GetParameter": 1, "Query": 1, "PutItem": 1})
