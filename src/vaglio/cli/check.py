"""``vaglio check``: faults and doubts of a model document."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from vaglio.cli.options import Json


def check(
    model: Annotated[list[Path], typer.Argument(help="model documents")],
    as_json: Json = False,
) -> None:
    """Check model documents: faults (exit 2) and doubts (exit 1), each with its line.

    Example: vaglio check models/b2b_software.yaml
    """
    from vaglio.document import fingerprint, loads
    from vaglio.document.checks import doubts
    from vaglio.document.load import read_text
    from vaglio.errors import DocumentError, Issue

    worst, shown = 0, []
    for path in model:
        found: list[tuple[str, Issue]] = []
        mark = ""
        try:
            text = read_text(path)
            document = loads(text, source=str(path))
            found = [("doubt", issue) for issue in doubts(text)]
            mark = f"{document.title or document.name}, {sum(1 for _ in document.rules())} rules, fingerprint {fingerprint(document)[:12]}"
        except DocumentError as error:
            found = [("fault", issue) for issue in error.issues]
        worst = max(worst, *(2 if kind == "fault" else 1 for kind, _issue in found), 0)
        shown.append({"model": str(path), "summary": mark, "issues": [{"kind": kind, **_plain(issue)} for kind, issue in found]})
        if not as_json:
            _print(path, mark, found)
    if as_json:
        print(json.dumps(shown, indent=2, ensure_ascii=False))
    raise typer.Exit(worst)


def _plain(issue: object) -> dict[str, object]:
    return {name: getattr(issue, name) for name in ("code", "line", "path", "message", "hint")}


def _print(path: Path, mark: str, found: Sequence[tuple[str, object]]) -> None:
    for kind, issue in found:
        print(f"{path}: {kind}: {issue}", file=sys.stderr)
    if mark:
        doubts = f"{len(found)} doubts" if len(found) != 1 else "1 doubt"
        print(f"{path}: valid ({mark}), {doubts if found else 'no doubts'}")
