"""A stand-in for AWS and a mail server, on ports of their own on this machine, for as long as the tests last."""

import os
import platform
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import TypeVar

from tests.adapters.cloud import ROOT

SERVERS = Path(os.environ.get("PERENNIAL_SERVERS", ROOT / ".venv" / "e2e" / "bin"))
SAM = ROOT / ".venv" / "sam" / "bin" / "sam"
REGION, STACK = "eu-west-1", "perennial-dev"
ARCHITECTURE = "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
"""The functions run on this very machine."""

T = TypeVar("T")


@dataclass(frozen=True)
class Mailbox:
    """What the mail server was given, one file for each message."""

    folder: Path

    def of(self, address: str) -> list[EmailMessage]:
        """The messages to one address, oldest first."""
        files = sorted(self.folder.glob("new/*"), key=lambda file: file.stat().st_mtime_ns)
        mails = [_read(file) for file in files]
        return [mail for mail in mails if address in str(mail["To"])]

    def by_recipient(self) -> Counter[str]:
        """How many messages each address was sent."""
        found: Counter[str] = Counter()
        for file in self.folder.glob("new/*"):
            found[str(parseaddr(str(_read(file)["To"]))[1])] += 1
        return found


def _read(file: Path) -> EmailMessage:
    found = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def plain(mail: EmailMessage) -> str:
    """The text a reader without HTML sees."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def eventually(look: Callable[[], T], seconds: float = 60) -> T:
    """What `look` gives once it is true; what it gave last when time is up."""
    end = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < end:
        time.sleep(0.25)
    return found


@contextmanager
def mail_server(port: int, folder: Path) -> Iterator[Mailbox]:
    listen = ["-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Mailbox", str(folder)]
    with _server([str(SERVERS / "python"), "-m", "aiosmtpd", *listen], port, folder.with_suffix(".log"), {}):
        yield Mailbox(folder)


@contextmanager
def cloud(port: int, smtp: int, folder: Path) -> Iterator[str]:
    """The stand-in, which asks every role for its rights. Gives its address."""
    settings = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "LAMBDA_EXECUTOR": "local",
        "SMTP_HOST": f"127.0.0.1:{smtp}",
        "AUTH": "true",
        # Neither is used, and each would open a port of its own.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    with _server([str(SERVERS / "ministack")], port, folder / "cloud.log", settings):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def fault_proxy(port: int, upstream: int, folder: Path) -> Iterator[str]:
    """microburst, which speaks the protocol of each service, before another port. Gives its address."""
    ports = ["--port", str(port), "--upstream", f"http://127.0.0.1:{upstream}", "--no-resign"]
    with _server([str(SERVERS / "microburst"), *ports], port, folder / "faults.log", {}):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def recorder(port: int, upstream: str, signed_for: str, folder: Path) -> Iterator[Path]:
    """Before `upstream`, a host:port. Gives the file where requests to send a mail are kept, one on each line."""
    kept = folder / "mails.jsonl"
    kept.touch()
    script = str(ROOT / "tests" / "deployed" / "recorder.py")
    command = [sys.executable, script, str(port), upstream, signed_for, str(kept)]
    with _server(command, port, folder / "recorder.log", {}):
        yield kept


@contextmanager
def _server(command: list[str], port: int, log: Path, settings: dict[str, str]) -> Iterator[None]:
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **settings}) as process,
    ):
        try:
            assert eventually(lambda: listens(port) or process.poll() is not None), f"{command[0]} does not start"
            assert process.poll() is None, log.read_text()
            yield
        finally:
            process.terminate()
            # Whatever it would still tidy up, nobody asks for again.
            eventually(lambda: process.poll() is not None, seconds=2)
            process.kill()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def deploy(template: Path, folder: Path) -> None:
    """`sam deploy` of what `make build` has built, as docs/deploying.md says."""
    overrides = ["--parameter-overrides", f"Architecture={ARCHITECTURE}"]
    files = ["--config-file", str(ROOT / "samconfig.toml"), "--template-file", str(template)]
    command = [str(SAM), "deploy", *files, *overrides]
    log = folder / "deploy.log"
    with log.open("wb") as output:
        done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=output, timeout=180, check=False)
    assert done.returncode == 0, log.read_text()[-4000:]
