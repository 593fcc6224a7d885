"""One HTML body in our sandbox, against plain Jinja on the same template and the same facts."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from jinja2 import DictLoader, Environment, StrictUndefined

from benchmarks.rows import Row, seconds_each
from benchmarks.worlds import ROOT, content
from perennial.locales import Scene
from perennial.rendering import layout_names
from perennial.sandbox import compiled, environment, names_of, render
from perennial_cli.authoring import survey
from perennial_cli.trials import trials

MESSAGE, BUDGET = "order-confirmation", 1.8


def rows() -> Iterator[Row]:
    found = survey(ROOT / "templates")
    trial = next(iter(trials(found, found.content, found.folders[MESSAGE])))
    source = content().bodies[MESSAGE].html or ""
    scene = Scene("en", ZoneInfo("Europe/London"), content().catalogue("en"))
    layout = layout_names(content().messages[MESSAGE], "en")
    names = {**names_of(trial.sample), **layout, "subject": "Thanks", "preheader": "Here it is", "_scene": scene}
    ours = seconds_each(lambda: render(compiled(source, "html"), names, scene, "html"), rounds=100)
    sandbox = environment("html")
    plain = Environment(
        loader=DictLoader({"body": source}), undefined=StrictUndefined, autoescape=True, extensions=["jinja2.ext.i18n"]
    )
    plain.policies["ext.i18n.trimmed"] = True
    setattr(plain, "newstyle_gettext", True)  # noqa: B010  the extension adds it, untyped
    plain.filters, plain.tests, plain.globals = sandbox.filters, sandbox.tests, sandbox.globals
    template = plain.get_template("body")
    floor = seconds_each(lambda: template.render(names), rounds=100)
    yield Row("one HTML body rendered", ours * 1e3, "ms", floor * 1e3, "plain Jinja, same template", BUDGET)
