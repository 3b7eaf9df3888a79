"""What a model says beside its rules, as boxes: whom it rates, where ratings lead, promises, buying stages, what a customer is worth."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.scoring.logic.tuning import Value
from vaglio_server.web.audience import audience_words, left_out_words
from vaglio_server.web.model_rule_tests import read_number
from vaglio_server.web.model_tune_asks import of_condition, of_where
from vaglio_server.web.model_tune_heat import temperatures_of
from vaglio_server.web.model_tune_place import Place, place
from vaglio_server.web.model_tune_ratings import matrix_of
from vaglio_server.web.model_tune_rows import Row, Side
from vaglio_server.web.model_typed import read_count, read_day, read_duration, read_ratings, read_share
from vaglio_server.web.words import plain


class _Kind(NamedTuple):
    """What may be promised of a rating: where it stands, what it is called, how it is read, and how far above stands what goes with it."""

    part: str
    key: str
    title: str | Promise
    reader: Callable[[str], Value]
    holder: int = 0


_PROMISED = (
    _Kind("first_response", "", gettext_lazy("Answered within"), read_duration),
    _Kind("expect", "accepted", gettext_lazy("Accepted, at least"), read_share),
    _Kind("expect", "won", gettext_lazy("Won, at least"), read_share),
    _Kind("share", "at_most", gettext_lazy("Of all leads, at most"), read_share, 1),
)


def whom(document: ModelDocument) -> Side:
    """Return whom a model rates and whom it never rates."""
    dumped, rows = _dumped(document, "audience", "exclude"), []
    if document.audience is not None:
        asks = list(of_condition(("audience",), dumped["audience"], "", ""))
        rows.append(Row(_("Only these"), audience_words(document), [], asks, ("audience",)))
    for position, (name, words) in enumerate(left_out_words(document)):
        at, when = ("exclude", position), dumped["exclude"][position]["when"] or {}
        rows.append(Row(_("Never: {name}").format(name=name), words, [], list(of_condition((*at, "when"), when, "", "")), at))
    links = (("left_out", _("Leave somebody out")), ("audience", _("Rate only some")))
    return Side("audience", _("Whom it rates"), rows, "audience", links)


def led(document: ModelDocument) -> Side:
    """Return where each rating leads, and in which order they are called."""
    odd = {"sales", "none"} & set(document.ratings.nurture if document.ratings else ())  # lists of these names are for the text
    said = _("Whom sales calls first, from the best; ratings that are not named follow in the usual order.")
    box = replace(place(("rank",), _("Called first"), ", ".join(document.rank), read_ratings, may_be_empty=True), is_list=True)
    order = Row(_("Order of calling"), said, [box])
    return Side("ratings", _("Where ratings lead"), [order], "rating", matrix=None if odd else matrix_of(document))


def heat(document: ModelDocument) -> Side:
    """Return how hot each rating is."""
    return Side("temperature", _("Temperature"), [], "temperature", matrix=temperatures_of(document))


def said_besides(document: ModelDocument) -> list[Side]:
    """Return what a model promises, its buying stages, and what a customer is worth."""
    dumped = _dumped(document, "promises", "journey", "potential")
    rest = [*_stages(dumped["journey"]), *_worth(dumped["potential"] or {})]
    promises = Side("promises", _("Promises"), list(_promises(document, dumped)), "promise")
    return [promises, Side("journey", _("Buying stages and worth"), rest, "buying_stage")]


def _dumped(document: ModelDocument, *parts: str) -> dict[str, Any]:
    return document.model_dump(mode="json", by_alias=True, include=set(parts))


def _promises(document: ModelDocument, dumped: Mapping[str, Any]) -> Iterator[Row]:
    said = dumped["promises"] or {}
    whole = (("horizon", _("Counted over"), read_duration), ("review_by", _("Looked at again by"), read_day))
    boxes = [place(("promises", key), title, said.get(key), reader, may_be_empty=True) for key, title, reader in whole]
    yield Row(_("The agreement"), "", boxes)
    sales = document.ratings.sales if document.ratings else ()
    named = {rating for part in ("first_response", "expect", "share") for rating in said.get(part) or {}}
    for rating in sorted({*sales, *named}, key=document.rank_order().index):
        yield Row(rating, "", [_promise(rating, said, each) for each in _PROMISED])


def _promise(rating: str, said: Mapping[str, Any], kind: _Kind) -> Place:
    path = tuple(filter(None, ("promises", kind.part, rating, kind.key)))
    was: Any = said
    for step in path[1:]:
        was = (was or {}).get(step)
    return replace(place(path, str(kind.title), was, kind.reader, may_be_empty=True), holder=kind.holder)


def _stages(journey: list[Mapping[str, Any]]) -> Iterator[Row]:
    for position, stage in enumerate(journey):
        at = ("journey", position)
        places = [place((*at, "at_least"), _("At least"), stage["at_least"], read_count),
                  place((*at, "within"), _("Looks back"), stage["within"], read_duration, may_be_empty=True)]  # fmt: skip
        asks = [each for n, test in enumerate(stage["any"]) for each in of_where((*at, "any", n, "where"), test.get("where") or {})]
        yield Row(_("Stage: {name}").format(name=plain(stage["stage"])), "", places, asks)


def _worth(potential: Mapping[str, Any]) -> Iterator[Row]:
    for position, band in enumerate(potential.get("bands") or ()):
        at = ("potential", "bands", position)
        asks = list(of_condition(at, band, potential.get("field") or "", ""))
        yield Row(_("Worth {n}").format(n=position + 1), "", [place((*at, "value"), _("Value"), band["value"], read_number)], asks)
