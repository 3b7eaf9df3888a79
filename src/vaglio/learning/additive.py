"""An explainable boosting machine over bands: trees of one input or of two, added up, so that its terms are tables.

The full one takes bands as they are. The readable one joins them: the inputs that matter most, in few bands each, and few pairs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np

from vaglio.learning.inputs import Input, Test
from vaglio.learning.terms import Codes, Floats, Integers, Recoding, Terms

BAGS = 8  # fits on different parts of the leads, averaged
JOBS = 2
FEW = 2_000  # leads that are fitted by the time two more processes have begun
MOST_BINS = 1_024
PAIRS = 10  # of the full one
PAIR_BINS = 24


@dataclass(frozen=True)
class Readable:
    """How much a reader takes in."""

    inputs: int = 12
    bands: int = 8
    pairs: int = 5
    cells: int = 6  # in each direction of a pair


def learn_additive(inputs: Sequence[Input], codes: Codes, labels: Floats, *, seed: int) -> Terms:
    """Return the terms of the full machine."""
    return _tables(_fitted(inputs, codes, labels, _Size(PAIRS, PAIR_BINS), seed), inputs)


def learn_readable(
    inputs: Sequence[Input], codes: Codes, labels: Floats, *, seed: int, limits: Readable | None = None
) -> tuple[Terms, Recoding]:  # fmt: skip
    """Return the terms of one that can be read, over joined bands, and how leads come into these."""
    limits = limits or Readable()
    mains = _tables(_fitted(inputs, codes, labels, _Size(0, PAIR_BINS), seed), inputs).mains
    weights = {place: np.bincount(codes[:, place][codes[:, place] >= 0], minlength=len(inputs[place].bands)) for place in mains}
    kept = sorted(sorted(mains, key=lambda place: -_spread(mains[place], weights[place]))[: limits.inputs])
    joined = [join(inputs[place], mains[place], weights[place], limits.bands) for place in kept]
    fewer, recoding = [each for each, _where in joined], Recoding(tuple(kept), tuple(where for _each, where in joined))
    machine = _fitted(fewer, recoding.of(codes), labels, _Size(limits.pairs, limits.cells), seed)
    return _tables(machine, fewer), recoding


@dataclass(frozen=True)
class _Size:
    """How many pairs, and in how many bins each of theirs is cut."""

    pairs: int
    bins: int


def _fitted(inputs: Sequence[Input], codes: Codes, labels: Floats, size: _Size, seed: int) -> Any:
    """Return a machine that has learned."""
    from interpret.glassbox import ExplainableBoostingClassifier

    machine = ExplainableBoostingClassifier(
        feature_names=[each.name for each in inputs],
        feature_types=["continuous" if each.ordered else "nominal" for each in inputs],
        interactions=min(size.pairs, len(inputs) * (len(inputs) - 1) // 2),
        max_interaction_bins=size.bins, max_bins=MOST_BINS, outer_bags=BAGS, random_state=seed,
        n_jobs=1 if len(labels) < FEW else JOBS,
    )  # fmt: skip
    with catch_warnings():
        simplefilter("ignore", UserWarning)  # that its own pictures do not show missing values: ours do
        machine.fit(_frame(inputs, codes), labels.astype(int))
    return machine


def _frame(inputs: Sequence[Input], codes: Codes) -> Any:
    """Return what the machine reads: ordered bands as numbers, others as names, no value as none."""
    columns = []
    for place, each in enumerate(inputs):
        own = codes[:, place]
        if each.ordered:
            columns.append(np.where((own < 0) | (own >= each.ordered), np.nan, own).astype(object))
        else:
            columns.append(np.array([f"b{code}" for code in own], object))
    return np.stack(columns, axis=1)


def _tables(machine: Any, inputs: Sequence[Input]) -> Terms:
    """Return the machine's terms as tables, by asking it about every band and every cell."""
    mains: dict[int, Floats] = {}
    pairs: dict[tuple[int, int], Floats] = {}
    for number, features in enumerate(machine.term_features_):
        shape = [len(inputs[place].bands) for place in features]
        cells = np.indices(shape).reshape(len(shape), -1).T
        asked = np.zeros((len(cells), len(inputs)), np.int16)
        asked[:, list(features)] = cells
        found = machine.eval_terms(_frame(inputs, asked))[:, number].reshape(shape)
        if len(features) == 1:
            mains[features[0]] = found
        else:
            first, second = features
            pairs[first, second] = found
    return Terms(inputs, float(np.ravel(machine.intercept_)[0]), mains, pairs)


def _spread(values: Floats, weights: Integers) -> float:
    """Return how far apart leads are by an input: the mean distance from the mean."""
    if not weights.sum():
        return 0.0
    mean = np.average(values, weights=weights)
    return float(np.average(np.abs(values - mean), weights=weights))


def join(each: Input, values: Floats, weights: Integers, most: int) -> tuple[Input, Integers]:
    """Return an input with at most so many bands, and where each of its bands went; *no value* stays a band of its own.

    Step by step, the two bands are joined whose leads lose least by it; of ordered ones, neighbours. Those of texts come out ordered by
    what they are worth, so that a machine may cut between them.
    """
    # Bands of no order are taken in the order of their values, which makes the ones to join neighbours too.
    order = list(range(each.ordered)) + sorted(range(each.ordered, each.values), key=lambda band: values[band])
    groups = [[band] for band in order]
    limit = most - each.none

    def cost(place: int) -> float:
        return _cost(groups[place], groups[place + 1], values, weights, each.ordered)

    costs = [cost(place) for place in range(len(groups) - 1)]
    while len(groups) > limit:
        place = int(np.argmin(costs))
        groups[place : place + 2] = [groups[place] + groups[place + 1]]
        del costs[place]
        for near in (place - 1, place):  # what it costs to join others is what it was
            if 0 <= near < len(costs):
                costs[near] = cost(near)
    where = np.empty(len(each.bands), np.int64)
    for number, group in enumerate(groups):
        where[group] = number
    if each.none:
        where[-1] = len(groups)
    return _joined(each, groups), where


def _cost(left: list[int], right: list[int], values: Floats, weights: Integers, ordered: int) -> float:
    """Return how much is lost by giving both the same value; what is ordered and what is not are never joined."""
    if (left[0] < ordered) != (right[0] < ordered):
        return float("inf")
    many, more = float(weights[left].sum()), float(weights[right].sum())
    if not many or not more:
        return 0.0
    apart = np.average(values[left], weights=weights[left]) - np.average(values[right], weights=weights[right])
    return float(apart**2 * many * more / (many + more))


def _joined(each: Input, groups: list[list[int]]) -> Input:
    """Return the input with a band for each group."""
    named = {value for band in each.bands for value in band.get("in", ())}
    bands: list[Test] = []
    for group in groups:
        tests = [each.bands[band] for band in group]
        if group[0] < each.ordered:
            ends = {"from": tests[0].get("from"), "below": tests[-1].get("below")}
            bands.append({name: value for name, value in ends.items() if value is not None} or {"known": True})
        elif len(tests) == 1 and tests[0] != {"known": True}:
            bands.append(tests[0])
        elif {"known": True} in tests:  # the rest: all but what other groups name
            others = named - {value for test in tests for value in test.get("in", ())}
            bands.append({"not_in": sorted(others)} if others else {"known": True})
        else:
            bands.append({"in": sorted(value for test in tests for value in test["in"])} if named else {"known": True})
    ends_with = ({"known": False},) if each.none else ()
    return Input(each.name, each.axis, each.source, (*bands, *ends_with), len(bands), each.none)
