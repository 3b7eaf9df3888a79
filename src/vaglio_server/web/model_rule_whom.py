"""The forms of whom a model never rates, and whom it rates at all: a condition on fields, or being on a list."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vaglio.text import fold
from vaglio_server.scoring.logic.adding import exclusion_name
from vaglio_server.scoring.queries import values_often
from vaglio_server.web.model_rule_also import also
from vaglio_server.web.model_rule_boxes import Filling, Option, RuleForm
from vaglio_server.web.model_rule_known import Input, Known, reads_of
from vaglio_server.web.words import plain, shown_of

OFFERED = 8  # values that are often there
_LIST = "list:"  # stands before the name of a list among names of fields


def field_options(known: Known) -> list[Option]:
    """Return the fields that can be looked at."""
    options = [Option(each.name, each.title, _("The lead")) for each in known.fields.values()]
    return [*options, *(Option(each.name, each.title, _("Its company")) for each in known.account_fields.values())]


def often(read: Input) -> list[str]:
    """Return the values that a field has often, or all that it can have."""
    bare = read.name.removeprefix("account.")
    if read.choices or read.kind != "string":
        return list(read.choices)
    found = [shown_of(value, bare) for value in values_often("lead" if bare == read.name else "account", bare, OFFERED)]
    return list({fold(each): each for each in reversed(found)}.values())[::-1]  # of two spellings the one that is there more often


def tested(its: Filling, form: RuleForm, read: Input, offered: list[str]) -> dict[str, Any]:
    """Add what a value has to be to the form; return it as a test of a document. ``offered``: values that are often there."""
    form.often = offered
    operator, chosen = its.operator("operator", read)
    value, test = its.asked("value", chosen, read, offered)
    form.first += [operator, value]
    return test


def _left_out(its: Filling, form: RuleForm) -> None:
    lists = [Option(f"{_LIST}{name}", plain(name), _("On a list")) for name in its.known.lists]
    named, condition = _condition(its, form, lists)
    form.path = ("exclude",)
    called, name = its.called(_("Name of the reason"), named)
    form.rest.append(called)
    what = {"list": named} if condition is None else {"when": condition}
    form.rule = {"id": exclusion_name(name, its.document), **what}


def _audience(its: Filling, form: RuleForm) -> None:
    _named, form.rule = _condition(its, form, [])  # type: ignore[assignment]


def _condition(its: Filling, form: RuleForm, lists: Sequence[Option]) -> tuple[str, dict[str, Any] | None]:
    """Add what is looked at, a field or one of some lists, and what that has to be to the form; return its bare name and the condition:
    None of a list."""
    fields = field_options(its.known)
    box, name = its.chosen("field", _("Looks at"), [*lists, *fields], redraws=True)
    form.first.append(box)
    if name.startswith(_LIST):
        return name.removeprefix(_LIST), None
    read = its.known.field(name)
    if read is None:
        return "", {}
    test = tested(its, form, read, often(read))
    besides = also(its, form, fields, its.known.field)
    form.reads = reads_of([read, *(each for each, _test in besides)])
    conditions = [{"field": name, **test}, *({"field": each.name, **more} for each, more in besides)]
    return name.removeprefix("account."), {"all": conditions} if besides else conditions[0]


WHOM: dict[str, Callable[[Filling, RuleForm], None]] = {"left_out": _left_out, "audience": _audience}
