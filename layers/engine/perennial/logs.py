"""What may be written about an error: ids and reasons, never what anybody is called (law 11)."""

from perennial.errors import PerennialError, unquoted

REPEATED = ("function_name", "function_memory_size", "function_arn")
"""What Powertools would put into every line of a log group in which it is always the same."""


def reason_of(error: Exception) -> str:
    """Our own errors in their own words; of any other its kind and place, because its words may quote a person."""
    return f"{type(error).__name__}: {error}" if isinstance(error, PerennialError) else unquoted(error)
