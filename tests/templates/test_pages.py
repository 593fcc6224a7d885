"""templates/pages/: what can be wrong with a page is found before a deploy, and said with its file and line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from perennial.errors import ContentInvalid
from perennial.links import store_mark
from perennial_cli.authoring import read, survey
from perennial_cli.checking import check
from perennial_cli.main import app
from perennial_cli.page_files import WANTED, read_pages
from perennial_cli.page_lint import HEAVIEST, lint_page
from perennial_cli.page_previewing import preview_page
from perennial_cli.page_samples import scenes
from perennial_cli.samples import facts_of
from perennial_cli.yaml_lines import Document
from tests.templates.trees import change, small_tree

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def templates(tmp_path: Path) -> Path:
    return small_tree(tmp_path)


def problems(templates: Path) -> list[str]:
    return [problem.render() for problem in check(templates).errors]


def test_a_sound_folder_has_every_page_put_into_its_layout(templates: Path) -> None:
    assert problems(templates) == []
    pages = read(templates).pages
    assert set(pages) == set(WANTED)
    assert '<title>{{ store.name|default("Here") }}</title>' in pages["order"]
    assert '<h1>{{ store.name|default("Here") }}</h1>' in pages["order"]


@pytest.mark.parametrize(
    ("page", "old", "new", "said"),
    [
        ("order", "<p>", "<p>{{ order.nmber }}", "pages/order.html:2: Order has no field 'nmber'"),
        ("support", "<p>", "<p>{{ order.number }}", "pages/support.html:2: 'None' has no attribute 'number'"),
        ("order", "<p>", "<p>{% if %}", "pages/order.html:2:"),
        ("order", "<h1>", "<h2>", "a page has one `<h1>`"),
        ("order", "<h1>", "<h1><b>x</b>", "write it without tags"),
        ("order", "<p>", '<p style="color:red">', "`<p style=…>` is refused"),
        ("order", "<p>", '<p onclick="x()">', "`<p onclick=…>` is refused"),
        ("order", "<p>", "<script>x()</script><p>", "`<script>` is refused"),
        ("order", "<p>", '<img src="https://cdn.example/x.png" alt=""><p>', "no image but the store's logo"),
        ("order", "<p>", '<a href="http://shop.example">x</a><p>', "is not https"),
        ("order", "<p>", '<a href="#nowhere">x</a><p>', "leads to nothing on the page"),
        ("order", "<p>", '<a href="https://x.example"></a><p>', "has no words"),
        ("order", "<p>", "<h3>x</h3><p>", "a heading skips a level"),
        ("order", "<p>", '<p id="a"><b id="a"></b>', "the id 'a' is used 2 times"),
        ("order", "<p>", '<form method="get"></form><p>', '`<form method="post">`'),
        ("order", "<p>", '<form method="post" action="/x"></form><p>', '`<form method="post">`'),
        ("order", "<p>", '<form method="post"><input name="q"></form><p>', "the field 'q' has no label"),
        ("order", "<p>", "<style>p{}</style><p>", "a page has one `<style>`"),
        ("_layout", "color:{{ look.ink }}", "background:url(x)", "that loads nothing"),
        ("_layout", "{# page #}", "", "where the page goes"),
        ("_layout", "{# title #}", "x {# title #}{# title #}", "where the title goes"),
        ("_layout", ' lang="{{ lang }}"', "", "needs `lang` and `dir`"),
        ("_layout", "<main>", "<div>", "one `<main>`"),
    ],
)
def test_what_is_wrong_with_a_page_is_said(templates: Path, page: str, old: str, new: str, said: str) -> None:
    change(templates, f"pages/{page}.html", old, new)
    found = problems(templates)
    assert any(said in problem for problem in found), found


def test_what_fails_in_the_layout_is_said_of_the_layout(templates: Path) -> None:
    change(templates, "pages/_layout.html", "</main>", "{{ order.number }}</main>")
    assert any("pages/_layout.html:6:" in problem for problem in problems(templates))


def test_a_page_that_weighs_too_much_is_refused_with_its_weight() -> None:
    html = (
        '<html lang="en" dir="ltr"><title>x</title><style></style><main><h1>x</h1>' + "x" * HEAVIEST + "</main></html>"
    )
    assert next(lint_page(html, None)).startswith("it weighs 30.1 KB")


def test_missing_and_foreign_files_are_named(templates: Path) -> None:
    (templates / "pages" / "score.html").rename(templates / "pages" / "scores.html")
    found = problems(templates)
    assert any("pages/score.html: the page is missing" in problem for problem in found)
    assert any(
        "pages/scores.html: no link leads to a page of this name (did you mean 'score.html'?)" in p for p in found
    )


def test_without_pages_every_link_would_lead_nowhere(templates: Path) -> None:
    for path in (templates / "pages").iterdir():
        path.unlink()
    (templates / "pages").rmdir()
    assert len([problem for problem in problems(templates) if "the page is missing" in problem]) == len(WANTED) + 1


def test_a_text_of_a_page_that_is_not_translated_is_an_error(templates: Path) -> None:
    change(templates, "pages/order.html", "<p>", '<p>{{ _("Where is it?") }}')
    (found,) = problems(templates)
    assert "'Where is it?' is not translated (it stands in templates/pages/order.html)" in found


def test_every_real_page_is_seen_in_every_state_its_template_asks_for() -> None:
    """A state that no scene shows would be a branch that nobody has looked at."""
    found = survey(ROOT / "templates")
    sample = facts_of(Document("sample.json", {}), found.layout.sample)
    for page in WANTED:
        source = read_pages(ROOT / "templates", ROOT).sources[page].text
        shown = {scene.page.state for _, scene in scenes(page, sample)}
        asked = {part.split('"')[1] for part in source.split("page.state ==")[1:]}
        assert asked <= shown, page
        wrong = {problem for _, scene in scenes(page, sample) for problem in scene.page.problems}
        named = {part.rpartition('"')[0].rpartition('"')[2] for part in source.split(" in page.problems")[:-1]}
        assert named <= wrong, page


def test_a_page_is_previewed_in_all_its_states(tmp_path: Path, templates: Path) -> None:
    made = preview_page(templates, "unsubscribe", locale="ru")
    assert made.page.count("<iframe") == 4 * len(
        list(scenes("unsubscribe", facts_of(Document("s", {}), _sample(templates))))
    )
    told = CliRunner().invoke(app, ["preview", "page:order", "--templates", str(templates), "--to", str(tmp_path)])
    assert told.exit_code == 0
    assert (tmp_path / "page-order-en.html").exists()


def _sample(templates: Path) -> Document:
    return survey(templates).layout.sample


def test_a_page_that_is_not_there_is_refused_with_what_may_have_been_meant(templates: Path) -> None:
    with pytest.raises(ContentInvalid, match="did you mean 'order'"):
        preview_page(templates, "ordr")
    with pytest.raises(ContentInvalid, match="there are demo/en, demo/ru"):
        preview_page(templates, "order", locale="fr")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://shop.example/care", "name the host alone"),
        ("https://shop.example/?x=1", "name the host alone"),
        ("https://pages-of-our-shop.example", "27 characters at the most"),
    ],
)
def test_where_the_pages_are_must_fit_into_a_link(templates: Path, url: str, said: str) -> None:
    change(templates, "stores/demo.yaml", "pages_url: https://p.shop.example", f"pages_url: {url}")
    (found,) = [problem for problem in problems(templates) if "pages_url" in problem]
    assert said in found
    assert "stores/demo.yaml:12" in found


def test_the_longest_address_that_is_allowed_makes_a_link_under_75_characters(templates: Path) -> None:
    change(templates, "stores/demo.yaml", "https://p.shop.example", "https://" + "p" * 11 + ".example")
    assert problems(templates) == []


def test_two_stores_that_links_could_not_tell_apart_are_refused(templates: Path) -> None:
    twin = _same_mark("demo")
    text = (templates / "stores" / "demo.yaml").read_text(encoding="utf-8").replace("store: demo", f"store: {twin}")
    (templates / "stores" / f"{twin}.yaml").write_text(text, encoding="utf-8")
    assert any("links could not tell this store from" in problem for problem in problems(templates))


def _same_mark(name: str) -> str:
    """Another name with the same two bytes."""
    return next(f"s{number}" for number in range(1_000_000) if store_mark(f"s{number}") == store_mark(name))
