"""Where the calls of a request stand in its text, found without reading them: one is taken out to the letter, however deep others are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

Span = tuple[int, int]
# A whole text (skipped, whatever it holds; one without an end is taken at once, or many would take hours), or a sign that means
# something outside of texts.
_SIGNS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[][{},:]', re.DOTALL)


@dataclass
class Batch:
    """The list of calls: where each stands, and where the values beside the list do, by their names as written."""

    calls: list[Span] = field(default_factory=list)
    beside: dict[str, Span] = field(default_factory=dict)


def batch_in(text: str) -> Batch | None:
    """Return the calls of the list that a text is, or that it holds as ``batch``; None where there is no such list."""
    reader = _Reader(text)
    for sign in _SIGNS.finditer(text):
        reader.take(sign)
    return reader.batch


def elements(text: str) -> list[str]:
    """Return the texts of the calls of a batch: of one that is too deep to be read in one go."""
    found = batch_in(text)
    return [text[start:end] for start, end in found.calls] if found else []


@dataclass
class _Reader:
    text: str
    batch: Batch | None = None
    depth: int = 0
    is_object: bool = False
    list_depth: int = 0  # of the list that is being read; 0: none is
    start: int = 0
    name: str = ""
    last: str = ""

    def take(self, sign: re.Match[str]) -> None:
        mark, at = sign[0][0], sign.start()
        if mark == '"':
            self.last = sign[0][1:-1]
        elif mark == ":" and self.depth == 1:
            self.name, self.start = self.last, sign.end()
        elif mark in "[{":
            self._open(mark, at)
        elif mark == ",":
            self._end(at)
        elif mark in "]}":
            self._end(at)
            self.list_depth = 0 if self.list_depth == self.depth else self.list_depth
            self.depth -= 1

    def _open(self, mark: str, at: int) -> None:
        self.depth += 1
        self.is_object = mark == "{" if self.depth == 1 else self.is_object
        is_list = mark == "[" and (self.depth == 1 or (self.depth == 2 and self.is_object and self.name == "batch"))
        if is_list and not self.list_depth:
            beside = self.batch.beside if self.batch else {}
            self.batch, self.list_depth, self.start = Batch(beside=beside), self.depth, at + 1  # of two the last one counts

    def _end(self, at: int) -> None:
        """Note what ends here, a call or a value beside the list."""
        if self.list_depth == self.depth and self.batch is not None:
            self.batch.calls += _filled(self.text, self.start, at)
            self.start = at + 1
        elif self.depth == 1 and self.is_object and self.name != "batch":
            self.batch = self.batch or Batch()
            self.batch.beside[self.name] = (self.start, at)


def _filled(text: str, start: int, end: int) -> Iterator[Span]:
    """Return a span without the white space around it, unless it is nothing else."""
    inside = text[start:end]
    if inside.strip():
        yield start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip())
