"""botocore's errors in our own words: translated once, by type and code, keeping the cause."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from perennial.errors import Misconfigured, Unavailable

PASSING = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "KmsThrottled",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "Throttled",
        "Throttling",
        "ThrottledException",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""What goes away by itself: what the SDK tries again before we hear of it, what the services' own models add to that,
and what only we try again (patience.py). Who still meets it is told that it is unavailable."""


@contextmanager
def translated(*expected: str) -> Iterator[None]:
    """Lets the codes in `expected` through for the caller to read as answers; everything else becomes ours.

    Raises Unavailable (try again) or Misconfigured (a person must act).
    """
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        if code in expected:
            raise
        if code in PASSING or status_of(error) == 429 or status_of(error) >= 500:
            raise Unavailable(f"{error.operation_name}: {code}") from error
        raise Misconfigured(f"{error.operation_name}: {code}") from error
    except (BotoCoreError, ResponseParserError) as error:
        raise Unavailable(type(error).__name__) from error


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def reasons_of(error: ClientError) -> list[dict[str, Any]]:
    """Why each action of a cancelled transaction failed, in their order; `Code` is "None" for those that did not."""
    response: dict[str, Any] = dict(error.response)
    return list(response.get("CancellationReasons", []))
