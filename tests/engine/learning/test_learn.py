"""Learning a document: exact, reproducible, true to the formula that made the leads, and honest about what it cannot know."""

import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.engine.learning.made import AT, DAY, DECLARED, NOW, engine, facts, made
from vaglio.document import dump, loads
from vaglio.engines.duckdb import DuckDBEngine
from vaglio.errors import DataError
from vaglio.learning.candidates import Choice, candidates
from vaglio.learning.coded import coded
from vaglio.learning.discrimination import auc
from vaglio.learning.inputs import of_texts
from vaglio.learning.known import known
from vaglio.learning.learn import Asked, Learned, learn
from vaglio.learning.terms import Floats
from vaglio.learning.write import rounded
from vaglio.plan import Facts
from vaglio.scoring import score_rows

WAYS = {
    "logistic": Asked("logistic", "learned", seed=3),
    "readable": Asked("predictive", "learned", seed=3),
    "full": Asked("predictive", "learned", full=True, seed=3),
}


def labels(became: dict[str, float]) -> Any:
    def of(ids: Sequence[str]) -> Floats:
        return np.array([became.get(each, np.nan) for each in ids])

    return of


Learning = tuple[Learned, DuckDBEngine, Facts]


def learned(asked: Asked, rows: dict[str, Any], became: dict[str, float]) -> Learning:
    made_in = engine()
    given = facts(made_in, rows)
    return learn(made_in, DECLARED, given, AT, labels(became), asked), made_in, given


