"""Values and conditions of the oracle, from the documents only, plain and slow on purpose."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import re2  # type: ignore[import-untyped]

SECOND = 1_000_000
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Value:
    """What a condition reads: a declared type and a value, None for *no value*."""

    type: str
    value: Any


Reader = Callable[[str], Value]


def fold(text: str) -> str:
    """NFKD, then combining marks removed, then Unicode case folding."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.category(c).startswith("M")).casefold()


def words(text: str) -> set[str]:
    """The maximal runs of letters and digits (L*, N*) of the folded text."""
    spaced = "".join(c if unicodedata.category(c)[0] in "LN" else " " for c in fold(text))
    return set(spaced.split(" ")) - {""}


def clean(value: Any, no_value: list[str]) -> Any:
    """The value, or None where it is *no value*: null, blank, or one of the texts that mean not filled."""
    if not isinstance(value, str):
        return value
    stripped = fold(value.strip())
    if stripped == "" or stripped in {fold(item.strip()) for item in no_value}:
        return None
    return value


def seconds(duration: str) -> int:
    """Whole seconds of a duration such as `14d`."""
    found = re.fullmatch(r"(\d+)([smhdw])", duration)
    if found is None:
        raise ValueError(f"not a duration: {duration!r}")
    return int(found[1]) * SECONDS[found[2]]


def instant(raw: int | str) -> int:
    """Microseconds UTC of an instant, or of a document's `2026-01-31` or full instant."""
    if isinstance(raw, int):
        return raw
    moment = datetime.fromisoformat(raw)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    elapsed = moment - EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * SECOND + elapsed.microseconds


def age(occurred_at: int, as_of: int) -> int:
    """Whole seconds, rounded down; negative in the future."""
    return (as_of - occurred_at) // SECOND


def comparable(type_: str, raw: Any) -> Any:
    """What is compared: text folded, integers and measures exactly, numbers as doubles, dates as instants."""
    if type_ == "string":
        return fold(str(raw))
    if type_ == "integer":
        return Fraction(raw)
    if type_ == "number":
        return float(raw)
    if type_ == "date":
        return instant(raw)
    return bool(raw)


def several(target: Any) -> list[Any]:
    """One item or a list of them, as a list."""
    return list(target) if isinstance(target, (list, tuple)) else [target]


def op_equals(read: Value, target: Any, as_of: int) -> bool:
    return bool(comparable(read.type, read.value) == comparable(read.type, target))


def op_in(read: Value, target: Any, as_of: int) -> bool:
    return any(op_equals(read, item, as_of) for item in target)


def op_not_in(read: Value, target: Any, as_of: int) -> bool:
    return not op_in(read, target, as_of)


def op_from(read: Value, target: Any, as_of: int) -> bool:
    return bool(comparable(read.type, read.value) >= comparable(read.type, target))


def op_below(read: Value, target: Any, as_of: int) -> bool:
    return bool(comparable(read.type, read.value) < comparable(read.type, target))


def op_any_word(read: Value, target: Any, as_of: int) -> bool:
    return any(fold(item) in words(read.value) for item in several(target))


def op_contains(read: Value, target: Any, as_of: int) -> bool:
    return any(fold(item) in fold(read.value) for item in several(target))


def op_starts_with(read: Value, target: Any, as_of: int) -> bool:
    return any(fold(read.value).startswith(fold(item)) for item in several(target))


def op_ends_with(read: Value, target: Any, as_of: int) -> bool:
    return any(fold(read.value).endswith(fold(item)) for item in several(target))


def op_matches(read: Value, target: Any, as_of: int) -> bool:
    return bool(re2.search(target, fold(read.value)))


def op_older_than(read: Value, target: Any, as_of: int) -> bool:
    return age(read.value, as_of) >= seconds(target)


def op_newer_than(read: Value, target: Any, as_of: int) -> bool:
    return age(read.value, as_of) < seconds(target)


OPERATORS: dict[str, Callable[[Value, Any, int], bool]] = {
    "equals": op_equals,
    "in": op_in,
    "not_in": op_not_in,
    "from": op_from,
    "below": op_below,
    "any_word": op_any_word,
    "contains": op_contains,
    "starts_with": op_starts_with,
    "ends_with": op_ends_with,
    "matches": op_matches,
    "older_than": op_older_than,
    "newer_than": op_newer_than,
}


def operator_holds(operator: str, target: Any, read: Value, as_of: int) -> bool:
    """Every operator but `known` is false on no value."""
    if operator == "known":
        return (read.value is not None) is target
    return read.value is not None and OPERATORS[operator](read, target, as_of)


def operators_hold(operators: dict[str, Any], read: Value, as_of: int) -> bool:
    """All operators of a flat band, on one value that was already read; other keys are not operators."""
    return all(operator_holds(key, target, read, as_of) for key, target in operators.items() if key == "known" or key in OPERATORS)


def condition_holds(condition: dict[str, Any], field: str | None, reader: Reader, as_of: int) -> bool:
    """A condition; `field` is what operators that name none read. Keys such as `award` are passed over."""
    field = condition.get("field", field)
    if "all" in condition and not all(condition_holds(c, field, reader, as_of) for c in condition["all"]):
        return False
    if "any" in condition and not any(condition_holds(c, field, reader, as_of) for c in condition["any"]):
        return False
    if "not" in condition and condition_holds(condition["not"], field, reader, as_of):
        return False
    if not any(key == "known" or key in OPERATORS for key in condition):
        return True
    if field is None:
        raise ValueError(f"no field to read: {condition!r}")
    return operators_hold(condition, reader(field), as_of)


def fields_named(condition: dict[str, Any], field: str | None) -> Iterator[str]:
    """The fields a condition reads."""
    field = condition.get("field", field)
    for nested in [*condition.get("all", []), *condition.get("any", [])]:
        yield from fields_named(nested, field)
    if "not" in condition:
        yield from fields_named(condition["not"], field)
    if field is not None and any(key == "known" or key in OPERATORS for key in condition):
        yield field


def where_holds(where: dict[str, Any], reader: Reader, as_of: int) -> bool:
    """A `where` on properties: several keys mean *and*; a bare value is short for `equals`."""
    return all(_where_key_holds(key, target, reader, as_of) for key, target in where.items())


def _where_key_holds(key: str, target: Any, reader: Reader, as_of: int) -> bool:
    if key == "all":
        return all(where_holds(item, reader, as_of) for item in target)
    if key == "any":
        return any(where_holds(item, reader, as_of) for item in target)
    if key == "not":
        return not where_holds(target, reader, as_of)
    operators = target if isinstance(target, dict) else {"equals": target}
    return operators_hold(operators, reader(key), as_of)
