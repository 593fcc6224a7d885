"""Sees every AWS call the functions make: counts them, and keeps each message they asked to send.

moto forgets headers, tags and half of the body; what was asked is read off the call itself.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.session import Session


@dataclass
class SentMessage:
    """One request to a provider, word for word, and the provider's id if it was accepted."""

    channel: str
    at: datetime
    request: dict[str, Any]
    provider_id: str | None = None

    @property
    def tags(self) -> dict[str, str]:
        return {tag["Name"]: tag["Value"] for tag in self.request.get("EmailTags", [])}

    @property
    def to(self) -> str:
        if self.channel == "email":
            return str(self.request["Destination"]["ToAddresses"][0])
        return str(self.request.get("PhoneNumber") or self.request.get("TargetArn"))


@dataclass
class Witness:
    """`calls` counts by "Service.Operation", `bytes_read` what AWS answered; `sent` is in the order of sending.

    Calls that record what providers report are counted apart: they come after a message, not with it.
    """

    now: Callable[[], datetime]
    calls: Counter[str] = field(default_factory=Counter)
    sent: list[SentMessage] = field(default_factory=list)
    bytes_read: int = 0
    feedback_calls: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Counts calls as those of feedback meanwhile."""
        calls, read = self.calls, self.bytes_read
        self.calls = self.feedback_calls
        try:
            yield
        finally:
            self.calls, self.bytes_read = calls, read

    def watch(self, session: Session) -> None:
        """From now on, every client that the session makes is seen."""
        emitter = session.get_component("event_emitter")
        emitter.register("provide-client-params.*.*", self._asked)
        emitter.register("after-call.*.*", self._answered)

    def _asked(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        operation = f"{model.service_model.service_id}.{model.name}".replace(" ", "")
        self.calls[operation] += 1
        if model.name == "SendEmail":
            self.sent.append(SentMessage("email", self.now(), params))
        elif model.name == "Publish":
            self.sent.append(SentMessage("text" if "PhoneNumber" in params else "push", self.now(), params))

    def _answered(self, http_response: Any, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        if not model.has_streaming_output:  # reading a stream here would leave nothing for its reader
            self.bytes_read += len(http_response.content)
        if model.name in ("SendEmail", "Publish"):
            self.sent[-1].provider_id = parsed.get("MessageId")
