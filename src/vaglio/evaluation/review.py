"""The marks of a committee beside what the model says: where they agree, which leads are disputed, and which rules to talk about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vaglio.document import ModelDocument
from vaglio.errors import DataError
from vaglio.evaluation.agreement import CALLS, Agreement, Scale, pairs
from vaglio.evaluation.chance import Chance
from vaglio.evaluation.sample import Scored, called
from vaglio.proportion import Proportion
from vaglio.terms import DIGITS, LETTERS, RATINGS

LOWEST = RATINGS[-1]  # what an excluded lead counts as, where ratings are compared
STEPS = 2  # of letters and digits together, on average over reviewers: so far from the model is a dispute
HALF = 0.5  # of reviewers: so many would decide otherwise


@dataclass(frozen=True)
class Marks:
    """The marks of one reviewer by lead: a rating A1-D4, or ``yes`` or ``no``."""

    reviewer: str
    of: Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """What a rule, a cap or a floor gave a lead."""

    axis: str
    rule: str
    part: str
    millipoints: int


@dataclass(frozen=True)
class Disputed:
    """A lead on which reviewers and the model differ.

    ``model``: its rating, empty where excluded. ``apart``: steps of letter and digit, or the share of reviewers who decide otherwise.
    ``too_high``: whether the model thinks more of the lead than they do.
    """

    lead: str
    model: str
    marks: Mapping[str, str]
    apart: float
    too_high: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class RuleToDiscuss:
    """A rule that touches disputed leads more, or less, often than agreed ones. ``by_chance``: the difference that chance stays below."""

    axis: str
    rule: str
    disputed: Proportion
    agreed: Proportion
    too_high: int
    too_low: int
    by_chance: float

    @property
    def difference(self) -> float:
        """How much more often it touches disputed leads."""
        return self.disputed.share - self.agreed.share

    @property
    def is_sure(self) -> bool:
        """Whether the difference is more than chance."""
        return abs(self.difference) > self.by_chance


@dataclass(frozen=True)
class Review:
    """What came of a committee's reading. ``scale``: ``ratings`` or ``calls``."""

    scale: str
    leads: int
    reviewers: tuple[str, ...]
    agreements: tuple[Agreement, ...]
    disputed: tuple[Disputed, ...]
    rules: tuple[RuleToDiscuss, ...]

    def with_model(self) -> list[Agreement]:
        """Return how far each reviewer agrees with the model."""
        return list(self.agreements[: len(self.reviewers)])

    def among(self) -> list[Agreement]:
        """Return how far reviewers agree with each other."""
        return list(self.agreements[len(self.reviewers) :])


def review(
    document: ModelDocument, scored: Mapping[str, Scored], marks: Sequence[Marks], lines: Mapping[str, Sequence[Line]], seed: int
) -> Review:  # fmt: skip
    """Compare marks with the model and with each other. Every marked lead must be among ``scored``.

    Raises
    ------
    DataError
        Marks say yes and no, and the model does not say whom sales calls.
    """
    scale, given = _one_scale(document, marks)
    leads = sorted({lead for each in given for lead in each.of})
    model = dict(zip(leads, _said(document, [scored[lead].rating for lead in leads], scale), strict=True))
    agreements = pairs([(document.name, model), *((each.reviewer, dict(each.of)) for each in given)], scale, seed)
    read = {lead: _read(lead, scored[lead].rating, model[lead], given, lines.get(lead, ())) for lead in leads}
    limit = STEPS if scale == RATINGS else HALF
    disputed = [each for each in read.values() if each.apart >= limit]
    agreed = [each for each in read.values() if each.apart < limit]
    return Review(
        "ratings" if scale == RATINGS else "calls", len(leads), tuple(each.reviewer for each in given), agreements,
        tuple(sorted(disputed, key=lambda each: (-each.apart, each.lead))), _rules(document, disputed, agreed, seed),
    )  # fmt: skip


def _one_scale(document: ModelDocument, marks: Sequence[Marks]) -> tuple[Scale, list[Marks]]:
    """Return marks on one scale: ratings if all are, else yes and no."""
    if all(mark in RATINGS for each in marks for mark in each.of.values()):
        return RATINGS, list(marks)
    if document.ratings is None:
        raise DataError(
            "calls_unsaid", "marks say yes and no, but the model does not say whom sales calls",
            "add ratings: sales: [...] to it, or mark with A1 to D4",
        )  # fmt: skip
    return CALLS, [
        Marks(each.reviewer, {lead: mark if mark in CALLS else _call(document, mark) for lead, mark in each.of.items()}) for each in marks
    ]


def _call(document: ModelDocument, rating: str) -> str:
    return "yes" if document.destination(rating) == "sales" else "no"


def _said(document: ModelDocument, ratings: Sequence[str], scale: Scale) -> list[str]:
    if scale == RATINGS:
        return [rating or LOWEST for rating in ratings]
    return ["yes" if each else "no" for each in called(document, ratings) or ()]


def _read(lead: str, rating: str, model: str, given: Sequence[Marks], lines: Sequence[Line]) -> Disputed:
    marks = {each.reviewer: each.of[lead] for each in given if lead in each.of}
    steps = [_steps(model, mark) for mark in marks.values()]
    ordered = tuple(sorted(lines, key=lambda line: (line.axis != "profile", -abs(line.millipoints), line.rule)))
    return Disputed(lead, rating, marks, float(np.mean([abs(each) for each in steps])), sum(steps) > 0, ordered)


def _steps(model: str, mark: str) -> int:
    """Return by how many steps the model thinks more of a lead than a mark does (negative: less); both ways count as steps."""
    if model in CALLS:
        return (model == "yes") - (mark == "yes")
    letters = LETTERS.index(mark[0]) - LETTERS.index(model[0])
    digits = DIGITS.index(mark[1]) - DIGITS.index(model[1])
    size = abs(letters) + abs(digits)
    return size if letters + digits >= 0 else -size


def _rules(document: ModelDocument, disputed: Sequence[Disputed], agreed: Sequence[Disputed], seed: int) -> tuple[RuleToDiscuss, ...]:
    if not disputed or not agreed:
        return ()
    rules = [(axis, rule.id) for axis, rule in document.rules()]
    chance = Chance.of(len(rules), seed)
    made = []
    for axis, rule in rules:
        touched = [each for each in disputed if _touches(each, axis, rule)]
        others = sum(_touches(each, axis, rule) for each in agreed)
        bound = chance.gap((len(touched), len(disputed)), (others, len(agreed)))
        high = sum(each.too_high for each in touched)
        made.append(RuleToDiscuss(
            axis, rule, Proportion(len(touched), len(disputed)), Proportion(others, len(agreed)), high, len(touched) - high, bound
        ))  # fmt: skip
    return tuple(sorted((each for each in made if each.difference), key=lambda each: (-abs(each.difference), each.rule)))


def _touches(lead: Disputed, axis: str, rule: str) -> bool:
    return any(line.axis == axis and line.rule == rule and line.part == "rule" for line in lead.lines)
