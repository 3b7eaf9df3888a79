"""Nothing that became known later is seen: no lead, correction, move, company, activity or mark changes what is learned as of a day."""

import os
import random
from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.engine.learning.made import DAY, NOW, engine
from tests.engine.tables import document_of
from vaglio.document import dump
from vaglio.learning.candidates import Choice, candidates
from vaglio.learning.coded import coded
from vaglio.learning.examples import at_age
from vaglio.learning.known import known
from vaglio.learning.leakage import looked_through
from vaglio.learning.learn import Asked, learn
from vaglio.learning.suggest import proposals, proposed, rule_evidence
from vaglio.learning.terms import Floats
from vaglio.plan import Facts, Instants
from vaglio.scoring import score_rows

DECLARED: dict[str, Any] = {
    "fields": {"size": "integer", "sector": "string", "is_partner": "boolean"}, "account_fields": {"staff": "number"},
    "activities": {"seen": {"path": "string"}, "new": {}, "asked": {"path": "string"}}, "no_value": [],
}  # fmt: skip
EXAMPLES = int(os.environ.get("VAGLIO_LATER", "1"))  # of sets of later facts; each is learned from anew
LEADS, ACCOUNTS = 160, 12
TEXT = pa.string()
COLUMNS = {
    "leads": {"lead_id": TEXT, "account_id": TEXT, "created_us": pa.int64(), "f_size": pa.int64(), "f_sector": TEXT,
              "f_is_partner": pa.int64()},
    "accounts": {"account_id": TEXT, "f_staff": pa.float64()},
    "activities": {"lead_id": TEXT, "activity_type": TEXT, "occurred_us": pa.int64(), "received_us": pa.int64(), "message_id": TEXT,
                   "is_machine": pa.bool_(), "machine_us": pa.int64(), "p_path": TEXT},
    "field_changes": {**dict.fromkeys(("subject", "id", "field", "text"), TEXT), "number": pa.float64(), "whole": pa.int64(),
                      "known_us": pa.int64()},
}  # fmt: skip
World = dict[str, list[dict[str, Any]]]


def change(subject: str, who: str, field: str, value: Any, known_us: int) -> dict[str, Any]:
    own: dict[str, Any] = {"text": None, "number": None, "whole": None}
    if isinstance(value, str):
        own["text"] = value
    elif value is not None:
        own |= {"number": float(value)} if field == "staff" else {"whole": int(value)}
    return {"subject": subject, "id": who, "field": field, **own, "known_us": known_us}


def an_activity(lead: str, kind: str, occurred: int, received: int, path: str | None = "/late/x") -> dict[str, Any]:
    return {"lead_id": lead, "activity_type": kind, "occurred_us": occurred, "received_us": received, "message_id": None,
            "is_machine": False, "machine_us": None, "p_path": path}  # fmt: skip


def set_field(world: World, lead: dict[str, Any], field: str, value: Any, known_us: int) -> None:
    lead[field if field == "account_id" else f"f_{field}"] = value
    world["field_changes"].append(change("lead", lead["lead_id"], field, value, known_us))


def born(place: int) -> int:
    return NOW - (40 + place % 30) * DAY


def a_world() -> tuple[World, dict[str, float]]:
    """Return leads of many ages, all that is known of them with its history, and what became of them."""
    drawn = random.Random(5)
    world: World = {name: [] for name in COLUMNS}
    became = {}
    for n in range(ACCOUNTS):
        world["accounts"].append({"account_id": f"a{n}", "f_staff": float(n * 10)})
        world["field_changes"].append(change("account", f"a{n}", "staff", n * 10, NOW - 90 * DAY))
    for n in range(LEADS):
        lead = {"lead_id": f"l{n:03}", "created_us": born(n), "account_id": None, "f_size": None, "f_sector": None, "f_is_partner": None}
        world["leads"].append(lead)
        for field, value in (("account_id", f"a{drawn.randrange(ACCOUNTS)}"), ("size", drawn.choice([5, 20, 80, 300])),
                             ("sector", drawn.choice(["Software", "software", "retail"])), ("is_partner", drawn.randrange(2))):  # fmt: skip
            if drawn.random() < 0.85:
                set_field(world, lead, field, value, born(n) + drawn.randrange(5) * DAY)
        for _ in range(drawn.randrange(5)):
            at = born(n) + drawn.randrange(6 * DAY)
            path = drawn.choice(["/pricing", "/blog/one", "/blog/two", "/Blog", None])
            world["activities"].append(an_activity(lead["lead_id"], drawn.choice(["seen", "seen", "asked"]), at, at, path))
        worth = (lead["f_size"] or 0) > 50, (lead["f_sector"] or "").lower() == "software", drawn.random() < 0.5
        became[lead["lead_id"]] = float(sum(worth) >= 2)
    return world, became


