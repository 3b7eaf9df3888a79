"""Numbers, times and words of a model's text set to others; all else in it, comments too, stays as somebody wrote it."""

import json
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from vaglio.document import ModelDocument, loads
from vaglio.document.dump import plain
from vaglio.document.edit import edited
from vaglio.document.faults import faults
from vaglio.document.insert import NoSuchPlace, root_of, value_edits
from vaglio.document.remove import taking_out, without_items
from vaglio.errors import DocumentError

Place = tuple[str | int, ...]
Value = Decimal | int | str | list[Decimal | int | str] | None


class NotAlone(ValueError):
    """What stands at a place is meant by other parts of the text, too, or is written in a way that cannot be changed by itself."""


def tuned(text: str, values: Mapping[Place, Value], out: Collection[tuple[str, int]]) -> str:
    """Return a text with other values at some places (None: with none) and without some rules (axis, position).

    Raises
    ------
    NotAlone
        Something stands where it cannot be changed by itself.
    DocumentError
        The text is no model.
    """
    try:
        made = _tuned(text, values, out)
    except NoSuchPlace as error:
        raise NotAlone from error
    if said(made) != _meant(text, values, out):
        raise NotAlone  # an alias, a remark or an unusual layout led the edit to another place than the one that was meant
    return made


def _tuned(text: str, values: Mapping[Place, Value], out: Collection[tuple[str, int]]) -> str:
    taken: tuple[Place, ...] = tuple((axis, "rules", position) for axis, position in out)
    for together in _rounds({path: value for path, value in values.items() if path[:3] not in taken}):
        root = root_of(text)
        edits = [[taking_out(text, root, path)] if value is None else value_edits(text, root, path, value) for path, value in together]
        text = edited(text, [edit for its in edits for edit in its])
    for axis in dict.fromkeys(axis for axis, _position in out):
        text = without_items(text, (axis, "rules"), [position for its, position in out if its == axis])
    return text


def _rounds(values: Mapping[Place, Value]) -> Iterator[list[tuple[Place, Value]]]:
    """Yield changes that one reading of the text is enough for: of each part one, the outer parts first, so that what is added to an
    inner one stands before what is added to the outer one at its end."""
    left = dict(sorted(values.items(), key=lambda each: len(each[0])))
    while left:
        chosen = {path[:-1]: path for path in reversed(left)}
        together = [(path, left[path]) for path in left if chosen[path[:-1]] == path]
        yield together
        for path, _value in together:
            del left[path]


def _meant(text: str, values: Mapping[Place, Value], out: Collection[tuple[str, int]]) -> ModelDocument | None:
    """Return the document that is asked for; None where that is no model, so that the text has to be none."""
    data = data_of(text)
    for path, value in values.items():
        _set(data, path, value)
    for axis, position in sorted(out, reverse=True):
        del data[axis]["rules"][position]
    return as_document(data)


def _set(data: Any, path: Place, value: Value) -> None:
    for part in path[:-1]:
        data = data[part]
    if value is None:
        data.pop(path[-1], None)
    else:
        data[path[-1]] = value


def said(text: str) -> ModelDocument | None:
    """Return what a text says; None where it is no model."""
    try:
        return loads(text)
    except DocumentError:
        return None


def data_of(text: str) -> dict[str, Any]:
    """Return what a model's text says as mappings and lists, to be changed."""
    data: dict[str, Any] = json.loads(json.dumps(plain(loads(text))), parse_float=Decimal)
    return data


def as_document(data: dict[str, Any]) -> ModelDocument | None:
    """Return what mappings and lists say; None where that is no model."""
    try:
        document = ModelDocument.model_validate(data)
    except ValidationError:
        return None
    return None if any(faults(document)) else document
