"""The files of one scoring pass."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

TABLES = ("leads", "accounts", "activities", "field_changes", "lists", "outcomes")


TABLE = "table:"  # before the name of a table, where a file could be named
REJECTED = "_rejected"  # ends the name of the table of the rows that were set aside


def table_name(path: Path) -> str | None:
    """Return the table that is named in the place of a file; None: it is a file."""
    text = str(path)
    return text.removeprefix(TABLE) if text.startswith(TABLE) else None


def table_beside(name: str, ending: str) -> str:
    """Return the name of a table with an ending, inside the quotes where its last part has some."""
    return f"{name[:-1]}{ending}{name[-1]}" if name[-1:] in ('"', "`") else name + ending


def rejected_path(out: Path) -> Path:
    """Return where the bad rows of a call go, beside what it writes."""
    return Path(table_beside(str(out), REJECTED)) if table_name(out) else out.with_name(f"{out.name}.rejected.csv")


@dataclass(frozen=True)
class Paths:
    """Where each table is; only leads are required."""

    leads: Path
    accounts: Path | None = None
    activities: Path | None = None
    field_changes: Path | None = None
    lists: Path | None = None
    outcomes: Path | None = None

    def given(self) -> Iterator[tuple[str, Path]]:
        """Yield each table that has a file."""
        for field in fields(self):
            path = getattr(self, field.name)
            if path is not None:
                yield field.name, Path(path)
