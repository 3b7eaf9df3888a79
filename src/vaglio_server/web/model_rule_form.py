"""The form of a new rule: what it looks at, what that has to be, and what it is worth; filled in, it is a rule of a document."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vaglio.quantities import short_name
from vaglio.text import fold
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.scoring.logic.adding import taken_names
from vaglio_server.scoring.queries import values_often
from vaglio_server.tracking.queries import values_lately
from vaglio_server.web.model_rule_known import Input, Known
from vaglio_server.web.model_rule_tests import ALONE, EXAMPLES, OPERATORS, test_of
from vaglio_server.web.model_typed import read_count, read_duration, read_points
from vaglio_server.web.words import plain, shown_of

ABOUT: dict[str, str | Promise] = {
    "field": gettext_lazy("Who somebody is"),
    "activity": gettext_lazy("What somebody does"),
    "list": gettext_lazy("Being on a list"),
    "silence": gettext_lazy("Silence"),
}
_AXIS_OF = {"field": "profile", "list": "profile", "activity": "engagement", "silence": "engagement"}
MOST_CASES, OFFERED = 12, 8
Reader = Callable[[str], Any]  # of what is typed; raises ValueError with what to write instead
_ONCE: dict[str, str | Promise] = {
    "each": gettext_lazy("each time"), "day": gettext_lazy("once a day"), "week": gettext_lazy("once a week"),
    "ever": gettext_lazy("once ever"), "count": gettext_lazy("when it was done several times"),
}  # fmt: skip


@dataclass(frozen=True)
class Option:
    """A choice of a box; ``group``: the heading under which it stands."""

    value: str
    title: str
    group: str = ""


@dataclass(frozen=True)
class Box:
    """A box of the form; ``redraws``: what is chosen here decides which other boxes there are."""

    name: str
    title: str
    value: str = ""
    options: Sequence[Option] = ()
    empty: str = ""
    fault: str = ""
    redraws: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether what is wrong is that nothing is typed in it."""
        return bool(self.fault) and not self.value and not self.options

    @property
    def part(self) -> str:
        """What it is of a test: ``operator`` or ``value``; some operators need no value, and then that box is not shown."""
        return self.name.partition(".")[0]


@dataclass(frozen=True)
class Case:
    """What a value has to be, and what that is worth."""

    operator: Box
    value: Box
    points: Box


@dataclass
class RuleForm:
    """The form as it was filled in; ``rule`` and ``reads`` hold what it says once nothing is wrong."""

    about: str
    first: list[Box] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    rest: list[Box] = field(default_factory=list)
    often: list[str] = field(default_factory=list)
    axis: str = ""
    rule: dict[str, Any] = field(default_factory=dict)
    reads: dict[str, Any] = field(default_factory=dict)

    @property
    def boxes(self) -> Iterable[Box]:
        """Every box."""
        yield from self.first
        for case in self.cases:
            yield from (case.operator, case.value, case.points)
        yield from self.rest

    @property
    def faults(self) -> list[Box]:
        """The boxes in which something is wrong; of several cases, each says which it is of."""
        several = self.cases if len(self.cases) > 1 else []
        cases = {box.name: number for number, case in enumerate(several, 1) for box in (case.operator, case.value, case.points)}
        wrong = [box for box in self.boxes if box.fault]
        return [
            replace(box, title=_("Case {n}: {what}").format(n=cases[box.name], what=box.title)) if box.name in cases else box
            for box in wrong
        ]

    @property
    def is_begun(self) -> bool:
        """Whether nothing is wrong but that something is not typed yet, which nobody needs to be told while typing."""
        return bool(self.faults) and all(box.is_missing for box in self.faults)

    @property
    def may_grow(self) -> bool:
        """Whether there may be one more case."""
        return self.about == "field" and len(self.cases) < MOST_CASES


