"""What Lambda hands to a function, in the shapes that AWS documents: HTTP API payload 2.0, an SQS FIFO message."""

import base64
from dataclasses import dataclass
from typing import Any

REGION, ACCOUNT = "eu-central-1", "123456789012"


@dataclass(frozen=True)
class Context:
    function_name: str = "perennial-function"
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 512
    aws_request_id: str = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:perennial-function"
    log_stream_name: str = "2026/06/01/[$LATEST]abcdef"

    def get_remaining_time_in_millis(self) -> int:
        return 10_000


def http_event(path: str, headers: dict[str, str], body: bytes, *, encoded: bool = False) -> dict[str, Any]:
    """API Gateway sends what is no text in base64; header names come in lower case, values joined by commas."""
    _, _, platform, store = path.split("/")
    text = base64.b64encode(body).decode() if encoded else body.decode()
    return {
        "version": "2.0",
        "routeKey": "POST /webhooks/{platform}/{store}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "*/*",
            "accept-encoding": "gzip;q=1.0,deflate;q=0.6,identity;q=0.3",
            "content-length": str(len(body)),
            "content-type": "application/json",
            "host": "abc123.execute-api.eu-central-1.amazonaws.com",
            "user-agent": "Shopify-Captain-Hook",
            "x-amzn-trace-id": "Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            **headers,
        },
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "abc123",
            "domainName": "abc123.execute-api.eu-central-1.amazonaws.com",
            "domainPrefix": "abc123",
            "http": {
                "method": "POST",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "Shopify-Captain-Hook",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "POST /webhooks/{platform}/{store}",
            "stage": "$default",
            "time": "02/Mar/2026:08:16:00 +0000",
            "timeEpoch": 1772439360000,
        },
        "pathParameters": {"platform": platform, "store": store},
        "body": text,
        "isBase64Encoded": encoded,
    }


def page_event(
    method: str, path: str, *, query: str = "", body: bytes = b"", content_type: str = "", encoded: bool = False
) -> dict[str, Any]:
    """A request for a page: a form comes in base64, as API Gateway does not count it as text."""
    event = http_event("/webhooks/-/-", {"accept-language": "en-GB,en;q=0.9"}, body, encoded=encoded)
    event["headers"].pop("content-type")
    told = {"content-type": content_type} if content_type else {}
    _, page, token = path.split("/")
    http = {**event["requestContext"]["http"], "method": method, "path": path}
    return {
        **event,
        "routeKey": f"{method} /{{page}}/{{token}}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {**event["headers"], **told},
        "requestContext": {**event["requestContext"], "http": http},
        "pathParameters": {"page": page, "token": token},
    } | ({} if body else {"body": None})


def sqs_event(body: str, group: str, *, received: int = 1, queue: str = "urgent.fifo") -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": "11d6ee51-4cc7-4302-9e22-7cd8afdaadf5",
                "receiptHandle": "AQEBBX8nesZEXmkhsmZeyIE8iQAMig7qw...",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": str(received),
                    "SentTimestamp": "1573251510774",
                    "SequenceNumber": "18849496460467696128",
                    "MessageGroupId": group,
                    "SenderId": "AIDAIO23YVJENQZJOL4VO",
                    "MessageDeduplicationId": "1",
                    "ApproximateFirstReceiveTimestamp": "1573251510774",
                },
                "messageAttributes": {},
                "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
                "awsRegion": REGION,
            }
        ]
    }


def sqs_batch(*bodies: str, queue: str = "feedback") -> dict[str, Any]:
    """Messages of a standard queue; the message ids are their places in the batch."""
    return {
        "Records": [
            {
                "messageId": str(place),
                "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1545082649183",
                    "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                    "ApproximateFirstReceiveTimestamp": "1545082649185",
                },
                "messageAttributes": {},
                "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                "eventSource": "aws:sqs",
                "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}",
                "awsRegion": REGION,
            }
            for place, body in enumerate(bodies)
        ]
    }
