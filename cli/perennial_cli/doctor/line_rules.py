"""What can be wrong between a webhook and a touch: secrets, queues, wakes, schedules, parked facts, alarms. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from perennial_cli.doctor.findings import Finding, Level

OLD = timedelta(days=1)
"""How long something may be parked before it is more than a warning."""

SILENT, TIMES = timedelta(hours=6), 2
"""Webhooks are silent if none came for longer than this, and for so many times the longest silence of two weeks."""

WATCHED = timedelta(days=14)


def secret(name: str, kind: str | None, command: str) -> Iterator[Finding]:
    """A parameter that functions read; `kind` is None if there is none."""
    if kind is None:
        yield Finding("error", "secrets", f"{name} is missing: what needs it is refused", command)
    elif kind != "SecureString":
        yield Finding("error", "secrets", f"{name} is a {kind}, readable by everybody who lists parameters", command)


REDRIVE = "read the function's log, mend, then: aws sqs start-message-move-task --source-arn {arn}"
LETTERS = {
    "DeadLetters": ("events failed twenty times, for an hour; their customers' lines went on without them", REDRIVE),
    "LostWakes": (
        "wakes could not be put into their lines",
        "look at the rights of ScheduleRole; the hourly sweep rings these customers all the same, so purge {arn}",
    ),
    "FeedbackDeadLetters": ("reports could not be recorded", REDRIVE + " --destination-arn <ARN of FeedbackQueue>"),
}
"""By the logical id of each dead-letter queue: what lies in it, and its way back. What Scheduler gave up is no message
of a queue, and a standard queue leads into no FIFO line: SQS moves neither.
"""


def dead_letters(queue: str, arn: str, count: int) -> Iterator[Finding]:
    if count:
        what, todo = LETTERS[queue]
        yield Finding("error", "dead letters", f"{queue}: {count} {what}", todo.format(arn=arn))


def parked(store: str, moments: Sequence[datetime], now: datetime) -> Iterator[Finding]:
    """Moments at which each thing was parked."""
    if moments:
        oldest = now - min(moments)
        level: Level = "error" if oldest >= OLD else "warning"
        what = f"{store}: {len(moments)} parked, the oldest {_span(oldest)} ago; its customers get only what they need"
        yield Finding(level, "parked", what, f"perennial parked --store {store}, then put-back")


def overdue(store: str, moments: Sequence[datetime], now: datetime, most: int) -> Iterator[Finding]:
    """Wakes whose time has passed by; no more than `most` were looked for."""
    if moments:
        many = f"{len(moments)} or more" if len(moments) >= most else str(len(moments))
        yield Finding(
            "error",
            "overdue wakes",
            f"{store}: {many} customers wait for a wake that never came, the longest for {_span(now - min(moments))}",
            "the hourly sweep puts them back: does sweep_overdue run, and do the queues move? See its log",
        )


@dataclass(frozen=True)
class Armed:
    """A wake that a customer expects, and the state of its schedule: None if there is none."""

    at: datetime
    state: str | None


def schedules(store: str, expected: Sequence[Armed]) -> Iterator[Finding]:
    """Of the wakes of the next day."""
    for words, states in (("no schedule", (None,)), ("a schedule that is switched off", ("DISABLED",))):
        risky = [one for one in expected if one.state in states]
        if risky:
            yield Finding(
                "error",
                "schedules",
                f"{store}: {len(risky)} of {len(expected)} wakes of the next day have {words}, the first due at "
                f"{min(one.at for one in risky):%Y-%m-%d %H:%M} UTC",
                "the sweep rings them half an hour late; after a restore, arm all of them again (docs/operating.md)",
            )


def schedule_group(name: str, state: str | None) -> Iterator[Finding]:
    if state != "ACTIVE":
        what = f"the schedule group {name} is {state or 'gone'}: no wake can be armed"
        yield Finding("error", "schedules", what, "deploy the stack again, then arm every wake again")


def silence(busy: Sequence[datetime], now: datetime) -> Iterator[Finding]:
    """Hours of the last two weeks in which webhooks came."""
    look = "is the app still installed, are its webhooks still subscribed? Shops delete what is refused too often"
    if not busy:
        yield Finding("warning", "webhooks", "no webhook came in two weeks", look)
        return
    hours = sorted(busy)
    longest = max((later - earlier for earlier, later in zip(hours, hours[1:], strict=False)), default=timedelta(0))
    quiet = now - hours[-1]
    if quiet > max(SILENT, TIMES * longest):
        what = f"none came for {_span(quiet)}; the longest silence of two weeks was {_span(longest)}"
        yield Finding("error", "webhooks", what, look)


def alarm_topic(topic: str | None, confirmed: int) -> Iterator[Finding]:
    if not topic:
        what, todo = "alarms tell nobody", "deploy with AlarmTopic=<ARN of a topic that wakes somebody>"
    elif not confirmed:
        what, todo = f"nobody listens to {topic}", "subscribe to it, and confirm the mail that comes"
    else:
        return
    yield Finding("error", "alarm topic", what, todo)


def ringing(alarms: Mapping[str, str]) -> Iterator[Finding]:
    """Alarms that ring right now, with their descriptions."""
    for name, words in sorted(alarms.items()):
        yield Finding("error", "alarms", f"{name} rings: {words}", "docs/deploying.md, When an alarm rings")


def paused(store: str, switches: Sequence[str]) -> Iterator[Finding]:
    """What somebody has switched off: what it holds waits, and expires in the end."""
    if switches:
        what = f"{store}: {', '.join(sorted(switches))} paused; what is held expires in the end"
        yield Finding("warning", "pauses", what, "perennial resume, if nobody means it any more")


def feeding(function: str, queue: str, states: Sequence[str]) -> Iterator[Finding]:
    """Event source mappings of a queue, which one function should read."""
    stopped = [state for state in states if state not in ("Enabled", "Enabling", "Updating", "Creating")]
    if stopped or not states:
        what = f"{function} does not read {queue} ({', '.join(stopped) or 'no event source'}): nothing is handled"
        yield Finding("error", "queues", what, "aws lambda update-event-source-mapping --enabled, or deploy again")


def table(recovery: str, ttl: str) -> Iterator[Finding]:
    if recovery != "ENABLED":
        what = "the table has no point-in-time recovery"
        yield Finding("error", "table", what, "deploy the stack again; whoever switched it off had a reason?")
    if ttl != "ENABLED":
        yield Finding("warning", "table", "the table's TTL is off: what should expire stays", "deploy the stack again")


def _span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    if hours < 1:
        return f"{hours * 60:.0f} minutes"
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
