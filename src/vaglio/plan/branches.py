"""Branches: which tests of rules with several branches hold of each lead, so that the branch that gave the points can be named."""

from collections.abc import Iterable
from typing import Any

import ibis

from vaglio.ask import Banded
from vaglio.condition import Expr, Leaf, Never, Some, leaves
from vaglio.plan.readers import Scored
from vaglio.plan.values import Answers


def is_branched(ask: Any) -> bool:
    """Return whether a rule has several branches: bands, or one that holds by any of several tests."""
    return isinstance(ask, Banded) and (len(ask.cases) > 1 or any(_forks(expr) for expr, _millipoints in ask.cases))


def _forks(expr: Expr) -> bool:
    if isinstance(expr, Leaf | Never):
        return False
    return (isinstance(expr, Some) and len(expr.parts) > 1) or any(_forks(part) for part in expr.parts)


def tested(rules: Iterable[Scored]) -> tuple[Leaf, ...]:
    """Return the distinct tests of rules with several branches."""
    exprs = (expr for scored in rules if is_branched(scored.ask) for expr, _millipoints in scored.ask.cases)
    return tuple(dict.fromkeys(leaf for expr in exprs for leaf in leaves(expr)))


def branches(answers: Answers) -> ibis.Table | None:
    """Return ``lead_id`` and a boolean ``b_<n>`` of each test in :func:`tested`: whether it holds; None where no rule has branches."""
    tests = tested(answers.rules)
    if not tests:
        return None
    return answers.people.table.select("lead_id", **{f"b_{n}": answers.people.condition(leaf) for n, leaf in enumerate(tests)})
