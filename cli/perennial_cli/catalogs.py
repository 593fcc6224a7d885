"""Translations: texts out of the templates, .po files in and out, and what is wrong with them.

English is the language of the templates and needs no file. `templates/locales/messages.pot` lists the texts,
`templates/locales/<locale>/LC_MESSAGES/messages.po` what they are in another language.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import PoFileError, read_po, write_po

from perennial.content import Bodies
from perennial.errors import ContentInvalid
from perennial.locales import SOURCE, Catalogue, language_of, normalise
from perennial_cli.folders import Folder, Layout
from perennial_cli.placeholders import placeholders
from perennial_cli.sources import Msgid, Source, texts_in

_DATES = re.compile(
    rb'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Language-Team|Report-Msgid)[^\n]*\n',
    re.MULTILINE,
)
_HEADER = "# Written by `perennial translate` from the texts in templates/; translations are yours to edit."
_TAG = re.compile(r"</?([a-z][a-z0-9]*)")


@dataclass
class Translations:
    """One locale's file. `lines` by msgid."""

    locale: str
    file: str
    catalogue: Catalogue
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: list[ContentInvalid] = field(default_factory=list)


def po_file(templates: Path, locale: str) -> Path:
    return templates / "locales" / locale / "LC_MESSAGES" / "messages.po"


def read_translations(templates: Path) -> dict[str, Translations]:
    """Every locale that has a folder, by its normalised name."""
    found = {}
    for path in sorted((templates / "locales").glob("*/LC_MESSAGES/messages.po")):
        locale = path.parts[-3]
        found[normalise(locale)] = _read(path, locale, path.relative_to(templates.parent).as_posix())
    return found


def _read(path: Path, locale: str, file: str) -> Translations:
    try:
        catalog = read_po(BytesIO(path.read_bytes()), locale=locale, abort_invalid=True)
    except (PoFileError, ValueError) as error:
        problem = ContentInvalid(f"this is no catalogue: {error}", file=file, line=getattr(error, "lineno", None))
        return Translations(locale, file, Catalogue(), problems=[problem])
    messages: dict[str, str | list[str]] = {}
    lines: dict[str, int] = {}
    for entry in catalog:
        if entry.id and _done(entry):
            key = _singular(entry)
            messages[key] = entry.string if isinstance(entry.string, str) else list(_strings(entry))
            lines[key] = entry.lineno or 1
    translations = Translations(locale, file, Catalogue(messages, catalog.plural_expr), lines)
    for entry in catalog:
        translations.problems += [
            ContentInvalid(reason, file=file, line=entry.lineno, field=_singular(entry)[:60])
            for reason in _wrong(entry)
            if entry.id and not entry.fuzzy
        ]
    return translations


def _strings(entry: Entry) -> tuple[str, ...]:
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())


def _done(entry: Entry) -> bool:
    """A guess (`fuzzy`) is no translation yet."""
    strings = _strings(entry)
    return not entry.fuzzy and bool(strings) and all(strings)


def _singular(entry: Entry) -> str:
    return entry.id if isinstance(entry.id, str) else str(entry.id[0])


def _wrong(entry: Entry) -> Iterator[str]:
    """Placeholders and HTML tags of a translation must be those of the text."""
    originals = (entry.id,) if isinstance(entry.id, str) else tuple(entry.id or ())
    for string in _strings(entry):
        if not string:
            continue
        try:
            unknown = placeholders(string) - {name for text in originals for name in placeholders(text)}
        except ValueError as error:
            yield str(error)
            continue
        if unknown:
            yield f"the translation has %({sorted(unknown)[0]})s, which the text does not have"
        if not any(_tags(string) == _tags(text) for text in originals):
            yield "the translation has other HTML tags than the text"


def _tags(text: str) -> list[str]:
    return sorted(_TAG.findall(text)) + ["<"] * (text.count("<") - len(_TAG.findall(text)))


def texts_of(folders: Iterable[Folder], layout: Layout, pages: Iterable[Source] = ()) -> dict[Msgid, Source]:
    """Every text to be translated, with the first place it stands at, in the order of the files.

    Bodies are read as compiled, because it is those texts that are looked up: MJML may have changed a tag.
    """
    found: dict[Msgid, Source] = {}
    shared = {text: source for source in (layout.text, layout.mjml) for _, text in texts_in(source.text)}
    for folder in sorted(folders, key=lambda folder: folder.name):
        for source, body in _translatable(folder):
            for _, text in texts_in(body):
                found.setdefault(text, shared.get(text, source))
    for source in pages:
        for _, text in texts_in(source.text):
            found.setdefault(text, source)
    return found


def _translatable(folder: Folder) -> Iterator[tuple[Source, str]]:
    bodies = folder.bodies or Bodies()
    for name, source in folder.sources.items():
        if source.kind == "field":
            yield source, source.text
        body = {"email.mjml": bodies.html, "email.txt": bodies.text, "sms.txt": bodies.sms}.get(name)
        if body is not None:
            yield source, body


def untranslated(texts: Mapping[Msgid, Source], catalogue: Catalogue) -> Iterator[tuple[str, Source]]:
    for text, source in texts.items():
        singular = text if isinstance(text, str) else text[0]
        known = catalogue.messages.get(singular)
        if known is None or (not isinstance(text, str) and isinstance(known, str)):
            yield singular, source


def lacking(texts: Mapping[Msgid, Source], locale: str, catalogue: Catalogue) -> str | None:
    """What to tell whoever looks at these texts in a language that has not all of them."""
    missing = 0 if language_of(locale) == SOURCE else sum(1 for _ in untranslated(texts, catalogue))
    said = f"{missing} of {len(texts)} texts of this message are not translated: they are shown in English"
    return said if missing else None


def _empty(locale: str | None) -> Catalog:
    return Catalog(locale, project="Perennial", charset="utf-8", header_comment=_HEADER, fuzzy=False)


def template_of(texts: Mapping[Msgid, Source]) -> Catalog:
    catalog = _empty(None)
    for text, source in texts.items():
        catalog.add(
            text, locations=[(source.file.partition("/")[2], 0)], flags=["python-format"] if _held(text) else []
        )
    return catalog


def _held(text: Msgid) -> bool:
    return any("%" in part for part in ((text,) if isinstance(text, str) else text))


def update(templates: Path, texts: Mapping[Msgid, Source], locales: Iterable[str]) -> dict[str, int]:
    """Write messages.pot and bring each locale's .po up to date; how many texts each still lacks."""
    template = template_of(texts)
    _write(templates / "locales" / "messages.pot", template)
    missing = {}
    for locale in locales:
        path = po_file(templates, locale)
        catalog = read_po(BytesIO(path.read_bytes()), locale=locale) if path.exists() else _empty(locale)
        catalog.update(template, no_fuzzy_matching=False)
        _write(path, catalog)
        missing[locale] = sum(1 for entry in catalog if entry.id and not _done(entry))
    return missing


def _write(path: Path, catalog: Catalog) -> None:
    """Without dates and line numbers, so that a .po file changes when a text does and not otherwise."""
    buffer = BytesIO()
    write_po(buffer, catalog, width=100, include_lineno=False, ignore_obsolete=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_DATES.sub(b"", buffer.getvalue()))
