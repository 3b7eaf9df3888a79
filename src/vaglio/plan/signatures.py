"""Signatures: the distinct activity types and properties that readers look at, judged once each in Python (scoring.md §5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa

from vaglio.condition import Leaf, Test, evaluate, leaves
from vaglio.plan.classes import Classes, NumberClasses, number_classes, text_classes
from vaglio.plan.facts import property_column
from vaglio.plan.holds import NoValue
from vaglio.plan.joins import inner_join, left_join
from vaglio.plan.readers import Reader, Readers
from vaglio.plan.session import Session

# Above so many signatures, or so many values of one property, a property is replaced by its classes.
MAX_SIGNATURES = 100_000
MAX_VALUES = 5_000


@dataclass
class Signatures:
    """Activities with a column per part of the signature, and the distinct signatures with their class per property."""

    activities: ibis.Table
    columns: list[str]
    rows: list[dict[str, Any]]
    classes: dict[str, Classes]
    readers: Readers

    def matched(self, session: Session, name: str, chosen: list[tuple[Reader, dict[str, int]]]) -> ibis.Table | None:
        """Return activities that some readers match, one row per activity and reader, with the readers' constants.

        Columns: ``lead_id, activity_type, occurred_us``, all other columns of the activities, and the constants. None: nothing can match.
        """
        table = self._mapping(chosen)
        if table is None:
            return None
        types = list(dict.fromkeys(name for reader, _values in chosen for match in reader.matches for name in match.types))
        mapping = session.upload(name, table)
        return inner_join(self.activities.filter(self.activities.activity_type.isin(types)), mapping, self.columns)

    def _mapping(self, chosen: list[tuple[Reader, dict[str, int]]]) -> pa.Table | None:
        if not chosen:
            return None
        constants = list(chosen[0][1])
        found: dict[str, list[Any]] = {column: [] for column in [*self.columns, *constants]}
        by_type: dict[str, list[tuple[Reader, dict[str, int]]]] = {}
        for pair in chosen:
            for activity in dict.fromkeys(name for match in pair[0].matches for name in match.types):
                by_type.setdefault(activity, []).append(pair)
        for row in self.rows:
            for reader, values in by_type.get(row["activity_type"], ()):
                if self._matches(reader, row):
                    for column in self.columns:
                        found[column].append(row[column])
                    for constant in constants:
                        found[constant].append(values[constant])
        types = {column: pa.string() if column == "activity_type" or self._is_text(column) else pa.int64() for column in found}
        return pa.table({column: pa.array(items, types[column]) for column, items in found.items()})

    def _is_text(self, column: str) -> bool:
        return column in self.columns and self.activities[column].type().is_string()

    def _matches(self, reader: Reader, row: dict[str, Any]) -> bool:
        def holds(leaf: Leaf) -> bool:
            return self.classes[leaf.input.name].holds(row["classes"][leaf.input.name], leaf)

        return any(row["activity_type"] in match.types and evaluate(match.where, holds) for match in reader.matches)


def property_tests(readers: Readers) -> dict[str, tuple[Test, ...]]:
    """Return the distinct tests of each property."""
    found: dict[str, dict[Test, None]] = {}
    for reader in readers.all:
        for match in reader.matches:
            for leaf in leaves(match.where):
                found.setdefault(leaf.input.name, {})[leaf.test] = None
    return {name: tuple(tests) for name, tests in found.items()}


def sign(session: Session, raw: ibis.Table, activities: ibis.Table, readers: Readers, as_of: int) -> Signatures:
    """Return activities with their signature columns, and every distinct signature judged.

    Signatures are sought in ``raw``, all activities whoever knew them when: a few too many cost nothing, and the pass reads only the
    columns of the signature.
    """
    types = readers.document.inputs.property_types()
    no_value = NoValue(readers.document.inputs.no_value)
    tests = property_tests(readers)
    classes: dict[str, Classes] = {
        name: number_classes(tests[name], as_of, double=types[name] == "number") for name in tests if types[name] != "string"
    }
    texts = {name: tests[name] for name in tests if types[name] == "string"}
    columns = ["activity_type", *(f"k_{name}" for name in [*classes, *texts])]
    made = {name: classed for name, classed in classes.items() if isinstance(classed, NumberClasses)}
    activities = _with_columns(activities, made, list(texts))
    raw = _with_columns(raw.filter(raw.activity_type.isin(readers.types())), made, list(texts))
    distinct = session.fetch(raw.select(columns).distinct().limit(MAX_SIGNATURES + 1))
    if distinct.num_rows > MAX_SIGNATURES:
        for name, wanted in texts.items():
            values = session.fetch(raw.select(f"k_{name}").distinct())
            if values.num_rows > MAX_VALUES:
                classes[name] = text_classes(wanted, _values(values, f"k_{name}"), no_value)
                mapping = _upload_values(session, name, classes[name])
                activities, raw = _classed(activities, name, mapping), _classed(raw, name, mapping)
        distinct = session.fetch(raw.select(columns).distinct())
    for name in texts:
        if name not in classes:
            classes[name] = text_classes(tests[name], _values(distinct, f"k_{name}"), no_value)
    return Signatures(activities, columns, _rows(distinct, classes), classes, readers)


def _with_columns(table: ibis.Table, numbers: dict[str, NumberClasses], texts: list[str]) -> ibis.Table:
    columns = {f"k_{name}": classed.column(table[property_column(name)]) for name, classed in numbers.items()}
    return table.mutate(**columns, **{f"k_{name}": table[property_column(name)].fill_null("") for name in texts})


def _upload_values(session: Session, name: str, classed: Classes) -> ibis.Table:
    """Upload the class of each value of a text property with very many values (a full URL, say)."""
    values: dict[str, int] = getattr(classed, "values", {})
    return session.upload(f"values_of_{name}", pa.table({
        "value": pa.array(list(values), pa.string()), "class": pa.array(list(values.values()), pa.int64()),
    }))  # fmt: skip


def _classed(table: ibis.Table, name: str, mapping: ibis.Table) -> ibis.Table:
    column = f"k_{name}"
    joined = left_join(table, mapping, column, "value")
    return joined.select(**{each: joined[each] for each in table.columns if each != column}, **{column: joined["class"].fill_null(0)})


def _values(table: pa.Table, column: str) -> Iterable[str]:
    return table.column(column).unique().to_pylist()


def _rows(distinct: pa.Table, classes: dict[str, Classes]) -> list[dict[str, Any]]:
    rows = distinct.to_pylist()
    for row in rows:
        row["classes"] = {name: _class_of(classed, row[f"k_{name}"]) for name, classed in classes.items()}
    return rows


def _class_of(classed: Classes, value: Any) -> int:
    if isinstance(classed, NumberClasses) or not isinstance(value, str):
        return int(value)
    return classed.values.get(value, 0)  # type: ignore[attr-defined]
