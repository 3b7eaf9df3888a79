"""``vaglio drift`` as a stranger, and a scheduler, runs it."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.company import MODEL, data_options, rows, started, vaglio

# The model reads no activity, so that nothing moves in the made company but what a test moves.
QUIET = """
format: 1
name: fit_only
inputs: {fields: {country: string, industry: string, employees: integer}}
profile:
  rules:
    - {id: size, kind: fields, field: employees, points: 60, bands: [{from: 100, award: 100%}]}
    - {id: sector, kind: fields, field: industry, points: 40, bands: [{in: [software, finance], award: 100%}]}
  letters: {A: 100, B: 60, C: 40}
engagement: {rules: [], digits: {1: 3, 2: 2, 3: 1}}
"""
DAYS = ("--since", "2026-03-01", "--as-of", "2026-09-01")
ONE_STEP = ("--every", "150d")  # each is as many leads more to score, where the chart is not the point


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "fit_only.yaml"
    path.write_text(QUIET, encoding="utf-8")
    return path


def test_a_scheduler_hears_nothing_where_nothing_moves(company: Path, model: Path) -> None:
    done = started("drift", model, "--leads", company / "leads.csv", "--field-changes", company / "field_changes.csv", *DAYS)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Nothing moved since 1 March 2026." in done.stdout and not done.stderr


def test_a_field_that_is_no_longer_filled_is_said_in_plain_words(company: Path, model: Path, tmp_path: Path) -> None:
    leads = rows(company / "leads.csv")
    for row in leads:
        if row["created_at"] > "2026-06-03":
            row["employees"] = ""
    emptied = tmp_path / "leads.csv"
    with emptied.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, leads[0])
        writer.writeheader()
        writer.writerows(leads)
    out = tmp_path / "drift.html"
    done = vaglio("drift", model, "--leads", emptied, *DAYS, "--report", out, "--json")
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert any(text.startswith("employees: no value for 100% of new leads, was ") for text in told["says"]), told["says"]
    page = out.read_text(encoding="utf-8")
    for words in (
        "What moved",
        "Inflation of ratings",
        "Which rules moved the scores",
        "Drift over time",
        "no value for 100% of new leads",
    ):
        assert words in page
    assert "<script" not in page and "https://" not in page
    assert any("read as they are now" in text for text in told["notes"])


def test_outcomes_and_promises_are_held_against_what_came(company: Path) -> None:
    outcomes = ("--outcomes", company / "outcomes.csv", "--positive", "accepted")
    done = vaglio("drift", MODEL, *data_options(company), *DAYS, *ONE_STEP, *outcomes, "--json")
    assert done.returncode in (0, 1), done.stderr
    told = json.loads(done.stdout)
    promised = {(each["what"], each["rating"]): each for each in told["promises"]}
    assert {("share", "A1"), ("accepted", "A1"), ("accepted", "A2"), ("review_by", "")} == set(promised)
    assert promised["share", "A1"]["found"]["total"] > told["now"] and promised["accepted", "A1"]["found"] is not None
    assert told["then"] == sum(each["then"]["hits"] for each in told["ratings"] if len(each["name"]) != 1)


def test_a_broken_promise_alone_is_enough(company: Path, model: Path) -> None:
    model.write_text(QUIET + "promises: {review_by: 2026-08-31}\n", encoding="utf-8")
    options = (model, "--leads", company / "leads.csv", "--field-changes", company / "field_changes.csv", *ONE_STEP)
    done = vaglio("drift", *options, *DAYS)
    assert done.returncode == 1 and "the model was to be looked at again by 31 August 2026" in done.stdout
    assert vaglio("drift", *options, "--since", "2026-03-01", "--as-of", "2026-08-30").returncode == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--since", "2026-08-01", "--as-of", "2026-09-01"), "are partly the same"),
        (("--since", "2001-03-01", "--as-of", "2026-09-01"), "0 leads of the audience were created"),
        (("--since", "someday"), "--since: "),
        (("--since", "0001-01-01", "--every", "36500d"), "looks at a day before the year 1; name a day that lies nearer"),
        ((*DAYS, "--every", "1h"), "the chart would have 2,256 steps between both days; 400 are the most; use a longer --every"),
        ((*DAYS, "--window", "long"), "--window"),
        ((*DAYS, "--report", "drift.pdf"), "end it in .htm or .html"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(company: Path, model: Path, options: tuple[object, ...], said: str) -> None:
    done = vaglio("drift", model, "--leads", company / "leads.csv", *options)
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_a_seed_is_no_negative_number(company: Path, model: Path) -> None:
    done = vaglio("drift", model, "--leads", company / "leads.csv", *DAYS, "--seed", "-1")
    assert done.returncode == 2 and "--seed" in done.stderr and "Traceback" not in done.stderr
