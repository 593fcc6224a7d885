"""What a provider's answer, its error or its silence says about the message. Read once, and never asked again."""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ProxyConnectionError,
)
from botocore.parsers import ResponseParserError

from perennial.adapters.errors import code_of, status_of
from perennial.ports import Reply

NEVER_LEFT = (
    ConnectTimeoutError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ProxyConnectionError,
)
"""No connection, or no key to sign with: nothing was sent."""

NOT_TAKEN = frozenset({401, 403, 408, 429, 503})
"""Statuses under which nothing was taken, whatever the error is called: a right, a key or time is missing."""


def reply_of(call: Callable[[], Mapping[str, Any]], for_good: frozenset[str], not_now: frozenset[str]) -> Reply | None:
    """The reply to one call. None: no answer came, and nobody knows whether the message was accepted."""
    try:
        answer = call()
    except ClientError as error:
        return _refusal(error, for_good, not_now)
    except ParamValidationError:
        return Reply("refused", "the SDK finds it malformed")
    except NEVER_LEFT as error:
        return Reply("released", type(error).__name__)
    except (BotoCoreError, ResponseParserError):
        return None
    accepted = answer.get("MessageId")
    return Reply("accepted", provider_id=accepted) if accepted else None


def _refusal(error: ClientError, for_good: frozenset[str], not_now: frozenset[str]) -> Reply | None:
    """A server's fault says nothing about the message: it may have been accepted all the same."""
    code, status = code_of(error), status_of(error)
    if code in for_good:
        return Reply("refused", code)
    if code in not_now or status in NOT_TAKEN:
        return Reply("released", code)
    return None if status >= 500 else Reply("refused", code)
