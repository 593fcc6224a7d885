"""Every condition of every journey asked of the samples: one that raises would keep its journey or touch from going."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache

from perennial import facts
from perennial.conditions import Condition, compile_condition
from perennial.errors import ContentInvalid, RuleFailed
from perennial.facts import Facts
from perennial.journeys import Journey, Touch
from perennial.sandbox import TemplateInvalid
from perennial_cli.authoring import Survey
from perennial_cli.condition_advice import better, compared, literals, paths_in
from perennial_cli.conditions_of import conditions_of
from perennial_cli.names import check_condition_names
from perennial_cli.samples import facts_of
from perennial_cli.variants import blanked, decided, emptied, filled, of_goods, saying, stretched, without
from perennial_cli.yaml_lines import Document

KINDS: tuple[tuple[str, Callable[[Facts], Facts]], ...] = (
    ("as in sample.json", lambda given: given),
    ("with all that a shop may tell", filled),
    ("without all that a shop may leave out", blanked),
    ("with the longest names", stretched),
    ("with no goods left", emptied),
)
ANSWERS = (None, True, False)
"""What every yes or no of the facts is: as in the sample, yes, no. So both sides of each `and` and `or` are met."""


def try_conditions(found: Survey) -> Iterator[ContentInvalid]:
    """Where a condition cannot be told, with one that can; that it is one at all has been asked already."""
    try:
        shared = facts_of(Document("sample.json", {}), found.layout.sample)
    except ContentInvalid as problem:
        yield problem
        return
    for journey, document in found.journeys.values():
        for path, text, touch in conditions_of(journey):
            given = _seen(shared if touch is None else _sample(found, touch, shared), journey, touch)
            said = _tried(text, given, journey.enrol.on)
            if said is not None:
                yield document.problem(said, path)


def _sample(found: Survey, touch: Touch, shared: Facts) -> Facts:
    folder = found.folders.get(touch.message)
    try:
        return shared if folder is None else facts_of(folder.sample, found.layout.sample)
    except ContentInvalid:
        return shared


def _seen(given: Facts, journey: Journey, touch: Touch | None) -> Facts:
    """With what the touch speaks of, and without what it does not: there is no parcel beside a touch about an order."""
    per, order = touch.per if touch else None, given.order
    parcel = (given.parcel or facts.Parcel("1", given.items)) if per == "parcel" else None
    refund = (given.refund or facts.Refund(order.placed_at)) if per == "refund" else None
    case = (given.return_case or facts.ReturnCase("1", given.items)) if per == "return" else None
    reviewed = journey.enrol.on == "order.reviewed"
    return replace(
        given,
        parcel=parcel,
        parcels=(given.parcels or (parcel,)) if parcel else (),
        refund=refund,
        return_case=case,
        review=(given.review or facts.Review(3)) if reviewed else None,
        offer=given.offer if touch is not None and touch.offer is not None else None,
    )


def _tried(text: str, given: Facts, entered: str) -> str | None:
    """What is wrong with the condition; what is no condition, or asks for no name, has been said already."""
    try:
        condition = compile_condition(text)
    except TemplateInvalid:
        return None
    if check_condition_names(text):
        return None
    cases = [(occasion, _known(case, entered)) for occasion, case in _cases(text, given)]
    for occasion, each in cases:
        why = failure(condition, each)
        if why is not None:
            write = better(text, why, [case for _, case in cases])
            return f"`{text}` cannot be told {occasion} ({why}): {write}"
    return None


def _known(given: Facts, entered: str) -> Facts:
    """With what is there because the journey began with it."""
    if entered == "order.scored" and given.order.score is None:
        return replace(given, order=replace(given.order, score=5))
    if entered == "order.delivered" and given.order.delivered_at is None:
        return replace(given, order=replace(given.order, delivered_at=given.order.placed_at))
    return given


def _cases(text: str, given: Facts) -> Iterator[tuple[str, Facts]]:
    """As samples are tried out everywhere, and without one thing at a time; also with the very goods and values that it
    names, so that what stands behind an `and` is met.
    """
    full = filled(given)
    bases = dict.fromkeys([full, *(saying(full, told, more) for told in compared(text) for more in (-1, 0, 1))])
    lacking = [case for base in bases for path in paths_in(text) for case in _lacking(base, path)]
    for occasion, case in (*_variants(given), *lacking):
        yield occasion, case
        yield occasion, of_goods(case, literals(text))


def _lacking(given: Facts, path: str) -> Iterator[tuple[str, Facts]]:
    poor = without(given, path)
    if poor is not None:
        yield from _answered(f"without `{path}`", poor)


@lru_cache(maxsize=256)
def _variants(given: Facts) -> tuple[tuple[str, Facts], ...]:
    return tuple(case for occasion, made in KINDS for case in _answered(occasion, made(given)))


def _answered(occasion: str, given: Facts) -> Iterator[tuple[str, Facts]]:
    yield from ((occasion, given if answer is None else decided(given, answer)) for answer in ANSWERS)


def failure(condition: Condition, given: Facts) -> str | None:
    """Why it cannot be told of these facts."""
    try:
        condition.holds(given)
    except RuleFailed as error:
        return str(error).removeprefix(f"condition `{condition.text}`: ")
    return None
