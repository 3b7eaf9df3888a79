"""Numbers as people write them."""

import re

_GAPS = re.compile(r"[\s'’\u00a0\u202f]")
_SIGNS = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*", re.ASCII)


def as_number(text: str, point: str = ".") -> str:
    """Return a number as programs write it: ``1.234,5`` and ``1,234.5`` are 1234.5, ``12,5`` is 12.5; what is none stays as it is.

    ``point``: the sign before decimals where the text does not tell, as ``1,234`` does not.
    """
    bare = _GAPS.sub("", text)
    if not _SIGNS.fullmatch(bare):
        return text
    last = max(bare, key=lambda sign: bare.rfind(sign) if sign in ".," else -1)
    if last not in ".,":
        return bare
    whole, _sign, rest = bare.rpartition(last)
    groups = re.split("[.,]", whole)
    is_grouped = all(len(group) == 3 for group in groups[1:]) and len(groups[0].lstrip("+-")) <= 3
    if len(groups) > 1 and not is_grouped:
        return text
    signs = set(whole) & set(".,")
    may_be_thousands = len(rest) == 3 and is_grouped and groups[0].lstrip("+-") != "0"
    is_group = may_be_thousands and (signs == {last} or (not signs and last != point))
    if signs == {last} and not is_group:
        return text  # 1.234.5 is a date or a version, and no number
    return "".join(groups) + (rest if is_group else f".{rest}")
