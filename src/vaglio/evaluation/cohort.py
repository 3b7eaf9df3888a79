"""The leads that came in before an instant, as they were known at it: their ratings, and in which band of each input they are."""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import numpy as np
from ibis import _
from numpy.typing import NDArray

from vaglio.document import ModelDocument
from vaglio.engine import Engine
from vaglio.evaluation.reading import Reading
from vaglio.learning.coded import coded
from vaglio.learning.terms import Codes
from vaglio.plan import Facts, Instants
from vaglio.scoring import Scored, score
from vaglio.terms import DAY_SECONDS, MICROSECONDS

EXCLUDED = "excluded"


@dataclass(frozen=True)
class RuleGave:
    """What a rule gave leads: to how many of them anything, and how much on average over all [points]."""

    leads: int
    mean: float


@dataclass(frozen=True)
class Cohort:
    """Leads of the audience that were created in the window before ``at``, and as they were known then.

    Attributes
    ----------
    came : int
        All leads that were created in the window, also those outside the audience.
    ratings : text
        A1-D4 or ``excluded``, one per lead.
    codes : int16 array of leads x inputs
        The fine band of each input; -1 where none holds.
    age : float
        How old the leads are on average [days].
    everybody : mapping
        Leads of the whole audience at that instant, whenever created, by rating.
    gave : mapping
        By axis and rule, what it gave these leads.
    """

    at: int
    came: int
    ratings: NDArray[np.str_]
    codes: Codes
    age: float
    everybody: Mapping[str, int]
    gave: Mapping[tuple[str, str], RuleGave]

    def __len__(self) -> int:
        return len(self.ratings)


def cohort(engine: Engine, document: ModelDocument, facts: Facts, reads: Reading, at: int, window: int) -> Cohort:
    """Return the leads created in ``window`` [µs] before an instant, as known at it.

    Raises
    ------
    EngineError
        The engine failed.
    """
    leads = facts.leads.filter(_.created_us > at - window, _.created_us <= at)
    born = {row["lead_id"]: row["created_us"] for row in engine.arrow(leads.select("lead_id", "created_us")).to_pylist()}
    scored = score(engine, [document], facts, Instants(at, at), contributions=True)
    try:
        everybody = _ratings(engine, scored.scores)
        rating = _ratings_of(engine, scored.scores, leads)
        gave = _gave(engine, scored, leads, len(rating))
    finally:
        scored.close()
    bands = coded(engine, reads.declared, reads.inputs, facts.replace(leads=leads), Instants(at, at))
    inside = [place for place, lead in enumerate(bands.lead_ids) if lead in rating]
    ids = [bands.lead_ids[place] for place in inside]
    age = float(np.mean([at - born[lead] for lead in ids])) / MICROSECONDS / DAY_SECONDS if ids else 0.0
    return Cohort(at, len(born), np.array([rating[lead] for lead in ids], "U8"), bands.codes[inside], age, everybody, gave)


def _ratings(engine: Engine, scores: ibis.Table) -> dict[str, int]:
    counted = scores.group_by("rating").aggregate(leads=_.count())
    return {row["rating"] or EXCLUDED: row["leads"] for row in engine.arrow(counted).to_pylist()}


def _ratings_of(engine: Engine, scores: ibis.Table, leads: ibis.Table) -> dict[str, str]:
    own = scores.select("lead_id", "rating").semi_join(leads, "lead_id")
    return {row["lead_id"]: row["rating"] or EXCLUDED for row in engine.arrow(own).to_pylist()}


def _gave(engine: Engine, scored: Scored, leads: ibis.Table, total: int) -> dict[tuple[str, str], RuleGave]:
    lines = scored.contributions
    if lines is None or not total:
        return {}
    own = lines.filter(_.part == "rule").semi_join(leads, "lead_id")
    counted = own.group_by("axis", "rule_id").aggregate(leads=_.count(), sum=_.millipoints.sum())
    rows = engine.arrow(counted).to_pylist()
    return {(row["axis"], row["rule_id"]): RuleGave(row["leads"], row["sum"] / 1000 / total) for row in rows}
