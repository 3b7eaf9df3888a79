"""``vaglio learn`` as a stranger runs it: on real leads, and on what cannot be learned from."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.cli.company import first, rows, started, vaglio
from tests.real import real
from vaglio.document import load


def test_real_leads_become_a_model_that_scores_them(tmp_path: Path) -> None:
    leads = first(3_000, real("xeducation/Leads.csv"), tmp_path / "leads.csv")
    given = ("--leads", leads, "--columns", "lead_id=Prospect ID")
    model = tmp_path / "learned.yaml"
    report = tmp_path / "learned.html"
    done = started("learn", "--method", "logistic", *given, "--outcome-field", "Converted", "--out", model, "--report", report, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["leads"], told["outcomes"]) == (3000, 1202) and told["is_usable"]
    notes = " ".join(told["notes"])
    assert "tags knows the outcome and is not used" in notes and "what_is_your_current_occupation may know the outcome" in notes
    assert "field: tags" not in model.read_text(encoding="utf-8")
    page = report.read_text(encoding="utf-8")
    assert all(each in page for each in ("How well it does", "Gain", "ROC", "Lift by tenths", "Reliability"))
    assert "What counts, and how much" in page and "lead origin" in page and "<script" not in page
    bounded = [each for each in told["unshrunk"] if None not in (each["low"], each["high"]) and each["low"] < each["high"]]
    there = {rule.id for _axis, rule in load(model).rules()}  # what rounds to nothing is no rule
    assert page.count("outcomes alone: ") == sum(each["input"] in there for each in bounded) > 10
    assert told["auc"] > 0.86 and told["calibration_error"] < 0.05
    assert vaglio("check", model).returncode in (0, 1)
    scored = vaglio("score", model, *given, "--out", tmp_path / "s.csv", "--top", "5")
    assert scored.returncode == 0, scored.stderr
    assert "lead_origin" in scored.stdout and "intercept" not in scored.stdout  # every lead has it
    chances = [float(row["probability"]) for row in rows(tmp_path / "s.csv")]
    assert len(chances) == 3000 and abs(sum(chances) - 1202) < 70


def test_people_are_looked_at_as_old_as_they_were(tmp_path: Path) -> None:
    folder = "product_signups"
    done = vaglio(
        "learn", "--method", "logistic", "--leads", real(f"{folder}/users.csv"), "--activities", real(f"{folder}/engagement.csv"),
        "--outcomes", real(f"{folder}/outcomes.csv"), "--columns", "leads.lead_id=object_id", "--columns",
        "created_at=creation_time:%d-%m-%Y %H:%M", "--columns", "activities.lead_id=user_id", "--at-age", "7d", "--horizon", "53d",
        "--drop", "last_session_creation_time", "--out", tmp_path / "m.yaml",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "learned from 10,232 leads, 821 of them" in done.stdout and "the outcome 'won' was waited for 53d" in " ".join(
        done.stdout.split()
    )
    assert "left out: 172 came out well before" in done.stdout and "--field-changes gives their history" in done.stderr
    text = (tmp_path / "m.yaml").read_text(encoding="utf-8")
    assert "activity: signed_in" in text and "looked at 7d after" in " ".join(text.split())
    learned = load(tmp_path / "m.yaml").learned
    assert learned is not None and learned.window is not None and learned.watermark is not None
    assert (learned.method, learned.leads, learned.outcomes, learned.seed) == ("logistic", 10_232, 821, 1)
    assert (learned.at_age, learned.horizon) == (7 * 86_400, 53 * 86_400)
    assert learned.watermark == learned.window.last + 7 * 86_400_000_000  # the youngest was looked at a week after it was created
    assert (
        set(learned.versions) == {"vaglio", "scipy"} and 0.6 < learned.metrics["auc"] < 0.9 and learned.metrics["calibration_error"] < 0.05
    )


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("leads") / "leads.csv"
    lines = [f"l{n},{'software' if n % 3 else 'retail'},{'Won' if n % 4 == 0 else 'Lost'},1," for n in range(400)]
    path.write_text("\n".join(["lead_id,sector,stage,same,blank", *lines]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "give either --outcome-field NAME or --outcomes FILE"),
        (("--outcome-field", "stage", "--method", "magic"), "logistic or predictive"),
        (("--outcome-field", "stag"), "no column 'stag'"),
        (("--outcome-field", "stage", "--positive", "Gained"), "no lead has stage = 'Gained'"),
        (("--outcome-field", "sector"), "--positive"),
        (("--outcome-field", "same"), "all 400 leads with a known outcome had the good one"),
        (("--outcome-field", "stage", "--positive", "Won", "--drop", "sector"), "no input differs"),
        (("--outcome-field", "stage", "--positive", "Won", "--monotone", "sector=up"), "neither rising nor falling"),
        (("--outcome-field", "stage", "--positive", "Won", "--drop", "sector,size"), "--drop names size, which is no field"),
        (("--outcome-field", "stage", "--positive", "Won", "--allow", "name"), "--allow names name, which is no field"),
        (("--outcome-field", "stage", "--positive", "Won", "--monotone", "visits=rising"), "--monotone: visits is no input"),
        (("--outcome-field", "stage", "--positive", "Won", "--monotone", "sector=rising"), "--monotone: sector has no order"),
        (("--outcome-field", "stage", "--positive", "Won", "--monotone", "sector=rising,sector=falling"), "sector rises and that it falls"),
        (("--outcome-field", "stage", "--method", "predictive", "--monotone", "sector=rising"), "use --method logistic"),
        (("--outcome-field", "stage", "--full", "--method", "logistic"), "use --method predictive"),
        (("--outcome-field", "blank"), "none of 400 leads has a value of blank"),
        (("--outcome-field", "stage", "--positive", "Won", "--horizon", "30d"), "--horizon does nothing with --outcome-field"),
        (("--outcome-field", "stage", "--positive", "Won", "--at-age", "7d", "--as-of", "1999-01-01"), "--as-of does nothing with --at-"),
    ],
)
def test_what_cannot_be_learned_from_is_said_in_one_line(leads: Path, tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    done = vaglio(
        "learn", "--leads", leads, "--out", tmp_path / "m.yaml", *(options if "--method" in options else (*options, "--method", "logistic"))
    )
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "m.yaml").exists()


def test_a_file_is_named_as_it_likes_but_its_folder_is_looked_for_before_anything_is_read(leads: Path, tmp_path: Path) -> None:
    asked = ("learn", "--leads", leads, "--outcome-field", "stage", "--positive", "Won", "--method", "logistic", "--out")
    done = vaglio(*asked, tmp_path / "nowhere" / "m.yaml")
    assert done.returncode == 2 and "there is no folder" in done.stderr and "Traceback" not in done.stderr
    done = vaglio(*asked, tmp_path)
    assert done.returncode == 2 and "is a folder" in done.stderr
    done = vaglio(*asked, tmp_path / "2 of May.yaml")
    assert done.returncode == 0 and "name: model_2_of_may\n" in (tmp_path / "2 of May.yaml").read_text(encoding="utf-8"), done.stderr


@pytest.mark.parametrize("command", [("learn", "--out", "m.yaml"), ("suggest",), ("leaks",)])
def test_too_few_leads_or_none_are_named(tmp_path: Path, command: tuple[str, ...]) -> None:
    path = tmp_path / "leads.csv"

    def said(heading: str, *lines: str) -> str:
        path.write_text("\n".join((heading, *lines)) + "\n", encoding="utf-8")
        done = vaglio(*command, "--leads", path, "--outcome-field", "won", cwd=tmp_path)
        assert done.returncode == 2 and len(done.stderr.strip().splitlines()) == 1 and not done.stdout, done
        return done.stderr

    least = 30 if "learn" in command else 10
    assert f"6 leads came out well and 6 did not; {least} of each are the least" in said(
        "lead_id,sector,won", *(f"l{n},s{n % 2},{n % 2}" for n in range(12))
    )  # fmt: skip
    assert "all 400 leads with a known outcome had the other one" in said("lead_id,sector,won", *(f"l{n},s{n % 2},0" for n in range(400)))
    assert "400 created after the day" in said("lead_id,created_at,won", *(f"l{n},2126-01-01,{n % 2}" for n in range(400)))
    assert "holds no leads" in said("lead_id,sector,won")


def test_outcomes_of_other_leads_and_horizons_longer_than_history_are_named(leads: Path, tmp_path: Path) -> None:
    path, born = tmp_path / "outcomes.csv", tmp_path / "leads.csv"
    born.write_text("lead_id,created_at\n" + "".join(f"l{n},2026-01-01\n" for n in range(40)), encoding="utf-8")
    path.write_text("lead_id,outcome,occurred_at\nL1,won,2026-03-01\n", encoding="utf-8")
    asked = ("learn", "--leads", born, "--outcomes", path, "--out", tmp_path / "m.yaml", "--horizon")
    done = vaglio(*asked, "30d")
    assert done.returncode == 2 and "none of the leads that outcomes are of, such as L1, is in the leads file" in done.stderr
    path.write_text("lead_id,outcome,occurred_at\nl1,won,2026-03-01\n", encoding="utf-8")
    done = vaglio(*asked, "900d")
    assert done.returncode == 2 and "(40 created later" in done.stderr and "looked at on 2023-09-13" in done.stderr


def test_outcomes_without_that_outcome_are_named(leads: Path, tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text("lead_id,outcome,occurred_at\nl1,accepted,2026-01-01\n", encoding="utf-8")
    done = vaglio("learn", "--leads", leads, "--outcomes", path, "--out", tmp_path / "m.yaml")
    assert done.returncode == 2 and "no outcome 'won'; there is accepted" in done.stderr
    path.write_text("lead_id,outcome,occurred_at\nl1,won,\n", encoding="utf-8")
    done = vaglio("learn", "--leads", leads, "--outcomes", path, "--out", tmp_path / "m.yaml")
    assert done.returncode == 2 and "has no date" in done.stderr


def test_a_horizon_that_is_not_over_is_named(leads: Path, tmp_path: Path) -> None:
    path = tmp_path / "outcomes.csv"
    path.write_text("lead_id,outcome,occurred_at\nl1,won,2026-01-01\n", encoding="utf-8")
    done = vaglio("learn", "--leads", leads, "--outcomes", path, "--as-of", "2025-12-01", "--out", tmp_path / "m.yaml")
    assert done.returncode == 2 and "the horizon after 2025-12-01 is not over" in done.stderr


def test_deals_that_hardly_tell_are_said_to_tell_nothing(tmp_path: Path) -> None:
    with real("maven_crm/sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        closed = [row for row in csv.DictReader(file) if row["deal_stage"] in ("Won", "Lost")]
    path = tmp_path / "deals.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, ["opportunity_id", "sales_agent", "product", "account", "deal_stage"], extrasaction="ignore")
        out.writeheader()
        out.writerows(closed)
    done = vaglio(
        "learn", "--method", "logistic", "--leads", path, "--columns", "lead_id=opportunity_id", "--outcome-field", "deal_stage",
        "--positive", "Won", "--out", tmp_path / "m.yaml",
    )  # fmt: skip
    assert done.returncode == 0 and "there is no usable signal in these inputs" in done.stderr


def test_bad_values_are_set_aside_with_their_reason(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    folder.mkdir()
    leads, acts, came = (folder / f"{name}.csv" for name in ("leads", "activities", "outcomes"))
    leads.write_text("\n".join(["lead_id,created_at,sector", *(f"l{n},2025-01-01,s{n % 5}" for n in range(300))]) + "\n", encoding="utf-8")
    seen = [f"l{n},seen,2025-01-0{1 + n % 9}" for n in range(300)]
    acts.write_text("\n".join(["lead_id,activity_type,occurred_at", "l1,seen,whenever", *seen]) + "\n", encoding="utf-8")
    told = [f"l{n},{'won' if n % 5 == 0 else 'lost'},2025-03-20" for n in range(300)]
    came.write_text("\n".join(["lead_id,outcome,occurred_at", *told]) + "\n", encoding="utf-8")
    done = vaglio(
        "learn", "--method", "logistic", "--leads", leads, "--activities", acts, "--outcomes", came, "--as-of", "2025-02-15", "--horizon",
        "33d", "--out", tmp_path / "m.yaml",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "set aside with the reason in" in done.stderr
    assert "whenever" in (tmp_path / "m.yaml.rejected.csv").read_text(encoding="utf-8")


def test_few_outcomes_start_from_a_model_by_hand(tmp_path: Path) -> None:
    path, prior = tmp_path / "leads.csv", tmp_path / "prior.yaml"
    lines = [f"l{n},{'software' if n % 3 else 'retail'},{n % 40},{int(n % 9 == 1)}" for n in range(300)]
    path.write_text("\n".join(["lead_id,sector,staff,won", *lines]) + "\n", encoding="utf-8")
    prior.write_text("""
