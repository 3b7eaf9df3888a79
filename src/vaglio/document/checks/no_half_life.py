"""An engagement axis that only grows: nothing in it fades, ends or is taken away."""

from collections.abc import Iterator

from vaglio.ask import Ask, Banded, EachActivity, Idle, Measure, Moment
from vaglio.condition import leaves
from vaglio.document.checks.never_fires import matches
from vaglio.document.model import ModelDocument
from vaglio.document.text import Path
from vaglio.errors import Issue

CODE = "no_half_life"


def check(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    """Yield the axis where it pays for activities and no rule ever pays less."""
    asks = [rule.ask() for rule in document.engagement.rules]
    if any(matches(ask) for ask in asks) and not any(_ends(ask) for ask in asks):
        message = "scores only grow: no rule fades or ends, so a click of years ago counts like one of today"
        hint = "add half_life: or within: to the rules, or an inactivity rule"
        yield ("engagement", "rules"), Issue(CODE, message, hint)


def _ends(ask: Ask) -> bool:
    if isinstance(ask, Idle):
        return ask.millipoints < 0
    if isinstance(ask, EachActivity | Moment):
        fading = ask.fading
        return bool(fading.half_life_seconds or fading.fade_seconds or fading.at_most_age_seconds)
    if not isinstance(ask, Banded):
        return False
    measures = [leaf.input for expr, _ in ask.cases for leaf in leaves(expr) if isinstance(leaf.input, Measure)]
    return any(_measure_ends(measure) for measure in measures)


def _measure_ends(measure: Measure) -> bool:
    return bool(measure.within_seconds or measure.half_life_seconds or measure.stat in ("age", "days_since"))
