"""What MJML we write. The compiler takes unknown components and attributes in silence and drops what it cannot use;
this table does not.

It also knows what breaks Jinja inside MJML: loops between sections outside `mj-raw`, `<` within
a tag, variables in attributes that are numbers, and `mj-style inline`, which would tear loops out of their tables.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from perennial.allowlist import Problem
from perennial_cli.suggestions import did_you_mean

_PADDING = "padding padding-top padding-right padding-bottom padding-left css-class mj-class"
_BORDER = "border border-top border-right border-bottom border-left border-radius"
_FONT = "color font-family font-size font-style font-weight letter-spacing line-height text-decoration text-transform"
_SIDES = "border border-left border-right border-radius"
_CELL = f"align container-background-color vertical-align {_PADDING}"
_BACKGROUND = (
    "background-color background-url background-repeat background-size background-position "
    f"direction full-width text-align text-padding {_BORDER} {_PADDING}"
)

ATTRIBUTES = {
    name: frozenset(words.split())
    for name, words in {
        "mjml": "lang dir",
        "mj-head": "",
        "mj-title": "",
        "mj-preview": "",
        "mj-style": "",
        "mj-breakpoint": "width",
        "mj-attributes": "",
        "mj-all": f"{_FONT} {_PADDING} align",
        "mj-class": f"name {_FONT} {_CELL} {_BACKGROUND} inner-padding width height border-color border-width",
        "mj-body": "background-color width css-class",
        "mj-raw": "position",
        "mj-wrapper": _BACKGROUND,
        "mj-section": _BACKGROUND,
        "mj-group": "background-color direction vertical-align width css-class mj-class",
        "mj-column": "background-color inner-background-color inner-border inner-border-radius direction "
        f"vertical-align width {_BORDER} {_PADDING}",
        "mj-text": f"height {_FONT} {_CELL}",
        "mj-button": "background-color height href inner-padding name rel target text-align width "
        f"{_BORDER} {_FONT} {_CELL}",
        "mj-image": "alt fluid-on-mobile font-size height href max-height name rel src srcset target title width "
        f"{_SIDES} {_CELL}",
        "mj-table": "border cellpadding cellspacing color font-family font-size line-height table-layout width "
        f"{_CELL}",
        "mj-divider": f"border-color border-style border-width width {_CELL}",
        "mj-spacer": f"height {_CELL}",
    }.items()
}

_CONTENT = ("mj-text", "mj-button", "mj-image", "mj-table", "mj-divider", "mj-spacer", "mj-raw")
CHILDREN = {
    "": ("mjml",),
    "mjml": ("mj-head", "mj-body"),
    "mj-head": ("mj-title", "mj-preview", "mj-style", "mj-breakpoint", "mj-attributes", "mj-raw"),
    "mj-body": ("mj-wrapper", "mj-section", "mj-raw"),
    "mj-wrapper": ("mj-section", "mj-raw"),
    "mj-section": ("mj-column", "mj-group", "mj-raw"),
    "mj-group": ("mj-column", "mj-raw"),
    "mj-column": _CONTENT,
}
"""Components that hold nothing but these; all others hold HTML or nothing."""

_LITERAL = frozenset({"width", "height", "padding", "border-width", "font-size", "line-height", "max-height"})
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_TAG = re.compile(r"<[A-Za-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
_VALUE = re.compile(r"=\s*([\"'])(.*?)\1", re.DOTALL)
_HOLE = "\ue000"
"""Stands for Jinja while the MJML around it is looked at."""


def check_mjml(source: str, inside: str, marker: str | None = None) -> tuple[list[Problem], str | None]:
    """What is wrong with MJML that will stand inside the component `inside`, and what the comment `marker` stands in.

    The second is None where there is no such comment.
    """
    holed = _JINJA.sub(lambda match: re.sub(r"[^\n]", _HOLE, match[0]), source)
    problems = [*_angles(source), *_quotes(source, holed)]
    reader = _Reader(inside, marker)
    reader.feed(holed)
    reader.close()
    reader.finish()
    return sorted(problems + reader.problems), reader.marked


def _angles(source: str) -> Iterator[Problem]:
    for match in _JINJA.finditer(source):
        if "<" in match[0] and not match[0].startswith("{#"):
            line = source.count("\n", 0, match.start()) + 1
            yield Problem(
                line, "`<` within a Jinja tag breaks MJML: write `is lt`, or `{% trans %}<b>…</b>{% endtrans %}`"
            )


def _quotes(source: str, holed: str) -> Iterator[Problem]:
    """Jinja that ends the attribute it stands in. `holed` is the source with holes for Jinja, of the same length."""
    for tag in _TAG.finditer(holed):
        for value in _VALUE.finditer(holed, *tag.span()):
            quote, inside = value[1], source[value.start(2) : value.end(2)]
            if quote in inside:
                line = source.count("\n", 0, value.start()) + 1
                other = "single" if quote == '"' else "double"
                yield Problem(line, f"`{quote}` within `{inside}` ends the attribute: write {other} quotes there")


class _Reader(HTMLParser):
    """Follows the nesting of mj-* components; whatever stands in a component of HTML is left to the HTML checks."""

    def __init__(self, inside: str, marker: str | None) -> None:
        super().__init__(convert_charrefs=False)
        self.problems: list[Problem] = []
        self.marker = marker
        self.marked: str | None = None
        self.stack: list[tuple[str, int]] = [(inside, 0)]

    def say(self, message: str, line: int | None = None) -> None:
        self.problems.append(Problem(self.getpos()[0] if line is None else line, message))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._component(tag, attrs):
            self.stack.append((tag, self.getpos()[0]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._component(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not _is_component(tag):
            return
        if self.stack[-1][0] != tag or len(self.stack) == 1:
            self.say(f"`</{tag}>` closes what is not open here: `{self.stack[-1][0]}` is")
        else:
            self.stack.pop()

    def handle_data(self, data: str) -> None:
        parent = self.stack[-1][0]
        if parent in CHILDREN and data.strip():
            lines = len(data) - len(data.lstrip())
            line = self.getpos()[0] + data[:lines].count("\n")
            self.say(f"text or Jinja right inside `{parent}` is lost: wrap it in `<mj-raw>`", line)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_comment(self, data: str) -> None:
        if self.marker is not None and data.strip() == self.marker:
            if self.marked is not None:
                self.say(f"`<!-- {self.marker} -->` stands here a second time")
            self.marked = self.stack[-1][0]

    def finish(self) -> None:
        for tag, line in self.stack[1:]:
            self.say(f"`<{tag}>` is never closed", line)

    def _component(self, tag: str, attrs: list[tuple[str, str | None]]) -> bool:
        parent = self.stack[-1][0]
        if not _is_component(tag):
            if parent in CHILDREN:
                self.say(f"`<{tag}>` cannot stand in `{parent}`: HTML goes into `mj-text`, `mj-table` or `mj-raw`")
            return False
        if parent == "mj-attributes":
            self._attributes(tag, attrs)
            return True
        allowed = CHILDREN.get(parent, ())
        if tag not in ATTRIBUTES:
            self.say(f"there is no `{tag}` here{did_you_mean(tag, ATTRIBUTES)}; it would vanish without a word")
        elif tag not in allowed:
            self.say(f"`{tag}` cannot stand in `{parent}`; there: {', '.join(allowed) or 'HTML'}")
        self._attributes(tag, attrs)
        return True

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = ATTRIBUTES.get(tag)
        for name, value in attrs:
            if tag == "mj-style" and name == "inline":
                self.say("`mj-style inline` tears loops out of tables: style with attributes or `mj-class`")
            elif '"' in name:
                self.say(f"a double quote too many near `{name}`: inside an attribute write single ones, or `&quot;`")
            elif known is not None and name not in known:
                self.say(f"`{tag}` has no attribute `{name}`{did_you_mean(name, known)}; it would be ignored")
            elif name in _LITERAL and _HOLE in (value or ""):
                self.say(f"`{name}` must be a plain number: MJML calculates with it before Jinja runs")


def _is_component(tag: str) -> bool:
    return tag.startswith("mj-") or tag == "mjml"
