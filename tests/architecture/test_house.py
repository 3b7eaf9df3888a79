"""Rules of the house that import-linter cannot see."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = sorted(path for part in ("src", "benchmarks") for path in (ROOT / part).rglob("*.py") if "node_modules" not in path.parts)


def test_no_module_is_longer_than_400_lines() -> None:
    assert [str(path) for path in MODULES if len(path.read_text(encoding="utf-8").splitlines()) > 400] == []


def test_a_class_alone_means_one_thing() -> None:
    styles = ROOT / "src" / "vaglio_server" / "web" / "assets" / "styles"
    told = [
        (name, path.name) for path in styles.glob("*.css") for name in set(re.findall(r"^(\.?[a-z-]+) {$", path.read_text(), re.MULTILINE))
    ]
    twice = Counter(name for name, _path in told)
    assert [each for each in sorted(told) if twice[each[0]] > 1] == []


def test_a_stylesheet_is_short_and_says_one_thing_a_line() -> None:
    assets = ROOT / "src/vaglio_server/web/assets"
    found = {path: path.read_text(encoding="utf-8") for path in (*assets.glob("*.css"), *assets.glob("styles/*.css"))}
    assert len(found) > 30 and [str(path) for path, text in found.items() if len(text.splitlines()) > 400] == []
    crowded = re.compile(r"[{;}] *\w.*[;{]|\}.*\{")
    assert [f"{path.name}: {line}" for path, text in found.items() for line in text.splitlines() if crowded.search(line)] == []
    # One that is not brought in would be read by people and by no browser.
    brought = set(re.findall(r'@import "\./styles/(\w+)\.css"', found[assets / "app.css"]))
    assert brought == {path.stem for path in found if path.parent.name == "styles"}


def test_no_drawer_of_odds_and_ends() -> None:
    assert [str(path) for path in MODULES if path.stem in {"utils", "helpers", "common", "misc"}] == []


def test_every_todo_names_an_issue() -> None:
    found = [f"{path}: {line}" for path in MODULES for line in path.read_text(encoding="utf-8").splitlines() if "TODO" in line]
    assert [line for line in found if not re.search(r"TODO\(#\d+\)", line)] == []


def test_the_lock_files_hold_hashes_and_no_addresses() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text and "://" not in text


def test_make_drill_runs_every_file_that_has_a_drill() -> None:
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\ndrill:", 1)[1].split("\n\n", 1)[0]
    run = {ROOT / name for line in recipe.splitlines() if '-m "not drill"' not in line for name in re.findall(r"tests/[\w/.]+", line)}
    has = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__) and "mark.drill" in path.read_text(encoding="utf-8")]
    assert len(has) > 20 and [str(path) for path in has if run.isdisjoint({path, *path.parents})] == []


def test_no_two_advisory_locks_have_one_number() -> None:
    # A lock is found where it is named, or where it is used without a name; a session's two uses are of one lock.
    named = re.compile(r"^[A-Z_]+ = (730_?4\d\d)\b", re.MULTILINE)
    found = [number.replace("_", "") for path in MODULES for number in named.findall(path.read_text(encoding="utf-8"))]
    assert len(found) > 8 and sorted(found) == sorted(set(found))


def test_no_file_is_half_merged() -> None:
    kinds = {".py", ".html", ".txt", ".css", ".js", ".ts", ".md", ".yaml", ".toml"}
    kept = [path for part in ("src", "tests", "docs", "models", "benchmarks") for path in (ROOT / part).rglob("*") if path.suffix in kinds]
    mark = re.compile("^<{7} |^>{7} ", re.MULTILINE)
    asked = [path for path in kept if not {"node_modules", "static"} & set(path.parts)]
    assert len(asked) > 500 and [str(path) for path in asked if mark.search(path.read_text(encoding="utf-8"))] == []
