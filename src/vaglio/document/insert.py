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
    if isinstance(node, SequenceNode) and isinstance(value, list) and node.value and all(_is_bare(item) for item in node.value):
        return [_items_edit(text, node, value) if node.flow_style else _lines_edit(text, node, value)]
    if isinstance(node, CollectionNode) and not node.flow_style:
        raise NoSuchPlace(path)
    return [_instead(text, root, path, value)]


def _instead(text: str, root: Node, path: Path, value: Any) -> Edit:
    node, parent = node_at(root, path), node_at(root, path[:-1])
    assert node is not None
    start, end = node.start_mark.index, end_of(node)
    if end > start:
        return start, end, flow(value)
    if not isinstance(parent, MappingNode):
        raise NoSuchPlace(path)
    key = next(key for key, its in parent.value if its is node)  # behind which nothing stands but a colon
    colon = text.index(":", end_of(key)) + 1
    return colon, colon, f" {flow(value)}"


def _is_bare(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.anchor is None


def _written(items: Sequence[Any]) -> list[str]:
    """Return items as the nodes of a text have them."""
    return [item if isinstance(item, str) else flow(item) for item in items]


def _items_edit(text: str, node: SequenceNode, items: list[Any]) -> Edit:
    """Return what makes other items of those between two brackets: those that stay are not touched, new ones come behind them."""
    begin, end, becomes = node.start_mark.index, end_of(node), _written(items)
    inside = text[begin:end]
    spans = [(item.start_mark.index - begin, end_of(item) - begin) for item in node.value]
    was = [item.value for item in node.value]
    kept = [item for item in was if item in becomes]
    if becomes[: len(kept)] != kept or not kept:
        if "#" in inside:
            raise NoSuchPlace(inside)  # the remarks of other items would be lost
        as_written = {item: inside[start:stop] for item, (start, stop) in zip(was, spans, strict=True)}
        return begin, end, f"[{', '.join(as_written.get(name, flow(item)) for name, item in zip(becomes, items, strict=True))}]"
    for place in reversed(range(len(was))):
        if was[place] not in becomes:
            start, stop, _nothing = entry_out(inside, spans, place)
            inside = inside[:start] + inside[stop:]
            behind = [(one - stop + start, other - stop + start) for one, other in spans[place + 1 :]]
            spans = [*spans[:place], *behind]
    more = "".join(f", {flow(item)}" for item in items[len(kept) :])
    last = spans[-1][1]
    return begin, end, inside[:last] + more + inside[last:]


def _lines_edit(text: str, node: SequenceNode, items: list[Any]) -> Edit:
    """Return what makes other items of those on lines of their own; those that stay keep their lines, and remarks between them stay."""
    starts = [text.rfind("\n", 0, item.start_mark.index) + 1 for item in node.value]
    ends = [text.find("\n", end_of(item)) + 1 or len(text) for item in node.value]
    dashes = [text[start : item.start_mark.index] for start, item in zip(starts, node.value, strict=True)]
    if any(dash.strip() != "-" for dash in dashes):
        raise NoSuchPlace(items)
    whole = text[starts[0] : ends[-1]].rstrip("\r\n")
    remarks = [text[end:start].rstrip("\r\n") for end, start in zip([starts[0], *ends], starts, strict=False)]
    lines = [text[start:end].rstrip("\r\n") for start, end in zip(starts, ends, strict=True)]
    made = _lines_of([item.value for item in node.value], lines, remarks, items, dashes[0])
    return starts[0], starts[0] + len(whole), _line_break(text).join(made)


def _lines_of(was: list[str], lines: list[str], remarks: list[str], items: list[Any], dash: str) -> list[str]:
    """Return the lines of a list: in the order of what stays where new ones come behind, or else in the order that is asked for."""
    becomes, made = _written(items), []
    kept = [name for name in was if name in becomes]
    if becomes[: len(kept)] == kept:
        for name, line, remark in zip(was, lines, remarks, strict=True):
            made += [each for each in (remark, line if name in becomes else "") if each]
            if kept and name == kept[-1]:
                made += [f"{dash}{flow(item)}" for item in items[len(kept) :]]
        made[:0] = [] if kept else [f"{dash}{flow(item)}" for item in items]
    else:
        if any(remark for name, remark in zip(was, remarks, strict=True) if name not in becomes):
            raise NoSuchPlace(items)  # nobody knows what it is about, once its place is gone
        above = {name: [each for each in (remark, line) if each] for name, line, remark in zip(was, lines, remarks, strict=True)}
        made = [line for name, item in zip(becomes, items, strict=True) for line in above.get(name, [f"{dash}{flow(item)}"])]
    return made if items else [f"{dash.replace('-', ' ')}[]", *made]


def with_key(text: str, path: Path, key: str, value: Any) -> str:
    """Return the text with one more key at the end of a mapping; mappings that are not there are made."""
    return edited(text, [_key_edit(text, root_of(text), path, key, value)])


def _key_edit(text: str, root: Node, path: Path, key: str, value: Any) -> Edit:
    node = node_at(root, path)
    if node is None:
        return _key_edit(text, root, path[:-1], str(path[-1]), {key: value})
    if isinstance(node, ScalarNode) and not node.value:
        return _instead(text, root, path, {key: value})
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
    if not isinstance(node, MappingNode) or not node.value:
        raise NoSuchPlace(path)
    end = end_of(node)
    if node.flow_style:
        return edited(text, [(node.start_mark.index, node.start_mark.index, "{all: ["), (end, end, f", {flow(condition)}]}}")])
    start = text.rfind("\n", 0, node.start_mark.index) + 1
    below, indent = _line_end(text, end), text[start : node.start_mark.index]
    if indent.strip():
        raise NoSuchPlace(path)
    lines = [each.removesuffix("\r") for each in text[node.start_mark.index : below].split("\n")]
    deeper = [f"{indent}  - {lines[0]}", *(f"    {each}" if each.strip() else each for each in lines[1:])]
    return edited(text, [(start, below, _line_break(text).join([f"{indent}all:", *deeper, f"{indent}  - {flow(condition)}"]))])


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
    end = _line_end(text, end_of(node))
    return end, end, f"{_line_break(text)}{' ' * indent}{dash}{entry}"


def _line_end(text: str, at: int) -> int:
    """Return where the line ends in which something stands, before what parts it from the next."""
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - (text[end - 1] == "\r")


def _line_break(text: str) -> str:
    """Return what parts the lines of a text."""
    return "\r\n" if "\r\n" in text else "\n"


def _flow_addition(text: str, node: Any, entry: str) -> Edit:
    last = (node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]) if node.value else None
    if last is not None and last.anchor is None:
        at = end_of(last)  # and not at the bracket: a remark may stand before that
        return at, at, f", {entry}"
    close = node.end_mark.index - 1
    before = len(text[:close].rstrip())
    comma = "" if last is None else " " if text[before - 1] == "," else ", "
    return before, close, comma + entry
