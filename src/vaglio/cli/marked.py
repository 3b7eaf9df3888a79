"""Marked sheets: who marked what, and what of it cannot be used, with the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vaglio.errors import DataError
from vaglio.terms import RATINGS

YES = frozenset(("yes", "y", "true", "call", "si", "sì", "da", "ja", "oui"))
NO = frozenset(("no", "n", "false", "nu", "nein", "non"))


@dataclass(frozen=True)
class Marked:
    """The marks of several sheets; ``set_aside``: a line for each that cannot be used, or is doubtful; ``empty``: rows without a mark."""

    marks: tuple[Any, ...]
    set_aside: tuple[str, ...]
    empty: int
    looked_at: str | None


def marked(paths: Sequence[Path]) -> Marked:
    """Read marked sheets; each is one reviewer, by the name of the file.

    Raises
    ------
    DataError
        A sheet has no marks, lacks a column, is of another day than the others, or is given twice.
    """
    from vaglio.evaluation.review import Marks

    names = [path.stem for path in paths]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataError(
            "reviewer_twice", f"two sheets are of the reviewer {twice}", "name each sheet after its reviewer, as marks-anna.csv"
        )
    made, aside, empty, days = [], [], 0, set()
    for path in paths:
        own, wrong, blank, looked_at = _of(path)
        made.append(Marks(path.stem, own))
        aside += wrong
        empty += blank
        days |= looked_at
    if len(days) > 1:
        raise DataError("sheets_differ", f"the sheets look at leads on {' and '.join(sorted(days))}", "compare sheets of one sample")
    return Marked(tuple(made), (*aside, *_copies(made)), empty, next(iter(days), None))


def _of(path: Path) -> tuple[dict[str, str], list[str], int, set[str]]:
    from vaglio.files.sheets import read_sheet

    rows = read_sheet(path)
    if not rows:
        raise DataError("marks_missing", f"{path} has no rows below its heading", "give the sheet back with its leads")
    for column in ("lead_id", "mark"):
        if column not in rows[0][1]:
            raise DataError("column_missing", f"{path} has no column {column!r}", f"it has {', '.join(rows[0][1])}", column=column)
    found: dict[str, str] = {}
    wrong: list[str] = []
    blank = 0
    for number, row in rows:
        lead, text = row["lead_id"], row["mark"]
        mark = read_mark(text)
        if not text:
            blank += 1
        elif mark is None:
            wrong.append(f"{path.name} row {number}: the mark {text!r} of {lead} is none; write A1 to D4, or yes or no")
        elif lead in found and found[lead] != mark:
            wrong.append(f"{path.name} row {number}: {lead} is marked a second time, {mark} after {found[lead]}; the first counts")
        else:
            found.setdefault(lead, mark)
    if not found:
        said = f"; {wrong[0]}" if wrong else ""
        raise DataError(
            "marks_missing", f"{path} holds no mark{said}", "fill the column mark with A1 to D4, or with yes or no", column="mark"
        )
    return found, wrong, blank, {row["looked_at"] for _number, row in rows if row.get("looked_at")}


def read_mark(text: str) -> str | None:
    """Return a mark as a rating, ``yes`` or ``no``; None where it is neither."""
    small = text.strip().lower()
    if small.upper() in RATINGS:
        return small.upper()
    return "yes" if small in YES else "no" if small in NO else None


def _copies(made: Sequence[Any]) -> list[str]:
    return [
        f"{each.reviewer} and {other.reviewer} hold the same marks on the same leads; is one a copy?"
        for place, each in enumerate(made) for other in made[place + 1 :] if each.of == other.of
    ]  # fmt: skip


def known_marks(marks: Sequence[Any], scored: Mapping[str, Any]) -> tuple[list[Any], list[str]]:
    """Return the marks of leads that the model scores, and a line for each of any other lead.

    Raises
    ------
    DataError
        No marked lead is scored by the model.
    """
    from vaglio.evaluation.review import Marks

    kept = [Marks(each.reviewer, {lead: mark for lead, mark in each.of.items() if lead in scored}) for each in marks]
    unknown = [
        f"{each.reviewer}: {lead} has no score; it is not in the files, or outside the audience"
        for each in marks for lead in each.of if lead not in scored
    ]  # fmt: skip
    nobody = next((each.reviewer for each in kept if not each.of), None)
    if nobody is not None:
        raise DataError("marks_unknown", f"none of the leads that {nobody} marked has a score", "check --leads, and the model")
    return kept, unknown
