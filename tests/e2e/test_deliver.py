"""perennial deliver: recorded webhooks to a stack, signed with its own secrets."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from perennial.errors import Misconfigured
from perennial_cli import delivering
from perennial_cli.delivering import address_of, post
from perennial_cli.stacks import Stack
from tests.e2e.conftest import TEMPLATES, Command
from tests.e2e.restoring import Shop, shop
from tests.e2e.shop import PLACED, line, order

ADDRESS = "https://api.example/webhooks/{platform}/{store}"


@dataclass
class Door:
    """The stack's own door, as the network shows it."""

    shop: Shop
    asked: list[str] = field(default_factory=list)
    down: set[str] = field(default_factory=set)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.asked.append(url)
        if headers.get("x-shopify-webhook-id") in self.down:
            return 503
        status = self.shop.cloud.post(url.removeprefix("https://api.example"), headers, body).status
        self.shop.cloud.settle()
        return status


@pytest.fixture
def door(tmp_path: Path, _read_once: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    with shop(tmp_path) as lived:
        door = Door(lived)

        @contextmanager
        def opened(*_: Any, **__: Any) -> Iterator[Stack]:
            cloud = lived.cloud
            with cloud.advancing() as advancing, cloud.recording() as recording, cloud.receiving() as receiving:
                yield Stack(advancing, receiving, recording)

        monkeypatch.setattr(delivering, "opened", opened)
        monkeypatch.setattr(delivering, "post", door.post)
        monkeypatch.setattr(delivering, "address_of", lambda stack: ADDRESS)
        yield door


@pytest.fixture
def deliver(perennial: Command, tmp_path: Path) -> Callable[..., Any]:
    def run(*lines: Mapping[str, Any], code: int = 0) -> Any:
        file = tmp_path / "day.jsonl"
        file.write_text("".join(json.dumps(one) + "\n" for one in lines))
        return perennial("deliver", str(file), "--stack", "shop", "--templates", TEMPLATES, code=code)

    return run


def test_orders_go_through_the_door_and_telling_them_twice_changes_nothing(
    door: Door, deliver: Callable[..., Any]
) -> None:
    lines = [line("orders/create", PLACED, order(number), str(number)) for number in (1, 2)]
    assert "2 of 2 were taken" in deliver(*lines).stdout
    assert door.asked == ["https://api.example/webhooks/shopify/demo"] * 2
    once = door.shop.sent()
    assert "2 of 2 were taken" in deliver(*lines).stdout
    assert door.shop.sent() == once != {}


def test_what_was_not_taken_is_named(door: Door, deliver: Callable[..., Any]) -> None:
    door.down.add("orders/create-2")
    lines = [line("orders/create", PLACED, order(number), str(number)) for number in (1, 2)]
    result = deliver(*lines, code=1)
    assert "1 of 2 were taken" in result.stdout
    assert "line 2 was answered 503" in result.stderr


def test_a_store_without_a_secret_is_named(door: Door, deliver: Callable[..., Any]) -> None:
    result = deliver({**line("orders/create", PLACED, order()), "store": "elsewhere"}, code=1)
    assert "elsewhere has no secret for shopify" in result.stderr


def test_personal_data_goes_over_https_only() -> None:
    with pytest.raises(Misconfigured, match="no https address"):
        post("http://api.example/webhooks/shopify/demo", {}, b"{}")


@pytest.mark.parametrize(("outputs", "problem"), [([], "has no output WebhookUrl"), (None, "cannot be read")])
def test_a_stack_without_a_door_is_said_to_have_none(door: Door, outputs: list[Any] | None, problem: str) -> None:
    _answer({"Error": {"Code": "ValidationError"}} if outputs is None else {"Stacks": [{"Outputs": outputs}]})
    with pytest.raises(Misconfigured, match=problem):
        address_of("shop")


def test_the_address_is_the_stacks_own(door: Door) -> None:
    _answer({"Stacks": [{"Outputs": [{"OutputKey": "WebhookUrl", "OutputValue": ADDRESS}]}]})
    assert address_of("shop") == ADDRESS


def _answer(told: dict[str, Any]) -> None:
    """What a stack answers: moto's own cannot be imported without half of its extras."""

    def answered(model: Any, **_: Any) -> Any:
        status = 400 if "Error" in told else 200
        return AWSResponse("https://aws.example", status, HTTPHeaders(), None), {**told, "ResponseMetadata": {}}

    assert boto3.DEFAULT_SESSION is not None
    boto3.DEFAULT_SESSION.events.register("before-call.cloudformation.*", answered)
