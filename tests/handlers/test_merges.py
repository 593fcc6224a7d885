"""Two customers become one through the real functions; the process dies in every call of it, before and after."""

import json
from typing import Any

import pytest

from perennial import wiring
from perennial.customer import Customer
from perennial.identity import Alias
from tests.adapters.cloud import client
from tests.handlers.conftest import Bundle
from tests.handlers.shop import MINA, STORE, fixture

WORK = "okafor@work.example"
KEPT, GONE = 6800000000000001, 6800000000000002
CALLS = (0, 2, 3, 4, 6, 9, 12, 16)
"""Some of all that a merge takes; every one of them dies in tests/unit/core/test_merges.py, on the twins."""


class Dead(Exception):
    """The process is gone; its message comes again."""


def merge() -> bytes:
    names = {"admin_graphql_api_customer_kept_id": KEPT, "admin_graphql_api_customer_deleted_id": GONE}
    return fixture("customers_merge", **{name: f"gid://shopify/Customer/{number}" for name, number in names.items()})


def second_order() -> bytes:
    account = {"id": GONE, "email": WORK, "first_name": "Mina", "last_name": "Okafor"}
    body = json.loads(fixture("order", id=4200000000000777, email=WORK, contact_email=WORK, customer=account))
    named = {"name": "#1777", "admin_graphql_api_id": "gid://shopify/Order/4200000000000777", "fulfillments": []}
    return json.dumps({**body, **named}).encode()


def two(bundle: Bundle) -> None:
    bundle.post("orders/create", fixture("order"))
    bundle.post("orders/create", second_order(), delivery="2")
    assert bundle.advance() == []


def to_the_end(bundle: Bundle) -> None:
    """With what is forwarded on the way."""
    while messages := bundle.messages():
        assert [failure for body, group in messages for failure in bundle.take(body, group)] == []


def owner(email: str) -> Customer:
    name = wiring.for_receiving().directory.owner(STORE, Alias("email", email))
    assert name is not None
    return wiring.for_advancing().customers.load(STORE, name)


def are_one(bundle: Bundle) -> None:
    one = owner(MINA)
    assert one == owner(WORK)
    assert (one.profile.orders, one.profile.moving, one.profile.same_as) == (2, (), {})
    assert len(one.profile.merged) == 1
    assert len(one.enrolments) == 2
    assert bundle.calls["SendEmail"] == 2
    waiting = {json.loads(schedule["Target"]["Input"])["customer"] for schedule in bundle.schedules()}
    assert waiting == {one.profile.customer}


def test_two_customers_that_a_shop_has_merged_are_one(bundle: Bundle) -> None:
    two(bundle)
    assert owner(MINA).profile.customer != owner(WORK).profile.customer
    bundle.post("customers/merge", merge(), delivery="3")
    to_the_end(bundle)
    are_one(bundle)


def test_an_order_with_both_names_makes_them_one_and_is_itself_cared_for(bundle: Bundle) -> None:
    two(bundle)
    bundle.post("orders/updated", fixture("order", email=WORK, contact_email=WORK), delivery="3")
    to_the_end(bundle)
    are_one(bundle)


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("number", CALLS)
def test_a_death_in_any_call_of_a_merge_is_mended_by_the_next_delivery(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch, number: int, done: bool
) -> None:
    two(bundle)
    bundle.post("customers/merge", merge(), delivery="3")
    waiting = bundle.messages()
    with monkeypatch.context() as patch:
        dies(patch, number, done)
        failed = [message for message in waiting if bundle.take(*message)]
    for body, group in [*failed, *bundle.messages()]:
        assert bundle.take(body, group, received=2) == []
    to_the_end(bundle)
    are_one(bundle)


def dies(patch: pytest.MonkeyPatch, number: int, done: bool) -> None:
    """In the call of that number, to whatever service; `done`: the service has done its work by then."""
    made: list[str] = []
    for service in ("dynamodb", "scheduler", "sqs"):
        asked = client(service)._make_api_call

        def call(operation: str, request: Any, asked: Any = asked) -> Any:
            made.append(operation)
            mine = len(made) == number + 1
            if mine and not done:
                raise Dead(operation)
            answer = asked(operation, request)
            if mine:
                raise Dead(operation)
            return answer

        patch.setattr(client(service), "_make_api_call", call)
