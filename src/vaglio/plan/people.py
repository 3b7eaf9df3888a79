"""People: one row per lead as known, with the class of every input, list membership, and whether it is in the audience."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import ibis
import pyarrow as pa
from ibis import _

from vaglio.ask import Banded, Measure
from vaglio.condition import Every, Expr, FieldInput, Leaf, Never, Test, condition_expr, leaves
from vaglio.document import ModelDocument
from vaglio.plan.aging import date_event
from vaglio.plan.classes import Classes, NumberClasses, number_classes, text_classes
from vaglio.plan.context import Context
from vaglio.plan.facts import Facts, Instants, field_column
from vaglio.plan.holds import NoValue
from vaglio.plan.joins import left_join, left_joins
from vaglio.plan.known import known_accounts, known_leads, known_members
from vaglio.plan.measured import Measured, colleagues, measure_value
from vaglio.plan.readers import Readers, Scored
from vaglio.plan.session import Session, distinct_texts
from vaglio.terms import InputType

Input = FieldInput | Measure
Joined = tuple[ibis.Table, str, str]  # a table to join, the key of people, its own key


@dataclass
class People:
    """``table`` with ``lead_id, created_us``, a class column per input, a boolean per list, and what was measured."""

    table: ibis.Table
    classes: dict[Input, Classes] = field(default_factory=dict)
    columns: dict[Input, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)

    def condition(self, expr: Expr) -> ibis.Value:
        """Return an expression over inputs as a boolean column."""
        if isinstance(expr, Leaf):
            classes = self.classes[expr.input]
            holding = [number for number in range(len(classes.vectors)) if classes.holds(number, expr)]
            return self.table[self.columns[expr.input]].isin(holding) if holding else ibis.literal(False)
        if isinstance(expr, Never):
            return ~self.condition(expr.part)
        parts = [self.condition(part) for part in expr.parts]
        joined = ibis.literal(isinstance(expr, Every))
        for part in parts:
            joined = joined & part if isinstance(expr, Every) else joined | part
        return joined

    def on_list(self, name: str) -> ibis.Value:
        """Return whether the lead, or its account, is on a list."""
        return self.table[self.lists[name]]


def document_exprs(document: ModelDocument, rules: tuple[Scored, ...]) -> list[Expr]:
    """Return every expression over fields and measures."""
    exprs = [expr for scored in rules if isinstance(scored.ask, Banded) for expr, _millipoints in scored.ask.cases]
    exprs += [condition_expr(exclusion.when) for exclusion in document.exclude if exclusion.when]
    exprs += [expr for expr, _value in document.potential.cases()] if document.potential else []
    return [document.audience_expr(), *exprs]


def input_tests(exprs: Iterable[Expr]) -> dict[Input, tuple[Test, ...]]:
    """Return the distinct tests of each input, in order of first use."""
    found: dict[Input, dict[Test, None]] = {}
    for expr in exprs:
        for leaf in leaves(expr):
            found.setdefault(leaf.input, {})[leaf.test] = None
    return {name: tuple(tests) for name, tests in found.items()}


def used_fields(document: ModelDocument, rules: tuple[Scored, ...]) -> tuple[dict[str, InputType], dict[str, InputType]]:
    """Return the lead's and the account's fields that the model reads, with types."""
    inputs = [name for name in input_tests(document_exprs(document, rules)) if isinstance(name, FieldInput)]
    own = {name.name: document.inputs.fields[name.name] for name in inputs if not name.of_account}
    accounts = {name.name: document.inputs.account_fields[name.name] for name in inputs if name.of_account}
    return own, accounts


def people(context: Context, found: Measured, *, clock: bool = False) -> People:
    """Return people with everything that conditions and slots read; with ``clock`` also what :mod:`vaglio.plan.clock` reads, kept."""
    session, document, facts, at = context.session, context.document, context.facts, context.at
    rules, readers = context.rules, context.readers
    own, of_account = used_fields(document, rules)
    tests = input_tests(document_exprs(document, rules))
    together = [source for source in tests if isinstance(source, Measure) and source.stat == "colleagues"]
    table = known_leads(facts, own, at)
    table = _with_account(table, known_accounts(facts, of_account, at), of_account)
    table = _with_lists(table, facts, document.lists(), at)
    if together or (facts.field_changes is not None and (own or of_account)):
        table = session.keep("known_people", table)
    made = People(table, columns={source: f"c_{position}" for position, source in enumerate(tests)})
    made.lists = {name: f"on_{position}" for position, name in enumerate(document.lists())}
    for source, its_tests in tests.items():
        made.classes[source] = _number_classes(source, its_tests, document, at)
    others = _text_mappings(session, made, tests, document)
    others += [(each, "lead_id", "lead_id") for each in found.tables]
    for position, source in enumerate(together):
        counted = colleagues(found, table, readers, source)
        if counted is not None:
            others.append((counted.rename(**{f"colleagues_{position}": "n"}), "account_id", "account_id"))
    joined = left_joins(table, others) if others else table
    columns = {column: _class_column(made, joined, source, readers, together, at) for source, column in made.columns.items()}
    stages = {f"n_{readers.of_stage(stage).number}" for stage in document.journey}
    carried = [name for name in found.columns() if clock or name[0] in "sol" or name in stages]
    if clock:
        columns |= _dates(joined, tests, document, at) | {"account_id": joined.account_id}
    made.table = joined.select(
        "lead_id", "created_us", *made.lists.values(), **columns,
        **{name: joined[name] if name[0] in "lx" else joined[name].fill_null(0) for name in carried},
    )  # fmt: skip
    if clock:
        made.table = session.keep("people", made.table)
    return made


def _with_account(table: ibis.Table, accounts: ibis.Table | None, fields: dict[str, InputType]) -> ibis.Table:
    if not fields:
        return table
    if accounts is None:
        return table.mutate(**{f"a_{name}": ibis.null("string" if kind == "string" else "int64") for name, kind in fields.items()})
    renamed = accounts.select(its_id="account_id", **{f"a_{name}": accounts[field_column(name)] for name in fields})
    return left_join(table, renamed, "account_id", "its_id").drop("its_id")


def _with_lists(table: ibis.Table, facts: Facts, names: tuple[str, ...], at: Instants) -> ibis.Table:
    members = known_members(facts, list(names), at)
    if members is None:
        return table.mutate(**{f"on_{position}": ibis.literal(False) for position in range(len(names))})
    for member_type, key in (("lead", "lead_id"), ("account", "account_id")):
        flags = {f"{member_type}_{position}": (_.list == name).any() for position, name in enumerate(names)}
        wide = members.filter(_.member_type == member_type).group_by("member_id").aggregate(**flags)
        wide = wide.rename(**{f"{member_type}_member": "member_id"})
        table = left_join(table, wide, key, f"{member_type}_member").drop(f"{member_type}_member")
    return table.mutate(**{
        f"on_{position}": table[f"lead_{position}"].fill_null(False) | table[f"account_{position}"].fill_null(False)
        for position in range(len(names))
    })  # fmt: skip


def _dates(joined: ibis.Table, tests: dict[Input, tuple[Test, ...]], document: ModelDocument, at: Instants) -> dict[str, ibis.Value]:
    """Return ``y_<n>``: when each date field next passes an age that some test asks about."""
    found: dict[str, ibis.Value] = {}
    for source, its_tests in tests.items():
        if isinstance(source, FieldInput) and _type_of(source, document) == "date":
            event = date_event(joined[_column_of(source)], its_tests, at.as_of)
            if event is not None:
                found[f"y_{len(found)}"] = event
    return found


def _column_of(source: FieldInput) -> str:
    return f"a_{source.name}" if source.of_account else field_column(source.name)


def _type_of(source: FieldInput, document: ModelDocument) -> InputType:
    return (document.inputs.account_fields if source.of_account else document.inputs.fields)[source.name]


def _number_classes(source: Input, tests: tuple[Test, ...], document: ModelDocument, at: Instants) -> Classes:
    """Return the classes of a number; those of a text wait for its values."""
    if isinstance(source, Measure):
        return number_classes(tests, at.as_of, scale=1000 if source.stat == "faded" else 1)
    kind = _type_of(source, document)
    return Classes(tests) if kind == "string" else number_classes(tests, at.as_of, double=kind == "number")


def _text_mappings(session: Session, made: People, tests: dict[Input, tuple[Test, ...]], document: ModelDocument) -> list[Joined]:
    """Class every text field from its distinct values, and return mappings ``text_<class column>, number_<class column>`` to join."""
    texts = [source for source in tests if isinstance(source, FieldInput) and _type_of(source, document) == "string"]
    if not texts:
        return []
    no_value = NoValue(document.inputs.no_value)
    values = distinct_texts(session, made.table, [_column_of(source) for source in texts])
    others: list[Joined] = []
    for source in texts:
        name = made.columns[source]
        classes = made.classes[source] = text_classes(tests[source], values[_column_of(source)], no_value)
        mapping = session.upload(f"classes_of_{name}", pa.table({
            f"text_{name}": pa.array(list(classes.values), pa.string()),
            f"number_{name}": pa.array(list(classes.values.values()), pa.int64()),
        }))  # fmt: skip
        others.append((mapping, _column_of(source), f"text_{name}"))
    return others


def _class_column(made: People, joined: ibis.Table, source: Input, readers: Readers, together: list[Measure], at: Instants) -> ibis.Value:
    """Return the class of an input: worked out from a number, or looked up for a text (not found means no value)."""
    classes = made.classes[source]
    if not isinstance(classes, NumberClasses):
        return joined[f"number_{made.columns[source]}"].fill_null(0)
    if isinstance(source, FieldInput):
        return classes.column(joined[_column_of(source)])
    if source.stat != "colleagues":
        return classes.column(measure_value(joined, readers, source, at.as_of))
    column = f"colleagues_{together.index(source)}"
    counted = joined[column].fill_null(0) if column in joined.columns else ibis.literal(0, "int64")
    return classes.column(ibis.ifelse(joined.account_id.isnull(), ibis.null("int64"), counted))
