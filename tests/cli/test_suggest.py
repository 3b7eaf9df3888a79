"""``vaglio suggest`` as a stranger runs it, on real leads."""

import json
from pathlib import Path

import duckdb
import pytest

from tests.cli.company import MODEL, ROOT, data_options, first, rows, started, vaglio
from tests.real import real
from vaglio.document import load


def made(folder: Path) -> tuple[object, ...]:
    """Leads of whom those from a webinar come out well twice as often; whoever a first name or a letter is, tells nothing."""
    rows = ["lead_id,webinar,letter,customer_name,converted"]
    for number in range(600):
        came = number % 2
        rows.append(f"l{number},{'yes' if came else 'no'},{'xyz'[number % 3]},n{number},{'yes' if number % 10 < 2 + 4 * came else 'no'}")
    (folder / "leads.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return "--leads", folder / "leads.csv", "--outcome-field", "converted"


def test_a_model_that_was_proposed_is_written_again(tmp_path: Path) -> None:
    first = vaglio("suggest", *made(tmp_path), "--out", tmp_path / "a.yaml")
    assert first.returncode == 0 and "yes: converts 1.5" in (tmp_path / "a.yaml").read_text(encoding="utf-8"), first.stderr
    assert "note: customer_name tells a name and is not used; --allow customer_name lets it through" in first.stderr
    again = vaglio("suggest", *made(tmp_path), "--model", tmp_path / "a.yaml", "--out", tmp_path / "b.yaml")
    assert again.returncode == 0 and "everybody" in again.stdout, again.stderr
    assert list(load(tmp_path / "b.yaml").rules()) == list(load(tmp_path / "a.yaml").rules())
    told = vaglio("suggest", *made(tmp_path), "--model", tmp_path / "a.yaml")
    (line,) = (line for line in told.stdout.splitlines() if line.startswith("webinar"))
    assert line.count("%") == 1  # nobody is without it


def test_a_model_is_written_aside_first(tmp_path: Path) -> None:
    """Whoever stops it in the middle has the file that was there: a second name of that shows that it is not written over."""
    out, kept, link = tmp_path / "a.yaml", tmp_path / "kept.yaml", tmp_path / "link.yaml"
    was = "learned: {method: suggest}  # as it was"
    out.write_text(was, encoding="utf-8")
    kept.hardlink_to(out)
    link.symlink_to(out)
    assert vaglio("suggest", *made(tmp_path), "--out", link).returncode == 0
    assert kept.read_text(encoding="utf-8") == was and link.is_symlink() and load(out) == load(link)
    shown = started("suggest", *made(tmp_path), "--out", "/dev/stdout")
    assert shown.returncode == 0 and "\nformat: 1\n" in f"\n{shown.stdout}", shown.stderr


def test_of_what_is_not_sure_no_model_is_written(tmp_path: Path) -> None:
    done = vaglio("suggest", *made(tmp_path), "--drop", "webinar", "--out", tmp_path / "a.yaml")
    assert done.returncode == 2 and "none is surely different from the average" in done.stderr
    assert "wrote" not in done.stdout and not (tmp_path / "a.yaml").exists()


def test_activity_types_that_are_not_looked_at_are_named(tmp_path: Path) -> None:
    """Names that no document may have, and what comes after the commonest fifty."""
    leads, path = made(tmp_path), tmp_path / "activities.csv"
    common = [f"l{lead},kind_{kind},2026-01-0{1 + lead}" for kind in range(51) for lead in range(3 if kind else 1)]
    odd = [f"l{lead},Page Viewed,2026-01-02" for lead in range(80)]
    path.write_text("\n".join(["lead_id,activity_type,occurred_at", *common, *odd]) + "\n", encoding="utf-8")
    done = vaglio("suggest", *leads, "--activities", path)
    assert done.returncode == 0 and "2 activity types are not looked at, 81 activities: 'Page Viewed' (80), 'kind_0' (1);" in done.stderr
    path.write_text("\n".join(["lead_id,activity_type,occurred_at", *odd]) + "\n", encoding="utf-8")
    done = vaglio("suggest", *leads, "--activities", path)
    assert done.returncode == 0 and "1 activity type is not looked at, 80 activities: 'Page Viewed' (80);" in done.stderr
    judged = vaglio("backtest", "--learn", "logistic", *leads, "--activities", path)
    assert judged.returncode == 0 and "1 activity type is not looked at" in judged.stderr, judged.stderr


def test_what_would_do_nothing_beside_a_model_is_refused(tmp_path: Path) -> None:
    for option in ("--drop", "--allow", "--no-value"):
        done = vaglio("suggest", *made(tmp_path), "--model", ROOT / "models" / "education.yaml", option, "webinar")
        assert done.returncode == 2 and option in done.stderr


def test_several_bands_show_what_they_were_and_are(tmp_path: Path) -> None:
    text = (
        "format: 1\nname: m\ninputs: {fields: {webinar: boolean, letter: string}}\nprofile:\n  rules:\n"
        "    - {id: both, kind: fields, bands: [{all: [{field: webinar, equals: true}, {field: letter, in: [x]}], points: 40},"
        " {all: [{field: webinar, equals: false}, {field: letter, in: [x]}], points: -1}]}\n"
        "  letters: {A: 3, B: 2, C: 1}\nengagement: {digits: {1: 3, 2: 2, 3: 1}}\n"
    )
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    done = vaglio("suggest", *made(tmp_path), "--model", tmp_path / "m.yaml", "--out", tmp_path / "n.yaml")
    assert done.returncode == 0 and "+40.0, -1.0" in done.stdout, done.stderr


def given(leads: Path | None = None) -> tuple[object, ...]:
    return "--leads", leads or real("xeducation/Leads.csv"), "--columns", "lead_id=Prospect ID", "--outcome-field", "Converted"


def test_real_leads_propose_a_model(tmp_path: Path) -> None:
    asked = given(first(3_000, real("xeducation/Leads.csv"), tmp_path / "leads.csv"))
    done = started("suggest", *asked, "--out", tmp_path / "m.yaml")
    assert done.returncode == 0, done.stderr
    assert "× the average (95%:" in done.stdout and "Welingak Website" in done.stdout
    assert "tags knows the outcome and is not used" in done.stderr and "tags" not in (tmp_path / "m.yaml").read_text(encoding="utf-8")
    assert vaglio("check", tmp_path / "m.yaml").returncode in (0, 1)
    scored = vaglio("score", tmp_path / "m.yaml", *asked[:4], "--out", tmp_path / "s.csv")
    assert scored.returncode == 0, scored.stderr
    letters = [row["letter"] for row in rows(tmp_path / "s.csv")]
    assert letters.count("A") < letters.count("C")


def test_rules_of_a_model_are_judged() -> None:
    done = vaglio("suggest", *given(), "--model", ROOT / "models" / "education.yaml", "--json")
    assert done.returncode == 0, done.stderr
    told = {each["rule"]: each for each in json.loads(done.stdout)}
    assert told and {each["verdict"] for each in told.values()} <= {"dead", "everybody", "harmful", "works", "unsure"}
    assert any(each["verdict"] == "works" for each in told.values())
    shown = vaglio("suggest", *given(), "--model", ROOT / "models" / "education.yaml")
    assert shown.returncode == 0 and "verdict" in shown.stdout and "9,240 leads, 3,561 of them with the outcome (38.5%)" in shown.stdout


def test_a_model_is_written_with_what_outcomes_say(tmp_path: Path) -> None:
    model, out = ROOT / "models" / "education.yaml", tmp_path / "m.yaml"
    done = vaglio("suggest", *given(), "--model", model, "--out", out)
    assert done.returncode == 0, done.stderr
    assert (
        "tags knows the outcome and is not used" in done.stderr and "harmful: it gives points for what surely converts less" in done.stdout
    )
    before, after = model.read_text(encoding="utf-8").splitlines(), out.read_text(encoding="utf-8").splitlines()
    (changed,) = (line for line in before if line not in after)  # weights, awards and fields that two rules read stay
    added = [line for line in after if line not in before]
    assert "id: no_mail" in changed
    assert any("id: no_mail" in line and "Before, -20 points: converts 0.4" in line for line in added)
    assert any("id: specialization" in line and "converts 1.26× the average (95%: 1.18–1.35, 838 leads)" in line for line in added)
    assert not any("tags" in line for line in added) and vaglio("check", out).returncode in (0, 1)
    scored = vaglio("score", out, *given()[:4], "--out", tmp_path / "s.csv")
    assert scored.returncode == 0, scored.stderr
    learned = load(out).learned
    assert learned is not None and (learned.method, learned.leads, learned.outcomes) == ("suggest", 9240, 3561)


def test_a_rule_of_a_list_is_not_called_dead_where_no_lists_are_given(company: Path) -> None:
    asked = ["suggest", "--model", MODEL, *data_options(company), "--outcomes", company / "outcomes.csv", "--positive", "accepted"]
    place = asked.index("--lists")
    without = vaglio(*asked[:place], *asked[place + 2 :], "--json")
    told = {each["rule"]: each for each in json.loads(without.stdout)}
    assert told["target_account"]["verdict"] == "unread" and "on the lists competitors, priority_accounts" in without.stderr
    told = {each["rule"]: each for each in json.loads(vaglio(*asked, "--json").stdout)}
    assert told["target_account"]["verdict"] != "unread" and told["target_account"]["touched"]["leads"] > 0


COMMITTEE = """
format: 1
name: committee
inputs: {account_fields: {staff: integer}, activities: {seen: {}}}
profile:
  rules:
    - {id: size, kind: fields, field: account.staff, bands: [{from: 50, points: 5}]}
  letters: {A: 3, B: 2, C: 1}
engagement:
  rules:
    - {id: together, kind: engaged_colleagues, at_least: 2, within: 30d, points: 5}
  digits: {1: 3, 2: 2, 3: 1}
"""


def test_companies_that_are_read_as_they_are_now_are_said(tmp_path: Path) -> None:
    """Where a rule counts colleagues, companies stay together, and what they were at each lead's age is not seen."""
    came = ["won,2025-03" if n % 4 == 0 else "lost,2025-08" for n in range(200)]
    files = {
        "leads": ["lead_id,account_id,created_at", *(f"l{n},a{n % 20},2025-01-{n % 28 + 1:02}" for n in range(200))],
        "accounts": ["account_id,staff", *(f"a{n},{n * 10}" for n in range(20))],
        "activities": ["lead_id,activity_type,occurred_at", *(f"l{n},seen,2025-02-01" for n in range(200))],
        "field-changes": ["account_id,field,value,known_at", *(f"a{n},staff,{n * 10},2025-01-01" for n in range(20))],
        "outcomes": ["lead_id,outcome,occurred_at", *(f"l{n},{each}-{n % 28 + 1:02}" for n, each in enumerate(came))],
    }
    for name, lines in files.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    options = [part for name in files for part in (f"--{name}", tmp_path / f"{name}.csv")]
    (tmp_path / "m.yaml").write_text(COMMITTEE, encoding="utf-8")
    done = vaglio("suggest", "--model", tmp_path / "m.yaml", *options, "--at-age", "7d", "--horizon", "120d")
    assert done.returncode == 0, done.stderr
    assert "companies are read as they are now, so account.staff may know what came later" in done.stderr


@pytest.mark.parametrize("command", ["suggest", "leaks"])
def test_activities_that_are_damaged_inside_are_one_line(tmp_path: Path, command: str) -> None:
    path = tmp_path / "activities.parquet"
    rows = "SELECT 'l' || i % 600 AS lead_id, 'seen' AS activity_type, TIMESTAMP '2026-01-01' + INTERVAL 1 SECOND * i AS occurred_at"
    duckdb.sql(f"COPY ({rows} FROM range(20000) AS t(i)) TO '{path}'")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes(500) + whole[len(whole) // 2 + 500 :])
    done = vaglio(command, *made(tmp_path), "--activities", path, *(("--out", tmp_path / "a.yaml") if command == "suggest" else ()))
    said = [line for line in done.stderr.splitlines() if not line.startswith("note: ")]
    assert done.returncode == 2 and len(said) == 1 and said[0].endswith("is damaged; copy or export it again"), done.stderr
