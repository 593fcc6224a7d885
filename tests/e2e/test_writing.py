"""check, preview and schema: the commands of those who write, with their exit codes."""

import json
import webbrowser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import TEMPLATES, Command
from tests.templates.trees import change, small_tree

TYPES = {"string", "integer", "number", "boolean", "null", "array", "object"}
KINDS = ("journeys", "messages", "stores", "events")


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


# check


def test_check_of_sound_templates_ends_with_0(perennial: Command, templates: Path) -> None:
    assert "All is well in 1 store, 1 journey, 2 messages." in perennial("check").stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "field", "says"),
    [
        ("journeys/care.yaml", "    at: 10:00", "    att: 10:00", 10, "touches[1].att", "did you mean"),
        ("journeys/care.yaml", "message: tips", "message: tip", 11, "touches[1].message", "there is no message 'tip'"),
        ("journeys/care.yaml", "order.delivered + 3 days", "touch.tips.sent", 8, "touches[1]", "waits for itself"),
        ("journeys/care.yaml", "touch: tips", "touch: confirmation", 8, "touches[1]", "two touches are called"),
        ("stores/demo.yaml", "percent: 10", "percent: ten", 17, "offers.accessories-10.percent", "a whole number"),
        ("messages/tips/message.yaml", "class: feedback", "class: feeback", 3, "class", "did you mean 'feedback'?"),
        ("messages/tips/sms.txt", "store.name", "store.nam", 1, None, "Store has no field 'nam'"),
        ("messages/tips/email.txt", "{# blocks #}", "{% set a = 1 %}", 3, None, "`set` is not allowed"),
        ("messages/tips/sms.txt", "store.name", "'a' * 10**9", 1, None, "endless"),
        ("messages/confirmation/email.mjml", "mj-text", "mj-txt", 3, None, "no `mj-txt` here"),
        ("locales/ru/LC_MESSAGES/messages.po", "%(number)s\"\nmsgstr \"Спасибо за заказ %(number)s",
         "%(number)s\"\nmsgstr \"Спасибо за заказ %(n)s", None, None, "which the text does not have"),
    ],
)  # fmt: skip
def test_check_says_in_which_file_line_and_field_something_is_wrong_and_ends_with_1(
    perennial: Command, templates: Path, file: str, old: str, new: str, line: int | None, field: str | None, says: str
) -> None:
    change(templates, file, old, new)
    report = json.loads(perennial("check", "--json", code=1).stdout)
    assert report["ok"] is False
    found = [entry for entry in report["errors"] if says in entry["message"]]
    assert found, report["errors"]
    assert found[0]["file"] == f"templates/{file}"
    assert line is None or found[0]["line"] == line
    assert field is None or found[0]["field"] == field
    place = f"templates/{file}:{found[0]['line']}"
    told = perennial("check", code=1).stdout.replace("\n", "")
    assert f"error {place} " in told


def test_check_of_no_templates_is_a_matter_of_usage(perennial: Command) -> None:
    assert "no such folder" in perennial("check", "--templates", "nowhere", code=2).stderr


# preview


def test_preview_writes_a_page_to_look_at(perennial: Command, templates: Path) -> None:
    told = perennial("preview", "tips", "--locale", "ru").stdout
    page = Path("build/preview/tips-ru.html")
    assert f"Wrote {page.resolve()}" in told
    assert "Пусть служит долго" in told
    assert "Пусть служит долго" in page.read_text(encoding="utf-8")


def test_preview_shows_the_page_in_the_browser_where_asked(
    perennial: Command, templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", shown.append)
    perennial("preview", "tips")
    assert shown == []
    perennial("preview", "tips", "--open")
    assert shown == [Path("build/preview/tips-en.html").resolve().as_uri()]


def test_preview_of_an_unknown_message_is_a_matter_of_usage(perennial: Command, templates: Path) -> None:
    assert "did you mean 'tips'" in perennial("preview", "tip", code=2).stderr


def test_preview_of_an_unsound_message_says_what_to_mend(perennial: Command, templates: Path) -> None:
    change(templates, "messages/tips/email.mjml", "mj-text", "mj-txt")
    assert "messages/tips/email.mjml:1" in perennial("preview", "tips", code=1).stderr


# schema


def schema(perennial: Command, kind: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(perennial("schema", kind).stdout)
    return document


def nodes(node: Any, names: bool = False) -> Iterator[Mapping[str, Any]]:
    """Every schema within a schema; `names`: the keys are names of fields, not words of JSON Schema."""
    if isinstance(node, list):
        for entry in node:
            yield from nodes(entry)
    elif isinstance(node, dict):
        if not names:
            yield node
        for key, inner in node.items():
            if key not in ("default", "enum", "const", "examples", "required", "discriminator") or names:
                yield from nodes(inner, names=not names and key in ("properties", "$defs"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_json_schema_of_a_named_draft(perennial: Command, kind: str) -> None:
    document = schema(perennial, kind)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for node in nodes(document):
        assert node.get("$ref", "#/$defs/").startswith("#/$defs/")
        name = node.get("$ref", "").removeprefix("#/$defs/")
        assert not name or name in document["$defs"], f"{name} is referred to and not defined"
        assert {node.get("type", "object")} <= TYPES
        properties = node.get("properties", {})
        assert set(node.get("required", ())) <= properties.keys()


@pytest.mark.parametrize("kind", ["journeys", "stores"])
def test_what_is_in_templates_uses_only_words_of_its_schema(perennial: Command, kind: str) -> None:
    document = schema(perennial, kind)
    for file in (Path(TEMPLATES) / kind).glob("*.yaml"):
        assert yaml.safe_load(file.read_text(encoding="utf-8")).keys() <= document["properties"].keys()


def test_the_schema_of_events_tells_every_event_a_script_may_send_by_its_type(perennial: Command) -> None:
    document = schema(perennial, "events")
    types = document["discriminator"]["mapping"]
    assert {"OrderPlaced", "ShipmentDelivered", "ConsentWithdrawn", "ErasureRequested"} <= types.keys()
    assert "WakeDue" not in types
    assert {ref["$ref"] for ref in document["oneOf"]} == set(types.values())


def test_a_schema_of_something_else_is_a_matter_of_usage(perennial: Command) -> None:
    assert "did you mean 'journeys'" in perennial("schema", "journey", code=2).stderr
