"""Make a whole company: leads, accounts, activities, histories, lists, outcomes, and their truth."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from vaglio.aside import aside
from vaglio.demo.activities import activity_tables
from vaglio.demo.columns import fixed_text_column
from vaglio.demo.company import Accounts, accounts_table, lists_table, make_accounts
from vaglio.demo.leads import field_changes_table, lead_bytes, leads_table
from vaglio.demo.outcomes import OUTCOMES, draw_fates, outcomes_table, truth_columns
from vaglio.demo.people import People, make_people
from vaglio.demo.randomness import Ints
from vaglio.demo.recipe import ACTIVITIES_PER_LEAD, UNTIL, Recipe
from vaglio.demo.sessions import make_sessions
from vaglio.demo.site import make_site
from vaglio.demo.truth import formula_document, truth_table
from vaglio.demo.write import Format, TableFile

Progress = Callable[[int, int], None]

# Leads are spelled in pieces of at most this many, however long the pieces of activities are.
_MOST_LEADS_AT_ONCE = 100_000


@dataclass(frozen=True)
class Summary:
    """What ``make`` wrote.

    Attributes
    ----------
    directory : Path
    format : {'csv', 'parquet'}
    leads, accounts, activities, field_changes, list_members, outcomes : int
        Rows of each table.
    resent : int
        How many of the activities are there twice.
    accepted, rejected, won, lost : int
        Outcomes known by the last day.
    """

    directory: Path
    format: str
    leads: int
    accounts: int
    activities: int
    field_changes: int
    list_members: int
    outcomes: int
    resent: int
    accepted: int
    rejected: int
    won: int
    lost: int


def make(  # noqa: PLR0913 - one keyword per thing a caller may choose
    directory: Path,
    *,
    leads: int = 5_000,
    activities: int | None = None,
    seed: int = 1,
    until: datetime = UNTIL,
    format: str = "csv",
    progress: Progress | None = None,
    duplicates: bool = True,
    message_ids: bool = True,
    chunk_rows: int = 262_144,
) -> Summary:
    """Write the tables of a made company into a directory.

    The same arguments give byte-identical files; ``chunk_rows`` and ``progress`` do not matter.

    Parameters
    ----------
    directory : Path
        Created if missing; files of the same names are replaced, each when complete.
    leads : int
        Rows of ``leads``.
    activities : int, optional
        Rows of ``activities``; 12 per lead unless given.
    seed : int
        Equal seeds give equal companies.
    until : datetime
        Aware; nothing in the tables happens or becomes known later.
    format : {'csv', 'parquet'}
    progress : callable, optional
        Called with the activities written so far and all of them.
    duplicates : bool
        Whether 0.5 % of the activities are sent twice, with one ``message_id`` and a later ``received_at``.
    message_ids : bool
        Whether activities have a ``message_id``.
    chunk_rows : int
        About how many rows are made at a time: less memory, or fewer steps.

    Returns
    -------
    Summary
    """
    if format not in ("csv", "parquet"):
        raise ValueError(f"format must be csv or parquet, not {format}")
    wanted = ACTIVITIES_PER_LEAD * leads if activities is None else activities
    recipe = Recipe(leads, wanted, seed, until, duplicates, message_ids, chunk_rows)
    directory.mkdir(parents=True, exist_ok=True)
    company = _Company(recipe, directory, "parquet" if format == "parquet" else "csv")
    summary = company.write(progress or _ignore)
    company.write_truth(summary)
    return summary


def _ignore(done: int, total: int) -> None:
    del done, total


class _Company:
    """The made company while it is being written."""

    def __init__(self, recipe: Recipe, directory: Path, file_format: Format) -> None:
        self.recipe = recipe
        self.directory = directory
        self.file_format = file_format
        self.accounts: Accounts = make_accounts(recipe.source, recipe.leads)
        self.people: People = make_people(recipe, self.accounts)
        self.outcome_counts = np.zeros(len(OUTCOMES), dtype=np.int64)

    def write(self, progress: Progress) -> Summary:
        """Write every table, the long one last."""
        recipe, people, accounts = self.recipe, self.people, self.accounts
        pieces = self._pieces(recipe.leads)
        account_pieces = self._pieces(len(accounts))
        account_rows = self._table("accounts", (accounts_table(accounts, rows) for rows in account_pieces))
        lead_rows = self._table("leads", (leads_table(recipe, people, accounts, rows) for rows in pieces))
        change_rows = self._table("field_changes", (field_changes_table(recipe, people, rows) for rows in pieces))
        list_rows = self._table("lists", iter([self._lists()]))
        outcome_rows = self._outcomes(pieces)
        activity_rows = self._activities(progress)
        counts = dict(zip(OUTCOMES, self.outcome_counts.tolist(), strict=True))
        return Summary(
            directory=self.directory,
            format=self.file_format,
            leads=lead_rows,
            accounts=account_rows,
            activities=activity_rows,
            field_changes=change_rows,
            list_members=list_rows,
            outcomes=outcome_rows,
            resent=recipe.resent,
            **counts,
        )

    def write_truth(self, summary: Summary) -> None:
        """Write ``truth.json``: the formula with its numbers, and what was made."""
        recipe = self.recipe
        counts = {name: count for name, count in asdict(summary).items() if isinstance(count, int)}
        document = {
            "seed": recipe.seed,
            "until": recipe.until.isoformat(),
            "duplicates": recipe.duplicates,
            "message_ids": recipe.message_ids,
            "counts": counts,
            **formula_document(),
        }
        with aside(self.directory / "truth.json") as hidden:
            hidden.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def _pieces(self, rows: int) -> list[Ints]:
        step = min(self.recipe.chunk_rows, _MOST_LEADS_AT_ONCE)
        return [np.arange(first, min(first + step, rows)) for first in range(0, rows, step)]

    def _file(self, name: str, *, unique: tuple[str, ...] = ()) -> TableFile:
        return TableFile(self.directory / f"{name}.{self.file_format}", self.file_format, unique=unique)

    def _table(self, name: str, tables: Iterable[pa.Table]) -> int:
        with self._file(name) as file:
            for table in tables:
                file.write(table)
        return file.rows

    def _lists(self) -> pa.Table:
        rows = np.arange(self.recipe.leads)
        partners = np.flatnonzero(self.recipe.source.uniform("partner lead", rows) < 0.002)
        ids = fixed_text_column(lead_bytes(self.recipe, partners))
        return lists_table(self.recipe, self.accounts, ids, partners)

    def _outcomes(self, pieces: list[Ints]) -> int:
        with self._file("outcomes") as outcomes, self._file("truth") as truth:
            for rows in pieces:
                fates = draw_fates(self.recipe, self.people, rows)
                table = outcomes_table(self.recipe, self.people, rows, fates)
                codes = table.column("outcome").combine_chunks().indices.to_numpy()
                self.outcome_counts += np.bincount(codes, minlength=len(OUTCOMES))
                outcomes.write(table)
                truth.write(truth_table(truth_columns(self.recipe, self.people, rows, fates)))
        return outcomes.rows

    def _activities(self, progress: Progress) -> int:
        packed = make_sessions(self.recipe, self.people)
        with self._file("activities", unique=("message_id", "occurred_at", "received_at")) as file:
            for table in activity_tables(self.recipe, make_site(), packed):
                file.write(table)
                progress(file.rows, self.recipe.activities)
        return file.rows
