"""What pydantic finds wrong, said to the marketer: file, line, field, and what to do about it."""

import re
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from perennial.errors import ContentInvalid
from perennial_cli.suggestions import did_you_mean
from perennial_cli.yaml_lines import Document, Path, unknown_key

M = TypeVar("M", bound=BaseModel)

_TOUCH = re.compile(r"touch(?:es are called)? '(?P<touch>[^']+)'|in a circle: (?P<anchor>[a-z0-9_.-]+)")
_ADVICE = {
    "string_type": "write text here; numbers as text go in quotes",
    "missing": "it is missing: add it",
    "model_type": "write `key: value` lines below it",
    "dict_type": "write `key: value` lines below it",
    "too_short": "the list is empty: write at least one entry",
    "tuple_type": "write a list: `[one, two]`, or one `- entry` a line",
    "extra_forbidden": "there is no such key",
    "bool_parsing": "write true or false",
    "int_parsing": "write a whole number",
    "int_type": "write a whole number",
    "decimal_parsing": "write a number, as in 12.50",
}


def validated(model: type[M], document: Document) -> M | None:
    """The model of the document's data; None if it has none, with the reasons in `document.problems`."""
    if document.problems:
        return None
    if document.data is None:
        document.problems.append(document.problem("the file is empty"))
        return None
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        details = _causes(error.errors(include_url=False))
        document.problems += [_problem(detail, model, document) for detail in details]
        return None


def _causes(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without the lists that are too short only because an entry of theirs is wrong."""
    places = [detail["loc"] for detail in details]
    return [
        detail
        for detail in details
        if detail["type"] != "too_short"
        or not any(place != detail["loc"] and place[: len(detail["loc"])] == detail["loc"] for place in places)
    ]


def _problem(detail: ErrorDetails, model: type[BaseModel], document: Document) -> ContentInvalid:
    path = _real_path(detail["loc"], document.data)
    message = _ADVICE.get(detail["type"]) or detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        message = unknown_key(str(path[-1]), _keys(model, path[:-1]))
    if detail["type"] == "literal_error":
        message += did_you_mean(str(detail["input"]), re.findall(r"'([^']+)'", detail["msg"]))
    if detail["type"] == "string_pattern_mismatch":
        message = f"{_shown(detail['input'])} does not look right: {_pattern(detail)}"
    if detail["type"] == "value_error":
        path = _blamed(message, path, document.data)
    return document.problem(message, path)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _pattern(detail: ErrorDetails) -> str:
    pattern = str(detail.get("ctx", {}).get("pattern", ""))
    if pattern.startswith("^[a-z0-9]+(-"):
        return "names are small letters, digits and single hyphens, as in `care-tips`"
    return f"it must match {pattern}"


def _real_path(location: tuple[str | int, ...], data: Any) -> Path:
    """pydantic's location without what is not in the file, as the tags of unions; a missing last key stays."""
    path: list[str | int] = []
    for index, part in enumerate(location):
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            if index < len(location) - 1:
                continue
        path.append(part)
    return tuple(path)


def _keys(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that are known at that place of the document."""
    current: Any = model
    for part in path:
        if isinstance(part, int):
            continue
        found = next((f for n, f in current.model_fields.items() if part in (n, f.alias)), None)
        inner = _model_in(found.annotation) if found is not None else None
        current = inner or current
    return [field.alias or name for name, field in current.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model within `tuple[Model, ...]`, `Model | None`, `dict[str, Model]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)


def _blamed(message: str, path: Path, data: Any) -> Path:
    """The touch or anchor that a journey's own check names: the last of that name, where there are several."""
    match = _TOUCH.search(message)
    if match is None or not isinstance(data, dict) or path:
        return path
    if match["anchor"]:
        return ("anchors", match["anchor"])
    touches = data.get("touches")
    names = [touch.get("touch") if isinstance(touch, dict) else None for touch in touches or []]
    if match["touch"] not in names:
        return path
    return ("touches", len(names) - 1 - names[::-1].index(match["touch"]))
