"""Two rules of one axis that both pay for the same single activity, so that one click counts twice.

Rules that need several activities (a run, a sequence, a count from two on) pay for the pattern, not for the activity.
Rules of one group share a cap, which is how a model says that it means it. Learned terms share evidence by design.
"""

from collections.abc import Iterator
from itertools import combinations

from vaglio.ask import Ask, Banded, EachActivity, Idle, Listed, Match, Measure, Run
from vaglio.condition import Expr, leaves
from vaglio.document.checks.never_fires import matches
from vaglio.document.checks.reasoning import Alternative, together, ways
from vaglio.document.model import ModelDocument
from vaglio.document.text import Path
from vaglio.errors import Issue
from vaglio.rule import Rule
from vaglio.terms import AXES

CODE = "double_counting"
_Asked = tuple[set[Alternative] | None, tuple[str, ...]]  # the ways in which an activity is what is asked for, and of which types


def check(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    """Yield the later one of each two rules that pay for the same activity."""
    declared = tuple(document.inputs.activities)
    for axis in AXES:
        paying = [
            (place, rule, [(ways(match.where), _types(match, declared)) for match in matches(rule.ask())])
            for place, rule in enumerate(document.axis(axis).rules)
            if _pays_for_one(rule)
        ]
        for (_, first, its), (place, second, others) in combinations(paying, 2):
            shared = [] if first.group and first.group == second.group else _shared(its, others)
            if shared:
                message = f"pays for the same {' or '.join(shared)} as {first.id}"
                hint = "let where: tell them apart, or put both into one group with at_most"
                yield (axis, "rules", place), Issue(CODE, message, hint)


def _shared(its: list[_Asked], others: list[_Asked]) -> list[str]:
    """Return the activity types that both of two rules can match in one activity."""
    found: list[str] = []
    for asked, types in its:
        for other, other_types in others:
            both = [name for name in types if name in other_types and name not in found]
            if both and together(asked, other):
                found += both
    return found


def _types(match: Match, declared: tuple[str, ...]) -> tuple[str, ...]:
    return match.types or declared


def _pays_for_one(rule: Rule) -> bool:
    """Whether a single activity can earn points."""
    ask: Ask = rule.ask()
    if isinstance(ask, Listed | Idle) or getattr(rule, "kind", "") in ("bands", "bands_2d"):
        return False
    if isinstance(ask, Banded):
        return any(points > 0 and _met_by_one(expr) for expr, points in ask.cases)
    if isinstance(ask, EachActivity):
        return ask.millipoints > 0
    return ask.millipoints > 0 and isinstance(ask.at, Run) and ask.at.at_least == 1


def _met_by_one(expr: Expr) -> bool:
    measured = [leaf for leaf in leaves(expr) if isinstance(leaf.input, Measure)]
    counted = all(int(leaf.test.operators().get("from", 0)) <= 1 for leaf in measured)
    return bool(measured) and counted and all(leaf.input.stat != "colleagues" for leaf in measured)
