"""Signatures: the distinct activity types and properties that readers look at, judged once each in Python (scoring.md §5).

They are found in one of three ways. Where the source keeps a number beside each activity for what it says, those are judged. Else, where
there are few, they are the product of the distinct values of each property, which are cheap to find. Where that product is too large,
texts are replaced by the number of what the tests say of them, and the keys that occur are sought.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from vaglio.plan.classes import Vector
from vaglio.plan.codes import ask_codes, told_codes
from vaglio.plan.facts import Facts, property_column
from vaglio.plan.joins import inner_join, left_join
from vaglio.plan.layout import UNTESTED, Judged, Key, Layout, Values
from vaglio.plan.marks import TextTests
from vaglio.plan.readers import FOREVER, Reader, Readers
from vaglio.plan.steps import Found, OtherWay, Steps, ask_texts, told_texts
from vaglio.terms import MICROSECONDS

MAX_SIGNATURES = 100_000

TELLING = ("activity_type", "message_id")  # the columns that say which activity a row is
TEXTS = "texts_of_activities"
OCCURRING = "occurring"
STORED = "stored"  # the column of activities that says which row of the facts' table of this name says what they say


@dataclass(frozen=True)
class Signatures:
    """Activities with their key columns, and which of them some reader matches.

    ``keys`` are the key columns with their types. ``matched`` holds the activities that some reader matches and can still see at the
    instant: ``lead_id``, ``occurred_us``, ``signature`` (a place in what :meth:`rows` returns) and the properties that rules count by. It
    is kept, so that all stages after it read few rows of few columns.
    """

    steps: Steps
    activities: ibis.Table
    keys: dict[str, pa.DataType]
    readers: Readers
    rows: Callable[[Found], Judged]
    spelled: Callable[[Found, Key], list[Key]]
    matched: ibis.Table | None = None

    def asked(self, name: str, chosen: list[tuple[Reader, dict[str, int]]], *, told: bool = False) -> ibis.Table | None:
        """Return activities that some readers match, one row per activity and reader, with the readers' constants; None: none are asked.

        Of the constants ``horizon`` is how old an activity may be [seconds]; in its place the rows have ``since_us``. Of the activities
        there are the columns of ``matched``, with ``told`` also ``activity_type`` and, where there is one, ``message_id``.
        """
        if not chosen:
            return None
        wanted: dict[int, list[dict[str, int]]] = {}
        for reader, constants in chosen:
            wanted.setdefault(reader.number, []).append(constants)

        def rows(found: Found) -> list[tuple[int, dict[str, int]]]:
            return [
                (place, constants | {"since_us": _since(found, constants["horizon"])})
                for place, (_key, numbers) in enumerate(found.concluded(self.rows))
                for number in numbers
                for constants in wanted.get(number, ())
            ]

        kinds: dict[str, pa.DataType] = {name: pa.int64() for name in (*chosen[0][1], "since_us") if name != "horizon"}
        if told:
            telling = [name for name in TELLING if name in self.activities.columns]
            table = self.by_key(name, kinds, rows, [*sorted(self.readers.counted_by()), *telling])
        else:
            table = self.joined(name, kinds, rows)
        return _seen(table, [constants["horizon"] for _reader, constants in chosen])

    def joined(self, name: str, columns: dict[str, pa.DataType], rows: Callable[[Found], list[tuple[int, dict[str, Any]]]]) -> ibis.Table:
        """Return the matched activities joined to a mapping from signature to ``columns``; a column missing from a row is 0."""

        def table(found: Found) -> pa.Table:
            made = found.concluded(rows)
            arrays = [pa.array([row.get(column, 0) for _place, row in made], kind) for column, kind in columns.items()]
            return pa.table([pa.array([place for place, _row in made], pa.int32()), *arrays], schema=schema)

        schema = pa.schema({"signature": pa.int32()} | columns)
        return inner_join(self.matched, self.steps.mapping(name, schema, table), ["signature"])

    def by_key(
        self,
        name: str,
        columns: dict[str, pa.DataType],
        rows: Callable[[Found], list[tuple[int, dict[str, Any]]]],
        carried: Sequence[str],
    ) -> ibis.Table:
        """Return all activities, with the columns ``carried``, joined to a mapping from key to ``columns``."""

        def table(found: Found) -> pa.Table:
            judged = found.concluded(self.rows)
            made = [(key, row) for place, row in rows(found) for key in self.spelled(found, judged[place][0])]
            arrays = [pa.array([key[n] for key, _row in made], kind) for n, kind in enumerate(self.keys.values())]
            arrays += [pa.array([row[column] for _key, row in made], kind) for column, kind in columns.items()]
            return pa.table(arrays, schema=schema)

        schema = pa.schema(self.keys | columns)
        kept = dict.fromkeys(["lead_id", "occurred_us", *self.keys, *carried])
        return inner_join(self.activities.select(*kept), self.steps.mapping(name, schema, table), list(self.keys))


def sign(steps: Steps, facts: Facts, activities: ibis.Table, readers: Readers, layout: Layout, *, by_class: bool) -> Signatures:
    """Return activities with their key columns, and those kept that some reader matches.

    Values are sought in all activities of ``facts``, whoever knew them when: a few too many cost nothing, and the pass reads only the
    columns of the properties.

    Raises
    ------
    OtherWay
        When the plan runs on too many texts, unless it is written ``by_class``.
    """
    stored = facts.stored if STORED in activities.columns else None
    raw = facts.activities if stored is None else stored
    assert raw is not None
    if layout.tests:
        columns = [property_column(name) for name in layout.tests]
        ask_texts(steps, TEXTS, raw.select(*columns), columns)
    if stored is not None:
        rows, spelled = _by_number(steps, stored, layout)
        return _matched(Signatures(steps, activities, {STORED: pa.int32()}, readers, rows, spelled))
    keyed = _by_class(steps, raw, activities, layout) if by_class else _by_value(steps, activities, layout)
    table, kind, rows, spelled = keyed
    keys = {name: kind if name.startswith("k_") else pa.string() if name == "activity_type" else pa.int64() for name in layout.names()}
    return _matched(Signatures(steps, table, keys, readers, rows, spelled))


def _matched(signatures: Signatures) -> Signatures:
    """Return signatures with the activities kept that some reader matches."""

    def rows(found: Found) -> list[tuple[int, dict[str, Any]]]:
        every = signatures.readers.all
        horizons = [max(every[number].horizon for number in numbers) for _key, numbers in found.concluded(signatures.rows)]
        return [(place, {"signature": place, "since_us": _since(found, horizon)}) for place, horizon in enumerate(horizons)]

    counted = sorted(signatures.readers.counted_by())
    table = signatures.by_key("signatures", {"signature": pa.int32(), "since_us": pa.int64()}, rows, counted)
    table = _seen(table, [reader.horizon for reader in signatures.readers.all])
    kept = signatures.steps.keep("matched", table.select("lead_id", "occurred_us", "signature", *counted))
    return Signatures(**vars(signatures) | {"matched": kept})


def _since(found: Found, horizon: int) -> int:
    """Return an instant after which activities are younger than a horizon [seconds]; no instant is before the least of them."""
    return max(found.at.as_of - horizon * MICROSECONDS, -FOREVER)


def _seen(table: ibis.Table, horizons: list[int]) -> ibis.Table:
    """Return the activities after their ``since_us``: comparing two columns costs a tenth of working out an age."""
    return table.filter(_.occurred_us > _.since_us) if any(horizon < FOREVER for horizon in horizons) else table


Keyed = tuple[ibis.Table, pa.DataType, Callable[[Found], Judged], Callable[[Found, Key], list[Key]]]


def _told(layout: Layout) -> Callable[[Found], dict[str, pa.ChunkedArray]]:
    return lambda found: told_texts(found, TEXTS, [property_column(name) for name in layout.tests]) if layout.tests else {}


def _by_number(steps: Steps, signatures: ibis.Table, layout: Layout) -> tuple[Callable[[Found], Judged], Callable[[Found, Key], list[Key]]]:
    """Return what is judged of the signatures that a source keeps, and which of its numbers say a key."""
    names, texts = layout.names(), _told(layout)
    plain = {name: signatures[property_column(name)].fill_null("") for name in layout.tests}
    sought = _with_keys(steps, signatures.filter(_.activity_type.isin(list(layout.types))), layout, plain, "")
    steps.ask(OCCURRING, sought.select(STORED, *names))

    def numbers(found: Found) -> dict[Key, list[Key]]:
        by_key: dict[Key, list[Key]] = {}
        for number, *key in zip(*(found.answers[OCCURRING].column(name).to_pylist() for name in (STORED, *names)), strict=True):
            by_key.setdefault(tuple(key), []).append((number,))
        return by_key

    def judged(found: Found) -> Judged:
        values = layout.values({column: its.to_pylist() for column, its in found.concluded(texts).items()})
        return layout.judged(found.concluded(numbers), values)

    return judged, lambda found, key: found.concluded(numbers)[key]


def _by_value(steps: Steps, activities: ibis.Table, layout: Layout) -> Keyed:
    """Return activities with their texts in the key, or their codes, and every key that the texts they hold can make."""
    texts = _told(layout)

    def values(found: Found) -> Values:
        told = found.concluded(texts)
        if layout.size({column: len(its) for column, its in told.items()}) > MAX_SIGNATURES:
            raise OtherWay
        return layout.values({column: its.to_pylist() for column, its in told.items()})

    def rows(found: Found) -> Judged:
        told = found.concluded(values)
        return [judged for activity in layout.types for judged in layout.judged(layout.keys(told, activity), told)]

    def codes(found: Found) -> dict[str | None, int]:
        return told_codes(found)

    def spelled(found: Found, key: Key) -> list[Key]:
        return _coded(layout, found.concluded(codes), key)

    columns = {name: activities[property_column(name)] for name in layout.tests}
    coded = {name: steps.coded(text) for name, text in columns.items()}
    if not columns or any(code is None for code in coded.values()):
        plain = {name: text.fill_null("") for name, text in columns.items()}
        return _with_keys(steps, activities, layout, plain, ""), pa.string(), rows, lambda _found, key: [key]
    ask_codes(steps, lambda found: (text for its in found.concluded(values).values() for text in its))
    return _with_keys(steps, activities, layout, coded, UNTESTED), pa.int64(), rows, spelled


def _with_keys(steps: Steps, table: ibis.Table, layout: Layout, texts: dict[str, Any], nothing: str | int) -> ibis.Table:
    columns = layout.text_columns(table, texts, nothing) | layout.number_columns(table, steps.now)
    return table.mutate(**columns) if columns else table


def _coded(layout: Layout, codes: dict[str | None, int], key: Key) -> list[Key]:
    """Return a key as it is found in the columns: no value is spelled in two ways there, null and empty."""
    tested, slots = len(layout.types[str(key[0])]), layout.slots()
    found: list[Key] = [(key[0],)]
    for n, part in enumerate(key[1:]):
        if n >= slots:
            choices: list[str | int] = [part]
        elif n >= tested:
            choices = [UNTESTED]
        else:
            choices = [codes[text] for text in ((None, "") if part == "" else (str(part),))]
        found = [(*before, choice) for before in found for choice in choices]
    return found


def _by_class(steps: Steps, raw: ibis.Table, activities: ibis.Table, layout: Layout) -> Keyed:
    """Return activities with the number in the key of what the tests say of each text, and the keys that occur."""
    told = _told(layout)

    def classed(found: Found) -> dict[str, Classed]:
        texts = found.concluded(told)
        return {name: _classed(tests, texts[property_column(name)]) for name, tests in layout.tests.items()}

    for name in layout.tests:
        mapping = steps.mapping(f"values_of_{name}", CLASS_ROWS, _class_rows(name, classed))
        raw, activities = _with_class(raw, name, mapping), _with_class(activities, name, mapping)

    def texts(table: ibis.Table) -> dict[str, ibis.Value]:
        return {name: table[f"classed_{name}"] for name in layout.tests}

    names = layout.names()
    sought = _with_keys(steps, raw.filter(raw.activity_type.isin(list(layout.types))), layout, texts(raw), "")
    steps.ask(OCCURRING, sought.select(names).distinct())

    def judged(found: Found) -> Judged:
        keys = zip(*(found.answers[OCCURRING].column(name).to_pylist() for name in names), strict=True)
        return layout.judged(keys, {name: its.vectors for name, its in found.concluded(classed).items()})

    return _with_keys(steps, activities, layout, texts(activities), ""), pa.string(), judged, lambda _found, key: [key]


CLASS_ROWS = pa.schema({"value": pa.string(), "class": pa.string()})


@dataclass(frozen=True)
class Classed:
    """What the tests say of the texts of one property: ``rows`` says which class each is of, ``vectors`` what a class says.

    Class "0" is what they say of no value, also where a text says the same; its texts are left out of the rows.
    """

    rows: pa.Table
    vectors: dict[str, Vector]


def _classed(tests: TextTests, texts: pa.ChunkedArray) -> Classed:
    said = tests.said(texts)
    classes: dict[Vector, int] = {tests.of_nothing: 0}
    numbers = [classes.setdefault(tests.of_nothing if vector is None else vector, len(classes)) for vector in said.vectors]
    of_each = pa.array(numbers, pa.int32()).take(pa.array(said.numbers))
    listed = pc.not_equal(of_each, 0)
    names = of_each.filter(listed).cast(pa.string())
    rows = pa.table([texts.filter(listed), names], schema=CLASS_ROWS)
    return Classed(rows, {str(number): vector for vector, number in classes.items()})


def _class_rows(name: str, classed: Callable[[Found], dict[str, Classed]]) -> Callable[[Found], pa.Table]:
    return lambda found: found.concluded(classed)[name].rows


def _with_class(table: ibis.Table, name: str, mapping: ibis.Table) -> ibis.Table:
    """Return a table with one more column: the number of what the tests say of a property."""
    joined = left_join(table, mapping, property_column(name), "value")
    return joined.select(*table.columns, **{f"classed_{name}": joined["class"].fill_null("0")})
