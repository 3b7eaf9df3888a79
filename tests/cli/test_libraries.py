"""Commands where the libraries of learning are not installed: those that need them say so in one line, the others go on."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.company import MODEL, data_options


def without(missing: tuple[str, ...], *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a process in which some libraries cannot be imported."""
    text = f"import sys; sys.modules.update(dict.fromkeys({missing!r})); from vaglio.cli.main import run; run()"
    command = [sys.executable, "-c", text, *(str(each) for each in arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    lines = [f"l{n},{'software' if n % 3 else 'retail'},{'yes' if n % 3 and n % 2 else 'no'}" for n in range(300)]
    path.write_text("\n".join(["lead_id,sector,won", *lines]) + "\n", encoding="utf-8")
    return path


def test_points_are_proposed_without_them(leads: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    done = without(("scipy", "interpret"), "suggest", "--leads", leads, "--outcome-field", "won", "--report", report)
    assert done.returncode == 0 and "proposals" in done.stdout and report.exists(), done.stderr


def test_logistic_regression_needs_no_boosting(leads: Path, tmp_path: Path) -> None:
    done = without(
        ("interpret",), "learn", "--method", "logistic", "--leads", leads, "--outcome-field", "won", "--out", tmp_path / "m.yaml"
    )
    assert done.returncode == 0, done.stderr


def test_pandas_is_not_imported_to_score_and_can_be_imported(company: Path, tmp_path: Path) -> None:
    text = "import sys; from vaglio.cli.main import app; app(sys.argv[1:], standalone_mode=False); before = 'pandas' in sys.modules; " \
           "import pandas, pyarrow; print(before, pyarrow.table({'a': [1]}).to_pandas().shape)"  # fmt: skip
    command = [sys.executable, "-c", text, "score", MODEL, *data_options(company), "--out", tmp_path / "s.csv"]
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False (1, 1)"


@pytest.mark.parametrize(
    "arguments",
    [("thresholds", MODEL, "--calls", 3, "--leads"), ("learn", "--method", "logistic", "--out", "m.yaml", "--leads")],
)
def test_who_needs_them_says_so(leads: Path, arguments: tuple[object, ...]) -> None:
    done = without(("scipy", "interpret"), *arguments, leads)
    assert done.returncode == 2 and "pip install 'vaglio[learn]'" in done.stderr and "Traceback" not in done.stderr


def test_the_engine_in_a_database_needs_its_driver(leads: Path, tmp_path: Path) -> None:
    done = without(("adbc_driver_postgresql",), "score", MODEL, "--leads", leads, "--out", tmp_path / "s.csv", "--engine", "postgres")
    assert done.returncode == 2
    assert done.stderr == ("vaglio: the postgres engine needs adbc_driver_postgresql; install them with: pip install 'vaglio[postgres]'\n")


def test_spark_needs_pyspark(leads: Path, tmp_path: Path) -> None:
    done = without(("pyspark",), "score", MODEL, "--leads", leads, "--out", tmp_path / "s.csv", "--engine", "spark")
    assert done.returncode == 2
    assert done.stderr == "vaglio: the spark engine needs pyspark; install it with: pip install 'vaglio[spark]', or make spark in a clone\n"
