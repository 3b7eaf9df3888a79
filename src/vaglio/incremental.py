"""Scores brought up to date: only of those leads for whom they may be others than an earlier run gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import ibis

from vaglio.document import ModelDocument, fingerprint
from vaglio.engine import Engine, Run
from vaglio.kept import written_ahead
from vaglio.plan import Facts, Instants, Wanted
from vaglio.plan.due import Remembered, digest_plan, due_plan
from vaglio.plan.facts import facts_of_shape
from vaglio.scoring import Scored, score


@dataclass(frozen=True)
class Rescored:
    """``scores``: the rows of those who were scored; ``dropped``: ``lead_id`` of the earlier rows that no longer hold.

    Both are kept in the engine until :meth:`close`.
    """

    scores: ibis.Table
    dropped: ibis.Table
    runs: tuple[Run, ...]

    def close(self) -> None:
        """Forget every step."""
        for each in self.runs:
            each.close()


def with_digests(engine: Engine, documents: Sequence[ModelDocument], facts: Facts, at: Instants, scored: Scored) -> Scored:
    """Return scores with all that a later :func:`rescore` needs to know: ``fields_digest``, see :mod:`vaglio.plan.digest`.

    Raises
    ------
    EngineError
        The engine failed; the scores are closed.
    """
    runs, tables = list(scored.runs), []
    try:
        for document in documents:
            plan = digest_plan(engine.steps(_token(document)), document, facts_of_shape(facts.shape(), _token(document)))
            runs.append(engine.run(facts, at))
            runs[-1].carry_out(plan)
            tables.append(runs[-1].table(plan, "digests").mutate(model=ibis.literal(document.name, "string")))
    except BaseException:
        for each in runs:
            each.close()
        raise
    return replace(scored, scores=_joined(scored.scores, ibis.union(*tables) if len(tables) > 1 else tables[0]), runs=tuple(runs))


def rescore(engine: Engine, document: ModelDocument, facts: Remembered, at: Instants, since: int) -> Rescored:
    """Score those leads of whom something became known after ``since`` [microseconds UTC], or whose rating time alone may have changed.

    Parameters
    ----------
    facts : Remembered
        With ``previous``: the model's earlier scores, as a table of the engine. Everything that was known at ``since`` went into them, and
        ``at`` is not before any of them.

    Raises
    ------
    EngineError
        The engine failed.
    """
    token = _token(document)
    if facts.recent is not None:  # what became known since is asked of those
        facts = facts.settled(at)
    plan = due_plan(engine.steps(token), document, facts_of_shape(facts.shape(), token, Remembered), since)
    running = engine.run(facts, at)
    try:
        with written_ahead(engine, document, _near(facts, plan.results).shape(), Wanted(clock=True)):
            running.carry_out(plan)
            due = {name: running.table(plan, name) for name in plan.results}
            scored = score(engine, [document], _near(facts, due), at, next_change=True)
        digests = due["digests"].mutate(model=ibis.literal(document.name, "string"))
        return Rescored(_joined(scored.scores, digests), due["dropped"], (*scored.runs, running))
    except BaseException:
        running.close()
        raise


def _near(facts: Facts, due: Mapping[str, ibis.Table]) -> Facts:
    """Return the facts that scoring those who are due takes."""
    return Facts(due["leads"], facts.accounts, due.get("activities"), due.get("field_changes"), facts.lists)


def _joined(scores: ibis.Table, digests: ibis.Table) -> ibis.Table:
    digests = digests.select(its_id="lead_id", its_model="model", fields_digest="fields_digest")
    joined = scores.left_join(digests, [("lead_id", "its_id"), ("model", "its_model")])
    return joined.select(*scores.columns, "fields_digest")


def _token(document: ModelDocument) -> str:
    return f"due{fingerprint(document)[:16]}_"
