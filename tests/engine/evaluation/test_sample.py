"""Who is drawn, how far readers agree, and which rules to talk about."""

from collections import Counter

import numpy as np
import pytest

from tests.engine.tables import document_of
from vaglio.errors import DataError
from vaglio.evaluation.agreement import CALLS, agreement, apart, kappa
from vaglio.evaluation.review import Line, Marks, Review, review
from vaglio.evaluation.sample import Scored, parts_of, sample
from vaglio.terms import RATINGS

PLAIN = {
    "format": 1, "name": "m", "inputs": {"fields": {"size": "integer"}, "activities": {"visit": {}}},
    "profile": {"rules": [{"id": "large", "kind": "fields", "field": "size", "points": 3, "bands": [{"from": 9, "award": "100%"}]}],
                "letters": {"A": 3, "B": 2, "C": 1}},
    "engagement": {"rules": [{"id": "visits", "kind": "activity", "activity": "visit", "points": 3}], "digits": {"1": 3, "2": 2, "3": 1}},
}  # fmt: skip
MODEL = document_of(PLAIN)
CALLING = document_of(PLAIN | {"ratings": {"sales": ["A1", "A2", "B1"]}})
JOURNEY = document_of(PLAIN | {"journey": [{"stage": name, "any": [{"activity": "visit"}]} for name in ("aware", "deciding")]})


def population(leads: int = 900) -> dict[str, Scored]:
    random = np.random.default_rng(3)
    return {
        f"l{number:04}": Scored("" if number % 50 == 0 else str(random.choice(RATINGS)), ("", "aware", "deciding")[number % 3])
        for number in range(leads)
    }  # fmt: skip


def test_each_stage_gives_as_many_and_so_do_those_at_none_and_the_excluded() -> None:
    drawn = sample(JOURNEY, population(), 10, 1)
    assert parts_of(JOURNEY) == ("aware", "deciding", "none", "excluded")
    assert Counter(each.drawn_from for each in drawn.leads) == dict.fromkeys(parts_of(JOURNEY), 10)
    assert sum(drawn.parts.values()) == 900 and drawn.parts["excluded"] == 18
    assert len({each.lead for each in drawn.leads}) == 40


def test_without_a_journey_each_rating_gives_as_many_and_a_small_one_all_it_has() -> None:
    drawn = sample(MODEL, population(200), 20, 1)
    many = Counter(each.drawn_from for each in drawn.leads)
    assert set(many) <= {*RATINGS, "excluded"} and all(many[name] == min(20, drawn.parts[name]) for name in drawn.parts)


def test_the_same_seed_draws_the_same_and_places_say_nothing() -> None:
    everybody = population()
    first, again, other = (sample(JOURNEY, everybody, 10, seed) for seed in (1, 1, 2))
    backwards = sample(JOURNEY, dict(reversed(everybody.items())), 10, 1)
    assert first == again == backwards and {each.lead for each in first.leads} != {each.lead for each in other.leads}
    assert [each.drawn_from for each in first.leads] != sorted(each.drawn_from for each in first.leads)
    # More leads in one part change nobody of another.
    more = sample(JOURNEY, everybody | {"x1": Scored("A1", "aware")}, 10, 1)
    assert {each.lead for each in more.leads if each.drawn_from == "none"} == {
        each.lead for each in first.leads if each.drawn_from == "none"
    }


def test_everybody_of_a_part_has_the_same_chance() -> None:
    everybody = {f"l{number}": Scored("A1", "aware") for number in range(20)}
    seen = Counter(each.lead for seed in range(1_000) for each in sample(JOURNEY, everybody, 5, seed).leads)
    assert len(seen) == 20 and all(200 <= times <= 300 for times in seen.values())


def test_nobody_is_said() -> None:
    with pytest.raises(DataError, match="no lead is in the audience"):
        sample(MODEL, {}, 5, 1)


def test_kappa_by_hand() -> None:
    """Of 50 leads: both yes 20, both no 15, yes and no 5, no and yes 10; chance agrees on a half, so (0.7 - 0.5) / 0.5."""
    first = np.array([0] * 25 + [1] * 25, float)
    second = np.array([0] * 20 + [1] * 5 + [0] * 10 + [1] * 15, float)
    assert kappa(first, second, apart(CALLS)) == pytest.approx(0.4)


