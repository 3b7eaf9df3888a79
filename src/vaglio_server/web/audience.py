"""Whom a model rates, in words, and how to have it rate everybody."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio.condition import Condition, Every, Expr, Leaf, Never, Test, condition_expr, leaves
from vaglio.rule import leaf_words
from vaglio_server.crm.logic.countries import COUNTRY
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.models import Lead
from vaglio_server.crm.queries import fields_of
from vaglio_server.scoring.actions import activate_version, push_model
from vaglio_server.scoring.engine import ModelDocument, document_of
from vaglio_server.scoring.logic.audience import without_audience
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.queries import driving_version, live_versions
from vaglio_server.tracking.models import Verdict
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.sentences import field_called, known_of
from vaglio_server.web.words import plain, shown, shown_beside, shown_of


def condition_words(condition: Condition) -> str:
    """Return a condition as a person says it: ``country is one of Italy, Romania, Germany``."""
    return _words(condition_expr(condition))


def _words(expr: Expr) -> str:
    if isinstance(expr, Leaf):
        if isinstance(expr.test.equals, bool):
            return f"{field_called(expr.input)}: {shown(expr.test.equals)}"
        return f"{field_called(expr.input)} {leaf_words(_named(expr), bare=True)}"
    if isinstance(expr, Never):
        if isinstance(expr.part, Leaf) and list(expr.part.test.operators()) == ["in"]:
            return _words(Leaf(expr.part.input, Test.model_construct(not_in=expr.part.test.in_)))
        return _("not ({condition})").format(condition=_words(expr.part))
    parts = [_words(part) if isinstance(part, Leaf | Never) or len(expr.parts) == 1 else f"({_words(part)})" for part in expr.parts]
    return (_(" and ") if isinstance(expr, Every) else _(" or ")).join(parts)


def _named(leaf: Leaf) -> Leaf:
    """Return a test with its countries by what they are called in the reader's language."""
    if leaf.input.name != COUNTRY:
        return leaf
    test = leaf.test
    called = {
        "equals": test.equals and shown_of(test.equals, COUNTRY),
        "in_": test.in_ and tuple(shown_of(each, COUNTRY) for each in test.in_),
        "not_in": test.not_in and tuple(shown_of(each, COUNTRY) for each in test.not_in),
    }
    return Leaf(leaf.input, test.alone().model_copy(update=called))


def audience_words(document: ModelDocument | None) -> str:
    """Return whom a model rates, in words; empty: everybody."""
    return condition_words(document.audience) if document is not None and document.audience is not None else ""


def left_out_words(document: ModelDocument) -> list[tuple[str, str]]:
    """Return whom a model leaves out by name, each with what is true of them."""
    return [
        (plain(each.id), condition_words(each.when) if each.when else _("is on the list {name}").format(name=plain(each.list)))
        for each in document.exclude
    ]


def suspects_left_out(document: ModelDocument) -> list[tuple[str, str]]:
    """Return by what a model leaves out whom somebody called spam, or a file or another system suspicious."""
    named = zip(left_out_words(document), document.exclude, strict=True)
    return [words for words, each in named if (_asks_for_suspects(each.when) if each.when else each.list == Verdict.SPAM)]


def _asks_for_suspects(condition: Condition) -> bool:
    return any(leaf.input.name == "is_suspicious" for leaf in leaves(condition_expr(condition)))


def what_is_asked(document: ModelDocument, lead: Lead) -> list[tuple[str, str]]:
    """Return, of each field that the audience asks for, what is known of a lead."""
    if document.audience is None:
        return []
    asked = dict.fromkeys(leaf.input for leaf in leaves(condition_expr(document.audience)))
    return [(field_called(field), shown_beside(known_of(lead, field), field.name) or _("not known")) for field in asked]


def field_lacked(document: ModelDocument, lead: Lead) -> Definition | None:
    """Return the first field of the lead itself that the audience asks for and that nobody knows of it; None where there is none."""
    if document.audience is None:
        return None
    known = fields_of("lead")
    asked = (leaf.input for leaf in leaves(condition_expr(document.audience)))
    lacked = (known.get(field.name) for field in asked if not field.of_account and known_of(lead, field) in (None, ""))
    return next((each for each in lacked if each is not None and not each.is_retired), None)


@dataclass(frozen=True)
class Unrated:
    """Why nobody is rated of whom only some fields are known: which model, whom it rates, and which fields would be needed."""

    model: str
    audience: str
    lacked: str


def unrated_by(told: Collection[str]) -> Unrated | None:
    """Return why the model that moves leads rates nobody of whom only these fields are known; None where it may rate somebody."""
    version = driving_version()
    document = document_of(version.text) if version else None
    if document is None or document.audience is None:
        return None
    expr = condition_expr(document.audience)
    if _may_hold(expr, told):
        return None
    lacked = dict.fromkeys(field_called(leaf.input) for leaf in leaves(expr) if not _may_hold(leaf, told))
    return Unrated(document.title or document.name, condition_words(document.audience), ", ".join(lacked))


def _may_hold(expr: Expr, told: Collection[str]) -> bool:
    """Whether a condition may hold where no field of the lead is known but these; of its company everything may be."""
    if isinstance(expr, Leaf):
        return expr.input.of_account or expr.input.name in told or expr.test.known is False
    if isinstance(expr, Never):
        return True
    parts = (_may_hold(part, told) for part in expr.parts)
    return all(parts) if isinstance(expr, Every) else any(parts)


def make_live(text: str, by: str) -> ModelVersion:
    """Make a text the live version of its model."""
    now = datetime.now(UTC)
    return activate_version(version=push_model(text=text, by=by, at=now), by=by, at=now)


@allowed(*MARKETERS)
@require_POST
def model_everybody(request: Signed, name: str) -> HttpResponse:
    """Have a live model rate everybody: a new version of it without an audience."""
    version = get_object_or_404(live_versions(), scoring_model__name=name)
    text = without_audience(version.text)
    if audience_words(document_of(text)):
        messages.error(request, _("The text says whom it rates in a way that only its author can change: take audience: out by hand."))
    else:
        made = make_live(text, request.user.username)
        messages.success(request, _("{version} is live and rates everybody; nothing else in it is another.").format(version=made))
    return redirect("model-detail", name=name)
