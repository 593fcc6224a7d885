"""One piece of Jinja as a marketer wrote it, and where: a file, or one field of a YAML file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jinja2.ext import GETTEXT_FUNCTIONS, extract_from_ast

from perennial.errors import ContentInvalid
from perennial.sandbox import TemplateInvalid, check_template, tree_of
from perennial_cli.names import check_names
from perennial_cli.plain_words import plainly

Msgid = str | tuple[str, str]
"""What translators translate: a text, or its singular and plural."""


@dataclass(frozen=True)
class Source:
    """`names` are those it may use. `line` is where a field stands in its file; all of it is reported there."""

    file: str
    text: str
    names: Mapping[str, Any]
    kind: Literal["mjml", "text", "field"] = "text"
    field: str | None = None
    line: int = 1

    def problem(self, line: int, message: str) -> ContentInvalid:
        place = self.line if self.kind == "field" else line
        return ContentInvalid(message, file=self.file, line=place, field=self.field)

    def problems(self) -> list[ContentInvalid]:
        """What is wrong with it as Jinja: syntax, what is not allowed, names that do not exist."""
        found = check_template(self.text) or check_names(self.text, self.names)
        return [self.problem(line, plainly(message)) for line, message in found]


def texts_in(source: str) -> Iterator[tuple[int, Msgid]]:
    """The texts to be translated, with their lines. None for a template that is no valid one."""
    try:
        tree = tree_of(source)
    except TemplateInvalid:
        return
    for line, function, found in extract_from_ast(tree, GETTEXT_FUNCTIONS):
        texts = [text for text in (found if isinstance(found, tuple) else (found,)) if isinstance(text, str)]
        if texts:
            yield line, (texts[0], texts[1]) if function == "ngettext" and len(texts) > 1 else texts[0]


def mentioned(sources: Iterable[Source], names: Iterable[str]) -> Iterator[tuple[Source, int, str]]:
    """Where one of those names is used."""
    from jinja2 import nodes

    wanted = set(names)
    for source in sources:
        if check_template(source.text):
            continue
        for node in tree_of(source.text).find_all(nodes.Name):
            if node.name in wanted:
                yield source, node.lineno, node.name
