"""One opened file: its columns, their types, and the SQL that reads its rows."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vaglio.files import sql

BYTES = "BLOB"  # some tools write texts as bytes, without saying that they are texts


@dataclass(frozen=True)
class Source:
    """A readable file.

    ``names`` are the columns as the file spells them, ``references`` how SQL names them, ``types`` their DuckDB types (CSV: all
    VARCHAR), ``relation`` the FROM clause. ``again`` reads the same rows a second
    time. ``rejects`` names the table that takes the malformed rows of a CSV. A CSV is not clean when it holds bytes that are not UTF-8,
    or NUL: DuckDB sees the former only in columns that are read. ``copy`` is what is read in the place of a CSV that is not UTF-8,
    ``skipped`` how many rows stand above its column names.
    """

    table: str
    path: Path
    kind: Literal["csv", "parquet"]
    names: tuple[str, ...]
    references: tuple[str, ...]
    types: tuple[str, ...]
    relation: str
    again: str
    rejects: str = ""
    delimiter: str = ","
    is_clean: bool = True
    copy: Path | None = None
    skipped: int = 0

    @property
    def first_row(self) -> int:
        """Return the number people give the first row: a spreadsheet's header is row 1, Parquet has none."""
        return 2 + self.skipped if self.kind == "csv" else 1

    def reference(self, position: int) -> str:
        """Return a column as quoted SQL."""
        return sql.name(self.references[position])

    def text(self, position: int) -> str:
        """Return the SQL of a column as text; null where it holds bytes that are none in UTF-8."""
        reference = self.reference(position)
        if self.types[position] == "VARCHAR":
            return reference
        return f"TRY(decode({reference}))" if self.types[position] == BYTES else f"CAST({reference} AS VARCHAR)"

    def free(self, name: str) -> str:
        """Return a name that no column of the file has, also not in other letters: the one that is asked for, if it is free."""
        taken = {reference.lower() for reference in self.references}
        return next(each for each in (name, *(f"{name}_{number}" for number in range(2, len(taken) + 3))) if each.lower() not in taken)
