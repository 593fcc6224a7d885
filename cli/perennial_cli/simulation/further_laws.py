"""What was found missing from the laws by planting defects that none of them saw, law by law."""

from perennial_cli.simulation.channel_law import first_ways_first
from perennial_cli.simulation.content_law import (
    boxes_say_what_was_said,
    mail_goes_where_its_order_says,
    messages_are_their_readers,
)
from perennial_cli.simulation.due_law import dues_are_kept, last_days_are_told, reminders_wait
from perennial_cli.simulation.ends_law import ends_are_true, the_dead_are_dead
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.forgotten_law import forgotten_is_forgotten
from perennial_cli.simulation.links_law import links_end
from perennial_cli.simulation.numbers_law import texts_go_where_they_were_wanted
from perennial_cli.simulation.owed_law import everything_owed
from perennial_cli.simulation.reasons_law import reasons_are_true
from perennial_cli.simulation.sending_laws import SLACK
from perennial_cli.simulation.words_law import nothing_about_what_is_gone, once_per_order, words_are_kept


def further(evidence: Evidence) -> list[Tally]:
    one, two, three, six, nine, ten = (Tally(law) for law in (1, 2, 3, 6, 9, 10))
    claims_are_fresh(evidence, one)
    once_per_order(evidence, one)
    everything_owed(evidence, two)
    ends_are_true(evidence, two)
    the_dead_are_dead(evidence, two)
    reasons_are_true(evidence, two)
    last_days_are_told(evidence, two)
    forgotten_is_forgotten(evidence, three)
    texts_go_where_they_were_wanted(evidence, three)
    nothing_about_what_is_gone(evidence, six)
    words_are_kept(evidence, nine)
    dues_are_kept(evidence, nine)
    reminders_wait(evidence, nine)
    first_ways_first(evidence, nine)
    links_end(evidence, ten)
    messages_are_their_readers(evidence, three, six, ten)
    mail_goes_where_its_order_says(evidence, six)
    boxes_say_what_was_said(evidence, ten)
    return [one, two, three, six, nine, ten]


def claims_are_fresh(evidence: Evidence, tally: Tally) -> None:
    """A claim holds for ten seconds: whoever slept over it looks again before anything goes out."""
    claimed = {(record["run"], record["touch"]): record["at"] for record in evidence.log.of("claimed")}
    for record in evidence.log.of("accepted"):
        since = claimed.get((record["run"], record["touch"]), record["at"])
        old = record["at"] - since > SLACK
        tally.check(not old, f"touch {record['touch']} went out long after its claim", record)
