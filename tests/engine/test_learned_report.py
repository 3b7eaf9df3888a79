"""The report of a learned model: what pairs and bands are called."""

import numpy as np

from tests.engine.tables import document_of
from vaglio.learning.held_out import HeldOut
from vaglio.learning.learn import Learned
from vaglio.learning.terms import Terms, probability
from vaglio.report.learned import learned_study
from vaglio.report.study import Charts, Table

SPLIT = [{"from": 3, "below": 4}, {"from": 4}]
BANDS = [each | {"points": place * 5} for place, each in enumerate(SPLIT)]
ANY = {"activities": ["seen", "asked"], "within": "30d", "distinct_days": True}
DOCUMENT = document_of({
    "format": 1, "name": "m",
    "inputs": {"fields": {"rate": "number", "staff": "integer"}, "activities": {"seen": {}, "asked": {}}},
    "profile": {"rules": [{"id": name, "kind": "bands", "input": {"field": name}, "bands": BANDS} for name in ("rate", "staff")],
                "letters": {"A": 3, "B": 2, "C": 1}},
    "engagement": {"rules": [{"id": "both", "kind": "bands_2d", "points": [[1, 2], [3, 4]],
                              "first": {"input": {"field": "rate"}, "bands": SPLIT}, "second": {"input": ANY, "bands": SPLIT}}],
                   "digits": {"1": 3, "2": 2, "3": 1}},
})  # fmt: skip


def a_study() -> dict[str, object]:
    random = np.random.default_rng(1)
    log_odds = random.normal(-1, 1, 2_000)
    held_out = HeldOut((random.random(2_000) < probability(log_odds)).astype(float), log_odds)
    learned = Learned(DOCUMENT, Terms([], 0.0), 8_000, 2_000, held_out, ())
    return {section.id: section for section in learned_study(learned, "").sections}


def test_pairs_name_both_inputs_and_what_is_measured() -> None:
    tables = [block for block in a_study()["shapes"].blocks if isinstance(block, Table)]  # type: ignore[attr-defined]
    (pair,) = [table for table in tables if table.title == "both"]
    assert pair.columns[0].name == "rate, by days with seen or asked within 30d"
    assert [column.name for column in pair.columns[1:]] == ["3", "4 and more"]
    first = {table.title: table.rows[0].texts[0] for table in tables}
    assert first == {"both": "3 to below 4", "rate": "3 to below 4", "staff": "3"}


def test_what_was_measured_is_drawn() -> None:
    blocks = a_study()["held_out"].blocks  # type: ignore[attr-defined]
    gain, roc, lift, honest = (chart for block in blocks if isinstance(block, Charts) for chart in block.charts)
    assert (gain.title, roc.title, lift.title, honest.title) == ("Gain", "ROC", "Lift by tenths: m", "Reliability")
    assert float(lift.table[1][1]) > 1.5
    assert float(lift.table[10][1]) < 0.6
    assert len(honest.table) == 11 and gain.table[-1] == ("100%", "100%")
