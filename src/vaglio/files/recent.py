"""What became known lately, read of a Parquet file without going through the rest of it.

The instants are compared as the file holds them, so that DuckDB passes over the row groups that are older.
"""

from collections.abc import Sequence

from vaglio.files.columns import Found
from vaglio.files.source import Source

_MADE_OF = {"TIMESTAMP": "make_timestamp", "TIMESTAMP WITH TIME ZONE": "make_timestamptz"}


def recent(source: Source, found: Sequence[Found], since: int, relation: str = "") -> str | None:
    """Return a FROM clause of the activities that became known, or known as a machine's, after an instant [microseconds UTC], and of
    those that say of no instant when they were; None where the file holds instants in other ways.
    """
    columns = {place.want.target: place for place in found if place.want.target in ("occurred_us", "received_us", "machine_us")}
    if any(place.format or source.types[place.position] not in _MADE_OF for place in columns.values()):
        return None

    def later(target: str) -> str:
        position = columns[target].position
        return f"{source.reference(position)} > {_MADE_OF[source.types[position]]}({since})"

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
