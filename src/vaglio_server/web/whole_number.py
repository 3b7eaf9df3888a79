"""Whole numbers in addresses and forms: what somebody may have typed is a number, or none."""

LONGEST = 18  # digits: every number so long is one that the database knows


def whole_number(text: str | None, digits: int = LONGEST) -> int | None:
    """Return a whole number of at most so many digits; None where the text is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= digits else None