@dataclass(frozen=True)
class Filling:
    """What the form is made from: the model, what may be read, and what was typed; ``is_sent``: what is wrong is marked."""

    document: ModelDocument
    known: Known
    given: Mapping[str, str]
    is_sent: bool

    def typed(self, name: str, default: str = "") -> str:
        """Return what was typed or chosen."""
        return self.given.get(name, default).strip()

    def box(
        self, name: str, title: str, read: Callable[[str], Any] | None = None, *, empty: str = "", default: str = ""
    ) -> tuple[Box, Any]:
        """Return a box and what was typed in it, read; one without ``empty`` needs something."""
        box = Box(name, title, self.typed(name, default), empty=empty)
        if not box.value:
            return (box if empty or not self.is_sent else replace(box, fault=_("write a value"))), None
        try:
            return box, read(box.value) if read else box.value
        except ValueError as wrong:
            return replace(box, fault=str(wrong)), None

    def chosen(self, name: str, title: str, options: Sequence[Option], *, redraws: bool = False, default: str = "") -> tuple[Box, str]:
        """Return a box of choices and the one that was chosen: the first one where none was.

        What was chosen may be none any more: a rule about something else than what was seen would be kept.
        """
        values = [option.value for option in options]
        value = self.typed(name, default)
        value = value if value in values else values[0] if values else ""
        is_gone = self.is_sent and self.given.get(name, value) not in values
        fault = _("what was chosen is not among the choices any more; choose again") if is_gone else ""
        return Box(name, title, value, options, fault=fault, redraws=redraws), value


def form_of(document: ModelDocument, known: Known, about: str, given: Mapping[str, str], *, is_sent: bool) -> RuleForm:
    """Return the form about one of ``ABOUT``: empty, or as it was filled in."""
    its, form = Filling(document, known, given, is_sent), RuleForm(about)
    named = _KINDS[about](its, form)
    axes = [Option("profile", _("Fit")), Option("engagement", _("Engagement"))]
    axis, form.axis = its.chosen("axis", _("Counts for"), axes, redraws=True, default=_AXIS_OF[about])
    called, title = its.box("called", _("Name of the rule"), empty=plain(named) or _("a name"))
    most, at_most = its.box("at_most", _("At most"), read_points, empty=_("no limit"))
    form.rest += [axis, called, most]
    groups = [Option("", _("none")), *(Option(name, plain(name)) for name in document.axis(form.axis).groups)]  # type: ignore[arg-type]
    group, chosen = its.chosen("group", _("Group"), groups)
    if len(groups) > 1:
        form.rest.append(group)
    said = {"at_most": at_most, "group": chosen or None}
    form.rule = {"id": _free_name(title or named, document)} | form.rule | {key: value for key, value in said.items() if value is not None}
    return form


def _free_name(title: str, document: ModelDocument) -> str:
    """Return a name for the document that no rule has yet."""
    words = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in fold(title)).split()
    name = "_".join(words) or "rule"
    name = short_name(name if name[0].isalpha() else f"rule_{name}")
    taken = taken_names(document)
    free, number = name, 2
    while free in taken:
        free, number = short_name(f"{name}_{number}"), number + 1
    return free


def _field(its: Filling, form: RuleForm) -> str:
    known = its.known
    options = [Option(each.name, each.title, _("The lead")) for each in known.fields.values()]
    options += [Option(each.name, each.title, _("Its company")) for each in known.account_fields.values()]
    box, name = its.chosen("field", _("Looks at"), options, redraws=True, default=_usual(known))
    form.first.append(box)
    read = known.field(name)
    if read is None:
        return ""
    bare = name.removeprefix("account.")
    form.often = list(read.choices) or _often("account" if name != bare else "lead", bare, read)
    bands = [band for number in range(_cases(its)) if (band := _case(its, form, read, number))]
    if len(bands) == 1:
        points, band = bands[0].pop("points"), bands[0]
        form.rule = {"kind": "fields", "field": name, "points": points, "bands": [band]}
    else:
        form.rule = {"kind": "fields", "field": name, "bands": bands}
    form.reads = {"account_fields" if name != bare else "fields": {bare: read.kind}}
    return bare


def _usual(known: Known) -> str:
    return next((name for name in ("job_title", "industry") if name in known.fields), "")


def _often(subject: str, bare: str, read: Input) -> list[str]:
    return [shown_of(value, bare) for value in values_often(subject, bare, OFFERED)] if read.kind == "string" else []


def _cases(its: Filling) -> int:
    """Return how many cases there are: as many as were sent, one more where that is asked for, and one at first."""
    sent = len([name for name in its.given if name.startswith("operator.")])
    return max(1, min(MOST_CASES, sent + (its.typed("do") == "case")))


