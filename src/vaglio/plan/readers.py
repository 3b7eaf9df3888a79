"""Readers: everything in a document that looks at activities, numbered, with how far back it looks."""

from dataclasses import dataclass, field
from math import ceil, log2
from typing import Any

from vaglio.ask import Banded, EachActivity, Fading, Follow, Idle, Match, Measure, Moment
from vaglio.condition import Expr, leaves
from vaglio.document import ModelDocument
from vaglio.document.model import Stage
from vaglio.plan.facts import property_column
from vaglio.terms import Axis

FOREVER = 2**62


@dataclass(frozen=True)
class Scored:
    """A rule with its number, its axis and what it asks."""

    number: int
    axis: Axis
    rule: Any
    ask: Any


@dataclass(frozen=True)
class Reader:
    """One look at activities: any of ``matches``, younger than ``horizon`` seconds."""

    number: int
    matches: tuple[Match, ...]
    horizon: int = FOREVER


@dataclass
class Readers:
    """The readers of a document by what is made of them.

    ``each``: rule → reader; ``stats``: (matches, window, half-life) → reader; ``moments``: rule → readers (one for a run, two for
    a sequence).
    """

    document: ModelDocument
    all: list[Reader] = field(default_factory=list)
    each: dict[int, Reader] = field(default_factory=dict)
    stats: dict[tuple[tuple[Match, ...], int | None, int | None], Reader] = field(default_factory=dict)
    moments: dict[int, tuple[Reader, ...]] = field(default_factory=dict)

    def add(self, matches: tuple[Match, ...], horizon: int = FOREVER) -> Reader:
        """Return a new reader. A match without types means every declared type."""
        named = tuple(match if match.types else Match(tuple(self.document.inputs.activities), match.where) for match in matches)
        self.all.append(Reader(len(self.all), named, horizon))
        return self.all[-1]

    def stat(self, matches: tuple[Match, ...], within: int | None, half_life: int | None = None) -> Reader:
        """Return the reader of a measure; equal measures share one."""
        key = (matches, within, half_life)
        if key not in self.stats:
            horizon = FOREVER if within is None else within
            if half_life is not None:
                horizon = min(horizon, halving_horizon(1000, half_life))
            self.stats[key] = self.add(matches, horizon)
        return self.stats[key]

    def of_measure(self, measure: Measure) -> Reader:
        """Return the reader that answers a measure."""
        return self.stat((measure.match,), measure.within_seconds, measure.half_life_seconds)

    def of_idle(self, ask: Idle) -> Reader:
        """Return the reader of the activities that break a silence."""
        return self.stat((ask.match,), None)

    def of_stage(self, stage: Stage) -> Reader:
        """Return the reader of the activities that show a buying stage."""
        return self.stat(stage.matches(), stage.within)

    def types(self) -> list[str]:
        """Return the activity types that anything reads."""
        return list(dict.fromkeys(name for reader in self.all for match in reader.matches for name in match.types))

    def of_type(self, activity: str) -> list[tuple[int, list[Expr]]]:
        """Return the readers that look at a type of activity, each with what it tests of them."""
        tests = ((reader.number, [match.where for match in reader.matches if activity in match.types]) for reader in self.all)
        return [(number, exprs) for number, exprs in tests if exprs]

    def counted_by(self) -> set[str]:
        """Return the columns of the properties that a rule counts once of each."""
        asks = (rule.ask() for _axis, rule in self.document.rules())
        names = (ask.once_per for ask in asks if isinstance(ask, EachActivity) and ask.once_per_property)
        return {property_column(name) for name in names if name}

    def properties(self) -> list[str]:
        """Return the properties that any condition reads."""
        exprs = (match.where for reader in self.all for match in reader.matches)
        return list(dict.fromkeys(leaf.input.name for expr in exprs for leaf in leaves(expr)))


def scored_rules(document: ModelDocument) -> tuple[Scored, ...]:
    """Return the document's rules with their numbers, counted from 0."""
    return tuple(Scored(number, axis, rule, rule.ask()) for number, (axis, rule) in enumerate(document.rules()))


def halving_horizon(millipoints: int, half_life: int) -> int:
    """Return an age from which a halving contribution surely rounds to 0 [seconds]."""
    return ceil(half_life * log2(2 * max(1, abs(millipoints)))) + 2


def fading_horizon(millipoints: int, fading: Fading) -> int:
    """Return an age from which a contribution is surely 0 [seconds]."""
    ends = [FOREVER]
    if fading.at_most_age_seconds is not None:
        ends.append(fading.at_most_age_seconds)
    if fading.fade_seconds is not None:
        ends.append(fading.fade_seconds)
    if fading.half_life_seconds is not None:
        ends.append(halving_horizon(millipoints, fading.half_life_seconds))
    return min(ends)


def measures(rules: tuple[Scored, ...]) -> list[Measure]:
    """Return the distinct measures that rules read."""
    found = (
        leaf.input
        for scored in rules
        if isinstance(scored.ask, Banded)
        for expr, _ in scored.ask.cases
        for leaf in leaves(expr)
        if isinstance(leaf.input, Measure)
    )
    return list(dict.fromkeys(found))


def collect(document: ModelDocument, rules: tuple[Scored, ...]) -> Readers:
    """Return every reader of a document."""
    readers = _of_rules(document, rules)
    for stage in document.journey:
        readers.of_stage(stage)
    return readers


def looked_back(document: ModelDocument) -> dict[str, int]:
    """Return how far back rules look at activities, by type [seconds]: one so old or older gives no points.

    Types that none gives points for are missing; :data:`FOREVER`: however old it is. What a rule gives or takes for silence it gives for
    no activity. Nothing is said of what else a rule asks of one.
    """
    found: dict[str, int] = {}
    rules = tuple(scored for scored in scored_rules(document) if not isinstance(scored.ask, Idle))
    for reader in _of_rules(document, rules).all:
        for name in (name for match in reader.matches for name in match.types):
            found[name] = max(found.get(name, 0), reader.horizon)
    return found


def _of_rules(document: ModelDocument, rules: tuple[Scored, ...]) -> Readers:
    readers = Readers(document)
    for scored in rules:
        ask = scored.ask
        if isinstance(ask, EachActivity):
            readers.each[scored.number] = readers.add((ask.match,), fading_horizon(ask.millipoints, ask.fading))
        elif isinstance(ask, Idle):
            readers.of_idle(ask)
        elif isinstance(ask, Moment):
            readers.moments[scored.number] = _moment_readers(readers, ask)
    for measure in measures(rules):
        readers.of_measure(measure)
    return readers


def _moment_readers(readers: Readers, ask: Moment) -> tuple[Reader, ...]:
    """The deciding activity is inside the fading's horizon; those before it at most a span older."""
    horizon = min(FOREVER, fading_horizon(ask.millipoints, ask.fading) + ask.at.within_seconds)
    if isinstance(ask.at, Follow):
        return (readers.add((ask.at.first,), horizon), readers.add((ask.at.then,), horizon))
    return (readers.add((ask.at.match,), horizon),)
