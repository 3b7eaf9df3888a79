"""YAML 1.2 text → plain values and the line of every part. ``NO`` is Norway, and no number passes through a float."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from vaglio.document.nodes import DEEPEST, Node, nodes
from vaglio.errors import DocumentError, Issue

MAX_BYTES = 4_000_000
MAX_NODES = 500_000  # aliases may repeat a part, but not blow up the document
_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_WORDS = {"": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True, "TRUE": True,
          "false": False, "False": False, "FALSE": False}  # fmt: skip

Path = tuple[str | int, ...]


@dataclass
class Source:
    """A parsed text: ``data`` as plain values, ``lines`` of each path (counted from 1), and faults of form.

    ``merging`` are the parts that were to take keys from another part by ``<<``, which YAML 1.2 has not.
    """

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    nodes: int = 0
    merging: set[Path] = field(default_factory=set)

    def line(self, path: Path) -> int | None:
        """Return the line of a path, or of its nearest parent."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def parse(text: str) -> Source:
    """Return the plain values of a YAML text.

    Raises
    ------
    DocumentError
        The text is not YAML, is empty, or is too large.
    """
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        raise DocumentError((Issue("document_too_large", f"the document is over {MAX_BYTES:,} bytes", "split the model"),))
    node = nodes(text)
    if node is None:
        raise DocumentError((Issue("document_empty", "the document is empty", "start with `vaglio init leads.csv`"),))
    source = Source()
    source.data = _build(node, (), source)
    return source


def _build(node: Node, path: Path, source: Source) -> Any:
    source.nodes += 1
    if source.nodes > MAX_NODES or len(path) > DEEPEST:
        raise DocumentError((Issue("document_too_large", "the document has too many parts", "remove repeated aliases"),))
    source.lines.setdefault(path, node.line)
    if node.id == "scalar":
        return _scalar(node)
    if node.id == "mapping":
        return _mapping(node, path, source)
    return [_build(item, (*path, position), source) for position, item in enumerate(node.value)]


def _mapping(node: Node, path: Path, source: Source) -> dict[Any, Any]:
    built: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        if key_node.id != "scalar":  # never spelled out: it may name its parts again and again
            issue = Issue("yaml_invalid", f"is no key: a {key_node.id}", "put it in quotes", path=".".join(map(str, path)),
                          line=key_node.line)  # fmt: skip
            source.issues.append(issue)
            continue
        if key_node.value == "<<" and not key_node.style:
            source.issues.append(Issue("yaml_invalid", "merge keys (<<) are not read: YAML 1.2 has none", "write the keys out",
                                       path=".".join(map(str, path)), line=key_node.line))  # fmt: skip
            source.merging.add(path)
            continue
        key = _scalar(key_node)
        here: Path = (*path, key if isinstance(key, int) and not isinstance(key, bool) else str(key))
        if key in built:
            issue = Issue("key_repeated", f"{key!s} is written twice", "keep one of the two", path=".".join(map(str, path)),
                          line=key_node.line)  # fmt: skip
            source.issues.append(issue)
        source.lines[here] = key_node.line
        built[key] = _build(value_node, here, source)
    return built


def _scalar(node: Node) -> Any:
    text = node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text) if len(text) < 30 else Decimal(text)
    if _FLOAT.fullmatch(text):
        return Decimal(text)
    return text
