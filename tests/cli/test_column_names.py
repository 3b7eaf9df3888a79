"""The columns of a Parquet file may be called as people call them: with spaces, signs, and words that SQL keeps for itself."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.company import vaglio
from vaglio.document import load

AWKWARD = ("Job Title", "company-size", "crm.segment", "order", "select", 'say "hi"', "from", "größe")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    numbers = range(400)
    values = {name: [f"{'cd'[n * (place + 3) % 7 > 2]}" for n in numbers] for place, name in enumerate(AWKWARD)}
    won = [int(n * 7919 % 100 < (60 if values["Job Title"][n] == "c" else 25)) for n in numbers]
    pq.write_table(pa.table({"Lead ID": [f"L{n}" for n in numbers], **values, "won": won}), tmp_path / "leads.parquet")
    times = pa.array([1_788_000_000_000_000] * 400, pa.timestamp("us", "UTC"))
    did = {"Lead ID": [f"L{n}" for n in numbers], "Activity Type": ["webinar"] * 400, "Occurred At": times, "group": ["x"] * 400}
    pq.write_table(pa.table(did), tmp_path / "activities.parquet")
    return tmp_path


def test_a_starter_model_is_proposed(files: Path) -> None:
    done = vaglio("init", files / "leads.parquet", files / "activities.parquet", "--out", files / "m.yaml")
    assert done.returncode == 0, done.stderr
    inputs = load(files / "m.yaml").inputs
    assert {"job_title", "company_size", "crm_segment"} <= set(inputs.fields)  # a starter takes the first few
    assert "webinar" in inputs.activities
    scored = vaglio("score", files / "m.yaml", "--leads", files / "leads.parquet", "--activities", files / "activities.parquet",
                    "--out", files / "s.csv")  # fmt: skip
    assert scored.returncode == 0, scored.stderr


@pytest.mark.parametrize("command", [("suggest",), ("leaks",), ("learn", "--method", "logistic", "--out", "learned.yaml")])
def test_outcomes_are_learned_from(files: Path, command: tuple[str, ...]) -> None:
    done = vaglio(*command, "--leads", "leads.parquet", "--activities", "activities.parquet", "--outcome-field", "won", cwd=files)
    assert done.returncode == 0, done.stderr
    assert "job_title" in done.stdout + "".join(path.read_text(encoding="utf-8") for path in files.glob("*.yaml"))


def test_a_name_too_long_for_a_document_is_left_out(tmp_path: Path) -> None:
    long = "What do you hope to achieve " * 4
    lines = [f"L{n},{'cd'[n % 3 > 0]},x{n % 2},{int(n * 7919 % 100 < 30)}" for n in range(400)]
    (tmp_path / "leads.csv").write_text(f"lead_id,job,{long},won\n" + "\n".join(lines), encoding="utf-8")
    for command in (("init", "leads.csv"), ("learn", "--method", "logistic", "--leads", "leads.csv", "--outcome-field", "won")):
        done = vaglio(*command, "--out", f"{command[0]}.yaml", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert set(load(tmp_path / f"{command[0]}.yaml").inputs.fields) <= {"job", "won"}
