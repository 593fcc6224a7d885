"""The real `templates/`, read once for all tests of them."""

from pathlib import Path

from perennial.messages import Message
from perennial_cli.authoring import survey
from perennial_cli.trials import Trial, trials

TEMPLATES = Path(__file__).parents[2] / "templates"
FOUND = survey(TEMPLATES)
CONTENT = FOUND.content
TRIALS = [trial for folder in FOUND.folders.values() for trial in trials(FOUND, CONTENT, folder)]
"""Every message in every store and language."""

(STORE,) = CONTENT.stores.values()


def named(value: object) -> str:
    """The id of a case."""
    return f"{value.folder.name}-{value.locale}" if isinstance(value, Trial) else str(value)


def message_of(trial: Trial) -> Message:
    assert trial.folder.message is not None
    return trial.folder.message


def by(channel: str, *classes: str) -> list[Trial]:
    """Those that go out on a channel, and are of one of these classes if any are named."""
    chosen = [trial for trial in TRIALS if channel in message_of(trial).channels]
    return [trial for trial in chosen if not classes or message_of(trial).class_ in classes]
