"""What somebody types to find a lead, as words that are compared with those of names, mail addresses and companies."""

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f]")
_GAPS = re.compile(r"[\W_]+")
LEAST_LETTERS = 4  # of a word that may have a slip in it
MOST_WORDS = 8  # more than anybody types; each costs a look-up


def fold(text: str) -> str:
    """Return a text in lower case without accents: ``Țărușă`` becomes ``tarusa``."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text).lower())


def words(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return [word for word in _GAPS.split(fold(text)) if word]


def prefixes(text: str) -> str | None:
    """Return the starts of words that PostgreSQL looks for, all of them; None where there are no words.

    ``Ros Acme`` finds Anna Rossi of Acme SpA.
    """
    return " & ".join(f"'{word}':*" for word in words(text)[:MOST_WORDS]) or None


def left_out(word: str) -> list[str]:
    """Return a word, and what is left of it without each of its letters: two words with one slip between them share one of these."""
    return sorted({word, *(word[:place] + word[place + 1 :] for place in range(len(word)))})


def slipped(text: str) -> list[list[str]]:
    """Return, of each longer word of a text, what is left of it without each of its letters."""
    return [left_out(word) for word in words(text)[:MOST_WORDS] if len(word) >= LEAST_LETTERS]
