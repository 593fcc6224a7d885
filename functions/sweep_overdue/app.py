"""Once an hour: wakes that never came and facts that found no owner are put back, or told of."""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from perennial import wiring
from perennial.logs import REPEATED, reason_of
from perennial.settings import metrics_namespace
from perennial.sweeping import Swept, sweep

logger = Logger(service="sweep_overdue", location=None, xray_trace_id=None)
metrics = Metrics(namespace=metrics_namespace(), service="sweep_overdue")


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A run that fails is counted and not repeated: the next hour goes on where this one stopped."""
    logger.remove_keys(REPEATED)
    try:
        stores = [tell(swept) for swept in sweep(wiring.for_sweeping())]
    except Exception as error:  # noqa: BLE001  left alone, Lambda would log the error in its own words (law 11)
        metrics.add_metric("SweepFailed", MetricUnit.Count, 1)
        logger.error("sweep failed", extra={"reason": reason_of(error)})
        return {"outcome": "failed"}
    return {"outcome": "swept", "stores": stores}


def tell(swept: Swept) -> dict[str, Any]:
    for name, count in (
        ("WakePutBack", swept.wakes),
        ("FactPutBack", swept.facts),
        ("StillParked", swept.waiting),
    ):
        metrics.add_metric(name, MetricUnit.Count, count)
    for name, count in (("NewcomerWaiting", swept.newcomers), ("NewcomerGivenUp", swept.given_up)):
        if count:  # no trouble, and a metric of its own costs money
            metrics.add_metric(name, MetricUnit.Count, count)
    logger.info("swept", extra=swept.as_log())
    return swept.as_log()
