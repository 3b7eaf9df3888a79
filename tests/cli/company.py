"""One small made company for all command tests, and a way to run commands as a stranger would."""

import csv
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "b2b_software.yaml"
AS_OF = ("--as-of", "2026-10-01")


def vaglio(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    command = [sys.executable, "-W", "error::UserWarning:vaglio", "-m", "vaglio.cli.main", *(str(argument) for argument in arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False, timeout=300)


def data_options(folder: Path) -> list[object]:
    """Return the options that name the company's files."""
    names = {"leads": "leads", "accounts": "accounts", "activities": "activities", "field-changes": "field_changes", "lists": "lists"}
    return [part for option, name in names.items() for part in (f"--{option}", folder / f"{name}.csv")]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
