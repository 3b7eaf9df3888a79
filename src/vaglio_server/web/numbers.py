"""Numbers that somebody typed into a form."""

from django.utils.translation import gettext as _

from vaglio_server.crm.logic.numbers import DECIMALS, TwoNumbers, as_number
from vaglio_server.refused import Refused


def typed_value(text: str | None, kind: str) -> str | None:
    """Return what was typed as the value of a field of a kind, numbers as programs write them; None where nothing was typed.

    Raises
    ------
    Refused
        The text can be two numbers.
    """
    if not text or kind not in {"number", *DECIMALS}:
        return text
    try:
        return as_number(text, kind)
    except TwoNumbers as either:
        raise Refused(_("{text}: write {large} or {small}").format(text=either.text, large=either.large, small=either.small)) from None
