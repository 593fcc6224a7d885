"""Sending something back, and withdrawing from the contract.

A return asks the shop: refund, exchange or credit. A withdrawal asks nobody: in the EU it takes two presses on a page
like this one, and is acknowledged with its date and time (Directive 2011/83/EU art. 9 and 11a, in force since 19 June
2026; the UK's Consumer Contracts Regulations 2013 give the same fourteen days).
"""

from dataclasses import replace
from typing import Any

from perennial.forms import Form
from perennial.page_facts import PageFacts, Returned, Returning
from perennial.pages import About, Answered, Needs
from perennial.pages.ordered import facts_of, order_of
from perennial.pages.review import LONGEST
from perennial.pages.telling import tell
from perennial.pages.withdrawing import blank_form, reference_of

NEEDS: Needs = "order"
WISHES = ("refund", "exchange", "credit")
REASONS = ("damaged", "faulty", "wrong-item", "not-as-described", "does-not-fit", "changed-my-mind", "other")


def show(about: About, query: Form) -> PageFacts:
    return _page(about, "ask", blank_form(about))


def answer(about: About, form: Form) -> Answered:
    """`declare` only shows the statement once more; `confirm` makes it."""
    said = _filled_in(blank_form(about), form)
    steps = {"request": _request, "declare": _declare, "confirm": _confirm}
    step = steps.get(form.one("do"))
    return step(about, said) if step else Answered(_page(about, "ask", said, ("unknown",)), status=400)


def _filled_in(blank: Returning, form: Form) -> Returning:
    items = tuple(
        replace(entry, wanted=form.number(f"quantity-{entry.field}", 0, entry.most) or 0) for entry in blank.items
    )
    wish, reason, was = form.one("wish"), form.one("reason"), form.number("was", 0, len(blank.cases))
    return replace(
        blank,
        items=items,
        wish=wish if wish in WISHES else "",
        reason=reason if reason in REASONS else "",
        note=form.one("note"),
        name=form.one("name")[:200],
        was="" if was is None else str(was),
    )


def _request(about: About, said: Returning) -> Answered:
    wrong = {"items": not _wanted(said), "wish": not said.wish, "reason": not said.reason}
    problems = tuple(name for name, found in {**wrong, "long": len(said.note) > LONGEST}.items() if found)
    if problems:
        return Answered(_page(about, "ask", said, problems), status=422)
    terms = {"wish": said.wish, "reason": said.reason, "note": said.note or None}
    return _told(about, said, "ReturnRequested", "done", terms)


def _declare(about: About, said: Returning) -> Answered:
    problems = _against_withdrawal(said)
    if problems:
        return Answered(_page(about, "ask", said, problems), status=422)
    return Answered(_page(about, "confirm", said))


def _confirm(about: About, said: Returning) -> Answered:
    problems = _against_withdrawal(said)
    if problems:
        return Answered(_page(about, "ask", said, problems), status=422)
    return _told(about, said, "WithdrawalDeclared", "withdrawn", {"wish": "refund", "note": said.name})


def _against_withdrawal(said: Returning) -> tuple[str, ...]:
    wrong = {"late": not said.may_withdraw, "withdraw-items": not _wanted(said), "name": not said.name}
    return tuple(name for name, found in wrong.items() if found)


def _told(about: About, said: Returning, type_: str, state: str, terms: dict[str, Any]) -> Answered:
    lines = [{"line_id": entry.item.line_id, "quantity": entry.wanted} for entry in _wanted(said)]
    order = order_of(about)
    reference = reference_of(order, type_, _wanted(said), said)
    fields = {"order_id": order.id, "return_id": reference, "lines": lines, "touch": about.touch, **terms}
    done = replace(said, items=_wanted(said), reference=reference, at=about.now.astimezone(about.zone))
    return Answered(_page(about, state, done), (tell(about, type_, **fields),))


def _wanted(said: Returning) -> tuple[Returned, ...]:
    return tuple(entry for entry in said.items if entry.wanted)


def _page(about: About, state: str, said: Returning, problems: tuple[str, ...] = ()) -> PageFacts:
    return about.page(state, problems, order=facts_of(about).order, returning=said)
