"""GET, HEAD and POST /{page}/{token}: the shopper's pages. Routed and logged by hand: a page must start quickly."""

import gc

gc.disable()  # whatever is imported stays: looking for garbage in it takes a tenth of a cold start


import base64
import json
import sys
from typing import Any

from perennial import wiring
from perennial.errors import Unavailable
from perennial.logs import reason_of
from perennial.serving import Shown, Visit, serve
from perennial.settings import metrics_namespace

gc.freeze()
gc.enable()

SERVICE, NAMESPACE = "serve_pages", metrics_namespace()
SORRY = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Please try again</title>'
    '<meta name="viewport" content="width=device-width"></head><body><h1>Please try again</h1>'
    "<p>Something went wrong on our side, and nothing of what you sent was lost: go back, and press the button again "
    "in a minute.</p></body></html>"
)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    try:
        shown = serve(visit_of(event), wiring.for_serving())
    except Exception as error:  # noqa: BLE001  a page says sorry, and its traceback would quote the visitor (law 11)
        return fail(error)
    log(metric_of(shown), status=shown.status, outcome=shown.outcome, **about(shown))
    return answer(shown.status, shown.body, shown.content_type, shown.policy)


def visit_of(event: dict[str, Any]) -> Visit:
    headers, path = event.get("headers") or {}, event["rawPath"].split("/")
    body = event.get("body") or ""
    return Visit(
        method=event["requestContext"]["http"]["method"],
        page=path[1],
        token=path[2] if len(path) == 3 else "",
        at=wiring.now(),
        query=event.get("rawQueryString", ""),
        content_type=headers.get("content-type", ""),
        body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass"),
        languages=headers.get("accept-language", ""),
    )


def answer(status: int, body: str, content_type: str, policy: str) -> dict[str, Any]:
    headers = {
        "content-type": content_type,
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-robots-tag": "noindex, nofollow",
        "x-content-type-options": "nosniff",
        "strict-transport-security": "max-age=31536000",
    }
    if status == 405:
        headers["allow"] = "GET, HEAD"
    if status == 503:
        headers["retry-after"] = "60"
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": False}


def fail(error: Exception) -> dict[str, Any]:
    status = 503 if isinstance(error, Unavailable) else 500
    log("PageFailed", level="ERROR", status=status, reason=reason_of(error))
    return answer(status, SORRY, "text/html; charset=utf-8", "default-src 'none'; frame-ancestors 'none'")


def metric_of(shown: Shown) -> str:
    if shown.status >= 400:
        return "PageRefused"
    return "PageAnswered" if shown.told else "PageShown"


def about(shown: Shown) -> dict[str, Any]:
    told = {"store": shown.store, "touch": shown.touch, "events": shown.told}
    return {name: value for name, value in told.items() if value}


def log(metric: str, level: str = "INFO", **ids: Any) -> None:
    """One line that is log and metric at once (CloudWatch's embedded metric format)."""
    counted = {"Namespace": NAMESPACE, "Dimensions": [["service"]], "Metrics": [{"Name": metric, "Unit": "Count"}]}
    stamp = int(wiring.now().timestamp() * 1000)
    line = {"level": level, "message": "page", "service": SERVICE, metric: 1, **ids}
    sys.stdout.write(json.dumps({**line, "_aws": {"Timestamp": stamp, "CloudWatchMetrics": [counted]}}) + "\n")
