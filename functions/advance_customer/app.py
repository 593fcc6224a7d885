"""One event of one customer, from the line: load, decide, commit, carry out."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from perennial import wiring
from perennial.adapters.sqs import read_message
from perennial.advancing import advance
from perennial.logs import reason_of

logger = Logger(service="advance_customer")
metrics = Metrics(namespace="Perennial", service="advance_customer")
# The queues are FIFO and the batch size is 1: a failure takes no neighbour with it, and needs no special processor.
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def take(record: SQSRecord) -> None:
    group = record["attributes"]["MessageGroupId"]
    try:
        _advance(record, group)
    except Exception as error:
        metrics.add_metric("EventFailed", MetricUnit.Count, 1)
        logger.error("event failed", message_id=record.message_id, group=group, reason=reason_of(error))
        raise


def _advance(record: SQSRecord, group: str) -> None:
    event, customer = read_message(record.body, group, wiring.bodies())
    redelivered = int(record.attributes.approximate_receive_count) > 1
    report = advance(event, customer, wiring.for_advancing(), redelivered=redelivered)
    metrics.add_metric(f"Event{report.outcome.title()}", MetricUnit.Count, 1)
    names = {"store": event.store, "event_id": event.id, "event_type": event.type}
    logger.info("event", extra={**names, **report.as_log()})


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    return process_partial_response(event=event, record_handler=take, processor=processor, context=context)
