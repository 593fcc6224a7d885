"""One event of one customer, from the line: load, decide, commit, carry out."""

import gc

gc.disable()  # whatever is imported stays: looking for garbage in it takes a tenth of a cold start


from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from perennial import wiring
from perennial.adapters.sqs import read_message
from perennial.advancing import advance
from perennial.logs import REPEATED, reason_of
from perennial.run_report import Report
from perennial.settings import metrics_namespace

gc.freeze()
gc.enable()

logger = Logger(service="advance_customer", location=None, xray_trace_id=None)
metrics = Metrics(namespace=metrics_namespace(), service="advance_customer")


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The batch size is 1: a failure takes no neighbour with it. A message that is not named below is done."""
    logger.remove_keys(REPEATED)
    failed = [record["messageId"] for record in event["Records"] if not take(record)]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def take(record: dict[str, Any]) -> bool:
    """Whether the message is done; if not, the queue brings it again."""
    attributes = record["attributes"]
    try:
        advance_one(record["body"], attributes["MessageGroupId"], int(attributes["ApproximateReceiveCount"]))
    except Exception as error:  # noqa: BLE001  whatever it is, the message stays and the line waits
        metrics.add_metric("EventFailed", MetricUnit.Count, 1)
        told = {"message_id": record["messageId"], "group": attributes["MessageGroupId"], "reason": reason_of(error)}
        logger.error("event failed", extra=told)
        return False
    return True


def advance_one(body: str, group: str, receives: int) -> None:
    event, customer = read_message(body, group, wiring.bodies())
    report = advance(event, customer, wiring.for_advancing(), redelivered=receives > 1)
    metrics.add_metric(f"Event{report.outcome.title()}", MetricUnit.Count, 1)
    if report.unsent:
        metrics.add_metric("MessageUnsent", MetricUnit.Count, len(report.unsent))
    if mistakes := len(report.undecided) + len(report.failed):
        metrics.add_metric("EventParked", MetricUnit.Count, mistakes)
    tell_health(report)
    names = {"store": event.store, "event_id": event.id, "event_type": event.type}
    logger.info("event", extra={**names, **report.as_log()})


def tell_health(report: Report) -> None:
    """How late wakes are worked, and whom nothing would ever wake again."""
    if report.lag is not None:
        metrics.add_metric("WakeLag", MetricUnit.Seconds, report.lag)
    if report.unbalanced:
        metrics.add_metric("TouchesUnbalanced", MetricUnit.Count, 1)
