"""A random sample of leads from each stage of the journey, to be read by people before a model goes live."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vaglio.document import ModelDocument
from vaglio.errors import DataError
from vaglio.evaluation.cohort import EXCLUDED
from vaglio.terms import RATINGS

NO_STAGE = "none"


@dataclass(frozen=True)
class Scored:
    """What the model says of a lead: its rating (empty: excluded), and the stage of the journey (empty: none)."""

    rating: str
    stage: str = ""


@dataclass(frozen=True)
class Drawn:
    """A lead that was drawn, and from what: a stage, ``none``, a rating, or ``excluded``."""

    lead: str
    drawn_from: str


@dataclass(frozen=True)
class Sample:
    """The leads that were drawn, in the order of the sheet, and of how many each part had (also those that had none)."""

    leads: tuple[Drawn, ...]
    parts: Mapping[str, int]


def parts_of(document: ModelDocument) -> tuple[str, ...]:
    """Return what is drawn from: the stages of the journey and those at none, else the cells of the matrix; and the excluded."""
    stages = tuple(stage.stage for stage in document.journey)
    return (*(dict.fromkeys((*stages, NO_STAGE)) if stages else RATINGS), EXCLUDED)


def sample(document: ModelDocument, scored: Mapping[str, Scored], per_part: int, seed: int) -> Sample:
    """Draw so many leads from each part, or all of a part that has fewer. The same seed draws the same leads in the same order.

    Raises
    ------
    DataError
        There is no lead to draw.
    """
    if not scored:
        raise DataError("nobody_to_draw", "no lead is in the audience of this model", "look at the audience, and at --as-of", table="leads")
    inside: dict[str, list[str]] = {name: [] for name in parts_of(document)}
    for lead in sorted(scored):
        inside[_part(document, scored[lead])].append(lead)
    drawn: list[Drawn] = []
    for place, (name, leads) in enumerate(inside.items()):
        # Each part has a stream of its own: more leads in one do not change who is drawn from another.
        chosen = np.random.default_rng([seed, place]).permutation(len(leads))[:per_part]
        drawn += [Drawn(leads[each], name) for each in sorted(chosen)]
    order = np.random.default_rng([seed, len(inside)]).permutation(len(drawn))  # so that a lead's place does not give its part away
    return Sample(tuple(drawn[each] for each in order), {name: len(leads) for name, leads in inside.items()})


def _part(document: ModelDocument, said: Scored) -> str:
    if not said.rating:
        return EXCLUDED
    return (said.stage or NO_STAGE) if document.journey else said.rating


def called(document: ModelDocument, ratings: Sequence[str]) -> list[bool] | None:
    """Return whether the model would have sales call leads of these ratings (empty: excluded); None where it says nothing of that."""
    if document.ratings is None:
        return None
    return [bool(rating) and document.destination(rating) == "sales" for rating in ratings]
