"""The nodes of a YAML text: by libyaml where that takes the text as YAML 1.2 does, else by ruamel.yaml, which is thirty times as slow.

libyaml is asked for events, never for nodes: it would make those by calling itself, and a text of many brackets would end the process.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import AliasEvent, DocumentEndEvent, DocumentStartEvent, Event, MappingStartEvent, ScalarEvent, SequenceStartEvent
from yaml.events import CollectionEndEvent as EndEvent

from vaglio.errors import DocumentError, Issue

DEEPEST = 100
# What libyaml does not take as YAML 1.2 has it: tags, anchors, tabs, directives, and the ends of lines there were before 1.2.
_FOR_THE_NEW = re.compile(r"^%|(?:^|[\s\[{,])[!&]|[\t\x85\u2028\u2029\ufeff]", re.MULTILINE)


@dataclass(slots=True)
class Node:
    """A part of a text: ``id`` is scalar, mapping or sequence; ``value`` a text, pairs of nodes, or nodes; ``line`` counts from 1."""

    id: str
    value: Any
    line: int
    style: str | None = None


class _Other(Exception):
    """This text is for the other library."""


def nodes(text: str) -> Node | None:
    """Return the root of a text, None where there is nothing in it.

    Raises
    ------
    DocumentError
        The text is not YAML, or is nested too deeply.
    """
    if not _FOR_THE_NEW.search(text):
        try:
            return _by_events(yaml.parse(text, yaml.CSafeLoader))
        except (_Other, yaml.YAMLError, ValueError):
            pass
    return _as_ours(anew(text), {})


def _by_events(events: Iterator[Event]) -> Node | None:
    next(events)
    if not isinstance(next(events), DocumentStartEvent):
        return None
    root = _node(next(events), events, 0)
    if not isinstance(next(events), DocumentEndEvent) or isinstance(next(events), DocumentStartEvent):
        raise _Other
    return root


def _node(event: Event, events: Iterator[Event], depth: int) -> Node:
    line = event.start_mark.line + 1 if event.start_mark else 1
    if isinstance(event, ScalarEvent):
        return Node("scalar", event.value, line, event.style)
    if isinstance(event, AliasEvent):
        raise _Other
    if depth > DEEPEST:
        said = f"the document is nested more than {DEEPEST} deep"
        raise DocumentError((Issue("document_too_large", said, "close what is opened", line=line),))
    parts = []
    while not isinstance(event_inside := next(events), EndEvent):
        parts.append(_node(event_inside, events, depth + 1))
    if isinstance(event, SequenceStartEvent):
        return Node("sequence", parts, line)
    assert isinstance(event, MappingStartEvent)
    return Node("mapping", list(zip(parts[::2], parts[1::2], strict=True)), line)


def anew(text: str) -> Any:
    """Return the root as ruamel.yaml has it, or say what is wrong with the text."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        return YAML(typ="safe", pure=True).compose(text)  # the one for comments marks where lines were folded
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        issue = Issue("yaml_invalid", f"is not YAML: {error.problem or error.context}",
                      "check indentation, quotes and colons near this line", line=mark.line + 1 if mark else None)  # fmt: skip
        raise DocumentError((issue,)) from error
    except (ValueError, RecursionError, YAMLError) as error:
        line = text.count("\n", 0, error.position) + 1 if isinstance(error, ReaderError) else None  # of a sign that YAML has not
        issue = Issue("yaml_invalid", f"is not YAML: {str(error).splitlines()[0]}", "save the file as UTF-8 text", line=line)
        raise DocumentError((issue,)) from error


def _as_ours(node: Any, known: dict[int, Node]) -> Node | None:
    """Return nodes of ruamel.yaml as ours; a part that is named twice is one node, as it is there."""
    if node is None or id(node) in known:
        return known.get(id(node))
    found = known[id(node)] = Node(node.id, node.value, node.start_mark.line + 1, getattr(node, "style", None))
    if node.id == "sequence":
        found.value = [_as_ours(each, known) for each in node.value]
    elif node.id == "mapping":
        found.value = [(_as_ours(key, known), _as_ours(value, known)) for key, value in node.value]
    return found
