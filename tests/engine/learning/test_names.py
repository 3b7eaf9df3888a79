"""Rules of learned and proposed documents have names of their own, also where fields, companies and activities are called alike."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.engine.learning.made import AT, NOW, engine
from vaglio.document import ModelDocument, dump, loads
from vaglio.learning.candidates import Choice
from vaglio.learning.inputs import Input, named_apart, of_booleans, of_what_they_were_about
from vaglio.learning.learn import Asked, learn
from vaglio.learning.suggest import proposals, proposed
from vaglio.learning.terms import Terms
from vaglio.learning.write import Head, write
from vaglio.plan import Facts
from vaglio.quantities import LONGEST_NAME, short_name

LEADS = 600
DECLARED: dict[str, Any] = {
    "fields": {"account_size": "string", "profile": "string", "webinar": "boolean"}, "account_fields": {"size": "string"},
    "activities": {"webinar": {}},
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> tuple[Any, Facts, Any]:
    """Leads of whom four inputs of three names each tell something."""
    drawn = np.random.default_rng(3)
    large, rich, asked, came = (drawn.random(LEADS) < 0.5 for _ in range(4))
    became = drawn.random(LEADS) < 0.1 + 0.2 * large + 0.2 * rich + 0.2 * asked + 0.2 * came
    ids = [f"l{place:03}" for place in range(LEADS)]
    made_in = engine()
    created = pa.array([NOW - 1] * LEADS, pa.int64())
    leads = pa.table({
        "lead_id": ids, "account_id": ["a1" if each else "a0" for each in rich], "created_us": created,
        "f_account_size": ["L" if each else "M" for each in large], "f_profile": ["x" if each else "y" for each in large],
        "f_webinar": pa.array(asked.astype(int), pa.int64()),
    })  # fmt: skip
    who = [lead for lead, each in zip(ids, came, strict=True) if each]
    acts = pa.table({"lead_id": who, "activity_type": ["webinar"] * len(who), "occurred_us": pa.array([NOW - 9] * len(who), pa.int64())})
    accounts = pa.table({"account_id": ["a0", "a1"], "f_size": ["small", "big"]})
    tables = {"leads": leads, "accounts": accounts, "activities": acts}
    of = dict(zip(ids, became.astype(float), strict=True))

    def labels(who: Sequence[str]) -> Any:
        return np.array([of[each] for each in who])

    return made_in, Facts(**{name: made_in.load(f"n_{name}", each) for name, each in tables.items()}), labels


def inputs_of(document: ModelDocument) -> dict[str, str]:
    return {rule.id: str(rule.model_dump(by_alias=True, exclude_none=True).get("input")) for _axis, rule in document.rules()}


def test_a_learned_document_has_no_name_twice(world: Any) -> None:
    document = learn(world[0], DECLARED, world[1], AT, world[2], Asked("logistic", "m")).document
    assert loads(dump(document)) == document
    named = inputs_of(document)
    assert "'account_size'" in named["account_size"] and "'account.size'" in named["account_size_2"] and "profile" not in named


def test_a_field_and_an_activity_called_alike_are_proposed_each_for_itself(world: Any) -> None:
    found, _notes = proposals(world[0], DECLARED, world[1], AT, world[2], Choice())
    document = proposed(world[0], DECLARED, world[1], AT, world[2], found, "m")
    assert loads(dump(document)) == document
    kinds = {rule.id: rule.kind for _axis, rule in document.rules()}  # type: ignore[attr-defined]
    assert kinds["webinar"] == "fields" and kinds["webinar_2"] == "activity_count" and {"account_size", "account_size_2"} <= set(kinds)


def test_names_are_no_longer_than_documents_allow_and_stay_apart() -> None:
    long = [f"{'x' * LONGEST_NAME}{letter}" for letter in "ab"]
    assert len({short_name(each) for each in long}) == 2 and {len(short_name(each)) for each in long} == {LONGEST_NAME}
    fields = [Input(name, "profile", {"field": name}, ()) for name in ("intercept", "size", "size", "size_2", *long)]
    named = [each.name for each in named_apart(fields)]
    assert named[:4] == ["intercept_2", "size", "size_2", "size_2_2"] and len(set(named)) == 6


def test_a_pair_of_long_names_has_a_name(world: Any) -> None:
    """Two beginnings of paths of forty letters are enough for more than a hundred."""
    about = [of_what_they_were_about("page_viewed", f"page_viewed_path_{letter * 40}", {"path": letter})[0] for letter in "ab"]
    short = [each for name in ("a", "b", "a_and_b") if (each := of_booleans(name, [True, False])) is not None]
    grid = np.array([[1.0, -1.0], [0.5, 0.0]])
    wide = np.ones((len(about[0].bands), len(about[1].bands)))
    terms = Terms([*about, *short], 0.0, {4: np.array([1.0, -1.0])}, {(0, 1): wide, (2, 3): grid})
    declared = {"fields": dict.fromkeys(("a", "b", "a_and_b"), "boolean"), "activities": {"page_viewed": {"path": "string"}}}
    document = write(terms, np.zeros((20, 5), np.int16), declared, Head("m", "M", "made"))
    assert loads(dump(document)) == document and "a_and_b_2" in inputs_of(document)
