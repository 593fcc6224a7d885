"""A message's MJML and text, put into the layout and compiled: what the bundle carries is HTML with Jinja in it.

Markers: the layout says where the message goes (`<!-- message -->` in email.mjml, `{# message #}` in email.txt); a
message says where the words per category of goods go (`<!-- blocks -->`, `{# blocks #}`).
"""

import re
from collections.abc import Mapping

from mjml import mjml2html

GENERAL = "general"
"""The block for whatever has no words of its own."""

_COMMENT = {"message": re.compile(r"<!--\s*message\s*-->"), "blocks": re.compile(r"<!--\s*blocks\s*-->")}
_NOTE = {"message": re.compile(r"\{#-?\s*message\s*-?#\}"), "blocks": re.compile(r"\{#-?\s*blocks\s*-?#\}")}
_INDENTATION = re.compile(r"[ \t]*\n\s*")


def has_marker(source: str, marker: str, *, mjml: bool) -> bool:
    return (_COMMENT if mjml else _NOTE)[marker].search(source) is not None


def compiled_html(layout: str, message: str, blocks: Mapping[str, str]) -> str:
    """One template in HTML. Raises ValueError if the MJML cannot be compiled."""
    body = _COMMENT["blocks"].sub(lambda _: _choice(blocks, raw=True), message)
    html: str = mjml2html(_COMMENT["message"].sub(lambda _: body, layout), fonts={})  # or it fetches fonts from Google
    return _INDENTATION.sub("\n", html)


def compiled_text(layout: str, message: str, blocks: Mapping[str, str]) -> str:
    """One template in text."""
    body = _NOTE["blocks"].sub(lambda _: _choice(blocks, raw=False), message)
    return _NOTE["message"].sub(lambda _: body.strip("\n"), layout)


def _choice(blocks: Mapping[str, str], *, raw: bool) -> str:
    """The blocks of the basket's categories in its order, then the general one if there is anything else in it."""
    own = {name: text for name, text in blocks.items() if name != GENERAL}
    pieces = []
    for index, (name, text) in enumerate(own.items()):
        opening = "{% for category in categories %}{% if" if index == 0 else "{% elif"
        pieces += [_raw(f"{opening} category == '{name}' %}}", raw), _block(text)]
    if own:
        pieces.append(_raw("{% endif %}{% endfor %}", raw))
    named = "".join(f", '{name}'" for name in own)
    opening = f"{{% for others in (items|outside('category'{named}),) %}}{{% if others or not items %}}"
    return "\n".join(
        [*pieces, _raw(opening, raw), _block(blocks.get(GENERAL, "")), _raw("{% endif %}{% endfor %}", raw)]
    )


def _block(text: str) -> str:
    """With an empty line after it, which keeps blocks of text apart and costs nothing in HTML."""
    return text.strip("\n") + "\n"


def _raw(jinja: str, raw: bool) -> str:
    return f"<mj-raw>{jinja}</mj-raw>" if raw else jinja
