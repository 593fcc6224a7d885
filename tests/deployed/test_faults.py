"""An order whose calls to AWS go wrong, one after the other: one confirmation, and nothing is lost.

The functions are the deployed ones, under their roles, and the SDK is theirs. Where the answer of SES itself is lost,
nobody knows whether the mail went out: law 1 says what happens then (docs/reliability.md).
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import boto3
import pytest
from fast_mail_parser import parse_email

from functions.advance_customer import app as advancing
from perennial import wiring
from tests.deployed.bundle import Bundle, now
from tests.deployed.emulator import eventually, plain
from tests.deployed.faults import LOST, MAIL, PATIENCE, THROTTLED, UNAVAILABLE, Faults, between
from tests.deployed.repairs import variables_of
from tests.deployed.shoppers import about_mail, an_order, customer_named, customer_of, knows, ticket_of, who_orders
from tests.e2e.wire import by_the_book
from tests.handlers.lambda_events import Context, sqs_event

CALLS = (
    ("dynamodb UpdateItem", 1),
    ("sqs SendMessage", 1),
    ("dynamodb Query", 1),
    ("dynamodb TransactWriteItems", 1),
    (MAIL, 1),
    ("dynamodb TransactWriteItems", 2),
    ("scheduler CreateSchedule", 1),
)
"""All that an order asks of AWS, each with its number among its like: owner, line; state, claim, mail, answer, wake."""

ANSWER = CALLS[5]
"""What the provider said is written down. Where that fails for good, the claim is in doubt as if nothing was heard."""

NUMBERS = count(4001)
SENT, IN_DOUBT = '"outcome": "sent"', '"outcome": "in doubt"'
"""In the JSON of `perennial explain`."""


@pytest.fixture(scope="module")
def faults(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faults]:
    """Functions that have handled an order before: what a process asks once is behind them."""
    with between(bundle, tmp_path_factory.mktemp("faults")) as found:
        confirmed(bundle, next(NUMBERS))
        yield found


def who(number: int) -> str:
    return f"faulty-{number}@mail.example"


def confirmed(bundle: Bundle, number: int) -> str:
    """Whoever ordered, once their order is confirmed and the line is empty. The shop tells again until it hears 2xx."""
    told = an_order(number, who(number))
    assert eventually(lambda: bundle.webhook("orders/create", told).status == 200)
    assert eventually(lambda: bundle.mailbox.of(who(number)), seconds=60), "no confirmation came"
    assert eventually(bundle.idle, seconds=60), "something stays in the line"
    return who(number)


def test_an_order_asks_of_aws_what_is_tried_here_and_nothing_else(bundle: Bundle, faults: Faults) -> None:
    faults.listen()
    confirmed(bundle, next(NUMBERS))
    assert faults.fired() == [call for call, _ in CALLS]


def test_ses_is_asked_for_exactly_this(bundle: Bundle, faults: Faults) -> None:
    """Word for word, as it leaves the deployed function: the stand-in drops headers, tags and reply-to."""
    email = confirmed(bundle, next(NUMBERS))
    (asked,) = faults.mails_to(email)
    ticket, simple = ticket_of(bundle, email), asked["Content"]["Simple"]
    tags = {each["Name"]: each["Value"] for each in asked["EmailTags"]}
    told_of = {"journey": "order-service", "message": "order-confirmation", "class": "transactional"}
    assert tags == {"store": "demo", "customer": ticket.customer, "touch": ticket.touch, **told_of}
    assert {key: value for key, value in asked.items() if key not in ("Content", "EmailTags")} == {
        "FromEmailAddress": "Ovenbird <hello@ovenbird.example>",
        "Destination": {"ToAddresses": [email]},
        "ReplyToAddresses": ["help@ovenbird.example"],
        "ConfigurationSetName": bundle.named["ConfigurationSet"],
        "ConfigurationOverrides": {"Tracking": {"OpenTrackingEnabled": "DISABLED", "ClickTrackingEnabled": "DISABLED"}},
    }
    assert {each["Name"]: each["Value"] for each in simple["Headers"]} == {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Feedback-ID": "order-confirmation:transactional:demo:perennial",
    }, "and no List-Unsubscribe: nobody unsubscribes from their own order"
    assert [part["Charset"] for part in (simple["Subject"], *simple["Body"].values())] == ["UTF-8"] * 3
    (arrived,) = bundle.mailbox.of(email)
    assert simple["Body"]["Text"]["Data"].split() == plain(arrived).split()
    assert parse_email(by_the_book(asked), strict=True).subject == arrived["Subject"] == simple["Subject"]["Data"]


KINDS = {"lost": (LOST, 1), "throttled": (THROTTLED, 1), "unavailable": (UNAVAILABLE, PATIENCE)}
"""What goes wrong, and how often: an answer that is lost is asked for again, a call that is refused for long fails."""

HEALED = [
    (*call, kind) for kind in KINDS for call in CALLS if call[0] != MAIL and (*call, kind) != (*ANSWER, "unavailable")
]


@pytest.mark.parametrize(("call", "number", "kind"), HEALED)
def test_one_confirmation_comes_whatever_call_goes_wrong(
    bundle: Bundle, faults: Faults, call: str, number: int, kind: str
) -> None:
    fault, times = KINDS[kind]
    faults.break_call(call, number, fault, times)
    email = confirmed(bundle, next(NUMBERS))
    assert faults.fired().count(call) >= times, "the fault did not happen"
    assert len(bundle.mailbox.of(email)) == 1
    assert knows(email, SENT)
    assert wakes(bundle, customer_of(bundle, email)), "nothing would wake the customer for what is next"


def wakes(bundle: Bundle, customer: str) -> list[str]:
    return [name for name in bundle.schedules() if name.startswith(customer)]


@pytest.mark.parametrize("doubt", [(MAIL, 1, "lost"), (*ANSWER, "unavailable")], ids=["unheard", "unwritten"])
def test_an_answer_that_nobody_knows_is_settled_by_the_providers_report(
    bundle: Bundle, faults: Faults, doubt: tuple[str, int, str]
) -> None:
    email = order_in_doubt(bundle, faults, doubt)
    told = {"timestamp": now().isoformat(), "recipients": [email]}
    bundle.report({"eventType": "Delivery", "delivery": told, "mail": about_mail(bundle, email)})
    assert eventually(lambda: knows(email, '"delivered": "'))
    step_of_later(bundle, email)
    assert len(faults.mails_to(email)) == 1
    assert knows(email, SENT)


def test_a_lost_answer_without_a_report_is_the_one_case_of_a_second_confirmation(
    bundle: Bundle, faults: Faults
) -> None:
    email = order_in_doubt(bundle, faults, (MAIL, 1, "lost"))
    step_of_later(bundle, email)
    assert len(faults.mails_to(email)) == 2
    step_of_later(bundle, email)
    assert len(faults.mails_to(email)) == 2
    assert knows(email, SENT)


def order_in_doubt(bundle: Bundle, faults: Faults, doubt: tuple[str, int, str]) -> str:
    """Somebody whose mail went out, while nobody knows it. Telling again of the order sends nothing."""
    order, (call, number, kind) = next(NUMBERS), doubt
    fault, times = KINDS[kind]
    faults.break_call(call, number, fault, times)
    email = confirmed(bundle, order)
    assert faults.fired().count(call) >= times, "the fault did not happen"
    who_orders(bundle, order, email)
    assert eventually(bundle.idle)
    assert len(faults.mails_to(email)) == len(bundle.mailbox.of(email)) == 1
    assert knows(email, IN_DOUBT)
    return email


def test_a_provider_that_takes_nothing_is_asked_again_later(bundle: Bundle, faults: Faults) -> None:
    order = next(NUMBERS)
    faults.break_call(MAIL, 1, UNAVAILABLE)
    who_orders(bundle, order, who(order))
    assert eventually(lambda: faults.fired() == [MAIL])
    assert eventually(bundle.idle)
    assert not faults.mails_to(who(order))
    step_of_later(bundle, who(order))
    assert len(faults.mails_to(who(order))) == 1
    assert eventually(lambda: bundle.mailbox.of(who(order)))
    assert knows(who(order), SENT)


def step_of_later(bundle: Bundle, email: str) -> None:
    """The customer's next wake rings after the grace of a claim: its very event, in this process, whose clock moves."""
    client, customer = boto3.client("scheduler"), customer_named(email)
    newest = max(wakes(bundle, customer), key=lambda name: int(name.rpartition("-")[2]))
    armed = client.get_schedule(Name=newest, GroupName=bundle.named["ScheduleGroup"])
    with pytest.MonkeyPatch.context() as patch:
        for variable, value in variables_of(bundle.named["AdvanceCustomer"]).items():
            patch.setenv(variable, value)
        answer = _in_this_process(sqs_event(armed["Target"]["Input"], f"demo:{customer}"))
    assert answer == {"batchItemFailures": []}


def _in_this_process(event: dict[str, Any]) -> dict[str, Any]:
    wiring.forget()
    wiring.use_clock(lambda: now() + timedelta(minutes=16))
    try:
        answer: dict[str, Any] = advancing.handler(event, Context())
        return answer
    finally:
        wiring.use_clock(now)
        wiring.forget()
