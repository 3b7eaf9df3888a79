"""``vaglio score``: what it writes, and that it writes nothing when something is wrong."""

import json
import subprocess
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest

from tests.cli.company import AS_OF, MODEL, ROOT, data_options, rows, vaglio

SMALL = """format: 1
name: small
inputs: {fields: {title: string}}
profile:
  rules: [{id: title, kind: fields, field: title, weight: 100, bands: [{any_word: [ceo], award: 100%}]}]
  letters: {A: 75, B: 50, C: 25}
engagement: {rules: [], digits: {1: 75, 2: 50, 3: 25}}
"""


def test_it_works_and_every_line_sums_to_the_score(scored: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    done, out = scored
    assert done.returncode == 0, done.stderr
    assert "Top 3" in done.stdout and "activity types read by no rule" in done.stderr
    scores = {row["lead_id"]: row for row in rows(out / "s.csv")}
    sums: dict[tuple[str, str], int] = defaultdict(int)
    by_rule: dict[tuple[str, str, str], int] = defaultdict(int)
    for line in rows(out / "c.csv"):
        sums[line["lead_id"], line["axis"]] += int(line["millipoints"])
        by_rule[line["lead_id"], line["axis"], line["rule_id"]] += int(line["millipoints"])
    assert len(scores) > 100
    for lead_id, row in scores.items():
        for axis in ("profile", "engagement"):
            assert int(row[f"{axis}_millipoints"]) == sums[lead_id, axis]
    detailed: dict[tuple[str, str, str], int] = defaultdict(int)
    for line in rows(out / "d.csv"):
        detailed[line["lead_id"], line["axis"], line["rule_id"]] += int(line["millipoints"])
    assert {key: value for key, value in detailed.items() if value} == {key: value for key, value in by_rule.items() if value}
    assert "<html" in (out / "r.html").read_text(encoding="utf-8")


def test_parquet_and_several_models(company: Path, tmp_path: Path) -> None:
    done = vaglio("score", MODEL, ROOT / "models" / "consulting.yaml", *data_options(company), *AS_OF, "--out", tmp_path / "s.parquet")
    assert done.returncode == 0, done.stderr
    kinds = "SELECT model, count(*), typeof(any_value(profile_millipoints))"
    found = duckdb.sql(f"{kinds} FROM '{tmp_path}/s.parquet' GROUP BY model").fetchall()
    assert len(found) == 2 and {row[2] for row in found} == {"BIGINT"}


def test_it_prints_json(company: Path, tmp_path: Path) -> None:
    done = vaglio("score", MODEL, *data_options(company), *AS_OF, "--out", tmp_path / "s.csv", "--json")
    summary = json.loads(done.stdout)
    assert summary["scored"]["enterprise_suite"] == len(rows(tmp_path / "s.csv"))
    assert "email_opened" in summary["data"]["ignored_activity_types"]
    assert "lead_source" in summary["data"]["ignored_columns"]["leads"]


def test_bad_rows_are_set_aside_and_counted(company: Path, tmp_path: Path) -> None:
    text = (company / "leads.csv").read_text(encoding="utf-8").splitlines()
    text.append(text[1])
    (tmp_path / "leads.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    done = vaglio("score", MODEL, "--leads", tmp_path / "leads.csv", "--activities", company / "activities.csv", *AS_OF, "--out",
                  tmp_path / "s.csv")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "1 bad row set aside" in done.stderr
    assert len(rows(tmp_path / "s.csv.rejected.csv")) == 1
    strict = vaglio("score", MODEL, "--leads", tmp_path / "leads.csv", *AS_OF, "--out", tmp_path / "t.csv", "--strict")
    assert strict.returncode == 2 and not (tmp_path / "t.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--leads", "nowhere.csv", "--out", "s.csv"], "nowhere.csv"),
        (["--leads", "{leads}", "--out", "s.xls"], ".xls"),
        (["--leads", "{leads}", "--out", "missing/s.csv"], "no folder"),
        (["--leads", "{leads}", "--out", "s.csv", "--as-of", "31/12/2026"], "--as-of"),
        (["--leads", "{leads}", "--out", "s.csv", "--as-of", ""], "--as-of: '' is not a date; write it as 2026-01-31"),
        (["--leads", "{leads}", "--out", "s.csv", "--known-at", ""], "--known-at: '' is not a date; write it as 2026-01-31"),
        (["--leads", "{leads}", "--out", "s.csv", "--as-of", "2026-02-30"], "--as-of: '2026-02-30' is not a date, as no calendar has"),
        (["--leads", "{leads}", "--out", "s.csv", "--as-of", "2026-01-01T00:00+99:00"], "'2026-01-01T00:00+99:00' is not a date, as no"),
        (["--leads", "{leads}", "--out", "s.csv", "--as-of", "0001-01-01T00:00+05:00"], "'0001-01-01T00:00+05:00' is not a date, as no"),
        (["--leads", "{leads}", "--out", "s.csv", "--as-of", "9999-12-31T23:00-05:00"], "'9999-12-31T23:00-05:00' is not a date, as no"),
        (["--leads", "{leads}", "--out", "s.csv", "--top", "99999999999999999999"], "--top"),
        (["--leads", "{leads}", "--out", "s.csv", "--engine", "oracle"], "no engine oracle"),
    ],
)
def test_it_rejects_what_it_cannot_do_in_one_line(company: Path, tmp_path: Path, arguments: list[str], said: str) -> None:
    given = [argument.format(leads=company / "leads.csv") for argument in arguments]
    done = vaglio("score", MODEL, *given, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr and "INT128" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_ids_with_spaces_around_them_are_told(tmp_path: Path) -> None:
    """They are other leads than those without, which no eye sees; an unnamed column is named by its place."""
    (tmp_path / "m.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "l.csv").write_text('lead_id,title,\n" a1 ",CEO,\na1,CTO,\n\u00a0a2,CTO,\n', encoding="utf-8")
    done = vaglio("score", tmp_path / "m.yaml", "--leads", tmp_path / "l.csv", "--out", tmp_path / "s.csv")
    assert done.returncode == 0, done.stderr
    assert "note: 2 ids of leads have spaces at an end, as ' a1 ': with them it is another id than without\n" in done.stderr
    assert "note: 1 column of leads read by no model: column 3 (without a name)\n" in done.stderr
    assert [row["lead_id"] for row in rows(tmp_path / "s.csv")] == [" a1 ", "a1", "\u00a0a2"]
