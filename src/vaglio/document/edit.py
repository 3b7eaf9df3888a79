"""A document's text with other numbers in it, and nothing else changed: comments and layout are people's."""

from collections.abc import Mapping
from decimal import Decimal

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from vaglio.quantities import plain_number


def with_thresholds(text: str, letters: Mapping[str, Decimal], digits: Mapping[str, Decimal]) -> str:
    """Return the text of a document whose letters and digits are reached from other points on.

    Raises
    ------
    KeyError
        The text has no letters or no digits; a text that was loaded has both.
    """
    root = YAML(pure=True).compose(text)
    places: list[tuple[int, int, str]] = []
    for axis, name, values in (("profile", "letters", letters), ("engagement", "digits", digits)):
        cuts = _value(_value(root, axis), name)
        for key, number in values.items():
            node = _value(cuts, key)
            places.append((node.start_mark.index, node.end_mark.index, str(plain_number(number))))
    for start, end, number_text in sorted(places, reverse=True):
        text = text[:start] + number_text + text[end:]
    return text


def _value(node: Node, key: str) -> Node:
    if not isinstance(node, MappingNode):
        raise KeyError(key)
    found: Node = next(value for name, value in node.value if isinstance(name, ScalarNode) and name.value == key)
    return found
