from decimal import Decimal
from pathlib import Path

import pytest

from perennial.errors import ContentInvalid
from perennial_cli import yaml_lines
from perennial_cli.authoring import ContentProblems, read, survey
from tests.templates.trees import change, small_tree


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


def problems(templates: Path) -> list[str]:
    return [problem.render() for problem in survey(templates).problems]


def line_of(templates: Path, file: str, passage: str) -> int:
    lines = (templates / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if passage in line)


def test_sound_templates_have_no_problems(templates: Path) -> None:
    assert problems(templates) == []
    assert set(read(templates).messages) == {"confirmation", "tips"}


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        # a journey with a misspelt field, at each depth
        ("journeys/care.yaml", "about:", "abuot:", "abuot: there is no such key (did you mean 'about'?)"),
        ("journeys/care.yaml", "    at: 10:00", "    att: 10:00", "touches[1].att: there is no such key (did you mean"),
        ("journeys/care.yaml", "{on: order", "{onn: order", "enrol.onn: there is no such key (did you mean 'on'?)"),
        ("journeys/care.yaml", "on: order.placed,", "on: order.place,", "(did you mean 'order.placed'?)"),
        ("journeys/care.yaml", "+ 3 days", "+ 3 dais", "not a span of time"),
        ("journeys/care.yaml", "after: order.delivered", "after: order.deliverd", "unknown anchor 'order.deliverd'"),
        ("journeys/care.yaml", "about: From", "priority: high\nabout: From", "priority: write a whole number"),
        # unknown names
        ("journeys/care.yaml", "message: tips", "message: tip", "no message 'tip' in messages/ (did you mean 'tips'?)"),
        ("journeys/care.yaml", "message: tips", "message: tips\n    offer: acc-10", "has no offer 'acc-10'"),
        ("journeys/care.yaml", "enrol:", "goods: [ketle]\nenrol:", "makes anything 'ketle' (did you mean 'kettle'?)"),
        # conditions
        ("journeys/care.yaml", "order.late", "order.lat", "unless: Order has no field 'lat' (did you mean 'late'?)"),
        ("journeys/care.yaml", "order.late", "ordr.late", "no name 'ordr' (did you mean 'order'?)"),
        ("journeys/care.yaml", "order.late", "order.number * 10**9", "multiplication is not allowed"),
        ("journeys/care.yaml", "order.late", "order.late and", "unless: "),
        # a cycle, two of one name
        ("journeys/care.yaml", "touch: tips", "touch: confirmation", "two touches are called 'confirmation'"),
        ("journeys/care.yaml", "order.delivered + 3 days", "touch.tips.sent", "'tips' waits for itself"),
        ("journeys/care.yaml", "about:", "journey: care\nabout:", "'journey' stands here twice, first in line 1"),
        # YAML
        ("journeys/care.yaml", "about: From", "about: [From", "this is not YAML"),
        ("journeys/care.yaml", "about: From", "about: &a From", None),  # an anchor that nothing uses
        ("journeys/care.yaml", "unless: order.late", "unless: *a", "aliases"),
        # stores
        ("stores/demo.yaml", "Europe/Berlin", "Europe/Berln", "'Europe/Berln' is not a time zone: write an IANA name"),
        ("stores/demo.yaml", "Europe/Berlin", "europe/berlin", "time_zone: write Europe/Berlin"),
        ("stores/demo.yaml", "country: DE", "country: Germany", "it must match"),
        ("stores/demo.yaml", "url: https://shop", "url: http://shop", "url: this is not an https address"),
        ("stores/demo.yaml", "store: demo", "store: Demo Store", "names are small letters"),
        ("stores/demo.yaml", "store: demo", "store: other", "the file is called demo.yaml"),
        ("stores/demo.yaml", "locale: en\n", "locale: de\n", "not one of its locales"),
        ("stores/demo.yaml", "percent: 10", "percent: ten", "offers.accessories-10.percent: write a whole number"),
        # messages
        ("messages/tips/message.yaml", "class: feedback", "class: feeback", "(did you mean 'feedback'?)"),
        ("messages/tips/message.yaml", "message: tips", "message: tip", "the folder is called 'tips'"),
        ("messages/tips/message.yaml", "preheader:", "about2:", "there is no such key (did you mean 'about'?)"),
        ("messages/tips/message.yaml", "class: feedback", "class: feedback\npromotional: true", "what sells is"),
        ("messages/tips/message.yaml", "Make it last')", "x') ~ items[0].titel", "subject: Item has no field 'titel'"),
        ("messages/tips/message.yaml", "Make it last", "Make {{ order.number }} last", "Jinja within a text"),
        # templates with an unknown name, a forbidden construct, an endless string
        ("messages/tips/sms.txt", "store.name", "store.nam", "Store has no field 'nam' (did you mean 'name'?)"),
        ("messages/tips/sms.txt", "store.name", "stor.name", "no name 'stor' (did you mean 'store'?)"),
        ("messages/tips/sms.txt", "store.name", "subject", "no name 'subject'"),
        ("messages/tips/sms.txt", "store.name", "'a' * 10**9", "endless"),
        ("messages/tips/sms.txt", "store.name", "'a'.ljust(10)", "can be called"),
        ("messages/tips/sms.txt", "store.name", "store.name|centre(9)", "no filter 'centre'"),
        ("messages/tips/email.txt", "{# blocks #}", "{% set a = 1 %}", "`set` is not allowed"),
        ("messages/tips/email.txt", "{# blocks #}", "", "no `{# blocks #}`"),
        ("messages/tips/email.mjml", "<!-- blocks -->", "", "no `<!-- blocks -->`"),
        ("messages/tips/blocks/kettle.mjml", "item.title", "item.titel", "(did you mean 'title'?)"),
        ("messages/tips/blocks/kettle.txt", "category)", "categry)", "(did you mean 'category'?)"),
        ("messages/tips/blocks/general.txt", "others", "category", "no name 'category'"),
        ("messages/confirmation/email.mjml", "order.total|money", "order.total", "print an amount with `|money`"),
        ("messages/confirmation/email.mjml", "mj-text", "mj-txt", "no `mj-txt` here (did you mean 'mj-text'?)"),
        ("messages/confirmation/email.mjml", "</mj-column>", "", "is never closed"),
        ("messages/confirmation/email.mjml", "href=", "hrf=", "no attribute `hrf` (did you mean 'href'?)"),
        ("messages/_layout/email.mjml", "<!-- message -->", "", "where the message goes"),
        ("messages/_layout/email.txt", "store.support_email", "store.suport_email", "(did you mean 'support_email'?)"),
        # translations
        ("locales/ru/LC_MESSAGES/messages.po", "заказ %(number)s", "заказ %(nummer)s", "which the text does not have"),
        ("locales/ru/LC_MESSAGES/messages.po", "заказ %(number)s", "заказ %s", "stands for a placeholder"),
        ("locales/ru/LC_MESSAGES/messages.po", "Открыть заказ", "<b>Открыть</b> заказ", "other HTML tags"),
        ("locales/ru/LC_MESSAGES/messages.po", 'msgstr "Открыть', 'msgtsr "Открыть', "no catalogue"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_stands(
    templates: Path, file: str, old: str, new: str, says: str | None
) -> None:
    change(templates, file, old, new)
    found = problems(templates)
    if says is None:
        assert found == []
        return
    assert any(text.startswith(f"templates/{file}") and says in text for text in found), found
    with pytest.raises(ContentProblems, match="templates/"):
        read(templates)


@pytest.mark.parametrize(
    ("file", "old", "new", "marker"),
    [
        ("journeys/care.yaml", "order.late", "order.lat", "unless:"),
        ("journeys/care.yaml", "touch: tips", "touch: confirmation", "  - touch: confirmation\n    after: order.d"),
        ("journeys/care.yaml", "message: tips", "message: tip", "message: tip"),
        ("messages/tips/message.yaml", "Make it last')", "x') ~ y", "subject:"),
        ("messages/tips/blocks/kettle.mjml", "item.title", "item.titel", "item.titel"),
        ("messages/confirmation/email.mjml", "href=", "hrf=", "hrf="),
        ("locales/ru/LC_MESSAGES/messages.po", "заказ %(number)s", "заказ %s", "msgid \"Thank you for order"),
    ],
)  # fmt: skip
def test_the_line_is_the_marketers_own(templates: Path, file: str, old: str, new: str, marker: str) -> None:
    change(templates, file, old, new)
    text = (templates / file).read_text(encoding="utf-8")
    expected = text[: text.index(marker)].count("\n") + 1
    assert expected in [problem.line for problem in survey(templates).problems if problem.file == f"templates/{file}"]


def test_a_list_is_not_called_too_short_for_what_is_wrong_in_it(templates: Path) -> None:
    one = (
        "journey: care\nabout: x\nenrol: {on: order.placed}\ntouches: [{touch: a, aftr: order.placed, message: tips}]\n"
    )
    (templates / "journeys/care.yaml").write_text(one)
    assert {problem.field for problem in survey(templates).problems} == {"touches[0].after", "touches[0].aftr"}


def test_a_list_that_is_empty_is_told_so(templates: Path) -> None:
    (templates / "journeys/care.yaml").write_text("journey: care\nabout: x\nenrol: {on: order.placed}\ntouches: []\n")
    (problem,) = survey(templates).problems
    assert problem.render().endswith("care.yaml:4: touches: the list is empty: write at least one entry")


def test_all_problems_are_found_at_once(templates: Path) -> None:
    change(templates, "journeys/care.yaml", "order.late", "order.lat")
    change(templates, "journeys/care.yaml", "message: tips", "message: tip")
    change(templates, "messages/tips/sms.txt", "store.name", "store.nam")
    change(templates, "stores/demo.yaml", "Europe/Berlin", "Nowhere")
    with pytest.raises(ContentProblems) as caught:
        read(templates)
    assert len(caught.value.problems) == 4
    assert len(str(caught.value).splitlines()) == 4


def test_missing_and_unknown_files_are_said(templates: Path) -> None:
    (templates / "messages/tips/email.txt").rename(templates / "messages/tips/email.text")
    (templates / "messages/confirmation/sample.json").unlink()
    (templates / "messages/tips/blocks/general.mjml").unlink()
    found = "\n".join(problems(templates))
    assert "email.text: nobody reads a file of this name (did you mean 'email.txt'?)" in found
    assert "the channel 'email' needs a file email.txt" in found
    assert "confirmation/sample.json: the file is missing" in found
    assert "blocks need blocks/general.mjml" in found


def test_two_journeys_of_one_name_are_said(templates: Path) -> None:
    text = (templates / "journeys/care.yaml").read_text(encoding="utf-8")
    (templates / "journeys/second.yaml").write_text(text, encoding="utf-8")
    assert "there is a journey 'care' already, in templates/journeys/care.yaml" in "\n".join(problems(templates))


def test_an_offer_needs_a_promotional_message(templates: Path) -> None:
    change(templates, "journeys/care.yaml", "message: tips", "message: tips\n    offer: accessories-10")
    assert "mark it `promotional: true`" in "\n".join(problems(templates))


def test_empty_files_and_folders_are_said(templates: Path, tmp_path: Path) -> None:
    (templates / "journeys/care.yaml").write_text("", encoding="utf-8")
    assert problems(templates) == ["templates/journeys/care.yaml:1: the file is empty"]
    with pytest.raises(ContentInvalid, match="no such folder"):
        read(tmp_path / "nowhere")


def test_yaml_reads_as_a_marketer_means_it(templates: Path) -> None:
    content = read(templates)
    journey = content.journeys["care"]
    assert journey.enrol.on == "order.placed"
    assert str(journey.touches[1].at) == "10:00:00"


def test_words_that_yaml_takes_for_something_else_stay_words() -> None:
    text = "a: on\nb: NO\nc: 10:00\nd: 2026-12-24\ne: 1_000\nf: 0x10\ng: '1'\nh: 1\ni: 12.50\nj: true\nk:\non: x"
    assert yaml_lines.load(text, "f").data == {
        "a": "on", "b": "NO", "c": "10:00", "d": "2026-12-24", "e": "1_000", "f": "0x10", "g": "1", "h": 1,
        "i": Decimal("12.50"), "j": True, "k": None, "on": "x",
    }  # fmt: skip


def test_a_bomb_of_aliases_is_refused(templates: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(30))
    (templates / "journeys/care.yaml").write_text(bomb, encoding="utf-8")
    assert "aliases" in "\n".join(problems(templates))
