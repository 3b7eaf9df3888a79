"""Few outcomes: what is learned lies between an expert's points and the outcomes; many outcomes: the expert is not asked."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.engine.learning.made import AT, DECLARED, engine, facts, made
from tests.engine.learning.test_learn import labels
from vaglio.document import dump, loads
from vaglio.errors import DataError
from vaglio.learning.coded import coded
from vaglio.learning.learn import Asked, Learned, learn
from vaglio.learning.prior import bent, expert_points
from vaglio.learning.terms import Floats

# Half right: right about sectors, wrong about size, and ignorant of what leads did.
EXPERT = loads("""
format: 1
name: by_hand
inputs:
  fields: {sector: string, size: number}
profile:
  rules:
    - {id: sector, kind: fields, field: sector, bands: [{in: [software], points: 40}, {in: [retail], points: -30}]}
    - {id: size, kind: fields, field: size, bands: [{from: 100, points: -5}]}
  floor: none
  letters: {A: 3, B: 2, C: 1}
engagement:
  rules: []
  digits: {1: 3, 2: 2, 3: 1}
""")
ASKED = Asked("logistic", "m", seed=3)


def learned(leads: int, asked: Asked, *, few: int | None = None) -> tuple[Learned, Floats, Floats]:
    """Return what is learned from made leads (of ``few`` that came out well), what the expert gives them, and what it gives them."""
    rows, became, _true = made(leads)
    good = [lead for lead, outcome in became.items() if outcome][: few or leads]
    known = {lead: outcome for lead, outcome in became.items() if lead in good or not outcome}
    made_in = engine()
    given = facts(made_in, rows)
    found = learn(made_in, DECLARED, given, AT, labels(known), asked)
    bands = coded(made_in, DECLARED, found.terms.inputs, given, AT).of(sorted(known))
    points = expert_points(made_in, EXPERT, given, AT, bands.lead_ids)
    return found, found.terms.log_odds(bands.codes), bent(points, np.array([known[each] for each in bands.lead_ids])).log_odds


def apart(one: Floats, other: Floats) -> float:
    """Return how far two are from each other, whatever their mean."""
    return float(np.std(one - other))


def test_few_outcomes_lie_between_the_expert_and_what_they_say_alone() -> None:
    found, with_it, expert = learned(400, replace(ASKED, prior=EXPERT), few=35)
    alone, without, _expert = learned(400, ASKED, few=35)
    assert 0 < apart(with_it, expert) < apart(without, expert)
    assert apart(with_it, without) < apart(expert, without)
    said = next(text for text in found.notes if "by_hand" in text)
    assert "points start from those of by_hand" in said and "(35)" in said
    text = found.document.description or ""
    assert "Fewer than 100 leads of the rarer outcome" in text and "by_hand" in text
    assert not any("by_hand" in text for text in alone.notes)
    assert found.auc > 0.5


def test_the_fewer_the_nearer_to_the_expert() -> None:
    distances = []
    for few in (12, 90):
        _found, with_it, expert = learned(900, replace(ASKED, prior=EXPERT), few=few)
        distances.append(apart(with_it, expert) / np.std(expert))
    assert distances[0] < distances[1]


def test_many_outcomes_speak_for_themselves() -> None:
    found, with_it, _expert = learned(900, replace(ASKED, prior=EXPERT))
    _alone, without, _expert = learned(900, ASKED)
    assert np.array_equal(with_it, without)
    assert any("by_hand is not used" in text for text in found.notes)
    assert "by_hand is not used" in (found.document.description or "").lower()


def test_an_expert_who_is_wrong_altogether_is_said_to_be() -> None:
    wrong = loads(dump(EXPERT).replace("40", "-40").replace("-30", "30"))
    found, _with_it, _expert = learned(400, replace(ASKED, prior=wrong), few=35)
    assert any("do not rank these leads better than chance" in text for text in found.notes)


@pytest.mark.parametrize(
    ("asked", "few", "code"),
    [(replace(ASKED, prior=EXPERT), 5, "too_few_outcomes"), (Asked("predictive", "m", prior=EXPERT), 35, "prior_needs_logistic")],
)
def test_what_it_cannot_do_is_said(asked: Any, few: int, code: str) -> None:
    with pytest.raises(DataError) as refused:
        learned(200, asked, few=few)
    assert refused.value.code == code
