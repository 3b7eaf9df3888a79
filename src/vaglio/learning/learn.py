"""The verb: learn a model document from leads and what became of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Literal

import numpy as np

from vaglio.document import ModelDocument
from vaglio.engine import Engine
from vaglio.errors import DataError
from vaglio.learning.additive import learn_additive, learn_readable
from vaglio.learning.candidates import Choice, candidates
from vaglio.learning.coded import Coded, coded
from vaglio.learning.enough import need_both
from vaglio.learning.folding import folds
from vaglio.learning.groups import Group, Used, groups, told_by_proxies
from vaglio.learning.held_out import HeldOut
from vaglio.learning.inputs import COARSE, FINE, Input, in_order, may_rise
from vaglio.learning.intervals import BandPoints, as_written, points_of
from vaglio.learning.known import Known, Labels, known
from vaglio.learning.leakage import Finding, findings
from vaglio.learning.logistic import Direction, learn_logistic, share_said
from vaglio.learning.origin import Made, When
from vaglio.learning.prior import bent, expert_points
from vaglio.learning.terms import Codes, Floats, Recoding, Terms
from vaglio.learning.write import Head, rounded, write
from vaglio.plan import Facts, Instants

Method = Literal["logistic", "predictive"]
LEAST = 30  # leads of either outcome: of fewer nothing is learned
LEAST_OF_PRIOR = 8  # unless there are points to start from: then of fewer than so many
FEW = 100  # leads of the rarer outcome: of fewer, the penalty is strong and the document says so
STRONG = 8.0  # leads
MANY = 400  # leads of the rarer outcome: of fewer, every lead is held out once
HELD_OUT = 4  # one of so many parts of the leads is kept to measure on
LIBRARIES: Mapping[Method, tuple[str, ...]] = {"logistic": ("scipy",), "predictive": ("interpret-core",)}  # that points depend on
NO_SIGNAL = "there is no usable signal in these inputs: this model ranks leads hardly better than chance; do not let it replace your rules"
BY_HAND = "write points by hand with vaglio init, and give them as --prior or come back with more outcomes"


@dataclass(frozen=True)
class Asked:
    """What to learn, and how. ``looked_at``: in words, when leads were looked at and for how long outcomes were waited for.

    ``prior``: a model that somebody wrote, where to start from while outcomes are few. ``let_through``: see :class:`Choice`. ``when``:
    what the document records of that.
    """

    method: Method
    name: str
    full: bool = False
    drop: frozenset[str] = frozenset()
    allow: frozenset[str] = frozenset()
    directions: Mapping[str, Direction] = field(default_factory=dict)
    seed: int = 1
    looked_at: str = ""
    prior: ModelDocument | None = None
    let_through: str = ""
    when: When = field(default_factory=When)


@dataclass(frozen=True)
class Learned:
    """A document, what it was learned from, and how well one learned from three quarters of these leads does on the others."""

    document: ModelDocument
    terms: Terms
    leads: int
    outcomes: int
    held_out: HeldOut
    notes: tuple[str, ...]
    groups: tuple[Group, ...] = ()
    unshrunk: tuple[BandPoints, ...] = ()  # of logistic regression: what outcomes alone say of the document's bands, and how surely

    @property
    def auc(self) -> float:
        """How well it tells leads apart that were not learned from."""
        return self.held_out.auc

    @property
    def calibration_error(self) -> float:
        """How far its probabilities are from what came, of leads that neither learning nor bending saw."""
        return self.held_out.calibration_error

    @property
    def is_usable(self) -> bool:
        """Whether there is a signal at all."""
        return self.held_out.is_usable


def learn(
    engine: Engine, declared: Mapping[str, Any], facts: Facts, at: Instants, labels: Labels, asked: Asked,
    said: Callable[[str], None] = lambda stage: None,
) -> Learned:  # fmt: skip
    """Learn a document. ``declared`` is the ``inputs`` section of a document: all that may be read; ``labels`` gives 1, 0 or NaN by lead.

    Of facts that became known after ``at`` nothing is seen: neither in which band a lead is, nor where bands are cut, nor which inputs
    there are.

    Raises
    ------
    DataError
        There is too little to learn from; it says what, and what to do.
    """
    said("looking at the inputs")
    seen = known(engine, declared, facts, at, labels)
    told = seen.labels
    need_both(told, LEAST_OF_PRIOR if asked.prior is not None else LEAST, BY_HAND)
    edges = COARSE if asked.method == "logistic" else FINE
    chosen, notes = candidates(declared, seen, Choice(asked.drop, asked.allow, edges, asked.let_through))
    _need_inputs(asked.directions, chosen)
    chosen = in_order(chosen, asked.directions)
    bands = coded(engine, dict(declared), chosen, facts, at).of(seen.lead_ids)
    found = findings(declared, seen, bands, at=at.as_of)
    notes += [text for each in found if (text := _leak(each, asked)) is not None]
    inputs, codes = _varied(bands, {each.field for each in found if each.verdict == "drop"} - asked.allow)
    before, of_prior = _before(engine, facts, at, seen, asked)
    said("measuring on leads held out")
    held_out = _held_out(inputs, codes, told, asked, before)
    said("learning from all of them")
    terms, recoding, _strength = fit(inputs, codes, told, asked, before=before)
    if before is not None:
        of_prior = _what_is_said(of_prior, before, told, share_said(inputs, codes, bent(before, told).log_odds))
    elif _rarer(told) < FEW:
        shrunk = "points are shrunk strongly, and " if asked.method == "logistic" else ""
        notes.append(f"fewer than {FEW} leads of the rarer outcome: {shrunk}figures are uncertain")
    notes += [of_prior] if of_prior else []
    notes += [] if held_out.is_usable else [NO_SIGNAL]
    said("looking at groups of people")
    used = _used(terms, recoding.of(codes))
    people = groups(engine, declared, facts, at, seen, used)
    notes += told_by_proxies(people)
    head = Head(asked.name, _title(asked), _description(asked, told, held_out, of_prior), _made(asked, told, held_out))
    document = write(terms, recoding.of(codes), declared, head, held_out.bend)
    return Learned(document, terms, len(told), int(told.sum()), held_out, tuple(notes), tuple(people), _unshrunk(terms, codes, told, asked))


def fit(
    inputs: Sequence[Input], codes: Codes, labels: Floats, asked: Asked, strength: float | None = None, before: Floats | None = None
) -> tuple[Terms, Recoding, float | None]:  # fmt: skip
    """Return the terms that a method finds, how leads come into their bands, and how strong the penalty was, if there is one.

    ``strength``: what was found to be best for as many other leads, so that it need not be looked for again. ``before``: the points that
    an expert gives these leads, to start from.
    """
    if asked.method == "logistic":
        given = STRONG if _rarer(labels) < FEW else strength
        expert = bent(before, labels).log_odds if before is not None else None
        terms, chosen = learn_logistic(
            inputs, codes, labels, seed=asked.seed, directions=asked.directions, strength=given, expert=expert
        )  # fmt: skip
        return terms, Recoding(), chosen
    if asked.full:
        return learn_additive(inputs, codes, labels, seed=asked.seed), Recoding(), None
    return *learn_readable(inputs, codes, labels, seed=asked.seed), None


def _held_out(
    inputs: Sequence[Input], codes: Codes, labels: Floats, asked: Asked, before: Floats | None
) -> HeldOut:  # fmt: skip
    """Return leads that were not learned from, as one learned from the others sees them.

    One quarter is held out; where outcomes are few, each of the four in turn, or chance would say how good it is.
    """
    fold = folds(labels, HELD_OUT, asked.seed)
    turns = HELD_OUT if _rarer(labels) < MANY else 1
    guesses, outcomes, strength = [], [], None
    for turn in range(turns):
        outside = fold == turn
        terms, recoding, strength = fit(
            inputs, codes[~outside], labels[~outside], asked, strength, before[~outside] if before is not None else None
        )
        guesses.append(terms.log_odds(recoding.of(codes[outside])))
        outcomes.append(labels[outside])
    return HeldOut(np.concatenate(outcomes), np.concatenate(guesses), asked.seed)


def _unshrunk(terms: Terms, codes: Codes, labels: Floats, asked: Asked) -> tuple[BandPoints, ...]:
    return tuple(points_of(*as_written(terms, codes), labels)) if asked.method == "logistic" else ()


def _used(terms: Terms, codes: Codes) -> Used:
    """Return what a document of these terms reads of leads, and what it gives them."""
    places = sorted({*terms.mains, *(place for both in terms.pairs for place in both)})
    return Used([terms.inputs[place] for place in places], codes[:, places], rounded(terms).log_odds(codes))


def _rarer(labels: Floats) -> int:
    """Return how many leads had the rarer outcome."""
    return int(min(labels.sum(), (1 - labels).sum()))


def _before(engine: Engine, facts: Facts, at: Instants, seen: Known, asked: Asked) -> tuple[Floats | None, str]:
    """Return the points of the expert to start from, if they are to be used, and what is to be said of it."""
    if asked.prior is None:
        return None, ""
    if asked.method != "logistic":
        raise DataError("prior_needs_logistic", "boosting does not start from points that somebody wrote", "use --method logistic")
    if _rarer(seen.labels) >= FEW:
        return None, f"{asked.prior.name} is not used: {FEW} leads of either outcome speak for themselves"
    return expert_points(engine, asked.prior, facts, at, seen.lead_ids), asked.prior.name


def _what_is_said(name: str, before: Floats, labels: Floats, share: float) -> str:
    """Return what is to be said of points that were started from."""
    slope = bent(before, labels).slope
    few = f"fewer than {FEW} leads of the rarer outcome ({_rarer(labels)}), so figures are uncertain"
    if not slope:
        return f"{few}; the points of {name} do not rank these leads better than chance, so all start from the same"
    return (
        f"{few}; points start from those of {name}, each of which is worth {slope:.2f} of one here, "
        f"and outcomes moved them from there; bands say {share:.0%} of what it tells apart"
    )


def _need_inputs(directions: Mapping[str, Direction], inputs: Sequence[Input]) -> None:
    """Refuse a direction for what is no input, or for one that has no order."""
    ordered = [each.name for each in inputs if may_rise(each)]
    for name in directions:
        if name not in ordered:
            is_there = any(each.name == name for each in inputs)
            shown = ", ".join(ordered[:12]) + (f" and {len(ordered) - 12} more" if len(ordered) > 12 else "")
            raise DataError("direction_of_nothing", f"--monotone: {name} {'has no order' if is_there else 'is no input'}",
                            f"inputs that may rise or fall are {shown}" if shown else "no input here may rise or fall")  # fmt: skip


def _leak(found: Finding, asked: Asked) -> str | None:
    """Return what is to be said of a field that knows, or may know, the outcome."""
    if found.verdict == "fine" or found.field in asked.drop | asked.allow:
        return None
    if found.verdict == "drop":
        return f"{found.field} knows the outcome and is not used{asked.let_through.format(field=found.field)}: {found.evidence[0]}"
    return f"{found.field} may know the outcome: {found.evidence[0]}"


def _varied(found: Coded, leaking: set[str]) -> tuple[list[Input], Codes]:
    """Return the inputs that differ among leads, and the codes of these leads in them."""
    codes = found.codes
    differs = [len(np.unique(codes[:, place])) > 1 for place in range(len(found.inputs))]
    places = [place for place, each in enumerate(found.inputs) if differs[place] and each.source.get("field") not in leaking]
    if not places:
        raise DataError(
            "nothing_to_learn_from", "no input differs among the leads with a known outcome", "give more columns, or activities"
        )
    return [found.inputs[place] for place in places], codes[:, places]


def _title(asked: Asked) -> str:
    how = "logistic regression" if asked.method == "logistic" else "explainable boosting, in full" if asked.full else "explainable boosting"
    return f"Learned by {how}"


def _made(asked: Asked, labels: Floats, held_out: HeldOut) -> Made:
    metrics = {"auc": held_out.auc, "calibration_error": held_out.calibration_error}
    return Made(asked.method, len(labels), int(labels.sum()), asked.when, LIBRARIES[asked.method], metrics, asked.full, asked.seed)


def _description(asked: Asked, labels: Floats, held_out: HeldOut, of_prior: str) -> str:
    versions = ", ".join(f"{library} {version(library)}" for library in ("vaglio", *LIBRARIES[asked.method]))
    lines = [
        f"Learned by `vaglio learn --method {asked.method}` ({versions}, seed {asked.seed})",
        f"from {len(labels):,} leads, of whom {int(labels.sum()):,} ({labels.mean():.1%}) came out well. {asked.looked_at}".rstrip(),
        f"On leads held out: AUC {held_out.auc:.3f}, calibration error {held_out.calibration_error:.3f}. Ten points double the odds.",
        *([of_prior[0].upper() + of_prior[1:] + "."] if of_prior else []),
    ]
    return "\n".join(lines) + "\n"
