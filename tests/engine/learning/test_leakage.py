"""Fields that know the outcome: what each finding rests on."""

import numpy as np
import pyarrow as pa

from vaglio.learning.coded import Coded
from vaglio.learning.known import Known
from vaglio.learning.leakage import findings


def verdict(values: list[str | None], labels: list[float]) -> str:
    ids = [f"l{n}" for n in range(len(labels))]
    seen = Known(ids, np.array(labels), pa.table({"lead_id": ids, "f_stock": pa.array(values, pa.string())}))
    found = findings({"fields": {"stock": "string"}}, seen, Coded(ids, [], np.zeros((len(ids), 0), np.int16)))
    return found[0].verdict


def test_what_few_leads_have_and_only_those_with_the_outcome_is_found() -> None:
    labels = [1.0] * 300 + [0.0] * 700
    few = ["x" if n < 30 else None for n in range(1000)]
    assert verdict(few, labels) == "drop"
    assert verdict(["x" if n % 20 == 0 else None for n in range(1000)], labels) == "fine"
    assert verdict(["x" if n < 15 else None for n in range(1000)], labels) == "fine"  # too few to say
    assert verdict(few, [1.0] * 950 + [0.0] * 50) == "fine"  # nearly everybody has it
