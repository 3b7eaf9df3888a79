"""People: one row per lead as known, with the class of every input, list membership, and whether it is in the audience."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

import ibis
import pyarrow as pa
from ibis import _

from vaglio.ask import Banded, Measure
from vaglio.condition import Every, Expr, FieldInput, Leaf, Never, Test, condition_expr, leaves
from vaglio.document import ModelDocument
from vaglio.plan.aging import date_event
from vaglio.plan.arithmetic import whole
from vaglio.plan.chains import every, some
from vaglio.plan.classes import NumberClasses, number_classes
from vaglio.plan.context import Context
from vaglio.plan.facts import Facts, field_column
from vaglio.plan.holds import NoValue
from vaglio.plan.joins import left_join, left_joins
from vaglio.plan.known import known_members, known_people
from vaglio.plan.marks import Marks, TextTests
from vaglio.plan.measured import Measured, colleagues, measure_value
from vaglio.plan.readers import Readers, Scored
from vaglio.plan.steps import Found, Now, Steps, ask_texts, told_texts
from vaglio.terms import InputType

Input = FieldInput | Measure
Joined = tuple[ibis.Table, str, str]  # a table to join, the key of people, its own key
TEXTS = "texts_of_people"

# Of the columns that vaglio.plan names by their first letter:
_READ_LATER = ("l_", "o_", "p_", "s_")  # what scores are made of, after people are judged
_INSTANTS = ("l_", "x_")  # where there is none there is no activity; of all others it is 0


@dataclass
class People:
    """``table``: ``lead_id, created_us``, the class of each number, the marks of each text, a boolean per list, what was measured.

    ``accounts``: every lead known with its ``account_id``, in any audience or none, where a rule counts colleagues.
    """

    table: ibis.Table
    columns: dict[Input, str] = field(default_factory=dict)
    classes: dict[Input, NumberClasses] = field(default_factory=dict)
    marks: dict[Input, Marks] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    accounts: ibis.Table | None = None

    def condition(self, expr: Expr) -> ibis.Value:
        """Return an expression over inputs as a boolean column."""
        if isinstance(expr, Leaf):
            if expr.input in self.marks:
                return self.marks[expr.input].condition(self.table, expr)
            return self.classes[expr.input].condition(self.table[self.columns[expr.input]], expr)
        if isinstance(expr, Never):
            return ~self.condition(expr.part)
        return (every if isinstance(expr, Every) else some)(self.condition(part) for part in expr.parts)

    def known(self, source: Input) -> ibis.Value:
        """Return whether an input has a value."""
        return self.marks[source].known(self.table) if source in self.marks else self.table[self.columns[source]] != 0

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
    steps, document, facts, at = context.steps, context.document, context.facts, context.at
    rules, readers = context.rules, context.readers
    own, of_account = used_fields(document, rules)
    tests = input_tests(document_exprs(document, rules))
    together = [source for source in tests if isinstance(source, Measure) and source.stat == "colleagues"]
    table = known_people(steps, facts, own, of_account)
    table = _with_lists(table, facts, document.lists(), at)
    if together or (facts.field_changes is not None and (own or of_account)):
        table = steps.keep("known_people", table)
    made = People(table, columns={source: f"c_{position}" for position, source in enumerate(tests)})
    made.accounts = table if together else None
    made.lists = {name: f"on_{position}" for position, name in enumerate(document.lists())}
    for source, its_tests in tests.items():
        if not _is_text(source, document):
            made.classes[source] = _number_classes(source, its_tests, document)
    others = _text_mappings(steps, made, tests, document)
    others += [(each, "lead_id", "lead_id") for each in found.tables]
    for position, source in enumerate(together):
        counted = colleagues(found, table, readers, source)
        if counted is not None:
            others.append((counted.rename(**{f"colleagues_{position}": "n"}), "account_id", "account_id"))
    joined = left_joins(table, others) if others else table
    columns = {
        made.columns[source]: classes.column(_number(joined, source, readers, together, at), at.as_of, nullable=_can_be_nothing(source))
        for source, classes in made.classes.items()
    }
    for marks in made.marks.values():
        columns |= marks.columns(joined)
    stages = {f"n_{readers.of_stage(stage).number}" for stage in document.journey}
    carried = [name for name in found.columns() if clock or name.startswith(_READ_LATER) or name in stages]
    if clock:
        columns |= _dates(joined, tests, document, at) | {"account_id": joined.account_id}
    made.table = joined.select(
        "lead_id", "created_us", *made.lists.values(), **columns,
        **{name: joined[name] if name.startswith(_INSTANTS) else joined[name].fill_null(0) for name in carried},
    )  # fmt: skip
    made.table = steps.keep("people", made.table) if clock else steps.shallow("people", made.table)
    return made


def _with_lists(table: ibis.Table, facts: Facts, names: tuple[str, ...], at: Now) -> ibis.Table:
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


def _dates(joined: ibis.Table, tests: dict[Input, tuple[Test, ...]], document: ModelDocument, at: Now) -> dict[str, ibis.Value]:
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


def _is_text(source: Input, document: ModelDocument) -> bool:
    return isinstance(source, FieldInput) and _type_of(source, document) == "string"


def _number_classes(source: Input, tests: tuple[Test, ...], document: ModelDocument) -> NumberClasses:
    if isinstance(source, Measure):
        return number_classes(tests, scale=1000 if source.stat == "faded" else 1)
    return number_classes(tests, double=_type_of(source, document) == "number")


def _text_mappings(steps: Steps, made: People, tests: dict[Input, tuple[Test, ...]], document: ModelDocument) -> list[Joined]:
    """Judge every text field by its distinct values, and return the mappings of their marks to join."""
    texts = [source for source in tests if isinstance(source, FieldInput) and _is_text(source, document)]
    if not texts:
        return []
    no_value = NoValue(document.inputs.no_value)
    asked = [_column_of(source) for source in texts]
    ask_texts(steps, TEXTS, made.table, asked)

    def told(found: Found) -> dict[str, pa.ChunkedArray]:
        return told_texts(found, TEXTS, asked)

    others: list[Joined] = []
    for source, column in zip(texts, asked, strict=True):
        marks = made.marks[source] = Marks(TextTests(tests[source], no_value), made.columns[source])
        rows = partial(_marked, marks, column, told)
        others.append((steps.mapping(f"marks_of_{made.columns[source]}", marks.schema(), rows), column, marks.key))
    return others


def _marked(marks: Marks, column: str, told: Callable[[Found], dict[str, pa.ChunkedArray]], found: Found) -> pa.Table:
    return marks.rows(found.concluded(told)[column])


def _can_be_nothing(source: Input) -> bool:
    """Return whether an input may have no value: sums and counts always have one."""
    return isinstance(source, FieldInput) or source.stat in ("age", "days_since", "colleagues")


def _number(joined: ibis.Table, source: Input, readers: Readers, together: list[Measure], at: Now) -> ibis.Value:
    """Return the number of an input, or null."""
    if isinstance(source, FieldInput):
        return joined[_column_of(source)]
    if source.stat != "colleagues":
        return measure_value(joined, readers, source, at.as_of)
    column = f"colleagues_{together.index(source)}"
    counted = joined[column].fill_null(0) if column in joined.columns else whole(0)
    return ibis.ifelse(joined.account_id.isnull(), ibis.null("int64"), counted)
