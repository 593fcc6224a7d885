"""Counted operations times list prices: what each order costs more, and what a month costs anyway. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from perennial_cli.bundle_template import Resolver
from perennial_cli.costing import prices
from perennial_cli.costing.prices import Price
from perennial_cli.costing.reference import Lived

LINE_REQUESTS, STANDARD_RECEIVE = 3, 10
"""A message of a line is sent, received and deleted, one at a time. Ten reports come with one receive."""


@dataclass(frozen=True)
class Line:
    """One line of the bill: `units` are of one order, or of one month."""

    service: str
    what: str
    units: float
    price: Price

    @property
    def usd(self) -> float:
        return self.price.of(self.units)


@dataclass(frozen=True)
class Bill:
    """`marginal` lines are of one order, SES's own first; `fixed` ones of one month."""

    lived: Lived
    orders: int
    marginal: tuple[Line, ...]
    fixed: tuple[Line, ...]
    template: Mapping[str, Any]

    @property
    def per_order(self) -> float:
        return sum(line.usd for line in self.marginal)

    @property
    def per_thousand(self) -> float:
        """Dollars for 1,000 emails, without what a month costs anyway."""
        return self.per_order / self.lived.emails * 1_000

    @property
    def floor(self) -> float:
        """What SES alone takes for 1,000 emails."""
        return prices.SES.of(1_000)

    @property
    def ratio(self) -> float:
        return self.per_thousand / self.floor

    @property
    def fixed_month(self) -> float:
        return sum(line.usd for line in self.fixed)


def bill(lived: Lived, orders: int, template: Mapping[str, Any]) -> Bill:
    """Of an account with so many such orders a month."""
    marginal = _marginal(lived, batch(lived, orders, template), template)
    return Bill(lived, orders, tuple(marginal), tuple(_fixed(lived, template)), template)


def batch(lived: Lived, orders: int, template: Mapping[str, Any]) -> float:
    """Reports that come together, on average, when orders come evenly: never fewer than one. How long they are gathered
    for one invocation, and how many at most, the template says.
    """
    (queue,) = (event["Properties"] for event in _events(template["Resources"]["RecordFeedback"]) if _is_queue(event))
    within = orders * lived.reports / prices.MONTH_SECONDS * float(queue["MaximumBatchingWindowInSeconds"])
    return min(float(queue["BatchSize"]), max(1.0, within))


def _is_queue(event: Mapping[str, Any]) -> bool:
    return bool(event["Type"] == "SQS")


def _marginal(lived: Lived, together: float, template: Mapping[str, Any]) -> Iterator[Line]:
    used = _total(lived.used)
    yield Line("SES", "emails", lived.emails, prices.SES)
    yield Line("API Gateway", "webhooks", lived.webhooks, prices.HTTP_API)
    yield from _lambda(lived, together, template)
    yield Line("DynamoDB", "writes", used["write units"], prices.WRITE_UNITS)
    yield Line("DynamoDB", "writes of the due index", used["index units"], prices.WRITE_UNITS)
    yield Line("DynamoDB", "reads", used["read units"], prices.READ_UNITS)
    yield Line("DynamoDB", "storage, the first month", lived.stored_bytes, prices.STORAGE)
    yield Line("DynamoDB", "point-in-time recovery, the first month", lived.stored_bytes, prices.BACKUP)
    steps = lived.used["AdvanceCustomer", "invocations"]
    yield Line("SQS", "the customer's line", LINE_REQUESTS * steps, prices.FIFO)
    yield Line("SQS", "reports", lived.reports * (1 + 2 / min(together, STANDARD_RECEIVE)), prices.STANDARD)
    yield Line("Scheduler", "wakes", max(0, steps - used["queue requests"]), prices.SCHEDULER)
    yield Line("SNS", "reports from SES", lived.reports, prices.SNS)
    yield Line("S3", "bodies too large for a queue", used["PutObject"], prices.S3_PUTS)
    told = sum(n for name, n in _invocations(lived, together).items() if _is_reported(template, name))
    logged = lived.log_bytes + prices.LINE_LOG * lived.log_lines + prices.PLATFORM_LOG * told
    yield Line("CloudWatch", "logs", logged, prices.LOGS)
    yield Line("CloudWatch", "logs, kept for a month", logged, prices.LOGS_KEPT)


