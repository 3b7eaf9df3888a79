"""The stated formula by which leads buy: the truth a scoring model tries to find."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vaglio.demo import words
from vaglio.demo.columns import fixed_text_column, instants_column, integers_column, texts, words_column
from vaglio.demo.randomness import Floats, logistic

# What each part adds to a lead's true fit, in the order of the lists in words.py.
SENIORITY_FIT = (1.0, 0.9, 0.8, 0.7, 0.0, -0.5, -1.2, -1.5)
SIZE_FIT = (-0.6, 0.6, 0.3)
INDUSTRY_FIT = (0.7, 0.6, 0.2, -0.5, -0.3, -0.6, -0.4, -0.3, -0.6)
COUNTRY_FIT = (0.2, 0.1, 0.2, -0.1, -0.1, 0.0, -0.3)
FIT_NOISE = 0.3

# Who never buys, whatever the formula says.
BLOCKS = ("spam", "competitor", "student")

# Log-odds of being accepted by sales, ever; and, once accepted, of being won.
ACCEPTED = {"intercept": -4.7, "fit": 1.4, "interest": 0.7, "moment": 3.5}
WON = {"intercept": -1.25, "fit": 0.4, "interest": 0.3, "moment": 0.4}
# Log-odds of having a buying moment at all.
MOMENT = {"intercept": -1.75, "interest": 0.6}

FORMULA = (
    "fit = seniority + size + industry + country + fit_noise * e; interest and e are standard normal; "
    "moment = 1 if the lead has a buys_at, else 0, "
    "and P(moment) = logistic(moment.intercept + moment.interest * interest) for leads that are not blocked; "
    "probability = logistic(accepted.intercept + accepted.fit * fit + accepted.interest * interest "
    "+ accepted.moment * moment), and 0 for leads that are blocked (spam, competitor, student); "
    "win_probability = P(won | accepted) = logistic(won.intercept + won.fit * fit + won.interest * interest "
    "+ won.moment * moment); logistic(x) = 1 / (1 + exp(-x))"
)


def acceptance_probability(fit: Floats, interest: Floats, moment: NDArray[Any], blocked: NDArray[Any]) -> Floats:
    """Give each lead's probability of ever being accepted by sales.

    Parameters
    ----------
    fit, interest : array of float64, shape (n,)
    moment : array of bool, shape (n,)
        Whether the lead has a buying moment.
    blocked : array of bool, shape (n,)
        Whether the lead is of a kind that never buys.

    Returns
    -------
    array of float64, shape (n,)
    """
    return np.where(blocked, 0.0, logistic(_log_odds(ACCEPTED, fit, interest, moment)))


def win_probability(fit: Floats, interest: Floats, moment: NDArray[Any]) -> Floats:
    """Give each lead's probability of being won once accepted; shapes as in ``acceptance_probability``."""
    return logistic(_log_odds(WON, fit, interest, moment))


def _log_odds(coefficients: dict[str, float], fit: Floats, interest: Floats, moment: NDArray[Any]) -> Floats:
    total = coefficients["intercept"] + coefficients["fit"] * fit + coefficients["interest"] * interest
    return np.asarray(total + coefficients["moment"] * moment, dtype=np.float64)


def formula_document() -> dict[str, Any]:
    """Give the formula and all of its numbers, ready for JSON."""
    return {
        "formula": FORMULA,
        "accepted": ACCEPTED,
        "won": WON,
        "moment": MOMENT,
        "blocked": list(BLOCKS),
        "fit": {
            "seniority": dict(zip(words.SENIORITIES, SENIORITY_FIT, strict=True)),
            "size": dict(zip(("below 50", "50 to 4999", "from 5000"), SIZE_FIT, strict=True)),
            "industry": dict(zip(words.INDUSTRIES, INDUSTRY_FIT, strict=True)),
            "country": dict(zip(words.COUNTRIES, COUNTRY_FIT, strict=True)),
            "fit_noise": FIT_NOISE,
        },
    }


def truth_table(columns: dict[str, Any]) -> pa.Table:
    """Spell hidden values as rows of ``truth.csv``.

    Parameters
    ----------
    columns : dict of arrays, each of shape (n,)
        ``lead_id`` (ASCII bytes), ``fit``, ``interest``, ``buys_at`` and ``accepted_at`` (microseconds since
        1970 UTC, negative for never), ``blocked`` and ``seniority`` (codes), ``employees``,
        ``probability``, ``win_probability``.
    """
    return pa.table(
        {
            "lead_id": fixed_text_column(columns["lead_id"]),
            "fit": pa.array(columns["fit"]),
            "interest": pa.array(columns["interest"]),
            "buys_at": instants_column(columns["buys_at"], columns["buys_at"] < 0),
            "blocked": words_column(columns["blocked"], texts(BLOCKS)),
            "probability": pa.array(columns["probability"]),
            "win_probability": pa.array(columns["win_probability"]),
            "accepted_at": instants_column(columns["accepted_at"], columns["accepted_at"] < 0),
            "seniority": words_column(columns["seniority"], texts(words.SENIORITIES)),
            "employees": integers_column(columns["employees"]),
        }
    )
