"""The door to Splink: leads in as Arrow, out come pairs that are probably one person, with what agrees and what differs.

Splink compares pairs on DuckDB (Fellegi and Sunter's weights, with how rare a shared name is among these very leads): that is how probable
one person is beside two strangers. Relatives and namesakes of one firm agree for a reason, however rare their name and however many
leads there are: they are weighed beside it, and the odds are 1 / (1 / odds against strangers + 1 / odds against kin). What is held in
memory is bounded; the rest goes to files.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from vaglio_server.duplicates.logic.cleaning import Cleaned, cleaned
from vaglio_server.duplicates.logic.closing import implied
from vaglio_server.duplicates.logic.comparisons import COMPARISONS, KIN, LOOKED_AT, Comparison

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

PROPOSED = 0.9  # least probability at which two leads are shown to somebody
FOLLOWS = 0.95  # least probability of both steps together at which a pair follows from two others
THROUGH = "through"  # the answer of such a pair: the lead by which it follows
MEMORY = "1500MB"
SHARED_BY = 30  # leads with one telephone number or one address: more are not one person's
CHUNK = 125_000  # leads on one side of the pairs compared together
EXPECTED = 0.2  # pairs that are one person, for each lead there is
BATCH = 50_000


@dataclass(frozen=True)
class Found:
    """Two leads, the smaller id first; how probably they are one person (0-1); the answer of each comparison that was possible."""

    lead: int
    other: int
    probability: float
    answers: dict[str, str]


Row = tuple[int, Mapping[str, Any]]
Progress = Callable[[float], None]


def find(rows: Iterable[Sequence[Row]], progress: Progress, *, least: float = PROPOSED, threads: int = 2) -> list[Found]:
    """Return the pairs of some leads that are probably one person, each pair once, and those that follow from them.

    ``rows`` come in batches of id and fields. ``progress`` is told how much is done (0-1).
    """
    with opened(threads) as database:
        count = load(database, rows)
        if count < 2:
            return []
        found: list[Found] = []
        progress(0.35)
        splink = linker(database, count)
        chunks = -(-count // CHUNK)
        for chunk in range(1, chunks + 1):
            pairs = splink.inference.predict_chunk((chunk, chunks), (1, 1), threshold_match_probability=least, warning_mode="never")
            found += [_found(row) for row in database.execute(_ANSWERED.format(pairs=pairs.physical_name, least=least)).fetchall()]
            pairs.drop_table_from_database_and_remove_from_cache()
            progress(0.35 + 0.65 * chunk / chunks)
    return found + _following(found)


def _following(found: Sequence[Found]) -> list[Found]:
    new = implied({(each.lead, each.other): each.probability for each in found if each.probability >= PROPOSED}, FOLLOWS)
    known = {(each.lead, each.other) for each in found}
    return [Found(*pair, both, {THROUGH: str(lead)}) for pair, (both, lead) in new.items() if pair not in known]


@contextmanager
def opened(threads: int) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Open a database whose memory is bounded and that is gone afterwards."""
    import duckdb

    with TemporaryDirectory(prefix="vaglio-duplicates-") as folder:
        settings = {"memory_limit": MEMORY, "temp_directory": folder, "threads": threads, "preserve_insertion_order": False}
        with duckdb.connect(f"{folder}/leads.duckdb", config=settings) as database:
            yield database


_KINDS = {"groups": "INTEGER[]", "numbers": "VARCHAR[]", "is_second": "BOOLEAN"}


def load(database: "duckdb.DuckDBPyConnection", rows: Iterable[Sequence[Row]]) -> int:
    """Write leads, cleaned, into a table, with how many have each name; return how many leads there are."""
    columns = ", ".join(f'"{name}" {_KINDS.get(name, "VARCHAR")}' for name in Cleaned._fields)
    database.execute(f"CREATE TABLE raw (unique_id BIGINT, {columns})")
    for batch in rows:
        database.register("batch", _arrow(batch))
        database.execute("INSERT INTO raw SELECT * FROM batch")
        database.unregister("batch")
    database.execute(_COUNTED.format(most=SHARED_BY))
    database.execute("DROP TABLE raw")
    return int(database.execute("SELECT count(*) FROM leads").fetchall()[0][0])