def loaded(made_in: Any, world: World) -> Facts:
    tables = {
        name: pa.table({key: pa.array([row[key] for row in world[name]], kind) for key, kind in columns.items()})
        for name, columns in COLUMNS.items()
    }  # fmt: skip
    return Facts(**{name: made_in.load(name, table) for name, table in tables.items()})


WORLD, BECAME = a_world()
AGE = 14 * DAY
FIRST_LATER = {"at": lambda place: NOW + 1, "age": lambda place: born(place) + AGE + 1}


def told(world: World, way: str, asked: Asked, labels: dict[str, float]) -> dict[str, Any]:
    """Return everything that is learned, by name."""

    def of(ids: Sequence[str]) -> Floats:
        return np.array([labels.get(each, np.nan) for each in ids])

    made_in = engine()
    facts, at = loaded(made_in, world), Instants(NOW, NOW)
    if way == "age":
        facts, at = at_age(facts, AGE)
    seen = known(made_in, DECLARED, facts, at, of)
    inputs, notes = candidates(DECLARED, seen, Choice())
    bands = coded(made_in, DECLARED, inputs, facts, at).of(seen.lead_ids)
    found = learn(made_in, DECLARED, facts, at, of, asked)
    worth, _notes = proposals(made_in, DECLARED, facts, at, of, Choice())
    scores = score_rows(made_in, found.document, facts, at)
    # The rank in scores is a lead's place among all, also those who came later.
    everything = {
        "who": seen.lead_ids, "rows": seen.rows.to_pylist(), "bands": inputs, "notes": notes, "codes": bands.codes.tolist(),
        "document": dump(found.document), "findings": looked_through(made_in, DECLARED, facts, at, of), "proposals": worth,
        "proposed": dump(proposed(made_in, DECLARED, facts, at, of, worth, "p")),
        "rules": rule_evidence(made_in, found.document, facts, at, of),
        "scores": sorted((row["lead_id"], str(row | {"rank": 0})) for row in scores if row["lead_id"] in BECAME),
    }  # fmt: skip
    made_in.close()
    return everything


def document(world: World, asked: Asked, labels: dict[str, float]) -> str:
    """Return the text of what is learned alone."""
    made_in = engine()
    found = learn(
        made_in, DECLARED, loaded(made_in, world), Instants(NOW, NOW), lambda ids: np.array([labels.get(n, np.nan) for n in ids]), asked
    )
    made_in.close()
    return dump(found.document)


LOGISTIC = Asked("logistic", "m", seed=2)
BEFORE: dict[str, dict[str, Any]] = {}


def before(way: str) -> dict[str, Any]:
    if way not in BEFORE:
        BEFORE[way] = told(WORLD, way, LOGISTIC, BECAME)
    return BEFORE[way]


FIELDS = st.sampled_from(["size", "sector", "is_partner", "account_id"])
VALUES = {
    "size": st.sampled_from([-1, 7, 10**9, None]), "sector": st.sampled_from(["space", "SOFTWARE ", "", None]),
    "is_partner": st.sampled_from([0, 1, None]), "account_id": st.sampled_from(["a0", "a11", "late", None]),
}  # fmt: skip
PLACES = st.integers(0, LEADS - 1)


@st.composite
def later_facts(draw: Any) -> list[tuple[Any, ...]]:
    """Draw facts that become known later, and by how much."""
    delay = st.integers(0, 30 * DAY)
    a_change = FIELDS.flatmap(lambda field: st.tuples(st.just("change"), PLACES, delay, st.just(field), VALUES[field]))
    kinds = [
        a_change,
        st.tuples(st.just("lead"), PLACES, delay, st.sampled_from(["space", "software"]), st.sampled_from([0.0, 1.0])),
        st.tuples(st.just("activity"), PLACES, delay, st.sampled_from(["seen", "asked", "new"]), st.integers(0, 20 * DAY)),
        st.tuples(st.just("staff"), PLACES, delay, st.integers(0, ACCOUNTS - 1), st.sampled_from([-5, 55, 10**6])),
        st.tuples(st.just("mark"), PLACES, delay, st.integers(0, len(WORLD["activities"]) - 1), st.none()),
    ]
    found: list[tuple[Any, ...]] = draw(st.lists(st.one_of(*kinds), min_size=1, max_size=40))
    return found


