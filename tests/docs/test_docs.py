"""The docs say what the code does: every kind has its page, every example runs, every code is listed."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.engine import oracle
from tests.engine.tables import Row, facts_of, shared_engine
from vaglio.dates import parse_instant
from vaglio.document import ModelDocument, load, loads
from vaglio.document.checks import CHECKS
from vaglio.engines import ENGINES
from vaglio.engines.duckdb import DuckDBEngine
from vaglio.engines.postgres.dialect import DIALECT as POSTGRES
from vaglio.engines.spark.dialect import DIALECT as SPARK
from vaglio.engines.sqlite import SQLiteEngine
from vaglio.plan import Instants
from vaglio.rules import KINDS
from vaglio.scoring import score_rows

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
AS_OF = parse_instant("2026-10-01")
SHELL = """format: 1
name: example
inputs:
  fields: {job_title: string, employees: integer, country: string}
  account_fields: {segment: string}
  activities:
    page_viewed: {path: string}
    content_downloaded: {content_type: string}
    webinar_attended: {minutes: integer}
"""
PROFILE = "profile:\n  letters: {A: 3, B: 2, C: 1}\n"
ENGAGEMENT = "engagement:\n  digits: {1: 3, 2: 2, 3: 1}\n"


def blocks() -> Iterator[tuple[str, str]]:
    for page in sorted(DOCS.rglob("*.md")):
        for number, found in enumerate(re.finditer(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)):
            yield f"{page.relative_to(DOCS)}#{number}", found[1]


BLOCKS = dict(blocks())
DIALECTS = {"duckdb": DuckDBEngine.dialect, "sqlite": SQLiteEngine.dialect, "postgres": POSTGRES, "spark": SPARK}


def whole(block: str) -> str:
    """Complete an example: a whole model stays, rules are put on the axis they fit, other parts beside empty axes."""
    if block.startswith("format: 1"):
        return block
    if not block.startswith("rules:"):
        return SHELL + block + PROFILE + ENGAGEMENT
    inside = "".join(f"  {line}\n" for line in block.splitlines())
    return SHELL + (PROFILE + inside + ENGAGEMENT if "weight:" in block else PROFILE + ENGAGEMENT + inside)


def tiny(document: ModelDocument) -> dict[str, list[Row]]:
    """Return a company of two leads who did one of each declared thing."""
    samples: Row = {"string": "x", "integer": 7, "number": 1.5, "boolean": True, "date": AS_OF - 1}
    inputs = document.inputs
    fields = {name: samples[kind] for name, kind in inputs.fields.items()}
    done = [
        {
            "lead_id": "L1",
            "activity_type": name,
            "occurred_at": AS_OF - 1,
            "properties": {n: samples[k] for n, k in given.items()},
        }
        for name, given in inputs.activities.items()
    ]
    leads = [{"lead_id": "L1", "account_id": "A1", "created_at": AS_OF - 9, **fields}, {"lead_id": "L2"}]
    accounts = [{"account_id": "A1", **{name: samples[kind] for name, kind in inputs.account_fields.items()}}]
    return {"leads": leads, "accounts": accounts, "activities": done, "field_changes": [], "lists": []}


@pytest.mark.parametrize("name", BLOCKS)
def test_every_example_loads_and_scores(name: str) -> None:
    document = loads(whole(BLOCKS[name]))
    engine = shared_engine()
    rows = score_rows(engine, document, facts_of(engine, document, tiny(document)), Instants(AS_OF, AS_OF))
    assert len(rows) <= 2
    assert document.audience or len(rows) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_page_oracle_rows_and_example(kind: str) -> None:
    page = DOCS / "reference" / "rules" / f"{kind}.md"
    assert page.read_text(encoding="utf-8").startswith(f"# `{kind}`\n")
    assert kind in oracle.KINDS
    assert (ROOT / "tests" / "engine" / "rules" / f"test_{kind}.py").exists()
    models = [load(path) for path in sorted((ROOT / "models").glob("*.yaml"))] + [loads(whole(block)) for block in BLOCKS.values()]
    assert any(rule.kind == kind for model in models for _, rule in model.rules())  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_kind_is_on_its_page(kind: str) -> None:
    text = (DOCS / "reference" / "rules" / f"{kind}.md").read_text(encoding="utf-8")
    keys = {field.alias or name for name, field in KINDS[kind].model_fields.items()} - {"kind"}
    keys -= {"points", "weight"} if kind in ("bands", "bands_2d") else set()
    assert not {key for key in keys if f"`{key}`" not in text}


def test_every_key_of_the_document_is_on_its_page() -> None:
    text = (DOCS / "reference" / "document.md").read_text(encoding="utf-8")
    assert not {name for name in ModelDocument.model_fields if f"`{name}`" not in text}


@pytest.mark.parametrize("name", ["duckdb", "sqlite", "postgres", "spark"])
def test_every_engine_is_told_with_its_ways(name: str) -> None:
    text = (DOCS / "reference" / "engines.md").read_text(encoding="utf-8")
    dialect = DIALECTS[name]
    section = text.split(f"\n## `{name}`\n")[1].split("\n## ")[0]
    for trait, each in dialect.traits().items():
        shown = trait.replace("_", " ")
        assert f"* {shown}: {each.way}. {each.sentence}" in section
        (row,) = re.findall(rf"^\| {shown} \| .*$", text, re.MULTILINE)
        assert row.split(" | ")[2 + list(DIALECTS).index(name)].removesuffix(" |") == each.way
    assert ENGINES.keys() <= DIALECTS.keys()


def test_every_model_has_its_page() -> None:
    models = {path.stem for path in (ROOT / "models").glob("*.yaml")}
    assert models <= {path.stem for path in (DOCS / "reference" / "models").glob("*.md")}


def issue_codes() -> set[str]:
    """Return every code given to an Issue in the source, and those of load's sentences."""
    found: set[str] = set(CHECKS)
    for path in (ROOT / "src" / "vaglio" / "document").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Issue"
            if called and node.args and isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]
                found.add(node.args[0].value)  # type: ignore[attr-defined]
            if isinstance(node, ast.FunctionDef) and node.name == "_say":
                values = [one.value for one in ast.walk(node) if isinstance(one, ast.Return)]
                found |= {value.elts[0].value for value in values if isinstance(value, ast.Tuple)}  # type: ignore[attr-defined, misc]
    return {str(code) for code in found}


