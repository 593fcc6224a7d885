"""One look after the other: what cannot be looked at is a finding too, and stops none of the others."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from perennial.errors import PerennialError
from perennial_cli.doctor import deep_looks, line_looks, mail_looks
from perennial_cli.doctor.findings import Finding
from perennial_cli.doctor.place import Place

DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})


@dataclass(frozen=True)
class Look:
    """`embedded`: whether the embedded cloud has such a thing at all."""

    name: str
    at: Callable[[Place], Iterable[Finding]]
    embedded: bool = False


LOOKS = (
    Look("sender identity", mail_looks.identities),
    Look("SES account", mail_looks.account),
    Look("event destinations", mail_looks.reports),
    Look("secrets", line_looks.secrets, embedded=True),
    Look("dead letters", line_looks.dead_letters, embedded=True),
    Look("queues", line_looks.queues),
    Look("parked", line_looks.parked, embedded=True),
    Look("pauses", line_looks.pauses, embedded=True),
    Look("overdue wakes", line_looks.overdue, embedded=True),
    Look("schedules", line_looks.schedules, embedded=True),
    Look("webhooks", line_looks.webhooks),
    Look("alarms", line_looks.alarms),
    Look("table", line_looks.table),
)

DEEP = (Look("unbalanced touches", deep_looks.balance, embedded=True),)
"""Looks at every customer: some minutes, and the price of reading the whole table."""


def looks(*, deep: bool) -> tuple[Look, ...]:
    return (*LOOKS, *DEEP) if deep else LOOKS


def examine(place: Place, *, deep: bool = False) -> Iterator[Finding]:
    """Every finding, in the order of the looks."""
    for look in looks(deep=deep):
        if place.embedded and not look.embedded:
            yield Finding("note", look.name, "not looked at: the embedded cloud has none", "give --stack NAME")
        else:
            yield from _safely(look, place)


def _safely(look: Look, place: Place) -> Iterator[Finding]:
    try:
        yield from look.at(place)
    except ClientError as error:
        yield _unseen(look, error)
    except (BotoCoreError, PerennialError) as error:
        yield Finding("warning", look.name, f"cannot be looked at: {error}", "try again; the other checks went on")


def _unseen(look: Look, error: ClientError) -> Finding:
    code = error.response.get("Error", {}).get("Code", "")
    what = f"cannot be looked at: {error.operation_name} answers {code}"
    if code in DENIED or "NotAuthorized" in code:
        return Finding("warning", look.name, what, f"allow {error.operation_name} to whoever runs the doctor")
    return Finding("warning", look.name, what, "try again; the other checks went on")
