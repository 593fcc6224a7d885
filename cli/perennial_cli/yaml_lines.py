"""YAML as marketers expect it, with the line of every value.

Plain YAML 1.1 reads `on:` as true, `10:00` as 600 and `NO` as false. Here only `true`, `false`, `null` and numbers are
anything but text. Duplicate keys and aliases are errors: both hide what a file says.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from perennial.errors import ContentInvalid
from perennial_cli.suggestions import did_you_mean

Path = tuple[str | int, ...]

DEEPEST = 20

_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?[0-9]+\.[0-9]+")


@dataclass
class Document:
    """`data` as plain lists, dictionaries and values; `lines` by the path that leads to each of them."""

    file: str
    data: Any
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[ContentInvalid] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The line of the value at that path, or of the nearest that holds it."""
        return next((self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines), 1)

    def problem(self, message: str, path: Path = ()) -> ContentInvalid:
        return ContentInvalid(message, file=self.file, line=self.line(path), field=dotted(path) or None)


def dotted(path: Path) -> str:
    """`touches[2].after`, as one says it."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def load(text: str, file: str) -> Document:
    """The document; what is wrong with it as YAML is in its `problems`, and `data` is then None or incomplete."""
    document = Document(file, None)
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            document.problems.append(document.problem("aliases (`*name`) are not allowed: write the value out"))
            return document
        node = yaml.compose(text, yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        document.problems.append(_unreadable(error, file))
        return document
    if node is not None:
        document.data = _value(node, (), document)
    return document


def _unreadable(error: Exception, file: str) -> ContentInvalid:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or "it is nested too deeply"
    line = None if mark is None else mark.line + 1
    return ContentInvalid(f"this is not YAML: {reason}; mind the indentation and quotes", file=file, line=line)


def _value(node: yaml.Node, path: Path, document: Document) -> Any:
    document.lines.setdefault(path, node.start_mark.line + 1)
    if len(path) > DEEPEST:
        document.problems.append(document.problem("this is nested too deeply", path))
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, document)
    if isinstance(node, yaml.SequenceNode):
        return [_value(entry, (*path, index), document) for index, entry in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: Path, document: Document) -> Mapping[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        place = (*path, key)
        if key in result:
            first = document.lines[place]
            document.lines[place] = key_node.start_mark.line + 1
            document.problems.append(document.problem(f"{key!r} stands here twice, first in line {first}", place))
            continue
        document.lines[place] = key_node.start_mark.line + 1
        result[key] = _value(value_node, place, document)
    return result


def _scalar(node: yaml.Node) -> Any:
    """Quoted text stays text; unquoted is null, a truth value or a number if it looks just like one."""
    text = str(node.value)
    if getattr(node, "style", None) is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


def unknown_key(key: str, known: list[str]) -> str:
    return f"there is no such key{did_you_mean(key, known)}; known here: {', '.join(known)}"
