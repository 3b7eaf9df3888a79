"""No command writes over what it reads, or over what nobody made with it; what is there to be renewed is."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.company import AS_OF, MODEL, data_options, started, vaglio
from vaglio.cli.main import app

SMALL = """format: 1
name: small
inputs: {fields: {title: string, size: integer}, activities: {v: {}}}
profile:
  rules: [{id: r, kind: fields, points: 10, field: title, bands: [{contains: cto}]}]
  letters: {A: 3, B: 2, C: 1}
engagement:
  rules: [{id: a, kind: activity, activity: v, points: 1}]
  digits: {1: 3, 2: 2, 3: 1}
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with a model, 400 leads of whom some were won, and activities."""
    (tmp_path / "m.yaml").write_text(SMALL, encoding="utf-8")
    lines = [f"L{n},{'cto' if n % 3 else 'clerk'},{n},{int(n * 7919 % 100 < (60 if n % 3 else 25))}" for n in range(400)]
    (tmp_path / "l.csv").write_text("\n".join(["lead_id,title,size,won", *lines, ""]), encoding="utf-8")
    (tmp_path / "a.csv").write_text("lead_id,activity_type,occurred_at\nL1,v,2026-09-01\n", encoding="utf-8")
    times = pa.array([1_788_000_000_000_000], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"lead_id": ["L1"], "activity_type": ["v"], "occurred_at": times}), tmp_path / "a.parquet")
    return tmp_path


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


READ = ("score", "m.yaml", "--leads", "l.csv", "--activities", "a.parquet")
WON = ("--leads", "l.csv", "--outcome-field", "won")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ((*READ, "--out", "l.csv"), "--out would write over l.csv, which is read as --leads"),
        ((*READ, "--out", "./x/../l.csv"), "--out would write over l.csv, which is read as --leads"),
        ((*READ, "--out", "a.parquet"), "--out would write over a.parquet, which is read as --activities"),
        ((*READ, "--out", "s.csv", "--contributions", "a.parquet"), "--contributions would write over a.parquet"),
        ((*READ, "--out", "s.csv", "--activities-detail", "link.csv"), "--activities-detail would write over l.csv"),
        ((*READ, "--out", "s.csv", "--contributions", "{here}/s.csv"), "--out and --contributions would both write"),
        ((*READ, "--out", "s.csv", "--contributions", "s.csv.rejected.csv"), "--contributions and the bad rows of --out would both write"),
        (("score", "m.yaml", "--leads", "s.csv.rejected.csv", "--out", "s.csv"), "the bad rows of --out would write over s.csv.rejected"),
        (("score", "m.yaml", "--leads", "link.csv", "--out", "l.csv"), "--out would write over link.csv, which is read as --leads"),
        (("learn", "--method", "logistic", *WON, "--out", "l.csv"), "--out would write over l.csv, which is read as --leads"),
        (("learn", *WON, "--prior", "m.yaml", "--out", "m.yaml"), "--out would write over m.yaml, which is read as --prior"),
        (("suggest", *WON, "--out", "l.csv"), "--out would write over l.csv, which is read as --leads"),
        (("suggest", *WON, "--model", "m.yaml", "--out", "m.yaml"), "--out would write over m.yaml, which is read as --model"),
        (("leaks", *WON, "--report", "l.csv"), "--report would write over l.csv"),
        (("backtest", "m.yaml", *WON, "--report", "m.yaml"), "--report would write over m.yaml, which is read as MODEL"),
        (("thresholds", "m.yaml", "--leads", "l.csv", "--calls", "3", "--out", "m.yaml"), "--out would write over m.yaml"),
        (("drift", "m.yaml", "--leads", "l.csv", "--since", "2026-01-01", "--report", "l.csv"), "--report would write over l.csv"),
        (("sample", "m.yaml", "--leads", "l.csv", "--out", "l.csv"), "--out would write over l.csv, which is read as --leads"),
        (("sample", "m.yaml", "--leads", "l.csv", "--marks", "a.csv", "--report", "a.csv"), "which is read as --marks"),
        (("prepare", "a.parquet", "--columns", "c.yaml", "--out", "c.yaml"), "--out would write over c.yaml, which is read as --columns"),
        (("init", "l.csv", "--out", "l.csv"), "--out would write over l.csv, which is read as LEADS"),
    ],
)  # fmt: skip
def test_it_rejects_a_file_that_is_read_or_written_twice(here: Path, line: tuple[str, ...], told: str) -> None:
    (here / "x").mkdir()
    (here / "link.csv").symlink_to("l.csv")
    (here / "s.csv.rejected.csv").write_bytes((here / "l.csv").read_bytes())
    before = held(here)
    done = vaglio(*(part.format(here=here) for part in line), cwd=here)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert told in done.stderr
    assert held(here) == before


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ((*READ, "--out", ""), "--out"),
        ((*READ, "--out", "s.csv", "--contributions", ""), "--contributions"),
        ((*READ, "--out", "s.csv", "--report="), "--report"),
        (("score", "m.yaml", "--leads", "", "--out", "s.csv"), "--leads"),
        (("score", "m.yaml", "", "--leads", "l.csv", "--out", "s.csv"), "MODEL"),
        (("learn", *WON, "--out", ""), "--out"),
        (("leaks", *WON, "--activities", ""), "--activities"),
        (("sample", "m.yaml", "--leads", "l.csv", "--marks", "a.csv", "--marks", ""), "--marks"),
        (("demo-data", ""), "DIRECTORY"),
        (("push", ""), "MODEL"),
    ],
)
def test_it_rejects_a_file_that_is_named_by_nothing(here: Path, line: tuple[str, ...], named: str) -> None:
    before = held(here)
    done = vaglio(*line, cwd=here)
    assert (done.returncode, done.stderr) == (
        2,
        f"vaglio: {named} is empty, and names no file; name one; is a variable of the shell not set?\n",
    )
    assert held(here) == before


def test_it_rejects_the_leads_as_the_place_of_scores(here: Path) -> None:
    done = started("score", "m.yaml", "--leads", "l.csv", "--out", "l.csv", cwd=here)
    assert done.returncode == 2
    assert done.stderr == "vaglio: --out would write over l.csv, which is read as --leads; name another\n"


def test_every_output_of_every_command_is_looked_at() -> None:
    from typer.main import get_command

    from vaglio.cli.apart import WRITTEN

    commands = get_command(app).commands  # type: ignore[attr-defined]
    known = {"model", "before", "after", "directory", "leads", "accounts", "activities", "field_changes", "lists", "outcomes", "previous",
             "prior", "marks"}  # fmt: skip
    for name in ("score", "learn", "suggest", "leaks", "backtest", "thresholds", "drift", "sample", "prepare", "init", "explain", "diff",
                 "replay", "check", "demo-data"):  # fmt: skip
        files = {each.name for each in commands[name].params if "Path" in str(each.type_descriptor.annotation)}
        assert files <= known | set(WRITTEN), name


def test_scores_are_brought_forward_in_place(here: Path) -> None:
    first = vaglio(*READ, "--out", "s.parquet", "--resumable", "--as-of", "2026-10-01", cwd=here)
    assert first.returncode == 0, first.stderr
    again = vaglio(
        *READ, "--as-of", "2026-10-02", "--changed-since", "2026-10-01", "--previous", "s.parquet", "--out", "./s.parquet", cwd=here,
    )  # fmt: skip
    assert again.returncode == 0, again.stderr
    assert "2026-10-02" in again.stdout and pq.read_table(here / "s.parquet").num_rows == 400


def test_activities_are_prepared_in_place(here: Path) -> None:
    done = vaglio("prepare", "a.parquet", "--out", "a.parquet", cwd=here)
    assert done.returncode == 0, done.stderr
    assert "vaglio_signature" in pq.read_schema(here / "a.parquet").names


@pytest.mark.parametrize("command", [("learn", "--method", "logistic"), ("suggest",)])
def test_a_model_by_hand_is_not_learned_over_and_a_learned_one_is(here: Path, command: tuple[str, ...]) -> None:
    hand = here / "hand.yaml"
    hand.write_text(f"# months of work by hand\n{SMALL}", encoding="utf-8")
    refused = vaglio(*command, *WON, "--out", hand, cwd=here)
    assert (refused.returncode, refused.stdout) == (2, "") and "hand.yaml exists already" in refused.stderr
    assert hand.read_text(encoding="utf-8").startswith("# months of work by hand\n")
    (here / "other.csv").write_text("lead_id,mine\nREAL,1\n", encoding="utf-8")
    refused = vaglio(*command, *WON, "--out", here / "other.csv", cwd=here)
    assert refused.returncode == 2 and "other.csv exists already" in refused.stderr
    (here / "learned.yaml").touch()  # as mktemp leaves it: nothing is lost
    for _time in range(2):
        done = vaglio(*command, *WON, "--out", here / "learned.yaml", cwd=here)
        assert done.returncode == 0, done.stderr
    assert "learned:" in (here / "learned.yaml").read_text(encoding="utf-8")


def test_a_made_company_is_made_again_and_nobody_elses_files_are_written_over(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "leads.csv").write_text("lead_id,mine\nREAL,1\n", encoding="utf-8")
    refused = vaglio("demo-data", real, "--leads", "20")
    assert refused.returncode == 2 and f"{real / 'leads.csv'} exists already" in refused.stderr
    assert [path.name for path in real.iterdir()] == ["leads.csv"]
    made = tmp_path / "made"
    assert vaglio("demo-data", made, "--leads", "20").returncode == 0
    for name in [path.name for path in made.iterdir() if not path.name.startswith(".")]:
        alone = tmp_path / f"alone-{name}"
        alone.mkdir()
        (alone / name).write_text("somebody's", encoding="utf-8")
        assert vaglio("demo-data", alone, "--leads", "20").returncode == 2, name
    for more in ((), ("--seed", "2"), ("--parquet",)):
        done = vaglio("demo-data", made, "--leads", "20", *more)
        assert done.returncode == 0, done.stderr
    (made / ".vaglio-demo-data").unlink()  # as made before folders were marked
    assert vaglio("demo-data", made, "--leads", "20").returncode == 0
    (made / ".vaglio-demo-data").unlink()
    os.replace(made / "truth.json", tmp_path / "truth.json")
    assert vaglio("demo-data", made, "--leads", "20").returncode == 2


def test_two_runs_over_one_company_write_the_same_files_again(company: Path, tmp_path: Path) -> None:
    for _time in range(2):
        done = vaglio("score", MODEL, *data_options(company), *AS_OF, "--out", tmp_path / "s.csv", "--contributions", tmp_path / "c.csv")
        assert done.returncode == 0, done.stderr
