"""From what was learned to a model document. Each term is rounded once; from then on the document is the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from vaglio.document import ModelDocument
from vaglio.document.names import name_apart
from vaglio.learning.inputs import Input, Test
from vaglio.learning.origin import Made
from vaglio.learning.terms import DOUBLING, Codes, Floats, Terms, probability
from vaglio.terms import Axis

SCALE = DOUBLING / np.log(2)  # points in one of log-odds
SHARES = (0.9, 0.7, 0.4)  # of the leads learned from are below A, B and C; and below 1, 2 and 3
STEPS = 64  # rows of the calibration table
LEAST = Decimal(
    25
)  # points from which on a lead is a C, and a 3: where an axis begins means nothing, and people read 25 rather than -38.947


@dataclass(frozen=True)
class Head:
    """What a document says of itself."""

    name: str
    title: str
    description: str
    made: Made | None = None


def points(values: Floats) -> Floats:
    """Return log-odds as points, rounded to thousandths: half away from zero."""
    return np.asarray(np.sign(values) * np.floor(np.abs(values) * SCALE * 1000 + 0.5) / 1000)


def rounded(terms: Terms) -> Terms:
    """Return terms as a document holds them [points]; those that give everybody nothing are left out."""
    mains = {place: points(values) for place, values in terms.mains.items()}
    pairs = {both: points(grid) for both, grid in terms.pairs.items()}
    return Terms(
        terms.inputs, float(points(np.array(terms.intercept))),
        {place: values for place, values in mains.items() if values.any()}, {both: grid for both, grid in pairs.items() if grid.any()},
    )  # fmt: skip


def write(terms: Terms, codes: Codes, declared: Mapping[str, Any], head: Head, bend: tuple[float, float] = (0.0, 1.0)) -> ModelDocument:
    """Write a document of terms [log-odds] that were learned from leads in bands (``codes``).

    ``bend`` is what makes log-odds honest: the intercept and the slope of outcomes on what was predicted for leads not learned from.
    """
    given = rounded(terms)
    by_axis = {axis: _of_axis(given, axis) for axis in ("profile", "engagement")}
    profile, engagement = (part.log_odds(codes) for part in by_axis.values())
    total = profile + engagement
    axes: dict[str, Any] = {}
    moved = Decimal(0)
    taken = {given.inputs[place].name for place in given.mains}
    for (axis, part), found, names in zip(by_axis.items(), (profile, engagement), ("ABC", "123"), strict=True):
        least = cuts(found, names)
        by = LEAST - least[names[-1]]
        axes[axis] = {"rules": _rules(part, taken), "intercept": _decimal(part.intercept) + by, "floor": "none",
                      "letters" if axis == "profile" else "digits": {name: cut + by for name, cut in least.items()}}  # fmt: skip
        moved += by
    return ModelDocument.model_validate({
        "format": 1, "name": head.name, "title": head.title, "description": head.description,
        "learned": head.made.plain() if head.made else None,
        "inputs": _of_terms(given, declared), **axes, "calibration": _calibration(total, bend, moved),
    })  # fmt: skip


def _of_axis(terms: Terms, axis: Axis) -> Terms:
    """Return the terms of an axis; the intercept is the profile's."""
    mains = {place: values for place, values in terms.mains.items() if terms.inputs[place].axis == axis}
    pairs = {both: grid for both, grid in terms.pairs.items() if _axis_of(terms.inputs, both) == axis}
    return Terms(terms.inputs, terms.intercept if axis == "profile" else 0.0, mains, pairs)


def _axis_of(inputs: Sequence[Input], both: tuple[int, int]) -> Axis:
    return "profile" if all(inputs[place].axis == "profile" for place in both) else "engagement"


def _rules(terms: Terms, taken: set[str]) -> list[dict[str, Any]]:
    """Return the rules of terms; the names of pairs are none of those ``taken``, and are taken from then on."""
    mains = [
        {"id": terms.inputs[place].name, "kind": "bands", "input": terms.inputs[place].source, "bands": _bands(terms.inputs[place], values)}
        for place, values in terms.mains.items()
    ]  # fmt: skip
    for (first, second), grid in terms.pairs.items():
        pair = _pair(terms.inputs[first], terms.inputs[second], grid)
        name = name_apart(pair["id"], taken)
        taken.add(name)
        mains.append(pair | {"id": name})
    return mains


def _bands(each: Input, values: Floats) -> list[dict[str, Any]]:
    groups = alike(each, values[:, None])
    return [test | {"points": _decimal(values[place])} for test, place in groups]


