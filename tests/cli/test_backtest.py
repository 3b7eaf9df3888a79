"""``vaglio backtest`` as a stranger runs it: on a made company, on real leads, and on what cannot be proved."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.cli.company import MODEL, data_options, started, vaglio
from tests.real import real


@pytest.fixture(scope="module")
def proof(company: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], str, str]:
    """A company proved: what was printed as JSON, the report, and what was said on stderr."""
    out = tmp_path_factory.mktemp("proof") / "proof.html"
    done = started(
        "backtest", MODEL, *data_options(company), "--outcomes", company / "outcomes.csv", "--positive", "accepted", "--instants", 3,
        "--report", out, "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), out.read_text(encoding="utf-8"), done.stderr


def test_a_company_is_proved(proof: tuple[dict[str, object], str, str]) -> None:
    told, _page, _said = proof
    (model,) = told["proofs"]  # type: ignore[misc]
    assert [part["name"] for part in model["parts"]] == sorted(part["name"] for part in model["parts"])
    assert sum(part["outcomes"] for part in model["parts"]) == told["outcomes"]
    assert sum(part["leads"] for part in model["parts"]) == told["rows"]
    cells = sum(cell["total"] for cell in model["cells"].values()) + model["excluded"]["total"]
    assert cells == told["rows"]
    assert model["auc"]["low"] < model["auc"]["value"] < model["auc"]["high"]
    assert sum(tenth["outcomes"] for tenth in model["tenths"]) == pytest.approx(told["outcomes"])


def test_the_report_shows_it_all_and_runs_nothing(proof: tuple[dict[str, object], str, str]) -> None:
    told, page, _said = proof
    for words in ("What the models are worth", "Gain", "ROC", "Lift by tenths", "What became of each rating", "AUC at each look"):
        assert words in page
    assert f"{told['outcomes']} came out well" in page.replace(",", "")
    assert "Leads of the best tenth come out well" in page and "converts" not in page  # it was asked whom sales accepted
    assert "<script" not in page and "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page


def test_both_kinds_of_mistakes_and_each_tenth_are_shown(company: Path, proof: tuple[dict[str, object], str, str]) -> None:
    told, page, _said = proof
    dated = ("--outcomes", company / "outcomes.csv", "--positive", "accepted", "--instants", 3)
    done = vaglio("backtest", MODEL, *data_options(company), *dated)
    (model,) = told["proofs"]  # type: ignore[misc]
    calls = model["confusion"]
    vain = calls["called"] - calls["called_good"]
    assert calls["called"] + calls["missed"] + calls["others"] == told["rows"]
    terminal = done.stdout.split("Who would have been called")[1].split("\n")[2].replace(",", "").split()
    assert [str(each) for each in (calls["called"], calls["called_good"], vain, calls["missed"], calls["others"])] == terminal[-7:-2]
    captured = done.stdout.split("Of all good leads, among the best")[1].split("\n")[2].split()
    assert captured[-10:] == [f"{tenth['captured']:.0%}" for tenth in model["tenths"]] and captured[-1] == "100%"
    assert "Brier score (of the average)" in done.stdout
    for words in ("Who would have been called", "not called", "Tenth by tenth"):
        assert words in page


def test_the_scores_are_those_of_that_day(company: Path, proof: tuple[dict[str, object], str, str], tmp_path: Path) -> None:
    """What a backtest counts in a rating is what ``vaglio score`` gives as of that day."""
    import csv

    told, _page, _said = proof
    day = told["proofs"][0]["parts"][0]["name"]  # type: ignore[index]
    done = vaglio(
        "backtest", MODEL, *data_options(company), "--outcomes", company / "outcomes.csv", "--positive", "accepted", "--instants", 1,
        "--until", day, "--json",
    )  # fmt: skip
    # Fewer outcomes than can be proved on one day of so small a company are said.
    if done.returncode:
        assert "the least to prove a model on" in done.stderr
        return
    cells = json.loads(done.stdout)["proofs"][0]["cells"]
    scored = vaglio("score", MODEL, *data_options(company), "--as-of", day, "--out", tmp_path / "s.csv")
    assert scored.returncode == 0, scored.stderr
    with (tmp_path / "s.csv").open(encoding="utf-8", newline="") as file:
        ratings = [row["rating"] for row in csv.DictReader(file)]
    for rating, cell in cells.items():
        assert cell["total"] <= ratings.count(rating)
    assert sum(cell["total"] for cell in cells.values()) > 0.5 * len(ratings)


def test_outcomes_dated_after_today_move_nothing(company: Path, proof: tuple[dict[str, object], str, str], tmp_path: Path) -> None:
    told, _page, _said = proof
    slip = '"L000001","accepted","2091-01-01T00:00:00.000Z",,\n'
    path = tmp_path / "outcomes.csv"
    path.write_text((company / "outcomes.csv").read_text(encoding="utf-8") + slip, encoding="utf-8")
    done = vaglio("backtest", MODEL, *data_options(company), "--outcomes", path, "--positive", "accepted", "--instants", 3, "--json")
    assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout)
    assert "1 leads with an outcome dated after today are left out" in again["looked_at"]
    assert [part["name"] for part in again["proofs"][0]["parts"]] == [part["name"] for part in told["proofs"][0]["parts"]]  # type: ignore[index]


@pytest.mark.drill
def test_real_leads_prove_a_learned_model_on_leads_it_never_saw() -> None:
    done = vaglio(
        "backtest", "--learn", "logistic", "--leads", real("xeducation/Leads.csv"), "--columns", "lead_id=Prospect ID",
        "--outcome-field", "Converted", "--drop", "what_is_your_current_occupation,last_notable_activity,last_activity", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    (learned,) = told["proofs"]
    assert (told["leads"], told["outcomes"]) == (9240, 3561)
    assert 0.85 < learned["auc"]["value"] < 0.9 and learned["calibration"]["error"] < 0.02
    assert sorted(part["leads"] for part in learned["parts"]) == [1847, 1848, 1848, 1848, 1849]


def test_a_learned_model_is_proved_on_leads_it_never_saw(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    lines = [
        f"l{n},{'software' if n % 3 else 'retail'},{(n * 7) % 90},{'yes' if (n * 31) % 100 < (60 if n % 3 else 20) else 'no'}"
        for n in range(900)
    ]
    path.write_text("\n".join(["lead_id,sector,employees,won", *lines]) + "\n", encoding="utf-8")
    done = vaglio("backtest", "--learn", "logistic", "--leads", path, "--outcome-field", "won", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    (learned,) = told["proofs"]
    assert told["leads"] == 900 and 0.6 < learned["auc"]["value"] < 0.85 and learned["calibration"]["error"] < 0.06
    assert [part["leads"] for part in learned["parts"]] == [180] * 5


def test_models_that_were_learned_on_the_way_say_what_they_found(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    lines = [f"l{n},{'abc'[n % 3]},{n},Ann,same,{'yes' if (n * 7919) % 100 < 40 else 'no'}" for n in range(600)]
    path.write_text("\n".join(["lead_id,letter,serial,first_name,blank,won", *lines]) + "\n", encoding="utf-8")
    done = vaglio("backtest", "--learn", "logistic", "--leads", path, "--outcome-field", "won")
    assert done.returncode == 0, done.stderr
    assert "learned logistic: no usable signal was found for part 1 of 5, part 2 of 5" in done.stderr
    assert done.stderr.count("first_name tells a name and is not used") == 1
    assert "learned logistic, for part 5 of 5: blank is left out" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--positive", "accepted"), "there is no model to prove"),
        ((MODEL, "--positive", "gained"), "no outcome 'gained'; there is accepted"),
        ((MODEL, "--positive", "accepted", "--until", "2030-01-01"), "the horizon after 2029-10-03 is not over"),
        ((MODEL, "--positive", "accepted", "--every", "often"), "--every"),
        ((MODEL, "--positive", "accepted", "--as-of", "1999-01-01"), "--as-of does nothing with --outcomes: --until says"),
        ((MODEL, "--positive", "accepted", "--at-age", "7d", "--every", "7d"), "--every does nothing with --at-age"),
        ((MODEL, "--positive", "accepted", "--at-age", "7d", "--until", "2026-01-01"), "--until does nothing with --at-age"),
        ((MODEL, "--positive", "accepted", "--drop", "country"), "--drop does nothing with models that are written already"),
        ((MODEL, "--positive", "accepted", "--full"), "--full does nothing"),
        ((MODEL, "--positive", "accepted", "--no-value", "Select"), "--no-value does nothing"),
        ((MODEL, "--positive", "accepted", "--gate"), "--gate holds further models against the first"),
        ((MODEL, MODEL, "--positive", "accepted"), "two models are called enterprise_suite"),
        ((MODEL, "--learn", "magic", "--positive", "accepted"), "logistic or predictive"),
        (
            (MODEL, "--positive", "accepted", "--horizon", "-5d"),
            "--horizon: '-5d' is not a duration; write a whole number and a unit, such as 30m, 4h, 14d or 2w\n",
        ),
        ((MODEL, "--positive", "accepted", "--until", "x"), "--until: 'x' is not a date"),
        ((MODEL, "--positive", "accepted", "--until", "0001-01-01"), "looks at a day before the year 1; name a day that lies nearer"),
        ((MODEL, "--positive", "accepted", "--report", "proof.pdf"), "end it in .htm or .html"),
        ((MODEL, "--positive", "accepted", "--instants", "1", "--until", "2001-06-01"), "no lead with a known outcome"),
    ],
)
def test_what_cannot_be_proved_is_said_in_one_line(company: Path, options: tuple[object, ...], said: str) -> None:
    done = vaglio("backtest", *options, *data_options(company), "--outcomes", company / "outcomes.csv")
    assert done.returncode == 2 and said in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1


AGES = """
format: 1
name: ages
inputs: {fields: {signing: date}}
profile:
  rules:
    - {id: signed, kind: fields, field: signing, bands: [{older_than: 1d, points: 5}]}
  letters: {A: 3, B: 2, C: 1}
