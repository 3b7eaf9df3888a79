"""``vaglio leaks`` on real data whose traps are known, and on made histories."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.cli.company import started, vaglio
from tests.real import real

SIGNUPS = (
    "--columns", "leads.lead_id=object_id", "--columns", "created_at=creation_time:%d-%m-%Y %H:%M", "--columns",
    "activities.lead_id=user_id", "--at-age", "7d", "--horizon", "53d",
)  # fmt: skip
# What the README of the data names: filled in by the sales process, and asked in a call (softer).
XEDUCATION = {
    "tags", "lead_quality", "lead_profile", "asymmetrique_activity_index", "asymmetrique_profile_index", "asymmetrique_activity_score",
    "asymmetrique_profile_score", "last_notable_activity", "last_activity",
}  # fmt: skip
ASKED = {
    "what_is_your_current_occupation", "what_matters_most_to_you_in_choosing_a_course", "how_did_you_hear_about_x_education",
    "specialization", "city", "country",
}  # fmt: skip


def verdicts(*options: Any, run: Any = vaglio) -> dict[str, str]:
    done = run("leaks", *options, "--json")
    assert done.returncode == 0, done.stderr
    return {each["field"]: each["verdict"] for each in json.loads(done.stdout)}


def test_an_exported_crm_gives_its_traps_away() -> None:
    given = ("--leads", real("xeducation/Leads.csv"), "--columns", "lead_id=Prospect ID", "--outcome-field", "Converted")
    found = verdicts(*given, run=started)
    told = {field for field, verdict in found.items() if verdict != "fine"}
    assert told >= XEDUCATION
    assert len(told & ASKED) >= 5
    assert not told - XEDUCATION - ASKED, "cried wolf"
    assert {field for field, verdict in found.items() if verdict == "drop"} >= {"tags", "lead_quality", "last_notable_activity"}


def test_sign_ins_that_are_the_outcome_are_found() -> None:
    folder = "product_signups"
    found = verdicts(
        "--leads", real(f"{folder}/users.csv"), "--activities", real(f"{folder}/engagement.csv"), "--outcomes",
        real(f"{folder}/outcomes.csv"), *SIGNUPS,
    )  # fmt: skip
    assert {field for field, verdict in found.items() if verdict != "fine"} == {"last_session_creation_time"}


def test_a_value_made_of_transactions_is_found(tmp_path: Path) -> None:
    with real("online_shoppers/online_shoppers_intention.csv").open(encoding="utf-8", newline="") as file:
        sessions = list(csv.DictReader(file))
    path = tmp_path / "sessions.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, ["lead_id", *sessions[0]])
        out.writeheader()
        out.writerows({"lead_id": f"s{number}"} | each for number, each in enumerate(sessions))
    found = verdicts("--leads", path, "--outcome-field", "Revenue")
    assert {field for field, verdict in found.items() if verdict != "fine"} == {"page_values"}


def test_deals_that_closed_know_how(tmp_path: Path) -> None:
    with real("maven_crm/sales_pipeline.csv").open(encoding="utf-8", newline="") as file:
        closed = [row for row in csv.DictReader(file) if row["deal_stage"] in ("Won", "Lost")]
    path = tmp_path / "deals.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(closed[0]))
        out.writeheader()
        out.writerows(closed)
    found = verdicts("--leads", path, "--columns", "lead_id=opportunity_id", "--outcome-field", "deal_stage", "--positive", "Won")
    told = {field for field, verdict in found.items() if verdict != "fine"}
    assert found["close_value"] == "drop" and {"close_value", "close_date"} <= told
    assert told <= {"close_value", "close_date", "close_quarter"}, "cried wolf"


def test_a_history_and_dates_that_had_not_come_tell(tmp_path: Path) -> None:
    """A field first filled after the outcome, and a date after the day that leads are looked at; beside a field that is neither."""
    leads, changes, outcomes = (tmp_path / f"{name}.csv" for name in ("leads", "changes", "outcomes"))
    rows, told, came = [], [], []
    for n in range(400):
        good = n % 4 == 0
        rows.append(f"l{n},2025-01-01,{'x' if n % 2 else 'y'},{'x' if n % 3 else 'y'},{'2025-06-01' if n % 5 else '2025-01-02'},N{n % 7}")
        told += [f"l{n},honest,v,2025-01-02", f"l{n},late,v,{'2025-04-01' if good else '2025-01-02'}"]
        came += [f"l{n},won,2025-03-20"] if good else [f"l{n},lost,2025-05-30"]
    rows.append("too_late,2025-05-01,x,y,2025-05-02,N")  # is not there when leads are looked at
    leads.write_text("\n".join(["lead_id,created_at,late,honest,signing,last_name", *rows]) + "\n", encoding="utf-8")
    changes.write_text("\n".join(["lead_id,field,value,known_at", *told]) + "\n", encoding="utf-8")
    outcomes.write_text("\n".join(["lead_id,outcome,occurred_at", *came]) + "\n", encoding="utf-8")
    found = verdicts("--leads", leads, "--field-changes", changes, "--outcomes", outcomes, "--as-of", "2025-03-01", "--horizon", "60d")
    assert found == {"late": "drop", "signing": "drop", "honest": "fine", "last_name": "fine"}


def test_dates_that_lay_ahead_at_an_age_are_found(tmp_path: Path) -> None:
    """Each lead is asked at its own age: a signing five weeks later had not come, a visit on the second day had."""
    leads, outcomes = tmp_path / "leads.csv", tmp_path / "outcomes.csv"
    born = [date(2025, 1, 1) + timedelta(n % 60) for n in range(400)]
    rows = [f"l{n},{day},{day + timedelta(35 if n % 3 else 2)},{day + timedelta(2)}" for n, day in enumerate(born)]
    leads.write_text("\n".join(["lead_id,created_at,signing,visit", *rows]) + "\n", encoding="utf-8")
    came = [f"l{n},{'won' if n % 4 == 0 else 'lost'},{day + timedelta(20)}" for n, day in enumerate(born)]
    outcomes.write_text("\n".join(["lead_id,outcome,occurred_at", *came, "l0,seen,2025-12-01"]) + "\n", encoding="utf-8")
    given = ("--leads", leads, "--outcomes", outcomes, "--at-age", "7d", "--horizon", "60d")
    assert verdicts(*given) == {"signing": "drop", "visit": "fine"}


def test_a_field_of_the_company_that_knows_is_found_too(tmp_path: Path) -> None:
    leads, accounts = tmp_path / "leads.csv", tmp_path / "accounts.csv"
    leads.write_text(
        "lead_id,account_id,size,won\n" + "".join(f"l{n},a{n},{n % 7},{int(n % 4 == 0)}\n" for n in range(400)), encoding="utf-8"
    )
    heads = "account_id,sector,total_orders\n"
    accounts.write_text(heads + "".join(f"a{n},s{n % 3},{5 if n % 4 == 0 else 0}\n" for n in range(400)), encoding="utf-8")
    given = ("--leads", leads, "--accounts", accounts, "--outcome-field", "won")
    assert verdicts(*given) == {"size": "fine", "account.sector": "fine", "account.total_orders": "drop"}
    done = vaglio("learn", "--method", "logistic", *given, "--out", tmp_path / "m.yaml")
    assert "account.total_orders knows the outcome and is not used" in done.stderr
