"""What is said of each engine, asked of the engine itself: should a new version do otherwise, it shows here."""

import random
import sqlite3
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest

from tests.engine.engines import MADE, spark
from tests.engine.tables import engine_called
from vaglio.errors import EngineError
from vaglio.plan.arithmetic import age_double, halving, whole

ASKED = {
    "rounding": "CAST(round(CAST(2.5 AS {double})) AS {text})",
    "integer_division": "CAST(7 / 2 AS {text})",
    "overflow": "CAST(CAST(9223372036854775807 AS BIGINT) + CAST(1 AS BIGINT) AS {text})",
    "sums": "CAST({kind}(sum(x)) AS {text}) FROM (SELECT CAST(1 AS BIGINT) AS x) AS s",
    "decimals": "CAST(0.1 + 0.2 = 0.3 AS {text})",
    "powers": "CAST(power(CAST(2 AS {double}), -2000) AS {text})",
    "number_text": "CAST(CAST(1e15 AS {double}) AS {text})",
    "null_order": "coalesce(CAST(x AS {text}), 'null') FROM (SELECT 1 AS x UNION ALL SELECT NULL) AS s ORDER BY x LIMIT 1",
    "text_order": "CAST('a' < 'B' AS {text})",
    "case_folding": "lower('\u0130')",
    "regular_expressions": "CAST({match} AS {text})",  # whether it looks ahead, which RE2 does not
    "time_zones": "{zone}",
}
# What an engine answers that does a thing in a way; where nothing is said here, the way itself.
ANSWERS: dict[str, dict[str, set[str]]] = {
    "rounding": {"even": {"2"}, "away": {"3.0"}},
    "integer_division": {"whole": {"3"}, "double": {"3.5"}},
    "overflow": {"double": {"9.22337203685478e+18"}},
    "decimals": {"decimal": {"true"}, "double": {"0"}},
    "powers": {"zero": {"0.0"}},
    "null_order": {"last": {"1"}, "first": {"null"}},
    "text_order": {"bytes": {"false", "0"}, "collation": {"false"}},  # the private server's collation is C.UTF-8
    "case_folding": {"one": {"i"}, "two": {"i\u0307"}, "none": {"\u0130"}},
    "regular_expressions": {"RE2": {"fails"}, "none": {"fails"}, "POSIX": {"true"}, "Java": {"true"}},
    "time_zones": {"none": {"none"}},
}
WORDS = {
    "duckdb": {"double": "DOUBLE", "text": "VARCHAR", "kind": "typeof", "match": "regexp_matches('ab', 'a(?=b)')",
               "zone": "current_setting('TimeZone')"},
    "sqlite": {"double": "REAL", "text": "TEXT", "kind": "typeof", "match": "'ab' REGEXP 'a(?=b)'",
               "zone": "coalesce((SELECT name FROM pragma_function_list WHERE name LIKE '%timezone%'), 'none')"},
    "postgres": {"double": "double precision", "text": "text", "kind": "pg_typeof", "match": "'ab' ~ 'a(?=b)'",
                 "zone": "current_setting('TimeZone')"},
    "spark": {"double": "DOUBLE", "text": "STRING", "kind": "typeof", "match": "'ab' RLIKE 'a(?=b)'", "zone": "current_timezone()"},
}  # fmt: skip


def answer(engine: Any, question: str) -> str:
    sql = f"SELECT {question}"
    try:
        if hasattr(engine, "session"):
            return str(engine.session.rows(sql).column(0)[0].as_py())
        return str(engine.raw.execute(sql).fetchall()[0][0])
    except (EngineError, duckdb.Error, sqlite3.Error):
        return "fails"


@pytest.mark.parametrize("name", [spark(pytest.mark.drill) if name == "spark" else name for name in MADE])
def test_every_engine_does_what_is_said_of_it(name: str) -> None:
    engine = engine_called(name)
    said = {trait: each.way for trait, each in engine.dialect.traits().items()}
    assert said.keys() == ASKED.keys()
    for trait, question in ASKED.items():
        found = answer(engine, question.format(**WORDS[name]))
        assert found in ANSWERS.get(trait, {}).get(said[trait], {said[trait]}), (trait, found)


@pytest.mark.parametrize("name", [spark() if name == "spark" else name for name in MADE])
def test_what_halves_is_a_double_to_its_last_digits(name: str) -> None:
    # A decimal in between keeps eight places: enough for tests with round numbers, and one activity in a million gets another thousandth.
    drawn, engine = random.Random(7), engine_called(name)
    ages = [drawn.randrange(400 * 86_400) for _ in range(2_000)]
    lives = [drawn.choice([3_600, 604_800, 1_209_600, 2_592_000, 7_776_000]) for _ in ages]
    table = engine.load("halving", pa.table({"occurred_us": [-age * 10**6 - 7 for age in ages], "life": lives}))
    left = halving(age_double(table.occurred_us, whole(0)), table.life)
    found = engine.arrow(table.select(life=table.life, age=age_double(table.occurred_us, whole(0)), left=left)).to_pylist()
    assert sorted((row["age"], row["life"]) for row in found) == sorted(zip(map(float, ages), lives, strict=True))
    assert all(row["left"] == pytest.approx(2.0 ** -(row["age"] / row["life"]), rel=5e-16, abs=1e-300) for row in found)
    constant = table.select(left=halving(age_double(table.occurred_us, whole(0)), ibis.literal(604_800.0, "float64")), us=table.occurred_us)
    for row in engine.arrow(constant).to_pylist():
        assert row["left"] == pytest.approx(2.0 ** -((-row["us"] // 10**6) / 604_800), rel=5e-16, abs=1e-300)
