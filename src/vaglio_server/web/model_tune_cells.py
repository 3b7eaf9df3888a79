"""A choice for each cell of the matrix, as a form: what a model says of ratings in lists of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from django.utils.translation import gettext as _

from vaglio.terms import LETTERS, RATINGS


@dataclass(frozen=True)
class Cell:
    """A rating, the list it is in, and which was chosen; ``part``: what the form chooses."""

    part: str
    rating: str
    was: str
    chosen: str

    @property
    def name(self) -> str:
        """What its box is called in the form."""
        return f"{self.part}.{self.rating}"

    @property
    def is_other(self) -> bool:
        """Whether something else was chosen."""
        return self.chosen != self.was


@dataclass(frozen=True)
class Cells:
    """Every cell; ``options``: the lists a rating may be in, with what people call them, "" where the model does not say.

    ``lists`` are those the text has, without the one that takes the rest; None: it says nothing at all.
    """

    cells: list[Cell]
    options: dict[str, str]
    lists: dict[str, tuple[str, ...]] | None

    @property
    def takes_new(self) -> bool:
        """Whether a rating may be put into a list that is not there yet."""
        return False

    @property
    def fault(self) -> str:
        """What is wrong; empty: nothing."""
        return ""

    @property
    def rows(self) -> list[tuple[str, list[Cell]]]:
        """The cells by letter."""
        return [(letter, [cell for cell in self.cells if cell.rating[0] == letter]) for letter in LETTERS]

    def filled(self, given: Mapping[str, str]) -> Self:
        """Return it as it was filled in; what is no choice, or was not sent, stays as it was."""
        typed = {cell.rating: given.get(cell.name, cell.was) for cell in self.cells}
        cells = [replace(cell, chosen=typed[cell.rating] if typed[cell.rating] in self.options else cell.was) for cell in self.cells]
        return replace(self, cells=cells)

    def changed(self) -> dict[tuple[str | int, ...], Any]:
        """Return the places of the text at which something else has to stand, with that."""
        if self.fault or not any(cell.is_other for cell in self.cells):
            return {}
        return self._written()

    def _written(self) -> dict[tuple[str | int, ...], Any]:
        raise NotImplementedError

    def _others(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each list that is another, with what is in it."""
        for name in filter(None, self.options):
            was = (self.lists or {}).get(name, ())
            becomes = [cell.rating for cell in self.cells if cell.chosen == name]
            becomes.sort(key=lambda rating: was.index(rating) if rating in was else len(was))  # those that stay keep their order
            if set(was) != set(becomes):
                yield name, becomes


def cells_of(part: str, led: Mapping[str, str]) -> list[Cell]:
    """Return the cells as they are; ``led``: the list each rating is in."""
    return [Cell(part, rating, led[rating], led[rating]) for rating in RATINGS]


def with_unsaid(options: dict[str, str], led: Mapping[str, str]) -> dict[str, str]:
    """Return options with the one that nothing is said, where that is so of some rating."""
    return options | ({"": _("not said")} if "" in led.values() else {})
