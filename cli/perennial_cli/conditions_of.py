"""The conditions of a journey, and where each stands."""

from collections.abc import Iterator

from perennial.journeys import Journey, Touch
from perennial_cli.yaml_lines import Path


def conditions_of(journey: Journey) -> Iterator[tuple[Path, str, Touch | None]]:
    """Where each stands, and the touch that it is for."""
    if journey.enrol.when is not None:
        yield ("enrol", "when"), journey.enrol.when, None
    for index, touch in enumerate(journey.touches):
        told = {"when": touch.when, "unless": touch.unless, "hold while": touch.hold_while}
        yield from ((("touches", index, key), text, touch) for key, text in told.items() if text is not None)
