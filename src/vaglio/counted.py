"""What counted: the lines of a lead as reasons, each rule less what its caps took."""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaglio.document import ModelDocument

Name = tuple[str, str, str]  # axis, rule, group or axis, part: rule, cap or floor
Groups = Mapping[tuple[str, str], str]  # the group of each rule that has one, by axis and rule


def counted(document: "ModelDocument", lines: Mapping[Name, int]) -> dict[Name, int]:
    """Return what each rule gave after its own cap; rules whose group was capped as one, by the group's name [millipoints].

    The bounds of an axis stay lines of their own, so an axis still sums to its score.
    """
    groups = groups_of(document)
    return netted(groups, lines, capped(groups, lines))


def reasons_of(document: "ModelDocument", lines: Mapping[Name, int]) -> dict[Name, int]:
    """Return what counted for a lead, the most first, by name where points are alike: engines hand lines out in any order.

    Where every lead starts is left out: that is no reason to call this one.
    """
    found = ((name, points) for name, points in counted(document, lines).items() if name[1] != "intercept")
    return dict(sorted(found, key=lambda reason: (-abs(reason[1]), reason[0])))


def groups_of(document: "ModelDocument") -> Groups:
    """Return which rules are in groups."""
    return {(axis, rule.id): rule.group for axis, rule in document.rules() if rule.group is not None}


def capped(groups: Groups, lines: Mapping[Name, int]) -> set[tuple[str, str]]:
    """Return the groups from which a cap took something, by axis and name."""
    named = {(axis, group) for (axis, _rule), group in groups.items()}
    return {(axis, name) for axis, name, part in lines if part == "cap" and (axis, name) in named}


def netted(groups: Groups, lines: Mapping[Name, int], as_one: Collection[tuple[str, str]]) -> dict[Name, int]:
    """Return lines as :func:`counted` does; groups stand ``as_one`` where that is said, so that two results can be held together."""
    found: Counter[Name] = Counter()
    for (axis, name, part), millipoints in lines.items():
        group = groups.get((axis, name))
        reason = group if group is not None and (axis, group) in as_one else name
        found[axis, reason, part if name == axis else "rule"] += millipoints
    return {name: millipoints for name, millipoints in found.items() if millipoints}


def changed(groups: tuple[Groups, Groups], before: Mapping[Name, int], after: Mapping[Name, int]) -> dict[Name, int]:
    """Return what each rule gives a lead more or less after its caps; a group that either of two models caps is one."""
    sides = list(zip(groups, (before, after), strict=True))
    as_one = set().union(*(capped(its, lines) for its, lines in sides))
    one, other = (netted(its, lines, as_one) for its, lines in sides)
    found = {name: other.get(name, 0) - one.get(name, 0) for name in one.keys() | other.keys()}
    return {name: millipoints for name, millipoints in found.items() if millipoints}
