"""Numbers that somebody typed into a form."""

from django.utils.translation import gettext as _

from vaglio_server.crm.logic.numbers import TwoNumbers, as_number
from vaglio_server.refused import Refused


def typed_number(text: str | None) -> str | None:
    """Return a number as programs write it; None where nothing was typed.

    Raises
    ------
    Refused
        The text can be two numbers.
    """
    try:
        return as_number(text) if text else None
    except TwoNumbers as either:
        raise Refused(_("{text}: write {large} or {small}").format(text=either.text, large=either.large, small=either.small)) from None


def typed_value(text: str | None, kind: str) -> str | None:
    """Return what was typed as the value of a field of a kind; numbers as by :func:`typed_number`."""
    return typed_number(text) if kind in {"integer", "number"} else text
