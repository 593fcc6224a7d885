"""One rearming of everything, over whichever tables and schedules it is handed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from perennial.errors import Misconfigured
from perennial.lost import Lost, epoch_at, lost_in
from perennial.outside import ForAdvancing
from perennial.pauses import Pause
from perennial_cli.rearm import orphans
from perennial_cli.rearm.rearming import Rearming, Tally
from perennial_cli.rearm.tables import Tables
from perennial_cli.screen import err

HELD = (Pause("class", "transactional"), Pause("class", "feedback"), Pause("class", "marketing"))
"""What waits until the shops have told again what happened in the lost time, and somebody says `perennial resume`.

Also what is needed: between one telling and the next a touch that went out in the lost time may be planned for later,
as a parcel's arrival is not known yet, and would go out once more.
"""


def lost_time(restored_to: datetime, until: datetime, now: datetime, *, told: bool) -> Lost:
    """Under the epoch of this moment. Raises Misconfigured."""
    if not restored_to <= until <= now:
        raise Misconfigured("--restored-to comes first, then --lost-until, and both have passed")
    return Lost(restored_to, until, epoch_at(now), told)


@dataclass(slots=True)
class Run:
    """One command, and the epochs it gives. `exact`: somebody has said until when time was lost."""

    outside: ForAdvancing
    tables: Tables
    lost: Lost
    dry: bool = False
    workers: int = 1
    exact: bool = True
    epochs: set[int] = field(default_factory=set)

    def store(self, store: str) -> Tally:
        """Says first that time was lost and holds what can wait; then nothing goes wrong if this ends half way."""
        lost, tally = self._begun(store), Tally()
        self.epochs.add(lost.epoch)
        if not self.dry:
            self._keep_versions(store)
            self._adopt(store, tally)
        run = Rearming(self.outside, self.tables.restored, lost, self.tables.past, self.dry, self.workers)
        with _progress(store) as advance:
            for met in run.walk(store, tally):
                advance(met)
        return tally

    def _keep_versions(self, store: str) -> None:
        """A process that outlives the restore believes that it has kept what it kept in the lost time."""
        for journey in self.outside.content.journeys.values():
            self.outside.versions.keep(store, journey)

    def _adopt(self, store: str, tally: Tally) -> None:
        """First what leads to them: a run that goes on sees by the customers, not by the aliases, who is new."""
        restored, was = self.tables.restored, self.tables.was
        if was is None:
            return
        newcomers = set(restored.newcomers(store, was))
        restored.adopt_versions(store, was)
        restored.adopt_aliases(store, was, newcomers)
        for customer in sorted(newcomers):
            restored.adopt(store, was, customer)
        tally.adopted = len(newcomers)

    def _begun(self, store: str) -> Lost:
        """The same lost time is begun once: a second run goes on under the epoch of the first."""
        wanted = self.lost
        for held in lost_in(self.outside.pauses.paused(store)):
            same = held.until == wanted.until if self.exact else held.until <= wanted.until
            if same and (held.restored_to, held.told) == (wanted.restored_to, wanted.told):
                return held
        if not self.dry:
            for pause in (wanted.as_pause(), *(HELD if wanted.any else ())):
                self.outside.pauses.pause(store, pause)
        return wanted

    def orphans(self) -> int:
        """How many schedules of a future that never comes there were."""
        found, stores = self.tables.schedules(), sorted(self.outside.content.stores)
        gone = orphans.orphans(found, self.epochs, stores, self.outside.customers)
        if not self.dry:
            orphans.delete(gone, self.outside.timers)
        return len(gone)


@contextmanager
def _progress(store: str) -> Iterator[Any]:
    """How many have been met; nothing where nobody is looking. How many there are, no table says without counting."""
    columns = (TextColumn(f"{store}: {{task.completed}} customers"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(store, total=None)
        yield lambda met: bar.advance(task, met)
