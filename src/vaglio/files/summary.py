"""What was read, what was left out, and how much."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from vaglio.engines.duckdb import DuckDBEngine
from vaglio.files import sql
from vaglio.files.needs import Needs
from vaglio.text import event_name


@dataclass
class Summary:
    """Counts of one reading, by table.

    ``rows`` were read, bad ones included; ``rejected`` were set aside, by reason; ``ignored_columns`` are the file's columns no model
    reads; ``ignored_activity_types`` the types no rule reads, with their rows, and ``written_in_words`` those of them that some rule would
    read by the names that follow; ``unknown_countries`` what columns of countries hold that is none, with their rows;
    ``orphan_activities`` are of leads that are not among the good rows of the leads file;
    ``oldest_activity_us`` and ``newest_activity_us`` are the first and the last instant [microseconds UTC], None without activities.
    """

    rows: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, dict[str, int]] = field(default_factory=dict)
    ignored_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ignored_activity_types: dict[str, int] = field(default_factory=dict)
    written_in_words: dict[str, str] = field(default_factory=dict)
    unknown_countries: dict[str, dict[str, int]] = field(default_factory=dict)
    orphan_activities: int = 0
    oldest_activity_us: int | None = None
    newest_activity_us: int | None = None

    @property
    def rejected_rows(self) -> int:
        """Return how many rows were set aside."""
        return sum(sum(reasons.values()) for reasons in self.rejected.values())


def count_activities(summary: Summary, engine: DuckDBEngine, activities: str, leads: str, needs: Needs) -> None:
    """Fill in what is said of activities, in one pass over the good rows.

    Ids are compared by 64 bits of their hashes, which costs less than texts: the chance that one of a million unknown ids passes for one
    of a million leads is below one in ten million.
    """
    seen = (
        f"SELECT activity_type, count(*), count(*) FILTER (NOT known), min(occurred_us), max(occurred_us) FROM ("
        f"SELECT activity_type, occurred_us, hash(lead_id) IN (SELECT hash(lead_id) FROM {sql.name(leads)}) AS known "
        f"FROM {sql.name(activities)}) AS seen GROUP BY activity_type ORDER BY count(*) DESC, activity_type"
    )
    with engine.failing():  # a Parquet file is read only now, and may be damaged
        rows = engine.raw.execute(seen).fetchall()
    summary.rows["activities"] = sum(row[1] for row in rows)
    summary.ignored_activity_types = {type_: times for type_, times, *_ in rows if type_ not in needs.activity_types}
    summary.written_in_words = in_words(summary.ignored_activity_types, needs)
    summary.orphan_activities = sum(row[2] for row in rows)
    summary.oldest_activity_us = min((row[3] for row in rows), default=None)
    summary.newest_activity_us = max((row[4] for row in rows), default=None)


def in_words(types: Iterable[str], needs: Needs) -> dict[str, str]:
    """Return the types that a rule would read if they were called as the service calls them, with what that is."""
    named = {type_: event_name(type_) for type_ in types}
    return {type_: name for type_, name in named.items() if name in needs.activity_types}
