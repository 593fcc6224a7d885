"""The bundle as `make build` made it, deployed to a stand-in for AWS on this machine, for as long as it is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from typer.testing import CliRunner

from perennial_cli.main import app
from tests.deployed import emulator, repairs
from tests.deployed.bundle import SECRET, Bundle


@contextmanager
def deployed(folder: Path) -> Iterator[Bundle]:
    port, smtp = emulator.free_port(), emulator.free_port()
    with (
        emulator.mail_server(smtp, folder / "mail") as mailbox,
        emulator.cloud(port, smtp, folder) as endpoint,
        pytest.MonkeyPatch.context() as patch,
    ):
        _stand_here(patch, endpoint)
        yield Bundle(endpoint, _install(folder), mailbox)


def _stand_here(patch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Whatever is started from here talks to the stand-in, and to nobody's real account."""
    patch.setattr(boto3, "DEFAULT_SESSION", None)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        patch.delenv(name, raising=False)
    patch.setenv("AWS_ENDPOINT_URL", endpoint)
    patch.setenv("AWS_ACCESS_KEY_ID", "test")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    patch.setenv("AWS_DEFAULT_REGION", emulator.REGION)
    patch.setenv("SAM_CLI_TELEMETRY", "0")


def _install(folder: Path) -> dict[str, str]:
    """The steps of docs/deploying.md."""
    emulator.deploy(repairs.template(), folder)
    _perennial("keys")
    named = repairs.resources()
    repairs.repair(named)
    repairs.verify_sender()
    _perennial("secret", "demo", "shopify", typed=f"{SECRET}\n")
    return named


def _perennial(*words: str, typed: str | None = None) -> None:
    result = CliRunner().invoke(app, [*words], input=typed)
    assert result.exit_code == 0, result.output
