"""Fields that know the outcome: filled in or changed after it, filled mostly for one outcome, or too good for what they are.

Each finding carries its evidence, so that somebody who knows the process can judge it: a number alone proves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from vaglio.engine import Engine
from vaglio.learning.candidates import Choice, candidates, fields
from vaglio.learning.coded import Coded, coded
from vaglio.learning.discrimination import auc
from vaglio.learning.folding import folds
from vaglio.learning.history import History
from vaglio.learning.known import Known, Labels, known
from vaglio.learning.lateness import LEAST, ONLY, Evidence, by_dates, by_history, date_bands
from vaglio.learning.people import refused
from vaglio.learning.terms import Codes, Floats
from vaglio.naming import PROCESS
from vaglio.plan import Facts, Instants

Verdict = Literal["drop", "doubtful", "fine"]
TOO_GOOD = 0.84  # AUC of one field alone: what is known of a lead beforehand hardly tells so much
GOOD = 0.6  # AUC: enough, for a field that is named like one that sales fills in
GAP = 0.12  # of shares filled between the outcomes
NEVER = 0.1  # of the usual share of outcomes: where the field is empty, hardly anybody has it
USUAL = 0.8  # of all leads: where at most so many have the outcome, a value that only these have tells it
FOLDS = 5
PRIOR = 10.0  # leads, of the usual share, that each band is believed to have besides its own


@dataclass(frozen=True)
class Finding:
    """What is to be thought of a field, and why. ``auc``: of the field alone, on leads held out; None where it is no input."""

    field: str
    verdict: Verdict
    evidence: tuple[str, ...]
    auc: float | None


def findings(
    declared: Mapping[str, Any], seen: Known, bands: Coded, history: History | None = None, at: int | None = None
) -> list[Finding]:  # fmt: skip
    """Return a finding on each field of the leads and of their companies (``account.``), the worst first.

    ``bands`` are the same leads in bands; ``at``: the instant that they are looked at, where it is one for all [microseconds UTC]. With
    ``history`` also what became known later is looked at, which tells how a field comes to be filled: for whoever asks, not to learn by.
    """
    places = {each.source.get("field"): place for place, each in enumerate(bands.inputs)}
    found = []
    for name, kind in fields(declared).items():
        values = seen.values(name)
        good, late = seen.labels == 1, []
        codes = bands.codes[:, places[name]] if name in places else None
        if kind == "date":
            codes = date_bands(values, seen.lead_ids, history)
            late += by_dates(values, seen.lead_ids, good, at, history)
        if history is not None:
            late += by_history(name, values, seen.lead_ids, good, history)
        found.append(judged(_Seen(name, np.array(values, object), seen.labels, codes, late)))
    return sorted(found, key=lambda each: (("drop", "doubtful", "fine").index(each.verdict), -(each.auc or 0), each.field))


def looked_through(
    engine: Engine, declared: Mapping[str, Any], facts: Facts, at: Instants, labels: Labels, history: History | None = None
) -> list[Finding]:  # fmt: skip
    """Return a finding on each field of the leads and of their companies: whether it knows the outcome."""
    seen = known(engine, declared, facts, at, labels)
    found, _notes = candidates({**declared, "activities": {}}, seen, Choice(allow=frozenset(fields(declared))))
    return findings(declared, seen, coded(engine, dict(declared), found, facts, at).of(seen.lead_ids), history, at.as_of)


@dataclass(frozen=True)
class _Seen:
    """A field as it was found, over leads with a known outcome."""

    name: str
    values: Any
    labels: Floats
    codes: Codes | None
    late: Evidence


def judged(seen: _Seen) -> Finding:
    """Return the finding on one field."""
    filled = np.array([value is not None and str(value).strip() != "" for value in seen.values], bool)
    good = seen.labels == 1
    shares = (float(filled[good].mean()) if good.any() else 0.0, float(filled[~good].mean()) if (~good).any() else 0.0)
    by_itself = alone(seen.codes, seen.labels) if seen.codes is not None else None
    sure: list[str] = []
    doubts: list[str] = []
    if by_itself is not None and by_itself >= TOO_GOOD:
        sure.append(f"alone it tells the outcomes apart with an AUC of {by_itself:.2f}; what is known beforehand hardly does")
    for is_sure, text in (*_by_filling(filled, seen.labels, shares), *_by_name(seen.name, by_itself, shares), *seen.late):
        (sure if is_sure else doubts).append(text)
    verdict: Verdict = "drop" if sure else "doubtful" if doubts else "fine"
    return Finding(seen.name, verdict, (*sure, *doubts), by_itself)


def alone(codes: Codes, labels: Floats) -> float:
    """Return the AUC of one input alone: each lead gets the share of outcomes in its band among leads of other folds."""
    fold = folds(labels, FOLDS, 1)
    found = np.zeros(len(labels))
    for number in range(FOLDS):
        inside = fold != number
        size = int(codes.max(initial=0)) + 2
        many = np.bincount(codes[inside] + 1, minlength=size)
        good = np.bincount(codes[inside] + 1, weights=labels[inside], minlength=size)
        found[~inside] = ((good + PRIOR * labels.mean()) / (many + PRIOR))[codes[~inside] + 1]
    return auc(labels, found)


def _by_filling(filled: Any, labels: Floats, shares: tuple[float, float]) -> list[tuple[bool, str]]:
    apart, empty = shares[0] - shares[1], ~filled
    if filled.sum() >= LEAST and labels[filled].mean() >= ONLY and labels.mean() <= USUAL:
        return [(True, f"filled for {int(filled.sum()):,} leads only, of whom {labels[filled].mean():.0%} have the outcome")]
    if abs(apart) < GAP or empty.sum() < LEAST or filled.sum() < LEAST:
        return []
    said = f"filled for {shares[0]:.0%} of leads with the outcome and {shares[1]:.0%} of the others"
    if apart > 0 and labels[empty].mean() < NEVER * labels.mean():
        return [(True, f"{said}; where it is empty, {labels[empty].mean():.1%} have the outcome instead of {labels.mean():.1%}")]
    return [(False, f"{said}: it may be filled because of what came later")]


def _by_name(name: str, alone: float | None, shares: tuple[float, float]) -> list[tuple[bool, str]]:
    words = sorted(PROCESS & set(name.removeprefix("account.").split("_")))
    if not words or refused([name]):  # a last name is no latest anything
        return []
    tells = (alone is not None and alone >= GOOD) or shares[0] - shares[1] >= GAP
    return [(tells, f"named like what sales fills in, or what is worked out later ({', '.join(words)})")]
