"""What providers report: of emails by SES through SNS and a queue, of texts by SNS's log, and once a day who left."""

import gc

gc.disable()  # whatever is imported stays: looking for garbage in it takes a tenth of a cold start


import json
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from perennial import wiring
from perennial.errors import Unavailable
from perennial.logs import REPEATED, reason_of
from perennial.recording import Recorded, read_opted_out, record, record_log
from perennial.settings import metrics_namespace

gc.freeze()
gc.enable()

logger = Logger(service="record_feedback", location=None, xray_trace_id=None)
metrics = Metrics(namespace=metrics_namespace(), service="record_feedback")


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A batch of the queue, log lines, or the day's task. Of a batch, only what failed comes again."""
    logger.remove_keys(REPEATED)
    if "Records" in event:
        failed = [entry["messageId"] for entry in event["Records"] if not take(entry["messageId"], entry["body"])]
        return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}
    try:
        take_event(event)
    except Exception as error:  # noqa: BLE001  whatever it is, it is told and raised again in our own words
        metrics.add_metric("ReportFailed", MetricUnit.Count, 1)
        logger.error("report failed", extra={"reason": reason_of(error)})
        # Lambda calls twice more, then keeps the event; what it prints of an error must quote nobody (law 11).
        raise Unavailable(reason_of(error)) from None
    return {}


def take(message: str, body: str) -> bool:
    """Whether the message is done. A click may have to wait for what is pressed beside it."""
    try:
        if kept := event_in(body):
            take_event(kept)
            return True
        return noted(record(body, wiring.for_recording())).outcome != "waiting"
    except Exception as error:  # noqa: BLE001  whatever it is, the message stays, and its neighbours go on
        metrics.add_metric("ReportFailed", MetricUnit.Count, 1)
        logger.error("report failed", extra={"message_id": message, "reason": reason_of(error)})
        return False


def event_in(body: str) -> dict[str, Any] | None:
    """The event in a message that this function, or Lambda for it, has left itself: more work, or what failed."""
    if not ('"requestPayload"' in body or body.startswith('{"task"')):
        return None
    found = json.loads(body)
    event: dict[str, Any] = found.get("requestPayload", found)
    return event


def take_event(event: dict[str, Any]) -> None:
    read_numbers(event.get("after")) if "task" in event else take_log(event)


def take_log(event: dict[str, Any]) -> None:
    for done in record_log(event, wiring.for_recording()):
        noted(done)


def noted(done: Recorded) -> Recorded:
    metrics.add_metric(f"Report{done.outcome.title().replace(' ', '')}", MetricUnit.Count, 1)
    logger.info("report", extra=done.as_log())
    return done


def read_numbers(after: str | None) -> None:
    found = read_opted_out(after, wiring.for_recording())
    metrics.add_metric("NumberLeft", MetricUnit.Count, found.told)
    logger.info("opted-out numbers", extra={"read": found.read, "told": found.told, "more": found.more})
