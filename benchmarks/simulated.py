"""How fast shops are lived through in memory, against the very same deliveries and wakes on the embedded cloud (moto).

Both do the whole work: webhooks signed, parsed and queued, decisions, the store's own templates, reports. The time in
memory holds what the simulation adds besides: its boundary, its log, and every law checked over it.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from time import process_time

from benchmarks.rows import Row
from benchmarks.worlds import BUILD, ROOT, STORE, content
from perennial.platforms import platform
from perennial_cli.cloud import Cloud
from perennial_cli.cloud_secrets import webhook_secret
from perennial_cli.simulation.scripts import Script
from perennial_cli.simulation.simulating import SETTLES, STARTS, Plan, a_script, perform

PLAN = Plan(customers=3, days=120, seed=1, faults="none", size=3)


def rows() -> Iterator[Row]:
    drawn = a_script(PLAN, content(), STORE, 0, PLAN.size)
    script = replace(drawn, acts=frozenset(), deploys=False)
    perform(script, content(), STORE)
    simulated, sent = _in_memory(script)
    on_cloud, sent_there = _on_cloud(script)
    if sent != sent_there:
        raise SystemExit(f"{sent} messages in memory, {sent_there} on the cloud: this is not the same work")
    days = PLAN.customers * PLAN.days
    words = f"customer-days per CPU second, simulated in memory ({sent} messages)"
    yield Row(words, days / simulated, "per second", days / on_cloud, "on the embedded cloud")


def _in_memory(script: Script) -> tuple[float, int]:
    """CPU seconds, and messages that providers took."""
    began = process_time()
    lived, _ = perform(script, content(), STORE)
    return process_time() - began, sum(1 for _ in lived.log.of("accepted"))


def _on_cloud(script: Script) -> tuple[float, int]:
    """The cloud's own start is not counted."""
    with Cloud.open(content(), ROOT, STARTS, BUILD) as opened:
        began = process_time()
        secret = webhook_secret(STORE, "perennial")
        for telling in script.tellings:
            opened.run_until(telling.at)
            body = json.dumps(telling.body).encode()
            headers = platform("perennial").sign({"webhook-id": telling.name}, body, secret, opened.now)
            opened.post(f"/webhooks/perennial/{STORE}", headers, body)
            opened.settle()
        opened.run_until(STARTS + timedelta(days=script.days) + SETTLES)
        return process_time() - began, len(opened.witness.sent)
