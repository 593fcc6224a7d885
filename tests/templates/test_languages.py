from dataclasses import replace
from pathlib import Path

import pytest

from perennial_cli.authoring import survey
from perennial_cli.bundle_root import REPOSITORY, bundle_root
from perennial_cli.catalogs import po_file
from perennial_cli.checking import check
from perennial_cli.page_samples import scenes
from perennial_cli.previewing import preview
from perennial_cli.samples import facts_of
from perennial_cli.yaml_lines import Document
from tests.templates.trees import change, small_tree

TEMPLATES = Path(__file__).parents[2] / "templates"
MAIL = "messages/confirmation/email.mjml"
MIRRORED = '<mj-attributes><mj-section direction="{{ dir }}" /><mj-column direction="{{ dir }}" /></mj-attributes>'


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


def errors(templates: Path) -> list[str]:
    return [problem.render() for problem in check(templates).errors]


def bare(templates: Path) -> list[str]:
    return [error.partition(", so nobody")[0] for error in errors(templates) if "not in `_()`" in error]


@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        (MAIL, '{{ _("See your order") }}', "Press me", ":4"),
        (MAIL, '{{ _("Thank you!") }}', '{{ _("Thank you!") }} <b\ntitle="a > b">hi</b>', ":4"),
        ("messages/tips/email.txt", "{# blocks #}", "{# blocks #}\nHello", ":4"),
        ("messages/tips/sms.txt", '{{ _("three habits:") }}', "three habits", ":1"),
        ("messages/tips/blocks/general.txt", '{{ _("Read the manual.") }}', "Read it", ":1"),
        ("messages/tips/message.yaml", "{{ _('Make it last') }}\"\npre", 'Care"\npre', ":5: subject"),
        ("messages/tips/message.yaml", "{{ _('Three habits.') }}\"}", 'Two"}', ":7: push.body"),
    ],
)
def test_words_that_no_translator_sees_are_errors_where_they_stand(
    templates: Path, file: str, old: str, new: str, line: str
) -> None:
    change(templates, file, old, new)
    assert [error.partition(": these")[0] for error in bare(templates)] == [f"templates/{file}{line}"]


def test_links_entities_comments_and_signs_are_no_words(templates: Path) -> None:
    harmless = '{{ _("Thank you!") }} &nbsp;× 2 https://shop.example <!-- a note --> <b class="x">{# note #}</b>'
    change(templates, MAIL, '{{ _("Thank you!") }}', harmless)
    assert bare(templates) == []


def test_a_shop_of_one_language_writes_as_it_likes(templates: Path) -> None:
    change(templates, MAIL, '{{ _("See your order") }}', "Press me")
    change(templates, "stores/demo.yaml", "locales: [en, ru]", "locales: [en, en-GB]")
    assert bare(templates) == []


def test_tables_that_run_against_the_language_are_an_error_until_the_layout_turns_them(templates: Path) -> None:
    change(templates, "stores/demo.yaml", "locales: [en, ru]", "locales: [en, ar]")
    assert any("left to right" in error for error in errors(templates))
    change(templates, "messages/_layout/email.mjml", "</mj-head>", f"{MIRRORED}</mj-head>")
    assert not any("left to right" in error for error in errors(templates))


def test_a_preview_says_how_much_of_it_is_not_translated(templates: Path) -> None:
    catalogue = po_file(templates, "ru")
    catalogue.write_text(catalogue.read_text().replace("Открыть заказ", ""))
    shown = preview(templates, "confirmation", locale="ru")
    assert shown.lacking is not None
    assert shown.lacking.startswith("1 of 5 texts of this message are not translated")
    assert shown.lacking in shown.page
    assert preview(templates, "confirmation", locale="en").lacking is None


def test_no_goods_are_on_their_way_twice() -> None:
    found = survey(TEMPLATES)
    sample = facts_of(Document("sample.json", {}), found.layout.sample)
    shown = dict(scenes("order", replace(sample, parcel=None, parcels=())))["on its way"].order
    assert shown is not None
    assert len(shown.parcels) == 2
    assert [item for parcel in shown.parcels for item in parcel.items] == list(sample.items)


def test_templates_elsewhere_are_run_with_the_stack_of_this_repository(tmp_path: Path) -> None:
    assert bundle_root(tmp_path / "templates") == REPOSITORY
    assert (REPOSITORY / "template.yaml").is_file()
    (tmp_path / "template.yaml").write_text("Resources: {}")
    assert bundle_root(tmp_path / "templates") == tmp_path
