"""The numbers and times of a model's text set to others; all else in it, comments too, stays as somebody wrote it."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from vaglio.document.insert import NoSuchPlace, Path, with_value
from vaglio.document.remove import without

Value = Decimal | int | str | None


class NotAlone(ValueError):
    """What stands at a place is meant by other parts of the text, too."""


def tuned(text: str, values: Mapping[tuple[str | int, ...], Value], out: Collection[tuple[str, int]]) -> str:
    """Return a text with other values at some places (None: with none) and without some rules (axis, position).

    Raises
    ------
    NotAlone
        Something stands where it cannot be changed by itself.
    """
    try:
        return _tuned(text, values, out)
    except NoSuchPlace as error:
        raise NotAlone from error


def _tuned(text: str, values: Mapping[tuple[str | int, ...], Value], out: Collection[tuple[str, int]]) -> str:
    taken: tuple[Path, ...] = tuple((axis, "rules", position) for axis, position in out)
    for path, value in values.items():
        if path[:3] not in taken:
            text = without(text, path) if value is None else with_value(text, path, value)
    for axis, position in sorted(out, reverse=True):  # from the last, or the positions of others would be others
        text = without(text, (axis, "rules", position))
    return text
