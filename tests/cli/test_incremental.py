"""``vaglio score --changed-since --previous``: scores brought forward, and one line where they cannot be."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.cli.company import MODEL, ROOT, started, vaglio
from tests.engine.engines import postgres_url
from vaglio.demo import make

FIRST, THEN = "2026-09-29", "2026-09-30"
TABLES = {"leads": "leads", "accounts": "accounts", "activities": "activities", "field-changes": "field_changes", "lists": "lists"}
OTHER = ROOT / "models" / "consulting.yaml"


def options(folder: Path) -> list[object]:
    return [part for option, name in TABLES.items() for part in (f"--{option}", folder / f"{name}.parquet")]


def asked(query: str) -> list[Any]:
    with duckdb.connect() as raw:
        return raw.execute(query).fetchall()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company as Parquet, with its scores of two days by two models: ``first.parquet`` and, of the day after, ``full.parquet``."""
    folder = tmp_path_factory.mktemp("forward")
    make(folder, leads=400, format="parquet")
    for name, day in (("first", FIRST), ("full", THEN)):
        done = vaglio("score", MODEL, OTHER, *options(folder), "--as-of", day, "--resumable", "--out", folder / f"{name}.parquet")
        assert done.returncode == 0, done.stderr
    return folder


def forward(folder: Path, out: Path, *more: object, previous: str | Path = "first.parquet", tell: Any = vaglio, since: str = FIRST) -> Any:
    """Bring the scores forward by a day."""
    return tell("score", MODEL, OTHER, *options(folder), "--as-of", THEN, "--out", out, "--previous", folder / previous,
                "--changed-since", since, *more)  # fmt: skip


def differing(one: Path, other: Path) -> int:
    """Return how many leads have another rating, flags or exclusion, or are in one of two files only."""
    shown = ("rating", "flags", "excluded_by", "buying_stage")
    unlike = " OR ".join(f"a.{name} IS DISTINCT FROM b.{name}" for name in shown)
    query = (
        f"SELECT count(*) FROM '{one}' a FULL JOIN '{other}' b USING (model, lead_id) WHERE a.rating IS DISTINCT FROM b.rating OR {unlike}"
    )
    missing = f"SELECT count(*) FROM '{one}' a FULL JOIN '{other}' b USING (model, lead_id) WHERE a.as_of IS NULL OR b.as_of IS NULL"
    return int(asked(query)[0][0]) + int(asked(missing)[0][0])


