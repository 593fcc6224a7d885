"""The composition root: the only maker of clients, of ids and nonces, and of `now`.

Nothing is opened on import; what a function needs is made for its first event and kept for the life of the process.
"""

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session

from perennial import links
from perennial.adapters.s3 import S3Bodies
from perennial.adapters.ssm import Keys, SsmLinkKeys, SsmSecrets, read_keys
from perennial.outside import ForAdvancing, ForReceiving, ForRecording, ForServing, ForSweeping
from perennial.settings import (
    AdvancingSettings,
    ReceivingSettings,
    RecordingSettings,
    ServingSettings,
    SweepingSettings,
    read_content,
)

if TYPE_CHECKING:
    from perennial.adapters.parking import DynamoParking
    from perennial.adapters.scheduler import SchedulerTimers
    from perennial.adapters.sqs import SqsLine
    from perennial.content import Content
    from perennial.customer import Lane

PATIENT = Config(
    retries={"mode": "standard", "total_max_attempts": 4}, connect_timeout=2, read_timeout=5, tcp_keepalive=True
)
ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=2, read_timeout=8)
"""For senders: `total_max_attempts` 1 is one call, where `max_attempts` 1 would be two."""

_clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # noqa: E731  replaced as a whole by `use_clock`
_chance: Callable[[int], bytes] = os.urandom


def now() -> datetime:
    """The only clock."""
    return _clock()


def use_clock(clock: Callable[[], datetime]) -> None:
    """Lets the embedded cloud move time; never called in AWS."""
    global _clock
    _clock = clock


def use_chance(source: Callable[[int], bytes]) -> None:
    """Lets the embedded cloud tell the same story twice; never called in AWS."""
    global _chance
    _chance = source


def forget() -> None:
    """Drops every client and setting, as a new process would have none."""
    opened = (for_receiving, for_advancing, for_recording, for_serving, for_sweeping)
    for made in (session, client, sender, bodies, *opened, _content, _keys):
        made.cache_clear()


def mint_customer() -> str:
    return links.customer_id(_chance(10))


def mint_nonce() -> str:
    return secrets.token_hex(8)


@cache
def session() -> Session:
    """boto3 without its resources and file transfers, which nothing here needs and a cold start would pay for."""
    return Session()


@cache
def client(service: str) -> Any:
    """A client that tries again by itself."""
    return session().create_client(service, config=PATIENT)


@cache
def sender(service: str) -> Any:
    """A client that never calls twice by itself."""
    return session().create_client(service, config=ONCE)


@cache
def _content(path: str) -> "Content":
    from perennial import content  # stores bring the models along, and most reports need none

    return content.load(read_content(path))


def _content_to_render(path: str) -> "Content":
    """For those who write to people: with the templates that the build has compiled."""
    from perennial import content
    from perennial.sandbox import use_build

    use_build(Path(path).with_name(content.COMPILED))
    return _content(path)


@cache
def _keys(parameters: str) -> Keys:
    return read_keys(client("ssm"), parameters)


@cache
def bodies() -> S3Bodies:
    return S3Bodies(ReceivingSettings.read().bucket, lambda: client("s3"))


def _line(settings: ReceivingSettings) -> "SqsLine":
    from perennial.adapters.sqs import SqsLine  # brings the events along, and most pages only look

    queues: dict[Lane, str] = {"urgent": settings.urgent_queue, "patient": settings.patient_queue}
    return SqsLine(lambda: client("sqs"), queues, bodies())


def _parking(table: str) -> "DynamoParking":
    from perennial.adapters.parking import DynamoParking

    return DynamoParking(client("dynamodb"), table, bodies())


@cache
def for_receiving() -> ForReceiving:
    from perennial.adapters.directory import DynamoDirectory

    settings = ReceivingSettings.read()
    parking = _parking(settings.table)
    return ForReceiving(
        directory=DynamoDirectory(client("dynamodb"), settings.table, _keys(settings.parameters).pepper, parking),
        line=_line(settings),
        parking=parking,
        secrets=SsmSecrets(client("ssm"), settings.parameters, now),
        content=_content(settings.content),
        now=now,
        mint_customer=mint_customer,
        mint_nonce=mint_nonce,
    )


def _timers(settings: AdvancingSettings) -> "SchedulerTimers":
    from perennial.adapters.scheduler import SchedulerTimers, Targets

    targets = Targets(
        group=settings.schedule_group,
        role=settings.schedule_role,
        queues={"urgent": settings.urgent_queue_arn, "patient": settings.patient_queue_arn},
        dead_letters=settings.lost_wakes_arn,
    )
    return SchedulerTimers(client("scheduler"), targets, now)


@cache
def for_advancing() -> ForAdvancing:
    """Adapters that only advance_customer needs are imported here, so that the door starts without them."""
    from perennial.adapters.directory import DynamoDirectory
    from perennial.adapters.dynamodb import DynamoCustomers
    from perennial.adapters.pausing import DynamoPauses
    from perennial.adapters.senders import Senders
    from perennial.adapters.traces import DynamoTraces
    from perennial.adapters.versions import DynamoVersions

    settings = AdvancingSettings.read()
    keys, table = _keys(settings.parameters), settings.table
    return ForAdvancing(
        customers=DynamoCustomers(client("dynamodb"), table, keys.pepper, bodies()),
        directory=DynamoDirectory(client("dynamodb"), table, keys.pepper, _parking(table)),
        traces=DynamoTraces(client("dynamodb"), table, keys.pepper, bodies()),
        bodies=bodies(),
        line=_line(settings),
        timers=_timers(settings),
        senders=Senders(sender, settings.configuration_set),
        pauses=DynamoPauses(client("dynamodb"), table, now),
        versions=DynamoVersions(client("dynamodb"), table),
        content=_content_to_render(settings.content),
        link_keys=keys.links,
        now=now,
        mint_nonce=mint_nonce,
        mint_customer=mint_customer,
    )


@cache
def for_serving() -> ForServing:
    from perennial.adapters.looking import DynamoLooks
    from perennial.adapters.telling import SqsTelling

    settings = ServingSettings.read()
    return ForServing(
        looks=DynamoLooks(client("dynamodb"), settings.table),
        line=cache(lambda: SqsTelling(lambda: client("sqs"), settings.urgent_queue)),
        link_keys=SsmLinkKeys(client("ssm"), settings.parameters, now),
        content=_content_to_render(settings.content),
        now=now,
    )


@cache
def for_sweeping() -> ForSweeping:
    from perennial.adapters.overdue import DynamoOverdue

    settings = SweepingSettings.read()
    return ForSweeping(
        overdue=DynamoOverdue(client("dynamodb"), settings.table),
        line=_line(settings),
        content=_content(settings.content),
        now=now,
    )


@cache
def for_recording() -> ForRecording:
    """Most reports are one write: nothing but the table is opened for them."""
    from perennial.adapters.opted_out import SnsOptedOut
    from perennial.adapters.receipts import DynamoReceipts

    settings = RecordingSettings.read()
    table = settings.table
    return ForRecording(
        book=DynamoReceipts(client("dynamodb"), table, lambda: _keys(settings.parameters).pepper),
        opted_out=SnsOptedOut(lambda: client("sns"), lambda: client("sqs"), settings.feedback_queue),
        open_line=cache(lambda: _line(settings)),
        open_parking=cache(lambda: _parking(table)),
        now=now,
    )
