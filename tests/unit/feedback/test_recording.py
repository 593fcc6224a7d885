"""What becomes of a report: settled on its touch, told to the customer's line, parked, or nobody's."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from perennial import events
from perennial.adapters.memory import Memory, MemoryLine, MemoryParking
from perennial.adapters.memory_receipts import MemoryOptedOut, MemoryReceipts
from perennial.afterwards import as_it_was
from perennial.customer import Touch
from perennial.outside import ForRecording
from perennial.receipts import ACCOUNT, First, Receipts, TouchRef
from perennial.recording import Recorded, put_back, read_opted_out, record, record_log, record_text
from tests.unit.feedback import ses
from tests.unit.feedback.test_text_reports import NUMBER, entry, packed

NOW = ses.SENT + timedelta(hours=2)
MESSAGE = "34d9b400-c6dd-5444-820d-fbeb0f1f54cf"


@dataclass
class Office:
    """A touch that was sent, and whatever joins the line."""

    memory: Memory = field(default_factory=Memory)
    joined: list[tuple[events.Event, str, str]] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    page: int = 100
    now: datetime = NOW
    opened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        told: dict[str, Any] = {"message": "tips", "class_": "marketing", "state": "sent", "at": ses.SENT}
        touch = Touch(ses.TOUCH, "care:1", "tips", "care", "v", "1", **told)
        self.memory.touches[ses.STORE, ses.WHO][ses.TOUCH] = touch

    @property
    def outside(self) -> ForRecording:
        return ForRecording(
            book=MemoryReceipts(self.memory),
            opted_out=MemoryOptedOut(self.numbers, self.page),
            open_line=self._opens("line", MemoryLine(lambda *told: self.joined.append(told))),
            open_parking=self._opens("parking", MemoryParking(self.memory)),
            now=lambda: self.now,
        )

    def _opens(self, name: str, port: Any) -> Callable[[], Any]:
        def opened() -> Any:
            self.opened.append(name)
            return port

        return opened

    def record(self, event: dict[str, Any]) -> Recorded:
        return record(ses.body(event), self.outside)

    @property
    def receipts(self) -> Receipts:
        return self.memory.receipts.get((ses.STORE, ses.TOUCH), Receipts())

    @property
    def types(self) -> list[str]:
        return [event.type for event, _, _ in self.joined]


@pytest.mark.parametrize(
    "event",
    [ses.send(), ses.delivery(), ses.opened(), ses.delay(), ses.reject(), ses.bounce("Transient", "MailboxFull")],
)
def test_what_changes_no_decision_is_settled_on_its_touch_alone(event: dict[str, Any]) -> None:
    office = Office()
    done = office.record(event)
    assert (done.outcome, done.touch) == ("noted", ses.TOUCH)
    assert office.receipts.at("accepted") == ses.SENT
    assert (office.joined, office.opened) == ([], []), "nothing else is even opened"


@pytest.mark.parametrize(
    ("event", "type_"),
    [(ses.bounce(), "AddressBounced"), (ses.complaint(), "MessageComplained")],
)
def test_what_stops_messages_joins_the_urgent_lane(event: dict[str, Any], type_: str) -> None:
    office = Office()
    assert office.record(event).outcome == "queued"
    ((told, customer, lane),) = office.joined
    assert (told.type, customer, lane) == (type_, ses.WHO, "urgent")
    assert (told.received_at, told.store) == (NOW, ses.STORE)
    assert isinstance(told, events.AddressEvent | events.MessageComplained)
    assert (told.address, told.touch, told.channel) == (ses.MINA, ses.TOUCH, "email")


def test_a_persons_click_is_interest_and_can_wait_in_its_lane() -> None:
    office = Office()
    assert office.record(ses.click(link=f"https://p.larkspur.example/o/{ses.TOKEN}")).outcome == "queued"
    ((told, _, lane),) = office.joined
    assert isinstance(told, events.LinkClicked)
    assert (told.link, told.touch, lane) == ("order", ses.TOUCH, "patient")
    assert told.occurred_at == ses.SENT + timedelta(minutes=10)


def test_a_machines_click_is_put_down_and_nothing_follows() -> None:
    office = Office()
    done = office.record(ses.click(userAgent="curl/8"))
    assert (done.outcome, done.reason) == ("noted", "machine: program")
    assert (len(office.receipts.clicks), office.joined) == (1, [])


@pytest.mark.parametrize("agent", ["curl/8", "Mozilla/5.0 (Macintosh) Safari/605.1.15"])
def test_whoever_clicks_the_message_was_taken_and_is_not_sent_once_more(agent: str) -> None:
    """A scanner's click was all that was heard of a message whose other reports were lost."""
    office = Office()
    office.record(ses.click(userAgent=agent))
    assert office.receipts.at("accepted") is not None


