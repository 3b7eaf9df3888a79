"""Promises and temperatures that do not fit where the ratings lead."""

from collections.abc import Iterator

from vaglio.document.model import ModelDocument, Promises, Ratings
from vaglio.document.text import Path
from vaglio.errors import Issue

CODE = "promise_without_rating"


def check(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    """Yield each promise about a rating that never comes to the people who keep it."""
    promises = document.promises
    if promises:
        yield from _promises(promises, document.ratings or Ratings())
    yield from _temperature(document)


def _promises(promises: Promises, ratings: Ratings) -> Iterator[tuple[Path, Issue]]:
    placed = {rating for members in ratings.destinations().values() for rating in members}
    for rating, expectation in promises.expect.items():
        path: Path = ("promises", "expect", rating)
        if rating not in placed:
            message = f"promises an outcome of {rating}, which no destination of ratings holds"
            yield path, Issue(CODE, message, _add(rating))
        elif expectation.accepted is not None and rating not in ratings.sales:
            yield path, Issue(CODE, f"promises that sales accepts {rating}, which does not go to sales", _add(rating))
    for rating in promises.first_response:
        if rating not in ratings.sales:
            message = f"promises a first response to {rating}, which does not go to sales"
            yield ("promises", "first_response", rating), Issue(CODE, message, _add(rating))
    for rating in promises.share:
        if rating not in placed:
            message = f"limits the share of {rating}, which no destination of ratings holds"
            yield ("promises", "share", rating), Issue(CODE, message, _add(rating))
    if promises.expect and promises.horizon is None:
        message = "promises outcomes, but not until when"
        yield ("promises", "expect"), Issue(CODE, message, "add horizon: 90d to promises")


def _add(rating: str) -> str:
    return f"add {rating} to ratings.sales, or remove the promise"


def _temperature(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    if not document.temperature:
        return
    named = {"hot": document.temperature.hot, "warm": document.temperature.warm, "cold": document.temperature.cold}
    seen: dict[str, str] = {}
    for name, ratings in named.items():
        for rating in ("rest",) if ratings == "rest" else ratings:
            first = seen.setdefault(rating, name)
            if first != name:
                message = f"{rating} is {first} and {name}; the first one counts"
                yield ("temperature", name), Issue(CODE, message, "keep it in one place")
    if document.ratings and named["hot"] != "rest":
        for rating in named["hot"]:
            if rating in document.ratings.none:
                message = f"{rating} is hot, but ratings sends it to none"
                yield ("temperature", "hot"), Issue(CODE, message, "send it to sales or nurture")
