"""Which of the values on a line is the one that is not known? The sandbox sees values, and not what they are called."""

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import nodes

from perennial.sandbox import TemplateInvalid, tree_of

SAID = "a value that is not known here is printed"
"""How the sandbox begins (`sandbox.presentable`)."""


def named(reason: str, source: str, line: int, names: Mapping[str, Any]) -> str:
    """The reason with the expressions that are to blame, where it is about printing what is not known."""
    if not reason.startswith(SAID):
        return reason
    found = ", ".join(f"`{path}`" for path in dict.fromkeys(_unknown(source, line, names)))
    return reason.replace(SAID, f"{SAID}, {found}") if found else reason


def _unknown(source: str, line: int, names: Mapping[str, Any]) -> Iterator[str]:
    try:
        tree = tree_of(source)
    except TemplateInvalid:
        return
    values = {name: [value] for name, value in names.items()}
    for loop in tree.find_all(nodes.For):
        if isinstance(loop.target, nodes.Name):
            entries = (entry for many in _values(loop.iter, values) if isinstance(many, tuple) for entry in many)
            values[loop.target.name] = list(entries)
    for node in _printed(tree):
        if node.lineno == line and any(value is None for value in _values(node, values)):
            yield _path(node)


def _printed(tree: nodes.Template) -> Iterator[nodes.Node]:
    """What stands by itself between braces, and what fills a place of a translated text."""
    for output in tree.find_all(nodes.Output):
        for child in output.nodes:
            yield from (pair.value for call in _calls(child) for pair in call.kwargs)
            yield child


def _calls(node: nodes.Node) -> Iterator[nodes.Call]:
    if isinstance(node, nodes.Call):
        yield node
    yield from node.find_all(nodes.Call)


def _values(node: nodes.Node, values: Mapping[str, list[Any]]) -> list[Any]:
    """What may stand there, as far as that can be followed: names, their fields, entries and what filters leave."""
    if isinstance(node, nodes.Name):
        return values.get(node.name, [])
    if isinstance(node, nodes.Getattr):
        return [getattr(value, node.attr) for value in _values(node.node, values) if hasattr(value, node.attr)]
    if isinstance(node, nodes.Getitem):
        many = [value for value in _values(node.node, values) if isinstance(value, tuple)]
        return many if isinstance(node.arg, nodes.Slice) else [entry for entries in many for entry in entries]
    if isinstance(node, nodes.Filter) and node.node is not None and node.name in ("where", "having", "outside"):
        return _values(node.node, values)
    return []


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    return f"{_path(node.node)}[…]" if isinstance(node, nodes.Getitem) else "…"
