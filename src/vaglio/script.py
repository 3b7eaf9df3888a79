"""A model as a script of SQL: the same plan, written down instead of run."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import ibis

from vaglio.dates import format_instant
from vaglio.document import ModelDocument
from vaglio.engine import planning
from vaglio.engines import require
from vaglio.plan import Facts, Instants, Wanted, build
from vaglio.plan.facts import COLUMN_TYPES, field_column, property_column
from vaglio.plan.steps import Ask, Keep, Step, Steps, Try, with_instants
from vaglio.terms import InputType

Written = Callable[[ibis.Table], str]


def fact_tables(document: ModelDocument) -> Facts:
    """Return the fact tables of a document as named tables that belong to no engine."""
    inputs = document.inputs
    base = {"lead_id": "string", "account_id": "string", "created_us": "int64"}
    activities = {name: "string" for name in ("lead_id", "activity_type", "message_id")}
    activities |= {"occurred_us": "int64", "received_us": "int64", "is_machine": "boolean", "machine_us": "int64"}
    changes = {name: "string" for name in ("subject", "id", "field", "text")} | {"number": "float64", "whole": "int64", "known_us": "int64"}
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
    told = f"-- as of {format_instant(at.as_of)}, known at {format_instant(at.known_at)}: the row of instants"
    if engine == "duckdb":
        return _script(Steps(""), document, [told], "CREATE TEMP TABLE", lambda table: str(ibis.to_sql(table, dialect=engine)))
    words: Any = import_module(f"vaglio.engines.{engine}.script")

    def written(table: ibis.Table) -> str:
        return with_instants(words.written(table, pretty=True), "", vars(at))

    return _script(words.Steps(""), document, [told.removesuffix(": the row of instants"), *words.BEFORE], words.KEEP, written)


def _script(steps: Steps, document: ModelDocument, before: list[str], keep: str, written: Written) -> str:
    with planning("sql"):
        plan = build(steps, document, fact_tables(document), Wanted(by_rule=True))
        said = [_written(step, keep, written) for step in plan.steps]
        return "\n\n".join([*before, *said, f"-- scores, as they are shown\n{written(plan.results['scores'])};"])


def _written(step: Step, keep: str, written: Written) -> str:
    """Return a step in SQL. Mappings, which are made of the facts' distinct values, are only described."""
    if isinstance(step, Ask):
        return f"-- {step.name}: asked for\n{written(step.table)};"
    if isinstance(step, Keep | Try):
        table = step.table if isinstance(step, Keep) else step.ways[-1]()
        return f"-- {step.name}\n{keep} {step.name} AS\n{written(table)};"
    return f"-- {step.name} ({', '.join(step.schema.names)}): a mapping Vaglio makes from the answers so far and uploads"
