"""Rows that people put in order, one place at a time."""

from typing import TypeVar

Row = TypeVar("Row")


def moved(rows: list[Row], place: int, *, up: bool) -> int | None:
    """Have a row change places with the one before it, or after it, and return where it is then; None: there is none, it stays."""
    other = place + (-1 if up else 1)
    if not 0 <= other < len(rows):
        return None
    rows[place], rows[other] = rows[other], rows[place]
    return other
