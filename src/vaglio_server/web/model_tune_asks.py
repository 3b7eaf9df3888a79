"""What a rule asks for, as boxes: the words, numbers and times of its conditions, each at its place in the text."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from vaglio.countries import code_of
from vaglio.rule import Rule
from vaglio.terms import InputType
from vaglio_server.crm.logic.countries import COUNTRY
from vaglio_server.scoring.logic.tuning import Value
from vaglio_server.web.model_rule_tests import TITLES, parts_of, read_number
from vaglio_server.web.model_tune_place import Place, place
from vaglio_server.web.model_typed import read_count, read_duration
from vaglio_server.web.words import plain

At = tuple[str | int, ...]
LEARNED = ("bands", "bands_2d")  # kinds of rules that a model learned: a curve has many bands, and nobody bends it by hand


def asked(at: At, rule: Rule) -> Iterator[Place]:
    """Yield what of a rule's conditions can be typed; ``at``: where the rule stands. What a model learned is changed by learning."""
    dumped = rule.model_dump(mode="json", by_alias=True)
    if dumped["kind"] in LEARNED:
        return
    bands = dumped.get("bands") or []
    for number, band in enumerate(bands):
        before = _("Band {n}").format(n=number + 1) if len(bands) > 1 else ""
        yield from of_condition((*at, "bands", number), band, dumped.get("field") or "", before)
    for part in ("where", "first", "then"):
        within = dumped.get(part) or {}
        found = within if part == "where" else within.get("where") or {}
        yield from of_where((*at, "where") if part == "where" else (*at, part, "where"), found)


def of_condition(at: At, said: Mapping[str, Any], field: str, before: str) -> Iterator[Place]:
    """Yield the values of a condition on fields; ``field``: what it asks for where it does not say."""
    field = said.get("field") or field
    for key, value in said.items():
        if key in TITLES and value is not None:
            yield from _value((*at, key), key, value, field, before)
        elif key in ("all", "any"):
            for number, part in enumerate(value or ()):
                yield from of_condition((*at, key, number), part, field, before)
        elif key == "not" and value:
            yield from of_condition((*at, key), value, field, before)


def of_where(at: At, said: Mapping[str, Any]) -> Iterator[Place]:
    """Yield the values of a condition on properties."""
    for key, value in said.items():
        if key in ("all", "any"):
            for number, part in enumerate(value or ()):
                yield from of_where((*at, key, number), part)
        elif key == "not":
            yield from of_where((*at, key), value or {})
        elif isinstance(value, Mapping):
            for operator, each in value.items():
                if operator in TITLES and each is not None:
                    yield from _value((*at, key, operator), operator, each, key, "")
        elif value is not None:
            yield from _value((*at, key), "equals", value, key, "")


def _value(at: At, operator: str, value: Any, field: str, before: str) -> Iterator[Place]:
    """Yield the box for the value of an operator; none for a yes, and for words with commas, between which commas would part."""
    reader = _reader(operator, value, field)
    if reader is None:
        return
    what = " ".join(part for part in (plain(field.removeprefix("account.")), str(TITLES[operator])) if part)
    shown = ", ".join(map(_shown, value)) if isinstance(value, list) else _shown(value)
    yield replace(place(at, f"{before}: {what}" if before else what, shown, reader), is_list=isinstance(value, list))


def _shown(value: Any) -> str:
    return f"{Decimal(repr(value)):f}" if isinstance(value, float) else str(value)  # 0.000001, and not 1e-06


def _reader(operator: str, value: Any, field: str) -> Callable[[str], Value] | None:
    read: Callable[[str], Decimal | int | str]
    if operator in ("older_than", "newer_than", "within"):
        return read_duration
    if operator == "at_least":
        return read_count
    items = value if isinstance(value, list) else [value]
    if any(isinstance(item, bool) for item in items):
        return None
    if all(isinstance(item, str) for item in items):
        if any("," in item or item != " ".join(item.split()) or not item for item in items):
            return None
        read = _country if field.rpartition(".")[2] == COUNTRY and operator in ("equals", "in", "not_in") else _text
    elif any(isinstance(item, str) for item in items):
        return None
    else:
        read = read_number
    return (lambda text: _several(text, read)) if isinstance(value, list) else read


def _several(text: str, read: Callable[[str], Decimal | int | str]) -> list[Decimal | int | str]:
    kind: InputType = "number" if read is read_number else "string"
    return list(dict.fromkeys(read(part) for part in parts_of(text, kind)))


def _text(text: str) -> str:
    return text


def _country(text: str) -> str:
    return code_of(text) or text
