"""The canonical text of a document says everything the document says, so reading it gives an equal one."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.engine.strategies import LAWS, cases
from tests.engine.tables import document_of
from vaglio.document import dump, fingerprint, load, loads
from vaglio.errors import DocumentError

MODELS = sorted((Path(__file__).parents[2] / "models").glob("*.yaml"))
SMALL = """
format: 1
name: small
profile: {rules: [{id: size, kind: fields, field: size, points: 1, bands: [{from: 1.5, below: 20.25}]}], letters: {A: 3, B: 2, C: 1}}
engagement: {digits: {1: 3, 2: 2, 3: 1}}
inputs: {fields: {size: number}}
"""


@settings(max_examples=10 * LAWS, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_any_document_comes_back(case: Any) -> None:
    document = document_of(case[0])
    again = loads(dump(document))
    assert again == document and fingerprint(again) == fingerprint(document)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_ready_models_come_back(path: Path) -> None:
    assert loads(dump(load(path))) == load(path)


def test_cuts_stay_numbers() -> None:
    assert "from: 1.5" in dump(loads(SMALL)) and loads(dump(loads(SMALL))) == loads(SMALL)


def test_no_floor_is_not_the_usual_floor() -> None:
    """Models that differ in it alone are two: one fingerprint would let one answer for the other."""
    bare = loads(SMALL.replace("engagement: {", "engagement: {floor: none, "))
    assert loads(dump(bare)) == bare and bare.engagement.floor is None
    assert fingerprint(bare) != fingerprint(loads(SMALL))


LEARNED = """
learned:
  method: logistic
  leads: 100
  outcomes: 20
  window: {first: 2026-01-01, last: '2026-03-31T10:00:00Z'}
  watermark: '2026-04-01T00:00:00.000001Z'
  horizon: 90d
  seed: 3
  versions: {vaglio: 0.1.0, scipy: 1.15.0}
  metrics: {auc: 0.81, calibration_error: 0.0123}
"""


def test_where_points_come_from_comes_back_and_is_needed_by_nobody() -> None:
    learned = loads(SMALL + LEARNED)
    assert learned.learned is not None and learned.learned.watermark == 1_775_001_600_000_001
    assert "watermark: '2026-04-01T00:00:00.000001Z'" in dump(learned) and loads(dump(learned)) == learned
    assert loads(SMALL).learned is None and "learned" not in dump(loads(SMALL))
    assert learned.model_copy(update={"learned": None}) == loads(SMALL)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("leads: 0", "leads"),
        ("method: magic", "method"),
        ("watermark: someday", "is not a date"),
        ("watermark: 5", "is not an instant"),
        ("watermarks: 2026-01-01", "unknown key watermarks"),
    ],
)
def test_what_it_may_say_is_checked(wrong: str, said: str) -> None:
    name = wrong.split(":", maxsplit=1)[0]
    lines = [line for line in LEARNED.splitlines() if not line.strip().startswith(f"{name}:")]
    with pytest.raises(DocumentError) as refused:
        loads(SMALL + "\n".join([*lines, f"  {wrong}"]))
    assert said in str(refused.value.issues)
