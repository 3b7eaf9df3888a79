"""How two documents differ, by rule and by setting; and how their texts do, by line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from vaglio.document import ModelDocument
from vaglio.document.dump import plain
from vaglio.rule import Rule
from vaglio.terms import AXES

Kind = Literal["added", "removed", "changed"]
AROUND = 3  # lines
_AXES = frozenset({"profile", "engagement"})
_NAMED = ("id", "stage")  # what the items of a list are known by
_LIST = ", "


@dataclass(frozen=True)
class Part:
    """A setting that differs: its name as words joined by ``›``; before and after, empty where it is not set."""

    name: tuple[str, ...]
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """A rule that came, went or changed, with its sentences; or, without sentences, what differs in another part of the document."""

    kind: Kind
    section: str
    name: str
    before: str = ""
    after: str = ""
    parts: tuple[Part, ...] = ()


def changes(before: ModelDocument, after: ModelDocument) -> list[Change]:
    """Return what differs: rules of both axes first, in the order of the documents, then everything else."""
    found: list[Change] = []
    for axis in AXES:
        old, new = ({rule.id: rule for rule in each.axis(axis).rules} for each in (before, after))
        names = [*old, *(name for name in new if name not in old)]
        found += [change for name in names if (change := _of_rule(axis, name, old.get(name), new.get(name)))]
    return found + list(_elsewhere(_rest(before), _rest(after)))


def _of_rule(axis: str, name: str, old: Rule | None, new: Rule | None) -> Change | None:
    if old == new:
        return None
    said = old.sentence() if old else "", new.sentence() if new else ""
    if old is None or new is None:
        return Change("added" if old is None else "removed", axis, name, *said)
    return Change("changed", axis, name, *said, tuple(_parts(_flat(_plain(old)), _flat(_plain(new)))))


def _plain(rule: Rule) -> dict[str, Any]:
    found: dict[str, Any] = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return found | {"kind": rule.kind}  # type: ignore[attr-defined]


def _rest(document: ModelDocument) -> dict[str, Any]:
    """Return a document without its rules, which are compared one by one."""
    whole = plain(document)
    return {key: {name: each for name, each in value.items() if name != "rules"} if key in _AXES else value for key, value in whole.items()}


def _elsewhere(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for key in dict.fromkeys((*before, *after)):
        parts = tuple(_parts(_flat(before.get(key)), _flat(after.get(key))))
        if parts:
            yield Change("changed", key, "", parts=parts)


def _parts(old: Mapping[tuple[str, ...], str], new: Mapping[tuple[str, ...], str]) -> Iterator[Part]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield Part(name, old.get(name, ""), new.get(name, ""))


def _flat(value: Any, at: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    """Return every setting inside of a value by where it stands; lists of plain values are one setting."""
    if isinstance(value, dict):
        return {name: text for key, each in value.items() for name, text in _flat(each, (*at, str(key))).items()}
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        keys = [_key(each, number) for number, each in enumerate(value, 1)]
        flat = [(name, text) for key, each in zip(keys, value, strict=True) for name, text in _flat(each, (*at, key)).items()]
        return {name: text for name, text in flat if name[-1] not in _NAMED}  # that is what the item is known by
    return {} if value is None else {at: _LIST.join(map(_said, value)) if isinstance(value, list) else _said(value)}


def _key(item: Any, number: int) -> str:
    return next((str(item[name]) for name in _NAMED if isinstance(item, dict) and name in item), str(number))


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class TextLine:
    """A line of two texts: its numbers in each (None: not there), and the text; ``sign`` is ``+``, ``-`` or a space."""

    sign: str
    old: int | None
    new: int | None
    text: str


def text_changes(before: str, after: str) -> list[list[TextLine]]:
    """Return the lines that differ, with a few around them, in groups."""
    old, new = before.splitlines(), after.splitlines()
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND)
    return [[line for operation in group for line in _lines(operation, old, new)] for group in groups]


def _lines(operation: tuple[str, int, int, int, int], old: list[str], new: list[str]) -> Iterator[TextLine]:
    what, start, end, new_start, new_end = operation
    if what == "equal":
        for number in range(start, end):
            yield TextLine(" ", number + 1, new_start + number - start + 1, old[number])
        return
    yield from (TextLine("-", number + 1, None, old[number]) for number in range(start, end))
    yield from (TextLine("+", None, number + 1, new[number]) for number in range(new_start, new_end))
