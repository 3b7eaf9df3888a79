"""A document's text with a key or an item less, and all the rest as it was: comments and layout are people's."""

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from vaglio.document.edit import end_of, without_entry
from vaglio.document.insert import NoSuchPlace, Path, node_at, root_of


def without(text: str, path: Path) -> str:
    """Return the text without the key or the item at a path.

    Raises
    ------
    NoSuchPlace
        The text has no such place, an alias means it too, or it stands on the line on which its item begins.
    """
    if node_at(root_of(text), path) is None:
        raise NoSuchPlace(path)
    parent = node_at(root_of(text), path[:-1])
    place, spans = _place(parent, path)
    if isinstance(parent, MappingNode | SequenceNode) and parent.flow_style:
        return without_entry(text, spans, place)
    start, end = spans[place]
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip() != ("" if isinstance(parent, MappingNode) else "-"):
        raise NoSuchPlace(path)
    below = text.find("\n", end)
    return text[:line] + (text[below + 1 :] if below >= 0 else "")


def _place(parent: Node | None, path: Path) -> tuple[int, list[tuple[int, int]]]:
    """Return which entry a path names last, and where each entry begins and ends."""
    if isinstance(parent, MappingNode):
        spans = [(key.start_mark.index, end_of(value)) for key, value in parent.value]
        return next(place for place, (key, _value) in enumerate(parent.value) if key.value == str(path[-1])), spans
    assert isinstance(parent, SequenceNode)
    return int(path[-1]), [(item.start_mark.index, end_of(item)) for item in parent.value]