@pytest.mark.parametrize("page", ["u", "p", "w"])
def test_leaving_is_no_interest_in_more(page: str) -> None:
    office = Office()
    assert office.record(ses.click(link=f"https://p.larkspur.example/{page}/{ses.TOKEN}")).outcome == "noted"
    assert office.joined == []


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_scanners_burst_never_looks_like_interest_in_whatever_order_it_is_reported(order: tuple[int, ...]) -> None:
    office = Office(now=ses.SENT + timedelta(minutes=10, seconds=4))
    clicks = [ses.click(600 + second, f"https://shop.larkspur.example/{second}") for second in range(3)]
    outcomes = [office.record(clicks[index]).outcome for index in order]
    assert "queued" not in outcomes
    office.now += timedelta(minutes=3)
    for index, outcome in zip(order, outcomes, strict=True):
        if outcome == "waiting":
            assert office.record(clicks[index]).outcome == "noted"
    assert office.joined == []


def test_a_persons_click_is_put_down_at_once_and_judged_half_a_minute_later() -> None:
    office = Office(now=ses.SENT + timedelta(minutes=10, seconds=1))
    assert office.record(ses.click()).outcome == "waiting"
    assert len(office.receipts.clicks) == 1
    office.now += timedelta(seconds=30)
    assert office.record(ses.click()).outcome == "queued"
    assert len(office.receipts.clicks) == 1


REPORTS = (
    ses.send(),
    ses.delivery(3),
    ses.delivery(9),
    ses.opened(60),
    ses.opened(600),
    ses.opened(agent=""),
    ses.delay(),
)


def test_reports_converge_in_every_order_and_however_often_they_come() -> None:
    ends = set()
    for order in itertools.permutations(REPORTS):
        office = Office()
        for event in (*order, order[0], order[-1]):
            office.record(event)
        ends.add(repr(sorted(office.receipts.firsts.items())))
    assert len(ends) == 1
    assert office.receipts.at("opened") == ses.SENT + timedelta(seconds=60)
    assert office.receipts.at("delivered") == ses.SENT + timedelta(seconds=3)


@pytest.mark.parametrize("event", [ses.bounce(), ses.complaint(), ses.click()])
def test_a_report_told_twice_is_one_event(event: dict[str, Any]) -> None:
    office = Office()
    for _ in range(2):
        office.record(event)
        office.now += timedelta(hours=1)
    first, second = (told for told, _, _ in office.joined)
    assert (first.id, first.occurred_at) == (second.id, second.occurred_at)


@pytest.mark.parametrize("event", [ses.send(), ses.bounce(), ses.complaint(), ses.click(), ses.opened()])
def test_a_report_of_what_is_not_there_makes_nothing(event: dict[str, Any]) -> None:
    """A foreign message under our configuration set, or a person who was erased."""
    office = Office()
    office.memory.touches.clear()
    assert office.record(event).outcome == "unknown touch"
    assert (office.joined, dict(office.memory.receipts), dict(office.memory.customers)) == ([], {}, {})


def test_a_touch_of_another_customer_is_not_this_ones() -> None:
    office = Office()
    event = ses.bounce()
    event["mail"]["tags"]["customer"] = ["bbbbbbbbbbbbbbbb"]
    assert office.record(event).outcome == "unknown touch"


def test_what_nobody_can_read_is_kept_where_an_alarm_shows_it_and_once() -> None:
    office = Office()
    for _ in range(2):
        assert record('{"eventType": "Unheard"}', office.outside).outcome == "parked"
    (parked,) = MemoryParking(office.memory).parked(ACCOUNT)
    assert (parked.kind, parked.content, parked.parked_at) == ("report", '{"eventType": "Unheard"}', NOW)


def test_what_a_newer_release_can_read_is_recorded_and_no_longer_parked() -> None:
    office = Office()
    record("unreadable", office.outside)
    (parked,) = MemoryParking(office.memory).parked(ACCOUNT)
    assert put_back(parked, office.outside).outcome == "parked"
    readable = replace(parked, content=ses.body(ses.delivery()))
    assert put_back(readable, office.outside).outcome == "noted"
    assert MemoryParking(office.memory).parked(ACCOUNT) == []


# --- texts ---


def test_a_texts_report_finds_its_touch_by_its_message_id() -> None:
    office = Office()
    office.memory.texts[MESSAGE] = ses.REF
    assert record_text(entry(), office.outside).outcome == "noted"
    assert office.receipts.at("delivered") is not None


def test_a_text_that_is_not_ours_is_nobodys() -> None:
    """An account may send other texts, and their log is the same."""
    office = Office()
    assert record_text(entry("FAILURE", "Phone number is opted out"), office.outside).outcome == "unknown touch"
    assert office.joined == []


