"""Secrets in SSM Parameter Store, as SecureStrings: free of charge, read once in a while by each process."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from perennial.adapters.errors import translated
from perennial.errors import Misconfigured
from perennial.links import KeyRing

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

    from perennial.platforms import Secrets

FRESH = timedelta(minutes=5)
"""How long a process trusts what it read: a rotated secret works everywhere after that."""

AGAIN = timedelta(minutes=1)
"""How long after a look at the link keys another one is worth it."""

SHORTEST = 16
"""Bytes of a pepper that nobody guesses."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The pepper of hashed aliases, which never changes, and the ring of link keys."""

    pepper: bytes = field(repr=False)
    links: KeyRing


@dataclass(frozen=True, slots=True)
class SsmSecrets:
    """Below `prefix`, `webhooks/<store>/<platform>` holds `{"current": …, "previous": …}`."""

    client: "SSMClient"
    prefix: str
    now: Callable[[], datetime]
    read: "dict[str, tuple[datetime, Secrets]]" = field(default_factory=dict, repr=False)

    def webhook(self, store: str, platform: str) -> "Secrets | None":
        name = f"{self.prefix}/webhooks/{store}/{platform}"
        at, secrets = self.read.get(name, (None, None))
        if at is None or abs(self.now() - at) > FRESH:
            secrets = self._read(name)
            if secrets is not None:  # one that is missing is looked for again at once: somebody is setting it up
                self.read[name] = (self.now(), secrets)
        return secrets

    def _read(self, name: str) -> "Secrets | None":
        from perennial.platforms import Secrets  # brings the events along, and pages verify no webhooks

        found = _document(self.client, name)
        if found is None:
            return None
        current, previous = found.get("current"), found.get("previous")
        if not isinstance(current, str) or not isinstance(previous, str | None):
            raise Misconfigured(f'the parameter {name} is malformed: write {{"current": "…", "previous": "…"}}')
        return Secrets(current, previous)


@dataclass(slots=True)
class SsmLinkKeys:
    """The ring of links, kept for the life of the process. Looked up again at most once a minute, whoever asks: anybody
    can make up tokens of unknown keys."""

    client: "SSMClient"
    prefix: str
    now: Callable[[], datetime]
    held: KeyRing | None = field(default=None, repr=False)
    read_at: datetime | None = None

    def ring(self) -> KeyRing:
        return self.held or self._read()

    def renewed(self) -> KeyRing:
        fresh = self.read_at is not None and abs(self.now() - self.read_at) < AGAIN
        return self.held if fresh and self.held else self._read()

    def _read(self) -> KeyRing:
        self.held, self.read_at = read_keys(self.client, self.prefix).links, self.now()
        return self.held


def read_keys(client: "SSMClient", prefix: str) -> Keys:
    """`<prefix>/keys` holds `{"pepper": hex, "links": {"current": 1, "keys": {"1": hex}}}`. Raises Misconfigured."""
    found = _document(client, f"{prefix}/keys")
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


def _document(client: "SSMClient", name: str) -> Mapping[str, Any] | None:
    """The JSON object under that name; None if there is no such parameter."""
    try:
        with translated("ParameterNotFound"):
            answer = client.get_parameter(Name=name, WithDecryption=True)
    except ClientError:
        return None
    try:
        found = json.loads(answer["Parameter"]["Value"])
    except ValueError as error:
        raise Misconfigured(f"the parameter {name} is not JSON") from error
    if not isinstance(found, dict):
        raise Misconfigured(f"the parameter {name} is not a JSON object")
    return found
