"""What must be in a message's folder, and how its MJML and its blocks fit together."""

from collections.abc import Iterator

from perennial.errors import ContentInvalid
from perennial_cli import compiling
from perennial_cli.folders import Folder
from perennial_cli.mjml_rules import check_mjml

_NEEDED = {
    "email": ("subject", "preheader", "email.mjml", "email.txt"),
    "text": ("sms.txt",),
    "push": ("push.title", "push.body"),
}


def shape_problems(folder: Folder) -> Iterator[ContentInvalid]:
    """Has the message what its channels need?"""
    message, document = folder.message, folder.document
    if message is None:
        return
    if message.message != folder.name:
        yield document.problem(f"the folder is called {folder.name!r}: give both one name", ("message",))
    yield from _needs(folder, message.channels)
    if message.promotional and message.class_ != "marketing":
        yield document.problem(f"what sells is marketing, not {message.class_}: change one of the two", ("class",))


def _needs(folder: Folder, channels: tuple[str, ...]) -> Iterator[ContentInvalid]:
    document = folder.document
    for channel in channels:
        for name in _NEEDED[channel]:
            if name not in folder.sources:
                what = f"a file {name}" if "." in name and not name.startswith("push.") else f"`{name}` here"
                yield document.problem(f"the channel {channel!r} needs {what}", ("channels",))


def mjml_problems(folder: Folder) -> Iterator[ContentInvalid]:
    main = folder.sources.get("email.mjml")
    if main is None:
        return
    found, inside = check_mjml(main.text, "mj-body", "blocks")
    yield from (main.problem(line, message) for line, message in found)
    yield from _blocks(folder, inside)
    for name, source in folder.sources.items():
        if name.startswith("blocks/") and source.kind == "mjml":
            problems, _ = check_mjml(source.text, inside or "mj-body")
            yield from (source.problem(line, message) for line, message in problems)


def _blocks(folder: Folder, inside: str | None) -> Iterator[ContentInvalid]:
    main, twin = folder.sources["email.mjml"], folder.sources.get("email.txt")
    html, text = folder.blocks(".mjml"), folder.blocks(".txt")
    marked = twin is not None and compiling.has_marker(twin.text, "blocks", mjml=False)
    if not html and not text:
        if inside is not None or marked:
            yield main.problem(1, "there are no blocks: add blocks/general.mjml and blocks/general.txt")
        return
    if inside is None:
        yield main.problem(1, "there are blocks, but no `<!-- blocks -->` that says where they go")
    if twin is not None and not marked:
        yield twin.problem(1, "there are blocks, but no `{# blocks #}` that says where they go")
    if compiling.GENERAL not in html:
        yield main.problem(1, "blocks need blocks/general.mjml for goods without words of their own")
    for name in sorted(set(html) ^ set(text)):
        suffix = "txt" if name in html else "mjml"
        yield main.problem(1, f"the block {name!r} needs blocks/{name}.{suffix} too: the two say the same")
