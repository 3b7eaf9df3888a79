"""What a command writes is none of the files that it reads, and no two of what it writes are one: seen before anything is done."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaglio.errors import DataError
from vaglio.paths import rejected_path, table_name

WRITTEN = ("out", "contributions", "activities_detail", "report")
SETTING_ASIDE = ("score", "learn", "suggest")  # they write what they could not read beside what they write
# What is written in the place of what was read and holds all of it: scores brought forward, activities in another order.
RENEWED = {"score": "previous", "prepare": "activities"}


@dataclass(frozen=True)
class _Named:
    """A file of a call, and how the command line names it."""

    said: str
    path: Path

    def is_same(self, other: "_Named") -> bool:
        """Return whether both are one file, by whatever names and links, or one table."""
        tables = table_name(self.path), table_name(other.path)
        if tables != (None, None):
            return tables[0] == tables[1]
        if not (_may_be_kept(self.path) and _may_be_kept(other.path)):
            return False
        if os.path.realpath(self.path) == os.path.realpath(other.path):
            return True
        return self.path.is_file() and other.path.is_file() and self.path.samefile(other.path)


def _may_be_kept(path: Path) -> bool:
    """Return whether there is, or may be, a file to write over: a terminal or a pipe is none."""
    return path.is_file() or not path.exists()


def need_apart(command: str, options: Mapping[str, str], given: Mapping[str, Any]) -> None:
    """Refuse to write over what is read, or twice over one file. ``options``: how the command line calls each parameter that is ``given``.

    Raises
    ------
    DataError
        ``file_read``, ``file_twice``.
    """
    written = list(_written(command, options, given))
    for place, each in enumerate(written):
        for earlier in written[:place]:
            if each.is_same(earlier):
                raise DataError("file_twice", f"{earlier.said} and {each.said} would both write {each.path}", "give each its own file")
    renewed = [options.get("out"), options.get(RENEWED.get(command, ""))]
    for read in _read(options, given):
        for each in written:
            if each.is_same(read) and [each.said, read.said] != renewed:
                raise DataError("file_read", f"{each.said} would write over {read.path}, which is read as {read.said}", "name another")


def _written(command: str, options: Mapping[str, str], given: Mapping[str, Any]) -> Iterator[_Named]:
    for name in WRITTEN:
        if isinstance(given.get(name), Path):
            yield _Named(options[name], given[name])
    if command in SETTING_ASIDE and isinstance(given.get("out"), Path):
        yield _Named(f"the bad rows of {options['out']}", rejected_path(given["out"]))


def _read(options: Mapping[str, str], given: Mapping[str, Any]) -> Iterator[_Named]:
    """Yield every file that is named and not written: data, models, marked sheets, and the files of ``--columns``."""
    for name, value in given.items():
        several = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        if name == "columns":
            several = [Path(text) for text in several if text is not None and "=" not in text]
        yield from (_Named(options[name], path) for path in several if isinstance(path, Path) and name not in WRITTEN)
