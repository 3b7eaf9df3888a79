"""Valid but doubtful models: the list of checks, written out. One file per check, named like the code of its doubts."""

from collections.abc import Callable, Iterator
from typing import Any

from vaglio.document.checks import (
    cap_below_rule,
    control_character,
    country_name,
    double_counting,
    missing_destination,
    never_fires,
    no_half_life,
    promise_without_rating,
    stale_review,
    unreachable_rating,
    unused_input,
    weights,
)
from vaglio.document.load import locate, read
from vaglio.document.model import ModelDocument
from vaglio.document.text import Path
from vaglio.errors import DocumentError, Issue

Check = Callable[[ModelDocument], Iterator[tuple[Path, Issue]]]

CHECKS: dict[str, Check] = {
    "unreachable_rating": unreachable_rating.check,
    "never_fires": never_fires.check,
    "cap_below_rule": cap_below_rule.check,
    "unused_input": unused_input.check,
    "country_name": country_name.check,
    "double_counting": double_counting.check,
    "weights": weights.check,
    "promise_without_rating": promise_without_rating.check,
    "missing_destination": missing_destination.check,
    "no_half_life": no_half_life.check,
    "stale_review": stale_review.check,
    "control_character": control_character.check,
}


def doubts(text: str) -> list[Issue]:
    """Return every doubt about a valid model text, by line.

    Raises
    ------
    DocumentError
        The text is not a valid model; faults come before doubts.
    """
    document, issues, source = read(text)
    if document is None or issues:
        raise DocumentError(issues)
    raised = [pair for check in CHECKS.values() for pair in check(document)]
    found = [locate(issue, _written(path, source.data), source) for path, issue in raised]
    return sorted(found, key=lambda issue: (issue.line or 0, issue.path, issue.code, issue.message))


def _written(path: Path, data: Any) -> Path:
    """Return a path as the text spells it: digits may be keys 1 or "1", and a single item may stand for a list."""
    spelled: list[str | int] = []
    for part in path:
        keys = list(range(len(data))) if isinstance(data, list) else list(data) if isinstance(data, dict) else []
        key = next((key for key in keys if str(key) == str(part)), None)
        if key is None:
            break
        spelled.append(key)
        data = data[key]
    return tuple(spelled)
