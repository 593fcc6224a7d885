"""What the build compiled is what the function would have compiled, and is taken in its place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import DictLoader

from perennial import sandbox
from perennial.content import Content
from perennial.locales import NO_TRANSLATIONS, Scene
from perennial.rendering import Email, render_email
from perennial.sandbox import Mode, TemplateFailed, TemplateInvalid, compiled, name_of, render, use_build
from perennial.zones import zone_named
from perennial_cli import ready_made
from perennial_cli.authoring import Survey, survey
from perennial_cli.trials import trials

ROOT = Path(__file__).parents[2]
SCENE = Scene("en_GB", zone_named("Europe/London"), NO_TRANSLATIONS)


@pytest.fixture(scope="module")
def found() -> Survey:
    return survey(ROOT / "templates")


@pytest.fixture(scope="module")
def content(found: Survey) -> Content:
    return found.content


@pytest.fixture(scope="module")
def build(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build") / "compiled"
    assert ready_made.write(content, folder) == len(list(folder.iterdir())) > 2 * len(content.messages)
    return folder


@pytest.fixture
def built(build: Path) -> Iterator[None]:
    """A process whose content layer holds compiled templates, and that compiles none itself."""
    use_build(build)
    yield
    use_build(Path("/nowhere"))


def written(found: Survey) -> dict[str, Email]:
    """Every email with its sample, in every language of every store."""
    return {
        f"{name}/{trial.shop.store}/{trial.locale}": render_email(
            name, trial.sample, content=found.content, locale=trial.locale, zone=trial.zone
        )
        for name, folder in found.folders.items()
        for trial in trials(found, found.content, folder)
        if found.content.bodies[name].html is not None
    }


def test_every_message_reads_the_same_whoever_compiled_it(found: Survey, build: Path) -> None:
    ours = written(found)
    use_build(build)
    try:
        assert written(found) == ours
    finally:
        use_build(Path("/nowhere"))


@pytest.mark.usefixtures("built")
def test_nothing_that_the_build_compiled_is_compiled_again(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    own: list[str] = []
    monkeypatch.setattr(sandbox.Sandbox, "from_string", lambda _, source: own.append(source))
    for name, bodies in content.bodies.items():
        for source in filter(None, (bodies.text, bodies.sms, content.messages[name].subject)):
            compiled(source, "text")
        if bodies.html is not None:
            compiled(bodies.html, "html")
    for page in content.pages.values():
        compiled(page, "html")
    assert own == []


@pytest.mark.usefixtures("built")
def test_a_text_that_the_build_does_not_know_is_compiled_by_itself() -> None:
    assert render(compiled("{{ 1 + 1 }} of them", "text"), {}, SCENE, "text") == "2 of them"


@pytest.mark.usefixtures("built")
def test_what_the_sandbox_refuses_is_refused_still() -> None:
    with pytest.raises(TemplateInvalid):
        compiled("{{ ''.__class__ }}", "text")


@pytest.mark.parametrize("mode", ["html", "text"])
def test_a_failure_names_the_line_of_the_template_whoever_compiled_it(tmp_path: Path, mode: Mode) -> None:
    source = "one\ntwo\n{{ nobody.name }}\nfour"
    (folder := tmp_path / "compiled").mkdir()
    named = DictLoader({name_of(source, mode): source})
    sandbox.environment(mode).overlay(loader=named).compile_templates(folder, zip=None, ignore_errors=False)
    use_build(folder)
    try:
        with pytest.raises(TemplateFailed, match="^line 3: 'nobody' is undefined"):
            render(compiled(source, mode), {}, SCENE, mode)
    finally:
        use_build(Path("/nowhere"))


def test_a_build_replaces_the_one_before(content: Content, tmp_path: Path) -> None:
    (tmp_path / "compiled").mkdir()
    (tmp_path / "compiled" / "tmpl_old.py").write_text("raise SystemExit")
    ready_made.write(content, tmp_path / "compiled")
    assert not (tmp_path / "compiled" / "tmpl_old.py").exists()
