"""`make e2e` only: the bundle, deployed once for all tests of this folder."""

import os
from collections.abc import Iterator

import pytest

from tests.deployed.bundle import Bundle
from tests.deployed.stack import deployed


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundle]:
    if "PERENNIAL_E2E" not in os.environ:
        pytest.skip("needs a built bundle and a stand-in for AWS: `make e2e`")
    with deployed(tmp_path_factory.mktemp("deployed")) as found:
        yield found
