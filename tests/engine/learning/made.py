"""Leads made by a stated formula, so that what is learned can be compared with the truth."""

from typing import Any

import numpy as np
import pyarrow as pa

from vaglio.engines.duckdb import DuckDBEngine
from vaglio.learning.terms import Floats, probability
from vaglio.plan import Facts, Instants

DAY = 86_400_000_000
NOW = 1_780_000_000_000_000
DECLARED: dict[str, Any] = {
    "fields": {"size": "number", "sector": "string", "wants_news": "boolean", "first_name": "string", "always": "string"},
    "activities": {"page_viewed": {}, "demo_asked": {}},
    "no_value": ["Select"],
}
SECTORS = np.array(["software", "finance", "Retail", "Select", ""])
WORTH = np.array([1.2, 0.2, -1.0, 0.0, 0.0])


def made(leads: int, seed: int = 7) -> tuple[dict[str, Any], dict[str, float], Floats]:
    """Return rows of leads and activities, what became of each, and the true log-odds."""
    drawn = np.random.default_rng(seed)
    size = np.where(drawn.random(leads) < 0.1, np.nan, np.round(drawn.lognormal(4, 1, leads), 1))
    sector = drawn.integers(0, len(SECTORS), leads)
    views = drawn.poisson(2, leads)
    asked = drawn.random(leads) < 0.2
    true = -1.5 + 1.6 * (size > 100) + WORTH[sector] + 0.25 * np.minimum(views, 6) + 1.5 * asked
    became = drawn.random(leads) < probability(true)
    ids = [f"l{n:05}" for n in range(leads)]
    rows = {
        "leads": {
            "lead_id": ids, "account_id": [None] * leads, "created_us": [NOW - 90 * DAY] * leads,
            "f_size": [None if np.isnan(each) else float(each) for each in size], "f_sector": [str(SECTORS[each]) for each in sector],
            "f_wants_news": [int(each) for each in drawn.random(leads) < 0.5],
            "f_first_name": ["Anna"] * leads, "f_always": ["same"] * leads,
        },
        "activities": {"lead_id": [], "activity_type": [], "occurred_us": []},
    }  # fmt: skip
    acts: Any = rows["activities"]
    for place, lead in enumerate(ids):
        for kind, times in (("page_viewed", int(views[place])), ("demo_asked", int(asked[place]))):
            for _ in range(times):
                acts["lead_id"].append(lead)
                acts["activity_type"].append(kind)
                acts["occurred_us"].append(NOW - int(drawn.integers(1, 60 * DAY)))
    return rows, dict(zip(ids, became.astype(float), strict=True)), true


def facts(engine: Any, rows: dict[str, Any]) -> Facts:
    whole = {"created_us", "occurred_us", "f_wants_news"}

    def kind(name: str) -> Any:
        return pa.int64() if name in whole else pa.float64() if name == "f_size" else pa.string()

    tables = {name: pa.table({key: pa.array(value, kind(key)) for key, value in columns.items()}) for name, columns in rows.items()}
    # A text that the document calls no value is one: files say so when they are read.
    sector = [None if each in ("Select", "") else each for each in rows["leads"]["f_sector"]]
    tables["leads"] = tables["leads"].set_column(tables["leads"].column_names.index("f_sector"), "f_sector", pa.array(sector, pa.string()))
    return Facts(**{name: engine.load(f"made_{name}", each) for name, each in tables.items()})


def engine() -> DuckDBEngine:
    return DuckDBEngine(threads=1)


AT = Instants(NOW, NOW)
