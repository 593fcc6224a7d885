"""Law 2, no hiding place for what is parked: it has its cause in the log, is told of, and is applied in the end."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Record

TOLD_WITHIN = timedelta(hours=50)
"""The sweep counts what has waited for a day, once a day at first, and may itself have had bad luck."""

COUNTED_AFTER, ITS_SWEEPS = timedelta(days=1), timedelta(hours=3)
"""When the first sweep should count what is parked; in how many hours a fault on the way may have cost its word."""


def nothing_hides(evidence: Evidence, tally: Tally) -> None:
    causes, unsaid = _causes(evidence), _unsaid(evidence)
    said = {(told["event"], told["customer"]) for told in evidence.log.of("handled") if _parks(told)}
    for record in evidence.log.of("parked"):
        tally.check(
            record["run"] in causes,
            f"a {record['kind']} is parked, and no fault explains it",
            record,
            "causes of parking",
        )
        if record["kind"] == "event":
            heard = (record["id"], record["customer"]) in said or record["run"] in unsaid
            tally.check(heard, f"{record['id']} was parked, and nobody was told", record, "parkings told of")
    for record, until in _stays(evidence):
        _check_stay(record, until, evidence, tally)


def _parks(record: Record) -> bool:
    return bool(record["told"]["outcome"] == "parked")


def _causes(evidence: Evidence) -> set[int]:
    """Runs that met something which cannot be applied for now, or read ever."""
    cut = {f"{fault['delivery']}-cut" for fault in evidence.log.of("fault") if fault["kind"] == "delivery unreadable"}
    brought = {record["run"] for record in evidence.log.of("webhook") if record["delivery"] in cut}
    return brought | {fault["run"] for fault in evidence.log.of("fault") if fault["kind"] == "poison"}


def _unsaid(evidence: Evidence) -> set[int]:
    """Runs that did not live to say what they did."""
    return {record["run"] for record in evidence.log.of("died", "failed")}


def _stays(evidence: Evidence) -> Iterator[tuple[Record, datetime | None]]:
    """Each event of a customer that was parked, and when it was put back or given up with its person."""
    left: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for record in evidence.log.of("unparked"):
        left[record["customer"], record["id"]].append(record["at"])
    for record in evidence.log.of("parked"):
        if record["kind"] == "event":
            ends = [*left[record["customer"], record["id"]], *evidence.erased_at.get(record["customer"], ())]
            yield record, min((at for at in ends if at >= record["at"]), default=None)


def _check_stay(record: Record, until: datetime | None, evidence: Evidence, tally: Tally) -> None:
    name, since = record["id"], record["at"]
    tally.check(until is not None, f"{name} is parked for a cause that has passed", record)
    erased = any(at >= since for at in evidence.erased_at.get(record["customer"], ()))
    applied = any(at >= since for at in evidence.applied_at.get(name, ()))
    tally.check(applied or erased, f"{name} was parked, and never applied", record, "parked and applied")
    if until is not None and until - since > TOLD_WITHIN:
        place = f"#{record['customer']}#{name}"
        looks = (look for look in evidence.log.of("counted") if since < look["at"] <= until)
        counted = any(look["place"].endswith(place) for look in looks)
        heard = counted or any(
            _cost_its_word(evidence, at + COUNTED_AFTER) for at in _parkings(record, until, evidence)
        )
        tally.check(heard, f"{name} was parked for days, and no sweep has counted it", record, "parked for days")


def _parkings(record: Record, until: datetime, evidence: Evidence) -> Iterator[datetime]:
    """When it was parked within one stay: what fails again half way through is parked anew, its day as well."""
    for told in evidence.log.of("parked"):
        if (told["id"], told["customer"]) == (record["id"], record["customer"]) and record["at"] <= told["at"] <= until:
            yield told["at"]


def _cost_its_word(evidence: Evidence, due: datetime) -> bool:
    """Whether the sweep that should have counted did its work and could not say so: it looks again a day later."""
    struck = evidence.log.of("fault")
    return any(fault.get("function") == "sweep" and due <= fault["at"] <= due + ITS_SWEEPS for fault in struck)
