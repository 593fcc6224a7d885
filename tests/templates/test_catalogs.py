from pathlib import Path

import pytest

from perennial_cli.authoring import survey
from perennial_cli.catalogs import po_file, read_translations, texts_of, update
from tests.templates.trees import RUSSIAN, change, small_tree


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


def collect(templates: Path, *locales: str) -> dict[str, int]:
    found = survey(templates)
    return update(templates, texts_of(found.folders.values(), found.layout), locales)


def test_every_text_of_bodies_texts_and_yaml_is_found(templates: Path) -> None:
    found = survey(templates)
    assert {str(text) for text in texts_of(found.folders.values(), found.layout)} == set(RUSSIAN)


def test_texts_carry_the_file_they_stand_in(templates: Path) -> None:
    found = survey(templates)
    places = {str(text): source.file for text, source in texts_of(found.folders.values(), found.layout).items()}
    assert places["Unsubscribe"] == "templates/messages/_layout/email.mjml"
    assert places["three habits:"] == "templates/messages/tips/sms.txt"
    assert places["Thank you for order %(number)s"] == "templates/messages/confirmation/message.yaml"


def test_updating_keeps_translations_and_counts_what_is_missing(templates: Path) -> None:
    change(templates, "messages/tips/sms.txt", "three habits:", "brand new words")
    assert collect(templates, "ru") == {"ru": 1}
    assert read_translations(templates)["ru"].catalogue.one("Unsubscribe") == "Отписаться"
    assert "brand new words" in (templates / "locales/messages.pot").read_text(encoding="utf-8")


def test_a_new_language_begins_with_every_text_missing(templates: Path) -> None:
    assert collect(templates, "de") == {"de": len(RUSSIAN)}
    assert po_file(templates, "de").exists()


def test_updating_twice_changes_nothing(templates: Path) -> None:
    collect(templates, "ru", "de")
    first = {path: path.read_bytes() for path in (templates / "locales").rglob("*.po*")}
    collect(templates, "ru", "de")
    assert {path: path.read_bytes() for path in (templates / "locales").rglob("*.po*")} == first


def test_a_guess_is_no_translation(templates: Path) -> None:
    change(templates, "locales/ru/LC_MESSAGES/messages.po", '\nmsgid "Unsubscribe"', '\n#, fuzzy\nmsgid "Unsubscribe"')
    assert read_translations(templates)["ru"].catalogue.one("Unsubscribe") == "Unsubscribe"


def test_plural_forms_travel_whole(templates: Path) -> None:
    plural = "{% trans count=items|length %}one thing{% pluralize %}{{ count }} things{% endtrans %}"
    change(templates, "messages/tips/sms.txt", "{{ links.support }}", plural + " {{ links.support }}")
    collect(templates, "ru")
    change(templates, "locales/ru/LC_MESSAGES/messages.po", 'msgstr[0] ""\nmsgstr[1] ""\nmsgstr[2] ""',
           'msgstr[0] "%(count)s вещь"\nmsgstr[1] "%(count)s вещи"\nmsgstr[2] "%(count)s вещей"')  # fmt: skip
    catalogue = read_translations(templates)["ru"].catalogue
    assert [catalogue.many("one thing", "%(count)s things", n) % {"count": n} for n in (1, 3, 5, 21)] == [
        "1 вещь", "3 вещи", "5 вещей", "21 вещь",
    ]  # fmt: skip
    assert survey(templates).problems == []
