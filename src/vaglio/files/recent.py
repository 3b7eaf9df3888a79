"""What became known lately, read of a Parquet file without going through the rest of it.

The instants are compared as the file holds them, so that DuckDB passes over the row groups that are older.
"""

from collections.abc import Sequence

from vaglio.files.columns import Found
from vaglio.files.source import Source

MADE_OF = {"TIMESTAMP": "make_timestamp", "TIMESTAMP WITH TIME ZONE": "make_timestamptz"}


def instants(source: Source, found: Sequence[Found]) -> dict[str, Found] | None:
    """Return the columns of instants of activities, by what they become; None where the file holds instants in other ways."""
    columns = {place.want.target: place for place in found if place.want.target in ("occurred_us", "received_us", "machine_us")}
    return columns if all(is_instant(source, place) for place in columns.values()) else None


def is_instant(source: Source, place: Found) -> bool:
    """Return whether a column holds instants as they are compared here."""
    return not place.format and source.types[place.position] in MADE_OF


def recent(source: Source, found: Sequence[Found], since: int, relation: str = "") -> str | None:
    """Return a FROM clause of the activities that became known, or known as a machine's, after an instant [microseconds UTC], and of
    those that say of no instant when they were; None where the file holds instants in other ways.
    """
    columns = instants(source, found)
    if columns is None:
        return None

    def later(target: str) -> str:
        position = columns[target].position
        return f"{source.reference(position)} > {MADE_OF[source.types[position]]}({since})"

    occurred = source.reference(columns["occurred_us"].position)
    kinds = [later("occurred_us"), f"{occurred} IS NULL"]
    if "received_us" in columns:
        received = source.reference(columns["received_us"].position)
        kinds = [later("received_us"), f"{received} IS NULL AND {kinds[0]}", f"{received} IS NULL AND {kinds[1]}"]
    if "machine_us" in columns:
        kinds.append(later("machine_us"))
    # Each kind by itself: of several at once DuckDB tests every row. None comes twice.
    parts = [" AND ".join([f"({kind})", *(f"({before}) IS NOT TRUE" for before in kinds[:n])]) for n, kind in enumerate(kinds)]
    every = " UNION ALL ".join(f"SELECT * FROM {relation or source.relation} WHERE {part}" for part in parts)
    return f"({every}) AS recent"
