"""What ``--at-age`` does to companies and to dates: which of them are set with the leads' clocks, and what cannot be."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vaglio.errors import DataError

RELATIVE = {"older_than", "newer_than"}
FIXED = {"equals", "in", "not_in", "from", "below"}


def counts_colleagues(documents: Sequence[Any]) -> list[str]:
    """Return the rules that count what colleagues did, so that companies must stay together."""
    return sorted({rule.id for each in documents for _axis, rule in each.rules() if rule.kind == "engaged_colleagues"})


def of_documents(documents: Sequence[Any], *, together: bool = False) -> frozenset[str]:
    """Return the dates that models ask the age of: they are set with the clocks, so that what lay ahead of a lead still does.

    Raises
    ------
    DataError
        A model also holds one against a day, or it is of companies that stay ``together``.
    """
    asked = {name for each in documents for name, operators in _tests(each) if operators & RELATIVE}
    _refuse(asked & _fixed(documents), "is held against a day as well as asked for its age")
    if together:
        _refuse({name for name in asked if name.startswith("account.")}, "is of companies whose leads are of different ages")
    return frozenset(asked)


def of_everything(declared: Mapping[str, Any], beside: Sequence[Any] = ()) -> frozenset[str]:
    """Return all dates of an ``inputs`` section, but those that models ``beside`` hold against a day.

    Raises
    ------
    DataError
        As :func:`of_documents`.
    """
    from vaglio.learning.candidates import fields

    of_documents(beside)
    return frozenset(name for name, kind in fields(declared).items() if kind == "date") - _fixed(beside)


def _fixed(documents: Sequence[Any]) -> set[str]:
    return {name for each in documents for name, operators in _tests(each) if operators & FIXED}


def _tests(document: Any) -> Iterator[tuple[str, set[str]]]:
    """Yield each date that a model reads, with the operators it is asked by."""
    from vaglio.condition import FieldInput
    from vaglio.plan.people import document_exprs, input_tests
    from vaglio.plan.readers import scored_rules

    inputs = document.inputs
    for source, tests in input_tests(document_exprs(document, scored_rules(document))).items():
        if isinstance(source, FieldInput):
            kinds = inputs.account_fields if source.of_account else inputs.fields
            if kinds.get(source.name) == "date":
                yield str(source), {name for test in tests for name in test.operators()}


def _refuse(names: set[str], why: str) -> None:
    if names:
        raise DataError(
            "date_at_age", f"{sorted(names)[0]} {why}, which cannot both be right with --at-age", "leave --at-age out, or that rule"
        )
