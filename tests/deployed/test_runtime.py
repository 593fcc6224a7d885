"""What `sam build` made starts under Lambda's own runtime, finds all it imports in its layer, and handles an event."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from perennial import links
from tests.deployed.bundle import Bundle, signed
from tests.deployed.runtime import started
from tests.deployed.shoppers import an_order, as_message
from tests.handlers.lambda_events import http_event, page_event, sqs_batch

SOMEBODY = links.customer_id(b"by-herself")


def _webhook() -> dict[str, Any]:
    body = json.dumps(an_order(3001, "rie@mail.example")).encode()
    return http_event("/webhooks/shopify/demo", signed("orders/create", body), body)


SAMPLES: dict[str, tuple[Callable[[], dict[str, Any]], Callable[[Any], bool]]] = {
    "ReceiveWebhook": (_webhook, lambda answer: bool(answer["statusCode"] == 200)),
    "AdvanceCustomer": (
        lambda: as_message(an_order(3002, "ric@mail.example"), SOMEBODY),
        lambda answer: bool(answer == {"batchItemFailures": []}),
    ),
    "ServePages": (lambda: page_event("GET", f"/u/{'x' * 44}"), lambda answer: bool(400 <= answer["statusCode"] < 500)),
    "RecordFeedback": (lambda: sqs_batch("{}"), lambda answer: bool(answer == {"batchItemFailures": []})),
    "SweepOverdue": (dict, lambda answer: bool(answer["outcome"] == "swept")),
}
"""An event for each function, and what tells that it was handled. A made-up link is turned away by a page."""


@pytest.mark.parametrize("function", SAMPLES)
def test_a_built_function_handles_its_event_under_lambdas_own_runtime(bundle: Bundle, function: str) -> None:
    make, handled = SAMPLES[function]
    name = bundle.named[function]
    variables = boto3.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    with started(function, variables) as runtime:
        answer = runtime.call(make())
    assert handled(answer), answer


def test_every_function_of_the_stack_has_a_sample(bundle: Bundle) -> None:
    functions = [each["FunctionName"] for each in boto3.client("lambda").list_functions()["Functions"]]
    assert sorted(functions) == sorted(bundle.named[function] for function in SAMPLES)
