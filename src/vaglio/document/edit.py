"""A document's text with something else in it, or something less, and all the rest as it was: comments and layout are people's."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from vaglio.quantities import plain_number

_COMMA = re.compile(r"(?:[ \t]*,)?")
_REST = re.compile(r"([ \t]*(?:#[^\n]*)?)(?:\n|\Z)")  # of a line, where there is nothing more on it
Edit = tuple[int, int, str]  # from where to where, and what stands there instead


def with_thresholds(text: str, letters: Mapping[str, Decimal], digits: Mapping[str, Decimal]) -> str:
    """Return the text of a document whose letters and digits are reached from other points on.

    Raises
    ------
    KeyError
        The text has no letters or no digits; a text that was loaded has both.
    """
    root = YAML(pure=True).compose(text)
    places: list[Edit] = []
    for axis, name, values in (("profile", "letters", letters), ("engagement", "digits", digits)):
        cuts = _value(_value(root, axis), name)
        for key, number in values.items():
            node = _value(cuts, key)
            places.append((node.start_mark.index, node.end_mark.index, str(plain_number(number))))
    return edited(text, places)


def _value(node: Node, key: str) -> Node:
    if not isinstance(node, MappingNode):
        raise KeyError(key)
    found: Node = next(value for name, value in node.value if isinstance(name, ScalarNode) and name.value == key)
    return found


def without_section(text: str, key: str) -> str:
    """Return the text of a document without one of its sections and the comment right above that; the same text where it has none."""
    root = YAML(pure=True).compose(text)
    pairs = root.value if isinstance(root, MappingNode) else []
    place = next((place for place, (name, _value) in enumerate(pairs) if name.value == key), None)
    if place is None:
        return text
    spans = [(name.start_mark.index, end_of(value)) for name, value in pairs]
    if root.flow_style:
        return edited(text, [entry_out(text, spans, place)])
    start, end = spans[place]
    start = text.rfind("\n", 0, start) + 1
    while start and text[text.rfind("\n", 0, start - 1) + 1] == "#":
        start = text.rfind("\n", 0, start - 1) + 1
    line = text.find("\n", end)
    return text[:start] + (text[line + 1 :] if line >= 0 else "")


def entry_out(text: str, spans: Sequence[tuple[int, int]], place: int) -> Edit:
    """Return what takes out one of the entries between two brackets, with the comma behind it and the remark on its line; remarks on lines
    of their own are about what follows, and stay."""
    start, end = spans[place]
    after = end + len(_COMMA.match(text, end)[0])  # type: ignore[index]
    remark = _REST.match(text, after)
    line = text.rfind("\n", 0, start) + 1
    if remark and not text[line:start].strip():  # it has its lines for itself
        return line, remark.end(), ""
    if place + 1 < len(spans):
        following = spans[place + 1][0]
        return (start, remark.end(1) if remark else after, "") if "\n" in text[after:following] else (start, following, "")
    before = spans[place - 1][1] if place else start
    return (start if "\n" in text[before:start] else before), end, ""


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with its edits, each meant for the text as it is; of two at one place the first stands behind the second."""
    for start, end, new in sorted(edits, key=lambda edit: edit[0], reverse=True):
        text = text[:start] + new + text[end:]
    return text


def end_of(node: Node) -> int:
    """Return where a part ends; of one without braces, where the last thing in it does: comments below belong to what follows."""
    if isinstance(node, ScalarNode) and node.style in ("|", ">"):  # its mark lies behind the line, where the next thing begins
        return len(node.end_mark.buffer[: node.end_mark.index].rstrip())
    if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return end_of(last[1] if isinstance(node, MappingNode) else last)
