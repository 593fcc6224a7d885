"""One folder of `templates/messages/`: what must be in it, what is wrong with it, and what it compiles to."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from perennial.content import Bodies
from perennial.errors import ContentInvalid
from perennial.messages import Message
from perennial_cli import compiling, yaml_lines
from perennial_cli.folder_rules import mjml_problems, shape_problems
from perennial_cli.folders import SHARED, Folder, Layout
from perennial_cli.mjml_rules import check_mjml
from perennial_cli.names import BLOCK, FACTS, GENERAL, LAYOUT
from perennial_cli.sources import Source
from perennial_cli.suggestions import did_you_mean
from perennial_cli.validating import validated
from perennial_cli.yaml_lines import Document

FILES = ("message.yaml", "email.mjml", "email.txt", "sms.txt", "sample.json", "blocks")


def read_layout(messages: Path, root: Path) -> Layout:
    shared = messages / SHARED
    mjml, text = (_source(shared / name, root, LAYOUT) for name in ("email.mjml", "email.txt"))
    layout = Layout(mjml, text, read_json(shared / "sample.json", root))
    layout.problems += [*_missing(shared, root, ("email.mjml", "email.txt", "sample.json")), *layout.sample.problems]
    if layout.problems:
        return layout
    for source in (mjml, text):
        layout.problems += source.problems()
        if not compiling.has_marker(source.text, "message", mjml=source.kind == "mjml"):
            marker = "<!-- message -->" if source.kind == "mjml" else "{# message #}"
            layout.problems.append(source.problem(1, f"the layout must say where the message goes: write `{marker}`"))
    found, inside = check_mjml(mjml.text, "", "message")
    layout.problems += [mjml.problem(line, message) for line, message in found]
    if inside not in ("mj-body", None):
        layout.problems.append(mjml.problem(1, "`<!-- message -->` stands right inside `mj-body`, between sections"))
    return layout


def read_folder(path: Path, root: Path, layout: Layout) -> Folder:
    """Everything in one message's folder, checked in itself."""
    place = _file(path / "message.yaml", root)
    text = _text(path / "message.yaml")
    document = yaml_lines.load(text, place) if text is not None else Document(place, None)
    folder = Folder(path.name, document, read_json(path / "sample.json", root))
    folder.problems += [*_missing(path, root, ("message.yaml", "sample.json")), *_strangers(path, root)]
    if text is not None:
        folder.message = validated(Message, document)
        folder.problems += document.problems
    folder.problems += folder.sample.problems
    folder.sources = dict(_sources(path, root, folder))
    for source in folder.sources.values():
        folder.problems += source.problems()
    folder.problems += [*shape_problems(folder), *mjml_problems(folder)]
    if not folder.problems and not layout.problems and folder.message is not None:
        _compile(folder, layout)
    return folder


def _compile(folder: Folder, layout: Layout) -> None:
    sources = folder.sources
    html = text = None
    if "email.mjml" in sources:
        try:
            html = compiling.compiled_html(layout.mjml.text, sources["email.mjml"].text, folder.blocks(".mjml"))
        except ValueError as error:
            folder.problems.append(sources["email.mjml"].problem(1, f"MJML cannot compile this: {error}"))
    if "email.txt" in sources:
        text = compiling.compiled_text(layout.text.text, sources["email.txt"].text, folder.blocks(".txt"))
    if not folder.problems:
        folder.bodies = Bodies(html, text, sources["sms.txt"].text if "sms.txt" in sources else None)


def _sources(path: Path, root: Path, folder: Folder) -> Iterator[tuple[str, Source]]:
    for name in ("email.mjml", "email.txt", "sms.txt"):
        if (path / name).is_file():
            yield name, _source(path / name, root, FACTS if name == "sms.txt" else LAYOUT)
    for block in sorted((path / "blocks").glob("*.*")):
        names = GENERAL if block.stem == compiling.GENERAL else BLOCK
        yield f"blocks/{block.name}", _source(block, root, names)
    for key, text in _fields(folder.message):
        where = tuple(key.split("."))
        document = folder.document
        yield key, Source(document.file, text, FACTS, "field", key, document.line(where))


def _fields(message: Message | None) -> Iterator[tuple[str, str]]:
    if message is None:
        return
    push = message.push
    texts = {
        "subject": message.subject,
        "preheader": message.preheader,
        "push.title": push and push.title,
        "push.body": push and push.body,
    }
    yield from ((key, str(text)) for key, text in texts.items() if text is not None)


def _missing(path: Path, root: Path, names: tuple[str, ...]) -> Iterator[ContentInvalid]:
    for name in names:
        if not (path / name).is_file():
            yield ContentInvalid("the file is missing: add it", file=_file(path / name, root))


def _strangers(path: Path, root: Path) -> Iterator[ContentInvalid]:
    for entry in sorted(path.iterdir()):
        if entry.name not in FILES and not entry.name.startswith("."):
            hint = did_you_mean(entry.name, FILES)
            yield ContentInvalid(f"nobody reads a file of this name{hint}", file=_file(entry, root))


def _source(path: Path, root: Path, names: Mapping[str, Any]) -> Source:
    return Source(_file(path, root), _text(path) or "", names, "mjml" if path.suffix == ".mjml" else "text")


def read_json(path: Path, root: Path) -> Document:
    """JSON is YAML enough to be read with its lines."""
    text = _text(path)
    return Document(_file(path, root), {}) if text is None else yaml_lines.load(text, _file(path, root))


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _file(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