def test_stop_ends_the_number_and_takes_back_consent() -> None:
    office = Office()
    office.memory.texts[MESSAGE] = ses.REF
    record_text(entry("FAILURE", "Phone number is opted out"), office.outside)
    gone, consent = (event for event, _, _ in office.joined)
    assert isinstance(gone, events.AddressEvent)
    assert (gone.type, gone.channel, gone.address) == ("AddressOptedOut", "text", NUMBER)
    assert isinstance(consent, events.ConsentEvent)
    assert (consent.type, consent.channel, consent.source) == ("ConsentWithdrawn", "text", "keyword")
    assert (consent.evidence, consent.contact) == (ses.TOUCH, events.Contact())
    assert {lane for _, _, lane in office.joined} == {"urgent"}


def test_every_line_of_a_log_is_recorded_and_what_was_never_packed_is_parked() -> None:
    office = Office()
    office.memory.texts[MESSAGE] = ses.REF
    outcomes = [done.outcome for done in record_log(packed(entry(), "junk"), office.outside)]
    assert outcomes == ["noted", "parked"]
    assert [done.outcome for done in record_log({"awslogs": {"data": "!"}}, office.outside)] == ["parked"]


# --- numbers that answered STOP ---


def test_everybody_who_was_texted_at_a_number_on_the_list_is_told_of_and_once() -> None:
    office = Office(numbers=["+1", NUMBER, "+2"], page=2)
    people = {("larkspur", ses.WHO), ("other", "bbbbbbbbbbbbbbbb")}
    office.memory.numbers[NUMBER] |= people
    found = read_opted_out(None, office.outside)
    assert (found.read, found.told, found.more) == (3, 2, False)
    assert {(event.store, customer) for event, customer, _ in office.joined} == people
    assert office.types == ["AddressOptedOut", "ConsentWithdrawn"] * 2
    assert read_opted_out(None, office.outside).told == 0, "the next day tells nobody again"


def test_a_death_before_a_number_is_forgotten_tells_it_again_the_next_day() -> None:
    office = Office(numbers=[NUMBER])
    office.memory.numbers[NUMBER].add((ses.STORE, ses.WHO))
    outside = replace(office.outside, open_line=lambda: Dead())
    with pytest.raises(RuntimeError):
        read_opted_out(None, outside)
    assert read_opted_out(None, office.outside).told == 1


class Dead:
    def join(self, *told: Any, **more: Any) -> None:
        raise RuntimeError("died")


def test_a_long_list_is_read_in_bounded_runs() -> None:
    office = Office(numbers=[f"+{number}" for number in range(120)], page=2)
    outside = office.outside
    first = read_opted_out(None, outside)
    assert (first.read, first.more) == (100, True)
    assert isinstance(outside.opted_out, MemoryOptedOut)
    (after,) = outside.opted_out.left
    assert read_opted_out(after, outside).read == 20


# --- what a record says in the end ---


def touch(state: Any, reason: str | None = None, **firsts: First) -> Touch:
    told: dict[str, Any] = {"message": "tips", "class_": "marketing", "state": state, "at": ses.SENT}
    held = Touch(ses.TOUCH, "care:1", "tips", "care", "v", "1", reason=reason, **told)
    return as_it_was(held, Receipts(firsts))  # type: ignore[arg-type]  # keywords are not literals


def test_a_touch_given_up_whose_receipt_came_late_was_sent() -> None:
    late = touch("unconfirmed", "no answer and no receipt", accepted=First(ses.SENT))
    assert (late.state, late.reason) == ("sent", "a receipt came after it was given up")
    assert touch("unconfirmed", "no answer").state == "unconfirmed"


@pytest.mark.parametrize("state", ["sent", "unconfirmed"])
def test_a_touch_that_was_taken_and_then_refused_has_failed(state: str) -> None:
    refused = touch(state, accepted=First(ses.SENT), refused=First(ses.SENT, "rejected: Bad content"))
    assert (refused.state, refused.reason) == ("failed", "taken, and then refused: rejected: Bad content")


def test_a_second_try_that_was_delivered_was_sent_whatever_became_of_the_first() -> None:
    first = First(ses.SENT)
    assert touch("sent", accepted=first, refused=First(ses.SENT, "x"), delivered=first).state == "sent"


def test_nothing_that_is_logged_of_a_report_names_anybody() -> None:
    office = Office()
    for event in (ses.bounce(), ses.complaint(), ses.click(), ses.opened(), ses.failure()):
        told = json.dumps(office.record(event).as_log())
        assert not [word for word in ("mina", "@", "192.0.2", "https", "Mozilla") if word in told]


def test_a_reference_is_of_ours_or_none() -> None:
    assert TouchRef.of(ses.STORE, ses.WHO, ses.TOUCH) == ses.REF
    for broken in (
        ("a b", ses.WHO, ses.TOUCH),
        (ses.STORE, "me", ses.TOUCH),
        (ses.STORE, ses.WHO, "../x"),
        (None,) * 3,
    ):
        assert TouchRef.of(*broken) is None
