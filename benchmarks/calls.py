"""AWS calls: for one accepted webhook and for one email touch, in a process that is warm.

Warm is: somebody else's order was handled before, so that keys, secrets and journeys are known, and the switches of
`perennial pause` were read within their half minute.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from benchmarks.rows import Row
from benchmarks.worlds import STORE, cloud, delivery, post
from perennial_cli.cloud import Cloud
from perennial_cli.demo_order import CUSTOMER, ORDER, Delivery

SETTING_UP = ("SSM.GetParameter",)
"""Asked once in five minutes by each process, whatever it handles."""


def rows() -> Iterator[Row]:
    with cloud() as opened:
        post(opened, _of_somebody_else(delivery("order placed")))
        opened.settle()
        before = _count(opened)
        post(opened, delivery("order placed"))
        yield Row("AWS calls per accepted webhook", _count(opened) - before, "calls", budget=2)
        yield Row("AWS calls per email touch, sent by its event", _touch(opened), "calls", budget=5)
        post(opened, _of_somebody_else(delivery("order placed"), "orders/cancelled"))  # whose wakes would ring as well
        for words in (
            "the blender leaves",
            "the refrigerator leaves",
            "the blender is there",
            "the refrigerator is there",
        ):
            post(opened, delivery(words))
            opened.settle()
        yield Row("AWS calls per email touch, sent by its wake", _by_wake(opened), "calls", budget=5)


def _of_somebody_else(told: Delivery, topic: str = "orders/create") -> Delivery:
    body, email = dict(told.line.body), "somebody.else@mail.example"
    body |= {"id": ORDER + 1, "admin_graphql_api_id": f"gid://shopify/Order/{ORDER + 1}", "name": "#1041"}
    body |= {"email": email, "contact_email": email, "customer": {"id": CUSTOMER + 1, "email": email}}
    body |= {"cancelled_at": body["created_at"]} if topic == "orders/cancelled" else {}
    headers = told.line.headers | {"X-Shopify-Topic": topic, "X-Shopify-Webhook-Id": f"{topic} of somebody else"}
    return replace(told, line=told.line.model_copy(update={"body": body, "headers": headers}))


def _touch(opened: Cloud) -> int:
    """Calls of one run that sends one email and adopts nothing."""
    _read_pauses(opened)
    before, sent = _count(opened), len(opened.witness.sent)
    opened.settle()
    if len(opened.witness.sent) != sent + 1:
        raise SystemExit("the order's event did not send exactly one message")
    return _count(opened) - before


def _by_wake(opened: Cloud) -> int:
    """The dearest of the runs in which a wake sends exactly one email."""
    dearest = 0
    while (due := opened.next_wake()) is not None:
        opened.run_until(due - timedelta(seconds=1))
        _read_pauses(opened)
        before, sent = _count(opened), len(opened.witness.sent)
        opened.run_until(due)
        new = opened.witness.sent[sent:]
        if [message.channel for message in new] == ["email"]:
            dearest = max(dearest, _count(opened) - before)
    return dearest


def _read_pauses(opened: Cloud) -> None:
    """As the run before did, for whomever: each process asks twice in a minute."""
    with opened.advancing() as outside:
        outside.pauses.paused(STORE)


def _count(opened: Cloud) -> int:
    calls = opened.witness.calls
    return calls.total() - sum(calls[name] for name in SETTING_UP)
