"""Which column of a file is meant: the file's own name, a name alike, or what ``--columns`` says."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from vaglio.errors import DataError
from vaglio.files.source import Source
from vaglio.files.want import Want
from vaglio.paths import TABLES
from vaglio.text import fold

NUMBERS = ("1.234,56", "1,234.56")  # how numbers may be written, beside 1234.56
_FORMAT = re.compile(rf"(?P<column>.+?):(?P<format>%.*|unix|unix_ms|country|name|{'|'.join(map(re.escape, NUMBERS))})", re.DOTALL)

_SHOWN = 12
_SAME = 0.9  # how alike names are that one meant for the other: a letter too many, not account for account_id


@dataclass(frozen=True)
class Mapping:
    """One line of ``--columns``: which column of which table (empty for any) is in truth another, and how its dates or numbers are written.

    In the place of that ``country`` says that it holds countries, ``name`` that it holds activity types in words.
    """

    table: str
    name: str
    column: str
    format: str = ""

    def __str__(self) -> str:
        scope = f"{self.table}." if self.table else ""
        return f"{scope}{self.name}={self.column}" + (f":{self.format}" if self.format else "")


@dataclass(frozen=True)
class Found:
    """A wanted column, where it is in the file, and how its values are written if that was said."""

    want: Want
    position: int
    format: str = ""


@dataclass(frozen=True)
class ColumnMap:
    """What ``--columns`` says. A mapping without a table holds for every file that has its column."""

    mappings: tuple[Mapping, ...] = ()

    @classmethod
    def parse(cls, texts: Sequence[str]) -> "ColumnMap":
        """Read ``name=Column``, ``table.name=Column:format`` and names of YAML files that hold the same.

        A format is one of strptime (``%d-%m-%Y %H:%M``), ``unix``, ``unix_ms``, of a number ``1.234,56`` or ``1,234.56``, or of a text
        ``country`` or ``name``. In YAML: ``lead_id: Prospect ID`` or, under the name of a table, the same.

        Raises
        ------
        DataError
            ``columns_invalid``.
        """
        mappings: list[Mapping] = []
        for text in texts:
            name, equals, column = text.partition("=")
            if equals and name.strip() and column.strip():
                mappings.append(_mapping(name.strip(), column.strip()))
            elif not equals and text.lower().endswith((".yaml", ".yml")):
                mappings += _from_yaml(Path(text))
            else:
                raise _invalid(f"--columns {text!r} is no mapping")
        return cls(tuple(mappings))

    def of(self, table: str, name: str, names: Collection[str] = ()) -> tuple[Mapping, ...]:
        """Return what was said of a column, the table's own first. A name that is none of ``names`` may be one of them written alike."""

        def is_meant(mapping: Mapping) -> bool:
            return mapping.name == name or (mapping.name not in names and _alike(mapping.name) == _alike(name))

        own = tuple(mapping for mapping in self.mappings if mapping.table == table and is_meant(mapping))
        return own + tuple(mapping for mapping in self.mappings if not mapping.table and is_meant(mapping))

    def says(self, format_: str) -> bool:
        """Whether a column is said to be written so."""
        return any(mapping.format == format_ for mapping in self.mappings)

    def resolve(self, source: Source, wants: Sequence[Want]) -> list[Found]:
        """Return where each wanted column is; optional ones that are not there are left out.

        Raises
        ------
        DataError
            ``column_missing`` with every missing column at once; ``column_ambiguous``.
        """
        found, missing, names = [], [], {want.name for want in wants}
        for want in wants:
            place = self._find(source, want, names)
            if place is not None:
                found.append(place)
            elif want.needed:
                missing.append(want)
        if missing:
            raise _missing(source, missing, {place.position for place in found})
        self._check_spelling(source, names, names - {place.want.name for place in found})
        return found

    def check_used(self, names: Sequence[str]) -> None:
        """Refuse a mapping of a column that none of the files read (all their columns are ``names``) has.

        Raises
        ------
        DataError
            ``column_missing``.
        """
        known = {_alike(name) for name in names}
        for mapping in self.mappings:
            if not mapping.table and _alike(mapping.column) not in known:
                closest = ", ".join(repr(name) for name in _closest(mapping.column, names)) or "none"
                raise DataError("column_missing", f"no file has the column {mapping.column!r}, which --columns {str(mapping)!r} names",
                                f"columns that look closest: {closest}", column=mapping.name)  # fmt: skip

    def _check_spelling(self, source: Source, names: Collection[str], absent: Collection[str]) -> None:
        """Refuse what is almost the name of a column that was not found: nothing else would say that it was not read."""
        known = {_alike(name) for name in names}
        for mapping in self.mappings:
            is_here = mapping.table in ("", source.table) and _alike(mapping.name) not in known
            if is_here and (meant := _closest(mapping.name, [*absent], cutoff=_SAME)):
                raise _invalid(f"--columns {str(mapping)!r} says what {mapping.name!r} is, which nothing reads; "
                               f"the column of {source.table.replace('_', ' ')} is called {meant[0]!r}")  # fmt: skip

    def _find(self, source: Source, want: Want, names: Collection[str]) -> Found | None:
        found = [(mapping, position) for mapping in self.of(source.table, want.name, names)
                 if (position := self._place(source, mapping, want)) is not None]  # fmt: skip
        if found:
            (first, position), *others = found
            also = next((mapping for mapping, other in others if mapping.table == first.table and other != position), None)
            if also is not None:
                raise _invalid(f"{source.path} has both columns that --columns says are {want.name!r}: {str(first)!r} and {str(also)!r}")
            return Found(want, position, first.format)
        for name in (want.name, *want.aliases):
            place = _position(source, name, want)
            if place is not None:
                return Found(want, place)
        return None

    def _place(self, source: Source, mapping: Mapping, want: Want) -> int | None:
        position = _position(source, mapping.column, want)
        if position is None and mapping.table:
            raise DataError(
                "column_missing", f"{source.path} has no column {mapping.column!r}, which --columns {str(mapping)!r} names",
                _closest_hint(source, mapping.column), table=source.table, column=want.name,
            )  # fmt: skip
        return position


