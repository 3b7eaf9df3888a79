"""The one place where text is folded, split and matched, which engines never do (scoring.md §7), and kept from being a formula."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

_QUIET = re2.Options()
_QUIET.log_errors = False

# What a spreadsheet takes for the start of a formula, in full width too (OWASP, CSV injection). The only list: what is written goes by it,
# and so does what is read back.
FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\0")

# Latin letters that are no others with an accent, as those who have no such keys write them.
_LATIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_LONGEST_WORD = 256  # characters of one in other letters that its name is made from: the time goes by their square


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
    return re.sub(r"[^0-9a-z]+", "_", fold(spaced).translate(_LATIN)).strip("_")


def event_name(text: str) -> str:
    """Return what an event is called as an activity: ``Form Submitted`` and ``formSubmitted`` become ``form_submitted``.

    Accents go (``Città`` is ``citta``); a word in other letters is spelled as domain names spell it, so that no two are one: ``会社`` is
    ``xn_6oq404h``.
    """
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text.strip())
    if parted.isascii():
        return re.sub(r"[^0-9a-z]+", "_", parted.lower()).strip("_")
    whole = unicodedata.normalize("NFKC", parted)
    found = "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in whole).split()
    found = found or [char for char in whole if unicodedata.category(char) == "So"]  # all that some name a thing by is an emoji
    return "_".join(filter(None, map(_in_ascii, found)))


def _in_ascii(word: str) -> str:
    plain = fold(word).translate(_LATIN)
    if plain.isascii():
        return plain
    return f"xn_{word.casefold()[:_LONGEST_WORD].encode('punycode').decode().replace('-', '_')}"


def no_formula(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with an apostrophe before it where it would."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def without_apostrophe(text: str) -> str:
    """Return a text as it was before :func:`no_formula`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULAS) else text


def in_workbook(text: str) -> str:
    """Return a text that is no formula and holds no sign that a workbook cannot: what goes may have stood before the sign of a formula."""
    return no_formula("".join(sign for sign in text if sign >= " " or sign in "\t\n\r"))
