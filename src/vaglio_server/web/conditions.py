"""Conditions on leads in words."""

from django.http import QueryDict
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from vaglio.countries import in_one_form, name_of
from vaglio_server.views.logic.conditions import HOWS, Condition
from vaglio_server.views.queries import Choice


def ways(kind: str) -> list[tuple[str, str]]:
    """Return how a value of a kind can be compared: names in addresses, and what they are called."""
    words = {
        "is": _("is"),
        "is_not": _("is not"),
        "contains": _("contains"),
        "starts": _("starts with"),
        "known": _("is known"),
        "unknown": _("is not known"),
        "least": _("is at least"),
        "most": _("is at most"),
        "after": _("is on or after"),
        "before": _("is before"),
        "last": _("is in the last … days"),
        "did": _("happened in the last … days"),
        "did_not": _("did not happen in the last … days"),
        "often": _("happened at least … times in … days"),
        "on": _("has the lead"),
        "off": _("does not have the lead"),
        "brought": _("named the lead"),
        "not_brought": _("did not name the lead"),
    }
    return [(how, words[how]) for how in HOWS[kind]]


def condition_added(given: QueryDict) -> str:
    """Return the condition that the form beside a list adds, as addresses write it."""
    value = "/".join(given.getlist("value")) if given.get("how") == "often" else given.get("value", "")
    return f"{given['on']}:{given.get('how', '')}:{value}"


def worded(condition: Condition, titles: dict[str, Choice]) -> str:
    """Return a condition as a person says it, such as ``Country is Italy``."""
    choice = titles.get(f"{condition.subject}.{condition.name}")
    title = choice.title if choice else condition.name.replace("_", " ")
    of = {"account": _("Company"), "list": _("List"), "file": _("File")}
    if condition.subject in of:
        title = f"{of[condition.subject]}: {title}"
    if condition.how in ("last", "did", "did_not", "often"):
        return _timed(condition, title)
    kind = choice.kind if choice else "text"
    value = {"true": _("yes"), "false": _("no")}.get(condition.value, condition.value) if kind == "boolean" else condition.value
    value = choice.words.get(value, value) if choice else value
    value = name_of(in_one_form(value), get_language() or "en") if kind == "country" and condition.how in ("is", "is_not") else value
    return f"{title} {dict(ways(kind)).get(condition.how, condition.how)} {value}".strip()


def _timed(condition: Condition, title: str) -> str:
    try:
        numbers = condition.numbers
    except ValueError:
        return f"{title} {condition.value}"
    within = ngettext("in the last day", "in the last {n} days", numbers[-1]).format(n=numbers[-1])
    if condition.how == "often":
        return f"{title} {ngettext('once', 'at least {n} times', numbers[0]).format(n=numbers[0])} {within}"
    return f"{title} {_('not') + ' ' if condition.how == 'did_not' else ''}{within}"