def test_it_works_and_says_what_was_carried_over(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "then.parquet"
    done = forward(folder, out, tell=started)
    assert done.returncode == 0, done.stderr
    assert differing(out, folder / "full.parquet") == 0
    carried = asked(f"SELECT model, count(*) FILTER (as_of < '{THEN}'::timestamptz), count(*) FROM '{out}' GROUP BY model ORDER BY model")
    for model, kept, leads in carried:
        assert 0 < kept < leads
        assert f"{model}: {leads:,} leads scored as of {THEN}T00:00:00Z ({kept:,} of them carried over)" in done.stdout
    assert asked(f"SELECT count(DISTINCT known_at), count(DISTINCT (model, rank)) = count(*) FROM '{out}'") == [(1, True)]
    kept_as_they_were = f"""SELECT count(*) FROM '{out}' a JOIN '{folder}/first.parquet' b USING (model, lead_id, as_of)
        WHERE a.engagement_millipoints = b.engagement_millipoints AND a.next_change_at IS NOT DISTINCT FROM b.next_change_at"""
    assert asked(kept_as_they_were) == [(sum(kept for _model, kept, _leads in carried),)]


def test_what_it_wrote_is_brought_forward_in_place(folder: Path, tmp_path: Path) -> None:
    scores = Path(shutil.copy(folder / "first.parquet", tmp_path / "scores.parquet"))
    done = forward(folder, scores, previous=scores)
    assert done.returncode == 0, done.stderr
    again = forward(folder, scores, previous=scores, since=THEN)
    assert again.returncode == 0, again.stderr
    assert differing(scores, folder / "full.parquet") == 0


def test_a_changed_field_a_new_lead_and_one_that_is_gone(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "changed")
    leads, whole = tmp_path / "changed" / "leads.parquet", folder / "leads.parquet"
    asked(f"""COPY (
        SELECT * REPLACE (CASE WHEN row_number() OVER () % 9 = 0 THEN 'Chief Technology Officer' ELSE job_title END AS job_title)
        FROM '{whole}' WHERE lead_id <> (SELECT min(lead_id) FROM '{folder}/first.parquet')
        UNION ALL SELECT * REPLACE ('new' AS lead_id) FROM (FROM '{whole}' LIMIT 1)) TO '{leads}'""")
    full = vaglio("score", MODEL, OTHER, *options(tmp_path / "changed"), "--as-of", THEN, "--out", tmp_path / "full.parquet")
    done = forward(tmp_path / "changed", tmp_path / "then.parquet")
    assert (full.returncode, done.returncode) == (0, 0), done.stderr
    assert differing(tmp_path / "then.parquet", tmp_path / "full.parquet") == 0
    assert differing(tmp_path / "then.parquet", folder / "full.parquet") > 0


def test_a_model_of_another_version_is_scored_whole(folder: Path, tmp_path: Path) -> None:
    text = MODEL.read_text(encoding="utf-8")
    (tmp_path / "model.yaml").write_text(text.replace("points: 30, within: 60d", "points: 31, within: 60d"), encoding="utf-8")
    assert (tmp_path / "model.yaml").read_text(encoding="utf-8") != text
    done = vaglio("score", tmp_path / "model.yaml", OTHER, *options(folder), "--as-of", THEN, "--out", tmp_path / "then.parquet",
                  "--previous", folder / "first.parquet", "--changed-since", FIRST)  # fmt: skip
    assert "enterprise_suite is another version than" in done.stderr and "all leads were scored again" in done.stderr
    assert "(0 of them carried over)" in done.stdout
    found = dict(asked(f"SELECT model, min(as_of) = max(as_of) FROM '{tmp_path}/then.parquet' GROUP BY model"))
    assert found.pop("enterprise_suite") is True and list(found.values()) == [False]


def test_bad_rows_among_what_is_new_are_set_aside(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "bad")
    rows, whole = tmp_path / "bad" / "activities.parquet", folder / "activities.parquet"
    new, old = (f"SELECT * REPLACE (' ' AS lead_id, '{day} 12:00:00Z'::timestamptz AS received_at) FROM (FROM '{whole}' LIMIT {count})"
                for day, count in (("2026-09-29", 3), ("2026-01-05", 2)))  # fmt: skip
    asked(f"COPY (FROM '{whole}' UNION ALL {new} UNION ALL {old}) TO '{rows}'")
    done = forward(tmp_path / "bad", tmp_path / "then.parquet")
    assert done.returncode == 0, done.stderr
    assert "3 bad rows set aside" in done.stderr
    assert differing(tmp_path / "then.parquet", folder / "full.parquet") == 0
    assert forward(tmp_path / "bad", tmp_path / "strict.parquet", "--strict").returncode == 2


def test_instants_written_in_other_ways_are_read_whole(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "texts")
    rows = tmp_path / "texts" / "activities.parquet"
    written = "strftime(received_at, '%Y-%m-%dT%H:%M:%S.%fZ')"
    asked(f"SET TimeZone = 'UTC'; COPY (SELECT * REPLACE ({written} AS received_at) FROM '{folder}/activities.parquet') TO '{rows}'")
    done = forward(tmp_path / "texts", tmp_path / "then.parquet")
    assert done.returncode == 0, done.stderr
    assert differing(tmp_path / "then.parquet", folder / "full.parquet") == 0


def test_postgres_brings_forward_what_duckdb_began(folder: Path, tmp_path: Path) -> None:
    done = forward(folder, tmp_path / "then.parquet", "--engine", postgres_url())
    assert done.returncode == 0, done.stderr
    assert "(0 of them carried over)" in done.stdout  # its digests are others
    assert differing(tmp_path / "then.parquet", folder / "full.parquet") == 0


def test_postgres_keeps_scores_in_a_table(folder: Path, tmp_path: Path) -> None:
    where, kept = ("--engine", postgres_url()), "table:public.kept_scores"
    first = vaglio("score", MODEL, OTHER, *options(folder), "--as-of", FIRST, "--resumable", "--out", kept, *where)
    assert first.returncode == 0, first.stderr
    done = vaglio("score", MODEL, OTHER, *options(folder), "--as-of", THEN, "--out", kept, "--previous", kept,
                  "--changed-since", FIRST, *where)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "(0 of them carried over)" not in done.stdout
    file = vaglio("score", MODEL, OTHER, *options(folder), "--as-of", THEN, "--out", tmp_path / "then.parquet", "--previous", kept,
                  "--changed-since", THEN, *where)  # fmt: skip
    assert file.returncode == 0, file.stderr
    assert differing(tmp_path / "then.parquet", folder / "full.parquet") == 0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * EXCLUDE (next_change_at) FROM '{first}'", "has no column 'next_change_at'; score all leads once with --resumable"),
        ("SELECT * EXCLUDE (fields_digest) FROM '{first}'", "has no column 'fields_digest'"),
        ("SELECT * REPLACE (next_change_at::varchar AS next_change_at) FROM '{first}'", "the column 'next_change_at' is VARCHAR"),
        ("SELECT * FROM '{first}' WHERE model = 'enterprise_suite'", "holds scores of enterprise_suite, not of"),
        ("SELECT * FROM '{first}' WHERE false", "holds no scores of enterprise_suite"),
        ("SELECT * FROM '{first}' UNION ALL SELECT * REPLACE ('third' AS model) FROM '{first}'", "holds scores of third too"),
        ("SELECT * FROM '{first}' UNION ALL FROM '{first}'", "holds leads of"),
        ("SELECT * REPLACE (NULL::varchar AS lead_id) FROM '{first}' LIMIT 1", "has rows without lead_id, model, as_of or known_at"),
        ("SELECT * REPLACE ('infinity'::timestamptz AS as_of) FROM '{first}'", "has rows without lead_id, model, as_of or known_at"),
        ("SELECT * REPLACE (NULL::timestamptz AS known_at) FROM '{first}'", "has rows without lead_id, model, as_of or known_at"),
        ("SELECT * REPLACE (as_of + INTERVAL 9 DAY AS as_of) FROM '{first}'", "2026-10-08T00:00:00Z, later than --as-of 2026-09-30T"),
        ("SELECT * REPLACE (known_at + INTERVAL 9 DAY AS known_at) FROM '{first}'", "later than --known-at"),
        ("SELECT * REPLACE (known_at - INTERVAL 9 DAY AS known_at) FROM '{first}'", "which ends at 2026-09-20T00:00:00Z; facts between"),
    ],
)  # fmt: skip
def test_it_rejects_scores_that_it_cannot_start_from(folder: Path, tmp_path: Path, query: str, said: str) -> None:
    previous = tmp_path / "previous.parquet"
    asked(f"SET TimeZone = 'UTC'; COPY ({query.format(first=folder / 'first.parquet')}) TO '{previous}'")
    done = forward(folder, tmp_path / "then.parquet", previous=previous)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == [previous]


