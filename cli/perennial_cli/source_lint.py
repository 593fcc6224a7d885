"""Links and images as they are written: for messages that cannot be rendered yet, so that no mistake hides another."""

import re
from collections.abc import Iterator

from perennial.errors import ContentInvalid
from perennial_cli.folders import Folder
from perennial_cli.linting import image_problems, link_problem
from perennial_cli.sources import Source

_TAG = re.compile(r"""<(?P<tag>a|img|mj-image|mj-button)\b(?P<rest>(?:[^>"']|"[^"]*"|'[^']*')*)>""")
_ATTRIBUTE = re.compile(r"""\b(src|href|alt)=(?:"([^"]*)"|'([^']*)')""")
_COMMENT = re.compile(r"<!--.*?-->|\{#.*?#\}", re.DOTALL)


def lint_sources(folder: Folder) -> Iterator[ContentInvalid]:
    """What is wrong with the links and images of its MJML, as far as that can be told from the text."""
    for source in folder.sources.values():
        if source.kind == "mjml":
            yield from (source.problem(line, said) for line, said in _problems(source))


def _problems(source: Source) -> Iterator[tuple[int, str]]:
    text = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), source.text)
    for match in _TAG.finditer(text):
        line = text[: match.start()].count("\n") + 1
        given = {name: double or single for name, double, single in _ATTRIBUTE.findall(match["rest"])}
        yield from ((line, said) for said in _said(match["tag"], given))


def _said(tag: str, given: dict[str, str]) -> Iterator[str]:
    if "href" in given and _is_plain(given["href"]) and (problem := link_problem(given["href"])):
        yield problem
    if tag in ("img", "mj-image"):
        source = given.get("src", "")
        yield from image_problems(source if _is_plain(source) else "https://", given.get("alt"), shown=source)


def _is_plain(value: str) -> bool:
    """Whether it begins with what it will begin with; what Jinja puts there is not known before it is rendered."""
    return not value.startswith(("{{", "{%"))
