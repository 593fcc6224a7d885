"""Where templates run: one environment that escapes HTML and one that does not, both closed.

A template reaches plain facts, the listed filters, and the functions that translate; it cannot write, loop without end
or grow without bound. Compiled templates are kept for the life of the process, by their text; those that the build
compiled are only loaded, which is most of what the first message of a process would wait for.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeVar, get_args

from jinja2 import (
    ModuleLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
    pass_context,
)
from jinja2.ext import InternationalizationExtension
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from perennial.allowlist import FACT_CLASSES, FIELDS, Problem, problems_in
from perennial.errors import RuleFailed
from perennial.facts import Facts
from perennial.filters import FILTERS, SCENE, TESTS, UnusableError
from perennial.hygiene import Written, clean
from perennial.locales import Scene

T = TypeVar("T")
Mode = Literal["html", "text"]

MOST = {"html": 400_000, "text": 60_000}
"""Characters a rendered body may have. Far above what a mail client shows, far below what fills a Lambda."""

LONGEST_SOURCE = 400_000
"""Characters a template may have before anybody parses it."""

_CONTROL = (
    r"(?:\{%-?\s*(?:if|elif|else|endif|for|endfor)\b(?:(?!%\})[^\n])*%\}"  # up to its own end, not a later tag's
    r"|\{#(?:(?!#\})[^\n])*#\})"
)
_CONTROL_LINE = re.compile(rf"^[ \t]*({_CONTROL}(?:[ \t]*{_CONTROL})*)[ \t]*\n", re.MULTILINE)

_FACTS = frozenset(FACT_CLASSES)
_FACT_REPR = re.compile(r"'perennial\.facts\.(\w+) object'")

_KINDS_ONLY = re.compile(
    r"'[<>]=?' not supported between instances of '[\w.]+' and '[\w.]+'"
    r"|unsupported operand type\(s\) for [-+]: '[\w.]+' and '[\w.]+'"
    r"|can only concatenate \w+ \(not \"[\w.]+\"\) to \w+"
    r"|can't compare datetime\.datetime to datetime\.date"
    r"|bad operand type for unary -: '[\w.]+'"
    r"|argument of type '[\w.]+' is not (?:a container or )?iterable"
    r"|'[\w.]+' object is not iterable"
    r"|object of type '[\w.]+' has no len\(\)"
    r"|'in <string>' requires string as left operand, not [\w.]+"
)
"""What Python says of operators: it names kinds of values, and never a value (law 11)."""
_DETAIL = re.compile(r"instances of |\b(?:decimal|datetime|perennial|facts)\.|(?<=None)Type\b")


class TemplateInvalid(RuleFailed):
    """A template that cannot be compiled, or holds what is not allowed: every message from it would fail."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"line {line}: {message}" for line, message in problems))


class TemplateFailed(RuleFailed):
    """A template that could not be rendered with these facts. `line` is the template's; no value is named."""

    def __init__(self, message: str, line: int) -> None:
        self.message, self.line = message, line
        super().__init__(f"line {line}: {message}")


class Sandbox(ImmutableSandboxedEnvironment):
    newstyle_gettext: bool

    def __init__(self, *, escaping: bool) -> None:
        super().__init__(
            autoescape=escaping,
            undefined=StrictUndefined,
            finalize=presentable,
            extensions=[InternationalizationExtension],
            cache_size=0,
            auto_reload=False,
        )
        self.policies["ext.i18n.trimmed"] = True
        self.newstyle_gettext = True
        self.filters, self.tests = dict(FILTERS), dict(TESTS)
        self.globals = {"_": _gettext, "gettext": _gettext, "ngettext": _ngettext}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Nothing is compiled that is not allowed, whoever asks for it."""
        tree = super()._parse(source, name, filename)
        if problems := problems_in(tree):
            raise TemplateInvalid(problems)
        return tree

    def preprocess(self, source: str, name: str | None = None, filename: str | None = None) -> str:
        """A line that holds only `if`, `for` and the like leaves no empty line; one that translates keeps its end.

        Jinja's `trim_blocks` cannot tell the two apart. The line break moves into a comment, so that lines still count.
        """
        return _CONTROL_LINE.sub(r"\1{#\n#}", super().preprocess(source, name, filename))

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Facts are plain, and underscores have been refused: they need no second look, which is half the cost."""
        if type(obj) not in _FACTS or attribute.startswith("_"):
            return super().getattr(obj, attribute)
        try:
            return getattr(obj, attribute)
        except AttributeError:
            return self.undefined(obj=obj, name=attribute)