_COUNTED = """CREATE TABLE leads AS
WITH
    numbered AS (SELECT unique_id, unnest(numbers) AS number FROM raw),
    crowded AS (SELECT number FROM numbered GROUP BY number HAVING count(*) > {most}),
    few AS (SELECT unique_id, list(number) AS few FROM numbered ANTI JOIN crowded USING (number) GROUP BY unique_id),
    crowds AS (SELECT mail AS crowd FROM raw WHERE mail IS NOT NULL GROUP BY mail HAVING count(*) > {most}),
    lasts AS (SELECT last, count(*) AS last_count FROM raw WHERE last IS NOT NULL GROUP BY last),
    firsts AS (SELECT first, count(*) AS first_count FROM raw WHERE first IS NOT NULL GROUP BY first)
SELECT raw.* REPLACE (CASE WHEN crowd IS NULL THEN mail END AS mail, coalesce(few, []) AS numbers),
    left(first, 1) AS initial, left(last, 1) AS last_initial, split_part(first, ' ', 1) AS given,
    left(last, 1) || regexp_replace(substr(last, 2), '[aeiouy ]', '', 'g') AS skeleton, last_count, first_count
FROM raw LEFT JOIN few USING (unique_id) LEFT JOIN crowds ON crowd = mail LEFT JOIN lasts USING (last) LEFT JOIN firsts USING (first)"""


def _arrow(batch: Sequence[Row]) -> "pa.Table":
    import pyarrow as pa

    kinds = {"groups": pa.list_(pa.int32()), "numbers": pa.list_(pa.string()), "is_second": pa.bool_()}
    found = list(zip(*(cleaned(fields) for _lead, fields in batch), strict=True))
    columns = {name: pa.array(values, kinds.get(name, pa.string())) for name, values in zip(Cleaned._fields, found, strict=True)}
    return pa.table({"unique_id": pa.array([lead for lead, _fields in batch], pa.int64()), **columns})


def linker(database: "duckdb.DuckDBPyConnection", count: int) -> Any:
    """Return what compares the leads of a database, pair by pair."""
    from splink import DuckDBAPI, Linker, SettingsCreator
    from splink.blocking_rule_library import CustomRule

    logging.getLogger("splink").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(each) for each in COMPARISONS],
        blocking_rules_to_generate_predictions=[
            CustomRule(rule, arrays_to_explode=["numbers"] if "numbers" in rule else None) for rule in LOOKED_AT
        ],
        probability_two_random_records_match=min(0.1, EXPECTED / count),
        retain_matching_columns=True,  # the answers are kept with them
    )
    api = DuckDBAPI(database)
    return Linker(api.register("leads"), settings, log_level=None, validate_settings=False)


def _comparison(each: Comparison) -> Any:
    levels: list[dict[str, Any]] = [{"sql_condition": each.nothing, "is_null_level": True}]
    for answer in each.answers:
        # Only the ratio of both shares counts; where the value's rarity takes the second's place, only the first does.
        shares = {"m_probability": 2 ** min(0.0, answer.weight), "u_probability": 2 ** -max(0.0, answer.weight)}
        rare = {"tf_adjustment_column": answer.rare, "disable_tf_exact_match_detection": True} if answer.rare else {}
        levels.append({"sql_condition": answer.when, **shares, **rare})
    return {"output_column_name": each.name, "comparison_levels": levels}


def _against_kin() -> str:
    """Return the bits by which a pair's answers speak for one person rather than two who have a reason to agree."""
    cases = (
        (each, " ".join(f"WHEN {len(each.answers) - 1 - place} THEN {answer.kin}" for place, answer in enumerate(each.answers)))
        for each in COMPARISONS
    )
    return " + ".join([str(KIN), *(f"CASE gamma_{each.name} {levels} ELSE 0 END" for each, levels in cases)])


# Splink's probability is never below both together, so none is lost to its own bound.
_ANSWERED = """SELECT unique_id_l, unique_id_r, 1 / (1 + (1 - match_probability) / match_probability + 2 ** -({kin})) AS sure, {levels}
FROM {{pairs}} WHERE sure >= {{least}}""".format(kin=_against_kin(), levels=", ".join(f"gamma_{each.name}" for each in COMPARISONS))


def answered(each: Comparison, level: Any) -> Any:
    """Return the place of the answer that Splink calls a level: its last is 0, nothing to compare is -1 (here the number of answers)."""
    return len(each.answers) - 1 - level


def _found(row: Sequence[Any]) -> Found:
    low, high = sorted(row[:2])
    answers = {each.name: each.answers[answered(each, level)].word for each, level in zip(COMPARISONS, row[3:], strict=True) if level >= 0}
    return Found(low, high, row[2], answers)
