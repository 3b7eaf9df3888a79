"""The parts of a proof: when leads are looked at, who is judged there, and what could be learned from until then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vaglio.dates import format_instant
from vaglio.errors import DataError
from vaglio.learning.examples import ANCHOR, Labels, Moment, by_outcomes
from vaglio.learning.folding import folds
from vaglio.plan import Instants

Outcome = tuple[str, str, int | None]  # lead, kind, when [µs UTC]


@dataclass(frozen=True)
class Training:
    """What a model may be learned from for one part: the facts as of ``at``, and outcomes that were known before the part."""

    at: Instants
    labels: Labels


@dataclass(frozen=True)
class Part:
    """Leads that are judged at one instant. ``name`` says in words which."""

    name: str
    at: Instants
    judged: Labels
    training: Training | None = None


@dataclass(frozen=True)
class Known:
    """Dated outcomes, and when leads were created [µs UTC]; ``good`` is the outcome that counts."""

    outcomes: Sequence[Outcome]
    created: Mapping[str, int | None]
    good: str

    def end(self) -> int:
        """Return the last instant that is known of."""
        return max((at for _lead, _kind, at in self.outcomes if at is not None), default=0)

    def until(self, at: int) -> "Known":
        """Return what was known at an instant."""
        return Known([each for each in self.outcomes if each[2] is not None and each[2] <= at], self.created, self.good)

    def labels(self, moment: Moment) -> Labels:
        """Return what became of leads within the horizon after a moment."""
        return by_outcomes(self.outcomes, dict(self.created), self.good, moment)


def at_instants(known: Known, instants: Sequence[int], horizon: int, *, training: bool) -> list[Part]:
    """Return a part per instant. What is learned for it, is learned from leads as they were one horizon earlier.

    Raises
    ------
    DataError
        A horizon is not over at the end of what is known, or nothing was known before an instant to learn from.
    """
    return [
        Part(
            format_instant(at)[:10], Instants(at, at), known.labels(Moment(at, horizon)),
            _before(known, at, horizon) if training else None,
        )
        for at in sorted(instants)
    ]  # fmt: skip


def _before(known: Known, at: int, horizon: int) -> Training:
    earlier = at - horizon
    try:
        labels = _closed(known.until(at), earlier, horizon, at)
    except DataError:
        raise DataError(
            "nothing_before", f"no outcome {known.good!r} is known from before {format_instant(at)[:10]}, so nothing can be learned for it",
            "ask for fewer --instants, a shorter --every or a shorter --horizon", table="outcomes",
        ) from None  # fmt: skip
    return Training(Instants(earlier, earlier), labels)


def _closed(known: Known, earlier: int, horizon: int, at: int) -> Labels:
    """Return labels of a horizon that ends at ``at``, whether or not an outcome happens to lie on its last day."""
    mark: Outcome = ("", "", at)
    return by_outcomes([*known.outcomes, mark], dict(known.created), known.good, Moment(earlier, horizon))


def by_folds(labels: Labels, at: Instants, number: int, seed: int) -> list[Part]:
    """Return parts of leads whose outcome has no date: each is judged by what is learned from all the others."""
    leads = sorted(labels.of)
    fold = folds(np.array([labels.of[lead] for lead in leads]), number, seed)
    found = []
    for turn in range(number):
        judged = {lead: labels.of[lead] for lead, own in zip(leads, fold, strict=True) if own == turn}
        others = {lead: labels.of[lead] for lead, own in zip(leads, fold, strict=True) if own != turn}
        found.append(Part(f"part {turn + 1} of {number}", at, Labels(judged, labels.left_out), Training(at, Labels(others, {}))))
    return found


def by_cohorts(known: Known, age: int, horizon: int, number: int, *, training: bool) -> list[Part]:
    """Return parts of leads in the order of their creation, each looked at when it was ``age`` old.

    What is learned for a part, is learned from those whose horizon was over before the first of it was created; where anything is to be
    learned, the first part only serves for that.
    """
    at = Instants(ANCHOR + age, ANCHOR + age)
    labels = known.labels(Moment(0, horizon, age))
    born = sorted((when, lead) for lead in labels.of if (when := known.created[lead]) is not None)
    blocks = [[born[place] for place in places] for places in np.array_split(np.arange(len(born)), number + training) if len(places)]
    found = []
    for block in blocks[1 if training else 0 :]:
        start = block[0][0]
        over = {lead: labels.of[lead] for when, lead in born if when + age + horizon <= start}
        judged = Labels({lead: labels.of[lead] for _when, lead in block}, labels.left_out, labels.came)
        found.append(Part(f"created from {format_instant(start)[:10]}", at, judged, Training(at, Labels(over, {})) if training else None))
    return found


def spaced(last: int, every: int, number: int) -> list[int]:
    """Return so many instants, the last of them ``last``, ``every`` so long [µs]."""
    return [last - place * every for place in reversed(range(number))]


def left_out(parts: Sequence[Part]) -> dict[str, int]:
    """Return how many leads the last part does not judge, by why."""
    return next((part.judged.left_out for part in reversed(parts)), {})
