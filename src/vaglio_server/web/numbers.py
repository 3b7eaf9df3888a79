"""Numbers that somebody typed into a form."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from vaglio_server.crm.actions import FaultyValues
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.logic.numbers import DECIMALS, TwoNumbers, as_number
from vaglio_server.refused import Refused
from vaglio_server.web.words import plain


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


def typed_values(typed: Iterable[tuple[Definition, str]]) -> dict[str, str | None]:
    """Return what was typed in the places of some fields, by their names.

    Raises
    ------
    FaultyValues
        A number can be two; every such is named.
    """
    values: dict[str, str | None] = {}
    faults: list[str] = []
    for field, text in typed:
        try:
            values[field.name] = typed_value(text or None, field.kind)
        except Refused as refused:
            faults.append(f"{plain(field.name)}: {refused}")
    if faults:
        raise FaultyValues(faults)
    return values