def test_scores_that_are_damaged_inside_are_one_line(folder: Path, tmp_path: Path) -> None:
    previous, whole = tmp_path / "previous.parquet", (folder / "first.parquet").read_bytes()
    previous.write_bytes(whole[:100] + b"\0" * 400 + whole[500:])
    done = forward(folder, tmp_path / "then.parquet", previous=previous)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.strip().endswith("; a Parquet file that is read is damaged; copy or export it again")
    assert list(tmp_path.iterdir()) == [previous]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--previous", "first.parquet"], "--previous does not say what may be missing in it; give both"),
        (["--changed-since", FIRST], "--changed-since needs the earlier scores; give both"),
        (["--previous", "first.parquet", "--changed-since", "29/9/2026"], "--changed-since:"),
        (["--previous", "first.parquet", "--changed-since", FIRST, "--top", "3"], "--top shows why"),
        (["--previous", "first.parquet", "--changed-since", FIRST, "--contributions", "c.csv", "--report", "r.html"],
         "leave out --contributions and --report"),
        (["--previous", "first.csv", "--changed-since", FIRST], "does not end in .parquet"),
        (["--previous", "nowhere.parquet", "--changed-since", FIRST], "nowhere.parquet does not exist"),
        (["--previous", "leads.parquet", "--changed-since", FIRST], "has no column 'model'"),
        (["--previous", "table:scores", "--changed-since", FIRST], "is a table, and duckdb holds none"),
    ],
)  # fmt: skip
def test_it_rejects_options_that_do_not_fit(folder: Path, given: list[str], said: str) -> None:
    before = sorted(folder.iterdir())
    done = vaglio("score", MODEL, *options(folder), "--as-of", THEN, "--out", "then.parquet", *given, cwd=folder)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr
    assert said in done.stderr
    assert sorted(folder.iterdir()) == before
