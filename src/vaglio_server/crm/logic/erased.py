"""People who were erased, known by nothing but hashes that nobody reads back without the installation's secret."""

import hashlib
import hmac
import re
from collections.abc import Iterable

Key = tuple[str, str]  # a kind of identity and its value, such as ("email", "anna@acme.example")


NOBODY = r"(?!)"  # meets no text


def pattern_of(terms: Iterable[str]) -> str:
    """Return the regular expression, for Python and PostgreSQL, of texts that name one of some keys, each whole: anna@ is not joanna@."""
    told = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    return rf"(?<![\w.+@-])(?:{told})(?![\w+@-]|\.\w)" if told else NOBODY


def digest_of(key: Key, secret: str) -> str:
    """Return the hash under which a key is remembered: that of a mail address could be guessed, were there no secret in it."""
    kind, value = key
    return hmac.new(f"vaglio.erased {secret}".encode(), f"{kind}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
