"""What the end of a Parquet file says of its columns: what is known from there need not be looked for in the rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from vaglio.dates import FIRST_US, LAST_US
from vaglio.files import sql
from vaglio.files.columns import Found
from vaglio.files.recent import instants, is_instant
from vaglio.files.source import Source
from vaglio.files.take import Check, Shape

# A part of the file that holds no row says nothing. A text that begins with a backslash may stand for bytes that are no text.
_SAID = """
SELECT name, bool_and(coalesce(nulls = 0, false)), bool_and(coalesce(least >= '!' AND NOT starts_with(least, '\\'), false)),
  bool_and(latest IS NOT NULL OR coalesce(nulls = num_values, false)), max(latest),
  bool_and(coalesce(nulls = num_values, false) OR coalesce(first >= {first} AND latest <= {last}, false))
FROM (SELECT path_in_schema AS name, num_values, stats_null_count AS nulls, stats_min_value AS least,
    TRY_CAST(stats_min_value AS TIMESTAMPTZ) AS first_moment, CASE WHEN isfinite(first_moment) THEN epoch_us(first_moment) END AS first,
    TRY_CAST(stats_max_value AS TIMESTAMPTZ) AS moment, CASE WHEN isfinite(moment) THEN epoch_us(moment) END AS latest
  FROM parquet_metadata({path}) WHERE row_group_num_rows > 0) AS parts
GROUP BY name
"""


@dataclass(frozen=True)
class Footer:
    """Columns that hold no null (``filled``), whose texts all begin with more than a space (``written``), whose instants are all of the
    years that dates are of (``in_time``), and the latest instant of each column of instants [microseconds UTC, None where every row is
    null]. What the file does not say is missing.
    """

    filled: frozenset[str]
    written: frozenset[str]
    in_time: frozenset[str]
    latest: dict[str, int | None]


def footer(raw: Any, source: Source) -> Footer:
    """Return what a Parquet file says of its columns, as the file spells them."""
    rows = raw.execute(_SAID.format(path=sql.path(source.path), first=FIRST_US, last=LAST_US)).fetchall()
    return Footer(
        frozenset(name for name, filled, *_ in rows if filled),
        frozenset(name for name, _, written, *_ in rows if written),
        frozenset(name for name, *_, in_time in rows if in_time),
        {name: latest for name, _, _, is_said, latest, _ in rows if is_said},
    )


def still_to_check(made: Shape, source: Source, found: Sequence[Found], said: Footer) -> Shape:
    """Return a shape without the checks that no row of the file can fail, and without what they need of a column."""
    places = {place.want.target: place for place in found}
    checks = tuple(each for each in made.checks if not _is_sure(each, source, places.get(each.target), said))
    left = {each.target for each in checks}
    columns = {target: value if target in left else made.unchecked.get(target, value) for target, value in made.columns.items()}
    return replace(made, columns=columns, checks=checks)


def _is_sure(check: Check, source: Source, place: Found | None, said: Footer) -> bool:
    if place is None:
        return False
    name = source.names[place.position]
    if check.raw:
        return is_instant(source, place) and name in said.in_time
    if name not in said.filled:
        return False
    if check.blank:
        return source.types[place.position] == "VARCHAR" and not place.format and name in said.written
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
