"""A model nobody promised to look at again."""

from collections.abc import Iterator

from vaglio.document.model import ModelDocument
from vaglio.document.text import Path
from vaglio.errors import Issue

CODE = "stale_review"


def check(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    """Yield once where the document has no date of review."""
    if document.promises is None or document.promises.review_by is None:
        path: Path = ("promises",) if document.promises else ()
        yield path, Issue(CODE, "the model has no date by which it is looked at again", "add promises: {review_by: 2027-03-31}")
