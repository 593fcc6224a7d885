"""`templates/` under watch: read again when a file has changed; what is not sound is told, and not used."""

from dataclasses import dataclass, replace
from pathlib import Path

from perennial.content import Content
from perennial.errors import ContentInvalid
from perennial_cli.authoring import ContentProblems, read

Seen = dict[str, tuple[int, int]]
"""Each file's time of change in nanoseconds, and its size."""


@dataclass
class Watch:
    """`problems` are those of the files as they are now; the content in use may be older, and is sound."""

    templates: Path
    pages_url: str
    problems: tuple[ContentInvalid, ...] = ()
    _seen: Seen | None = None

    def first(self) -> Content:
        """The content to begin with. Raises ContentProblems if it is not sound."""
        self._seen = self._look()
        return self._at_home(read(self.templates))

    def changed(self) -> Content | None:
        """New content, if a file has changed and everything is sound; what is wrong is in `problems` else."""
        found = self._look()
        if found == self._seen:
            return None
        self._seen = found
        try:
            content = self._at_home(read(self.templates))
        except ContentProblems as error:
            self.problems = error.problems
            return None
        except ContentInvalid as error:
            self.problems = (error,)
            return None
        self.problems = ()
        return content

    def recheck(self) -> None:
        """Look again at files that have not changed since."""
        self._seen = None
        self.changed()

    def _look(self) -> Seen:
        found: Seen = {}
        for path in self.templates.rglob("*"):
            try:
                stat = path.stat()
            except OSError:  # an editor's own file, gone already
                continue
            if not path.is_dir():
                found[str(path)] = (stat.st_mtime_ns, stat.st_size)
        return found

    def _at_home(self, content: Content) -> Content:
        """With links that lead here, instead of to the shop's own pages."""
        here = {"pages_url": self.pages_url}
        return replace(content, stores={name: store.model_copy(update=here) for name, store in content.stores.items()})
