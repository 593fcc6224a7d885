"""Law 3, by the number: a text that needs leave goes where somebody said yes to it, whatever number they order with."""

from collections import defaultdict

from perennial import events
from perennial_cli.simulation.beliefs import Beliefs
from perennial_cli.simulation.evidence import Evidence, Tally


def texts_go_where_they_were_wanted(evidence: Evidence, tally: Tally) -> None:
    """In the simulation every yes to texts names its number."""
    beliefs, wanted = Beliefs(evidence), defaultdict[str, set[str]](set)
    for record in beliefs.replay("applied", "claimed"):
        if record["what"] == "applied":
            if _is_a_yes(record["event"]):
                wanted[record["customer"]].add(record["event"].contact.phone)
        elif record["channel"] == "text" and record["class"] != "transactional":
            agreed = {number for name in beliefs.everybody(record["customer"]) for number in wanted[name]}
            words = f"{record['class']} text to a number that nobody said yes for"
            tally.check(record["to"] in agreed, words, record, "texts by their number")


def _is_a_yes(event: events.Event) -> bool:
    return isinstance(event, events.ConsentEvent) and (event.type, event.channel) == ("ConsentGiven", "text")
