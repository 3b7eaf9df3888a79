"""What became of the leads: accepted or rejected by sales, won or lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vaglio.demo import truth
from vaglio.demo.columns import (
    NEVER,
    NONE,
    fixed_text_column,
    instants_column,
    integers_column,
    texts,
    words_column,
)
from vaglio.demo.company import size_code
from vaglio.demo.leads import lead_bytes
from vaglio.demo.people import COMPETITOR, SPAM, STUDENT, People
from vaglio.demo.randomness import Floats, Ints, Source, logistic
from vaglio.demo.recipe import DAY, WINDOW, Recipe

OUTCOMES = ("accepted", "rejected", "won", "lost")
ACCEPTED, REJECTED, WON, LOST = range(4)
REASONS = ("not_a_fit", "no_budget", "bad_timing", "unreachable", "spam", "competitor", "student")
# What an opportunity is worth, by size of the company, in euros.
_VALUES = np.array([4_000.0, 25_000.0, 120_000.0])


@dataclass(frozen=True)
class Fates:
    """What happens to some leads; arrays have shape (n,), instants in seconds from the window's start.

    Attributes
    ----------
    probability, win_probability : float
        Of being accepted; of being won once accepted.
    accepted, rejected, closed : int
        When, ``NEVER`` if never. May lie after the last day: then it is the truth, but not in the tables yet.
    is_won : bool
        Whether the closed ones are won.
    """

    probability: Floats
    win_probability: Floats
    accepted: Ints
    rejected: Ints
    closed: Ints
    is_won: NDArray[np.bool_]


def draw_fates(recipe: Recipe, people: People, rows: Ints) -> Fates:
    """Draw outcomes by the stated formula."""
    source = recipe.source
    fit, interest, blocked = people.fit[rows], people.interest[rows], people.blocked[rows]
    moment = people.buys[rows] != NEVER
    probability = truth.acceptance_probability(fit, interest, moment, blocked >= 0)
    win_probability = truth.win_probability(fit, interest, moment)
    is_accepted = source.uniform("accepted", rows) < probability
    decided = _decision_seconds(source, people, rows)
    nuisance = 1.2 * (blocked == STUDENT) + 1.0 * (blocked == SPAM)
    presented = logistic(-3.5 + 0.5 * interest + 1.2 * moment + nuisance)
    is_rejected = ~is_accepted & (source.uniform("rejected", rows) < presented)
    closed = decided + DAY * (10 + 80 * source.uniform("closed", rows))
    # One accepted lead in eight is still open however long one waits.
    is_closed = is_accepted & (source.uniform("stays open", rows) >= 0.12)
    return Fates(
        probability=probability,
        win_probability=win_probability,
        accepted=np.where(is_accepted, decided, NEVER),
        rejected=np.where(is_rejected, decided, NEVER),
        closed=np.where(is_closed, closed.astype(np.int64), NEVER),
        is_won=source.uniform("won", rows) < win_probability,
    )


def _decision_seconds(source: Source, people: People, rows: Ints) -> Ints:
    """Decide a few days after the buying moment, or at any time after the lead appears."""
    buys = people.buys[rows]
    soon = buys + DAY * (0.5 + 9.0 * source.uniform("decision wait", rows))
    first = np.maximum(people.created[rows], 0)
    sometime = first + source.uniform("decided", rows) * (WINDOW + 30 * DAY - first)
    return np.where(buys != NEVER, soon, sometime).astype(np.int64)


def outcomes_table(recipe: Recipe, people: People, rows: Ints, fates: Fates) -> pa.Table:
    """Spell what is known by the last day as rows of ``outcomes.csv``, by lead and time."""
    moments = (fates.accepted, fates.rejected, np.where(fates.is_won, fates.closed, NEVER),
               np.where(fates.is_won, NEVER, fates.closed))  # fmt: skip
    position = [np.flatnonzero((seconds != NEVER) & (seconds < WINDOW)) for seconds in moments]
    outcome = np.concatenate([np.full(len(part), code) for code, part in enumerate(position)])
    place = np.concatenate(position)
    when = np.concatenate([seconds[part] for seconds, part in zip(moments, position, strict=True)])
    order = np.lexsort((when, place))
    place, outcome, when = place[order], outcome[order], when[order]
    leads = rows[place]
    reasons = np.where(outcome == REJECTED, _draw_reasons(recipe, people, leads), NONE)
    return pa.table(
        {
            "lead_id": fixed_text_column(lead_bytes(recipe, leads)),
            "outcome": words_column(outcome, texts(OUTCOMES)),
            "occurred_at": instants_column(recipe.instants(when)),
            "value": integers_column(_draw_values(recipe, people, leads), outcome < WON),
            "reason": words_column(reasons, texts(REASONS)),
        }
    )


def _draw_values(recipe: Recipe, people: People, leads: Ints) -> Ints:
    """Draw the worth of opportunities in whole euros, to the hundred."""
    spread = np.exp(0.4 * recipe.source.normal("value", leads))
    worth = _VALUES[size_code(people.employees[leads])] * spread
    return np.asarray(np.rint(worth / 100.0) * 100, dtype=np.int64)


def _draw_reasons(recipe: Recipe, people: People, leads: Ints) -> Ints:
    """Give a reason for rejecting: what the lead is, or a bad fit, or chance."""
    reason = 1 + recipe.source.below("reason", leads, 3)
    reason[people.fit[leads] < 0.0] = REASONS.index("not_a_fit")
    for kind, name in ((SPAM, "spam"), (COMPETITOR, "competitor"), (STUDENT, "student")):
        reason[people.blocked[leads] == kind] = REASONS.index(name)
    return reason


def truth_columns(recipe: Recipe, people: People, rows: Ints, fates: Fates) -> dict[str, Any]:
    """Gather what ``truth.truth_table`` spells."""
    return {
        "lead_id": lead_bytes(recipe, rows),
        "fit": people.fit[rows],
        "interest": people.interest[rows],
        "buys_at": _instants_or_never(recipe, people.buys[rows]),
        "accepted_at": _instants_or_never(recipe, fates.accepted),
        "blocked": people.blocked[rows],
        "seniority": people.seniority[rows],
        "employees": people.employees[rows],
        "probability": fates.probability,
        "win_probability": fates.win_probability,
    }


def _instants_or_never(recipe: Recipe, seconds: Ints) -> Ints:
    return np.where(seconds == NEVER, NONE, recipe.instants(np.where(seconds == NEVER, 0, seconds)))
