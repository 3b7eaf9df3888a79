"""What counted: the lines of a lead as reasons, each rule less what its caps took."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaglio.document import ModelDocument

Name = tuple[str, str, str]  # axis, rule, group or axis, part: rule, cap or floor


def counted(document: "ModelDocument", lines: Mapping[Name, int]) -> dict[Name, int]:
    """Return what each rule gave after its own cap; rules whose group was capped as one, by the group's name [millipoints].

    The bounds of an axis stay lines of their own, so an axis still sums to its score.
    """
    group_of: dict[tuple[str, str], str | None] = {(axis, rule.id): rule.group for axis, rule in document.rules()}
    found: Counter[Name] = Counter()
    for (axis, name, part), millipoints in lines.items():
        group = group_of.get((axis, name))
        reason = group if group is not None and (axis, group, "cap") in lines else name
        found[axis, reason, part if name == axis else "rule"] += millipoints
    return {name: millipoints for name, millipoints in found.items() if millipoints}
