"""Where template.yaml and the functions' code lie."""

from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def bundle_root(templates: Path) -> Path:
    """Beside `templates/`; the repository of this program for a folder that lies elsewhere and has none beside it."""
    beside = templates.resolve().parent
    return beside if (beside / "template.yaml").is_file() else REPOSITORY