def with_later(later: list[tuple[Any, ...]], way: str) -> tuple[World, dict[str, float]]:
    """Return the world after these facts came in, their rows among the others, and outcomes also of who came with them."""
    world, labels = deepcopy(WORLD), dict(BECAME)
    for number, (kind, place, delay, what, value) in enumerate(later):
        lead, at = world["leads"][place], FIRST_LATER[way](place) + delay
        if kind == "change":
            set_field(world, lead, what, value, at)
        elif kind == "lead":  # who came later has no outcome at an age that it has not come to
            who = f"a_first_{number}"
            world["leads"].append({"lead_id": who, "created_us": NOW + 1 + delay, "account_id": "late", "f_size": 77, "f_sector": what,
                                   "f_is_partner": 1})  # fmt: skip
            labels |= {who: value} if way == "at" else {}
            world["accounts"] += [] if any(each["account_id"] == "late" for each in world["accounts"]) else [
                {"account_id": "late", "f_staff": 3.5}
            ]  # fmt: skip
        elif kind == "activity":  # also one that was done before and heard of later
            world["activities"].append(an_activity(lead["lead_id"], what, at - value, at))
        elif kind == "staff":  # known later than everybody is looked at
            world["field_changes"].append(change("account", f"a{what}", "staff", value, NOW + 1 + delay))
            world["accounts"][what]["f_staff"] = float(value)
        else:
            world["activities"][what] |= {"is_machine": True, "machine_us": NOW + 1 + delay}
    for rows in world.values():
        random.Random(len(later)).shuffle(rows)
    return world, labels


