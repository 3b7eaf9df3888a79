"""Lines of explanation in words: which rule, what it says, which part of it."""

from functools import cached_property

from vaglio.document import ModelDocument
from vaglio.report.words import _, plain
from vaglio.rule import Rule, points_words
from vaglio.terms import AXES, Axis


class Explainer:
    """Says what a line of a contribution means in one document."""

    def __init__(self, document: ModelDocument) -> None:
        self.document = document

    @cached_property
    def _rules(self) -> dict[tuple[str, str], Rule]:
        return {(axis, rule.id): rule for axis, rule in self.document.rules()}

    def title(self, axis: str, rule_id: str, part: str) -> str:
        """Return the name of a line: the rule's id, or what bounded it."""
        if part == "rule":
            return rule_id
        name = self.axis_name(axis) if rule_id == axis else rule_id
        return _("cap of {name}").format(name=name) if part == "cap" else _("floor of {name}").format(name=name)

    def sentence(self, axis: str, rule_id: str, part: str, millipoints: int | None = None) -> str:
        """Return a line in words; with ``millipoints``, only the band of the rule that gave them."""
        if part != "rule":
            return self._bound(axis, rule_id, part, millipoints or 0)
        rule = self._rules.get((axis, rule_id))
        if rule is None:
            return _("where every lead starts") if rule_id == "intercept" else ""
        return rule.sentence() if millipoints is None else _said(rule.sentence(), millipoints)

    def _bound(self, axis: str, rule_id: str, part: str, millipoints: int) -> str:
        limit = self._limit(axis, rule_id)
        if part == "floor":
            return _("raised to the lowest score possible")
        if limit is None:
            return _("lost to the cap") if millipoints < 0 else _("spared by the cap")
        text = _("lost to the cap of {limit} points") if millipoints < 0 else _("spared by the cap of {limit} points")
        return text.format(limit=limit)

    def _limit(self, axis: str, rule_id: str) -> str | None:
        side = self.document.axis("profile" if axis == "profile" else "engagement")
        rule = self._rules.get((axis, rule_id))
        if rule is not None and rule.at_most is not None:
            return points_words(int(rule.at_most * 1000)).lstrip("+")
        cap = side.groups[rule_id].at_most if rule_id in side.groups else side.at_most
        return None if cap is None else points_words(int(cap * 1000)).lstrip("+")

    @staticmethod
    def axis_name(axis: str) -> str:
        """Return what readers call an axis."""
        return _("Fit") if axis == "profile" else _("Engagement")

    def order(self) -> dict[tuple[Axis, str], int]:
        """Return the place of every rule in the document."""
        places = ((axis, rule.id) for axis in AXES for rule in self.document.axis(axis).rules)
        return {place: position for position, place in enumerate(places)}


def _said(sentence: str, millipoints: int) -> str:
    """Return the only part of a banded rule's sentence that gives these points, without repeating them."""
    start = f"{points_words(millipoints)} when "
    parts = [part for part in sentence.split("; otherwise ") if part.startswith(start)]
    return parts[0].removeprefix(start) if len(parts) == 1 else sentence


def shown_names(joined: str | None) -> tuple[str, ...]:
    """Return names joined by ``;`` as words."""
    return tuple(plain(name) for name in joined.split(";") if name) if joined else ()
