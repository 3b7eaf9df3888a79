"""People who were erased, known by nothing but hashes that nobody reads back without the installation's secret."""

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Key = tuple[str, str]  # a kind of identity and its value, such as ("email", "anna@acme.example")
NOBODY = "(?!x)x"  # the regular expression that meets no text
CUT = "(erased)"  # what stands in a text in the place of a key
SHORTEST = 6  # characters of a key that is looked for inside texts: a shorter one stands in many that mean something else


@dataclass(frozen=True)
class Naming:
    """By which values a text names somebody."""

    values: frozenset[str]

    @classmethod
    def of(cls, keys: Iterable[Key]) -> "Naming":
        """Return how some keys name somebody."""
        return cls(frozenset(value for _kind, value in keys))

    @cached_property
    def pattern(self) -> str:
        """The regular expression, for Python and PostgreSQL, of texts that hold a value whole: anna@ is not joanna@."""
        told = "|".join(re.escape(value) for value in sorted(self.values, key=len, reverse=True) if len(value) >= SHORTEST)
        return rf"(?<![\w.+@-])(?:{told})(?![\w+@-]|\.\w)" if told else NOBODY

    @cached_property
    def _small(self) -> frozenset[str]:
        return frozenset(value.lower() for value in self.values)

    def means(self, text: str) -> bool:
        """Whether a text is one of the values, however short, or holds one."""
        return text.strip().lower() in self._small or re.search(self.pattern, text, re.IGNORECASE) is not None

    def cut(self, text: str) -> str:
        """Return what somebody else wrote with a mark in the place of each value."""
        return re.sub(self.pattern, CUT, text, flags=re.IGNORECASE)

    def without(self, value: Any) -> Any:
        """Return plain values without the texts in them that name somebody."""
        if isinstance(value, dict):
            return {name: self.without(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.without(part) for part in value]
        return "" if isinstance(value, str) and self.means(value) else value


def is_of(named: Collection[Key], known: Collection[Key]) -> bool:
    """Whether a call that names some keys is of somebody known by others: a device says whose it is only where nothing surer does."""
    sure = [key for key in named if key[0] != "anonymous_id"] or named
    return any(key in known for key in sure)


def digest_of(key: Key, secret: str) -> str:
    """Return the hash under which a key is remembered: that of a mail address could be guessed, were there no secret in it."""
    kind, value = key
    return hmac.new(f"vaglio.erased {secret}".encode(), f"{kind}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