format: 1
name: by_hand
inputs: {fields: {sector: string, staff: number}}
profile:
  rules: [{id: sector, kind: fields, field: sector, points: 10, bands: [{in: [software], award: 100%}]}]
  letters: {A: 3, B: 2, C: 1}
engagement: {rules: [], digits: {1: 3, 2: 2, 3: 1}}
""", encoding="utf-8")  # fmt: skip
    given = ("learn", "--leads", path, "--outcome-field", "won", "--out", tmp_path / "m.yaml", "--prior", prior)
    done = vaglio(*given, "--method", "logistic")
    assert done.returncode == 0, done.stderr
    assert "points start from those of by_hand" in done.stderr
    assert "points start from those of by_hand" in " ".join((tmp_path / "m.yaml").read_text(encoding="utf-8").split())
    done = vaglio(*given)
    assert done.returncode == 2 and "use --method logistic" in done.stderr and "Traceback" not in done.stderr


def of_dates(tmp_path: Path, born: str, came: str) -> list[object]:
    """Return options of 300 leads, of whom two thirds were created on a day, and the outcome of one is of a day."""
    leads, outcomes = tmp_path / "leads.csv", tmp_path / "outcomes.csv"
    made = [f"l{n},{born if n % 3 else '2025-01-01'},s{n % 5},{n % 2}" for n in range(300)]
    leads.write_text("\n".join(["lead_id,created_at,sector,won", *made]) + "\n", encoding="utf-8")
    told = [f"l{n},{'won' if n % 2 else 'lost'},{came if n == 1 else '2025-03-20'}" for n in range(300)]
    outcomes.write_text("\n".join(["lead_id,outcome,occurred_at", *told]) + "\n", encoding="utf-8")
    return ["learn", "--method", "logistic", "--leads", leads, "--out", tmp_path / "m.yaml"]


def test_leads_created_in_the_future_are_left_out_and_counted(tmp_path: Path) -> None:
    given = of_dates(tmp_path, "2199-01-01", "2025-03-20")
    done = vaglio(*given, "--outcome-field", "won")
    assert done.returncode == 0, done.stderr
    assert "learned from 100 leads" in done.stdout and "left out: 200 created after the day they are looked at" in done.stdout
    done = vaglio(*given, "--outcome-field", "won", "--as-of", "2020-01-01")
    assert done.returncode == 2 and "no lead with a known outcome was there" in done.stderr and "Traceback" not in done.stderr


def test_an_outcome_dated_in_the_future_moves_no_day(tmp_path: Path) -> None:
    given = of_dates(tmp_path, "2025-01-02", "2199-03-20")
    done = vaglio(*given, "--outcomes", tmp_path / "outcomes.csv", "--horizon", "30d")
    assert done.returncode == 0, done.stderr
    assert "learned from 299 leads" in done.stdout and "left out: 1 with an outcome dated after today" in done.stdout
    text = " ".join((tmp_path / "m.yaml").read_text(encoding="utf-8").split())
    assert "looked at on 2025-02-18" in text and "They were created from " in text
    assert "watermark: '2025-02-18T00:00:00Z'" in text and "horizon: 30d" in text


def test_a_constant_column_and_one_of_as_many_values_as_leads_are_named(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    made = [f"l{n},same,c{n:05},s{n % 4},{int(n % 4 == 0 or n % 7 == 0)}" for n in range(2_000)]
    path.write_text("\n".join(["lead_id,constant,code,sector,won", *made]) + "\n", encoding="utf-8")
    done = vaglio("learn", "--method", "logistic", "--leads", path, "--outcome-field", "won", "--out", tmp_path / "m.yaml")
    assert done.returncode == 0, done.stderr
    assert "constant is left out: no value of it is common enough, or all leads have the same" in done.stderr
    assert "code is left out: it has 2,000 values for 2,000 leads" in done.stderr


def test_who_has_not_come_to_an_age_is_not_learned_from(tmp_path: Path) -> None:
    """The file ends on 1 July: whoever was created in the last week of June was never seen a week later."""
    path = tmp_path / "leads.csv"
    days = [date(2025, 1, 1) + timedelta(n % 181) for n in range(600)]
    lines = [f"l{n},{day},{n % 5},{'yes' if n * 7919 % 10 < 2 + n % 5 else 'no'}" for n, day in enumerate(days)]
    path.write_text("\n".join(["lead_id,created_at,size,won", *lines, "last,2025-07-01,1,no", "undated,,1,no"]) + "\n", encoding="utf-8")
    young = sum(day > date(2025, 6, 24) for day in days) + 2
    given = ("--leads", path, "--outcome-field", "won", "--at-age", "7d")
    done = vaglio("learn", "--method", "logistic", *given, "--out", tmp_path / "m.yaml")
    assert done.returncode == 0, done.stderr
    assert f"left out: {young} not 7d old by the newest instant in the files" in done.stdout
    done = vaglio("backtest", "--learn", "logistic", *given, "--json")
    assert json.loads(done.stdout)["leads"] == 602 - young and f"left out: {young} not 7d old" in done.stderr + done.stdout


def test_that_activities_after_the_outcome_are_looked_at_is_said(leads: Path, tmp_path: Path) -> None:
    acts = tmp_path / "acts.csv"
    acts.write_text("lead_id,activity_type,occurred_at\n" + "".join(f"l{n},seen,2025-01-02\n" for n in range(400)), encoding="utf-8")
    given = ("--leads", leads, "--outcome-field", "stage", "--positive", "Won", "--activities", acts)
    for command in (("learn", "--method", "logistic", "--out", tmp_path / "m.yaml"), ("backtest", "--learn", "logistic")):
        assert "also after their outcome" in vaglio(*command, *given).stderr
        assert "also after their outcome" not in vaglio(*command, *given, "--as-of", "2025-01-01").stderr
