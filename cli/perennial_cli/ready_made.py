"""Templates compiled by the build into Python modules, so that a function loads what it would otherwise compile.

The same sandbox compiles them, so that nothing gets in that it would refuse. Their text names them: where the bundle
holds another text, the function compiles that by itself.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from jinja2 import DictLoader

from perennial.content import Content
from perennial.sandbox import Mode, environment, name_of


def write(content: Content, folder: Path) -> int:
    """Replaces what is in the folder; gives the number of templates."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sources: dict[Mode, dict[str, str]] = {mode: {} for mode in get_args(Mode)}
    for mode, source in _sources(content):
        sources[mode][name_of(source, mode)] = source
    for mode, named in sources.items():
        sandbox = environment(mode).overlay(loader=DictLoader(named))
        sandbox.compile_templates(folder, zip=None, ignore_errors=False)
    return sum(map(len, sources.values()))


def _sources(content: Content) -> Iterator[tuple[Mode, str]]:
    for page in content.pages.values():
        yield "html", page
    for name, message in content.messages.items():
        bodies, push = content.bodies[name], message.push
        texts = (
            message.subject,
            message.preheader,
            bodies.text,
            bodies.sms,
            *((push.title, push.body) if push else ()),
        )
        yield from (("text", text) for text in texts if text is not None)
        if bodies.html is not None:
            yield "html", bodies.html
