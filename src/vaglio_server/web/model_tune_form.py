"""The form by which a model is changed: its rules and thresholds, and the terms beside them; which of them are taken out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vaglio.quantities import plain_share
from vaglio.rule import Rule
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.scoring.logic.tuning import Value
from vaglio_server.web.model_figures import title_of
from vaglio_server.web.model_tune_asks import LEARNED, asked
from vaglio_server.web.model_tune_place import Place, place, read
from vaglio_server.web.model_tune_rows import Row, Side
from vaglio_server.web.model_tune_terms import heat, led, said_besides, whom
from vaglio_server.web.model_typed import read_count, read_duration, read_points, read_share
from vaglio_server.web.sentences import said
from vaglio_server.web.words import plain

# What of a rule can be set, in the order of the form, and how what is typed is read.
_SETTINGS: dict[str, tuple[str | Promise, Callable[[str], Value]]] = {
    "points": (gettext_lazy("Points"), read_points),
    "weight": (gettext_lazy("Weight"), read_points),
    "at_most": (gettext_lazy("At most"), read_points),
    "at_least": (gettext_lazy("At least"), read_count),
    "after": (gettext_lazy("After"), read_duration),
    "every": (gettext_lazy("Every"), read_duration),
    "within": (gettext_lazy("Looks back"), read_duration),
    "at_most_age": (gettext_lazy("Counts for"), read_duration),
    "half_life": (gettext_lazy("Halves every"), read_duration),
    "fade": (gettext_lazy("Fades over"), read_duration),
}
_BETWEEN = ("velocity", "sequence")  # kinds whose `within` is a time between activities, not one since
_MAY_COME = ("at_most", "within", "half_life")  # what a rule has not may be set; what it has of these may go
_UNSETTABLE = ("at_most", "within", "half_life", "fade")


def form_of(document: ModelDocument, given: Mapping[str, str] | None = None) -> list[Side]:
    """Return the form: as the document is, or as it was filled in."""
    add = _("Add a rule")
    about = {"profile": ("fit", (("field", add),)), "engagement": ("engagement", (("activity", add),))}
    axes = [Side(axis, title_of(axis), list(_rows(document, axis)), *rest) for axis, rest in about.items()]
    every = (*axes, led(document), whom(document), *said_besides(document), heat(document))
    sides = [side for side in every if side.rows or side.matrix or side.links]
    return sides if given is None else [side.filled(given) for side in sides]


def changed(form: list[Side]) -> dict[tuple[str | int, ...], Value]:
    """Return the places at which something else was typed, with that."""
    boxes = [each for side in form for row in side.rows for each in row.boxes]
    found: dict[tuple[str | int, ...], Value] = {}
    for each in boxes:
        if each.is_other and not each.fault:
            value = read(each)
            found[each.path if value is not None else each.gone] = value
    for side in form:
        found |= side.matrix.changed() if side.matrix else {}
    return found


def called_of(form: list[Side], path: tuple[str | int, ...]) -> str:
    """Return what the form calls a place of the text."""
    for side in form:
        for row in side.rows:
            for each in row.boxes:
                if path in (each.path, each.gone):
                    return f"{row.title}: {each.title}"
    return next(side.title for side in form if side.matrix and path in side.matrix.changed())


def taken_out(form: list[Side]) -> list[tuple[str | int, ...]]:
    """Return where what is taken out stands."""
    return [row.at for side in form for row in side.rows if row.is_out]


def _rows(document: ModelDocument, axis: str) -> Iterator[Row]:
    its = document.axis(axis)  # type: ignore[arg-type]
    dumped = its.model_dump(mode="json", by_alias=True)
    cuts = "letters" if axis == "profile" else "digits"
    places = [place((axis, cuts, name), _("{name} from").format(name=name), dumped[cuts][name], read_points) for name in dumped[cuts]]
    places.append(place((axis, "at_most"), _("At most"), dumped["at_most"], read_points, may_be_empty=True))
    if axis == "profile":  # a rating from little that is known of somebody
        least = plain_share(document.minimum_coverage) if document.minimum_coverage else None
        places.append(place(("minimum_coverage",), _("Least evidence"), least, read_share, may_be_empty=True))
    yield Row(_("Thresholds"), "", places)
    for name, group in dumped["groups"].items():
        path = (axis, "groups", name, "at_most")
        yield Row(_("Group {name}").format(name=plain(name)), "", [place(path, _("At most"), group["at_most"], read_points)])
    for position, rule in enumerate(its.rules):
        its_places = list(_places(axis, position, rule)), list(asked((axis, "rules", position), rule))
        yield Row(plain(rule.id), said(rule.sentence(), document), *its_places, (axis, "rules", position))


def _places(axis: str, position: int, rule: Rule) -> Iterator[Place]:
    at, dumped = (axis, "rules", position), rule.model_dump(mode="json", by_alias=True)
    for key, (title, reader) in _SETTINGS.items():
        if key in dumped and (dumped[key] is not None or (key in _MAY_COME and dumped.get("fade") is None)):
            called = _("Inside") if key == "within" and dumped["kind"] in _BETWEEN else str(title)
            yield place((*at, key), called, dumped[key], reader, may_be_empty=key in _UNSETTABLE)
    for number, band in enumerate(() if dumped["kind"] in LEARNED else dumped.get("bands") or ()):
        for key, reader in (("points", read_points), ("award", read_share)):
            if band.get(key) is not None:
                yield place((*at, "bands", number, key), _band_title(number + 1, band), band[key], reader)


def _band_title(number: int, band: Mapping[str, Any]) -> str:
    """Return what a band is called, with the first of what it asks for, by which it is found again in the sentence."""
    for key in ("any_word", "contains", "in", "at_least"):
        asked = band.get(key)
        first = asked[0] if isinstance(asked, list) and asked else asked
        if isinstance(first, str | int | float) and not isinstance(first, bool):
            what = _("from {least}").format(least=first) if key == "at_least" else f"{first}, …" if asked != [first] else str(first)
            return _("Band {n}: {what}").format(n=number, what=what)
    return _("Band {n}").format(n=number)
