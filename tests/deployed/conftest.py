"""`make e2e` only: the bundle, deployed once for all tests of this folder."""

import os
from collections.abc import Iterator

import pytest

from tests.deployed.bundle import Bundle
from tests.deployed.stack import deployed

LAST_WORDS = 80
"""Lines of the stand-in's log that are shown after a failure: what the functions said is among them."""


@pytest.fixture(scope="session")
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundle]:
    if "PERENNIAL_E2E" not in os.environ:
        pytest.skip("needs a built bundle and a stand-in for AWS: `make e2e`")
    folder = tmp_path_factory.mktemp("deployed")
    with deployed(folder) as found:
        yield found
    if request.session.testsfailed:
        told = (folder / "cloud.log").read_text(errors="replace").splitlines()[-LAST_WORDS:]
        request.config.get_terminal_writer().write("\n".join(["", "The stand-in's last words:", *told, ""]))
