"""A rule, or a band of it, that can never give points; and a count that everybody reaches."""

from collections.abc import Iterator, Sequence

from vaglio.ask import Ask, Banded, EachActivity, Follow, Idle, Listed, Match, Measure
from vaglio.condition import ALWAYS, Every, Expr, condition_expr, leaves
from vaglio.document.checks.reach import largest
from vaglio.document.checks.reasoning import covered, possible
from vaglio.document.model import ModelDocument
from vaglio.document.text import Path
from vaglio.errors import Issue
from vaglio.rule import Rule
from vaglio.rules.bands_2d import Bands2d
from vaglio.steps import AgeBand, CountBand
from vaglio.terms import AXES

CODE = "never_fires"
_MEETABLE = "change or remove one of the conditions"


def check(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    """Yield each condition that never holds, and each rule that gives nothing or gives it to everybody."""
    audience = document.audience_expr()
    if not possible(audience):
        yield ("audience",), Issue(CODE, "nobody can be in the audience: its conditions exclude each other", _MEETABLE)
        audience = ALWAYS
    for position, exclusion in enumerate(document.exclude):
        path: Path = ("exclude", position)
        if exclusion.when and not possible(Every((audience, condition_expr(exclusion.when)))):
            yield path, Issue(CODE, "excludes nobody of the audience: its conditions cannot hold together", _MEETABLE)
    for axis in AXES:
        for position, rule in enumerate(document.axis(axis).rules):
            yield from _rule(rule, (axis, "rules", position), audience)
    yield from _journey(document)
    if document.potential:
        yield from _bands([expr for expr, _ in document.potential.cases()], ("potential", "bands"), audience)


def _journey(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    for position, stage in enumerate(document.journey):
        for test, match in enumerate(stage.matches()):
            if not possible(match.where):
                path: Path = ("journey", position, "any", test)
                yield path, Issue(CODE, "no activity can meet this: its conditions exclude each other", _MEETABLE)


def _rule(rule: Rule, path: Path, audience: Expr) -> Iterator[tuple[Path, Issue]]:
    ask = rule.ask()
    if any(not possible(match.where) for match in matches(ask)):
        yield path, Issue(CODE, "no activity can match: the conditions of where exclude each other", _MEETABLE)
    elif largest(rule) == 0:
        yield path, Issue(CODE, "gives 0 points whatever happens", "give it points, or remove it")
    elif isinstance(ask, Banded) and _everybody(ask):
        message = "tells nobody apart: every lead reaches at_least: 0"
        yield path, Issue(CODE, message, "use at_least: 1 or more, or an intercept")
    elif isinstance(rule, Bands2d):
        yield from _bands(list(rule.first.exprs()), (*path, "first", "bands"), audience)
        yield from _bands(list(rule.second.exprs()), (*path, "second", "bands"), audience)
    elif isinstance(ask, Banded):
        order = _order(getattr(rule, "bands", None) or ())
        yield from _bands([expr for expr, _ in ask.cases], (*path, "bands"), audience, order)


def matches(ask: Ask) -> tuple[Match, ...]:
    """Return which activities an ask looks at, each kind by itself."""
    if isinstance(ask, Listed):
        return ()
    if isinstance(ask, Banded):
        measures = {leaf.input for expr, _ in ask.cases for leaf in leaves(expr) if isinstance(leaf.input, Measure)}
        return tuple(measure.match for measure in measures)
    if isinstance(ask, EachActivity | Idle):
        return (ask.match,)
    return (ask.at.first, ask.at.then) if isinstance(ask.at, Follow) else (ask.at.match,)


def _everybody(ask: Banded) -> bool:
    """Whether the only thing asked is a count of at least nothing."""
    counted = [leaf for expr, _ in ask.cases for leaf in leaves(expr) if isinstance(leaf.input, Measure)]
    bounds = [leaf.test.operators().get("from") for leaf in counted]
    return bool(bounds) and len(bounds) == len(ask.cases) and all(bound == 0 for bound in bounds)


def _order(bands: Sequence[object]) -> list[int]:
    """Return the position of each band in the order in which a rule tries them."""
    places = range(len(bands))
    if all(isinstance(band, CountBand) for band in bands):
        return sorted(places, key=lambda place: -bands[place].at_least)  # type: ignore[attr-defined]
    if all(isinstance(band, AgeBand) for band in bands):
        return sorted(places, key=lambda place: bands[place].within)  # type: ignore[attr-defined]
    return list(places)


def _bands(cases: list[Expr], path: Path, audience: Expr, order: list[int] | None = None) -> Iterator[tuple[Path, Issue]]:
    for place, expr in enumerate(cases):
        here: Path = (*path, order[place]) if order else (*path, place)
        if not possible(expr):
            yield here, Issue(CODE, "the band can never hold: its conditions exclude each other", _MEETABLE)
        elif covered(expr, cases[:place]):
            message = "the band is never reached: the bands before it already cover it"
            yield here, Issue(CODE, message, "put the narrower band first, or remove it")
        elif not possible(Every((audience, expr))):
            message = "the band can never hold for anybody in the audience"
            yield here, Issue(CODE, message, "widen the audience, or remove the band")
