"""The form of a new rule: what it looks at, what that has to be, and what it is worth; filled in, it is a rule of a document."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.scoring.logic.adding import rule_name
from vaglio_server.tracking.queries import values_lately
from vaglio_server.web.model_rule_also import also
from vaglio_server.web.model_rule_boxes import MOST_CASES, Case, Filling, Option, RuleForm
from vaglio_server.web.model_rule_known import Input, Known, reads_of
from vaglio_server.web.model_rule_tests import ALONE
from vaglio_server.web.model_rule_whom import OFFERED, WHOM, field_options, often, tested
from vaglio_server.web.model_typed import read_count, read_duration, read_points
from vaglio_server.web.words import plain

ABOUT: dict[str, str | Promise] = {
    "field": gettext_lazy("Who somebody is"),
    "activity": gettext_lazy("What somebody does"),
    "list": gettext_lazy("Being on a list"),
    "silence": gettext_lazy("Silence"),
    "left_out": gettext_lazy("Who is never rated"),
    "audience": gettext_lazy("Who is rated at all"),
}
_AXIS_OF = {"field": "profile", "list": "profile", "activity": "engagement", "silence": "engagement"}
_ONCE: dict[str, str | Promise] = {
    "each": gettext_lazy("each time"), "day": gettext_lazy("once a day"), "week": gettext_lazy("once a week"),
    "ever": gettext_lazy("once ever"), "count": gettext_lazy("when it was done several times"),
}  # fmt: skip


def form_of(document: ModelDocument, known: Known, about: str, given: Mapping[str, str], *, is_sent: bool) -> RuleForm:
    """Return the form about one of ``ABOUT``: empty, or as it was filled in."""
    its, form = Filling(document, known, given, is_sent), RuleForm(about)
    if about in WHOM:
        WHOM[about](its, form)
        return form
    named = _KINDS[about](its, form)
    axes = [Option("profile", _("Fit")), Option("engagement", _("Engagement"))]
    box, axis = its.chosen("axis", _("Counts for"), axes, redraws=True, default=_AXIS_OF[about])
    form.path = (axis, "rules")
    called, name = its.called(_("Name of the rule"), named)
    most, at_most = its.box("at_most", _("At most"), read_points, empty=_("no limit"))
    form.rest += [box, called, most]
    groups = [Option("", _("none")), *(Option(group, plain(group)) for group in document.axis(axis).groups)]  # type: ignore[arg-type]
    group, chosen = its.chosen("group", _("Group"), groups)
    if len(groups) > 1:
        form.rest.append(group)
    said = {"at_most": at_most, "group": chosen or None}
    form.rule = {"id": rule_name(name, document)} | form.rule | {key: value for key, value in said.items() if value is not None}
    return form


def _field(its: Filling, form: RuleForm) -> str:
    known = its.known
    options = field_options(known)
    box, name = its.chosen("field", _("Looks at"), options, redraws=True, default=_usual(known))
    form.first.append(box)
    read = known.field(name)
    if read is None:
        return ""
    bare = name.removeprefix("account.")
    form.often = often(read)
    besides = also(its, form, options, known.field)
    its = replace(its, given=_without_case(its.given))
    bands = [band for number in range(_cases(its)) if (band := _case(its, form, read, number))]
    if len(bands) == 1:
        points, band = bands[0].pop("points"), bands[0]
        form.rule = {"kind": "fields", "field": name, "points": points, "bands": [band]}
    else:
        form.rule = {"kind": "fields", "field": name, "bands": bands}
    if besides:
        more = [{"field": each.name, **test} for each, test in besides]
        form.rule["bands"] = [_with_all(band, more) for band in form.rule["bands"]]
    form.reads = reads_of([read, *(each for each, _test in besides)])
    return bare


def _with_all(band: dict[str, Any], more: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a band that holds where other conditions do, too."""
    worth = {"points": band.pop("points")} if "points" in band else {}
    return {"all": [band, *more], **worth}


def _usual(known: Known) -> str:
    return next((name for name in ("job_title", "industry") if name in known.fields), "")


def _cases(its: Filling) -> int:
    """Return how many cases there are: as many as were sent, one more where that is asked for, and one at first."""
    sent = len([name for name in its.given if name.startswith("operator.")])
    return max(1, min(MOST_CASES, sent + (its.typed("do") == "case")))


def _without_case(given: Mapping[str, str]) -> Mapping[str, str]:
    """Return what was typed without the case that somebody took out; those below move up."""
    deed, _dot, number = given.get("do", "").partition(".")
    if deed != "drop" or not number.isdecimal() or len(number) > 2:
        return given
    left: dict[str, str] = {}
    for key, value in given.items():
        name, dot, case = key.partition(".")
        if name not in ("operator", "value", "points") or not case.isdecimal() or int(case) < int(number):
            left[key] = value
        elif int(case) > int(number):
            left[f"{name}{dot}{int(case) - 1}"] = value
    return left


def _case(its: Filling, form: RuleForm, read: Input, number: int) -> dict[str, Any]:
    """Add a case to the form and return it as a band of a document: one after the first in which nothing is typed is none."""
    operator, chosen = its.operator(f"operator.{number}", read)
    value, test = its.asked(f"value.{number}", chosen, read, form.often)
    points, worth = its.box(f"points.{number}", _("Points"), read_points)
    if number and chosen not in ALONE and not value.value and not points.value:
        form.cases.append(Case(operator, replace(value, fault=""), replace(points, fault="")))
        return {}
    form.cases.append(Case(operator, value, points))
    return {**test, "points": worth}


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
    tests = [(chosen, where)] if chosen else []
    if chosen:
        found = also(its, form, only[1:], properties.get)
        tests += [(each.name, test) for each, test in found]
        reads |= {each.name: each.kind for each, _test in found}
    matched = {"activity": name, **({"where": _joined(tests)} if where else {})}
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


def _joined(tests: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Return tests of properties that all have to hold; of one property several cannot stand beside each other."""
    names = [name for name, _test in tests]
    return dict(tests) if len(set(names)) == len(names) else {"all": [{name: test} for name, test in tests]}


def _where(its: Filling, form: RuleForm, read: Input, activity: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Add what a property has to be to the form; return it as a test of a document, and what is read."""
    often_done = values_lately(activity, read.name, OFFERED) if read.kind == "string" else []
    return tested(its, form, read, often_done), {read.name: read.kind}


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
