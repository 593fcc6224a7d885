"""Between the functions and the stand-in: microburst, which loses answers and refuses calls, each at its number.

A call is `service Operation`, as "dynamodb UpdateItem". Faults are of the wire, so that the SDK really tries again.
microburst does not know SES v2 by name: the one call of `ses` that a function makes is called by it here.
"""

import json
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from tests.deployed.bundle import Bundle
from tests.deployed.emulator import fault_proxy, free_port, recorder
from tests.deployed.repairs import release, variables_of

THROUGH = ("ReceiveWebhook", "AdvanceCustomer")
"""The functions that an order goes through."""

MAIL = "ses SendEmail"

Rule = Mapping[str, Any]

LOST: Rule = {"response": {"abort_bytes": 1}}
"""AWS does what it was asked, and the connection breaks in its answer."""

UNAVAILABLE: Rule = {"error": {"code": "ServiceUnavailable", "status": 503}}
THROTTLED: Rule = {"error": {"code": "ThrottlingException", "status": 400}}
PATIENCE = 4
"""Attempts of the SDK at one call (wiring.PATIENT)."""

PASSED: Rule = {"latency": 0.001}
"""Nothing happens, but the call is written down."""


@dataclass(frozen=True)
class Faults:
    """`kept` has the requests to send a mail that reached the stand-in: what was refused on the way did not."""

    address: str
    kept: Path

    def mails_to(self, email: str) -> list[dict[str, Any]]:
        """The `SendEmail` requests for one address, as SES would read them."""
        found = [json.loads(line) for line in self.kept.read_text().splitlines()]
        return [request for request in found if request["Destination"]["ToAddresses"] == [email]]

    def break_call(self, call: str, number: int, fault: Rule, times: int = 1) -> None:
        """The `number`-th of these calls from now (from 1) meets the fault, and as many after it as `times` says."""
        wanted = _wanted(call)
        before = [{**wanted, **PASSED, "times": number - 1}] if number > 1 else []
        self._ask("rules", [*before, {**wanted, **fault, "times": times}])

    def listen(self) -> None:
        """From now on calls are written down, and nothing goes wrong."""
        self._ask("rules", [PASSED])

    def stop(self) -> None:
        self._ask("rules", [])

    def fired(self) -> list[str]:
        """The calls that met a rule since the last look, in their order."""
        found = [_name(each) for each in self._ask("fired?limit=1000")]
        urllib.request.urlopen(urllib.request.Request(self._url("fired"), method="DELETE"), timeout=10).close()
        return found

    def _ask(self, what: str, told: Sequence[Rule] | None = None) -> list[dict[str, Any]]:
        body = None if told is None else json.dumps(told).encode()
        with urllib.request.urlopen(self._url(what), body, timeout=10) as answer:
            found: list[dict[str, Any]] = json.loads(answer.read())
            return found

    def _url(self, what: str) -> str:
        return f"{self.address}/_microburst/{what}"


@contextmanager
def between(bundle: Bundle, folder: Path) -> Iterator[Faults]:
    """The bundle, whose functions reach the stand-in through microburst and the recorder for as long as this lasts."""
    front, back = free_port(), free_port()
    with (
        recorder(back, urlsplit(bundle.endpoint).netloc, f"127.0.0.1:{front}", folder) as kept,
        fault_proxy(front, back, folder) as address,
    ):
        _warm_up(address)
        held = {function: variables_of(bundle.named[function]) for function in THROUGH}
        for function, variables in held.items():
            release(bundle.named, function, {**variables, "AWS_ENDPOINT_URL": address})
        try:
            yield Faults(address, kept)
        finally:
            for function, variables in held.items():
                release(bundle.named, function, variables)


def _wanted(call: str) -> dict[str, str]:
    service, operation = call.split()
    return {"service": service} if call == MAIL else {"service": service, "operation": operation}


def _name(told: Rule) -> str:
    return MAIL if told["service"] == "ses" else f"{told['service']} {told['operation']}"


def _warm_up(address: str) -> None:
    """microburst reads what it knows of AWS at its first call, which takes longer than a function waits."""
    boto3.client("ssm", endpoint_url=address, config=Config(read_timeout=60)).describe_parameters()