def _is_reported(template: Mapping[str, Any], function: str) -> bool:
    """Whether Lambda logs that an invocation went well."""
    level = template["Resources"][function]["Properties"].get("LoggingConfig", {}).get("SystemLogLevel", "INFO")
    return bool((template["Parameters"][level["Ref"]]["Default"] if isinstance(level, dict) else level) != "WARN")


def _lambda(lived: Lived, together: float, template: Mapping[str, Any]) -> Iterator[Line]:
    calls = _invocations(lived, together)
    colds = sum(memory(template, name) * n for name, n in calls.items()) * prices.COLD * prices.COLD_MS / 1_000
    yield Line("Lambda", "requests", sum(calls.values()), prices.LAMBDA_REQUESTS)
    yield Line("Lambda", "GB-seconds", gb_seconds(lived.used, template) + colds, prices.LAMBDA_ARM)


def _invocations(lived: Lived, together: float) -> dict[str, float]:
    """As many as were counted, but for reports, which come in batches."""
    counted = {name: n for (name, what), n in lived.used.items() if what == "invocations"}
    return {name: n / together if name == "RecordFeedback" else n for name, n in counted.items()}


def gb_seconds(used: Mapping[tuple[str, str], float], template: Mapping[str, Any]) -> float:
    """What is billed of warm invocations, from their number and their calls. Secrets are asked for by the clock: left
    out.
    """
    return sum(memory(template, name) * _busy_ms(what) * n for (name, what), n in _working(used)) / 1_000


def _working(used: Mapping[tuple[str, str], float]) -> Iterator[tuple[tuple[str, str], float]]:
    """Own work as a call to oneself, so that both are reckoned alike."""
    for (name, what), n in used.items():
        yield (name, f"own {name}" if what == "invocations" else what), n


def _busy_ms(what: str) -> float:
    kind, _, name = what.partition(" ")
    if kind == "own":
        return prices.BUSY_MS[name]
    return prices.CALL_MS[name] if kind == "calls" and name != "SSM" else 0


def memory(template: Mapping[str, Any], function: str) -> float:
    """GB, as the template says."""
    shared = template.get("Globals", {}).get("Function", {}).get("MemorySize", 128)
    return float(template["Resources"][function]["Properties"].get("MemorySize", shared)) / 1_024


def _fixed(lived: Lived, template: Mapping[str, Any]) -> Iterator[Line]:
    kinds = Counter(entry["Type"] for entry in _by_default(template))
    yield Line("CloudWatch", "alarms", kinds["AWS::CloudWatch::Alarm"], prices.ALARM)
    yield Line("CloudWatch", "metrics of our own", max(lived.metrics, _metrics(template)), prices.METRIC)
    yield Line("CloudWatch", "dashboards", kinds["AWS::CloudWatch::Dashboard"], prices.DASHBOARD)
    feeding = [event["Type"] for entry in template["Resources"].values() for event in _events(entry)]
    queues = feeding.count("SQS")
    yield Line("SQS", "looking into empty queues", prices.IDLE_RECEIVES * queues, prices.STANDARD)
    # One process of each function that reads secrets, asking every five minutes all month.
    asked = ceil(prices.MONTH_SECONDS / 300) * sum(1 for entry in template["Resources"].values() if _is_function(entry))
    yield Line("KMS", "secrets read from Parameter Store", asked, prices.KMS_REQUESTS)
    yield Line("KMS", "keys of one's own", kinds["AWS::KMS::Key"], prices.KMS_KEY)


def _by_default(template: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The resources that a stack has where nobody asks for more."""
    resolver = Resolver(template, {}, lambda logical, name: logical)
    for entry in template["Resources"].values():
        if "Condition" not in entry or resolver.holds(entry["Condition"]):
            yield entry


def _metrics(template: Mapping[str, Any]) -> int:
    """What alarms of the template look at below our own name: each exists once it was told of."""
    alarms = [
        entry["Properties"] for entry in template["Resources"].values() if entry["Type"] == "AWS::CloudWatch::Alarm"
    ]
    return len({alarm.get("MetricName") for alarm in alarms if "Perennial" in str(alarm.get("Namespace"))})


def _is_function(entry: Mapping[str, Any]) -> bool:
    return bool(entry["Type"] == "AWS::Serverless::Function")


def _events(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(entry["Properties"].get("Events", {}).values()) if _is_function(entry) else []


def _total(used: Mapping[tuple[str, str], float]) -> Counter[str]:
    total: Counter[str] = Counter()
    for (_, what), amount in used.items():
        total[what] += amount  # type: ignore[assignment]  # units of reading come in halves
    return total
