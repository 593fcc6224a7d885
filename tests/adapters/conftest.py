from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.adapters import worlds
from tests.adapters.cloud import Cloud, build


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield build()


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
