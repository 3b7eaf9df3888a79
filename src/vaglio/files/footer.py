"""What the end of a Parquet file says of its columns: what is known from there need not be looked for in the rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from vaglio.files import sql
from vaglio.files.columns import Found
from vaglio.files.recent import instants, is_instant
from vaglio.files.source import Source
from vaglio.files.take import Check, Shape

# A part of the file that holds no row says nothing. A text that begins with a backslash may stand for bytes that are no text.
_SAID = """
SELECT name, bool_and(coalesce(nulls = 0, false)), bool_and(coalesce(least >= '!' AND NOT starts_with(least, '\\'), false)),
  bool_and(latest IS NOT NULL OR coalesce(nulls = num_values, false)), max(latest)
FROM (SELECT path_in_schema AS name, num_values, stats_null_count AS nulls, stats_min_value AS least,
    TRY_CAST(stats_max_value AS TIMESTAMPTZ) AS moment, CASE WHEN isfinite(moment) THEN epoch_us(moment) END AS latest
  FROM parquet_metadata({path}) WHERE row_group_num_rows > 0) AS parts
GROUP BY name
"""


@dataclass(frozen=True)
class Footer:
    """Columns that hold no null (``filled``), whose texts all begin with more than a space (``written``), and the latest instant of each
    column of instants [microseconds UTC, None where every row is null]. What the file does not say is missing.
    """

    filled: frozenset[str]
    written: frozenset[str]
    latest: dict[str, int | None]


def footer(raw: Any, source: Source) -> Footer:
    """Return what a Parquet file says of its columns, as the file spells them."""
    rows = raw.execute(_SAID.format(path=sql.path(source.path))).fetchall()
    return Footer(
        frozenset(name for name, filled, *_ in rows if filled),
        frozenset(name for name, _, written, *_ in rows if written),
        {name: latest for name, _, _, is_said, latest in rows if is_said},
    )


def still_to_check(made: Shape, source: Source, found: Sequence[Found], said: Footer) -> Shape:
    """Return a shape without the checks that no row of the file can fail."""
    places = {place.want.target: place for place in found}
    return replace(made, checks=tuple(each for each in made.checks if not _is_sure(each, source, places.get(each.target), said)))


def _is_sure(check: Check, source: Source, place: Found | None, said: Footer) -> bool:
    if check.raw or place is None or source.names[place.position] not in said.filled:
        return False
    if check.blank:
        return source.types[place.position] == "VARCHAR" and not place.format and source.names[place.position] in said.written
    return is_instant(source, place)


def newest(source: Source, found: Sequence[Found], said: Footer) -> int | None:
    """Return an instant [microseconds UTC] after which no activity occurred, was received or found to be a machine's; None: not said."""
    columns = instants(source, found)
    if columns is None:
        return None
    names = [source.names[place.position] for place in columns.values()]
    if any(name not in said.latest for name in names):
        return None
    return max((latest for name in names if (latest := said.latest[name]) is not None), default=None)
