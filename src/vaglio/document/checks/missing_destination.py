"""A cell of the matrix that leads nowhere."""

from collections.abc import Iterator

from vaglio.document.model import ModelDocument
from vaglio.document.text import Path
from vaglio.errors import Issue
from vaglio.terms import RATINGS

CODE = "missing_destination"


def check(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    """Yield the ratings without a destination, where the document gives destinations at all."""
    if document.ratings:
        placed = {rating for members in document.ratings.destinations().values() for rating in members}
        missing = [rating for rating in RATINGS if rating not in placed]
        if missing:
            message = f"{', '.join(missing)} {'leads' if len(missing) == 1 else 'lead'} nowhere"
            yield ("ratings",), Issue(CODE, message, "add them to sales, a nurture track, or none")
