"""What a document says of where its points come from; see :mod:`vaglio.document.origin`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from importlib.metadata import version
from typing import Any

from vaglio.dates import format_instant
from vaglio.document import ModelDocument
from vaglio.document.origin import Origin
from vaglio.terms import MICROSECONDS, format_duration


@dataclass(frozen=True)
class When:
    """When leads were looked at, as far as it is known.

    ``first`` and ``last``: when the first and the last of them were created; ``watermark``: facts that became known after it were not
    seen [µs UTC]. ``at_age``: how long after its creation each was looked at, instead of all at once; ``horizon``: how long outcomes were
    waited for [µs].
    """

    first: int | None = None
    last: int | None = None
    watermark: int | None = None
    at_age: int | None = None
    horizon: int | None = None


@dataclass(frozen=True)
class Made:
    """What a document was made of: of how many leads, by what (the names of ``libraries``), and how good it was on leads held out."""

    method: str
    leads: int
    outcomes: int
    when: When
    libraries: Sequence[str] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    full: bool = False
    seed: int | None = None

    def plain(self) -> dict[str, Any]:
        """Return it as a document's text has it."""
        when = self.when
        found: dict[str, Any] = {"method": self.method, **({"full": True} if self.full else {})}
        found |= {"leads": self.leads, "outcomes": self.outcomes}
        if when.first is not None and when.last is not None:
            found["window"] = {"first": format_instant(when.first), "last": format_instant(when.last)}
        if when.watermark is not None:
            found["watermark"] = format_instant(when.watermark)
        spans = {"at_age": when.at_age, "horizon": when.horizon}
        found |= {name: format_duration(span // MICROSECONDS) for name, span in spans.items() if span is not None}
        if self.seed is not None:
            found["seed"] = self.seed
        found["versions"] = {name: version(name) for name in ("vaglio", *self.libraries)}
        return found | ({"metrics": _exact(self.metrics)} if self.metrics else {})


def _exact(metrics: Mapping[str, float]) -> dict[str, Decimal]:
    return {name: Decimal(repr(round(value, 4))) for name, value in metrics.items()}


def recorded(document: ModelDocument, made: Made) -> ModelDocument:
    """Return a document that says where its points come from."""
    return document.model_copy(update={"learned": Origin.model_validate(made.plain())})
