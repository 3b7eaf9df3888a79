"""People: one row per lead as known, with the class of every input, list membership, and whether it is in the audience."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import ibis
import pyarrow as pa
from ibis import _

from vaglio.ask import Banded, Measure
from vaglio.condition import Every, Expr, FieldInput, Leaf, Never, Test, condition_expr, leaves
from vaglio.document import ModelDocument
from vaglio.plan.classes import Classes, NumberClasses, number_classes, text_classes
from vaglio.plan.facts import Facts, Instants, field_column
from vaglio.plan.holds import NoValue
from vaglio.plan.joins import left_join
from vaglio.plan.known import known_accounts, known_leads, known_members
from vaglio.plan.readers import Readers, Scored, measures
from vaglio.plan.session import Session
from vaglio.plan.stats import measure_columns
from vaglio.terms import InputType

Input = FieldInput | Measure


@dataclass
class People:
    """``table`` with ``lead_id, account_id, created_us``, a class column per input and a boolean per list."""

    table: ibis.Table
    classes: dict[Input, Classes] = field(default_factory=dict)
    columns: dict[Input, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)  # class column of a number → the column it is made of

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


def people(session: Session, document: ModelDocument, rules: tuple[Scored, ...], facts: Facts, at: Instants,
           readers: Readers, stats: ibis.Table | None) -> People:  # fmt: skip
    """Return people with everything that conditions read."""
    own, of_account = used_fields(document, rules)
    table = known_leads(facts, own, at)
    table = _with_account(table, known_accounts(facts, of_account, at), of_account)
    table = _with_lists(table, facts, document.lists(), at)
    tests = input_tests(document_exprs(document, rules))
    wanted = measures(rules)
    if facts.field_changes is not None and (own or of_account):
        table = session.keep("known_people", table)
    table = measure_columns(stats, table, readers, wanted, at.as_of)
    found = People(table)
    for position, (source, its_tests) in enumerate(tests.items()):
        column = f"c_{position}"
        found.columns[source] = column
        if isinstance(source, Measure):
            _class_number(found, source, its_tests, f"m_{wanted.index(source)}", at, double=False)
        else:
            _class_field(session, found, source, its_tests, document, at)
    lists = [f"on_{n}" for n in range(len(document.lists()))]
    classed = {column: _class_column(found, source, column) for source, column in found.columns.items()}
    found.table = session.keep("people", found.table.select("lead_id", "account_id", "created_us", *lists, **classed))
    found.lists = {name: f"on_{position}" for position, name in enumerate(document.lists())}
    return found


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


def _class_number(found: People, source: Input, tests: tuple[Test, ...], column: str, at: Instants, *, double: bool) -> None:
    scale = 1000 if isinstance(source, Measure) and source.stat == "faded" else 1
    classes = number_classes(tests, at.as_of, scale=scale, double=double)
    found.classes[source] = classes
    found.made[found.columns[source]] = column


def _class_field(session: Session, found: People, source: FieldInput, tests: tuple[Test, ...],
                 document: ModelDocument, at: Instants) -> None:  # fmt: skip
    declared = document.inputs.account_fields if source.of_account else document.inputs.fields
    kind = declared[source.name]
    column = f"a_{source.name}" if source.of_account else field_column(source.name)
    if kind != "string":
        _class_number(found, source, tests, column, at, double=kind == "number")
        return
    distinct = session.fetch(found.table.select(column).distinct())
    classes = text_classes(tests, distinct.column(column).to_pylist(), NoValue(document.inputs.no_value))
    found.classes[source] = classes
    name = found.columns[source]
    mapping = session.upload(f"classes_of_{name}", pa.table({
        "class_value": pa.array(list(classes.values), pa.string()),
        "class_number": pa.array(list(classes.values.values()), pa.int64()),
    }))  # fmt: skip
    mapping = mapping.rename({f"value_of_{name}": "class_value", f"number_of_{name}": "class_number"})
    found.table = left_join(found.table, mapping, column, f"value_of_{name}")


def _class_column(found: People, source: Input, column: str) -> ibis.Value:
    """Return the class of an input: worked out from a number, or looked up for a text (not found means no value)."""
    classes = found.classes[source]
    if isinstance(classes, NumberClasses):
        return classes.column(found.table[found.made[column]])
    return found.table[f"number_of_{column}"].fill_null(0)
