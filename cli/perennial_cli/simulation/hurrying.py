"""Erasures whose time is over before their work is: what is left of it is for the next run (forgetting.py)."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

from perennial import events
from perennial.forgetting import MOST_TIME
from perennial.outside import ForAdvancing
from perennial_cli.simulation.boundary import Run
from perennial_cli.simulation.world import World


def hurried(world: World, run: Run, event: events.Event) -> ForAdvancing:
    """What a run works with. After some looks at its clock, all of its time has gone by."""
    name, outside = f"{run.name} short", world.advancing
    if not isinstance(event, events.PrivacyEvent) or not world.faults.happens(name, world.faults.rates.run_short):
        return outside
    told = {"kind": "run short", "name": name, "event": event.id, "run": run.number, "customer": run.customer}
    world.log.note("fault", world.now, **told)
    looks, most = count(), world.faults.luck(f"{name} for").between(3, 12)
    return replace(outside, now=lambda: outside.now() + (MOST_TIME if next(looks) >= most else timedelta()))
