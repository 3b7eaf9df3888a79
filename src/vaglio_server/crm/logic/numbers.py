"""Numbers as people write them, in files and forms, filters and amounts: all are read here."""

import re
from decimal import Decimal

_GAPS = re.compile(r"[\s'’\u00a0\u202f]")
_SIGNS = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*", re.ASCII)
_EITHER = re.compile(r"([+-]?[1-9][0-9]{0,2})[.,]([0-9]{3})", re.ASCII)
# How many decimals a value of a kind has at most, where that is less than the three digits of thousands.
DECIMALS = {"integer": 0, "amount": 2}


class TwoNumbers(ValueError):
    """A text can be two numbers: ``1.500`` is 1500 (``large``) or 1.5 (``small``); it says what to write instead."""

    def __init__(self, text: str, large: str, small: str) -> None:
        super().__init__(f"{text}: write {large} or {small}")
        self.text, self.large, self.small = text, large, small


def as_number(text: str, kind: str = "number") -> str:
    """Return a number as programs write it: ``1.234,5`` and ``1,234.5`` are 1234.5, ``12,5`` is 12.5; what is none stays as it is.

    ``kind``: of the field it is for; a whole number and an amount have no three decimals, so ``1,500`` is 1500 there, as pages show it.

    Raises
    ------
    TwoNumbers
        The text does not tell: of the one sign in it three digits follow, so it is before thousands or before decimals.
    """
    bare = _GAPS.sub("", text)
    if not _SIGNS.fullmatch(bare):
        return text
    if either := _EITHER.fullmatch(bare):
        whole, rest = either.groups()
        if kind in DECIMALS:
            return whole + rest
        raise TwoNumbers(bare, whole + rest, _told(f"{whole}.{rest}".rstrip("0").rstrip(".")))
    last = max(bare, key=lambda sign: bare.rfind(sign) if sign in ".," else -1)
    if last not in ".,":
        return bare
    whole, _sign, rest = bare.rpartition(last)
    groups = re.split("[.,]", whole)
    is_grouped = all(len(group) == 3 for group in groups[1:]) and len(groups[0].lstrip("+-")) <= 3
    if len(groups) > 1 and not is_grouped:
        return text
    is_group = set(whole) & set(".,") == {last}
    if is_group and len(rest) != 3:
        return text  # 1.234.5 is a date or a version, and no number
    return "".join(groups) + (rest if is_group else f".{rest}" if rest.strip("0") else "")


def spelled(value: float | Decimal) -> str:
    """Return a number as a page fills it in: so that it is read as the same number when it comes back."""
    return _told(str(value))


def _told(text: str) -> str:
    """Return a number with one more 0 where its decimals could be thousands: ``1.1250``."""
    return f"{text}0" if _EITHER.fullmatch(text) else text
