"""A cap smaller than the largest single thing under it, so that a promised award is never paid in full."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from vaglio.document.checks.reach import largest
from vaglio.document.model import ModelDocument, RuleSet
from vaglio.document.text import Path
from vaglio.errors import Issue
from vaglio.rule import Rule, points_words
from vaglio.terms import AXES, to_millipoints

CODE = "cap_below_rule"
_HINT = "raise at_most, or lower the points"


def check(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    """Yield each cap of a rule, a group or an axis that its largest rule cannot fit under."""
    for axis in AXES:
        ruleset = document.axis(axis)
        for position, rule in enumerate(ruleset.rules):
            if rule.at_most is not None and largest(rule) > to_millipoints(rule.at_most):
                path: Path = (axis, "rules", position, "at_most")
                yield path, _issue(rule.at_most, "one award of this rule", largest(rule))
        for name, group in ruleset.groups.items():
            members = [rule for rule in ruleset.rules if rule.group == name]
            yield from _bound(group.at_most, members, (axis, "groups", name))
        if ruleset.at_most is not None:
            yield from _axis(ruleset, ruleset.at_most, axis)


def _axis(ruleset: RuleSet, cap: Decimal, axis: str) -> Iterator[tuple[Path, Issue]]:
    free = [rule for rule in ruleset.rules if not rule.group]
    yield from _bound(cap, free, (axis, "at_most"))
    for name, group in ruleset.groups.items():
        if group.at_most > cap:
            yield (axis, "at_most"), _issue(cap, f"the group {name}", to_millipoints(group.at_most))


def _bound(cap: Decimal, rules: Sequence[Rule], path: Path) -> Iterator[tuple[Path, Issue]]:
    top = max(rules, key=_own, default=None)
    if top is not None and _own(top) > to_millipoints(cap):
        yield path, _issue(cap, f"the rule {top.id}", _own(top))


def _own(rule: Rule) -> int:
    """Return the largest single thing a rule gives after its own cap."""
    return largest(rule) if rule.at_most is None else min(largest(rule), to_millipoints(rule.at_most))


def _issue(cap: Decimal, what: str, millipoints: int) -> Issue:
    return Issue(CODE, f"at_most: {cap} is below {what}, which alone gives {points_words(millipoints)}", _HINT)
