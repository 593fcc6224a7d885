"""Defects of what is in a message, where it goes and what a page shows: the right thing goes out, at the right time."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from perennial import gates, outgoing
from perennial.identity import deliverable, identifying_email
from perennial.links import links_for
from perennial.pages import preferences
from perennial.projecting import project
from perennial.rendering import render_email
from tests.simulation.mutants import Mutant, instead


def _needed_mail_follows_the_person(patch: pytest.MonkeyPatch) -> None:
    """Whoever orders under two addresses gets everything at the first."""
    honest = gates._email

    def email(planned: Any, scene: Any) -> str | None:
        known = (identifying_email(scene.customer.profile.contact, scene.store), honest(planned, scene))
        return next((told for told in known if told is not None and deliverable(told)), None)

    patch.setitem(gates.ADDRESSES, "email", email)


def _one_body_for_all(patch: pytest.MonkeyPatch) -> None:
    """Mails are remembered by message and language: everybody reads the first buyer's."""
    kept = dict[tuple[str, str], Any]()

    def render(name: str, facts: Any, **more: Any) -> Any:
        return kept.setdefault((name, more["locale"]), render_email(name, facts, **more))

    patch.setattr(outgoing, "render_email", render)


def _links_of_the_first_reader(patch: pytest.MonkeyPatch) -> None:
    """Signed once, and in every mail since."""
    first = list[Any]()

    def remembered(*told: Any) -> Any:
        first[:] = first or [links_for(*told)]
        return first[0]

    patch.setattr(outgoing, "links_for", remembered)


def _of_the_first_order(patch: pytest.MonkeyPatch) -> None:
    """A mail of no parcel or refund speaks of whatever was ordered first."""

    def of_the_first(scene: Any, planned: Any, links: Any) -> Any:
        orders = scene.customer.orders
        order = scene.order if planned.step.per else orders[min(orders)]
        return project(replace(scene, order=order), planned, links)

    patch.setattr(outgoing, "project", of_the_first)


def _no_way_out(patch: pytest.MonkeyPatch) -> None:
    honest = outgoing._headers

    def headers(draught: Any) -> Mapping[str, str]:
        told = honest(draught)
        return {name: value for name, value in told.items() if name != "List-Unsubscribe-Post"}

    patch.setattr(outgoing, "_headers", headers)


def _a_way_out_for_another(patch: pytest.MonkeyPatch) -> None:
    """The first reader's link to leave stands in every header."""
    honest, first = outgoing._headers, dict[str, str]()

    def headers(draught: Any) -> Mapping[str, str]:
        told = honest(draught)
        link = told.get("List-Unsubscribe")
        return {**told, "List-Unsubscribe": first.setdefault("link", link)} if link else told

    patch.setattr(outgoing, "_headers", headers)


def _never_ticked(about: Any, channel: Any, kind: Any) -> bool:
    """Whoever saves what is shown has left."""
    return False


CONTENT = (
    Mutant("no way out", 3, _no_way_out, "none", seed=41, customers=6, days=80),
    Mutant("a way out for another", 3, _a_way_out_for_another, "none", seed=41, customers=6, days=80),
    Mutant("one body for all", 6, _one_body_for_all, "none", seed=41, customers=6, days=80),
    Mutant("links of the first reader", 10, _links_of_the_first_reader, "none", seed=41, customers=6, days=80),
    Mutant("news of the first order", 6, _of_the_first_order, "none", seed=41, customers=6, days=80),
    Mutant(
        "needed mail follows the person", 6, _needed_mail_follows_the_person, "torn", seed=42, customers=12, days=80
    ),
    Mutant(
        "every box is ticked",
        10,
        instead(preferences, "_allowed", lambda *told: True),
        "talkative",
        seed=41,
        customers=6,
    ),
    Mutant("no box is ticked", 10, instead(preferences, "_allowed", _never_ticked), "talkative", seed=41, customers=6),
)
