"""How hot each rating is, as a form: one choice a cell of the matrix."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from vaglio.terms import RATINGS
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.web.model_tune_cells import Cells, cells_of, with_unsaid

_REST = "rest"


@dataclass(frozen=True)
class Temperatures(Cells):
    """How hot every rating is; ``rest``: the temperature of those that no list names."""

    rest: str = ""

    def _written(self) -> dict[tuple[str | int, ...], Any]:
        if self.lists is not None:
            return {("temperature", name): ratings for name, ratings in self._others() if name != self.rest}
        # All three, since one that is not written would take the rest.
        return {("temperature",): {name: [] for name in filter(None, self.options)} | dict(self._others())}


def temperatures_of(document: ModelDocument) -> Temperatures:
    """Return how hot ratings are as a document has it."""
    its = document.temperature
    led = {rating: (its.of(rating) if its else None) or "" for rating in RATINGS}
    options = with_unsaid({"hot": _("Hot"), "warm": _("Warm"), "cold": _("Cold")}, led)
    said = {name: getattr(its, name) for name in filter(None, options)} if its else {}
    lists = {name: ratings for name, ratings in said.items() if ratings != _REST}
    rest = next((name for name, ratings in said.items() if ratings == _REST), "")
    return Temperatures(cells_of("temperature", led), options, lists if its else None, rest)
