"""Numbers, times and words of a model's text set to others; all else in it, comments too, stays as somebody wrote it."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from ruamel.yaml.error import YAMLError

from vaglio.document import ModelDocument, loads
from vaglio.document.dump import plain
from vaglio.document.edit import edited, without_section
from vaglio.document.faults import faults
from vaglio.document.insert import NoSuchPlace, node_at, root_of, value_edits, with_value
from vaglio.document.remove import taking_out, without_items
from vaglio.errors import DocumentError

Place = tuple[str | int, ...]
Value = Decimal | int | str | list[Decimal | int | str] | dict[str, Any] | None


class NotAlone(ValueError):
    """What stands at a place is meant by other parts of the text, too, or is written in a way that cannot be changed by itself."""


def tuned(text: str, values: Mapping[Place, Value], out: Collection[Place]) -> str:
    """Return a text with other values at some places (None: with none), and without some items of lists or whole sections.

    Raises
    ------
    NotAlone
        Something stands where it cannot be changed by itself.
    DocumentError
        The text is no model.
    """
    try:
        made = _tuned(text, values, out)
    except (NoSuchPlace, YAMLError) as error:
        raise NotAlone from error
    if said(made) != _meant(text, values, out):
        raise NotAlone  # an alias, a remark or an unusual layout led the edit to another place than the one that was meant
    return made


def _tuned(text: str, values: Mapping[Place, Value], out: Collection[Place]) -> str:
    stay = {path: value for path, value in values.items() if not any(path[: len(each)] == each for each in out)}
    root = root_of(text)
    homeless = [path for path in stay if node_at(root, path[:-1]) is None]
    for together in _rounds({path: value for path, value in stay.items() if path not in homeless}):
        root = root_of(text)
        edits = [[taking_out(text, root, path)] if value is None else value_edits(text, root, path, value) for path, value in together]
        text = edited(text, [edit for its in edits for edit in its])
    for path in homeless:  # one by one: the first may make the mapping in which the next has its place
        if stay[path] is not None:
            text = with_value(text, path, stay[path])
    for items in dict.fromkeys(path[:-1] for path in out if len(path) > 1):
        text = without_items(text, items, [int(path[-1]) for path in out if path[:-1] == items])
    for section in (path[0] for path in out if len(path) == 1):
        text = without_section(text, str(section))
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


def _meant(text: str, values: Mapping[Place, Value], out: Collection[Place]) -> ModelDocument | None:
    """Return the document that is asked for; None where that is no model, so that the text has to be none."""
    data = data_of(text)
    for path, value in values.items():
        _set(data, path, value)
    for *above, last in sorted(out, key=lambda path: (path[:-1], path[-1]), reverse=True):
        del inside(data, above)[last]
    return as_document(data)


def _set(data: Any, path: Place, value: Value) -> None:
    above = inside(data, path[:-1])
    if value is None:
        above.pop(path[-1], None)
    else:
        above[path[-1]] = value


def inside(data: Any, path: Sequence[str | int]) -> Any:
    """Return the mapping or the list at a path; mappings that are not there are made."""
    for part in path:
        data = data.setdefault(part, {}) if isinstance(data, dict) else data[part]
    return data


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
