"""What the rules of a model read, and which of them read the same: what both give, outcomes do not say of either."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from vaglio.ask import Banded, Listed, Match, Measure
from vaglio.condition import Every, FieldInput, condition_expr, leaves
from vaglio.document import ModelDocument
from vaglio.document.checks.never_fires import matches
from vaglio.document.checks.reasoning import possible
from vaglio.rule import Rule


@dataclass(frozen=True)
class Reads:
    """What a rule reads: fields, lists, and activities, of the lead itself and of its colleagues."""

    fields: frozenset[FieldInput]
    lists: frozenset[str]
    own: tuple[Match, ...]
    colleagues: tuple[Match, ...]

    def meets(self, other: "Reads") -> bool:
        """Whether something that one reads may be what the other reads, too."""
        said = bool(self.fields & other.fields or self.lists & other.lists)
        pairs = [*product(self.own, other.own), *product(self.colleagues, other.colleagues)]
        return said or any(_alike(*pair) for pair in pairs)


def reads(rule: Rule) -> Reads:
    """Return what a rule reads."""
    ask = rule.ask()
    inputs = {leaf.input for expr, _points in ask.cases for leaf in leaves(expr)} if isinstance(ask, Banded) else set()
    of_colleagues = tuple(each.match for each in inputs if isinstance(each, Measure) and each.stat == "colleagues")
    return Reads(
        frozenset(each for each in inputs if isinstance(each, FieldInput)),
        frozenset((ask.list,) if isinstance(ask, Listed) else ()),
        () if of_colleagues else matches(ask),
        of_colleagues,
    )


def _alike(one: Match, other: Match) -> bool:
    """Whether one activity can match both; *any activity* is beside those of one type, not the same as them."""
    is_named = bool(one.types) == bool(other.types) and (not one.types or bool(set(one.types) & set(other.types)))
    return is_named and possible(Every((one.where, other.where)))


def shared(document: ModelDocument) -> dict[str, str]:
    """Return, of rules that read what another one reads too, the name of the first such other."""
    of = {rule.id: reads(rule) for _axis, rule in document.rules()}
    found = ((one, next((other for other in of if other != one and of[one].meets(of[other])), None)) for one in of)
    return {one: other for one, other in found if other is not None}


def of_any_activity(document: ModelDocument) -> list[str]:
    """Return the rules that read every activity the model declares: one more that is declared changes what they give."""
    return [rule.id for _axis, rule in document.rules() if any(not match.types for match in matches(rule.ask()))]


def read_by(document: ModelDocument) -> frozenset[str]:
    """Return the fields (``account.`` before those of companies) and activity types that rules, audience or exclusions ask for by name."""
    return frozenset(_read_by(document))


def _read_by(document: ModelDocument) -> Iterator[str]:
    others = [document.audience_expr(), *(condition_expr(each.when) for each in document.exclude if each.when)]
    yield from (str(leaf.input) for expr in others for leaf in leaves(expr) if isinstance(leaf.input, FieldInput))
    for _axis, rule in document.rules():
        yield from map(str, reads(rule).fields)
        yield from (name for match in matches(rule.ask()) for name in match.types)