engagement: {digits: {1: 3, 2: 2, 3: 1}}
"""


def _signings(folder: Path) -> tuple[object, ...]:
    """Write leads whose signing lies six weeks after their creation, with outcomes; return the options that give them."""
    leads, outcomes = folder / "leads.csv", folder / "outcomes.csv"
    born = [date(2025, 1, 1) + timedelta(n % 60) for n in range(400)]
    rows = [f"l{n},{day},{day + timedelta(50 if n % 2 else 3)}" for n, day in enumerate(born)]
    leads.write_text("\n".join(["lead_id,created_at,signing", *rows]) + "\n", encoding="utf-8")
    came = [f"l{n},{'won' if n % 4 == 0 else 'lost'},{day + timedelta(20)}" for n, day in enumerate(born)]
    outcomes.write_text("\n".join(["lead_id,outcome,occurred_at", *came, "l0,seen,2025-12-01"]) + "\n", encoding="utf-8")
    return ("--leads", leads, "--outcomes", outcomes, "--at-age", "7d", "--horizon", "60d")


def test_a_date_that_lay_ahead_at_an_age_gives_no_points(tmp_path: Path) -> None:
    model, given = tmp_path / "ages.yaml", _signings(tmp_path)
    model.write_text(AGES, encoding="utf-8")
    done = vaglio("backtest", model, *given, "--instants", 1, "--json")
    assert done.returncode == 0, done.stderr
    cells = json.loads(done.stdout)["proofs"][0]["cells"]
    assert (cells["A4"]["total"], cells["D4"]["total"]) == (200, 200)
    done = vaglio("suggest", "--model", model, *given, "--json")
    assert json.loads(done.stdout)[0]["touched"]["leads"] == 200


def test_a_date_that_is_also_held_against_a_day_is_refused_at_an_age(tmp_path: Path) -> None:
    model, given = tmp_path / "ages.yaml", _signings(tmp_path)
    model.write_text(AGES.replace("[{older_than: 1d, points: 5}]", "[{from: 2025-02-01, older_than: 1d, points: 5}]"), encoding="utf-8")
    done = vaglio("backtest", model, *given)
    assert done.returncode == 2 and "signing is held against a day as well as asked for its age" in done.stderr
