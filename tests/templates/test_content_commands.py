import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from perennial.content import load
from perennial_cli.content_commands import register
from tests.templates.trees import change, small_tree

runner = CliRunner()
app = typer.Typer()
register(app)


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


def run(*arguments: str | Path) -> tuple[int, str]:
    result = runner.invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_check_is_content_with_sound_templates(templates: Path) -> None:
    code, output = run("check", "--templates", templates)
    assert code == 0
    assert "All is well in 1 store, 1 journey, 2 messages." in output


def test_check_ends_with_1_and_says_where(templates: Path) -> None:
    change(templates, "journeys/care.yaml", "order.late", "order.lat")
    code, output = run("check", "--templates", templates)
    assert code == 1
    assert "templates/journeys/care.yaml:12 touches[1].unless: Order has no field 'lat'" in output
    assert "1 to mend" in output


def test_check_prints_no_table_without_rows(templates: Path) -> None:
    change(templates, "messages/tips/message.yaml", "[email, text, push]", "[push]")
    change(templates, "messages/confirmation/message.yaml", "class: transactional", "class: odd")
    code, output = run("check", "--templates", templates)
    assert (code, "With the longest names" in output) == (1, False)


def test_check_says_that_more_may_follow_where_something_could_not_be_tried(templates: Path) -> None:
    change(templates, "messages/tips/sms.txt", "store.name", "customer.name")
    change(templates, "journeys/care.yaml", "after: order.placed", "aftr: order.placed")
    _, output = run("check", "--templates", templates)
    assert "Mend these first, more may follow: care.yaml, tips cannot be tried out yet." in output
    code, output = run("check", "--json", "--templates", templates)
    assert json.loads(output)["untried"] == ["care.yaml", "tips"]


def test_check_says_nothing_of_more_where_all_was_tried(templates: Path) -> None:
    change(templates, "messages/tips/message.yaml", "segments: 2", "segments: 1")
    _, output = run("check", "--templates", templates)
    assert "1 to mend" in output
    assert "more may follow" not in output


def test_check_speaks_json_to_scripts(templates: Path) -> None:
    change(templates, "journeys/care.yaml", "order.late", "order.lat")
    code, output = run("check", "--json", "--templates", templates)
    report = json.loads(output)
    assert (code, report["ok"], report["messages"]) == (1, False, 2)
    assert report["errors"][0] == {
        "level": "error",
        "file": "templates/journeys/care.yaml",
        "line": 12,
        "field": "touches[1].unless",
        "message": "Order has no field 'lat' (did you mean 'late'?)",
    }
    assert report["figures"]["tips"]["ru"]["text_parts"] == 2


def test_a_folder_that_is_not_there_is_a_matter_of_usage(tmp_path: Path) -> None:
    code, output = run("check", "--templates", tmp_path / "nowhere")
    assert code == 2
    assert "no such folder" in output


def test_preview_writes_a_page_with_phone_and_desktop_in_light_and_dark(templates: Path, tmp_path: Path) -> None:
    code, output = run("preview", "tips", "--locale", "ru", "--to", tmp_path / "out", "--templates", templates)
    page = (tmp_path / "out" / "tips-ru.html").read_text(encoding="utf-8")
    assert code == 0
    assert "2 x UCS-2" in output
    for label in ("Phone, 360 px, light", "Phone, 360 px, dark", "Desktop, 700 px, light", "Desktop, 700 px, dark"):
        assert label in page
    assert "2 parts" in page
    assert "Пусть служит долго" in page
    assert 'sandbox=""' in page
    assert "<script" not in page


@pytest.mark.parametrize("arguments", [("tip",), ("tips", "--locale", "fr"), ("tips", "--store", "other")])
def test_preview_of_what_is_not_there_is_a_matter_of_usage(
    templates: Path, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    code, output = run("preview", *arguments, "--to", tmp_path, "--templates", templates)
    assert code == 2
    assert "did you mean 'tips'" in output or "there are demo/en, demo/ru" in output


def test_preview_of_an_unsound_message_says_what_to_mend(templates: Path, tmp_path: Path) -> None:
    change(templates, "messages/tips/sms.txt", "store.name", "store.nam")
    code, output = run("preview", "tips", "--to", tmp_path, "--templates", templates)
    assert code == 1
    assert "did you mean 'name'?" in output


def test_translate_brings_catalogues_up_to_date(templates: Path) -> None:
    change(templates, "messages/tips/sms.txt", "three habits:", "brand new words")
    code, output = run("translate", "--templates", templates)
    assert (code, output.strip()) == (0, "locales/ru: 1 still to translate")


def test_translate_refuses_templates_it_cannot_read(templates: Path) -> None:
    change(templates, "messages/tips/sms.txt", "{{ store", "{{ store store")
    assert run("translate", "--templates", templates)[0] == 1


@pytest.mark.parametrize("kind", ["journeys", "messages", "stores", "events"])
def test_schemas_are_json(kind: str) -> None:
    code, output = run("schema", kind)
    assert code == 0
    assert "$defs" in json.loads(output)


def test_a_schema_that_is_not_there_is_a_matter_of_usage() -> None:
    code, output = run("schema", "evnts")
    assert code == 2
    assert "did you mean 'events'?" in output


def test_build_content_writes_what_the_functions_load(templates: Path, tmp_path: Path) -> None:
    code, _ = run("build-content", tmp_path / "out" / "content.json", "--templates", templates)
    assert code == 0
    assert set(load((tmp_path / "out" / "content.json").read_bytes()).messages) == {"confirmation", "tips"}


def test_build_content_writes_nothing_unsound(templates: Path, tmp_path: Path) -> None:
    change(templates, "journeys/care.yaml", "message: tips", "message: tip")
    code, output = run("build-content", tmp_path / "content.json", "--templates", templates)
    assert code == 1
    assert "did you mean 'tips'?" in output
    assert not (tmp_path / "content.json").exists()
