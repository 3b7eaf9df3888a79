"""Slots: where contributions are summed.

A slot is the rule itself, or, when nobody asked for contributions and the rule has neither cap nor mark, straight its *bucket* (its
group, or its axis outside any group).
"""

from dataclasses import dataclass

import ibis

from vaglio.ask import EachActivity
from vaglio.document import ModelDocument
from vaglio.plan.arithmetic import bounded
from vaglio.plan.readers import Scored
from vaglio.terms import AXES, Axis, to_millipoints


@dataclass(frozen=True)
class Bucket:
    """Where slots are summed after their own caps: a group, or an axis."""

    axis: Axis
    group: str | None
    cap: int | None


@dataclass(frozen=True)
class Slot:
    """Where the contributions of some rules are summed, with the cap of their one rule."""

    number: int
    bucket: int
    cap: int | None = None
    rules: tuple[Scored, ...] = ()

    def is_straight(self) -> bool:
        """Whether its value is a sum over activities and nothing else, and shows no mark."""
        return all(isinstance(each.ask, EachActivity) and not each.ask.once_per and not is_marked(each) for each in self.rules)

    def kept(self, value: ibis.Value) -> ibis.Value:
        """Return what its cap leaves of its value."""
        return value if self.cap is None else bounded(value, self.cap)


@dataclass(frozen=True)
class Slots:
    """The buckets, the slots, and the slot of each rule."""

    buckets: tuple[Bucket, ...]
    slots: tuple[Slot, ...]
    of_rule: tuple[int, ...]


def slots(document: ModelDocument, rules: tuple[Scored, ...], *, by_rule: bool) -> Slots:
    """Return the slots of a document; ``by_rule`` gives each rule its own."""
    buckets = [Bucket(axis, None, None) for axis in AXES]
    for axis in AXES:
        buckets += [Bucket(axis, name, to_millipoints(group.at_most)) for name, group in document.axis(axis).groups.items()]
    places = {(bucket.axis, bucket.group): position for position, bucket in enumerate(buckets)}
    found: list[Slot] = []
    shared: dict[int, list[Scored]] = {}
    for scored in rules:
        bucket = places[scored.axis, scored.rule.group]
        if by_rule or scored.rule.at_most is not None or is_marked(scored):
            cap = to_millipoints(scored.rule.at_most) if scored.rule.at_most is not None else None
            found.append(Slot(scored.number, bucket, cap, (scored,)))
        else:
            shared.setdefault(bucket, []).append(scored)
    found += [Slot(len(rules) + bucket, bucket, None, tuple(its)) for bucket, its in shared.items()]
    of_rule = {scored.number: slot.number for slot in found for scored in slot.rules}
    return Slots(tuple(buckets), tuple(found), tuple(of_rule[scored.number] for scored in rules))


def is_marked(scored: Scored) -> bool:
    """Whether a rule names something that shows when it fires."""
    rule = scored.rule
    return bool(rule.flag or getattr(rule, "role", None) or getattr(rule, "answer", None))
