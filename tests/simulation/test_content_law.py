"""What a message says: a name that is another's is seen, which no planted defect shows, as few shops print any."""

import random
from typing import Any

import pytest

from perennial_cli.simulation.content_law import messages_are_their_readers
from perennial_cli.simulation.evidence import Evidence, Tally
from perennial_cli.simulation.log import Log
from perennial_cli.simulation.people import a_person
from perennial_cli.simulation.simulating import STARTS
from tests.simulation.runs import the_content

ANN, BEN = (a_person(0, number, random.Random(number)) for number in (1, 12))
CLAIM = {"run": 1, "touch": "t", "customer": "c", "order": "0-1-0", "message": "hello", "class": "transactional"}


def breaches_of(subject: str, text: str = "", **claimed: Any) -> list[str]:
    log, claim = Log(), {**CLAIM, "channel": "email", "to": ANN.email, "to_store": False, **claimed}
    log.note("claimed", STARTS, **claim)
    log.note("accepted", STARTS, **claim, subject=subject, text=text, headers={})
    store = the_content().stores["demo"]
    tallies = [Tally(law) for law in (3, 6, 10)]
    messages_are_their_readers(Evidence(log, store, (ANN, BEN), {}, {}, {}, STARTS), *tallies)
    return [breach.words for tally in tallies for breach in tally.breaches]


def test_a_reader_is_called_by_their_own_name_and_by_no_other() -> None:
    assert breaches_of(f"Hello {ANN.first_name}, order #0-1-0") == []
    for told in (BEN.first_name, BEN.email, BEN.email.upper(), f"{ANN.first_name} and {BEN.first_name}"):
        assert breaches_of("Hello", told) == ["hello calls its reader by another's name"]


def test_the_store_is_told_of_its_customers_by_name() -> None:
    assert breaches_of(f"{BEN.first_name} gave a score", to="help@ovenbird.example", to_store=True) == []


@pytest.mark.parametrize("told", ["#0-1-1", "#0-12-0", "#0-1-0 and #0-1-w0"])
def test_a_message_speaks_of_its_own_order(told: str) -> None:
    assert breaches_of(told) == breaches_of("", told) == ["hello speaks of another order"]


def test_what_is_not_needed_has_a_way_out() -> None:
    assert breaches_of("Hello", **{"class": "marketing"}) == ["marketing hello has no way out of its reader's own"]
