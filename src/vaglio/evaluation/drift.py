"""The verb: has the world moved since a model was proved, and which of its promises are broken?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from vaglio.dates import format_instant, from_microseconds
from vaglio.document import ModelDocument
from vaglio.engine import Engine
from vaglio.errors import DataError
from vaglio.evaluation.banding import Band, Banding, banding
from vaglio.evaluation.chance import LARGE, MODERATE, Chance, psi
from vaglio.evaluation.cohort import EXCLUDED, Cohort, cohort
from vaglio.evaluation.kept import Kept, of_outcome, of_share
from vaglio.evaluation.reading import Reading, reading
from vaglio.learning.inputs import Input
from vaglio.learning.terms import Codes
from vaglio.plan import Facts, Instants
from vaglio.proportion import ENOUGH, Proportion
from vaglio.terms import DIGITS, LETTERS, RATINGS

GAP = 0.05  # of leads: so many more or fewer without a value, or outside the audience, are worth a word
MOST_STEPS = 400  # of the chart, each a look at all leads: daily for a year, weekly for seven
GROWN = 0.25  # of what it was: a rating that holds so much more, or less, is worth a word
Moved = Literal["steady", "moved", "large"]
Outcomes = Mapping[str, Mapping[str, Proportion]]  # of a kind, by rating


@dataclass(frozen=True)
class Asked:
    """What is compared: the leads of a ``window`` [µs] before ``since`` with those of one before ``at`` [µs UTC].

    ``every`` [µs]: at which steps between both the chart looks.
    """

    since: int
    at: int
    window: int
    every: int
    seed: int = 1

    def steps(self) -> list[int]:
        """Return the instants between both at which nobody of the earlier leads is looked at again."""
        return [self.at - place * self.every for place in range(self.number_of_steps(), 0, -1)]

    def number_of_steps(self) -> int:
        """Return how many instants that are."""
        return max(0, (self.at - self.since - self.window) // self.every)


@dataclass(frozen=True)
class Shift:
    """A share then and now, and the difference that chance stays below."""

    name: str
    then: Proportion
    now: Proportion
    by_chance: float
    is_moved: bool

    @property
    def change(self) -> float:
        """How much more of the leads it is now (negative: less)."""
        return self.now.share - self.then.share


@dataclass(frozen=True)
class BandShift:
    """One band of an input, then and now."""

    band: Band
    then: Proportion
    now: Proportion


@dataclass(frozen=True)
class InputDrift:
    """One input that the model reads. ``field`` is empty where it looks at activities; ``words`` say which, or which rule reads the field.

    ``is_count``: whether it counts activities, so that below 1 means none.
    """

    name: str
    field: str
    words: str
    is_count: bool
    psi: float
    by_chance: float
    verdict: Moved
    bands: tuple[BandShift, ...]
    missing: Shift | None

    @property
    def label(self) -> str:
        """Return what a reader calls it."""
        return self.words if not self.field else f"{self.field} ({self.words})" if self.words else self.field


@dataclass(frozen=True)
class RuleShift:
    """What a rule gave then and now: to which share of leads anything, and how much on average [points]."""

    axis: str
    rule: str
    then: Proportion
    now: Proportion
    mean_then: float
    mean_now: float


@dataclass(frozen=True)
class Step:
    """The drift at one instant in between: PSI of each input, and of the ratings."""

    at: int
    leads: int
    psi: Mapping[str, float]
    ratings: float


@dataclass(frozen=True)
class Drift:
    """What moved. ``then`` and ``now``: how many leads are compared; ``ages``: how old they are on average [days]."""

    asked: Asked
    then: int
    now: int
    ages: tuple[float, float]
    inputs: tuple[InputDrift, ...]
    audience: Shift
    ratings: tuple[Shift, ...]
    rules: tuple[RuleShift, ...]
    outcomes: tuple[Shift, ...]
    promises: tuple[Kept, ...]
    steps: tuple[Step, ...]
    tests: int

    def moved(self) -> list[InputDrift]:
        """Return the inputs that moved, the most first."""
        return [each for each in self.inputs if each.verdict != "steady"]

    def emptied(self) -> list[InputDrift]:
        """Return the fields that are filled for surely more, or fewer, leads than before."""
        return [each for each in self.inputs if each.missing is not None and each.missing.is_moved]

    def shifted(self) -> list[Shift]:
        """Return the ratings, and the outcomes of ratings, that moved."""
        return [each for each in (self.audience, *self.ratings, *self.outcomes) if each.is_moved]

    def broken(self) -> list[Kept]:
        """Return the promises that are broken."""
        return [each for each in self.promises if each.verdict == "broken"]

    @property
    def is_quiet(self) -> bool:
        """Whether nothing moved and no promise is broken."""
        return not (self.moved() or self.emptied() or self.shifted() or self.broken())


@dataclass(frozen=True)
class Became:
    """What became of leads, by rating: ``then`` and ``now`` of the outcome asked for, ``promised`` of each that the document names, now."""

    then: Mapping[str, Proportion]
    now: Mapping[str, Proportion]
    promised: Outcomes


def drift(
    engine: Engine, document: ModelDocument, facts: Facts, asked: Asked, became: Became | None = None,
    stage: Callable[[str], None] = lambda what: None,
) -> Drift:  # fmt: skip
    """Compare the leads that came before a model went live with those that came lately.

    Raises
    ------
    DataError
        As :func:`need_comparable`; the windows hold too few leads to say anything.
    EngineError
        The engine failed.
    """
    need_comparable(asked)
    reads = reading(engine, document, facts, Instants(asked.since, asked.since))

    def looked(at: int) -> Cohort:
        stage(f"looking at {format_instant(at)[:10]}")
        return cohort(engine, document, facts, reads, at, asked.window)

    then, now = looked(asked.since), looked(asked.at)
    for each in (then, now):
        _enough(each, asked)
    bands = [banding(each, then.codes[:, place]) for place, each in enumerate(reads.inputs)]
    found = compared(document, reads, bands, (then, now), asked, became)
    between = [_step(reads, bands, then, looked(at)) for at in asked.steps()]
    return replace(found, steps=(*between, _step(reads, bands, then, now)))


def compared(
    document: ModelDocument, reads: Reading, bands: Sequence[Banding], cohorts: tuple[Cohort, Cohort], asked: Asked,
    became: Became | None = None,
) -> Drift:  # fmt: skip
    """Compare two cohorts, without the steps between them; ``bands`` are those of each input, by the earlier one."""
    then, now = cohorts
    fields = [each for each in reads.inputs if "field" in each.source and each.name == each.source["field"]]
    pairs = _outcome_pairs(became)
    tests = len(reads.inputs) + len(fields) + len(_groups(then, now)) + 1 + len(pairs)
    chance = Chance.of(tests, asked.seed)
    inputs = [
        _input(each, few, tuple(one.codes[:, place] for one in cohorts), reads.words, chance)
        for place, (each, few) in enumerate(zip(reads.inputs, bands, strict=True))
    ]  # fmt: skip
    audience = _shift("audience", (len(then), then.came), (len(now), now.came), chance, GAP)
    ratings = [_shift(name, (before, len(then)), (after, len(now)), chance, 0, GROWN) for name, before, after in _groups(then, now)]
    outcomes = [_shift(rating, (a.hits, a.total), (b.hits, b.total), chance, 0, GROWN) for rating, a, b in pairs]
    return Drift(
        asked, len(then), len(now), (then.age, now.age), tuple(sorted(inputs, key=lambda each: (-each.psi, each.name))), audience,
        tuple(ratings), _rules(document, then, now), tuple(outcomes), _promises(document, now, became, asked.at), (), tests,
    )  # fmt: skip


def need_comparable(asked: Asked) -> None:
    """Refuse what cannot be compared, before anything is read.

    Raises
    ------
    DataError
        ``windows_overlap``; ``period_long``: the chart would have more steps than anybody waits for.
    """
    if asked.at - asked.since < asked.window:
        before, after = (format_instant(at)[:10] for at in (asked.since, asked.at))
        raise DataError(
            "windows_overlap", f"the leads before {after} and those before {before} are partly the same",
            "choose an earlier --since, a later --as-of, or a shorter --window",
        )  # fmt: skip
    if (number := asked.number_of_steps()) > MOST_STEPS:
        said = f"the chart would have {number:,} steps between both days; {MOST_STEPS} are the most"
        raise DataError("period_long", said, "use a longer --every")


def _enough(found: Cohort, asked: Asked) -> None:
    if len(found) < ENOUGH:
        start, end = (format_instant(at)[:10] for at in (found.at - asked.window, found.at))
        raise DataError(
            "too_few_leads", f"{len(found)} leads of the audience were created from {start} to {end}; {ENOUGH} are the least to compare",
            "choose another day, or a longer --window", table="leads", column="created_at",
        )  # fmt: skip


def _input(found: Input, few: Banding, codes: tuple[Codes, ...], words: Mapping[str, str], chance: Chance) -> InputDrift:
    then, now = codes
    before, after = few.counts(then), few.counts(now)
    value, bound = psi(before, after), chance.psi(before, after)
    verdict: Moved = "steady" if value < MODERATE or value <= bound else "large" if value >= LARGE else "moved"
    bands = tuple(
        BandShift(band, Proportion(int(before[number]), len(then)), Proportion(int(after[number]), len(now)))
        for number, band in enumerate(few.bands) if before[number] + after[number]
    )  # fmt: skip
    field = str(found.source.get("field", ""))
    missing = None
    if field == found.name:
        missing = _shift(field, (int(before[-1]), len(then)), (int(after[-1]), len(now)), chance, GAP)
    is_count = not found.source.keys().isdisjoint(("count", "distinct_days"))
    return InputDrift(found.name, field, words.get(found.name, ""), is_count, value, bound, verdict, bands, missing)


def _shift(
    name: str, then: tuple[int, int], now: tuple[int, int], chance: Chance, least: float, grown: float = 0.0
) -> Shift:  # fmt: skip
    bound = chance.gap(then, now)
    before, after = Proportion(*then), Proportion(*now)
    gap = abs(after.share - before.share)
    return Shift(name, before, after, bound, gap > bound and gap >= least and gap >= grown * before.share)


def _groups(then: Cohort, now: Cohort) -> list[tuple[str, int, int]]:
    """Return ratings, letters, digits and the excluded, with how many leads have them then and now; those that nobody has are left out."""

    def counted(name: str) -> tuple[str, int, int]:
        found = [
            int(np.sum(each.ratings == name)) if name == EXCLUDED or len(name) == 2
            else sum(int(np.sum(each.ratings == rating)) for rating in RATINGS if name in rating)
            for each in (then, now)
        ]  # fmt: skip
        return name, found[0], found[1]

    return [each for each in map(counted, (*RATINGS, *LETTERS, *DIGITS, EXCLUDED)) if each[1] + each[2]]


def _rules(document: ModelDocument, then: Cohort, now: Cohort) -> tuple[RuleShift, ...]:
    made = []
    for axis, rule in document.rules():
        before, after = then.gave.get((axis, rule.id)), now.gave.get((axis, rule.id))
        made.append(RuleShift(
            axis, rule.id, Proportion(before.leads if before else 0, len(then)), Proportion(after.leads if after else 0, len(now)),
            before.mean if before else 0.0, after.mean if after else 0.0,
        ))  # fmt: skip
    return tuple(sorted(made, key=lambda each: -abs(each.mean_now - each.mean_then)))


def _outcome_pairs(became: Became | None) -> list[tuple[str, Proportion, Proportion]]:
    if became is None:
        return []
    return [
        (rating, became.then[rating], became.now[rating])
        for rating in RATINGS if became.then[rating].is_enough and became.now[rating].is_enough
    ]  # fmt: skip


def _promises(document: ModelDocument, now: Cohort, became: Became | None, at: int) -> tuple[Kept, ...]:
    promised = document.promises
    if promised is None:
        return ()
    total = sum(now.everybody.values())
    made = []
    for rating, limit in promised.share.items():
        share = Proportion(now.everybody.get(rating, 0), total)
        made.append(Kept("share", rating, float(limit.at_most), share, of_share(float(limit.at_most), share)))
    for rating, expected in promised.expect.items():
        for what, least in (("accepted", expected.accepted), ("won", expected.won)):
            if least is not None:
                found = became.promised.get(what, {}).get(rating) if became is not None else None
                made.append(Kept(what, rating, float(least), found, of_outcome(float(least), found)))  # type: ignore[arg-type]
    if promised.review_by is not None:
        is_over = from_microseconds(at).date() > promised.review_by
        made.append(Kept("review_by", "", promised.review_by, None, "broken" if is_over else "kept"))
    return tuple(made)


def _step(reads: Reading, bands: Sequence[Banding], then: Cohort, now: Cohort) -> Step:
    found = {
        each.name: psi(few.counts(then.codes[:, place]), few.counts(now.codes[:, place]))
        for place, (each, few) in enumerate(zip(reads.inputs, bands, strict=True))
    }  # fmt: skip
    names = (*RATINGS, EXCLUDED)
    before, after = (np.array([np.sum(each.ratings == name) for name in names], np.int64) for each in (then, now))
    return Step(now.at, len(now), found, psi(before, after))
