"""What is wrong with an answer to a public form, in words for whoever gave it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from vaglio_server.crm.logic.numbers import TwoNumbers, as_number
from vaglio_server.forms.logic.answers import TOO_LONG, TWO_NUMBERS, longest
from vaglio_server.forms.logic.drafts import FormField

FAULTS: dict[str, str | Promise] = {
    "missing": gettext_lazy("Please fill this in."),
    "unticked": gettext_lazy("Please tick this to go on."),
    "no_mail": gettext_lazy("This is no mail address. Please give one such as anna@acme.example."),
    "no_number": gettext_lazy("Please give a number, such as 90."),
    "two_numbers": gettext_lazy("This can be two numbers. Please write %(large)s or %(small)s."),
    "no_date": gettext_lazy("Please give a day, such as 2026-10-01."),
    "no_choice": gettext_lazy("Please choose one of these."),
    "too_long": gettext_lazy("This is too long: it has %(count)s characters, and %(most)s fit. Please shorten it."),
    "too_much": gettext_lazy("All answers together are too long. Please shorten this one, the longest."),
    "unfit": gettext_lazy("This cannot be read. Please type it again."),
}


def fault_said(code: str, each: FormField, typed: str) -> str:
    """Return what is wrong with an answer and what to do, empty where nothing is."""
    said = str(FAULTS.get(code, ""))
    if code == TOO_LONG:
        return said % {"count": f"{len(typed.strip()):,}", "most": f"{longest(each.widget):,}"}
    try:
        as_number(typed)
    except TwoNumbers as either:
        return said % {"large": either.large, "small": either.small} if code == TWO_NUMBERS else said
    return said
