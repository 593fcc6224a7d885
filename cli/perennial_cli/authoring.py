"""`templates/` read as a whole: everything in it, and everything that is wrong with it, in one pass.

`survey` collects; `read` is for those who only want the content, and raises one error that holds all the others.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from perennial.content import Content, make_content
from perennial.errors import ContentInvalid
from perennial.journeys import Journey
from perennial.store import Store
from perennial_cli import yaml_lines
from perennial_cli.catalogs import Translations, read_translations
from perennial_cli.crosschecks import cross_check
from perennial_cli.folders import SHARED, Folder, Layout
from perennial_cli.message_folders import read_folder, read_layout
from perennial_cli.page_files import Pages, read_pages
from perennial_cli.validating import validated
from perennial_cli.yaml_lines import Document

M = TypeVar("M", bound=BaseModel)


class ContentProblems(ContentInvalid):
    """All that is wrong with templates/, one problem a line."""

    def __init__(self, problems: Iterable[ContentInvalid]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(first.message, file=first.file, line=first.line, field=first.field)

    def __str__(self) -> str:
        return "\n".join(problem.render() for problem in self.problems)


@dataclass
class Survey:
    """What was found. `content` may be asked for when there are no `problems`."""

    templates: Path
    stores: dict[str, tuple[Store, Document]]
    journeys: dict[str, tuple[Journey, Document]]
    layout: Layout
    folders: dict[str, Folder]
    translations: dict[str, Translations]
    pages: Pages = field(default_factory=Pages)
    problems: list[ContentInvalid] = field(default_factory=list)

    @property
    def content(self) -> Content:
        """As much of the content as is sound."""
        sound = {
            name: (folder.message, folder.bodies)
            for name, folder in self.folders.items()
            if folder.message is not None and folder.bodies is not None
        }
        return make_content(
            (store for store, _ in self.stores.values()),
            (journey for journey, _ in self.journeys.values()),
            sound,
            {locale: found.catalogue for locale, found in self.translations.items()},
            self.pages.compiled,
        )


def read(templates: Path) -> Content:
    """The content of the folder. Raises ContentProblems with everything that is wrong."""
    found = survey(templates)
    if found.problems:
        raise ContentProblems(found.problems)
    return found.content


def survey(templates: Path) -> Survey:
    """Everything that can be told from the files themselves; what only rendering shows is `checking`'s."""
    root = templates.parent
    if not templates.is_dir():
        raise ContentProblems([ContentInvalid("there is no such folder", file=str(templates))])
    problems: list[ContentInvalid] = []
    stores = dict(_models(templates / "stores", root, Store, problems))
    broken = bool(problems)
    journeys = dict(_models(templates / "journeys", root, Journey, problems))
    layout = read_layout(templates / "messages", root)
    paths = [path for path in sorted((templates / "messages").glob("*/")) if path.name != SHARED and path.is_dir()]
    folders = {path.name: read_folder(path, root, layout) for path in paths}
    pages = read_pages(templates, root)
    result = Survey(templates, stores, journeys, layout, folders, read_translations(templates), pages)
    problems += [*layout.problems, *pages.problems]
    problems += [problem for folder in folders.values() for problem in folder.problems]
    problems += [problem for found in result.translations.values() for problem in found.problems]
    problems += cross_check(stores, journeys, folders, whole=not broken)
    result.problems = sorted(_once(problems), key=lambda problem: (problem.file, problem.line or 0))
    return result


def _models(
    path: Path, root: Path, model: type[M], problems: list[ContentInvalid]
) -> Iterator[tuple[str, tuple[M, Document]]]:
    """The models of a folder of YAML files, each by its name, which must be that of its file."""
    key = model.__name__.lower()
    seen: dict[str, str] = {}
    for entry in sorted(path.glob("*.y*ml")):
        document = yaml_lines.load(entry.read_text(encoding="utf-8"), entry.relative_to(root).as_posix())
        found = validated(model, document)
        problems += document.problems
        if found is None:
            continue
        name = str(getattr(found, key))
        if name in seen:
            problems.append(document.problem(f"there is a {key} {name!r} already, in {seen[name]}", (key,)))
        elif name != entry.stem:
            problems.append(document.problem(f"the file is called {entry.name}: give both one name", (key,)))
        seen.setdefault(name, document.file)
        yield name, (found, document)


def _once(problems: Iterable[ContentInvalid]) -> list[ContentInvalid]:
    return list({problem.render(): problem for problem in problems}.values())
