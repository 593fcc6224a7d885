"""A built function under Lambda's own runtime: the emulator that comes with sam, and awslambdaric; call by call."""

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.adapters.cloud import ROOT
from tests.deployed.emulator import ARCHITECTURE, SAM, eventually, free_port, listens

BUILD = ROOT / ".aws-sam" / "build"
PYTHON = ROOT / ".venv" / "runtime" / "bin" / "python"
CALL = "2015-03-31/functions/function/invocations"


@dataclass(frozen=True)
class Used:
    """CPU time and the most memory that the function's process has taken so far."""

    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Started:
    """`process` is the emulator; the function is its child."""

    port: int
    process: int

    def call(self, event: Mapping[str, Any]) -> Any:
        """What the function answers. Raises HTTPError where it crashes."""
        url, body = f"http://127.0.0.1:{self.port}/{CALL}", json.dumps(event).encode()
        with urllib.request.urlopen(url, body, timeout=60) as answer:
            return json.loads(answer.read())

    def used(self) -> Used:
        """Linux only. The emulator starts the function at its first call, not before."""
        (child,) = (
            word for file in Path(f"/proc/{self.process}/task").glob("*/children") for word in file.read_text().split()
        )
        spent = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[11:13]
        peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{child}/status").read_text())
        assert peak
        return Used(sum(map(int, spent)) / os.sysconf("SC_CLK_TCK"), int(peak[1]) * 1024)


@contextmanager
def started(function: str, variables: Mapping[str, str]) -> Iterator[Started]:
    """The function as built, with the engine's layer and nothing else to import from."""
    port, runtime = free_port(), free_port()
    (emulator,) = SAM.parent.parent.glob(f"lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-{ARCHITECTURE}")
    ports = [
        "--runtime-interface-emulator-address",
        f"127.0.0.1:{port}",
        "--runtime-api-address",
        f"127.0.0.1:{runtime}",
    ]
    command = [str(emulator), "--log-level", "error", *ports, str(PYTHON), "-m", "awslambdaric", "app.handler"]
    environment = {**os.environ, **variables, **_lambda(function)}
    with subprocess.Popen(
        command, cwd=BUILD / function, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            assert eventually(lambda: listens(port)), f"{function} does not start"
            yield Started(port, process.pid)
        finally:
            process.terminate()


def _lambda(function: str) -> dict[str, str]:
    """What Lambda sets by itself."""
    return {
        "LAMBDA_TASK_ROOT": str(BUILD / function),
        "PYTHONPATH": os.pathsep.join((str(BUILD / function), str(BUILD / "EngineLayer" / "python"))),
        "_HANDLER": "app.handler",
        "AWS_LAMBDA_FUNCTION_NAME": function,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_TIMEOUT": "30",
        "AWS_REGION": os.environ["AWS_DEFAULT_REGION"],
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "TZ": ":UTC",
        "LANG": "en_US.UTF-8",
    }
