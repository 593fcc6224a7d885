import json
from dataclasses import replace
from pathlib import Path

import pytest

from perennial import content
from perennial.errors import Misconfigured
from perennial.journeys import version_of
from perennial_cli.authoring import read
from tests.templates.trees import change, small_tree


@pytest.fixture
def written(tmp_path: Path) -> content.Content:
    return read(small_tree(tmp_path))


def test_a_bundle_brings_back_what_was_written(written: content.Content) -> None:
    loaded = content.load(content.dump(written))
    for name in ("stores", "journeys", "versions", "messages", "bodies"):
        assert dict(getattr(loaded, name)) == dict(getattr(written, name)), name
    assert loaded.catalogue("ru").messages == written.catalogue("ru").messages
    assert loaded.catalogue("ru").plural == written.catalogue("ru").plural


def test_equal_content_gives_equal_text(written: content.Content, tmp_path: Path) -> None:
    again = read(small_tree(tmp_path / "again"))
    assert content.dump(again) == content.dump(written)
    assert content.dump(content.load(content.dump(written))) == content.dump(written)
    turned = replace(written, messages={name: written.messages[name] for name in reversed(list(written.messages))})
    assert content.dump(turned) == content.dump(written)


def test_journeys_are_found_by_the_hash_that_pins_them(written: content.Content) -> None:
    loaded = content.load(content.dump(written))
    assert list(loaded.versions) == [version_of(written.journeys["care"])]
    assert loaded.versions[version_of(written.journeys["care"])] is loaded.journeys["care"]


def test_older_versions_can_be_added(written: content.Content) -> None:
    older = written.journeys["care"].model_copy(update={"priority": 1})
    both = content.load(content.dump(written)).with_versions([older])
    assert both.versions[version_of(older)].priority == 1
    assert both.versions[version_of(written.journeys["care"])].priority == 50
    assert both.journeys["care"].priority == 50


def test_nothing_becomes_a_model_before_it_is_asked_for(written: content.Content) -> None:
    document = json.loads(content.dump(written))
    document["journeys"]["care"]["priority"] = "no number"
    loaded = content.load(json.dumps(document))
    assert loaded.stores["demo"].name == "Shop & Sons"
    with pytest.raises(ValueError, match="priority"):
        loaded.journeys["care"]


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense", '{"format": 99}', '{"format": 1}', "null"])
def test_what_is_no_bundle_is_misconfigured(text: str) -> None:
    with pytest.raises(Misconfigured, match="build"):
        content.load(text)


def test_a_bundle_of_another_format_is_refused_even_if_it_looks_right(written: content.Content) -> None:
    document = json.loads(content.dump(written)) | {"format": content.FORMAT + 1}
    with pytest.raises(Misconfigured, match=f"format {content.FORMAT + 1}"):
        content.load(json.dumps(document))


def test_translations_of_a_region_come_from_its_language(written: content.Content) -> None:
    assert written.catalogue("ru-RU").one("Unsubscribe") == "Отписаться"
    assert written.catalogue("de").one("Unsubscribe") == "Unsubscribe"


def test_a_change_of_a_journey_changes_its_version(written: content.Content, tmp_path: Path) -> None:
    templates = small_tree(tmp_path / "other")
    change(templates, "journeys/care.yaml", "+ 3 days", "+ 4 days")
    assert set(read(templates).versions).isdisjoint(written.versions)
