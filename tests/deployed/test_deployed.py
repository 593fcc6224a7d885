"""The bundle as AWS runs it: real webhooks, queues, roles and schedules, and mail that arrives."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest

from perennial import links
from tests.deployed.bundle import Bundle, now
from tests.deployed.emulator import eventually, plain
from tests.deployed.shoppers import (
    ONE_CLICK,
    about_mail,
    an_order,
    as_message,
    customer_of,
    knows,
    unsubscribe_path,
    who_orders,
)
from tests.e2e.shop import parcel as parcel_of

JOINED = timedelta(minutes=15)
"""How long order-service waits for parcels that leave together, before it writes about them."""

NUMBER = re.compile(r"\d{4}")

DELIVERED = '"delivered": "'
"""In the JSON of `perennial explain`, once a mail is known to have been delivered."""


@dataclass(frozen=True)
class Parcel:
    """It left, and its buyer is told a minute later: begun before the other tests, looked at after them."""

    email: str
    armed: set[str]


@pytest.fixture(scope="module", autouse=True)
def parcel(bundle: Bundle) -> Parcel:
    email, left = "tayo@mail.example", now() - JOINED + timedelta(seconds=20)
    who_orders(bundle, 1003, email, ago=timedelta(hours=1))
    assert eventually(lambda: bundle.mailbox.of(email))
    assert bundle.webhook("fulfillments/create", parcel_of(503, 1003, left.isoformat())).status == 200
    customer = customer_of(bundle, email)
    armed = eventually(lambda: {name for name in bundle.schedules() if name.startswith(customer)})
    assert len(bundle.mailbox.of(email)) == 1
    return Parcel(email, armed)


def test_a_signed_order_gets_its_confirmation_by_mail(bundle: Bundle) -> None:
    who_orders(bundle, 1001, "mina@mail.example")
    (mail,) = eventually(lambda: bundle.mailbox.of("mina@mail.example"))
    assert "1001" in mail["Subject"]
    assert "hello@ovenbird.example" in mail["From"]
    assert "Stand blender" in plain(mail)


def test_an_order_that_the_shop_did_not_sign_is_turned_away(bundle: Bundle) -> None:
    assert bundle.webhook("orders/create", {"id": 1002}, secret="somebody-elses-guess").status == 401


def test_one_click_unsubscribes_and_a_look_does_not(bundle: Bundle) -> None:
    who_orders(bundle, 1004, "ada@mail.example")
    path = unsubscribe_path(bundle, "ada@mail.example")
    assert bundle.call("GET", path).status == 200
    assert not knows("ada@mail.example", "one-click")
    answer = bundle.call("POST", path, ONE_CLICK, b"List-Unsubscribe=One-Click")
    assert (answer.status, "location" in answer.headers) == (200, False)
    assert eventually(lambda: knows("ada@mail.example", "one-click"))


def test_a_poison_message_ends_among_the_dead_letters_while_another_customer_goes_on(bundle: Bundle) -> None:
    bundle.put("UrgentQueue", '{"type": "NoSuchEvent"', group="demo:poisoned")
    who_orders(bundle, 1005, "kofi@mail.example")
    assert eventually(lambda: bundle.mailbox.of("kofi@mail.example"))
    (dead,) = eventually(lambda: bundle.waiting("DeadLetters"), seconds=60)
    assert dead["Body"] == '{"type": "NoSuchEvent"'


@pytest.mark.parametrize("first", [2001, 2003, 2005])
def test_workers_at_once_for_one_customer_lose_nothing_and_send_nothing_twice(bundle: Bundle, first: int) -> None:
    """Four at once, past the queue: two orders of one customer, each told of twice. Only the version check is left."""
    email, customer = f"race-{first}@mail.example", links.customer_id(b"race--%d" % first)
    orders = [as_message(an_order(number, email), customer) for number in (first, first + 1)] * 2
    with ThreadPoolExecutor(len(orders)) as workers:
        answers = list(workers.map(lambda told: bundle.invoke("AdvanceCustomer", told), orders))
    assert [json.loads(answer)["batchItemFailures"] for answer in answers] == [[]] * len(orders)
    eventually(lambda: len(bundle.mailbox.of(email)) >= 2)
    told = sorted(NUMBER.findall(mail["Subject"])[0] for mail in bundle.mailbox.of(email))
    assert told == [str(first), str(first + 1)]


def test_a_report_of_the_provider_reaches_its_touch(bundle: Bundle) -> None:
    who_orders(bundle, 1006, "noor@mail.example")
    report = {
        "eventType": "Delivery",
        "delivery": {"timestamp": now().isoformat(), "recipients": ["noor@mail.example"]},
    }
    assert not knows("noor@mail.example", DELIVERED)
    bundle.report({**report, "mail": about_mail(bundle, "noor@mail.example")})
    assert eventually(lambda: knows("noor@mail.example", DELIVERED))


def test_the_sweep_walks_through_the_table_with_its_own_rights(bundle: Bundle) -> None:
    assert json.loads(bundle.invoke("SweepOverdue", {}))["outcome"] == "swept"


def test_the_scheduler_fires_a_wake_and_the_next_touch_goes_out(bundle: Bundle, parcel: Parcel) -> None:
    mails = eventually(lambda: bundle.mailbox.of(parcel.email)[1:], seconds=120)
    assert "Swift Parcel" in plain(mails[0])
    assert eventually(lambda: not parcel.armed & set(bundle.schedules())), "a wake that rang is gone"
