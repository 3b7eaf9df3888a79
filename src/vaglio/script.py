"""A model as a script of SQL: the same plan, written down instead of run."""

from collections.abc import Sequence
from typing import Any

import ibis
import pyarrow as pa

from vaglio.document import ModelDocument
from vaglio.engines import require
from vaglio.plan import Facts, Instants, build
from vaglio.plan.facts import COLUMN_TYPES, field_column, property_column
from vaglio.plan.session import Order
from vaglio.terms import InputType


class Recorder:
    """A session that writes each step down. Mappings, which are made from the data's distinct values, are only described."""

    def __init__(self, dialect: str) -> None:
        self._dialect = dialect
        self.steps: list[str] = []

    def keep(self, name: str, table: ibis.Table) -> ibis.Table:
        """Write a step down."""
        self.steps.append(f"-- {name}\nCREATE TEMP TABLE {name} AS\n{ibis.to_sql(table, dialect=self._dialect)};")
        return ibis.table(table.schema(), name=name)

    def ranked(self, name: str, table: ibis.Table, order: Sequence[Order]) -> ibis.Table:
        """Write a step down, its ranks by a window."""
        keys = [ibis.desc(each.column) if each.down else ibis.asc(each.column) for each in order]
        return self.keep(name, table.mutate(rank=ibis.row_number().over(ibis.window(order_by=keys)) + 1))

    def upload(self, name: str, rows: pa.Table) -> ibis.Table:
        """Describe a mapping."""
        columns = ", ".join(rows.column_names)
        self.steps.append(f"-- {name} ({columns}): a mapping Vaglio makes from the distinct values it finds and uploads")
        return ibis.table(ibis.Schema.from_pyarrow(rows.schema), name=name)

    def coded(self, text: ibis.Value) -> None:
        """Compare texts: a reader of the script can follow them."""

    def fetch(self, table: ibis.Table) -> pa.Table:
        """Return no values: nothing is run."""
        self.steps.append(f"-- asked for distinct values\n{ibis.to_sql(table, dialect=self._dialect)};")
        return table.schema().to_pyarrow().empty_table()


def fact_tables(document: ModelDocument) -> Facts:
    """Return the fact tables of a document as named tables that belong to no engine."""
    inputs = document.inputs
    base = {"lead_id": "string", "account_id": "string", "created_us": "int64"}
    activities = {name: "string" for name in ("lead_id", "activity_type", "message_id")}
    activities |= {"occurred_us": "int64", "received_us": "int64", "is_machine": "boolean", "machine_us": "int64"}
    changes = {"subject": "string", "id": "string", "field": "string", "text": "string", "number": "float64", "known_us": "int64"}
    lists = {name: "string" for name in ("list", "member_type", "member_id")} | {n: "int64" for n in ("from_us", "to_us", "known_us")}
    return Facts(
        leads=_table("leads", base, inputs.fields, field_column),
        accounts=_table("accounts", {"account_id": "string"}, inputs.account_fields, field_column),
        activities=_table("activities", activities, inputs.property_types(), property_column),
        field_changes=ibis.table(changes, name="field_changes"),
        lists=ibis.table(lists, name="lists"),
    )


def _table(name: str, base: dict[str, str], inputs: dict[str, InputType], column: Any) -> ibis.Table:
    return ibis.table(base | {column(key): COLUMN_TYPES[kind] for key, kind in inputs.items()}, name=name)


def script(document: ModelDocument, engine: str, at: Instants) -> str:
    """Return the SQL of a model for an engine.

    Raises
    ------
    UnsupportedError
        There is no such engine in this version.
    """
    require(engine)
    recorder = Recorder(engine)
    plan = build(recorder, document, fact_tables(document), at, by_rule=True)
    recorder.steps.append(f"-- scores, as they are shown\n{ibis.to_sql(plan.scores, dialect=engine)};")
    if plan.contributions is not None:
        recorder.keep("contributions", plan.contributions)
    return "\n\n".join(recorder.steps)
