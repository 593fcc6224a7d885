"""What `sam build` made starts under Lambda's own runtime, finds all it imports in its layer, and handles an event."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from perennial_cli.sample_events import CUSTOMER
from tests.adapters.cloud import ROOT
from tests.deployed.bundle import Bundle, signed
from tests.deployed.runtime import started
from tests.deployed.shoppers import an_order, as_message

EVENTS = ROOT / "events"


def _event(function: str) -> dict[str, Any]:
    """What `make invoke` hands over. A webhook is signed by the secret of this stack; an order is of now, so that its
    confirmation is rendered and sent.
    """
    if function == "AdvanceCustomer":
        return as_message(an_order(3002, "ric@mail.example"), CUSTOMER)
    event: dict[str, Any] = json.loads((EVENTS / f"{function}.json").read_text(encoding="utf-8"))
    if function == "ReceiveWebhook":
        event["headers"] |= signed("orders/create", event["body"].encode())
    return event


HANDLED: dict[str, Callable[[Any], bool]] = {
    "ReceiveWebhook": lambda answer: bool(answer["statusCode"] == 200),
    "AdvanceCustomer": lambda answer: bool(answer == {"batchItemFailures": []}),
    "ServePages": lambda answer: bool(400 <= answer["statusCode"] < 500),
    "RecordFeedback": lambda answer: bool(answer == {"batchItemFailures": []}),
    "SweepOverdue": lambda answer: bool(answer["outcome"] == "swept"),
}
"""What tells that the event was handled. A page turns away the link of another stack."""


@pytest.mark.parametrize("function", HANDLED)
def test_a_built_function_handles_its_event_under_lambdas_own_runtime(bundle: Bundle, function: str) -> None:
    name = bundle.named[function]
    variables = boto3.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    with started(function, variables) as runtime:
        answer = runtime.call(_event(function))
    assert HANDLED[function](answer), answer


def test_every_function_of_the_stack_has_a_sample(bundle: Bundle) -> None:
    functions = [each["FunctionName"] for each in boto3.client("lambda").list_functions()["Functions"]]
    assert sorted(functions) == sorted(bundle.named[function] for function in HANDLED)
