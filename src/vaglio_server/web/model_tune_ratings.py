"""Where each rating leads, as a form: one choice a cell of the matrix, and the name of a new nurture track."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from django.utils.translation import gettext as _

from vaglio.terms import RATINGS
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.scoring.logic.adding import track_name
from vaglio_server.web.model_tune_cells import Cells, cells_of, with_unsaid
from vaglio_server.web.words import plain

NEW = "new track"  # no name of a document has a space
_FIXED = ("sales", "none")


@dataclass(frozen=True)
class Matrix(Cells):
    """Where every rating leads; ``track``: the name of a new list, as it was typed."""

    track: str = ""

    @property
    def takes_new(self) -> bool:
        """Whether a rating may lead to a list that is not there yet."""
        return True

    @property
    def fault(self) -> str:
        """What is wrong; empty: nothing."""
        if not any(cell.chosen == NEW for cell in self.cells):
            return ""
        if not any(sign.isalnum() for sign in self.track):
            return _("write what the new nurture list is called")
        return _("there is one of this name; choose it in the cells") if self._called.lower() in map(str.lower, self.options) else ""

    @property
    def _called(self) -> str:
        return track_name(self.track, self.options)

    def filled(self, given: Mapping[str, str]) -> Self:
        """Return it as it was filled in, with the name of a new list."""
        return replace(super().filled(given), track=" ".join(given.get("new_track", "").split()))

    def _written(self) -> dict[tuple[str | int, ...], Any]:
        values = {self._path(name): ratings for name, ratings in self._others()}
        if self.lists is not None:
            return {("ratings", *path): ratings for path, ratings in values.items()}
        tracks = {path[1]: ratings for path, ratings in values.items() if len(path) > 1}
        fixed = {path[0]: ratings for path, ratings in values.items() if len(path) == 1}
        return {("ratings",): fixed | ({"nurture": tracks} if tracks else {})}

    def _path(self, name: str) -> tuple[str, ...]:
        """Return where a list stands under ``ratings``."""
        called = self._called if name == NEW else name
        return (called,) if name in _FIXED else ("nurture", called)


def matrix_of(document: ModelDocument) -> Matrix:
    """Return where ratings lead as a document has it."""
    led = {rating: document.destination(rating) or "" for rating in RATINGS}
    tracks = document.ratings.nurture if document.ratings else {}
    lists = {name: plain(name).capitalize() for name in tracks}
    options = {"sales": _("Sales"), **lists, NEW: _("a new list"), "none": _("No action")}
    said = document.ratings.destinations() if document.ratings else None
    return Matrix(cells_of("leads_to", led), with_unsaid(options, led), said)
