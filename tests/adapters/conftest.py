"""Every contract is met twice in `make test`: by the twin, and by the AWS adapter on moto.

Under `make e2e` the AWS adapters are asked a third time, on the stand-in: a server of its own, whose writes are atomic.
The folder stand_in holds what only that can show.
"""

import os
import urllib.request
from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.adapters import worlds
from tests.adapters.cloud import ACCOUNT, Cloud, build
from tests.deployed import emulator

STAND_IN = "PERENNIAL_E2E" in os.environ
GAPS = {
    "test_the_list_of_numbers_is_read": "does not know ListPhoneNumbersOptedOut",
    "test_a_page_is_asked_for_where_the_last_one_ended": "does not know ListPhoneNumbersOptedOut",
    "test_sns_itself_takes_the_text_and_refuses_a_number_that_is_none": "takes any number",
    "test_a_device_that_its_platform_no_longer_knows_is_gone": "sends to endpoints that are disabled",
}
"""What the stand-in cannot show; moto can."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On the stand-in, only what speaks to AWS."""
    if STAND_IN:
        items[:] = [item for item in items if item.path.parent.name != "adapters" or _speaks_to_aws(item)]


def _speaks_to_aws(item: pytest.Item) -> bool:
    asked = getattr(item, "callspec", None)
    return "cloud" in getattr(item, "fixturenames", ()) or (asked is not None and "aws" in asked.params.values())


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server in AWS's place."""
    if not STAND_IN:
        pytest.skip("needs a stand-in for AWS: `make e2e`")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINISTACK_ACCOUNT_ID", ACCOUNT)
        with emulator.cloud(emulator.free_port(), emulator.free_port(), tmp_path_factory.mktemp("stand-in")) as address:
            patch.setattr("tests.adapters.cloud.ENDPOINT", address)
            yield address


@pytest.fixture
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    if not STAND_IN:
        with mock_aws():
            yield build()
        return
    if (gap := GAPS.get(request.function.__name__)) is not None:
        pytest.skip(f"the stand-in {gap}")
    empty(request.getfixturevalue("stand_in"))
    yield build()


def empty(address: str) -> None:
    """Nothing is left in the stand-in."""
    urllib.request.urlopen(urllib.request.Request(f"{address}/_ministack/reset", method="POST")).close()


@pytest.fixture(params=["memory", "aws"])
def world(request: pytest.FixtureRequest) -> worlds.World:
    """The same test, once for each implementation."""
    if request.param == "memory":
        return worlds.in_memory()
    return worlds.on_aws(request.getfixturevalue("cloud"))


@pytest.fixture
def aws(cloud: Cloud) -> worlds.World:
    """For what only the real thing has: a wire, limits, faults."""
    return worlds.on_aws(cloud)