def _case(its: Filling, form: RuleForm, read: Input, number: int) -> dict[str, Any]:
    """Add a case to the form and return it as a band of a document: one after the first in which nothing is typed is none."""
    options = [Option(value, str(title)) for value, title in OPERATORS[read.kind].items()]
    operator, chosen = its.chosen(f"operator.{number}", _("What has to be true"), options)
    value, test = _asked(its, form, f"value.{number}", chosen, read)
    points, worth = its.box(f"points.{number}", _("Points"), read_points)
    if number and chosen not in ALONE and not value.value and not points.value:
        form.cases.append(Case(operator, replace(value, fault=""), replace(points, fault="")))
        return {}
    form.cases.append(Case(operator, value, points))
    return {**test, "points": worth}


def _asked(its: Filling, form: RuleForm, name: str, operator: str, read: Input) -> tuple[Box, dict[str, Any]]:
    """Return the box of a value, and the operators that it makes with the one that was chosen."""
    often = ", ".join(form.often[:2]) if read.name != "job_title" else ""  # which people look for by words, not as a whole
    box = Box(name, _("Value"), its.typed(name), empty=often or EXAMPLES[read.kind])
    try:
        return box, test_of(operator, box.value, read.kind, read.name, form.often)
    except ValueError as wrong:
        return replace(box, fault=str(wrong) if its.is_sent or box.value else ""), {}


def _activity(its: Filling, form: RuleForm) -> str:
    options = [Option(name, plain(name)) for name in its.known.activities]
    box, name = its.chosen("activity", _("Looks at"), options, redraws=True)
    properties = its.known.activities.get(name, {})
    only = [Option("", _("no condition")), *(Option(each.name, each.title) for each in properties.values())]
    property_box, chosen = its.chosen("property", _("Only where"), only, redraws=True)
    form.first += [box, property_box]
    where, reads = _where(its, form, properties[chosen], name) if chosen else ({}, {})
    once_box, once = its.chosen("once", _("Counts"), [Option(value, str(title)) for value, title in _ONCE.items()], redraws=True)
    points, worth = its.box("points", _("Points"), read_points)
    within, window = its.box("within", _("Looks back"), read_duration, empty=_("always"))
    form.first += [once_box, points]
    matched = {"activity": name, **({"where": {chosen: where}} if where else {})}
    if once == "count":
        times, least = its.box("at_least", _("At least so often"), read_count)
        form.first += [times, within]
        form.rule = {"kind": "activity_count", **matched, "bands": [{"at_least": least, "points": worth}]}
    else:
        half, halves = its.box("half_life", _("Halves every"), read_duration, empty=_("never"))
        form.first += [half, within]
        repeats = {"half_life": halves, "once_per": None if once == "each" else once}
        form.rule = {"kind": "activity", **matched, "points": worth} | {key: value for key, value in repeats.items() if value is not None}
    if window is not None:
        form.rule["within"] = window
    form.reads = {"activities": {name: reads}}
    return name


def _where(its: Filling, form: RuleForm, read: Input, activity: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Add what a property has to be to the form; return it as a test of a document, and what is read."""
    options = [Option(value, str(title)) for value, title in OPERATORS[read.kind].items()]
    operator, chosen = its.chosen("operator", _("What has to be true"), options)
    form.often = values_lately(activity, read.name, OFFERED) if read.kind == "string" else []
    value, test = _asked(its, form, "value", chosen, read)
    form.first += [operator, value]
    return test, {read.name: read.kind}


def _list(its: Filling, form: RuleForm) -> str:
    box, name = its.chosen("list", _("Looks at"), [Option(name, plain(name)) for name in its.known.lists])
    points, worth = its.box("points", _("Points"), read_points)
    form.first += [box, points]
    form.rule = {"kind": "list_member", "list": name, "points": worth}
    return name


def _silence(its: Filling, form: RuleForm) -> str:
    after, least = its.box("after", _("After"), read_duration, default="60d")
    points, worth = its.box("points", _("Points"), read_points, default="-10")
    every, again = its.box("every", _("And again every"), read_duration, empty=_("never"))
    form.first += [after, points, every]
    form.rule = {"kind": "inactivity", "after": least, "points": worth} | ({"every": again} if again else {})
    return "silent"


_KINDS: dict[str, Callable[[Filling, RuleForm], str]] = {"field": _field, "activity": _activity, "list": _list, "silence": _silence}
