"""Whom each rule of a model touches, with how many points and by which of its bands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from vaglio.document import ModelDocument
from vaglio.engine import Engine
from vaglio.learning.terms import Integers
from vaglio.plan import Facts, Instants
from vaglio.rule import Rule
from vaglio.scoring import score_tables


@dataclass(frozen=True)
class Touched:
    """What a rule gave each lead [millipoints], and the place of the band that gave it; -1 where none did, or the rule has no bands."""

    given: Integers
    band: Integers


def touched(
    engine: Engine, document: ModelDocument, facts: Facts, at: Instants
) -> tuple[Sequence[str], Mapping[tuple[str, str], Touched]]:  # fmt: skip
    """Return the leads of a model's audience, in the order of their ids, and what each of its rules gave them, by axis and rule.

    Bands of the same points are told apart: the engine is asked with points that say which band holds.

    Raises
    ------
    EngineError
        The engine failed.
    """
    scores, lines = score_tables(engine, _numbered(document), facts, at)
    ids = sorted(scores.column("lead_id").to_pylist())
    given = _given(document, ids, lines)
    return ids, {(axis, rule.id): _read(rule, given[axis, rule.id]) for axis, rule in document.rules()}


def _numbered(document: ModelDocument) -> ModelDocument:
    """Return a model whose bands are worth their number, one for the first."""
    axes = {
        axis: ruleset.model_copy(update={"rules": tuple(map(_of_numbers, ruleset.rules))})
        for axis, ruleset in (("profile", document.profile), ("engagement", document.engagement))
    }  # fmt: skip
    return document.model_copy(update=axes)


def bands_of(rule: Rule) -> tuple[Any, ...]:
    """Return the bands of a rule, none where its kind has none."""
    return getattr(rule, "bands", None) or ()


def _of_numbers(rule: Rule) -> Rule:
    bands = tuple(
        band.model_copy(update={"points": Decimal(number), **({"award": None} if hasattr(band, "award") else {})})
        for number, band in enumerate(bands_of(rule), start=1)
    )
    return rule.model_copy(update={"bands": bands}) if bands else rule


def _given(document: ModelDocument, ids: Sequence[str], lines: Any) -> dict[tuple[str, str], Integers]:
    """Return what each rule gave each lead [millipoints], before caps."""
    found: dict[tuple[str, str], Integers] = {(axis, rule.id): np.zeros(len(ids), np.int64) for axis, rule in document.rules()}
    rows = zip(*(lines.column(name).to_pylist() for name in ("lead_id", "axis", "rule_id", "part", "millipoints")), strict=True)
    places = {lead: place for place, lead in enumerate(ids)}
    for lead, axis, rule, part, millipoints in rows:
        if part == "rule" and (axis, rule) in found:
            found[axis, rule][places[lead]] += millipoints
    return found


def _read(rule: Rule, given: Integers) -> Touched:
    """Return what a rule gave by what it gave with its bands numbered."""
    bands = bands_of(rule)
    if not bands:
        return Touched(given, np.full(len(given), -1))
    worth = np.array([0, *(rule.band_millipoints(band) for band in bands)])
    return Touched(worth[given // 1000], given // 1000 - 1)
