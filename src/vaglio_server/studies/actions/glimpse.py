"""What a text that nobody has kept yet would change, seen on some leads at once: a glimpse, where a comparison looks at all of them."""

from dataclasses import dataclass
from typing import Any

from vaglio.document import ModelDocument
from vaglio_server.scoring.engine import Scorer
from vaglio_server.studies.logic.moves import Moves
from vaglio_server.studies.queries import by_lead, draw

LEADS = 500  # that are looked at, the same ones again and again: so many take about a second


@dataclass(frozen=True)
class Glimpse:
    """How many leads were looked at, and the figures of a comparison."""

    leads: int
    told: dict[str, Any]


def glimpse(*, before: ModelDocument, after: ModelDocument, scorer: Scorer) -> Glimpse:
    """Score some leads by two documents, all from one snapshot; nothing is stored."""
    moves, ids = Moves(before, after), draw(LEADS)
    with scorer.snapshot() as snapshot:
        scores = [by_lead(scorer.scores(snapshot, document, ids)) for document in (before, after)]
    moves.add(ids, *scores)
    return Glimpse(len(ids), moves.told())
