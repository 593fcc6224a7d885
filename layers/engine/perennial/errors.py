"""Every error Perennial raises, as one tree.

    PerennialError
    ├── ContentInvalid       something in templates/ is wrong; the marketer can mend it (file, line, field)
    ├── DeliveryRefused      a webhook we do not take; answered 4xx, nothing is stored
    │   ├── SignatureInvalid     401: missing, wrong or stale signature
    │   └── AddressUnknown       404: no such store or platform here
    ├── BodyUnreadable       a verified webhook that nobody can map; parked, answered 2xx
    │   └── NothingHappened      one that says itself that nothing has happened; answered 2xx, not kept
    ├── RuleFailed           a rule that raises on this event, every time; the event is parked
    ├── Unavailable          a service that throttles, times out or answers 5xx; retried, never parked
    └── Misconfigured        a setting, secret or resource is missing; the engineer can mend it

What is merely expected ("unsubscribed", "already sent", "somebody else was faster") is a value, not an error.
"""

from collections.abc import Iterator
from contextlib import contextmanager


class PerennialError(Exception):
    """The root: catching it catches what Perennial itself has to say, and nothing else."""


class ContentInvalid(PerennialError):
    """Something in templates/ is wrong. `str()` reads `file:line: field: what is wrong and what to do`."""

    def __init__(self, message: str, *, file: str, line: int | None = None, field: str | None = None) -> None:
        self.message, self.file, self.line, self.field = message, file, line, field
        super().__init__(self.render())

    def render(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}" if self.field is None else f"{place}: {self.field}: {self.message}"


class DeliveryRefused(PerennialError):
    """A webhook we do not take. `status` is the HTTP answer; the text may be shown to the sender."""

    status = 400


class SignatureInvalid(DeliveryRefused):
    """The signature is missing, wrong or stale."""

    status = 401


class AddressUnknown(DeliveryRefused):
    """The path names a store or a platform that is not set up here."""

    status = 404


class BodyUnreadable(PerennialError):
    """A verified body that cannot be turned into a canonical event: parked with this reason."""


class NothingHappened(BodyUnreadable):
    """A verified body that tells of something that has not come about: there is nothing to keep, and nothing to do."""


class RuleFailed(PerennialError):
    """A rule raises on this event, and would again: the event is parked and its line goes on."""


class Unavailable(PerennialError):
    """A service throttled us, timed out or failed: try again later."""


class Misconfigured(PerennialError):
    """A setting, secret or resource is missing or malformed."""


@contextmanager
def own_failures() -> Iterator[None]:
    """What is pure will raise again whatever it raises, so that any error is the event's or the message's own."""
    try:
        yield
    except PerennialError:
        raise
    except Exception as error:
        raise RuleFailed(unquoted(error)) from error


def unquoted(error: Exception) -> str:
    """The kind of a foreign error and where it was raised, but not its words: they may quote a person (law 11)."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" in {trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace else ""
    return f"{type(error).__name__}{place}"
