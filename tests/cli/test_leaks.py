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


def a_process(folder: Path) -> dict[str, Path]:
    """Write leads of companies, whose fields were written before and after an outcome of every fourth lead, on 20 March."""
    leads, accounts, changes, outcomes = (["lead_id,account_id,created_at,status,phone,size,signed,met,converted"],
                                          ["account_id,customer_kind,staff"], ["lead_id,account_id,field,value,known_at"],
                                          ["lead_id,outcome,occurred_at"])  # fmt: skip
    for n in range(400):
        good = n % 4 == 0
        born = date(2025, 1, 1) + timedelta(n % 30)
        status = "won" if good else ("open", "lost")[n % 2]
        met = born + timedelta(2 + n % 9)
        leads.append(f"l{n},a{n},{born},{status},+39 {n},{n % 7},{'2025-03-20' if good else ''},{met},{'yes' if good else 'no'}")
        accounts.append(f"a{n},{'customer' if good else 'prospect'},{n % 50}")
        changes += [f"l{n},,status,open,{born}", f"l{n},,phone,+39 0,{born}", f"l{n},,size,{n % 7},{born}", f"l{n},,converted,no,{born}"]
        changes += [f",a{n},customer_kind,prospect,{born}", f",a{n},staff,{n % 50},{born}"]
        if status != "open":
            changes.append(f"l{n},,status,{status},2025-03-21")
        changes.append(f"l{n},,phone,+39 {n},2025-04-01")  # put right for everybody, some time later
        if good:
            changes += [f",a{n},customer_kind,customer,2025-03-25", f"l{n},,converted,yes,2025-03-20"]
        outcomes.append(f"l{n},{'won,2025-03-20' if good else 'lost,2025-06-30'}")
    found = {}
    for name, lines in (("leads", leads), ("accounts", accounts), ("field-changes", changes), ("outcomes", outcomes)):
        found[name] = folder / f"{name}.csv"
        found[name].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return found


def test_what_is_written_after_the_outcome_is_found_in_its_history(tmp_path: Path) -> None:
    """A status that becomes won, and a kind of company that becomes customer; a phone that is put right later is fine."""
    files = a_process(tmp_path)
    given = [part for name, path in files.items() for part in (f"--{name}", path)]
    done = vaglio("leaks", *given, "--as-of", "2025-03-01", "--horizon", "60d", "--json")
    assert done.returncode == 0, done.stderr
    found = {each["field"]: each for each in json.loads(done.stdout)}
    for field in ("status", "account.customer_kind"):
        assert found[field]["verdict"] == "drop"
        assert "got another value after it, most of them one that hardly any other lead has" in " ".join(found[field]["evidence"])
    assert {found[field]["verdict"] for field in ("phone", "size", "met", "account.staff")} == {"fine"}
    assert found["signed"]["verdict"] == "drop"
    assert any("its date is the day of the outcome, or later" in text for text in found["signed"]["evidence"])


def test_the_history_of_the_column_of_the_outcome_says_when_it_came(tmp_path: Path) -> None:
    files = a_process(tmp_path)
    del files["outcomes"]
    given = [part for name, path in files.items() for part in (f"--{name}", path)]
    done = vaglio("leaks", *given, "--outcome-field", "converted", "--json")
    assert done.returncode == 0, done.stderr
    found = {each["field"]: " ".join(each["evidence"]) for each in json.loads(done.stdout)}
    assert "got another value after it" in found["status"] and "got another value after it" in found["account.customer_kind"]
    assert "its date is the day of the outcome" in found["signed"] and not found["met"] and not found["phone"]


def test_a_date_that_tells_by_how_long_after_creation_it_lies_is_found(tmp_path: Path) -> None:
    """Whoever came back within a week of three did well; the day itself tells nothing."""
    path = tmp_path / "leads.csv"
    born = [date(2025, 1, 1) + timedelta(n * 7 % 300) for n in range(600)]
    seen = [day + timedelta(40 + n % 20 if n % 4 == 0 else n % 30) for n, day in enumerate(born)]
    lines = [f"l{n},{born[n]},{seen[n]},{born[n] + timedelta(n % 5)},{'yes' if n % 4 == 0 else 'no'}" for n in range(600)]
    path.write_text("\n".join(["lead_id,created_at,back_on,called_on,won", *lines]) + "\n", encoding="utf-8")
    assert verdicts("--leads", path, "--outcome-field", "won") == {"back_on": "drop", "called_on": "fine"}
