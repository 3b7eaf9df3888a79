"""Signatures: the distinct activity types and properties that readers look at, judged once each in Python (scoring.md §5).

A type's signature holds only the properties tested on that type, so that a type without tests has one signature and two
types that test different properties share a column. Signatures are the product of the distinct values of each property, which
are cheap to find; where that product is too large, those that occur are sought.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

import ibis
import pyarrow as pa
from ibis import _

from vaglio.condition import Expr, Leaf, Test, evaluate, leaves
from vaglio.plan.classes import Classes, NumberClasses, number_classes, text_classes
from vaglio.plan.codes import UNTESTED, codes
from vaglio.plan.facts import property_column
from vaglio.plan.holds import NoValue
from vaglio.plan.joins import inner_join, left_join
from vaglio.plan.readers import FOREVER, Reader, Readers
from vaglio.plan.session import Session, distinct_texts
from vaglio.terms import MICROSECONDS

# Above so many signatures, a property with more values than the second is replaced by its classes.
MAX_SIGNATURES = 100_000
MAX_VALUES = 5_000

TELLING = ("activity_type", "message_id")  # the columns that say which activity a row is

Key = tuple[str | int, ...]


@dataclass
class Signatures:
    """Activities with their key columns, and every signature that some reader matches.

    ``keys`` are the key columns: ``activity_type``, ``k_<n>`` (text, or its code where there are ``codes``) and ``c_<property>``
    (class of a number). ``rows`` are pairs of key, spelled in texts, and the numbers of the readers that match it; ``texts`` are the
    text properties tested on each type. ``matched`` holds the activities that some reader matches and can still see at
    the instant: ``lead_id``, ``occurred_us``, ``signature`` (a place in ``rows``) and the properties that rules count by; None: there
    are none. It is kept, so that all stages after it read few rows of few columns.
    """

    activities: ibis.Table
    keys: dict[str, pa.DataType]
    rows: list[tuple[Key, tuple[int, ...]]]
    readers: Readers
    texts: dict[str, tuple[str, ...]]
    codes: dict[str | None, int] | None = None
    matched: ibis.Table | None = None

    def keep(self, session: Session, as_of: int) -> None:
        """Find the activities that some reader matches."""
        if not self.rows:
            return
        horizons = [max(self.readers.all[number].horizon for number in numbers) for _key, numbers in self.rows]
        since = [as_of - horizon * MICROSECONDS if horizon < FOREVER else -FOREVER for horizon in horizons]
        rows = [(key, {"signature": place, "since_us": since[place]}) for place, (key, _numbers) in enumerate(self.rows)]
        counted = sorted(self.readers.counted_by())
        table = self._by_key(session, "signatures", rows, {"signature": pa.int32(), "since_us": pa.int64()}, counted)
        if max(since) > -FOREVER:
            table = table.filter(_.occurred_us > _.since_us)
        self.matched = session.keep("matched", table.select("lead_id", "occurred_us", "signature", *counted))

    def asked(self, session: Session, name: str, chosen: list[tuple[Reader, dict[str, int]]], *, told: bool = False) -> ibis.Table | None:
        """Return activities that some readers match, one row per activity and reader, with the readers' constants.

        Of the activities there are the columns of ``matched``, with ``told`` also ``activity_type`` and, where there is one,
        ``message_id``. None: nothing can match.
        """
        if not chosen or self.matched is None:
            return None
        wanted: dict[int, list[dict[str, int]]] = {}
        for reader, constants in chosen:
            wanted.setdefault(reader.number, []).append(constants)
        rows = [
            (place, constants)
            for place, (_key, numbers) in enumerate(self.rows)
            for number in numbers
            for constants in wanted.get(number, ())
        ]  # fmt: skip
        kinds: dict[str, pa.DataType] = {constant: pa.int64() for constant in chosen[0][1]}
        if not told:
            return self.joined(session, name, rows, kinds)
        telling = [name for name in TELLING if name in self.activities.columns]
        keyed = [(self.rows[place][0], constants) for place, constants in rows]
        return self._by_key(session, name, keyed, kinds, [*sorted(self.readers.counted_by()), *telling])

    def joined(
        self, session: Session, name: str, rows: list[tuple[int, dict[str, Any]]], columns: dict[str, pa.DataType]
    ) -> ibis.Table | None:
        """Return the matched activities joined to a mapping from signature to ``columns``; a column missing from a row is 0."""
        if self.matched is None or not rows:
            return None
        table = {"signature": pa.array([place for place, _row in rows], pa.int32())}
        table |= {column: pa.array([row.get(column, 0) for _place, row in rows], kind) for column, kind in columns.items()}
        return inner_join(self.matched, session.upload(name, pa.table(table)), ["signature"])

    def _by_key(
        self,
        session: Session,
        name: str,
        rows: list[tuple[Key, dict[str, Any]]],
        columns: dict[str, pa.DataType],
        carried: Sequence[str],
    ) -> ibis.Table:
        """Return all activities, with the columns ``carried``, joined to a mapping from key to ``columns``."""
        found = [(found, row) for key, row in rows for found in self._as_found(key)]
        table = {column: pa.array([key[n] for key, _row in found], kind) for n, (column, kind) in enumerate(self.keys.items())}
        table |= {column: pa.array([row[column] for _key, row in found], kind) for column, kind in columns.items()}
        mapping = session.upload(name, pa.table(table))
        kept = dict.fromkeys(["lead_id", "occurred_us", *self.keys, *carried])
        return inner_join(self.activities.select(*kept), mapping, list(self.keys))

    def _as_found(self, key: Key) -> list[Key]:
        """Return a key as it is found in the key columns: no value is spelled in two ways there, null and empty."""
        if self.codes is None:
            return [key]
        tested = len(self.texts[str(key[0])])
        choices: list[list[str | int]] = []
        for n, (column, part) in enumerate(zip(self.keys, key, strict=True)):
            if not column.startswith("k_"):
                choices.append([part])
            elif n > tested:
                choices.append([UNTESTED])
            else:
                choices.append([self.codes[text] for text in ((None, "") if part == "" else (str(part),))])
        return list(product(*choices))


@dataclass
class Layout:
    """Which properties are tested on which type, and the values each can take in a key."""

    texts: dict[str, tuple[str, ...]]  # type → its tested text properties; the n-th is found in the column k_<n>
    numbers: dict[str, tuple[str, ...]]  # type → its tested properties that are no text
    classes: dict[str, Classes] = field(default_factory=dict)
    values: dict[str, dict[str, int]] = field(default_factory=dict)  # text property → value in a key → class

    def slots(self) -> int:
        """Return how many text columns a key has."""
        return max(map(len, self.texts.values()), default=0)

    def all_numbers(self) -> list[str]:
        """Return the tested properties that are no text."""
        return list(dict.fromkeys(name for names in self.numbers.values() for name in names))

    def size(self) -> int:
        """Return how many signatures there can be."""
        return sum(prod(len(choices) for choices in self.choices(name)) for name in self.texts)

    def choices(self, activity: str) -> list[list[str | int]]:
        """Return what each column after ``activity_type`` can hold for a type."""
        own = self.texts[activity]
        found: list[list[str | int]] = [list(self.values[own[n]]) if n < len(own) else [""] for n in range(self.slots())]
        for name in self.all_numbers():
            found.append(list(range(len(self.classes[name].vectors))) if name in self.numbers[activity] else [0])
        return found

    def classes_of(self, key: Key) -> dict[str, int]:
        """Return the class of each tested property in a key."""
        activity = str(key[0])
        found = {name: self.values[name].get(str(key[n + 1]), 0) for n, name in enumerate(self.texts[activity])}
        for n, name in enumerate(self.all_numbers(), start=1 + self.slots()):
            if name in self.numbers[activity]:
                found[name] = int(key[n])
        return found


def property_tests(readers: Readers) -> dict[str, dict[str, tuple[Test, ...]]]:
    """Return the distinct tests of each property, by the activity types they are asked of."""
    found: dict[str, dict[str, dict[Test, None]]] = {name: {} for name in readers.types()}
    for reader in readers.all:
        for match in reader.matches:
            for leaf in leaves(match.where):
                for name in match.types:
                    found[name].setdefault(leaf.input.name, {})[leaf.test] = None
    return {name: {key: tuple(tests) for key, tests in by_property.items()} for name, by_property in found.items()}


def sign(session: Session, raw: ibis.Table, activities: ibis.Table, readers: Readers, as_of: int) -> Signatures:
    """Return activities with their key columns, every signature judged, and those activities kept that some reader matches.

    Values are sought in ``raw``, all activities whoever knew them when: a few too many cost nothing, and the pass reads only the
    columns of the properties.
    """
    types = readers.document.inputs.property_types()
    by_type = property_tests(readers)
    tests: dict[str, tuple[Test, ...]] = {}
    for its_tests in by_type.values():
        for name, found in its_tests.items():
            tests[name] = tuple(dict.fromkeys((*tests.get(name, ()), *found)))
    layout = Layout(
        {name: tuple(each for each in its if types[each] == "string") for name, its in by_type.items()},
        {name: tuple(each for each in its if types[each] != "string") for name, its in by_type.items()},
    )
    no_value = NoValue(readers.document.inputs.no_value)
    for name, found in tests.items():
        if types[name] != "string":
            layout.classes[name] = number_classes(found, as_of, double=types[name] == "number")
    strings = [name for name in tests if types[name] == "string"]
    distinct = distinct_texts(session, raw, [property_column(name) for name in strings])
    for name in strings:
        classed = text_classes(tests[name], distinct[property_column(name)], no_value)
        layout.classes[name] = classed
        layout.values[name] = {"": 0} | classed.values
    if layout.size() > MAX_SIGNATURES:
        raw, activities = _with_classes(session, (raw, activities), layout)
        activities, coded = _with_keys(activities, layout), None
        occurring = _occurring(session, _with_keys(raw, layout), layout)
    else:
        coded = codes(session, (text for values in layout.values.values() for text in values)) if strings else None
        activities, occurring = _with_keys(activities, layout, session if coded else None), None
    keys = {name: pa.string() if activities[name].type().is_string() else pa.int64() for name in _key_names(layout)}
    signatures = Signatures(activities, keys, _judged(readers, layout, occurring), readers, layout.texts, coded)
    signatures.keep(session, as_of)
    return signatures


def _with_classes(session: Session, tables: tuple[ibis.Table, ibis.Table], layout: Layout) -> tuple[ibis.Table, ibis.Table]:
    """Replace each property of very many values (a full address, say) by the number of its class, as text."""
    raw, activities = tables
    for name, values in layout.values.items():
        if len(values) > MAX_VALUES:
            mapping = session.upload(f"values_of_{name}", pa.table({
                "value": pa.array(list(values), pa.string()), "class": pa.array(map(str, values.values()), pa.string()),
            }))  # fmt: skip
            raw, activities = _classed(raw, name, mapping), _classed(activities, name, mapping)
            layout.values[name] = {str(number): number for number in range(len(layout.classes[name].vectors))}
    return raw, activities


def _classed(table: ibis.Table, name: str, mapping: ibis.Table) -> ibis.Table:
    """Return a table with one more column, which :func:`_text` finds."""
    joined = left_join(table, mapping, property_column(name), "value")
    return joined.select(*table.columns, **{f"classed_{name}": joined["class"].fill_null("0")})


def _text(table: ibis.Table, name: str) -> ibis.Value:
    return table[f"classed_{name}" if f"classed_{name}" in table.columns else property_column(name)].fill_null("")


def _key_names(layout: Layout) -> list[str]:
    return ["activity_type", *(f"k_{n}" for n in range(layout.slots())), *(f"c_{name}" for name in layout.all_numbers())]


def _with_keys(table: ibis.Table, layout: Layout, coding: Session | None = None) -> ibis.Table:
    """Add the key columns; texts are there as codes with the session that makes them."""

    def text(name: str) -> ibis.Value | None:
        return coding.coded(table[property_column(name)]) if coding else _text(table, name)

    columns: dict[str, ibis.Value] = {}
    for n in range(layout.slots()):
        by_property: dict[str | None, list[str]] = {}
        for activity, names in layout.texts.items():
            by_property.setdefault(names[n] if n < len(names) else None, []).append(activity)
        chosen = {name: (text(name) if name else None, types) for name, types in by_property.items()}
        columns[f"k_{n}"] = _chosen(table, chosen, UNTESTED if coding else "")
    for name in layout.all_numbers():
        classed = layout.classes[name]
        assert isinstance(classed, NumberClasses)
        tested = [activity for activity, names in layout.numbers.items() if name in names]
        rest = [activity for activity in layout.numbers if activity not in tested]
        value = classed.column(table[property_column(name)])
        columns[f"c_{name}"] = _chosen(table, {name: (value, tested), None: (None, rest)} if rest else {name: (value, tested)}, 0)
    return table.mutate(**columns) if columns else table


def _chosen(table: ibis.Table, values: dict[str | None, tuple[ibis.Value | None, list[str]]], nothing: str | int) -> ibis.Value:
    """Return the value that belongs to each row's type; where every type has the same one, simply that."""
    given = [(value, types) for value, types in values.values() if value is not None]
    if len(values) == 1:
        return given[0][0]
    branches = [(table.activity_type.isin(types) if len(types) > 1 else table.activity_type == types[0], value) for value, types in given]
    return ibis.cases(*branches, else_=ibis.literal(nothing, "string" if nothing == "" else "int64"))


