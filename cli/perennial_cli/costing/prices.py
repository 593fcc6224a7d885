"""AWS list prices, us-east-1, without any free tier, each with its source; and what cannot be counted on a laptop.

Read them again when they are older than a year: a price list is the one part of a bill that changes by itself.
"""

from dataclasses import dataclass
from datetime import date

AS_OF = date(2026, 11, 22)
"""When these were put together. `remembered` marks what no page at hand stated: check it before you rely on it."""


@dataclass(frozen=True)
class Price:
    """Dollars for `per` units."""

    usd: float
    per: float
    unit: str
    source: str

    def of(self, units: float) -> float:
        """What so many units cost, in dollars."""
        return units * self.usd / self.per


MILLION, REMEMBERED = 1e6, "remembered"

SES = Price(0.10, 1_000, "emails", "SES, à la carte (plan NONE); AWS Price List API, 2026-07-22")
SES_ESSENTIALS = Price(0.16, 1_000, "emails", "SES Essentials, the plan of new accounts since 2026-07-21; same list")
HTTP_API = Price(1.00, MILLION, "requests of 512 KB", "apigatewaycost.com, 2026")
LAMBDA_REQUESTS = Price(0.20, MILLION, "requests", "AWS Lambda price page, 2026-08")
LAMBDA_ARM = Price(0.0000133334, 1, "GB-seconds", f"{REMEMBERED}; arm64")
WRITE_UNITS = Price(0.625, MILLION, "write units", "on demand, since 2024-11-01; airbyte.com")
READ_UNITS = Price(0.125, MILLION, "read units", "on demand, since 2024-11-01; airbyte.com")
STORAGE = Price(0.25, 1e9, "byte-months", REMEMBERED)
BACKUP = Price(0.20, 1e9, "byte-months of point-in-time recovery", REMEMBERED)
FIFO = Price(0.50, MILLION, "requests of 64 KB", f"{REMEMBERED}; FIFO queues")
STANDARD = Price(0.40, MILLION, "requests of 64 KB", f"{REMEMBERED}; standard queues")
SCHEDULER = Price(1.00, MILLION, "wakes that ring", "cloudburn.io, 2026-03; making and deleting is free")
SNS = Price(0.50, MILLION, "reports", f"{REMEMBERED}; handing them to SQS is free")
S3_PUTS = Price(0.005, 1_000, "objects", f"{REMEMBERED}")
LOGS = Price(0.50, 1e9, "bytes", f"{REMEMBERED}; CloudWatch Logs, taking them in")
LOGS_KEPT = Price(0.03, 1e9, "byte-months", f"{REMEMBERED}; stored compressed, reckoned as if not")

ALARM = Price(0.10, 1, "alarms a month", f"{REMEMBERED}; standard resolution")
METRIC = Price(0.30, 1, "metrics of our own a month", REMEMBERED)
DASHBOARD = Price(3.00, 1, "dashboards a month", REMEMBERED)
KMS_REQUESTS = Price(0.03, 10_000, "requests", REMEMBERED)
KMS_KEY = Price(1.00, 1, "keys of one's own a month", REMEMBERED)

ALL = {name: value for name, value in globals().items() if isinstance(value, Price)}

BUSY_MS = {"ReceiveWebhook": 22, "AdvanceCustomer": 47, "RecordFeedback": 12}
"""Milliseconds of its own work in one warm invocation at 512 MB, 0.29 of a processor: CPU of the built functions under
Lambda's runtime (docs/scaling.md: 6.5, 9 or with a mail 22, 3.5 ms), on a laptop's processor and not on arm64.
"""

CALL_MS = {"DynamoDB": 6, "SQS": 10, "Scheduler": 25, "SESv2": 60, "SNS": 50, "S3": 30, "SSM": 15}
"""Milliseconds that a function waits for one call, assumed: they cannot be counted, but hardly weigh."""

COLD, COLD_MS = 0.02, 600
"""Share of invocations that start anew, and what such a start takes, which is billed since 2025-08-01."""

PLATFORM_LOG, LINE_LOG = 350, 46
"""Bytes of the lines that Lambda itself logs for an invocation, where it does; and what a line of ours takes beside
itself: an envelope of 26 bytes, and a request's id that is longer on Lambda than on a laptop. Assumed.
"""

MONTH_SECONDS = 30 * 24 * 3600
IDLE_RECEIVES = 650_000
"""Requests a month of Lambda's pollers at a queue in which there is nothing. Remembered."""
