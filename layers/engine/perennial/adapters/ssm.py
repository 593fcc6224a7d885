"""Secrets in SSM Parameter Store, as SecureStrings: free of charge, read once in a while by each process."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.parameters import SSMProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError, TransformParameterError
from botocore.exceptions import ClientError

from perennial.adapters.errors import code_of, translated
from perennial.errors import Misconfigured
from perennial.links import KeyRing
from perennial.platforms import Secrets

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

FRESH_SECONDS = 300
"""How long a process trusts what it read: a rotated secret works everywhere after that."""

SHORTEST = 16
"""Bytes of a pepper that nobody guesses."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The pepper of hashed aliases, which never changes, and the ring of link keys."""

    pepper: bytes = field(repr=False)
    links: KeyRing


class SsmSecrets:
    """Below `prefix`, `webhooks/<store>/<platform>` holds `{"current": …, "previous": …}`."""

    def __init__(self, client: "SSMClient", prefix: str) -> None:
        self._provider = SSMProvider(boto3_client=client)
        self._prefix = prefix

    def webhook(self, store: str, platform: str) -> Secrets | None:
        name = f"{self._prefix}/webhooks/{store}/{platform}"
        found = _document(self._provider, name)
        if found is None:
            return None
        current, previous = found.get("current"), found.get("previous")
        if not isinstance(current, str) or not isinstance(previous, str | None):
            raise Misconfigured(f'the parameter {name} is malformed: write {{"current": "…", "previous": "…"}}')
        return Secrets(current, previous)


def read_keys(client: "SSMClient", prefix: str) -> Keys:
    """`<prefix>/keys` holds `{"pepper": hex, "links": {"current": 1, "keys": {"1": hex}}}`. Raises Misconfigured."""
    found = _document(SSMProvider(boto3_client=client), f"{prefix}/keys")
    if found is None:
        raise Misconfigured(f"the parameter {prefix}/keys is missing: run `perennial keys` once for this stack")
    try:
        links = found["links"]
        ring = KeyRing(links["current"], {int(kid): bytes.fromhex(key) for kid, key in links["keys"].items()})
        pepper = bytes.fromhex(found["pepper"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Misconfigured(f"the parameter {prefix}/keys is malformed") from error
    if len(pepper) < SHORTEST:
        raise Misconfigured(f"the pepper in {prefix}/keys needs {SHORTEST} bytes or more")
    return Keys(pepper, ring)


def _document(provider: SSMProvider, name: str) -> Mapping[str, Any] | None:
    """The JSON object under that name; None if there is no such parameter."""
    try:
        found = provider.get(name, max_age=FRESH_SECONDS, transform="json", decrypt=True)
    except TransformParameterError as error:
        raise Misconfigured(f"the parameter {name} is not JSON") from error
    except GetParameterError as error:
        # Powertools keeps the cause as context only.
        cause = error.__context__
        if isinstance(cause, ClientError) and code_of(cause) == "ParameterNotFound":
            return None
        with translated():
            raise (cause if isinstance(cause, Exception) else error) from error
    if not isinstance(found, dict):
        raise Misconfigured(f"the parameter {name} is not a JSON object")
    return found
