"""POST /webhooks/{platform}/{store}: verify, keep, answer within a second. Nothing is decided here."""

import gc

gc.disable()  # whatever is imported stays: looking for garbage in it takes a tenth of a cold start


import base64
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response, content_types
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from perennial import wiring
from perennial.errors import DeliveryRefused
from perennial.logs import REPEATED, reason_of
from perennial.receiving import Delivery, receive
from perennial.settings import metrics_namespace

gc.freeze()
gc.enable()

logger = Logger(service="receive_webhook", location=None, xray_trace_id=None)
metrics = Metrics(namespace=metrics_namespace(), service="receive_webhook")
app = APIGatewayHttpResolver()


@app.post("/webhooks/<platform>/<store>")
def take(platform: str, store: str) -> dict[str, Any]:
    delivery = Delivery(platform, store, app.current_event.headers, raw_body(app.current_event.raw_event), wiring.now())
    receipt = receive(delivery, wiring.for_receiving())
    metrics.add_metric(f"Webhook{receipt.outcome.title()}", MetricUnit.Count, 1)
    logger.info("webhook", extra={"platform": platform, "store": store, **receipt.as_log()})
    return {"outcome": receipt.outcome, "event": receipt.event_id, "reason": receipt.reason}


def refuse(error: DeliveryRefused) -> Response[str]:
    metrics.add_metric("WebhookRefused", MetricUnit.Count, 1)
    logger.warning("webhook refused", status=error.status, reason=str(error))
    return Response(error.status, content_types.TEXT_PLAIN, f"{error}\n")


def fail(error: Exception) -> Response[str]:
    """Our own fault: the shop tries again. Left alone, Powertools would log the error in its own words (law 11)."""
    metrics.add_metric("WebhookFailed", MetricUnit.Count, 1)
    logger.error("webhook failed", path=app.current_event.path, reason=reason_of(error))
    return Response(500, content_types.TEXT_PLAIN, "try again later\n")


def wander(error: NotFoundError) -> Response[str]:
    return Response(404, content_types.TEXT_PLAIN, "there is nothing here\n")


app.exception_handler(DeliveryRefused)(refuse)
app.exception_handler(Exception)(fail)
app.not_found(wander)


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    logger.remove_keys(REPEATED)
    return app.resolve(event, context)


def raw_body(event: dict[str, Any]) -> bytes:
    """The very bytes that were signed: API Gateway encodes some bodies."""
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
