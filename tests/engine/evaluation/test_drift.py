"""Drift on made leads: nothing moves, or one thing does that is known beforehand."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from tests.engine.tables import Row, document_of, facts_of, shared_engine
from vaglio.dates import parse_instant
from vaglio.errors import DataError
from vaglio.evaluation.banding import Banding, banding
from vaglio.evaluation.cohort import EXCLUDED, Cohort
from vaglio.evaluation.drift import Asked, Became, Drift, compared, drift
from vaglio.evaluation.reading import Reading, reading
from vaglio.learning.inputs import Input, ranges
from vaglio.plan import Instants
from vaglio.proportion import Proportion
from vaglio.terms import RATINGS

DAY = 86_400_000_000
SINCE, AT = parse_instant("2026-01-01"), parse_instant("2026-09-01")
ASKED = Asked(SINCE, AT, 90 * DAY, 30 * DAY)
ONE_STEP = replace(ASKED, every=150 * DAY)  # each is a cohort more to look at, where what lies between is not the point
DOCUMENT: dict[str, Any] = {
    "format": 1, "name": "m",
    "inputs": {"fields": {"title": "string", "size": "integer", "source": "string"}, "activities": {"visit": {"path": "string"}}},
    "profile": {"rules": [
        {"id": "senior", "kind": "fields", "field": "title", "points": 30, "bands": [{"any_word": ["chief"], "award": "100%"}]},
        {"id": "large", "kind": "fields", "field": "size", "points": 30, "bands": [{"from": 100, "award": "100%"}]},
        {"id": "from_web", "kind": "fields", "field": "source", "points": 15, "bands": [{"in": ["web"], "award": "100%"}]},
    ], "letters": {"A": 60, "B": 30, "C": 15}},
    "engagement": {"rules": [
        {"id": "pricing", "kind": "activity", "activity": "visit", "where": {"path": {"starts_with": "/pricing"}},
         "points": 20, "within": "90d"},
    ], "digits": {"1": 60, "2": 40, "3": 20}},
    "promises": {"share": {"A1": {"at_most": "10%"}}, "expect": {"A1": {"accepted": "50%"}}, "review_by": "2026-08-01"},
}  # fmt: skip
MODEL = document_of(DOCUMENT)


def made(seed: int, *, leads: int = 400, moved: str = "") -> dict[str, list[Row]]:
    """Leads of a year, whose later half differs in one thing if any."""
    random = np.random.default_rng(seed)
    rows, activities = [], []
    for number in range(leads):
        is_late = number >= leads / 2
        created = (AT if is_late else SINCE) - int(random.integers(1, 90 * DAY))
        changed = moved if is_late else ""
        size = (
            None
            if random.random() < (0.34 if changed == "missing" else 0.06)
            else int(random.lognormal(4, 1) * (3 if changed == "size" else 1))
        )
        title = str(random.choice(["Chief Buyer", "Head of Data", "Analyst"], p=[0.7, 0.2, 0.1] if changed == "title" else [0.2, 0.3, 0.5]))
        source = str(random.choice(["web", "fair", "partner"]))
        rows.append({"lead_id": f"l{number}", "account_id": None, "created_at": created, "title": title, "size": size,
                     "source": "reseller" if changed == "source" and random.random() < 0.4 else source})  # fmt: skip
        for _ in range(random.poisson(3 if changed == "visits" else 0.7)):
            at = created + int(random.integers(1, 20 * DAY))
            activities.append({"lead_id": f"l{number}", "activity_type": "visit", "occurred_at": at, "message_id": None,
                               "received_at": at, "properties": {"path": str(random.choice(["/pricing", "/blog"]))}})  # fmt: skip
    return {"leads": rows, "accounts": [], "activities": activities, "field_changes": [], "lists": []}


def found(rows: dict[str, list[Row]], asked: Asked = ONE_STEP) -> Drift:
    engine = shared_engine()
    return drift(engine, MODEL, facts_of(engine, MODEL, rows), asked)


def without_review(given: Drift) -> Drift:
    return replace(given, promises=tuple(each for each in given.promises if each.what != "review_by"))


def test_where_nothing_moves_the_whole_report_is_quiet() -> None:
    assert without_review(found(made(1), ASKED)).is_quiet


@pytest.mark.parametrize(
    ("moved", "named"),
    [("size", {"size"}), ("title", {"title", "rule_senior"}), ("source", {"source"}), ("visits", {"measure_1"})],
)
def test_an_input_that_moved_is_found(moved: str, named: set[str]) -> None:
    given = found(made(2, leads=1_200, moved=moved))
    assert named <= {each.name for each in given.moved()}
    assert not [each.name for each in given.emptied()]
    untouched = {"size", "title", "source", "measure_1"} - {moved, *named}
    assert not untouched & {each.name for each in given.moved()}


def test_a_field_that_empties_is_found_with_its_shares() -> None:
    (emptied,) = found(made(3, leads=1_000, moved="missing")).emptied()
    assert emptied.field == "size" and emptied.missing is not None
    assert emptied.missing.then.share < 0.11 and 0.28 < emptied.missing.now.share < 0.41
    assert emptied.missing.then.total == emptied.missing.now.total == 500


def test_ratings_inflate_with_what_leads_do() -> None:
    given = found(made(4, leads=1_200, moved="visits"))
    digits = {each.name: each for each in given.ratings}
    assert digits["1"].is_moved and digits["1"].change > 0.05
    assert sum(each.then.hits for name, each in digits.items() if name in RATINGS or name == EXCLUDED) == given.then
    (pricing,) = [each for each in given.rules if each.rule == "pricing"]
    assert pricing.mean_now > pricing.mean_then and given.rules[0].rule == "pricing"


def test_what_is_seen_of_the_earlier_leads_is_what_was_known_then() -> None:
    """A size that was filled in later is missing *then*."""
    rows = made(5, leads=1_000)
    rows["field_changes"] = [
        {"subject": "lead", "id": row["lead_id"], "field": "size", "value": row["size"], "known_at": SINCE + DAY}
        for row in rows["leads"][:500] if row["size"] is not None
    ]  # fmt: skip
    (emptied,) = found(rows).emptied()
    assert emptied.missing is not None and emptied.missing.then.hits == 500 and emptied.missing.now.share < 0.12


def test_steps_never_look_at_the_earlier_leads_again() -> None:
    given = found(made(6), ASKED)
    assert [step.at for step in given.steps] == sorted(step.at for step in given.steps) and given.steps[-1].at == AT
    assert all(step.at - ASKED.window >= SINCE for step in given.steps) and len(given.steps) == 6
    assert given.steps[-1].psi == {each.name: each.psi for each in given.inputs}


def test_promises_are_held_against_the_audience_and_the_day() -> None:
    given = {each.what: each for each in found(made(7)).promises}
    assert given["review_by"].verdict == "broken" and given["review_by"].promised == date(2026, 8, 1)
    assert given["accepted"].verdict == "unknown" and given["share"].found is not None and given["share"].found.total == 400
    earlier = replace(ONE_STEP, at=parse_instant("2026-08-01"), window=60 * DAY)
    assert [each.verdict for each in found(made(7), earlier).promises][-1] == "kept"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (replace(ASKED, window=300 * DAY), "windows_overlap"),
        (replace(ASKED, since=parse_instant("2024-01-01")), "too_few_leads"),
        (replace(ASKED, at=parse_instant("2028-01-01")), "too_few_leads"),
    ],
)
def test_what_cannot_be_compared_is_refused(asked: Asked, code: str) -> None:
    with pytest.raises(DataError) as error:
        found(made(8), asked)
    assert error.value.code == code


def cohort_of(random: np.random.Generator, leads: int, shares: list[float], ratings: list[float]) -> Cohort:
    """A cohort drawn without an engine: six inputs that are spread alike, and ratings."""
    codes = np.stack([random.choice(len(shares), leads, p=shares) for _ in range(6)], axis=1).astype(np.int16)
    drawn = random.choice([*RATINGS, EXCLUDED], leads, p=ratings)
    return Cohort(AT, leads * 2, np.array(drawn, "U8"), codes, 45.0, {}, {})


BANDS = (*ranges((10, 20, 40, 80, 160)), {"known": False})
READS = Reading({}, tuple(Input(f"f{n}", "profile", {"field": f"f{n}"}, BANDS, 6, none=True) for n in range(6)), {})
SHARES = [0.3, 0.25, 0.2, 0.1, 0.05, 0.04, 0.06]
CELLS = [0.02, 0.02, 0.03, 0.06, 0.02, 0.03, 0.05, 0.1, 0.03, 0.04, 0.08, 0.15, 0.02, 0.05, 0.1, 0.15, 0.05]
PLAIN = document_of({name: part for name, part in DOCUMENT.items() if name != "promises"})


def bands_of(earlier: Cohort) -> list[Banding]:
    return [banding(each, earlier.codes[:, place]) for place, each in enumerate(READS.inputs)]


def became_of(random: np.random.Generator, now: float = 0.2) -> Became:
    def drawn(share: float) -> dict[str, Proportion]:
        return {rating: Proportion(int(random.binomial(80, share)), 80) for rating in RATINGS}

    return Became(drawn(0.2), drawn(now), {})


@pytest.mark.parametrize(("leads", "times"), [(60, 20), (400, 20)])
def test_many_reports_on_leads_that_do_not_move_are_quiet(leads: int, times: int) -> None:
    """At least 95 of 100, with all that one report tests: six inputs, their missing values, 25 shares of ratings and what each brought."""
    random = np.random.default_rng(11)
    quiet = 0
    for _ in range(times):
        cohorts = cohort_of(random, leads, SHARES, CELLS), cohort_of(random, 2 * leads, SHARES, CELLS)
        quiet += compared(PLAIN, READS, bands_of(cohorts[0]), cohorts, ASKED, became_of(random)).is_quiet
    assert quiet >= 0.95 * times


def test_a_rating_that_brings_less_is_found() -> None:
    random = np.random.default_rng(12)
    cohorts = cohort_of(random, 500, SHARES, CELLS), cohort_of(random, 500, SHARES, CELLS)
    given = compared(PLAIN, READS, bands_of(cohorts[0]), cohorts, ASKED, became_of(random, now=0.02))
    assert len(given.outcomes) == 16 and sum(each.is_moved for each in given.outcomes) >= 6
    assert all(each.change < 0 for each in given.outcomes if each.is_moved)


def test_a_model_is_read_whole() -> None:
    """Every field is an input with a band for no value; activities that rules and stages count are inputs once each."""
    engine = shared_engine()
    with_stage = document_of({**DOCUMENT, "journey": [{"stage": "aware", "within": "90d", "any": [
        {"activity": "visit", "where": {"path": {"starts_with": "/pricing"}}}, {"activity": "visit"}]}]})  # fmt: skip
    read = reading(engine, with_stage, facts_of(engine, with_stage, made(9)), Instants(SINCE, SINCE))
    assert [each.name for each in read.inputs] == ["title", "size", "source", "rule_senior", "measure_1", "measure_2"]
    assert all(each.none and each.bands[-1] == {"known": False} for each in read.inputs[:4])
    assert read.words["measure_1"] == "visit where path starts with /pricing within 90d" and read.words["measure_2"] == "visit within 90d"


def test_what_a_learned_model_reads_is_cut_as_it_was_learned() -> None:
    """Measures of learned rules come as they are, each once; a sequence is read as its two activities."""
    count, since = {"activity": "visit", "count": True, "within": "30d"}, {"activity": "visit", "days_since": True}
    grid = {"first": {"input": count, "bands": [{"below": 2}]}, "second": {"input": {"field": "size"}, "bands": [{"below": 9}]}}
    engagement = {"digits": {"1": 3, "2": 2, "3": 1}, "rules": [
        {"id": "a", "kind": "bands", "input": since, "bands": [{"below": 9, "points": 1}]},
        {"id": "b", "kind": "bands_2d", **grid, "points": [[1]]},
        {"id": "c", "kind": "sequence", "points": 1, "first": {"activity": "visit"}, "then": {"activity": "visit"}, "within": "9d"},
    ]}  # fmt: skip
    learned = document_of({**DOCUMENT, "engagement": engagement})
    engine = shared_engine()
    read = reading(engine, learned, facts_of(engine, learned, made(10)), Instants(SINCE, SINCE))
    measures = [each for each in read.inputs if "field" not in each.source]
    assert [each.source for each in measures] == [since, count, {"activities": ["visit"], "count": True}]
    assert measures[0].none and not measures[1].none
    assert [read.words[each.name] for each in measures] == ["days since visit", "visit within 30d", "visit"]