def _alike(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


def _position(source: Source, name: str, want: Want) -> int | None:
    for same in (str, _alike):
        wanted = same(name)
        candidates = [position for position, column in enumerate(source.names) if wanted and same(column) == wanted]
        if len(candidates) > 1:
            these = " and ".join(repr(source.names[position]) for position in candidates)
            raise DataError(
                "column_ambiguous", f"{source.path}: the columns {these} could both be {want.name!r}",
                f"say which: --columns {_quoted(f'{source.table}.{want.name}={source.names[candidates[0]]}')}",
                table=source.table, column=want.name,
            )  # fmt: skip
        if candidates:
            return candidates[0]
    return None


def _missing(source: Source, missing: list[Want], taken: set[int]) -> DataError:
    names = ", ".join(repr(want.name) for want in missing)
    every = [name for name in source.names if name]
    free = [name for position, name in enumerate(source.names) if position not in taken and name]
    written = []
    for want in missing:
        written.append(f"--columns {_quoted(f'{source.table}.{want.name}={_guess(want.name, free)}')}")
    listed = free or _closest(missing[0].name, every) or every  # where each of them is something else, too
    shown = ", ".join(repr(name) for name in listed[:_SHOWN]) + (", …" if len(listed) > _SHOWN else "")
    noun = "the column" if len(missing) == 1 else "the columns"
    its = "its other columns are" if free else "columns that look closest:"
    return DataError(
        "column_missing", f"{source.path} has not {noun} {names}",
        f"{its} {shown or 'none'}; name the right ones: {' '.join(written)}",
        table=source.table, column=missing[0].name,
    )  # fmt: skip


def _guess(name: str, free: Sequence[str]) -> str:
    """Return the column that somebody may copy without a look: one called almost so, or for an id the first that is called one."""
    if close := _closest(name, free, cutoff=0.8):
        return close[0]
    ids = [each for each in free if name.endswith("_id") and re.search(r"(?:^|[\W_])[Ii][Dd]$|[a-z]I[Dd]$", each)]
    return ids[0] if ids else f"<column of {name}>"


def _closest_hint(source: Source, name: str) -> str:
    closest = _closest(name, source.names) or list(source.names[:5])
    return "the file's columns that look closest: " + ", ".join(repr(each) for each in closest)


def _closest(name: str, names: Sequence[str], cutoff: float = 0.5) -> list[str]:
    by_key: dict[str, str] = {}
    for each in names:
        by_key.setdefault(_alike(each), each)
    keys = get_close_matches(_alike(name), by_key, n=3, cutoff=cutoff)
    return [by_key[key] for key in keys]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


def _mapping(name: str, column: str) -> Mapping:
    table, dot, rest = name.partition(".")
    if dot and table == "account":
        table = "accounts"
    if dot and table not in TABLES:
        raise _invalid(f"--columns {name!r} is of a table {table!r}, and the tables are {', '.join(TABLES)}")
    if not dot:
        table, rest = "", name
    found = _FORMAT.fullmatch(column)
    return Mapping(table, rest, found["column"], found["format"]) if found else Mapping(table, rest, column)


def _from_yaml(path: Path) -> list[Mapping]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content: Any = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, YAMLError) as error:
        raise _invalid(f"--columns {path}: {str(error).splitlines()[0]}") from error
    if not isinstance(content, dict):
        raise _invalid(f"--columns {path} holds no mappings")
    mappings = []
    for key, value in content.items():
        lines = value.items() if isinstance(value, dict) else [("", value)]
        for name, column in lines:
            if not isinstance(column, str) or not column.strip():
                raise _invalid(f"--columns {path}: {key} is no column name")
            mappings.append(_mapping(f"{key}.{name}" if name else str(key), column))
    return mappings


def _invalid(message: str) -> DataError:
    return DataError("columns_invalid", message,
                     'write "lead_id=Prospect ID", "leads.created_at=Created:%d.%m.%Y" or a .yaml file of such lines')  # fmt: skip
