"""What shoppers do, and what the bundle knows of them afterwards."""

import json
import re
from datetime import timedelta
from typing import Any

import boto3
from typer.testing import CliRunner

from perennial import events, links
from perennial.platforms import shopify
from perennial_cli.main import app
from tests.deployed.bundle import Bundle, now, signed
from tests.deployed.emulator import STACK, eventually, plain
from tests.e2e.shop import order
from tests.handlers.lambda_events import sqs_event

ONE_CLICK = {"content-type": "application/x-www-form-urlencoded"}
LINK = re.compile(r"https://p\.ovenbird\.example/[a-z]/([\w-]{44})")


def an_order(number: int, email: str, ago: timedelta = timedelta(minutes=1)) -> dict[str, Any]:
    customer = {"id": number, "email": email, "first_name": "Mina", "last_name": "Okafor"}
    return order(number, (now() - ago).isoformat(), email=email, customer=customer)


def who_orders(bundle: Bundle, number: int, email: str, ago: timedelta = timedelta(minutes=1)) -> None:
    """An order by somebody new, as the shop tells of it."""
    answer = bundle.webhook("orders/create", an_order(number, email, ago))
    assert (answer.status, json.loads(answer.body)["outcome"]) == (200, "queued")


def as_message(told: dict[str, Any], customer: str) -> dict[str, Any]:
    """An order as the queue hands it to the step, for a customer who is known already by that id."""
    body = json.dumps(told).encode()
    event = shopify.parse(signed("orders/create", body), body, "demo", now())
    return sqs_event(events.to_json(event), f"demo:{customer}")


def ticket_of(bundle: Bundle, email: str) -> links.Ticket:
    """What the links of somebody's first mail say."""
    mail = eventually(lambda: bundle.mailbox.of(email))[0]
    found = LINK.search(plain(mail))
    assert found, "the mail leads to no page"
    ticket = links.peek(found[1])
    assert ticket
    return ticket


def customer_of(bundle: Bundle, email: str) -> str:
    return ticket_of(bundle, email).customer


def unsubscribe_path(bundle: Bundle, email: str) -> str:
    """Where the List-Unsubscribe header of somebody's first mail leads; the stand-in does not pass it on."""
    held = json.loads(
        boto3.client("ssm").get_parameter(Name="/perennial/keys", WithDecryption=True)["Parameter"]["Value"]
    )
    keys = {int(kid): bytes.fromhex(key) for kid, key in held["links"]["keys"].items()}
    ticket = ticket_of(bundle, email)
    ring = links.KeyRing(held["links"]["current"], keys)
    return f"/u/{links.sign(ring, 'unsubscribe', 'demo', ticket.customer, ticket.touch, now())}"


def about_mail(bundle: Bundle, email: str) -> dict[str, Any]:
    """How SES names a mail in its reports."""
    ticket = ticket_of(bundle, email)
    tags = {"store": ["demo"], "customer": [ticket.customer], "touch": [ticket.touch]}
    return {"messageId": "made-up", "destination": [email], "timestamp": now().isoformat(), "tags": tags}


def knows(email: str, what: str) -> bool:
    """Whether `perennial explain` says that of a customer."""
    return what in explained(email)


def customer_named(email: str) -> str:
    """The id of a customer who need not have had a mail."""
    found: str = json.loads(explained(email))["id"]
    return found


def explained(email: str) -> str:
    result = CliRunner().invoke(app, ["explain", email, "--stack", STACK, "--json"])
    assert result.exit_code == 0, result.output
    return result.stdout
