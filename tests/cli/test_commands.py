"""The other commands, each started once as a stranger would start it."""

import csv
import html
import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import jsonschema
import pytest
import sqlglot
from ruamel.yaml import YAML

from tests.cli.company import AS_OF, MODEL, ROOT, data_options, rows, started, vaglio

COMMANDS = (
    "init", "suggest", "leaks", "learn", "backtest", "thresholds", "drift", "sample", "check", "score", "explain", "diff", "replay", "sql",
    "schema", "kinds", "demo-data",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command: str) -> None:
    done = vaglio(command, "--help")
    assert done.returncode == 0 and "Example: vaglio" in " ".join(done.stdout.split())


def test_importing_vaglio_loads_neither_ibis_nor_an_engine() -> None:
    code = "import sys, vaglio; print([name for name in ('ibis', 'duckdb', 'pydantic', 'django') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_help_loads_neither_ibis_nor_an_engine() -> None:
    code = "import sys, vaglio.cli.main; print([name for name in ('ibis', 'duckdb', 'pyarrow', 'pydantic') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_init_proposes_a_model_that_checks_and_scores(company: Path, tmp_path: Path) -> None:
    done = started("init", company / "leads.csv", company / "activities.csv", "--out", tmp_path / "m.yaml")
    assert done.returncode == 0, done.stderr
    assert vaglio("check", tmp_path / "m.yaml").returncode == 0
    scored = vaglio("score", tmp_path / "m.yaml", *data_options(company), "--as-of", "2026-10-01", "--out", tmp_path / "s.csv")
    assert scored.returncode == 0, scored.stderr
    again = vaglio("init", company / "leads.csv", "--out", tmp_path / "m.yaml")
    assert again.returncode == 2 and "exists already" in again.stderr


def test_init_leaves_out_what_may_know_the_outcome_and_sends_somebody_to_sales(tmp_path: Path) -> None:
    """Of leads alone: dates, sellers and what sales fills in are no list of values; all are in the last column of the matrix."""
    lines = [f"{n},{n % 28 + 1:02}/01/2026,Anna {n % 3},hot {n % 3},won {n % 2},region {n % 4},Chief" for n in range(60)]
    (tmp_path / "l.csv").write_text("lead_id,made,sales_agent,lead_quality,last_stage,area,job_title\n" + "\n".join(lines))
    done = vaglio("init", tmp_path / "l.csv", "--out", tmp_path / "m.yaml")
    assert done.returncode == 0 and "vaglio leaks" in done.stdout, done.stderr
    text = (tmp_path / "m.yaml").read_text(encoding="utf-8")
    model = YAML(typ="safe", pure=True).load(text)
    assert list(model["inputs"]["fields"]) == ["job_title", "area"]
    assert "    # lead_quality: string  # may know the outcome: ask vaglio leaks" in text
    assert vaglio("score", tmp_path / "m.yaml", "--leads", tmp_path / "l.csv", "--out", tmp_path / "s.csv").returncode == 0
    assert {row["rating"] for row in rows(tmp_path / "s.csv")} & set(model["ratings"]["sales"])
    wrong = tmp_path / "a.csv"
    wrong.write_text("lead_id,activity_type,occurred_at\n1,seen,2026-01-01\n")
    done = vaglio("init", wrong)
    assert done.returncode == 2 and "is a file of activities; give the file of leads first, then this one" in done.stderr


def test_check_names_every_fault_with_its_line(tmp_path: Path) -> None:
    text = MODEL.read_text(encoding="utf-8").replace("half_life: 14d", "half_life: 14x").replace("field: job_title", "field: job_titel", 1)
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    done = started("check", tmp_path / "m.yaml")
    assert done.returncode == 2
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "half_life: 14x" in each)
    assert "half_life" in done.stderr and f"line {line}:" in done.stderr


