"""Where each rating leads, as a form: one choice a cell of the matrix, and the name of a new nurture track."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from vaglio.terms import LETTERS, RATINGS
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.scoring.logic.adding import track_name
from vaglio_server.web.words import plain

NEW = "new track"  # no name of a document has a space
_FIXED = ("sales", "none")


@dataclass(frozen=True)
class Cell:
    """A rating, where it leads, and what was chosen."""

    rating: str
    was: str
    chosen: str

    @property
    def name(self) -> str:
        """What its box is called in the form."""
        return f"leads_to.{self.rating}"

    @property
    def is_other(self) -> bool:
        """Whether something else was chosen."""
        return self.chosen != self.was


@dataclass(frozen=True)
class Matrix:
    """Every cell; ``options``: where a rating may lead, with what people call that; ``track``: the name of a new one, as it was typed."""

    cells: list[Cell]
    options: dict[str, str]
    lists: dict[str, tuple[str, ...]] | None  # as the text has them; None: it says nothing of ratings
    track: str = ""

    @property
    def is_new(self) -> bool:
        """Whether some rating leads to a new track."""
        return any(cell.chosen == NEW for cell in self.cells)

    @property
    def fault(self) -> str:
        """What is wrong; empty: nothing."""
        if not self.is_new:
            return ""
        if not any(sign.isalnum() for sign in self.track):
            return _("write what the new nurture list is called")
        return _("there is one of this name; choose it in the cells") if self._called.lower() in map(str.lower, self.options) else ""

    @property
    def _called(self) -> str:
        return track_name(self.track, self.options)

    @property
    def rows(self) -> list[tuple[str, list[Cell]]]:
        """The cells by letter."""
        return [(letter, [cell for cell in self.cells if cell.rating[0] == letter]) for letter in LETTERS]

    def filled(self, given: Mapping[str, str]) -> "Matrix":
        """Return it as it was filled in; what is no choice, or was not sent, stays as it was."""
        typed = {cell.rating: given.get(cell.name, cell.was) for cell in self.cells}
        cells = [replace(cell, chosen=typed[cell.rating] if typed[cell.rating] in self.options else cell.was) for cell in self.cells]
        return replace(self, cells=cells, track=" ".join(given.get("new_track", "").split()))

    def changed(self) -> dict[tuple[str | int, ...], Any]:
        """Return the places of the text at which something else has to stand, with that."""
        if self.fault or not any(cell.is_other for cell in self.cells):
            return {}
        values = dict(self._lists())
        if self.lists is not None:
            return {("ratings", *path): ratings for path, ratings in values.items()}
        tracks = {path[1]: ratings for path, ratings in values.items() if len(path) > 1}
        fixed = {path[0]: ratings for path, ratings in values.items() if len(path) == 1}
        return {("ratings",): fixed | ({"nurture": tracks} if tracks else {})}

    def _lists(self) -> Iterator[tuple[tuple[str, ...], list[str]]]:
        """Yield each list of ratings that is another: where it stands under ``ratings``, and what is in it."""
        for name in filter(None, self.options):
            was = (self.lists or {}).get(name, ())
            becomes = [cell.rating for cell in self.cells if cell.chosen == name]
            becomes.sort(key=lambda rating: was.index(rating) if rating in was else len(was))  # those that stay keep their order
            if set(was) != set(becomes):
                called = self._called if name == NEW else name
                yield ((called,) if name in _FIXED else ("nurture", called)), becomes


def matrix_of(document: ModelDocument) -> Matrix:
    """Return the matrix as a document has it."""
    led = {rating: document.destination(rating) or "" for rating in RATINGS}
    tracks = document.ratings.nurture if document.ratings else {}
    lists = {name: plain(name).capitalize() for name in tracks}
    options = {"sales": _("Sales"), **lists, NEW: _("a new list"), "none": _("No action")}
    if "" in led.values():
        options[""] = _("not said")
    said = document.ratings.destinations() if document.ratings else None
    return Matrix([Cell(rating, name, name) for rating, name in led.items()], options, said)
