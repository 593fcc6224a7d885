"""Runs the functions of template.yaml as Lambda would: their own code, their own variables, their own log."""

import importlib.util
import io
import itertools
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from aws_lambda_powertools import Logger

from perennial.errors import Misconfigured
from perennial_cli.cloud_resources import Resources
from perennial_cli.lambda_events import Context


@dataclass(frozen=True)
class Function:
    """One function of the template: its handler's module, and the variables that the template gives it."""

    name: str
    module: ModuleType
    variables: Mapping[str, str]
    routes: tuple[tuple[str, str], ...]
    queues: tuple[str, ...]


@dataclass
class Host:
    """`overrides` replace variables that point into the machine of a Lambda, such as the path of the content bundle."""

    resources: Resources
    root: Path
    overrides: Mapping[str, str]
    log: "Log" = field(default_factory=lambda: Log())
    _requests: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        entries = self.resources.of_type("AWS::Serverless::Function")
        self.functions = {name: self._function(name, entry["Properties"]) for name, entry in entries.items()}

    def invoke(self, function: Function, event: Mapping[str, Any]) -> Any:
        """What the handler returns for that event."""
        context = Context(function.name, f"{function.name}-{next(self._requests)}")
        # As over the wire: what is no JSON would not reach a Lambda, nor leave it.
        with self.inside(function), redirect_stdout(self.log):
            return json.loads(json.dumps(function.module.handler(json.loads(json.dumps(event)), context)))

    def for_queue(self, arn: str) -> Function:
        for function in self.functions.values():
            if arn in function.queues:
                return function
        raise Misconfigured(f"template.yaml: no function reads the queue {arn}")

    @contextmanager
    def inside(self, function: Function) -> Iterator[None]:
        """The environment of one function and no other."""
        before = {name: value for name, value in os.environ.items() if name.startswith("PERENNIAL_")}
        for name in before:
            del os.environ[name]
        os.environ.update(function.variables)
        try:
            yield
        finally:
            for name in function.variables:
                os.environ.pop(name, None)
            os.environ.update(before)

    def _function(self, name: str, properties: Mapping[str, Any]) -> Function:
        resolve = self.resources.resolver.resolve
        shared = self.resources.template.get("Globals", {}).get("Function", {})
        variables: dict[str, str] = {}
        for source in (shared, properties):
            variables |= resolve(source.get("Environment", {}).get("Variables", {}))
        events = [resolve(event) for event in properties.get("Events", {}).values()]
        handler = properties.get("Handler", shared.get("Handler"))
        return Function(
            name=name,
            module=self._load(name, self.root / properties["CodeUri"], handler),
            variables={key: str(value) for key, value in {**variables, **self.overrides}.items() if key in variables},
            routes=tuple(
                (event["Properties"]["Method"].upper(), event["Properties"]["Path"])
                for event in events
                if event["Type"] == "HttpApi"
            ),
            queues=tuple(event["Properties"]["Queue"] for event in events if event["Type"] == "SQS"),
        )

    def _load(self, name: str, folder: Path, handler: str) -> ModuleType:
        """A fresh module, so that nothing of an earlier cloud is left in it."""
        file = folder / f"{handler.partition('.')[0]}.py"
        spec = importlib.util.spec_from_file_location(f"perennial_function_{name}", file)
        if spec is None or spec.loader is None or not file.exists():
            raise Misconfigured(f"template.yaml: the code of {name} is not in {file}")
        module = importlib.util.module_from_spec(spec)
        with redirect_stdout(self.log):
            spec.loader.exec_module(module)
        for logger in [value for value in vars(module).values() if isinstance(value, Logger)]:
            # A process has one logger of a name, and it keeps the output of the first cloud that made it.
            for output in logger.handlers:
                if isinstance(output, logging.StreamHandler):
                    output.setStream(self.log)
        return module


class Log(io.TextIOBase):
    """What the functions wrote, line by line: the log groups of the embedded cloud."""

    def __init__(self) -> None:
        self._written = io.StringIO()

    def write(self, text: str) -> int:
        return self._written.write(text)

    def writable(self) -> bool:
        return True

    @property
    def lines(self) -> list[str]:
        return self._written.getvalue().splitlines()

    def entries(self, message: str) -> Iterator[dict[str, Any]]:
        """The structured lines with that message."""
        for line in self.lines:
            if line.startswith("{"):
                entry = json.loads(line)
                if entry.get("message") == message:
                    yield entry