def _pair(first: Input, second: Input, grid: Floats) -> dict[str, Any]:
    rows, columns = alike(first, grid), alike(second, grid.T)
    cells = [[_decimal(grid[row, column]) for _test, column in columns] for _test, row in rows]
    return {
        "id": f"{first.name}_and_{second.name}", "kind": "bands_2d", "points": cells,
        "first": {"input": first.source, "bands": [test for test, _place in rows]},
        "second": {"input": second.source, "bands": [test for test, _place in columns]},
    }  # fmt: skip


def alike(each: Input, values: Floats) -> list[tuple[Test, int]]:
    """Return the bands of an input, neighbours of the same values as one, with the place of one that has them."""
    found: list[tuple[Test, int]] = []
    for place, test in enumerate(each.bands):
        is_same = bool(found) and np.array_equal(values[found[-1][1]], values[place])
        before = found[-1][0] if found else {}
        if is_same and place < each.ordered and "from" in test and "below" in before:
            wider = {name: before[name] for name in ("from",) if name in before} | {name: test[name] for name in ("below",) if name in test}
            found[-1] = (wider or {"known": True}, found[-1][1])
        elif is_same and "in" in test and "in" in before and place >= each.ordered:
            found[-1] = ({"in": [*before["in"], *test["in"]]}, found[-1][1])
        else:
            found.append((dict(test), place))
    return found


def cuts(found: Floats, names: str) -> dict[str, Decimal]:
    """Return the least points of three classes; each below the one before, also where few totals differ.

    Leads of the same total come into the same class. So many who did nothing are put where most of them belong, not all into the class
    that the first of them falls into: each cut is the total from which on the share of leads is nearest to what is asked, and who has
    the least is in the last class. Where all leads have the same, nobody reaches any: nothing is known to tell them apart.
    """
    totals, many = np.unique(found, return_counts=True)
    if len(totals) == 1:
        return {name: _decimal(float(totals[0]) + (3 - place) * DOUBLING) for place, name in enumerate(names)}
    reached = np.cumsum(many[::-1])[::-1] / len(found)  # the share of leads that have each total or more
    at = np.append(totals, totals[-1] + DOUBLING)  # or nobody
    reached = np.append(reached, 0.0)
    made: dict[str, Decimal] = {}
    for name, share in zip(names, SHARES, strict=True):
        away = np.abs(reached - (1 - share))
        away[0] = np.inf  # who has the least is in the last class
        cut = _decimal(float(at[np.flatnonzero(away <= away.min() + 1e-12)[-1]]))
        last = min(made.values(), default=None)
        made[name] = cut if last is None or cut < last else last - Decimal("0.001")
    return made


def _calibration(total: Floats, bend: tuple[float, float], moved: Decimal) -> list[dict[str, Any]]:
    """Return the table from points to probability, evenly over the points there are; ``moved``: by how much documents begin higher."""
    low, high = float(total.min()), float(total.max())
    if high - low < 1:
        low, high = low - 1, high + 1
    margin = (high - low) * 0.1
    at = np.linspace(low - margin, high + margin, STEPS)
    chance = np.maximum.accumulate(np.round(probability(bend[0] + bend[1] * at / SCALE), 6))
    return [{"points": _decimal(round(where, 3)) + moved, "probability": _decimal(value)} for where, value in zip(at, chance, strict=True)]


def _of_terms(terms: Terms, declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the declared inputs the terms read."""
    places = {*terms.mains, *(place for both in terms.pairs for place in both)}
    return used([terms.inputs[place].source for place in sorted(places)], declared)


def used(sources: Sequence[Mapping[str, Any]], declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return the ``inputs`` section of a document that reads some inputs, as documents spell them."""
    fields = {source["field"] for source in sources if "field" in source}
    types: dict[str, set[str]] = {}
    for source in sources:
        for kind in [source["activity"]] if "activity" in source else source.get("activities", ()):
            types.setdefault(kind, set()).update(source.get("where", ()))
    kept = {
        "fields": {name: kind for name, kind in declared.get("fields", {}).items() if name in fields},
        "account_fields": {name: kind for name, kind in declared.get("account_fields", {}).items() if f"account.{name}" in fields},
        "activities": {kind: {name: its[name] for name in sorted(types[kind])}
                       for kind, its in sorted(declared.get("activities", {}).items()) if kind in types},
    }  # fmt: skip
    return {name: value for name, value in kept.items() if value} | {"no_value": list(declared.get("no_value", ()))}


def _decimal(value: float) -> Decimal:
    """Return a number with as few digits as say exactly it."""
    return Decimal(repr(round(float(value), 6))).normalize() + Decimal(0)
