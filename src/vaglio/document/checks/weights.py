"""Weights of the profile that are not a hundred per cent together."""

from collections.abc import Iterator

from vaglio.document.model import ModelDocument
from vaglio.document.text import Path
from vaglio.errors import Issue

CODE = "weights"


def check(document: ModelDocument) -> Iterator[tuple[Path, Issue]]:
    """Yield the sum of weights where it is not 100; a profile of points alone has no such sum."""
    weights = [rule.weight for rule in document.profile.rules if rule.weight is not None]
    if weights and sum(weights) != 100:
        message = f"the weights of the profile add up to {sum(weights)}, not 100"
        hint = "change the weights, or give extra rules points instead of a weight"
        yield ("profile", "rules"), Issue(CODE, message, hint)
