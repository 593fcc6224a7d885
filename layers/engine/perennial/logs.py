"""What may be written about an error: ids and reasons, never what anybody is called (law 11)."""

import traceback

from perennial.errors import PerennialError


def reason_of(error: Exception) -> str:
    """Our own errors in their own words; of any other its kind and place, because its words may quote a person."""
    if isinstance(error, PerennialError):
        return f"{type(error).__name__}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
