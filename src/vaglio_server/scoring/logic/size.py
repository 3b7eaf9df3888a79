"""How much a model asks, where its plan is written for a single answer: counted is what plans take long to be written for."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from vaglio.condition import Test, Where
from vaglio.document import ModelDocument
from vaglio.rules.engaged_colleagues import EngagedColleagues
from vaglio.steps import AgeBand, CountBand

# All of it together takes three seconds of a processor; without bounds, 64,000 characters of it took minutes. More fields and rules on
# colleagues than SQLite joins tables would have the plan written for it in vain.
MOST = {"fields and properties": 50, "rules": 100, "rules of kind engaged_colleagues": 10, "conditions": 600}


def too_much(document: ModelDocument) -> list[tuple[str, int, int]]:
    """Return what a model has too much of: what it is, how many there are, and how many there may be."""
    return [(what, number, MOST[what]) for what, number in _size(document).items() if number > MOST[what]]


def _size(document: ModelDocument) -> dict[str, int]:
    rules = [rule for _axis, rule in document.rules()]
    numbers = (
        len(document.inputs.fields) + len(document.inputs.account_fields) + len(document.inputs.property_types()),
        len(rules),
        sum(1 for rule in rules if isinstance(rule, EngagedColleagues)),
        sum(map(_asked, _parts(document))),
    )
    return dict(zip(MOST, numbers, strict=True))


def _parts(value: Any) -> Iterator[Any]:
    """Yield every part of a model, however deep it lies."""
    yield value
    if isinstance(value, BaseModel):
        for _name, each in value:
            yield from _parts(each)
    elif isinstance(value, tuple | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _parts(each)


def _asked(part: Any) -> int:
    """Return how many conditions a part is, those inside it not counted: a band is one; texts of a list are one, numbers one each."""
    if isinstance(part, Test):
        return sum(map(_values, part.operators().values()))
    if isinstance(part, Where):
        return sum(1 for value in (part.__pydantic_extra__ or {}).values() if not isinstance(value, Test))
    return int(isinstance(part, CountBand | AgeBand))


def _values(value: Any) -> int:
    numbers = sum(1 for each in value if isinstance(each, int | Decimal)) if isinstance(value, tuple) else 0
    return max(1, numbers)
