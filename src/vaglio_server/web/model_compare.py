"""Two versions side by side: what their documents say differently, and what changes for leads if one takes the other's place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.crm.models import Lead
from vaglio_server.refused import Refused
from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.logic.lines import stored_line
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.studies.actions import compare_versions, stop_study
from vaglio_server.studies.logic.changes import text_changes
from vaglio_server.studies.logic.moves import EXCLUDED, OUTSIDE
from vaglio_server.studies.models import Study
from vaglio_server.studies.queries import all_versions, standing
from vaglio_server.users.models import MARKETERS, User
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.change_words import told_changes
from vaglio_server.web.model_figures import title_of
from vaglio_server.web.models import progress
from vaglio_server.web.words import plain

SHOWN_LEADS = 12
STEPS = 4  # of a cell's strength


@dataclass(frozen=True)
class Move:
    """A cell of the matrix of moves: how many leads go that way; ``way``: up, down or stays; ``strength`` from 1, 0 of none."""

    leads: int
    way: str
    strength: int


@dataclass(frozen=True)
class Mover:
    """A lead that moves, with what moves it."""

    lead: Lead
    before: str
    after: str
    lines: list[tuple[str, int]]


@allowed(*EVERYBODY)
def model_compare(request: Signed, name: str) -> HttpResponse:
    """Show how two versions differ in words at once, and what changes for leads when a worker has found it out."""
    before, after, versions = _pair(request.GET, name)
    stands = standing(before, after)
    context: dict[str, Any] = {
        "name": name, "before": before, "after": after, "stands": stands, "may_ask": request.user.role in MARKETERS,
    } | progress(stands.later)  # fmt: skip
    if request.headers.get("HX-Request"):
        return render(request, "models/_compare_state.html", context) if stands.is_coming else HttpResponse(headers={"HX-Refresh": "true"})
    documents = document_of(before.text), document_of(after.text)
    shown = {
        "versions": versions,
        "title": documents[1].title if after.scoring_model.name == name else "",
        "back": after if after.scoring_model.name == name else None,
        "changes": told_changes(*documents),
        "text": text_changes(before.text, after.text),
        "study": stands.done,
    }
    return render(request, "models/model_compare.html", context | shown | (_moved(stands.done, request.user) if stands.done else {}))


def _pair(given: Mapping[str, str], name: str) -> tuple[ModelVersion, ModelVersion, list[ModelVersion]]:
    """Return the versions asked for; unless they are named, what is live and what would come next."""
    versions = all_versions()
    its = [version for version in versions if version.scoring_model.name == name]
    if not its or len(versions) < 2:
        raise Http404(_("there is nothing to compare with {name}").format(name=name))
    by_id = {str(version.pk): version for version in versions}
    live = next((version for version in its if version.is_live), its[-1])
    before = by_id.get(given.get("before", ""), live)
    after = by_id.get(given.get("after", ""))
    if after is None or after == before:
        after = next(version for version in (*its, *versions) if version != before)
    return before, after, versions


def _moved(study: Study, user: User) -> dict[str, Any]:
    told = study.told
    order = (*document_of((study.against or study.version).text).rank_order(), EXCLUDED, OUTSIDE)
    return {
        "told": told,
        **_rated_by_both(told["moves"]),
        "sales_change": (change := told["sales"]["after"] - told["sales"]["before"]),
        "sales_fewer": -change,
        "columns": (columns := [cell for cell in order if any(each["to"] == cell for each in told["moves"])]),
        "rows": [
            (cell, _row(cell, columns, order, told["moves"])) for cell in order if any(each["from"] == cell for each in told["moves"])
        ],
        "cells": cell_words(),
        "rules": [(line_words(each["line"]), each["leads"], each["millipoints"]) for each in told["rules"]],
        "movers": (seen := movers(told["leads"], user))[:SHOWN_LEADS],
        "more_movers": seen[SHOWN_LEADS:],
        "hidden": len(told["leads"]) and not seen,
    }


def _rated_by_both(moves: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many leads both versions rate, how many of those move, and how many begin to be rated or cease to be."""
    found = {"both": 0, "changed": 0, "begin": 0, "cease": 0}
    for each in moves:
        was, becomes = (each[end] not in cell_words() for end in ("from", "to"))
        found["both"] += each["leads"] * (was and becomes)
        found["changed"] += each["leads"] * (was and becomes and each["from"] != each["to"])
        found["begin"] += each["leads"] * (becomes and not was)
        found["cease"] += each["leads"] * (was and not becomes)
    return found


def cell_words() -> dict[str, str]:
    """Return what the cells of leads without a rating are called."""
    return {EXCLUDED: _("left out"), OUTSIDE: _("not scored")}


def _row(cell: str, columns: list[str], order: tuple[str, ...], moves: Iterable[Mapping[str, Any]]) -> list[Move]:
    there = {each["to"]: each["leads"] for each in moves if each["from"] == cell}
    most = max((leads for other, leads in there.items() if other != cell), default=1)
    found = []
    for other in columns:
        leads, far = there.get(other, 0), order.index(cell) - order.index(other)
        way = "stays" if far == 0 else "up" if far > 0 else "down"
        found.append(Move(leads, way, max(1, round(STEPS * leads / most)) if leads and far else 0))
    return found


def movers(told: list[dict[str, Any]], user: User) -> list[Mover]:
    """Return the leads that come to sales or go from there, then those that move most.

    Left out are those that a user may not see, or that were merged since.
    """
    seen = Lead.objects.visible_to(user).select_related("account").in_bulk([each["lead"] for each in told])
    found = [each for each in told if each["lead"] in seen]
    return [
        Mover(seen[each["lead"]], each["cells"][0], each["cells"][1], [(line_words(key), points) for key, points in each["lines"]])
        for each in found
    ]


def line_words(key: str) -> str:
    """Return a stored line's name in words: the rule, or the bound and of what."""
    axis, rule, part = stored_line(key)
    name = title_of(axis) if rule == axis else plain(rule)
    return {"cap": _("cap of {name}"), "floor": _("floor of {name}")}.get(part, "{name}").format(name=name)


def _address(name: str, before: ModelVersion, after: ModelVersion) -> str:
    return f"{reverse('model-compare', args=(name,))}?before={before.pk}&after={after.pk}"


@allowed(*MARKETERS)
@require_POST
def model_compare_start(request: Signed, name: str) -> HttpResponse:
    """Have a worker find out what would change for leads."""
    before, after, _versions = _pair(request.POST, name)
    try:
        compare_versions(version=before, against=after, by=request.user.username, at=datetime.now(UTC))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect(_address(name, before, after))


@allowed(*MARKETERS)
@require_POST
def model_compare_stop(request: Signed, name: str) -> HttpResponse:
    """Stop finding it out."""
    before, after, _versions = _pair(request.POST, name)
    later = standing(before, after).later
    if later is not None:
        stop_study(study=later, by=request.user.username, at=datetime.now(UTC))
    return redirect(_address(name, before, after))
