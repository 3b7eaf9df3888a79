"""The one place where text is folded, split and matched; engines never do it (scoring.md §7)."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

_QUIET = re2.Options()
_QUIET.log_errors = False


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return text without accents and case: NFKD, combining marks removed, Unicode case folding."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if unicodedata.category(char)[0] != "M").casefold()


def is_word_character(char: str) -> bool:
    """Whether a character belongs to a word: Unicode letters (L*) and numbers (N*)."""
    return unicodedata.category(char)[0] in "LN"


def words(folded: str) -> frozenset[str]:
    """Return the words of a folded text: its maximal runs of letters and digits."""
    return frozenset("".join(char if is_word_character(char) else " " for char in folded).split())


def compile_pattern(pattern: str) -> Callable[[str], Any]:
    """Return the search function of an RE2 pattern; it runs in time linear in the text, so it cannot hang.

    Raises
    ------
    ValueError
        The pattern is not RE2.
    """
    try:
        return re2.compile(pattern, options=_QUIET).search  # type: ignore[no-any-return]
    except re2.error as error:
        reason = error.args[0]
        text = reason.decode() if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"is not a regular expression RE2 understands: {text}") from error


def snake_case(text: str) -> str:
    """Return a heading as a name: ``TotalVisits`` and ``Total Visits`` become ``total_visits``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text)
    return re.sub(r"[^0-9a-z]+", "_", fold(spaced)).strip("_")
