"""A document's text with something more in it, or another value, and all the rest as it was: comments and layout are people's."""

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from vaglio.document.edit import Edit, edited, end_of, entry_out

Path = Sequence[str | int]
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.-]*|[0-9]+[smhdw]|[0-9]+(\.[0-9]+)?%")
_UNSEEN = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # ends of lines that there once were, and signs that YAML has not
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}  # also those that older YAML takes for something else


class NoSuchPlace(KeyError):
    """The text has no such place, or one that cannot be changed by itself, as an alias."""


def with_value(text: str, path: Path, value: Any) -> str:
    """Return the text with another value at a place that has one, or, in a mapping, with one more key."""
    return edited(text, value_edits(text, root_of(text), path, value))


def value_edits(text: str, root: Node, path: Path, value: Any) -> list[Edit]:
    """Return what sets a value, as :func:`with_value` does; ``root``: of the text.

    Of a list the items that stay are not touched, so that remarks between them stay, too.
    """
    node = node_at(root, path)
    if node is None:
        return [_key_edit(text, root, path[:-1], str(path[-1]), value)]
    if isinstance(node, SequenceNode) and isinstance(value, list) and (stay := _staying(node, value)) is not None:
        few = _item_edits(text, node, stay, value) if node.flow_style else _line_edits(text, node, stay, value)
        if few is not None:
            return few
    if isinstance(node, CollectionNode) and not node.flow_style:
        raise NoSuchPlace(path)
    return [(node.start_mark.index, end_of(node), flow(value))]


def _staying(node: SequenceNode, items: list[Any]) -> list[bool] | None:
    """Return which items of a list stay; None where one is no bare value, or where those that stay do not come first, in their order."""
    was = [item.value if isinstance(item, ScalarNode) and item.anchor is None else None for item in node.value]
    becomes = [item if isinstance(item, str) else flow(item) for item in items]
    kept = [item for item in was if item in becomes]
    return None if None in was or becomes[: len(kept)] != kept else [item in becomes for item in was]


def _item_edits(text: str, node: SequenceNode, stay: list[bool], items: list[Any]) -> list[Edit] | None:
    """Return what takes items out from between brackets and puts others behind the last one, which has to stay."""
    if not stay or not stay[-1]:
        return None
    spans = [(item.start_mark.index, end_of(item)) for item in node.value]
    out = [entry_out(spans, place) for place, stays in enumerate(stay) if not stays]
    more = ", ".join(map(flow, items[sum(stay) :]))
    return [*out, _addition(text, node, more, "")] if more else out


def _line_edits(text: str, node: SequenceNode, stay: list[bool], items: list[Any]) -> list[Edit] | None:
    """Return what takes items out, each with its line, and puts others below the last one that stays."""
    starts = [text.rfind("\n", 0, item.start_mark.index) + 1 for item in node.value]
    ends = [text.find("\n", end_of(item)) + 1 for item in node.value]
    dashes = [text[start : item.start_mark.index] for start, item in zip(starts, node.value, strict=True)]
    if not all(ends) or any(dash.strip() != "-" for dash in dashes):
        return None
    out = [(start, end, "") for start, end, stays in zip(starts, ends, stay, strict=True) if not stays]
    at = max((end for end, stays in zip(ends, stay, strict=True) if stays), default=starts[0])
    line = "\r\n" if text[ends[0] - 2] == "\r" else "\n"
    more = "".join(f"{dashes[0]}{flow(item)}{line}" for item in items[sum(stay) :])
    return [*out, (at, at, more)] if more else out


def with_key(text: str, path: Path, key: str, value: Any) -> str:
    """Return the text with one more key at the end of a mapping; mappings that are not there are made."""
    return edited(text, [_key_edit(text, root_of(text), path, key, value)])


def _key_edit(text: str, root: Node, path: Path, key: str, value: Any) -> Edit:
    node = node_at(root, path)
    if node is None:
        return _key_edit(text, root, path[:-1], str(path[-1]), {key: value})
    if not isinstance(node, MappingNode):
        raise NoSuchPlace(path)
    return _addition(text, node, f"{_scalar(key)}: {flow(value)}", "")


def with_item(text: str, path: Path, item: Any) -> str:
    """Return the text with one more item at the end of a list; a list that is not there is made."""
    node = node_at(root_of(text), path)
    if node is None:
        return with_key(text, path[:-1], str(path[-1]), [item])
    if not isinstance(node, SequenceNode):
        raise NoSuchPlace(path)
    return edited(text, [_addition(text, node, flow(item), "- ")])


def with_all(text: str, path: Path, condition: Mapping[str, Any]) -> str:
    """Return the text with a condition that has to hold beside the one at a path, which stays as it is written."""
    node = node_at(root_of(text), path)
    if not isinstance(node, MappingNode) or not node.flow_style:
        raise NoSuchPlace(path)
    end = end_of(node)
    return edited(text, [(node.start_mark.index, node.start_mark.index, "{all: ["), (end, end, f", {flow(condition)}]}}")])


def flow(value: Any) -> str:
    """Return a value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(str(key))}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # all its digits: whoever reads the text says that they are too many
    return _scalar(value) if isinstance(value, str) else json.dumps(value)


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return _UNSEEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", json.dumps(text, ensure_ascii=False))


@lru_cache(maxsize=8)  # nobody changes nodes, and a form is checked at each key that is typed, over the same text
def root_of(text: str) -> Node:
    """Return the node of a whole text; raises NoSuchPlace where an edit before this one left none that can be read."""
    try:
        found: Node = YAML(pure=True).compose(text)
    except YAMLError as error:
        raise NoSuchPlace(()) from error
    return found


def node_at(node: Node, path: Path) -> Node | None:
    """Return the node at a path; None where the last step leads nowhere."""
    for number, part in enumerate(path):
        found: Node | None = None
        if isinstance(part, int) and isinstance(node, SequenceNode) and part < len(node.value):
            found = node.value[part]
        elif isinstance(node, MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    found = value
                    if value.start_mark.index < key.end_mark.index:
                        raise NoSuchPlace(path)  # an alias: what it means is written somewhere else
                    break
        if found is None:
            if number + 1 < len(path) and isinstance(part, int):
                raise NoSuchPlace(path)
            return None
        if found.anchor is not None:
            raise NoSuchPlace(path)  # aliases mean it, too
        node = found
    return node


def _addition(text: str, node: Any, entry: str, dash: str) -> Edit:
    """Return what adds an entry after the last one of a mapping or a list."""
    if node.flow_style or not node.value:
        if not node.flow_style:
            raise NoSuchPlace(entry)
        return _flow_addition(text, node, entry)
    first = node.value[0][0] if isinstance(node, MappingNode) else node.value[0]
    line = text.rfind("\n", 0, first.start_mark.index) + 1
    indent = node.start_mark.column if dash else first.start_mark.index - line  # a dash may stand on a line of its own
    end = text.find("\n", end_of(node))
    end = len(text) if end < 0 else end
    end -= text[end - 1] == "\r"
    ends = "\r\n" if "\r\n" in text else "\n"
    return end, end, f"{ends}{' ' * indent}{dash}{entry}"


def _flow_addition(text: str, node: Any, entry: str) -> Edit:
    last = (node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]) if node.value else None
    if last is not None and last.anchor is None:
        at = end_of(last)  # and not at the bracket: a remark may stand before that
        return at, at, f", {entry}"
    close = node.end_mark.index - 1
    before = len(text[:close].rstrip())
    comma = "" if last is None else " " if text[before - 1] == "," else ", "
    return before, close, comma + entry
