"""Rules of the house that import-linter cannot see."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for part in ("src", "benchmarks") for path in (ROOT / part).rglob("*.py") if "node_modules" not in path.parts)


def test_no_module_is_longer_than_400_lines() -> None:
    assert [str(path) for path in MODULES if len(path.read_text(encoding="utf-8").splitlines()) > 400] == []


def test_no_drawer_of_odds_and_ends() -> None:
    assert [str(path) for path in MODULES if path.stem in {"utils", "helpers", "common", "misc"}] == []


def test_every_todo_names_an_issue() -> None:
    found = [f"{path}: {line}" for path in MODULES for line in path.read_text(encoding="utf-8").splitlines() if "TODO" in line]
    assert [line for line in found if not re.search(r"TODO\(#\d+\)", line)] == []


def test_the_lock_files_hold_hashes_and_no_addresses() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text and "://" not in text
