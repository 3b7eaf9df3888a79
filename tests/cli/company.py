"""One small made company for all command tests, and two ways to run commands: as a stranger would, and quickly."""

import csv
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from itertools import islice
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "b2b_software.yaml"
AS_OF = ("--as-of", "2026-10-01")


def vaglio(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as its script does, in this process, which has loaded everything already; :func:`started` starts it for real."""
    from vaglio.cli.main import run

    command, code = ["vaglio", *(str(argument) for argument in arguments)], 0
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as errors, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", command)
        patch.chdir(cwd or Path.cwd())
        try:
            run()
        except SystemExit as end:
            assert end.code is None or isinstance(end.code, int)
            code = end.code or 0
    return subprocess.CompletedProcess(command, code, out.getvalue(), errors.getvalue())


def started(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, as a stranger does: each command is started so by at least one test."""
    command = [sys.executable, "-W", "error::UserWarning:vaglio", "-m", "vaglio.cli.main", *(str(argument) for argument in arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, timeout=300)


def data_options(folder: Path) -> list[object]:
    """Return the options that name the company's files."""
    names = {"leads": "leads", "accounts": "accounts", "activities": "activities", "field-changes": "field_changes", "lists": "lists"}
    return [part for option, name in names.items() for part in (f"--{option}", folder / f"{name}.csv")]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def first(number: int, path: Path, out: Path) -> Path:
    """Write the first rows of a file of leads, of whom so many are learned from in a third of the time."""
    with path.open(encoding="utf-8", newline="") as file, out.open("w", encoding="utf-8", newline="") as to:
        csv.writer(to).writerows(islice(csv.reader(file), number + 1))
    return out