@pytest.fixture(scope="module", autouse=True)
def few_bags() -> Iterator[None]:
    """Boost over three parts of the leads, not eight: what is written of their mean is as exact, and there a third sooner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vaglio.learning.additive.BAGS", 3)
        yield


@pytest.fixture(scope="module")
def world() -> tuple[dict[str, Any], dict[str, float], Floats]:
    return made(1000)


@pytest.fixture(scope="module")
def once(world: Any) -> Callable[[str], Learning]:
    """Give what each way learns of the world, learned once for all tests that look at it."""
    rows, became, _true = world
    return cache(lambda way: learned(WAYS[way], rows, became))


@pytest.mark.parametrize("way", WAYS)
def test_the_document_is_the_sum_of_its_terms_on_every_lead(way: str, world: Any, once: Callable[[str], Learning]) -> None:
    _rows, became, true = world
    found, made_in, given = once(way)
    scores = {row["lead_id"]: row for row in score_rows(made_in, found.document, given, AT)}
    assert len(scores) == len(became)
    terms = rounded(found.terms)
    bands = coded(made_in, DECLARED, terms.inputs, given, AT)
    profile, engagement = found.document.profile, found.document.engagement
    assert profile.letters["C"] == engagement.digits["3"] == 25
    higher = profile.intercept + engagement.intercept - Decimal(str(terms.intercept))  # where the axes begin
    expected = np.round(terms.log_odds(bands.codes) * 1000).astype(int) + int(higher * 1000)
    got = [scores[lead]["profile_millipoints"] + scores[lead]["engagement_millipoints"] for lead in bands.lead_ids]
    assert got == expected.tolist()
    assert loads(dump(found.document)) == found.document
    y = np.array([became[lead] for lead in bands.lead_ids])
    order = np.argsort([int(lead[1:]) for lead in bands.lead_ids])
    best = auc(y, true[np.argsort(order)])
    assert auc(y, np.array(got, float)) > best - 0.02
    chances = np.array([scores[lead]["probability"] for lead in bands.lead_ids])
    assert abs(chances.mean() - y.mean()) < 0.03


def test_the_points_say_what_the_formula_says(once: Callable[[str], Learning]) -> None:
    found, _engine, _facts = once("logistic")
    rules = {rule.id: rule for _axis, rule in found.document.rules()}
    sector = {value: float(band.points) for band in rules["sector"].bands for value in band.in_ or ()}  # type: ignore[attr-defined]
    assert sector["software"] > sector.get("finance", 0) > sector["Retail"]
    assert "wants_news" not in rules or max(abs(float(band.points)) for band in rules["wants_news"].bands) < 4  # type: ignore[attr-defined]
    assert not {"first_name", "always"} & rules.keys()
    assert any("first_name tells a name" in text for text in found.notes) and any("always is left out" in text for text in found.notes)


def test_a_readable_one_can_be_read(once: Callable[[str], Learning]) -> None:
    found, _engine, _facts = once("readable")
    mains = [rule for _axis, rule in found.document.rules() if rule.kind == "bands"]  # type: ignore[attr-defined]
    pairs = [rule for _axis, rule in found.document.rules() if rule.kind == "bands_2d"]  # type: ignore[attr-defined]
    assert 1 <= len(mains) <= 12 and all(len(rule.bands) <= 8 for rule in mains)
    assert 1 <= len(pairs) <= 5
    assert all(len(rule.first.bands) <= 6 and len(rule.second.bands) <= 6 for rule in pairs)


@pytest.mark.parametrize("way", [way if way == "logistic" else pytest.param(way, marks=pytest.mark.drill) for way in WAYS])
def test_the_same_seed_learns_the_same_document(way: str, world: Any, once: Callable[[str], Learning]) -> None:
    rows, became, _true = world
    assert dump(once(way)[0].document) == dump(learned(WAYS[way], rows, became)[0].document)


def test_what_came_later_changes_nothing(world: Any, once: Callable[[str], Learning]) -> None:
    rows, became, _true = world
    acts = rows["activities"]
    later = {name: list(values) for name, values in acts.items()}
    for lead, outcome in became.items():
        if outcome:  # what would tell the outcome, had it been known
            later["lead_id"].append(lead)
            later["activity_type"].append("demo_asked")
            later["occurred_us"].append(NOW + DAY)
    before = once("logistic")[0]
    after = learned(WAYS["logistic"], {**rows, "activities": later}, became)[0]
    assert dump(before.document) == dump(after.document)


def test_it_goes_one_way_where_it_is_told_to(world: Any) -> None:
    rows, became, _true = world
    asked = replace(WAYS["logistic"], directions={"size": "falling"})
    rules = {rule.id: rule for _axis, rule in learned(asked, rows, became)[0].document.rules()}
    points = [float(band.points) for band in rules["size"].bands if band.known is None] if "size" in rules else []  # type: ignore[attr-defined]
    assert points == sorted(points, reverse=True)


def test_a_yes_or_no_goes_one_way_where_it_is_told_to(world: Any) -> None:
    rows, became, _true = world
    wants = dict(zip(rows["leads"]["lead_id"], rows["leads"]["f_wants_news"], strict=True))
    worse = {lead: float(outcome and not wants[lead]) for lead, outcome in became.items()}
    found: dict[str, list[float]] = {}
    for way in ("rising", "falling"):
        asked = replace(WAYS["logistic"], directions={"wants_news": way})
        rules = {rule.id: rule for _axis, rule in learned(asked, rows, worse)[0].document.rules()}
        found[way] = [float(band.points) for band in rules["wants_news"].bands] if "wants_news" in rules else []  # type: ignore[attr-defined]
    no, yes = found["falling"]
    assert no > yes and not any(found["rising"])


def test_noise_is_called_noise() -> None:
    rows, became, _true = made(600)
    shuffled = dict(zip(became, np.random.default_rng(1).permutation(list(became.values())), strict=True))
    assert not learned(WAYS["logistic"], rows, shuffled)[0].is_usable


@pytest.mark.parametrize(("keep", "code"), [(12, "too_few_outcomes"), (0, "one_outcome")])
def test_too_little_is_said(world: Any, keep: int, code: str) -> None:
    rows, became, _true = world
    good = [lead for lead, outcome in became.items() if outcome][:keep]
    few = {lead: float(lead in good) for lead, outcome in became.items() if not outcome or lead in good}
    with pytest.raises(DataError) as refused:
        learned(WAYS["logistic"], rows, few)
    assert refused.value.code == code and refused.value.hint


def test_a_field_of_a_million_values_is_no_input(world: Any) -> None:
    rows, became, _true = world
    unlike = {**rows, "leads": {**rows["leads"], "f_sector": [f"s{n}" for n in range(len(rows["leads"]["lead_id"]))]}}
    made_in = engine()
    found, notes = candidates(DECLARED, known(made_in, DECLARED, facts(made_in, unlike), AT, labels(became)), Choice())
    assert "sector" not in {each.name for each in found} and any(text.startswith("sector is left out") for text in notes)


def test_many_values_are_looked_at_in_bounded_memory() -> None:
    """A code of each lead's own beside three values that many have: only these become bands."""
    values = [f"code {n}" if n % 4 else ("Software", "software ", "retail")[n % 3] for n in range(200_000)]
    tracemalloc.start()
    found = of_texts("code", values)
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found is not None and [band.get("in") for band in found.bands] == [["Software"], ["retail"], None]
    assert memory < 80e6  # 400 bytes a lead