def test_the_schema_accepts_the_ready_models_and_refuses_a_misspelt_key() -> None:
    schema = json.loads(started("schema").stdout)
    validator = jsonschema.Draft202012Validator(schema)
    for path in sorted((ROOT / "models").glob("*.yaml")):
        plain = json.loads(json.dumps(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")), default=str))
        validator.validate(plain)
        plain["profile"]["rulez"] = []
        assert not validator.is_valid(plain)


def test_kinds_lists_every_kind() -> None:
    assert len(json.loads(started("kinds", "--json").stdout)) == len(vaglio("kinds").stdout.splitlines()) == 12


def test_explain_sums_to_the_score(company: Path, scored: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    options = [*data_options(company), *AS_OF]
    somebody_active = min(row["lead_id"] for row in rows(scored[1] / "d.csv"))
    found = json.loads(started("explain", MODEL, *options, "--lead", somebody_active, "--json").stdout)
    assert any(line["activities"] for line in found["lines"])
    for axis in ("profile", "engagement"):
        assert sum(line["millipoints"] for line in found["lines"] if line["axis"] == axis) == found["row"][f"{axis}_millipoints"]
    for line in found["lines"]:
        if line["activities"]:
            assert sum(activity["millipoints"] for activity in line["activities"]) == line["millipoints"]
    missing = vaglio("explain", MODEL, *options, "--lead", "nobody")
    assert missing.returncode == 2 and missing.stderr.startswith(
        "vaglio: there is no lead nobody; name one as the leads file does, such as L0"
    )


def test_diff_says_who_moves_and_why(company: Path, tmp_path: Path) -> None:
    text = MODEL.read_text(encoding="utf-8").replace("award: 70%", "award: 5%")
    assert "award: 5%" in text
    (tmp_path / "next.yaml").write_text(text, encoding="utf-8")
    done = started("diff", MODEL, tmp_path / "next.yaml", *data_options(company), "--as-of", "2026-10-01", "--json")
    found = json.loads(done.stdout)
    assert found["moved"] > 0 and found["rules"][0]["rule_id"] == "seniority"
    same = json.loads(vaglio("diff", MODEL, MODEL, *data_options(company), "--as-of", "2026-10-01", "--json").stdout)
    assert same["moved"] == 0 and same["moves"] == []


def test_replay_equals_scoring_each_instant(company: Path, tmp_path: Path) -> None:
    options = data_options(company)
    done = started("replay", MODEL, *options, "--lead", "L000003", "--from", "2026-07-01", "--to", "2026-10-01", "--every", "46d", "--json")
    assert done.returncode == 0, done.stderr
    for row in json.loads(done.stdout):
        scored = vaglio("score", MODEL, *options, "--as-of", row["as_of"], "--out", tmp_path / "s.csv")
        assert scored.returncode == 0
        lines = [line for line in (tmp_path / "s.csv").read_text(encoding="utf-8").splitlines() if line.startswith("L000003,")]
        assert f",{row['profile_millipoints']},{row['engagement_millipoints']}," in lines[0]


@pytest.mark.parametrize(
    ("engine", "said"),
    [("duckdb", "CREATE TEMP TABLE scores AS"), ("postgres", "CREATE FUNCTION vaglio_instant("), ("spark", "CACHE TABLE scores AS")],
)
def test_sql_is_printed_in_the_words_of_each_engine(engine: str, said: str) -> None:
    done = (started if engine == "duckdb" else vaglio)("sql", MODEL, "--engine", engine, *AS_OF)
    assert done.returncode == 0, done.stderr
    assert said in done.stdout and "AS_OF()" not in done.stdout
    if engine != "duckdb":
        assert "1790812800000000" in done.stdout  # the instant stands in it
    parsed = sqlglot.parse(done.stdout.split("-- repeated", 1)[1], dialect=engine)
    assert len(parsed) > 5


def test_sql_of_no_engine_is_refused() -> None:
    assert vaglio("sql", MODEL, "--engine", "abacus").returncode == 2


def test_what_files_leave_open_is_said(company: Path, tmp_path: Path) -> None:
    """A model that asks about lists and activities says so where it is not told; one that is told everything says nothing."""
    few = ("--leads", company / "leads.csv", *AS_OF)
    lead = rows(company / "leads.csv")[0]["lead_id"]
    said = (
        "note: nothing is known of who is on the lists competitors, priority_accounts; --lists gives them",
        "note: nothing is known of what leads did; --activities gives it",
        "note: fields are read as they are now, not as they were then; --field-changes gives their history",
    )
    for command in (
        ("score", MODEL, *few, "--out", tmp_path / "s.csv"),
        ("explain", MODEL, *few, "--lead", lead),
        ("diff", MODEL, MODEL, *few),
    ):
        done = vaglio(*command)
        assert all(each in " ".join(done.stderr.split()) for each in said) or "has no score" in done.stderr, done.stderr
    done = vaglio("score", MODEL, *data_options(company), *AS_OF, "--out", tmp_path / "s.csv")
    assert done.returncode == 0 and "nothing is known" not in done.stderr and "as they are now" not in done.stderr
    told = json.loads(vaglio("score", MODEL, *few, "--out", tmp_path / "s.csv", "--json").stdout)["warnings"]
    assert [f"note: {each}" for each in told[:3]] == list(said)
    vaglio("score", MODEL, *few, "--out", tmp_path / "s.csv", "--report", tmp_path / "report.html")
    page = html.unescape((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert all(each.removeprefix("note: ") in page for each in said)


def test_activities_that_count_for_nobody_are_said(company: Path, tmp_path: Path) -> None:
    """Whose lead was set aside is not of no lead, and what comes after the scoring instant is not forgotten."""
    bad = rows(company / "leads.csv")
    bad[0]["employees"] = "many"
    with (tmp_path / "leads.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, bad[0])
        writer.writeheader()
        writer.writerows(bad)
    files = ("--leads", tmp_path / "leads.csv", "--activities", company / "activities.csv", "--out", tmp_path / "s.csv")
    said = " ".join(vaglio("score", MODEL, *files, *AS_OF).stderr.split())
    assert "of no lead in the file, or of one that was set aside" in said and "is of after the scoring instant" not in said
    early = " ".join(vaglio("score", MODEL, "--leads", company / "leads.csv", *files[2:], "--as-of", "2001-01-01").stderr.split())
    first = min(row["occurred_at"] for row in rows(company / "activities.csv"))[:10]
    assert f"every activity is of after the scoring instant, the first of {first}, and counts for nothing" in early
    assert "or of one that was set aside" not in early
    alien = tmp_path / "alien.csv"
    alien.write_text((company / "activities.csv").read_text(encoding="utf-8").replace("L0", "X0"), encoding="utf-8")
    told = vaglio("score", MODEL, "--leads", company / "leads.csv", "--activities", alien, "--out", tmp_path / "s.csv", *AS_OF).stderr
    count = f"{len(rows(alien)):,}"
    assert f"note: not one of {count} activities is of a lead in the file: are the lead ids of both from one system?" in told


def test_that_the_newest_activity_is_old_is_said_with_the_day_to_score_as_of(company: Path, tmp_path: Path) -> None:
    files = ("--leads", company / "leads.csv", "--activities", company / "activities.csv", "--out", tmp_path / "s.csv")
    last = datetime.fromisoformat(max(row["occurred_at"] for row in rows(company / "activities.csv"))[:10])
    for days, is_said in ((29, False), (32, True)):
        told = " ".join(vaglio("score", MODEL, *files, "--as-of", f"{last + timedelta(days=days):%Y-%m-%d}").stderr.split())
        assert (f"--as-of {last:%Y-%m-%d} scores as of then" in told) == is_said


def test_who_has_no_score_is_counted_and_the_first_stand_in_the_order_that_is_shown(company: Path, tmp_path: Path) -> None:
    done = vaglio("score", MODEL, *data_options(company), *AS_OF, "--out", tmp_path / "s.csv", "--top", "5")
    leads, scored = rows(company / "leads.csv"), rows(tmp_path / "s.csv")
    without = f"{len(leads) - len(scored):,} leads of {len(leads):,} without a score"
    said = f"note: {without} by enterprise_suite: outside its audience, or created later"
    assert len(scored) < len(leads) and said in " ".join(done.stderr.split())
    assert "potential" in done.stdout and f"{float(scored[0]['potential']):,.0f}" in done.stdout


def test_a_replay_ends_where_it_was_told_to_and_says_when_there_was_nobody(company: Path) -> None:
    lead = min(rows(company / "leads.csv"), key=lambda row: row["created_at"])
    period = ("--lead", lead["lead_id"], "--from", "2020-01-01", "--to", "2026-10-01", "--every", "1200d")
    told = vaglio("replay", MODEL, *data_options(company), *period)
    assert told.returncode == 0, told.stderr
    assert "2026-10-01T00:00:00Z" in told.stdout and " of 4 instants: it did not exist yet" in " ".join(told.stdout.split())
    missing = vaglio("replay", MODEL, *data_options(company), "--lead", "NOPE", *period[2:])
    assert missing.returncode == 2 and "there is no lead NOPE" in missing.stderr


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--from", "'x' is not a date"),
        ("--to", "'x' is not a date"),
        ("--known-at", "'x' is not a date"),
        ("--every", "'x' is not a duration"),
    ],
)
def test_a_replay_names_the_option_that_is_wrong(company: Path, option: str, said: str) -> None:
    given = {"--from": "2026-01-01", "--to": "2026-02-01"} | {option: "x"}
    done = vaglio("replay", MODEL, *data_options(company), "--lead", "L000001", *(part for pair in given.items() for part in pair))
    assert done.returncode == 2 and done.stderr.startswith(f"vaglio: {option}: {said}") and len(done.stderr.splitlines()) == 1
    assert done.stderr.count("write ") == 1


def test_a_company_of_more_leads_than_can_be_made_is_refused(tmp_path: Path) -> None:
    from vaglio.cli.demo_data import MOST_LEADS
    from vaglio.demo import recipe

    assert recipe.MOST_LEADS == MOST_LEADS
    done = vaglio("demo-data", tmp_path / "made", "--leads", MOST_LEADS + 1)
    assert done.returncode == 2 and "--leads" in done.stderr and not (tmp_path / "made").exists()