@pytest.mark.parametrize("way", FIRST_LATER)
@settings(
    max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
@given(later=later_facts().filter(lambda later: len(later) > 3))  # the first that is drawn is one fact alone
def test_what_became_known_later_changes_nothing(way: str, later: list[tuple[Any, ...]]) -> None:
    after = told(*_given(later, way))
    for name, was in before(way).items():
        assert after[name] == was, name


def _given(later: list[tuple[Any, ...]], way: str) -> tuple[World, str, Asked, dict[str, float]]:
    world, labels = with_later(later, way)
    return world, way, LOGISTIC, labels


@pytest.mark.drill
def test_nor_does_it_change_what_boosting_learns() -> None:
    later = [("change", 3, 0, "sector", "space"), ("lead", 0, 5, "space", 1.0), ("activity", 9, 0, "asked", DAY), ("mark", 0, 0, 4, None)]
    world, labels = with_later(later * 8, "at")
    asked = Asked("predictive", "m", full=True, seed=2)
    assert document(world, asked, labels) == document(WORLD, asked, BECAME)


def test_what_activities_were_about_is_looked_at() -> None:
    made_in = engine()
    seen = known(made_in, DECLARED, loaded(made_in, WORLD), Instants(NOW, NOW), lambda ids: np.array([BECAME[each] for each in ids]))
    inputs, _notes = candidates(DECLARED, seen, Choice())
    wheres = {str(each.source["where"]).lower() for each in inputs if each.source.get("activity") == "seen" and "where" in each.source}
    assert wheres == {"{'path': {'starts_with': '/blog'}}", "{'path': {'starts_with': '/pricing'}}"}
    assert "new" not in str(inputs) and {"any_activity_count_1d", "seen_count_7d"} <= {each.name for each in inputs}


def test_what_became_known_in_time_is_seen() -> None:
    """The test above can fail: the same facts a day earlier change the document."""
    world = deepcopy(WORLD)
    for place in range(0, LEADS, 2):
        set_field(world, world["leads"][place], "size", 7, NOW - 1)
    assert document(world, LOGISTIC, BECAME) != before("at")["document"]


def test_a_company_is_as_it_was_at_each_leads_age() -> None:
    """A company that grew between two of its leads' ages is small for one and large for the other."""
    world: World = {name: [] for name in COLUMNS}
    world["accounts"].append({"account_id": "a", "f_staff": 500.0})
    world["field_changes"] += [change("account", "a", "staff", 5, NOW - 90 * DAY), change("account", "a", "staff", 500, NOW - 20 * DAY)]
    for who, days in (("old", 60), ("young", 15)):
        lead = {"lead_id": who, "created_us": NOW - days * DAY, "account_id": None, "f_size": None, "f_sector": None, "f_is_partner": None}
        world["leads"].append(lead)
        set_field(world, lead, "account_id", "a", NOW - days * DAY)
    made_in = engine()
    facts, at = at_age(loaded(made_in, world), 7 * DAY)
    assert known(made_in, DECLARED, facts, at, lambda ids: np.ones(len(ids))).values("account.staff") == [5.0, 500.0]


def test_who_is_on_a_list_at_an_age_was_on_it_by_then() -> None:
    """By themselves or by their company, with a history and without; who came onto it later, or had gone by then, is not."""
    world: World = {name: [] for name in COLUMNS}
    world["accounts"].append({"account_id": "a", "f_staff": 5.0})
    stays: list[dict[str, Any]] = []
    for place, (who, since, until) in enumerate([("early", 2, None), ("late", 9, None), ("gone", 1, 5), ("by_company", None, None)]):
        lead = {
            "lead_id": who,
            "created_us": NOW - (60 + place) * DAY,
            "account_id": None,
            "f_size": None,
            "f_sector": None,
            "f_is_partner": None,
        }
        world["leads"].append(lead)
        if since is None:
            set_field(world, lead, "account_id", "a", lead["created_us"])
        born_us = lead["created_us"]
        stay = {"list": "named", "member_type": "lead" if since else "account", "member_id": who if since else "a", "known_us": None}
        stays.append(stay | {"from_us": born_us + (since or 3) * DAY, "to_us": born_us + until * DAY if until else None})
    document = document_of({
        "format": 1, "name": "m",
        "profile": {"rules": [{"id": "named", "kind": "list_member", "list": "named", "points": 5}], "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": [], "digits": {"1": 3, "2": 2, "3": 1}},
    })  # fmt: skip
    kinds = {name: TEXT if name in ("list", "member_type", "member_id") else pa.int64() for name in stays[0]}
    for together in (False, True):
        made_in = engine()
        facts = loaded(made_in, world)
        table = pa.table({name: pa.array([row[name] for row in stays], kind) for name, kind in kinds.items()})
        aged, at = at_age(facts.replace(lists=made_in.load("lists", table)), 7 * DAY, together=together)
        rows = score_rows(made_in, document, aged, at)
        assert {row["lead_id"] for row in rows if row["profile_millipoints"]} == {"early", "by_company"}, together
        made_in.close()


@pytest.mark.parametrize("has_history", [False, True])
def test_a_date_that_lay_ahead_at_an_age_lies_ahead(has_history: bool) -> None:
    """Of a lead and of its company: five days after its creation one had come at seven, fifty days after it one had not."""
    born_us = {"past": NOW - 90 * DAY, "ahead": NOW - 80 * DAY}
    dates = {"past": born_us["past"] + 5 * DAY, "ahead": born_us["ahead"] + 50 * DAY}
    people = {"lead_id": list(born_us), "account_id": ["a", "b"], "created_us": list(born_us.values()), "f_signing": list(dates.values())}
    made_in = engine()
    facts = Facts(
        made_in.load("leads", pa.table(people)),
        made_in.load("accounts", pa.table({"account_id": ["a", "b"], "f_renewal": list(dates.values())})),
    )
    if has_history:
        told = [change("lead", who, "signing", at, born_us[who]) for who, at in dates.items()]
        told += [change("account", of, "renewal", at, NOW - 100 * DAY) for of, at in zip("ab", dates.values(), strict=True)]
        history = {key: pa.array([row[key] for row in told], kind) for key, kind in COLUMNS["field_changes"].items()}
        facts = facts.replace(field_changes=made_in.load("changes", pa.table(history)))
    rules = [
        {"id": name.removeprefix("account."), "kind": "fields", "field": name, "bands": [{"older_than": "1d", "points": 5}]}
        for name in ("signing", "account.renewal")
    ]
    document = document_of({
        "format": 1, "name": "m", "inputs": {"fields": {"signing": "date"}, "account_fields": {"renewal": "date"}},
        "profile": {"rules": rules, "letters": {"A": 3, "B": 2, "C": 1}},
        "engagement": {"rules": [], "digits": {"1": 3, "2": 2, "3": 1}},
    })  # fmt: skip
    aged, at = at_age(facts, 7 * DAY, dates=("signing", "account.renewal"))
    rows = score_rows(made_in, document, aged, at)
    assert {row["lead_id"]: row["profile_millipoints"] for row in rows} == {"past": 10_000, "ahead": 0}
    made_in.close()
