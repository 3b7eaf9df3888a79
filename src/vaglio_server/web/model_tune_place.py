"""A box of the form by which a model is changed: what stands at one place of its text."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vaglio_server.scoring.logic.tuning import Value

# What an empty box means, said in it.
_EMPTY = {
    "at_most": gettext_lazy("no limit"),
    "within": gettext_lazy("always"),
    "half_life": gettext_lazy("never"),
    "fade": gettext_lazy("never"),
    "minimum_coverage": gettext_lazy("none"),
    "rank": gettext_lazy("the usual order"),
}
_LINES = re.compile(r"[ \t,]*[\r\n]\s*")
LONG = 48  # characters, from which on a box has several lines


@dataclass(frozen=True)
class Place:
    """A number, a time or words: where they stand, what they are called, what stands there, what was typed, what is wrong with that."""

    path: tuple[str | int, ...]
    title: str
    was: str
    value: str
    reader: Callable[[str], Value]
    may_be_empty: bool = False
    fault: str = ""
    is_list: bool = False  # several, with commas between them
    holder: int = 0  # how many steps above it stands what goes with it when nothing is typed any more

    @property
    def name(self) -> str:
        """What the box is called in the form."""
        return ".".join(map(str, self.path))

    @property
    def gone(self) -> tuple[str | int, ...]:
        """What is taken out of the text where nothing is typed any more."""
        return self.path[: len(self.path) - self.holder]

    @property
    def empty(self) -> str:
        """What it means that nothing stands in the box."""
        if not self.may_be_empty:
            return ""
        return _("not promised") if self.path[0] == "promises" else str(_EMPTY.get(str(self.path[-1]), ""))

    @property
    def is_long(self) -> bool:
        """Whether it takes several lines."""
        return len(self.value) > LONG

    @property
    def is_other(self) -> bool:
        """Whether something else was typed."""
        return self.value != self.was


def place(path: tuple[str | int, ...], title: str, was: Any, reader: Callable[[str], Value], *, may_be_empty: bool = False) -> Place:
    """Return the box for what stands at a place of the text."""
    text = "" if was is None else str(was)
    return Place(path, title, text, text, reader, may_be_empty)


def typed(its: Place, given: Mapping[str, str]) -> Place:
    """Return a box with what was typed in it, and what is wrong with that."""
    text = given.get(its.name, its.was).strip()
    if its.is_list:
        text = _LINES.sub(", ", text)  # who writes each word on a line of its own means as many
    filled = replace(its, value=" ".join(text.split()))
    if not filled.is_other:
        return filled
    try:
        read(filled)
    except ValueError as wrong:
        return replace(filled, fault=str(wrong))
    return filled


def read(its: Place) -> Value:
    """Return what was typed as the document holds it; None: nothing any more.

    Raises
    ------
    ValueError
        It is not what belongs there; its text says what does.
    """
    if its.value:
        return its.reader(its.value)
    if its.may_be_empty:
        return None
    raise ValueError(_("this cannot be empty"))
