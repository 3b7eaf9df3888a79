"""What an expert's points say before outcomes are many: where a learner starts from.

The expert's score of each lead is first said in the learner's own bands, as well as these can, and bent to the outcomes there are: by one
intercept and one slope. From there on the learner moves only as far as outcomes push it; the more there are, the less is left of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vaglio.document import ModelDocument
from vaglio.engine import Engine
from vaglio.learning.discrimination import auc, line_through
from vaglio.learning.terms import DOUBLING, Floats
from vaglio.plan import Facts, Instants
from vaglio.scoring import score_rows


@dataclass(frozen=True)
class Bent:
    """The log-odds that an expert's points come to, with the slope that was found."""

    log_odds: Floats
    slope: float


def expert_points(engine: Engine, document: ModelDocument, facts: Facts, at: Instants, lead_ids: Sequence[str]) -> Floats:
    """Return what a model gives leads on both axes [points]; leads outside its audience get what the others get on average.

    Raises
    ------
    EngineError
        The engine failed.
    """
    rows = score_rows(engine, document, facts, at)
    given = {row["lead_id"]: (row["profile_millipoints"] + row["engagement_millipoints"]) / 1000 for row in rows}
    usual = float(np.mean([given[each] for each in lead_ids if each in given] or [0.0]))
    return np.array([given.get(each, usual) for each in lead_ids])


def bent(points: Floats, labels: Floats) -> Bent:
    """Return an expert's points as log-odds of these outcomes; where they tell nothing, or the wrong way round, the usual share for all."""
    size = float(np.std(points))
    if size > 0 and auc(labels, points) > 0.5:
        # Points are on no scale yet: brought to that of log-odds, so that the doubt in the slope means the same for every expert.
        plain = (points - points.mean()) / size
        low, slope = line_through(labels, plain)
        return Bent(low + slope * plain, slope * DOUBLING / np.log(2) / size)
    share = float(labels.mean())
    return Bent(np.full(len(labels), np.log(share / (1 - share))), 0.0)
