"""Compiles what dataclasses of the layer write of themselves: run by the layer's Makefile and by the benchmarks.

It runs under Lambda's Python and imports nothing of the engine, whose wheels may be for another machine: each class is
made anew from its source, with the same fields and the same flags, which is all that its methods depend on.
"""

import ast
import dataclasses
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

PACKAGES = ("perennial", "pydantic", "annotated_types")
"""Those with dataclasses that every cold start makes."""

Known = dict[str, type]
"""Dataclasses by name, for those that inherit from them."""


def precompile(site: Path) -> None:
    """Writes the code of every dataclass of these packages beside the engine's modules."""
    texts: dict[str, Any] = {}

    def note(text: str, *names: Any) -> None:
        texts[text] = compile(text, "<dataclass>", "exec")
        exec(texts[text], *names)  # noqa: S102  as dataclasses does itself

    vars(dataclasses)["exec"] = note
    for package in PACKAGES:
        known: Known = {}
        for node, call in _classes(site / package):
            with suppress(TypeError, ValueError):  # what cannot be told from the source alone is compiled at the start
                known[node.name] = _made(node, _flags(call), known)
    _runtime(site / "perennial").write(site / "perennial" / "precompiled.bin", texts)


def _classes(package: Path) -> Iterator[tuple[ast.ClassDef, ast.Call]]:
    """Each dataclass with the call of its decorator."""
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            for decorator in node.decorator_list if isinstance(node, ast.ClassDef) else ():
                call = decorator if isinstance(decorator, ast.Call) else ast.Call(decorator, [], [])
                if isinstance(node, ast.ClassDef) and _called(call) == "dataclass":
                    yield node, call


def _called(value: ast.expr) -> str:
    """The last name of what is called, as in `dataclasses.field(…)`."""
    return ast.unparse(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""


def _flags(call: ast.Call) -> Mapping[str, Any]:
    """`**SLOTS`, which some write for the sake of old Pythons, is `slots=True`."""
    given = {entry.arg: entry.value for entry in call.keywords}
    flags = {str(name): ast.literal_eval(told) for name, told in given.items() if name is not None}
    return {**flags, "slots": True} if None in given else flags


def _made(node: ast.ClassDef, flags: Mapping[str, Any], known: Known) -> type:
    body: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for entry in node.body:
        if isinstance(entry, ast.AnnAssign) and isinstance(entry.target, ast.Name):
            body["__annotations__"][entry.target.id] = ast.unparse(entry.annotation)
            if entry.value is not None:
                body[entry.target.id] = _default(entry.value)
        elif isinstance(entry, ast.FunctionDef) and entry.name.startswith("__"):
            body[entry.name] = lambda self: self
    bases = tuple(known[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in known)
    made: type = dataclasses.dataclass(**flags)(type(node.name, bases, body))
    return made


def _default(value: ast.expr) -> Any:
    """A field as it was asked for, with something else as its default: only whether there is one matters."""
    if not isinstance(value, ast.Call) or _called(value) != "field":
        return None
    given = {str(entry.arg): entry.value for entry in value.keywords}
    stand_ins: dict[str, Any] = {"default": None, "default_factory": list}
    flags: dict[str, Any] = {name: stand_ins[name] for name in given if name in stand_ins}
    flags |= {name: ast.literal_eval(told) for name, told in given.items() if name not in stand_ins}
    return dataclasses.field(**flags)


def _runtime(package: Path) -> Any:
    """The engine's own reader of what is written here."""
    spec = importlib.util.spec_from_file_location("precompiled", package / "precompiled.py")
    assert spec is not None  # noqa: S101  a file's path always has one
    assert spec.loader is not None  # noqa: S101  likewise
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    precompile(Path(sys.argv[1]))