def test_ratings_near_each_other_nearly_agree() -> None:
    weights = apart(RATINGS)
    at = RATINGS.index
    assert weights[at("A1"), at("A1")] == 0 and weights[at("A1"), at("D4")] == 1
    assert weights[at("A1"), at("A2")] == weights[at("B1"), at("A1")] == pytest.approx(1 / 18)
    base = [str(each) for each in np.random.default_rng(1).choice(RATINGS, 80)]
    near = [each[0] + str(min(4, int(each[1]) + 1)) for each in base]
    far = [RATINGS[(RATINGS.index(each) + 8) % 16] for each in base]
    close, distant = (agreement(("a", "b"), (base, other), RATINGS, 1) for other in (near, far))
    assert close.kappa is not None and distant.kappa is not None
    # Two letters aside cost 4 of 18 each time; chance would cost 5 of 18.
    assert close.kappa.value > 0.7 and distant.kappa.value == pytest.approx(0.2, abs=0.08)
    assert close.kappa.low < close.kappa.value < close.kappa.high


def test_readers_who_guess_agree_no_more_than_chance() -> None:
    random = np.random.default_rng(4)
    one, two = ([str(each) for each in random.choice(RATINGS, 300)] for _ in range(2))
    found = agreement(("a", "b"), (one, two), RATINGS, 1).kappa
    assert found is not None and abs(found.value) < 0.15 and found.low < 0 < found.high
    assert agreement(("a", "b"), (["yes"] * 9, ["yes"] * 9), CALLS, 1).kappa is None
    assert agreement(("a", "b"), ([], []), CALLS, 1).kappa is None


def reviewed(*marks: Marks, document: object = CALLING, leads: int = 40) -> Review:
    """Leads of which the even ones are large (A) and the others not (D); visits make every fourth active (1), others not (4)."""
    scored, lines = {}, {}
    for number in range(leads):
        is_large, is_active = number % 2 == 0, number % 4 == 0
        scored[f"l{number}"] = Scored(("A" if is_large else "D") + ("1" if is_active else "4"))
        lines[f"l{number}"] = [*([Line("profile", "large", "rule", 3000)] if is_large else []),
                               *([Line("engagement", "visits", "rule", 3000)] if is_active else [])]  # fmt: skip
    return review(document, scored, marks, lines, 1)  # type: ignore[arg-type]


def test_who_distrusts_a_rule_is_heard() -> None:
    """Reviewers who think nothing of visits differ on all leads that these made active, and on no other."""
    model = {f"l{number}": ("A" if number % 2 == 0 else "D") + ("1" if number % 4 == 0 else "4") for number in range(40)}
    distrust = {lead: mark[0] + "4" for lead, mark in model.items()}
    found = reviewed(Marks("anna", distrust), Marks("ben", model))
    assert [each.lead for each in found.disputed] == []  # one of two: a step and a half on average
    found = reviewed(Marks("anna", distrust), Marks("ben", distrust | {"l1": "D3"}))
    assert {each.lead for each in found.disputed} == {f"l{number}" for number in range(0, 40, 4)}
    assert all(each.too_high and each.apart == 3 for each in found.disputed)
    first = found.rules[0]
    assert (first.rule, first.disputed.share, first.agreed.share, first.is_sure) == ("visits", 1.0, 0.0, True)
    assert (first.too_high, first.too_low) == (10, 0)
    assert [(each.first, each.second) for each in found.agreements] == [("m", "anna"), ("m", "ben"), ("anna", "ben")]
    assert found.among()[0].same.hits == 39


def test_yes_and_no_are_held_against_whom_sales_calls() -> None:
    calls = {f"l{number}": "yes" if number % 4 == 0 else "no" for number in range(40)}
    found = reviewed(
        Marks("anna", calls | {"l1": "yes"}), Marks("ben", {lead: "A1" if mark == "yes" else "C3" for lead, mark in calls.items()})
    )
    of_ben = found.with_model()[1].kappa
    assert found.scale == "calls" and of_ben is not None and of_ben.value == 1
    assert [(each.lead, each.too_high) for each in found.disputed] == [("l1", False)]
    with pytest.raises(DataError, match="does not say whom sales calls"):
        reviewed(Marks("anna", calls), document=MODEL)


def test_an_excluded_lead_is_the_last_to_call() -> None:
    found = review(CALLING, {"l1": Scored(""), "l2": Scored("A1")}, [Marks("anna", {"l1": "D4", "l2": "D4"})], {}, 1)
    assert [(each.lead, each.model, each.apart) for each in found.disputed] == [("l2", "A1", 6)]
