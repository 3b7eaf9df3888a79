"""In which band of each input every lead is: the engine's own answer, so that what is learned from is what will be scored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaglio.document import ModelDocument
from vaglio.engine import Engine
from vaglio.learning.inputs import Input
from vaglio.learning.terms import Codes
from vaglio.plan import Facts, Instants
from vaglio.scoring import score_tables

AT_ONCE = 40  # inputs in one question to the engine


@dataclass(frozen=True)
class Coded:
    """Leads in bands.

    Attributes
    ----------
    lead_ids : sequence of str
        The leads, in the order of the rows.
    inputs : sequence of Input
        The inputs, in the order of the columns.
    codes : int16 array of leads x inputs
        The place of the band that holds; -1 where none does.
    """

    lead_ids: Sequence[str]
    inputs: Sequence[Input]
    codes: Codes

    def of(self, lead_ids: Sequence[str]) -> "Coded":
        """Return some of these leads, in that order."""
        where = {lead: place for place, lead in enumerate(self.lead_ids)}
        return Coded(lead_ids, self.inputs, self.codes[[where[lead] for lead in lead_ids]])


def coded(engine: Engine, declared: dict[str, Any], inputs: Sequence[Input], facts: Facts, at: Instants) -> Coded:
    """Return in which band of each input the leads are, as of some instants. ``declared`` is the ``inputs`` section of a document.

    Raises
    ------
    EngineError
        The engine failed.
    """
    columns: list[Codes] = []
    for start in range(0, max(1, len(inputs)), AT_ONCE):  # also of no input: who the leads are is asked anyway
        part = inputs[start : start + AT_ONCE]
        scores, lines = score_tables(engine, probe(declared, part), facts, at)
        ids = sorted(scores.column("lead_id").to_pylist())
        columns.append(_codes(ids, part, lines))
    return Coded(ids, inputs, np.concatenate(columns, axis=1))


def probe(declared: dict[str, Any], inputs: Sequence[Input]) -> ModelDocument:
    """Return a model whose points say which band holds: one for the first, two for the second."""

    def rules(axis: str) -> list[dict[str, Any]]:
        return [
            {"id": f"i{place}", "kind": "bands", "input": each.source,
             "bands": [band | {"points": number + 1} for number, band in enumerate(each.bands)]}
            for place, each in enumerate(inputs) if each.axis == axis
        ]  # fmt: skip

    steps = {"profile": {"letters": {"A": 3, "B": 2, "C": 1}}, "engagement": {"digits": {"1": 3, "2": 2, "3": 1}}}
    axes = {axis: {"rules": rules(axis), **more} for axis, more in steps.items()}
    return ModelDocument.model_validate({"format": 1, "name": "probe", "inputs": declared, **axes})


def _codes(ids: list[str], inputs: Sequence[Input], lines: Any) -> Codes:
    """Return the codes from lines of contributions."""
    from pyarrow import array, compute, string

    codes = np.full((len(ids), len(inputs)), -1, np.int16)
    points = lines.filter(_is_rule(lines))
    rows = compute.index_in(points.column("lead_id"), value_set=array(ids, string())).to_numpy()
    places = compute.index_in(points.column("rule_id"), value_set=array([f"i{place}" for place in range(len(inputs))], string())).to_numpy()
    codes[rows, places] = points.column("millipoints").to_numpy() // 1000 - 1
    return codes


def _is_rule(lines: Any) -> Any:
    from pyarrow import compute

    return compute.equal(lines.column("part"), "rule")
