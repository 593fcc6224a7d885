"""What a folder of `templates/messages/` holds once it has been read."""

from dataclasses import dataclass, field
from pathlib import Path

from perennial.content import Bodies
from perennial.errors import ContentInvalid
from perennial.messages import Message
from perennial_cli.sources import Source
from perennial_cli.yaml_lines import Document

SHARED = "_layout"


@dataclass
class Layout:
    """What is around every message: `_layout/email.mjml`, `email.txt` and the `sample.json` that all others add to."""

    mjml: Source
    text: Source
    sample: Document
    problems: list[ContentInvalid] = field(default_factory=list)


@dataclass
class Folder:
    """`sources` by file or field; `bodies` are None until everything in them is right."""

    name: str
    document: Document
    sample: Document
    message: Message | None = None
    sources: dict[str, Source] = field(default_factory=dict)
    bodies: Bodies | None = None
    problems: list[ContentInvalid] = field(default_factory=list)

    @property
    def categories(self) -> set[str]:
        """Categories of goods that have words of their own; empty if the message makes no difference."""
        return {Path(name).stem for name in self.sources if name.startswith("blocks/")}

    def blocks(self, suffix: str) -> dict[str, str]:
        return {
            Path(name).stem: source.text
            for name, source in sorted(self.sources.items())
            if name.startswith("blocks/") and name.endswith(suffix)
        }
