"""A column's SQL: what a cell becomes, and when it is bad."""

import re
from dataclasses import dataclass

import duckdb

from vaglio.connections import connect
from vaglio.dates import FIRST_US, LAST_US
from vaglio.errors import DataError
from vaglio.files import sql
from vaglio.files.columns import NUMBERS, Found
from vaglio.files.countries import COUNTRY, in_its_form
from vaglio.files.event_names import NAME, as_name
from vaglio.files.source import BYTES, Source
from vaglio.spelling import INSTANT, INTEGER, NO, NUMBER, SPACE, YES
from vaglio.text import fold

SPACES = "' ' || chr(9) || chr(10) || chr(13)"
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_REALS = ("FLOAT", "DOUBLE")
_INSTANTS = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE")
_TARGETS = {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BIGINT", "date": "BIGINT", "flag": "BOOLEAN", "string": "VARCHAR"}
REASONS = {
    "string": "is not text in UTF-8",
    "integer": "is not a whole number; write 1234, or name the format in --columns, as :1.234,56",
    "number": "is not a number; write 1234.56, or name the format in --columns, as :1.234,56",
    "boolean": "is neither yes nor no",
    "flag": "is neither yes nor no",
    "date": "is not a date of the years 1000 to 9999; write 2026-01-31 or 2026-01-31T09:30:00Z, or name the format in --columns",
}


@dataclass(frozen=True)
class Cell:
    """``value`` of a column, ``bad`` when a row is bad by it (empty when it cannot be), and whether both cost next to nothing.

    ``unchecked`` is the value of a column all of whose values are known to be good, where that costs less.
    """

    value: str
    bad: str = ""
    cheap: bool = True
    unchecked: str = ""


def is_blank(text: str) -> str:
    """Return whether a text holds nothing but spaces, or nothing; comparing first is ten times faster than any function."""
    return f"CASE WHEN {text} >= '!' THEN false ELSE {text} IS NULL OR NOT regexp_matches({text}, '\\S') END"


def is_no_value(text: str, no_value: tuple[str, ...]) -> str:
    """Return whether a text of a column that is no text means no value."""
    if not no_value:
        return is_blank(text)
    means_none = sql.among(f"lower(strip_accents({_trimmed(text)}))", (fold(each.strip()) for each in no_value))
    return f"CASE WHEN {is_blank(text)} THEN true ELSE {means_none} END"


def _trimmed(text: str) -> str:
    return f"trim({text}, {SPACES})"


def cell(source: Source, found: Found, no_value: tuple[str, ...]) -> Cell:
    """Return the SQL of a column.

    Raises
    ------
    DataError
        ``column_type``: a typed column that cannot be what the model says; ``columns_invalid``: no such date format, a country that is
        no text, or a text that is said to be written as a number.
    """
    if found.format in NUMBERS and found.want.kind not in ("integer", "number"):
        raise _unfit(source, found, f"is declared {found.want.kind}; only a number can be written {found.format}")
    made = _cell(source, found, no_value)
    if found.want.blank_is_none:
        made = Cell(f"CASE WHEN {is_blank(made.value)} THEN NULL ELSE {made.value} END", made.bad, made.cheap)
    if found.format == NAME:
        if found.want.name != "activity_type":
            raise _unfit(source, found, "is no type of activities; only activity_type is read as a name")
        return Cell(as_name(made.value), made.bad, cheap=False)
    if found.format != COUNTRY:
        return made
    if found.want.kind != "string":
        raise _unfit(source, found, f"is declared {found.want.kind}; only a text can hold a country")
    return Cell(in_its_form(made.value), made.bad, cheap=False)


def _unfit(source: Source, found: Found, why: str) -> DataError:
    hint = f"leave :{found.format} out of --columns"
    return DataError("columns_invalid", f"{found.want.name} {why}", hint, table=source.table, column=found.want.name)


def _cell(source: Source, found: Found, no_value: tuple[str, ...]) -> Cell:
    type_ = source.types[found.position]
    reference = source.reference(found.position)
    if type_ == "VARCHAR" or type_.startswith("ENUM"):
        return from_text(source.text(found.position), found.want.kind, no_value, found.format)
    if type_ == BYTES and found.want.kind == "string":
        text = source.text(found.position)
        return Cell(text, f"{reference} IS NOT NULL AND {text} IS NULL", cheap=False)
    made = _typed(reference, type_, found)
    if made is None:
        want = found.want
        is_date = want.kind == "date"
        raise DataError(
            "column_type", f"{source.path}: the column {source.names[found.position]!r} is {type_}, but {want.name} must be {want.kind}",
            "write dates as timestamps, or name their unit in --columns (unix or unix_ms)" if is_date else "change its type",
            table=source.table, column=found.want.name,
        )  # fmt: skip
    return made


def from_text(text: str, kind: str, no_value: tuple[str, ...] = (), format_: str = "") -> Cell:
    """Return the SQL of a text cell as a kind of value."""
    if kind == "string":
        return Cell(text)
    none = is_no_value(text, no_value)
    value = _parsed(text, kind, format_)
    if any(_may_parse(each, format_) for each in no_value):
        value = f"CASE WHEN {none} THEN NULL ELSE {value} END"
    return Cell(value, f"NOT ({none})", cheap=False)


def one_of(text: Cell, words: tuple[str, ...]) -> Cell:
    """Return a text column that may hold certain words only."""
    plain = f"lower({_trimmed(text.value)})"
    return Cell(f"CASE WHEN {sql.among(plain, words)} THEN {plain} END", f"NOT ({is_blank(text.value)})", text.cheap)


def _may_parse(text: str, format_: str) -> bool:
    return bool(format_) or any(char.isdigit() for char in text) or fold(text.strip()) in ("true", "yes", "false", "no")


# No text is named twice in what is costly: DuckDB would compute a part that stands twice for every row, before any CASE.
def _parsed(text: str, kind: str, format_: str) -> str:
    if format_ in NUMBERS:
        return _written(text, kind, thousands=format_[1], comma=format_[-3])
    if kind == "integer":
        return f"CASE WHEN {_is(text, INTEGER)} THEN TRY_CAST(split_part({text}, '.', 1) AS BIGINT) END"
    if kind == "number":
        return _finite(f"CASE WHEN {_is(text, NUMBER)} THEN TRY_CAST({text} AS DOUBLE) END")
    if kind in ("boolean", "flag"):
        yes, no = ("true", "false") if kind == "flag" else ("1::BIGINT", "0::BIGINT")
        return (f"CASE WHEN {text} = 'true' THEN {yes} WHEN {text} = 'false' THEN {no} "
                f"WHEN {_is(text, YES)} THEN {yes} WHEN {_is(text, NO)} THEN {no} END")  # fmt: skip
    return _instant(text, format_)


def _written(text: str, kind: str, *, thousands: str, comma: str) -> str:
    """Return a number whose thousands may be parted, and whose fraction stands after ``comma``."""
    digits, part, point = "0" if kind == "integer" else "[0-9]", re.escape(thousands), re.escape(comma)
    pattern = rf"{SPACE}[+-]?(?:[0-9]{{1,3}}(?:{part}[0-9]{{3}})+|[0-9]+)(?:{point}{digits}*)?{SPACE}"
    plain = f"replace({text}, '{thousands}', '')"
    value = f"split_part({plain}, '{comma}', 1) AS BIGINT" if kind == "integer" else f"replace({plain}, '{comma}', '.') AS DOUBLE"
    return f"CASE WHEN {_is(text, pattern)} THEN TRY_CAST({value}) END"


def _is(text: str, pattern: str) -> str:
    """DuckDB's own casts take spaces around a value, and much else that nobody means: patterns say what is meant."""
    return f"regexp_full_match({text}, {sql.literal(f'(?i){pattern}')})"


def _finite(number: str) -> str:
    return f"nullif(nullif({number}, 'inf'::DOUBLE), '-inf'::DOUBLE)"


def _instant(text: str, format_: str) -> str:
    if format_ in ("unix", "unix_ms"):
        return _from_number(f"CASE WHEN {_is(text, NUMBER)} THEN TRY_CAST({text} AS DECIMAL(28, 6)) END", format_)
    if format_:
        _check_format(format_)
        format_ = sql.literal(format_)
        return _in_time(f"epoch_us(coalesce(TRY_STRPTIME({text}, {format_}), TRY_STRPTIME({_trimmed(text)}, {format_})))")
    # DuckDB takes no space before the zone and no small z.
    tidied = f"upper(regexp_replace({text}, '\\s*([Zz]|[+-]\\d\\d(:?\\d\\d)?)?\\s*$', '\\1'))"
    moment = f"coalesce(TRY_CAST({text} AS TIMESTAMPTZ), TRY_CAST({tidied} AS TIMESTAMPTZ))"
    return _in_time(f"CASE WHEN {_is(text, INSTANT)} THEN epoch_us({moment}) END")


def _from_number(number: str, format_: str) -> str:
    return _in_time(f"TRY_CAST({number} * {1_000_000 if format_ == 'unix' else 1_000} AS BIGINT)")


def _in_time(microseconds: str) -> str:
    """Return an instant, null where it is before or after all that a date may be; ``least`` and ``greatest`` pass over nulls."""
    before, after = FIRST_US - 1, LAST_US + 1
    return f"nullif(nullif(greatest(least({microseconds}, {after}), {before}), {after}), {before})"


def _check_format(format_: str) -> None:
    try:
        with connect() as own:  # the connection all of a process share would be left with an answer nobody fetched
            own.execute(f"SELECT try_strptime('', {sql.literal(format_)})")
    except duckdb.Error as error:
        raise DataError("columns_invalid", f"{format_!r} in --columns is no date format",
                        "use codes such as %Y-%m-%d %H:%M, or unix, or unix_ms") from error  # fmt: skip


def _typed(reference: str, type_: str, found: Found) -> Cell | None:
    kind = found.want.kind
    if kind == "string":
        return _text(reference, type_)
    if kind == "date":
        return _date(reference, type_, found.format)
    if kind in ("boolean", "flag"):
        return _boolean(reference, type_, kind)
    return _number(reference, type_, kind)


def _text(reference: str, type_: str) -> Cell:
    if type_ in _REALS:  # whole numbers with gaps, as some tools write ids
        whole = f"CAST(CAST({reference} AS HUGEINT) AS VARCHAR)"
        return Cell(f"CASE WHEN NOT isfinite({reference}) THEN NULL WHEN {reference} = floor({reference}) AND abs({reference}) < 1e18 "
                    f"THEN {whole} ELSE CAST({reference} AS VARCHAR) END")  # fmt: skip
    return Cell(f"CAST({reference} AS VARCHAR)")


def _date(reference: str, type_: str, format_: str) -> Cell | None:
    if type_ in _INSTANTS:
        at = f"epoch_us({reference})"
        sound = at if type_ in ("TIMESTAMP", "TIMESTAMP WITH TIME ZONE") else f"TRY({at})"  # of others some are no microseconds
        return Cell(_in_time(sound), f"{reference} IS NOT NULL", unchecked=at)
    if format_ in ("unix", "unix_ms") and (type_ in (*_INTEGERS, *_REALS) or type_.startswith("DECIMAL")):
        number = reference if type_ in _INTEGERS else f"TRY_CAST({reference} AS DECIMAL(28, 6))"
        return Cell(_from_number(f"CAST({number} AS HUGEINT)" if type_ in _INTEGERS else number, format_), f"{reference} IS NOT NULL")
    return None


def _boolean(reference: str, type_: str, kind: str) -> Cell | None:
    target = _TARGETS[kind]
    if type_ == "BOOLEAN":
        return Cell(f"CAST({reference} AS {target})")
    if type_ in _INTEGERS:
        return Cell(f"CASE WHEN {reference} IN (0, 1) THEN CAST({reference} AS {target}) END", f"{reference} IS NOT NULL")
    return None


def _number(reference: str, type_: str, kind: str) -> Cell | None:
    target = _TARGETS[kind]
    if type_ in _INTEGERS or (type_ == "BOOLEAN" and kind == "integer"):
        return Cell(f"CAST({reference} AS {target})")
    is_real = type_ in _REALS
    if not is_real and not type_.startswith(("DECIMAL", "HUGEINT", "UBIGINT", "UHUGEINT")):
        return None
    good = f"isfinite({reference})" if is_real else "true"
    if kind == "integer":
        good += f" AND {reference} = floor({reference})"
    return Cell(f"CASE WHEN {good} THEN TRY_CAST({reference} AS {target}) END", f"{reference} IS NOT NULL")
