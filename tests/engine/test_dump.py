"""The canonical text of a document says everything the document says, so reading it gives an equal one."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.engine.strategies import cases
from tests.engine.tables import document_of
from vaglio.document import dump, fingerprint, load, loads

MODELS = sorted((Path(__file__).parents[2] / "models").glob("*.yaml"))
SMALL = """
format: 1
name: small
profile: {rules: [{id: size, kind: fields, field: size, points: 1, bands: [{from: 1.5, below: 20.25}]}], letters: {A: 3, B: 2, C: 1}}
engagement: {digits: {1: 3, 2: 2, 3: 1}}
inputs: {fields: {size: number}}
"""


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
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
