"""The boxes of the form of a new rule, and what was typed in them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.web.model_rule_known import Input, Known
from vaglio_server.web.model_rule_tests import EXAMPLES, OPERATORS, test_of
from vaglio_server.web.words import plain

MOST_CASES = 12


@dataclass(frozen=True)
class Option:
    """A choice of a box; ``group``: the heading under which it stands."""

    value: str
    title: str
    group: str = ""


@dataclass(frozen=True)
class Box:
    """A box of the form; ``redraws``: what is chosen here decides which other boxes there are."""

    name: str
    title: str
    value: str = ""
    options: Sequence[Option] = ()
    empty: str = ""
    fault: str = ""
    redraws: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether what is wrong is that nothing is typed in it."""
        return bool(self.fault) and not self.value and not self.options

    @property
    def part(self) -> str:
        """What it is of a test: ``operator`` or ``value``; some operators need no value, and then that box is not shown."""
        return self.name.partition(".")[0].removeprefix("also_")


@dataclass(frozen=True)
class Case:
    """What a value has to be, and what that is worth."""

    operator: Box
    value: Box
    points: Box


@dataclass(frozen=True)
class Also:
    """What has to be true besides: of what, and, once that is chosen, what it has to be."""

    of: Box
    operator: Box | None = None
    value: Box | None = None

    @property
    def boxes(self) -> list[Box]:
        """Its boxes."""
        return [box for box in (self.of, self.operator, self.value) if box is not None]


@dataclass
class RuleForm:
    """The form as it was filled in; ``rule`` and ``reads`` hold what it says once nothing is wrong."""

    about: str
    first: list[Box] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    also: list[Also] = field(default_factory=list)
    rest: list[Box] = field(default_factory=list)
    often: list[str] = field(default_factory=list)
    path: tuple[str, ...] = ()  # of the list of the document to which it is added; empty: of the condition under ``audience``
    rule: dict[str, Any] = field(default_factory=dict)
    reads: dict[str, Any] = field(default_factory=dict)

    @property
    def boxes(self) -> Iterable[Box]:
        """Every box."""
        yield from self.first
        for case in self.cases:
            yield from (case.operator, case.value, case.points)
        for each in self.also:
            yield from each.boxes
        yield from self.rest

    @property
    def faults(self) -> list[Box]:
        """The boxes in which something is wrong; of several cases, each says which it is of."""
        several = self.cases if len(self.cases) > 1 else []
        cases = {box.name: number for number, case in enumerate(several, 1) for box in (case.operator, case.value, case.points)}
        wrong = [box for box in self.boxes if box.fault]
        return [
            replace(box, title=_("Case {n}: {what}").format(n=cases[box.name], what=box.title)) if box.name in cases else box
            for box in wrong
        ]

    @property
    def is_begun(self) -> bool:
        """Whether nothing is wrong but that something is not typed yet, which nobody needs to be told while typing."""
        return bool(self.faults) and all(box.is_missing for box in self.faults)

    @property
    def may_grow(self) -> bool:
        """Whether there may be one more case."""
        return self.about == "field" and len(self.cases) < MOST_CASES


@dataclass(frozen=True)
class Filling:
    """What the form is made from: the model, what may be read, and what was typed; ``is_sent``: what is wrong is marked."""

    document: ModelDocument
    known: Known
    given: Mapping[str, str]
    is_sent: bool

    def typed(self, name: str, default: str = "") -> str:
        """Return what was typed or chosen."""
        return self.given.get(name, default).strip()

    def box(
        self, name: str, title: str, read: Callable[[str], Any] | None = None, *, empty: str = "", default: str = ""
    ) -> tuple[Box, Any]:
        """Return a box and what was typed in it, read; one without ``empty`` needs something."""
        box = Box(name, title, self.typed(name, default), empty=empty)
        if not box.value:
            return (box if empty or not self.is_sent else replace(box, fault=_("write a value"))), None
        try:
            return box, read(box.value) if read else box.value
        except ValueError as wrong:
            return replace(box, fault=str(wrong)), None

    def chosen(self, name: str, title: str, options: Sequence[Option], *, redraws: bool = False, default: str = "") -> tuple[Box, str]:
        """Return a box of choices and the one that was chosen: the first one where none was.

        What was chosen may be none any more: a rule about something else than what was seen would be kept.
        """
        values = [option.value for option in options]
        value = self.typed(name, default)
        value = value if value in values else values[0] if values else ""
        is_gone = self.is_sent and self.given.get(name, value) not in values
        fault = _("what was chosen is not among the choices any more; choose again") if is_gone else ""
        return Box(name, title, value, options, fault=fault, redraws=redraws), value

    def called(self, title: str, named: str) -> tuple[Box, str]:
        """Return the box of a name, and that; ``named``: what it is called where nothing is typed."""
        box, typed = self.box("called", title, empty=plain(named) or _("a name"))
        return box, typed or named

    def asked(self, name: str, operator: str, read: Input, often: Sequence[str] = ()) -> tuple[Box, dict[str, Any]]:
        """Return the box of a value, and the operators that it makes with the one that was chosen; ``often``: values to begin with."""
        shown = ", ".join(often[:2]) if read.name != "job_title" else ""  # which people look for by words, not as a whole
        box = Box(name, _("Value"), self.typed(name), empty=shown or EXAMPLES[read.kind])
        try:
            return box, test_of(operator, box.value, read.kind, read.name, often)
        except ValueError as wrong:
            return replace(box, fault=str(wrong) if self.is_sent or box.value else ""), {}

    def operator(self, name: str, read: Input) -> tuple[Box, str]:
        """Return the box of what has to be true of a value, and what was chosen."""
        return self.chosen(name, _("What has to be true"), [Option(value, str(title)) for value, title in OPERATORS[read.kind].items()])
