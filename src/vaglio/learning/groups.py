"""Fields that tell who people are: whether the inputs that are used tell it all the same, and what each group gets.

A field left out is not gone where others say what it said. So of each such field in the file: how well a logistic regression on the used
inputs tells each group from the others, which inputs alone do so most, and how far the group's points are from the others'.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaglio.engine import Engine
from vaglio.learning.candidates import Choice, candidates, fields
from vaglio.learning.coded import coded
from vaglio.learning.discrimination import auc
from vaglio.learning.folding import folds
from vaglio.learning.inputs import Input
from vaglio.learning.known import Known
from vaglio.learning.leakage import alone
from vaglio.learning.logistic import learn_logistic
from vaglio.learning.people import refused
from vaglio.learning.terms import Codes, Floats
from vaglio.plan import Facts, Instants
from vaglio.proportion import Proportion, Z

NO_GROUP = ("a name", "an address of one person")  # what tells one person from all others makes no groups
EDGES = 3  # of an age and the like: four groups
LEAST = 30  # leads of a group, and of the others
MOST = 6  # groups of a field: the largest
FOLDS = 3
STRENGTH = 3.0  # of the penalty, in leads
TELLS = 0.6  # AUC of one input alone from which it is named
PROXIES = 3
PROXY = 0.7  # AUC of all used inputs together from which it is said that they tell a group
BEST = 0.8  # of all leads have fewer points than those called first


@dataclass(frozen=True)
class Group:
    """Some leads beside all others.

    ``auc``: how well the used inputs tell them from the others, on leads held out; None where nothing is used. ``proxies``: the inputs that
    do it most, each with its AUC alone. ``gap``: their mean points less the others', between ``low`` and ``high`` with 95 %. ``best``:
    the share of them among the fifth of leads with most points (or all who have the most), and its 95 % interval.
    """

    field: str
    tells: str
    is_used: bool
    test: Mapping[str, Any]
    leads: int
    auc: float | None
    proxies: tuple[tuple[str, float], ...]
    gap: float
    low: float
    high: float
    best: float
    best_low: float
    best_high: float


@dataclass(frozen=True)
class Used:
    """What a document reads of leads, in bands, and what it gives them [points]."""

    inputs: Sequence[Input]
    codes: Codes
    points: Floats


def groups(
    engine: Engine, declared: Mapping[str, Any], facts: Facts, at: Instants, seen: Known, used: Used
) -> list[Group]:  # fmt: skip
    """Return the groups that fields of the file make which tell who people are; ``used`` are the same leads as ``seen``."""
    told = {name: what for name, what in refused(fields(declared)).items() if what not in NO_GROUP}
    own = {
        "fields": {name: kind for name, kind in declared.get("fields", {}).items() if name in told},
        "no_value": declared.get("no_value", ()),
    }
    found, _notes = candidates(own, seen, Choice(allow=frozenset(told), edges=EDGES, dates=True))  # also when somebody was born
    if not found:
        return []
    bands = coded(engine, dict(declared), found, facts, at).of(seen.lead_ids)
    made: list[Group] = []
    for place, each in enumerate(found):
        name = each.source["field"]
        others = [one for one in range(len(used.inputs)) if used.inputs[one].source.get("field") != name]
        apart = Used([used.inputs[one] for one in others], used.codes[:, others], used.points)
        sizes = np.bincount(bands.codes[:, place] + 1, minlength=len(each.bands) + 1)[1:]
        for band in sorted(np.argsort(-sizes, kind="stable")[:MOST].tolist()):
            if min(sizes[band], len(seen.lead_ids) - sizes[band]) >= LEAST:
                is_used = len(others) < len(used.inputs)
                made.append(_group((name, told[name], is_used), each.bands[band], bands.codes[:, place] == band, apart))
    return made


def told_by_proxies(found: Sequence[Group]) -> list[str]:
    """Return a note on each field that is not used but that used inputs tell."""
    notes = []
    for field in dict.fromkeys(each.field for each in found):
        own = [each for each in found if each.field == field and each.auc is not None and not each.is_used]
        worst = max(own, key=lambda each: each.auc or 0, default=None)
        if worst is not None and (worst.auc or 0) >= PROXY:
            by = ", ".join(name for name, _auc in worst.proxies) or "several together"
            notes.append(f"used inputs tell {field} all the same (AUC {worst.auc:.2f}), most of all {by}; --drop leaves inputs out")
    return notes


def _group(named: tuple[str, str, bool], test: Mapping[str, Any], whom: Any, used: Used) -> Group:
    mine, others = used.points[whom], used.points[~whom]
    gap = float(mine.mean() - others.mean())
    reach = Z * float(np.sqrt(mine.var(ddof=1) / len(mine) + others.var(ddof=1) / len(others)))
    line = np.quantile(used.points, BEST, method="lower")
    is_best = (
        used.points > line if (used.points > line).any() else used.points == line
    )  # where more than a fifth have the most, all of these
    best = Proportion(int(is_best[whom].sum()), len(mine))
    ranked = sorted(
        ((each.name, round(alone(used.codes[:, place], whom.astype(float)), 3)) for place, each in enumerate(used.inputs)),
        key=lambda pair: (-pair[1], pair[0]),
    )
    proxies = tuple(pair for pair in ranked if pair[1] >= TELLS)[:PROXIES]
    return Group(*named, dict(test), len(mine), _told_apart(used, whom.astype(float)), proxies, gap, gap - reach, gap + reach, best.share,
                 *best.interval())  # fmt: skip


def _told_apart(used: Used, whom: Floats) -> float | None:
    """Return the AUC of a logistic regression of the group on the used inputs, each lead asked of one that did not see it."""
    if not used.inputs:
        return None
    fold, found = folds(whom, FOLDS, 1), np.zeros(len(whom))
    for number in range(FOLDS):
        outside = fold == number
        terms, _strength = learn_logistic(used.inputs, used.codes[~outside], whom[~outside], seed=1, strength=STRENGTH)
        found[outside] = terms.log_odds(used.codes[outside])
    return auc(whom, found)
