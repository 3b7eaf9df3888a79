"""The verbs: score, explain, diff, replay. One door to the engine for the command line, the server and the learner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import pyarrow as pa

from vaglio import asking
from vaglio.comparison import moves, moving_rules
from vaglio.document import ModelDocument
from vaglio.engine import Engine, Run
from vaglio.explanation import EXPLAINED, Explanation, explanation
from vaglio.kept import run
from vaglio.plan import Facts, Instants, Wanted

EXPLAINING = Wanted(by_rule=True, detail=True, counted=True)


@dataclass(frozen=True)
class Scored:
    """Scores of one or several models, kept in the engine until :meth:`close`."""

    scores: ibis.Table
    contributions: ibis.Table | None
    detail: ibis.Table | None
    runs: tuple[Run, ...]

    def close(self) -> None:
        """Forget every step."""
        for each in self.runs:
            each.close()


def score(
    engine: Engine,
    documents: Sequence[ModelDocument],
    facts: Facts,
    at: Instants,
    *,
    contributions: bool = False,
    detail: bool = False,
    next_change: bool = False,
) -> Scored:
    """Score facts with one or more models.

    Returns
    -------
    Scored
        ``scores``: one row per model and lead of its audience (columns in :data:`vaglio.results.SCORES`); ``contributions``, when
        asked for: lines whose millipoints sum exactly to the scores (:data:`vaglio.results.CONTRIBUTIONS`); ``detail``, when asked for:
        what each activity gave (:data:`vaglio.results.DETAIL`), with contributions. With ``next_change``, scores have one more column,
        ``next_change_at``: an instant before which rating, flags and exclusion surely stay as they are if nothing happens, null where
        time alone changes nothing.

    Raises
    ------
    EngineError
        The engine failed.
    """
    done: list[Run] = []
    found: dict[str, list[ibis.Table]] = {"scores": [], "contributions": [], "detail": []}
    try:
        for document in documents:
            running, plan = run(engine, document, facts, at, Wanted(by_rule=contributions, detail=detail, clock=next_change))
            done.append(running)
            for name in plan.results.keys() & found.keys():
                found[name].append(running.table(plan, name))
    except BaseException:
        for each in done:
            each.close()
        raise
    lines, rows = (_union(found[name]) if found[name] else None for name in ("contributions", "detail"))
    return Scored(_union(found["scores"]), lines, rows, tuple(done))


def score_rows(engine: Engine, document: ModelDocument, facts: Facts, at: Instants, *, next_change: bool = False) -> list[dict[str, Any]]:
    """Score facts with one model and return the rows of ``scores``, see :func:`score`. Nothing is kept in the engine.

    Raises
    ------
    EngineError
        The engine failed.
    """
    running, plan = run(engine, document, facts, at, Wanted(clock=next_change))
    try:
        return running.arrow(plan, "scores").to_pylist()
    finally:
        running.close()


def score_tables(
    engine: Engine, document: ModelDocument, facts: Facts, at: Instants, *, next_change: bool = False
) -> tuple[pa.Table, pa.Table]:
    """Score facts with one model and return ``scores`` and ``contributions``, see :func:`score`. Nothing is kept in the engine.

    Raises
    ------
    EngineError
        The engine failed.
    """
    running, plan = run(engine, document, facts, at, Wanted(by_rule=True, clock=next_change))
    try:
        return running.arrow(plan, "scores"), running.arrow(plan, "contributions")
    finally:
        running.close()


def _union(tables: list[ibis.Table]) -> ibis.Table:
    return ibis.union(*tables) if len(tables) > 1 else tables[0]


def explain(engine: Engine, document: ModelDocument, facts: Facts, at: Instants, lead_id: str) -> Explanation | None:
    """Explain the score of one lead; None when it does not exist or is outside the audience."""
    return explain_among(engine, document, _near(engine, facts, lead_id), at, lead_id)


def explain_among(engine: Engine, document: ModelDocument, facts: Facts, at: Instants, lead_id: str) -> Explanation | None:
    """Explain the score of one lead as :func:`explain` does, given only the facts that can touch it: all of them are scored."""
    running, plan = run(engine, document, facts, at, EXPLAINING)
    try:
        return explanation(running, document, plan, lead_id)
    finally:
        running.close()


def prepare_explanations(engine: Engine, document: ModelDocument, facts: Facts, at: Instants) -> None:
    """Write and compile all that :func:`explain_among` carries out over facts of this shape: the first of a process waits for it."""
    running, plan = run(engine, document, facts, at, EXPLAINING)
    try:
        for result in plan.results.keys() & EXPLAINED:
            running.arrow(plan, result)
    finally:
        running.close()


def _near(engine: Engine, facts: Facts, lead_id: str) -> Facts:
    """Return the facts that can touch one lead: its own, and those of everybody at an account it has or had."""
    leads = facts.leads
    accounts = [row["account_id"] for row in engine.arrow(leads.filter(leads.lead_id == lead_id).select("account_id")).to_pylist()]
    changes = facts.field_changes
    if changes is not None:
        moves = changes.filter(changes.field == "account_id", changes.id == lead_id).select("text")
        accounts += [row["text"] for row in engine.arrow(moves).to_pylist()]
    accounts = [account for account in accounts if account]
    own = leads.lead_id == lead_id
    near = leads.filter(own | leads.account_id.isin(accounts)) if accounts else leads.filter(own)
    ids = [row["lead_id"] for row in engine.arrow(near.select("lead_id")).to_pylist()]
    if changes is not None and accounts:
        movers = changes.filter(changes.field == "account_id", changes.text.isin(accounts)).select("id").distinct()
        ids = list(dict.fromkeys(ids + [row["id"] for row in engine.arrow(movers).to_pylist()]))
    activities = facts.activities
    return facts.replace(
        leads=leads.filter(leads.lead_id.isin(ids)) if ids else near,
        activities=asking.near(activities, ids or [lead_id]) if activities is not None else None,
        field_changes=changes.filter(changes.id.isin([*(ids or [lead_id]), *accounts])) if changes is not None else None,
    )


def diff(engine: Engine, before: ModelDocument, after: ModelDocument, facts: Facts, at: Instants) -> dict[str, Any]:
    """Compare two models on the same facts: who moves from which cell to which, and which rules move them.

    Returns
    -------
    dict
        ``moves``: list of ``from, to, leads`` (a cell, ``excluded`` or ``no row``); ``rules``: list of ``rule_id, axis, part, leads,
        millipoints`` over the leads that move, after their caps; ``unchanged`` and ``moved``: counts.
    """
    first = score(engine, [before], facts, at, contributions=True)
    second = score(engine, [after], facts, at, contributions=True)
    try:
        found = moves(engine, first.scores, second.scores)
        rules = moving_rules(engine, (before, after), first, second)
    finally:
        first.close()
        second.close()
    stayed = sum(row["leads"] for row in found if row["from"] == row["to"])
    moved = [row for row in found if row["from"] != row["to"]]
    return {"moves": moved, "rules": rules, "unchanged": stayed, "moved": sum(row["leads"] for row in moved)}


def replay(engine: Engine, document: ModelDocument, facts: Facts, instants: Sequence[Instants], lead_id: str) -> list[dict[str, Any]]:
    """Return the score of one lead at several instants, as it was known then; instants at which it had no row are left out."""
    near = _near(engine, facts, lead_id)
    return [row for at in instants for row in score_rows(engine, document, near, at) if row["lead_id"] == lead_id]
