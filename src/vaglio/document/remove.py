"""A document's text with a key or an item less, and all the rest as it was: comments and layout are people's."""

from collections.abc import Collection

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from vaglio.document.edit import Edit, edited, end_of, entry_out
from vaglio.document.insert import NoSuchPlace, Path, node_at, root_of


def without(text: str, path: Path) -> str:
    """Return the text without the key or the item at a path.

    Raises
    ------
    NoSuchPlace
        The text has no such place, an alias means it too, or it stands on the line on which its item begins.
    """
    return edited(text, [taking_out(text, root_of(text), path)])


def without_items(text: str, path: Path, positions: Collection[int]) -> str:
    """Return the text without some items of a list; raises NoSuchPlace like :func:`without`."""
    root = root_of(text)
    node = node_at(root, path)
    if isinstance(node, SequenceNode) and not node.flow_style and len(set(positions)) < len(node.value):
        return edited(text, [taking_out(text, root, (*path, position)) for position in set(positions)])
    for position in sorted(positions, reverse=True):  # from the last, or the positions of others would be others
        text = without(text, (*path, position))
    return text


def taking_out(text: str, root: Node, path: Path) -> Edit:
    """Return what takes out a key or an item, as :func:`without` does; ``root``: of the text."""
    if node_at(root, path) is None:
        raise NoSuchPlace(path)
    parent = node_at(root, path[:-1])
    place, spans = _place(parent, path)
    if isinstance(parent, MappingNode | SequenceNode) and parent.flow_style:
        start, end, nothing = entry_out(text, spans, place)
        if len(spans) == 1 and text[end:].lstrip().startswith(","):  # the only one, and a comma that parts it from none
            end = text.index(",", end) + 1
        return start, end, nothing
    start, end = spans[place]
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip() != ("" if isinstance(parent, MappingNode) else "-"):
        raise NoSuchPlace(path)
    below = text.find("\n", end)
    last = below + 1 if below >= 0 else len(text)
    if len(spans) == 1:  # nothing at all would be no list, and no mapping
        indent = text.index("-", line) - line + 1 if isinstance(parent, SequenceNode) else start - line
        ends = "\r\n" if text[last - 2 : last] == "\r\n" else "\n"
        return line, last, " " * indent + ("[]" if isinstance(parent, SequenceNode) else "{}") + ends
    return line, last, ""


def _place(parent: Node | None, path: Path) -> tuple[int, list[tuple[int, int]]]:
    """Return which entry a path names last, and where each entry begins and ends."""
    if isinstance(parent, MappingNode):
        spans = [(key.start_mark.index, end_of(value)) for key, value in parent.value]
        return next(place for place, (key, _value) in enumerate(parent.value) if key.value == str(path[-1])), spans
    assert isinstance(parent, SequenceNode)
    return int(path[-1]), [(item.start_mark.index, end_of(item)) for item in parent.value]