def test_every_issue_code_is_listed() -> None:
    text = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert issue_codes() <= listed
    assert not [code for code in CHECKS if code not in listed]


def error_codes(where: str, *classes: str) -> set[str]:
    """Return the codes of errors of some classes that are raised in a package."""
    found = set()
    for path in (ROOT / "src" / where).rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if any(f"{name}(" in text for name in classes) else ():
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes
            if called and isinstance(node.args[0], ast.Constant):  # type: ignore[attr-defined]
                found.add(node.args[0].value)  # type: ignore[attr-defined]
    return found


def test_every_error_code_is_listed_and_none_that_is_gone() -> None:
    data, service = (DOCS / "reference" / "errors.md").read_text(encoding="utf-8").split("## Data")[1].split("## The service")
    codes = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
    assert set(codes.findall(data)) == error_codes("vaglio", "DataError", "UnsupportedError") | {"engine_failed", "internal"}
    of_service = error_codes("vaglio/private", "VaglioError") | error_codes("vaglio_server", "VaglioError")
    assert set(codes.findall(service)) == of_service and len(of_service) > 10


def test_every_command_has_a_heading_and_an_example() -> None:
    from typer.main import get_command

    from vaglio.cli.main import app

    text = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    commands: Any = get_command(app)
    for name in commands.commands:
        section = text.split(f"## `vaglio {name}`", 1)
        assert len(section) == 2, f"docs/reference/commands.md has no heading for vaglio {name}"
        assert f"vaglio {name} " in section[1].split("\n## ")[0] or name in ("kinds", "schema"), name
        for option in (part for part in commands.commands[name].params if part.param_type_name == "option"):
            assert option.opts[0] in text, f"docs/reference/commands.md does not name {option.opts[0]}"


@pytest.mark.parametrize("name", ["leaks", "suggest"])
def test_a_command_that_takes_options_of_another_takes_those_that_are_said(name: str) -> None:
    from typer.main import get_command

    from vaglio.cli.main import app

    commands: Any = get_command(app)
    text = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    said = set(re.findall(r"--[a-z-]+", text.split(f"## `vaglio {name}`")[1].split("\n## ")[0]))
    assert said == {each.opts[0] for each in commands.commands[name].params if each.param_type_name == "option"} - {"--help"}


def test_every_setting_is_listed_and_none_that_is_gone() -> None:
    from vaglio_server.config.env import SETTINGS

    text = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == [setting.name for setting in SETTINGS]


def test_yaml_of_the_docs_is_yaml() -> None:
    for name, block in BLOCKS.items():
        assert YAML(typ="safe", pure=True).load(block), name
