"""Detail: what each single activity gave. The rows of a rule sum exactly to its line."""

import ibis
import pyarrow as pa

from vaglio.ask import EachActivity
from vaglio.plan.each import faded_rows, once_rows
from vaglio.plan.joins import inner_join
from vaglio.plan.measured import each_rules
from vaglio.plan.slots import slots
from vaglio.plan.values import Answers


def detail(answers: Answers, contributions: ibis.Table) -> ibis.Table:
    """Return ``lead_id, axis, rule_id, part, activity_type, occurred_us, message_id, millipoints``.

    Rules that reward each activity have a row per activity; every other line has one row without an activity.
    """
    each = [scored.rule.id for scored in answers.rules if isinstance(scored.ask, EachActivity)]
    whole = contributions.filter(~(contributions.rule_id.isin(each) & (contributions.part == "rule")))
    nothing = {"activity_type": ibis.null("string"), "occurred_us": ibis.null("int64"), "message_id": ibis.null("string")}
    keys = ["lead_id", "axis", "rule_id", "part"]
    parts = [whole.select(*keys, **nothing, millipoints=whole.millipoints)]
    if answers.signatures is not None:
        parts += _each_rows(answers, contributions, keys)
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _each_rows(answers: Answers, contributions: ibis.Table, keys: list[str]) -> list[ibis.Table]:
    assert answers.signatures is not None
    rules = each_rules(answers.rules, answers.readers, slots(answers.document, answers.rules, by_rule=True))
    plain = [rule for rule in rules if not rule.ask.once_per]
    once = [rule for rule in rules if rule.ask.once_per]
    found = [
        faded_rows(answers.signatures, "detail_each", plain, told=True),
        once_rows(answers.signatures, "detail_once", once, detail=True),
    ]
    names = rule_names(answers, "detail_names")
    scored = contributions.select(scored_id="lead_id").distinct()
    parts = []
    for rows in found:
        if rows is not None:
            slim = rows.select("lead_id", "rule", "activity_type", "occurred_us", message_id=message_of(rows), millipoints=rows["value"])
            named = inner_join(inner_join(slim, names, ["rule"]), scored, [("lead_id", "scored_id")])
            named = named.mutate(part=ibis.literal("rule", "string"))
            parts.append(named.select(*keys, "activity_type", "occurred_us", "message_id", "millipoints"))
    return parts


def message_of(rows: ibis.Table) -> ibis.Value:
    """Return the message that each activity came by, null where activities have none."""
    message: ibis.Value = rows.message_id if "message_id" in rows.columns else ibis.null("string")
    return message


def rule_names(answers: Answers, name: str) -> ibis.Table:
    """Return the axis and id of each rule as a mapping ``rule, axis, rule_id`` of that name."""
    names = pa.table({
        "rule": pa.array([rule.number for rule in answers.rules], pa.int64()),
        "axis": pa.array([rule.axis for rule in answers.rules], pa.string()),
        "rule_id": pa.array([rule.rule.id for rule in answers.rules], pa.string()),
    })  # fmt: skip
    return answers.steps.mapping(name, names.schema, lambda _found: names)
