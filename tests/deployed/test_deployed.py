"""The bundle as AWS runs it: real webhooks, queues, roles and schedules, and mail that arrives."""

import json

from tests.deployed.bundle import Bundle, now
from tests.deployed.emulator import eventually, plain
from tests.e2e.shop import order


def shopper(bundle: Bundle, number: int, email: str) -> None:
    """An order of a minute ago, by somebody new."""
    customer = {"id": number, "email": email, "first_name": "Mina", "last_name": "Okafor"}
    told = order(number, now().isoformat(), email=email, customer=customer)
    answer = bundle.webhook("orders/create", told)
    assert (answer.status, json.loads(answer.body)["outcome"]) == (200, "queued")


def test_a_signed_order_gets_its_confirmation_by_mail(bundle: Bundle) -> None:
    shopper(bundle, 1001, "mina@mail.example")
    mails = eventually(lambda: bundle.mailbox.of("mina@mail.example"))
    (mail,) = mails
    assert "1001" in mail["Subject"]
    assert "ovenbird.example" in mail["From"]
    assert "Stand blender" in plain(mail)


def test_an_order_that_the_shop_did_not_sign_is_turned_away(bundle: Bundle) -> None:
    assert bundle.webhook("orders/create", order(1002), secret="somebody-elses-guess").status == 401
