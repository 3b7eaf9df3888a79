"""Conditions of a new rule that have to hold besides: of other fields, or of other properties of the same activity."""

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from vaglio_server.web.model_rule_boxes import Also, Filling, Option, RuleForm
from vaglio_server.web.model_rule_known import Input

MOST = 4
Found = list[tuple[Input, dict[str, Any]]]


def also(its: Filling, form: RuleForm, options: Sequence[Option], read: Callable[[str], Input | None]) -> Found:
    """Add the conditions that were chosen to the form, and room for one more; return them, each with its test of a document."""
    found: Found = []
    choices = [Option("", _("no other condition")), *options]
    free = None
    for number in range(MOST):
        box, name = its.chosen(f"also.{number}", _("And only where"), choices, redraws=True)
        input_ = read(name) if name else None
        if input_ is None:
            free = free or Also(box)
            continue
        operator, chosen = its.operator(f"also_operator.{number}", input_)
        value, test = its.asked(f"also_value.{number}", chosen, input_)
        form.also.append(Also(box, operator, value))
        found.append((input_, test))
    form.also += [free] if free else []
    return found
