"""The fact tables a plan reads, and which of their columns it needs.

Every instant is whole microseconds UTC (``…_us``, int64), every id text. Fields are columns ``f_<name>``, properties
``p_<name>``: string, int64 (integer, boolean as 0/1, date in microseconds) or float64 (number).

==============  =======================================================================================================
leads           ``lead_id``, ``account_id``, ``created_us``, fields
accounts        ``account_id``, fields
activities      ``lead_id``, ``activity_type``, ``occurred_us``, properties; optional ``received_us``, ``message_id``,
                ``is_machine`` (boolean), ``machine_us``, ``stored`` (int32)
stored          ``stored``, ``activity_type``, properties: what the activities with that number say, where the source keeps such
                numbers beside them. Whoever changes what activities say takes ``stored`` off them; then this is not looked at
field_changes   ``subject`` (lead/account), ``id``, ``field``, ``text``, ``number`` (float64), ``whole`` (int64), ``known_us``: a
                value is in the column of its type; ``text`` of files holds it whatever the type
lists           ``list``, ``member_type`` (lead/account), ``member_id``, ``from_us``, ``to_us``, ``known_us``
==============  =======================================================================================================
"""

from dataclasses import dataclass, replace
from typing import Self, TypeVar

import ibis
import ibis.expr.datatypes as dt

from vaglio.terms import InputType

COLUMN_TYPES: dict[InputType, str] = {
    "string": "string",
    "integer": "int64",
    "number": "float64",
    "boolean": "int64",
    "date": "int64",
}


@dataclass(frozen=True)
class Newest:
    """An instant [microseconds UTC] after which no activity of a table occurred, was received or was found to be a machine's."""

    activities: ibis.Table
    us: int


@dataclass(frozen=True)
class Facts:
    """The facts of one scoring pass as tables of one engine; those that are None hold no row.

    ``newest``, where it is known, is said of one table of activities: facts whose activities are others, whose clocks may be set
    otherwise, are not taken by it.
    """

    leads: ibis.Table
    accounts: ibis.Table | None = None
    activities: ibis.Table | None = None
    field_changes: ibis.Table | None = None
    lists: ibis.Table | None = None
    newest: Newest | None = None
    stored: ibis.Table | None = None

    def replace(self, **changes: ibis.Table | None) -> Self:
        """Return these facts with some tables changed."""
        return replace(self, **changes)

    def tables(self) -> dict[str, ibis.Table]:
        """Return the tables that are there, by name."""
        return {name: table for name, table in vars(self).items() if isinstance(table, ibis.Table)}

    def shape(self) -> "Shape":
        """Return which tables are there, and their columns with types: all that a plan knows of facts."""
        return tuple((name, tuple(table.schema().items())) for name, table in self.tables().items())

    def settled(self, at: "Instants") -> Self:
        """Return these facts without what makes no difference at two instants: when activities became known, once all of them are.

        Copies of a message are told apart by when they were received, so facts with messages stay as they are.
        """
        activities, newest = self.activities, self.newest
        if activities is None or newest is None or newest.activities is not activities or newest.us > at.known_at:
            return self
        known = [name for name in ("received_us", "machine_us") if name in activities.columns]
        if not known or "message_id" in activities.columns:
            return self
        return self.replace(activities=activities.drop(*known))


AnyFacts = TypeVar("AnyFacts", bound=Facts)
Shape = tuple[tuple[str, tuple[tuple[str, dt.DataType], ...]], ...]


def facts_of_shape(shape: Shape, token: str, kind: type[AnyFacts] = Facts) -> AnyFacts:  # type: ignore[assignment]
    """Return the facts of a shape as tables whose names begin with ``token`` and that belong to no engine."""
    return kind(**{name: ibis.table(dict(columns), name=token + name) for name, columns in shape})


@dataclass(frozen=True)
class Instants:
    """The two instants of a score, in microseconds UTC."""

    as_of: int
    known_at: int


def field_column(name: str) -> str:
    """Return the column of a field."""
    return f"f_{name}"


def property_column(name: str) -> str:
    """Return the column of a property."""
    return f"p_{name}"
