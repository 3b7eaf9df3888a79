"""The parts of the form by which a model is changed: rules and terms with their boxes, under what they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from vaglio_server.web.model_tune_cells import Cells
from vaglio_server.web.model_tune_place import Place, typed


@dataclass(frozen=True)
class Row:
    """A rule, a term, or what an axis says beside its rules."""

    title: str
    sentence: str
    places: list[Place]
    asks: list[Place] = field(default_factory=list)  # what has to be true for it
    at: tuple[str | int, ...] = ()  # where it stands in the text; empty: it cannot be taken out
    is_out: bool = False

    @property
    def out(self) -> str:
        """The name of the tick by which it is taken out; empty: it cannot be."""
        return ".".join(map(str, ("out", *self.at))) if self.at else ""

    @property
    def boxes(self) -> list[Place]:
        """All its boxes."""
        return [*self.places, *self.asks]

    @property
    def is_open(self) -> bool:
        """Whether something else was typed of what it asks."""
        return any(place.is_other for place in self.asks)

    def filled(self, given: Mapping[str, str]) -> "Row":
        """Return it with what was typed and ticked."""
        places, asks = ([typed(each, given) for each in some] for some in (self.places, self.asks))
        return replace(self, places=places, asks=asks, is_out=bool(self.out) and self.out in given)


@dataclass(frozen=True)
class Side:
    """A part of the form: an axis, or what else a model says; ``links``: what can be added, by ``about`` of the form of a rule."""

    name: str
    title: str
    rows: list[Row]
    term: str = ""
    links: tuple[tuple[str, str], ...] = ()
    matrix: Cells | None = None

    def filled(self, given: Mapping[str, str]) -> "Side":
        """Return it as it was filled in."""
        return replace(self, rows=[row.filled(given) for row in self.rows], matrix=self.matrix and self.matrix.filled(given))
