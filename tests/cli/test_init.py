"""What a starter model takes from files that other programs wrote, and what it says of the rest."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.company import vaglio
from vaglio.document import load

LEADS = "lead_id,job_title\na1,CEO\na2,CTO\n"
DID = "lead_id,activity_type,occurred_at\n"


def written(folder: Path, did: str, leads: str = LEADS) -> tuple[Path, Path]:
    (folder / "leads.csv").write_text(leads, encoding="utf-8")
    (folder / "web.csv").write_text(did, encoding="utf-8")
    return folder / "leads.csv", folder / "web.csv"


def test_types_that_no_model_can_name_are_told(tmp_path: Path) -> None:
    rows = "a1,Page Viewed,2026-09-01\n" * 2 + "a1,Demo Requested,2026-09-01\na1,Signup,2026-09-01\na1,null,2026-09-01\na1, ,2026-09-01\n"
    files = written(tmp_path, DID + rows)
    done = vaglio("init", *files, "--out", tmp_path / "m.yaml")
    assert done.returncode == 0, done.stderr
    assert done.stderr == (
        f"note: 2 activity types of {files[1]} left out, 3 rows, for no model can name them: 'Page Viewed' (2), 'Demo Requested' (1); "
        '--columns "activities.activity_type=<its column>:name" reads them as page_viewed, here and to score\n'
    )
    assert set(load(tmp_path / "m.yaml").inputs.activities) == {"Signup", "null"}
    scored = vaglio("score", tmp_path / "m.yaml", "--leads", files[0], "--activities", files[1], "--as-of", "2026-09-02",
                    "--out", tmp_path / "s.parquet", "--contributions", tmp_path / "c.csv")  # fmt: skip
    assert scored.returncode == 0, scored.stderr
    told = (tmp_path / "c.csv").read_text(encoding="utf-8")
    assert "Signup_rule" in told and "null_rule" in told


def test_types_in_words_are_named_where_columns_say_so(tmp_path: Path) -> None:
    """What init is told is what score is told, and each type is one whichever way it is written."""
    rows = "a1,Page Viewed,2026-09-01\n" * 2 + "a1,pageViewed,2026-09-01\na1,Demo Requested,2026-09-01\n"
    leads, did = written(tmp_path, DID.replace("activity_type", "Event") + rows)
    columns = ("--columns", "activities.activity_type=Event:name")
    done = vaglio("init", leads, did, "--out", tmp_path / "m.yaml", *columns)
    assert (done.returncode, done.stderr) == (0, "")
    assert [*load(tmp_path / "m.yaml").inputs.activities] == ["page_viewed", "demo_requested"]
    scored = vaglio("score", tmp_path / "m.yaml", "--leads", leads, "--activities", did, "--as-of", "2026-09-02", *columns,
                    "--out", tmp_path / "s.parquet", "--contributions", tmp_path / "c.csv")  # fmt: skip
    assert scored.returncode == 0, scored.stderr
    told = (tmp_path / "c.csv").read_text(encoding="utf-8")
    assert "page_viewed_rule" in told and "demo_requested_rule" in told


def test_a_file_without_one_type_to_name_is_not_said_to_be_missing(tmp_path: Path) -> None:
    leads, did = written(tmp_path, DID + "a1,Page Viewed,2026-09-01\n")
    given = vaglio("init", leads, did)
    assert given.returncode == 0 and "rules: []  # the file of activities has no type that a model can name, as page_viewed" in given.stdout
    assert "1 activity type of" in given.stderr and "1 row," in given.stderr
    alone = vaglio("init", leads)
    assert "rules: []  # give `vaglio init` a file of activities to fill this" in alone.stdout


def test_types_beyond_the_fiftieth_are_counted(tmp_path: Path) -> None:
    long = "x" * 100
    files = written(tmp_path, DID + "".join(f"a1,{name},2026-09-01\n" for name in (long, long, *(f"kind_{n}" for n in range(51)))))
    done = vaglio("init", *files, "--out", tmp_path / "m.yaml")
    assert done.returncode == 0, done.stderr
    assert f"of 52 activity types of {files[1]} the 50 commonest are taken" in done.stderr
    assert long in load(tmp_path / "m.yaml").inputs.activities


def test_columns_are_called_as_score_is_told(tmp_path: Path) -> None:
    leads = "Prospect ID;Job Title;Made;Employees\na1;CEO;31.12.2025;55\n"
    files = written(tmp_path, "who;what;when\na1;demo;15/08/2026\n", leads)
    plain = vaglio("init", *files)
    assert plain.returncode == 2 and 'name the right ones: --columns "leads.lead_id=Prospect ID"' in plain.stderr
    columns = [
        part for each in ("leads.lead_id=Prospect ID", "activities.lead_id=who", "activity_type=what", "occurred_at=when:%d/%m/%Y",
                          "since=Made:%d.%m.%Y", "size=Employees", "leads.job_title=Job Title") for part in ("--columns", each)
    ]  # fmt: skip
    lacking = vaglio("init", *files, *columns[:6])
    assert lacking.returncode == 2 and f"{files[1]} has not the column 'occurred_at'" in lacking.stderr
    done = vaglio("init", *files, *columns, "--out", tmp_path / "m.yaml")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "m.yaml").read_text(encoding="utf-8")
    assert "    # since: date\n    # size: integer\n" in text and "    demo: {}\n" in text
    (tmp_path / "m.yaml").write_text(text.replace("    # since", "    since").replace("    # size", "    size"), encoding="utf-8")
    scored = vaglio("score", tmp_path / "m.yaml", "--leads", files[0], "--activities", files[1], *columns, "--as-of", "2026-09-01",
                    "--out", tmp_path / "s.csv")  # fmt: skip
    assert scored.returncode == 0 and "1 leads scored" in scored.stdout, scored.stderr
    wrong = vaglio("init", *files, *columns, "--columns", "x=Nothing")
    assert wrong.returncode == 2 and "no file has the column 'Nothing'" in wrong.stderr


@pytest.mark.parametrize(
    ("leads", "said"),
    [
        ("lead_id,job_title\n", "has column names and no rows; give a file of leads with rows"),
        ("\n\n\n", "has no column names: its first row is blank; write them into its first row"),
        ("\ufeff", "has no column names: its first row is blank; write them into its first row"),
        ("job_title\nCEO\n", "has not the column 'lead_id'; its other columns are 'job_title'; name the right ones: "
                             '--columns "leads.lead_id=<column of lead_id>"'),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_leads_is_refused(tmp_path: Path, leads: str, said: str) -> None:
    files = written(tmp_path, DID, leads)
    done = vaglio("init", files[0], "--out", tmp_path / "m.yaml")
    assert (done.returncode, done.stderr) == (2, f"vaglio: {files[0]} {said}\n")
    assert not (tmp_path / "m.yaml").exists()


def test_activities_of_another_name_are_learned_from(tmp_path: Path) -> None:
    """``suggest`` looked for the column activity_type whatever ``--columns`` said."""
    leads = "lead_id,won\n" + "".join(f"a{n},{n % 2}\n" for n in range(200))
    lately = datetime.now(UTC).date() - timedelta(days=10)  # what is long past makes no proposal
    files = written(tmp_path, "lead_id,what,when\n" + "".join(f"a{n},Demo,{lately}\n" for n in range(1, 200, 2)), leads)
    done = vaglio("suggest", "--leads", files[0], "--activities", files[1], "--outcome-field", "won",
                  "--columns", "activity_type=what", "--columns", "occurred_at=when")  # fmt: skip
    assert done.returncode == 0 and "Demo" in done.stdout, done.stderr


def test_of_columns_that_are_no_field_nothing_is_told(tmp_path: Path) -> None:
    """It was said that the first is taken, where none was."""
    leads, _did = written(tmp_path, DID, "lead_id,Order ID,Order-ID,Order Number,order_number,job_title\na1,1,2,3,4,CEO\na2,1,2,3,4,CTO\n")
    done = vaglio("init", leads)
    assert (done.returncode, done.stderr) == (0, "") and "order_" not in done.stdout


def test_columns_that_are_one_name_in_a_model_are_told(tmp_path: Path) -> None:
    leads, _did = written(tmp_path, DID, "lead_id,C,C++,job_title\na1,yes,no,CEO\na2,no,yes,CTO\n")
    done = vaglio("init", leads)
    assert done.returncode == 0 and done.stdout.count("# c: boolean") == 1
    assert done.stderr == (
        f"note: columns 'C', 'C++' of {leads} are all 'c' in a model: the first is taken; "
        '--columns "leads.c_2=C++" gives another a name of its own, here and to score\n'
    )
    named = vaglio("init", leads, "--columns", "leads.c_2=C++")
    assert (named.returncode, named.stderr) == (0, "") and "# c: boolean\n    # c_2: boolean" in named.stdout


@pytest.mark.parametrize("industries", ["x", "many"])
def test_an_industry_of_which_no_values_are_known_makes_no_rule(tmp_path: Path, industries: str) -> None:
    (tmp_path / "leads.csv").write_text(
        "lead_id,industry,employees\n" + "".join(f"l{n},{n if industries == 'many' else 'x'}y,{n}\n" for n in range(900)), encoding="utf-8"
    )
    done = vaglio("init", tmp_path / "leads.csv", "--out", tmp_path / "model.yaml")
    assert done.returncode == 0, done.stderr
    assert [rule.id for _axis, rule in load(tmp_path / "model.yaml").rules()] == ["employees_fit"]
