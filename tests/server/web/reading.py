"""A page as somebody reads it: without the ends of lines that its template was written with."""

import re
from typing import Any

_BESIDE_A_TAG = re.compile(r"(?<=>)\s*\n\s*|\s*\n\s*(?=<)")
_BETWEEN_WORDS = re.compile(r"\s*\n\s*")


def read(answer: Any) -> str:
    """Return what was answered, in one line."""
    return _BETWEEN_WORDS.sub(" ", _BESIDE_A_TAG.sub("", answer.content.decode()))