def _occurring(session: Session, raw: ibis.Table, layout: Layout) -> list[Key]:
    names = _key_names(layout)
    rows = session.fetch(raw.filter(raw.activity_type.isin(list(layout.texts))).select(names).distinct())
    return list(zip(*(rows.column(name).to_pylist() for name in names), strict=True))


def _judged(readers: Readers, layout: Layout, occurring: list[Key] | None) -> list[tuple[Key, tuple[int, ...]]]:
    """Return each signature with the readers that match it; those whose properties share their classes are judged once."""
    looking = {activity: readers.of_type(activity) for activity in layout.texts}
    known: dict[tuple[str, tuple[int, ...]], tuple[int, ...]] = {}
    found = []
    for key in _all_keys(layout) if occurring is None else occurring:
        classes = layout.classes_of(key)
        case = (str(key[0]), tuple(classes.values()))
        if case not in known:
            known[case] = _matching(looking[str(key[0])], layout, classes)
        if known[case]:
            found.append((key, known[case]))
    return found


def _all_keys(layout: Layout) -> Iterator[Key]:
    for activity in layout.texts:
        for rest in product(*layout.choices(activity)):
            yield (activity, *rest)


def _matching(looking: list[tuple[int, list[Expr]]], layout: Layout, classes: dict[str, int]) -> tuple[int, ...]:
    def holds(leaf: Leaf) -> bool:
        return layout.classes[leaf.input.name].holds(classes[leaf.input.name], leaf)

    return tuple(number for number, tests in looking if any(evaluate(test, holds) for test in tests))
