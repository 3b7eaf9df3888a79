"""The form by which a model is tuned: every number and time of its rules and thresholds, and which rules are taken out."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vaglio.rule import Rule
from vaglio.terms import AXES, parse_duration
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.scoring.logic.tuning import Value
from vaglio_server.web.model_figures import title_of
from vaglio_server.web.sentences import said
from vaglio_server.web.words import plain

_NUMBER = re.compile(r"[-−]?[0-9]{1,7}(\.[0-9]{1,3})?", re.ASCII)
_SHARE = re.compile(r"([0-9]{1,3}(\.[0-9]{1,4})?) ?%?", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,6}", re.ASCII)


def _points(text: str) -> Value:
    if not _NUMBER.fullmatch(text):
        raise ValueError(_("write a number such as 30 or 2.5"))
    return Decimal(text.replace("−", "-"))


def _share(text: str) -> Value:
    found = _SHARE.fullmatch(text)
    if not found or Decimal(found[1]) > 100:
        raise ValueError(_("write a share such as 60%"))
    return f"{found[1]}%"


def _duration(text: str) -> Value:
    try:
        parse_duration(text)
    except ValueError:
        raise ValueError(_("write a number and a unit, such as 30m, 4h, 14d or 2w")) from None
    return text


def _count(text: str) -> Value:
    if not _COUNT.fullmatch(text):
        raise ValueError(_("write a whole number"))
    return int(text)


# What of a rule can be set, in the order of the form, and how what is typed is read.
_SETTINGS: dict[str, tuple[str | Promise, Callable[[str], Value]]] = {
    "points": (gettext_lazy("Points"), _points),
    "weight": (gettext_lazy("Weight"), _points),
    "at_most": (gettext_lazy("At most"), _points),
    "at_least": (gettext_lazy("At least"), _count),
    "after": (gettext_lazy("After"), _duration),
    "every": (gettext_lazy("Every"), _duration),
    "within": (gettext_lazy("Looks back"), _duration),
    "at_most_age": (gettext_lazy("Counts for"), _duration),
    "half_life": (gettext_lazy("Halves every"), _duration),
    "fade": (gettext_lazy("Fades over"), _duration),
}
_BETWEEN = ("velocity", "sequence")  # kinds whose `within` is a time between activities, not one since
_MAY_COME = ("at_most", "within", "half_life")  # what a rule has not may be set; what it has of these may go
_UNSETTABLE = ("at_most", "within", "half_life", "fade")
# What an empty box means, said in it.
_EMPTY = {
    "at_most": gettext_lazy("no limit"),
    "within": gettext_lazy("always"),
    "half_life": gettext_lazy("never"),
    "fade": gettext_lazy("never"),
}


@dataclass(frozen=True)
class Place:
    """A number or a time: where it stands, what it is called, what stands there, what was typed and what is wrong with that."""

    path: tuple[str | int, ...]
    title: str
    was: str
    value: str
    may_be_empty: bool = False
    fault: str = ""

    @property
    def name(self) -> str:
        """What the box is called in the form."""
        return ".".join(map(str, self.path))

    @property
    def empty(self) -> str:
        """What it means that nothing stands in the box."""
        return str(_EMPTY.get(str(self.path[-1]), "")) if self.may_be_empty else ""


@dataclass(frozen=True)
class Row:
    """A rule, or what an axis says beside its rules."""

    title: str
    sentence: str
    places: list[Place]
    out: str = ""  # the name of the tick by which it is taken out; empty: it cannot be
    is_out: bool = False


@dataclass(frozen=True)
class Side:
    """An axis of the form."""

    axis: str
    title: str
    rows: list[Row]


def form_of(document: ModelDocument, given: Mapping[str, str] | None = None) -> list[Side]:
    """Return the form: as the document is, or as it was filled in."""
    return [Side(axis, title_of(axis), [_filled(row, given) for row in _rows(document, axis)]) for axis in AXES]


def _filled(row: Row, given: Mapping[str, str] | None) -> Row:
    if given is None:
        return row
    return replace(row, places=[_typed(place, given) for place in row.places], is_out=bool(row.out) and row.out in given)


def _typed(place: Place, given: Mapping[str, str]) -> Place:
    value = given.get(place.name, place.was).strip()
    typed = replace(place, value=value)
    if value == place.was:
        return typed
    try:
        read(typed)
    except ValueError as wrong:
        return replace(typed, fault=str(wrong))
    return typed


def read(place: Place) -> Value:
    """Return what was typed as the document holds it; None: nothing any more.

    Raises
    ------
    ValueError
        It is not what belongs there; its text says what does.
    """
    if not place.value:
        if place.may_be_empty:
            return None
        raise ValueError(_("this cannot be empty; take the rule out, or change it in the text"))
    key = str(place.path[-1])
    reader = _share if key == "award" else _SETTINGS[key][1] if key in _SETTINGS else _points
    return reader(place.value)


def changed(form: list[Side]) -> dict[tuple[str | int, ...], Value]:
    """Return the places at which something else was typed, with that."""
    places = [place for side in form for row in side.rows for place in row.places]
    return {place.path: read(place) for place in places if place.value != place.was and not place.fault}


def taken_out(form: list[Side]) -> list[tuple[str, int]]:
    """Return the rules that are taken out, by axis and position."""
    names = [row.out.split(".") for side in form for row in side.rows if row.is_out]
    return [(axis, int(position)) for _out, axis, position in names]


def _rows(document: ModelDocument, axis: str) -> Iterator[Row]:
    its = document.axis(axis)  # type: ignore[arg-type]
    dumped = its.model_dump(mode="json", by_alias=True)
    cuts = "letters" if axis == "profile" else "digits"
    places = [_place((axis, cuts, name), _("{name} from").format(name=name), dumped[cuts][name]) for name in dumped[cuts]]
    yield Row(_("Thresholds"), "", [*places, _place((axis, "at_most"), _("At most"), dumped["at_most"], may_be_empty=True)])
    for name, group in dumped["groups"].items():
        path = (axis, "groups", name, "at_most")
        yield Row(_("Group {name}").format(name=plain(name)), "", [_place(path, _("At most"), group["at_most"])])
    for position, rule in enumerate(its.rules):
        yield Row(plain(rule.id), said(rule.sentence(), document), list(_places(axis, position, rule)), f"out.{axis}.{position}")


def _places(axis: str, position: int, rule: Rule) -> Iterator[Place]:
    at, dumped = (axis, "rules", position), rule.model_dump(mode="json", by_alias=True)
    for key, (title, _reader) in _SETTINGS.items():
        if key in dumped and (dumped[key] is not None or (key in _MAY_COME and dumped.get("fade") is None)):
            called = _("Inside") if key == "within" and dumped["kind"] in _BETWEEN else str(title)
            yield _place((*at, key), called, dumped[key], may_be_empty=key in _UNSETTABLE)
    learned = dumped["kind"] in ("bands", "bands_2d")  # a curve has many, and nobody bends it by hand
    for number, band in enumerate(() if learned else dumped.get("bands") or ()):
        for key in ("points", "award"):
            if band.get(key) is not None:
                yield _place((*at, "bands", number, key), _band_title(number + 1, band), band[key])


def _band_title(number: int, band: Mapping[str, Any]) -> str:
    """Return what a band is called, with the first of what it asks for, by which it is found again in the sentence."""
    for key in ("any_word", "contains", "in", "at_least"):
        asked = band.get(key)
        first = asked[0] if isinstance(asked, list) and asked else asked
        if isinstance(first, str | int | float) and not isinstance(first, bool):
            what = _("from {least}").format(least=first) if key == "at_least" else f"{first}, …" if asked != [first] else str(first)
            return _("Band {n}: {what}").format(n=number, what=what)
    return _("Band {n}").format(n=number)


def _place(path: tuple[str | int, ...], title: str, was: Any, *, may_be_empty: bool = False) -> Place:
    text = "" if was is None else str(was)
    return Place(path, title, text, text, may_be_empty)
