"""Counted: the activities behind rules whose points hang on a number, an instant or a silence, and on no activity alone.

They are the rows that the rules themselves read: the same readers, windows and marks, taken before they are counted. Of rules that gave
nothing there are those, too; a run or a sequence that is so old that it gives nothing is told all the same.
"""

import ibis
from ibis import _

from vaglio.ask import Banded, Idle, Measure, Moment
from vaglio.plan.arithmetic import halved, whole
from vaglio.plan.detail import rule_names
from vaglio.plan.each import aged_rows, identity
from vaglio.plan.joins import inner_join, left_join
from vaglio.plan.moments import moment_rows
from vaglio.plan.readers import Reader, Scored, measures
from vaglio.plan.values import Answers

LATEST = ("age", "days_since", "colleagues")  # of these the latest activity, of each colleague, says all
_COLUMNS = {"lead_id": "string", "rule": "int64", "place": "int64", "doer_id": "string",
            "activity_type": "string", "occurred_us": "int64", "message_id": "string"}  # fmt: skip


def counting(scored: Scored) -> tuple[str, ...]:
    """Return what a rule reads of activities that have no points of their own: the statistic of each place, in order."""
    if isinstance(scored.ask, Banded):
        return tuple(measure.stat for measure in measures((scored,)))
    if isinstance(scored.ask, Moment):
        return ("moment",)
    return ("silence",) if isinstance(scored.ask, Idle) else ()


def counted(answers: Answers) -> ibis.Table | None:
    """Return ``lead_id, axis, rule_id, place, doer_id, activity_type, occurred_us, message_id`` of every rule that counts.

    ``place`` is a place in what :func:`counting` returns. ``doer_id`` is the lead, or the colleague who did it. None: no rule counts.
    """
    if answers.signatures is None:
        return None
    parts = [*_measured(answers), *moment_rows(answers.signatures, answers.rules)]
    if not parts:
        return None
    rows = [_slim(part) for part in parts]
    table = answers.steps.shallow("counted_rows", ibis.union(*rows) if len(rows) > 1 else rows[0])
    named = inner_join(table, rule_names(answers, "counted_names"), ["rule"])
    return named.select("lead_id", "axis", "rule_id", "place", "doer_id", "activity_type", "occurred_us", "message_id")


def _slim(rows: ibis.Table) -> ibis.Table:
    added: dict[str, ibis.Value] = {"place": whole(0), "doer_id": rows.lead_id, "message_id": ibis.null("string")}
    return rows.select(**{name: rows[name] if name in rows.columns else added[name] for name in _COLUMNS}).cast(_COLUMNS)


def _measured(answers: Answers) -> list[ibis.Table]:
    """Return the rows behind measures and silences: those of the leads themselves, and those of colleagues."""
    assert answers.signatures is not None
    rows = aged_rows(answers.signatures, "counted_measures", _chosen(answers), told=True)
    if rows is None:
        return []
    if any(measure.stat == "faded" for measure in measures(answers.rules)):
        rows = rows.filter((rows.half_life == 0) | (halved(whole(1000), rows.age, rows.half_life.nullif(0)) > 0))
    order = ibis.window(group_by=["lead_id", "rule", "place"], order_by=[ibis.desc(rows.occurred_us), *identity(rows)])
    newest = rows.mutate(newest=ibis.row_number().over(order))
    rows = answers.steps.shallow("counted_newest", newest.filter((_.latest == 0) | (_.newest == 0)))
    if any(isinstance(scored.ask, Idle) for scored in answers.rules):
        made = answers.people.table.select(made_id="lead_id", made_us="created_us")
        rows = left_join(rows, made, "lead_id", "made_id").filter((_.idle == 0) | _.made_us.isnull() | (_.occurred_us >= _.made_us))
    known = answers.people.accounts
    if known is None:
        return [rows]
    return [rows.filter(_.together == 0), _of_colleagues(rows.filter(_.together == 1), known)]


def _of_colleagues(rows: ibis.Table, known: ibis.Table) -> ibis.Table:
    """Return rows once for each lead of the account of who did them."""
    doing = inner_join(rows.rename(doer_id="lead_id"), known.select(its_id="lead_id", its_account="account_id"), [("doer_id", "its_id")])
    return inner_join(doing, known.select("lead_id", "account_id"), [("its_account", "account_id")])


def _chosen(answers: Answers) -> list[tuple[Reader, dict[str, int]]]:
    found = []
    for scored in answers.rules:
        if isinstance(scored.ask, Idle):
            reader = answers.readers.of_idle(scored.ask)
            found.append((reader, _constants(scored, 0, reader) | {"latest": 1, "idle": 1}))
        elif isinstance(scored.ask, Banded):
            for place, measure in enumerate(measures((scored,))):
                reader = answers.readers.of_measure(measure)
                found.append((reader, _constants(scored, place, reader) | _of_measure(measure)))
    return found


def _constants(scored: Scored, place: int, reader: Reader) -> dict[str, int]:
    return {"rule": scored.number, "place": place, "horizon": reader.horizon, "latest": 0, "together": 0, "idle": 0, "half_life": 0}


def _of_measure(measure: Measure) -> dict[str, int]:
    return {
        "latest": int(measure.stat in LATEST),
        "together": int(measure.stat == "colleagues"),
        "half_life": measure.half_life_seconds or 0,
    }
