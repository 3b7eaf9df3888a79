import subprocess
from pathlib import Path

import pytest

from tests.cli.company import AS_OF, MODEL, data_options, started
from vaglio.demo import make


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("company")
    make(folder, leads=400)
    return folder


@pytest.fixture(scope="session")
def scored(company: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The company scored once with everything that can be asked for: what was printed, and the folder of what was written."""
    out = tmp_path_factory.mktemp("scored")
    told = started(
        "score", MODEL, *data_options(company), *AS_OF, "--out", out / "s.csv", "--contributions", out / "c.csv", "--activities-detail",
        out / "d.csv", "--outcomes", company / "outcomes.csv", "--report", out / "r.html", "--top", 3,
    )  # fmt: skip
    return told, out