def presentable(value: Any) -> Any:
    """What is printed: never `None`, and nothing from outside that breaks lines or turns the reading order."""
    if type(value) is str:
        return value if value.isprintable() else clean(value)
    if value is None:
        raise UnusableError("a value that is not known here is printed: guard it with `if`, or add `|default(...)`")
    return value


@pass_context
def _gettext(context: Context, text: str, /, **values: Any) -> str:
    scene: Scene = context[SCENE]
    return _filled(context, scene.catalogue.one(text), values)


@pass_context
def _ngettext(context: Context, singular: str, plural: str, count: int, /, **values: Any) -> str:
    scene: Scene = context[SCENE]
    return _filled(context, scene.catalogue.many(singular, plural, count), {"num": count, **values})


def _filled(context: Context, text: str, values: dict[str, Any]) -> str:
    """Translations are ours and may hold markup; what is put into them is not, and is escaped."""
    shown = {name: presentable(value) for name, value in values.items()}
    return Markup(text) % shown if context.eval_ctx.autoescape else Written(text % shown)  # noqa: S704 - from our .po


@lru_cache(maxsize=2)
def environment(mode: Mode) -> Sandbox:
    return Sandbox(escaping=mode == "html")


@lru_cache(maxsize=1024)
def compiled(source: str, mode: Mode) -> Template:
    """The template, compiled once per process, or by the build. Raises TemplateInvalid."""
    sandbox = environment(mode)
    if sandbox.loader is not None:
        with suppress(TemplateNotFound):
            return sandbox.get_template(name_of(source, mode))
    return _parsing(sandbox.from_string, source)


def use_build(folder: Path) -> None:
    """From now on, templates that the build compiled into this folder are taken from there, if there is one."""
    for mode in get_args(Mode):
        environment(mode).loader = ModuleLoader(folder) if folder.is_dir() else None
    compiled.cache_clear()


def name_of(source: str, mode: Mode) -> str:
    """By its text, so that what was compiled of another text is never taken for it."""
    return hashlib.sha256(f"{mode}:{source}".encode()).hexdigest()


def tree_of(source: str) -> nodes.Template:
    """The syntax tree, of allowed nodes only. Raises TemplateInvalid."""
    return _parsing(environment("text").parse, source)


def check_template(source: str) -> list[Problem]:
    """Everything that is wrong with a template in itself: its syntax, and what is not allowed."""
    try:
        tree_of(source)
    except TemplateInvalid as invalid:
        return invalid.problems
    return []


def _parsing(parse: Callable[[str], T], source: str) -> T:
    if len(source) > LONGEST_SOURCE:
        raise TemplateInvalid([Problem(1, f"the template has more than {LONGEST_SOURCE} characters")])
    try:
        return parse(source)
    except TemplateSyntaxError as error:
        raise TemplateInvalid([Problem(error.lineno, error.message or "this is not a template")]) from error
    except RecursionError as error:
        raise TemplateInvalid([Problem(1, "the template is nested too deeply")]) from error


def names_of(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in FIELDS}


def render(template: Template, names: Mapping[str, Any], scene: Scene, mode: Mode) -> str:
    """The text of the template. Raises TemplateFailed with its line and what is missing."""
    pieces: list[str] = []
    size, most = 0, MOST[mode]
    try:
        for piece in template.generate(names, **{SCENE: scene}):
            size += len(piece)
            if size > most:
                raise UnusableError(f"the text grows beyond {most} characters")
            pieces.append(piece)
    except Exception as error:  # noqa: BLE001 - whatever a template raises, it is the template that fails
        _fail(error)
    return "".join(pieces)


def _fail(error: Exception) -> NoReturn:
    raise TemplateFailed(explain(error), _line_of(error)) from error


def explain(error: Exception) -> str:
    """What went wrong, without the values: our own sentences, Jinja's names of what is missing, Python's of the kinds
    that do not go together; else the error's type.
    """
    if isinstance(error, UndefinedError):
        return _FACT_REPR.sub(r"\1", error.message or "a name is not known")
    if isinstance(error, UnusableError):
        return str(error)
    if isinstance(error, TypeError) and _KINDS_ONLY.fullmatch(str(error)):
        return _DETAIL.sub("", str(error))
    return f"{type(error).__name__} while rendering"


def _line_of(error: BaseException) -> int:
    """The template's line, from the frame that Jinja puts into the traceback for it; 1 if there is none."""
    line, step = 1, error.__traceback__
    while step is not None:
        if "__jinja_exception__" in step.tb_frame.f_globals:
            line = step.tb_lineno
        step = step.tb_next
    return line
