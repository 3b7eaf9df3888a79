"""Countries among the values of records: kept in one form, beside how each was written (decision 27)."""

from collections.abc import Mapping
from typing import Any

from vaglio.countries import code_of

COUNTRY = "country"  # the field, and its kind


class Country(str):
    """The two letters of a country; ``written``: what was told instead. To everybody but the history it is the letters alone."""

    __slots__ = ("written",)
    written: str

    def __new__(cls, code: str, written: str) -> "Country":
        """Return the letters with what was told."""
        made = super().__new__(cls, code)
        made.written = written
        return made


def country(text: str, meant: Mapping[str, str] | None = None) -> str:
    """Return a country in its one form, with how it was written where that differs; the text as it is where it is not known.

    ``meant``: the letters that somebody said some unknown texts mean.
    """
    if isinstance(text, Country):
        return text
    said = text.strip()
    code = code_of(said) or (meant or {}).get(said)
    return said if code is None or code == said else Country(code, said)


def written(value: Any) -> str | None:
    """Return how a value was written; None where it is kept as it was."""
    return value.written if isinstance(value, Country) else None
