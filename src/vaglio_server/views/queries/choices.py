"""What can be asked of leads in this installation: its fields, the activities its models read, its lists, its models."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.queries import fields_of_each, list_names
from vaglio_server.imports.queries import started_imports
from vaglio_server.scoring.engine import document_of
from vaglio_server.scoring.models import ModelVersion
from vaglio_server.scoring.queries import live_versions
from vaglio_server.views.logic.conditions import ANY, Condition
from vaglio_server.views.queries.lists import with_members

FILES = 100  # the newest ones, that leads can be asked for by
_KINDS = {
    "string": "text",
    "country": "country",
    "choice": "text",
    "domain": "text",
    "text": "text",
    "integer": "number",
    "amount": "number",
}
_SCORED = {"temperature": "word", "buying_stage": "word", "potential": "number", "coverage": "number", "excluded_by": "text"}


@dataclass(frozen=True)
class Choice:
    """Something that can be asked of a lead: its name in addresses, what it is called, its kind, and its values where they are known.

    ``words``: what these values are called, where pages call them otherwise; then there are no others. ``field_kind``: of fields, their
    own kind: whole numbers and amounts are all numbers to a filter.
    """

    name: str
    title: str
    kind: str
    values: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    field_kind: str = ""


@dataclass(frozen=True)
class Held:
    """A value of leads that an app above keeps beside them, under ``record``.

    ``value``: SQL on ``crm_lead`` for it; ``few``: SQL by which an index names leads with a value, given that and how many at most;
    ``usual``: the value of leads of whom nothing is kept, whom no index names.
    """

    choice: Choice
    value: str
    few: str
    usual: str


@dataclass(frozen=True)
class Offer:
    """What this installation has, read once for a page: its live versions, the driving one first, and what can be asked of leads.

    ``groups``: what is offered; ``former``: what is not any more, though a kept view may ask for it.
    """

    versions: list[ModelVersion]
    groups: dict[str, list[Choice]]
    held: tuple[Held, ...] = ()
    former: tuple[Choice, ...] = ()

    @property
    def driving(self) -> ModelVersion | None:
        """The version whose ratings are the leads'."""
        return next((version for version in self.versions if version.scoring_model.is_driving), None)

    @cached_property
    def choices(self) -> dict[str, Choice]:
        """Everything that can be asked, by its name in addresses."""
        return {choice.name: choice for group in (self.former, *self.groups.values()) for choice in group}

    @property
    def columns(self) -> dict[str, list[Choice]]:
        """The columns that a list can have, by what they are about."""
        fields = {title: [each for each in self.groups[title] if each.name.startswith(("lead.", "account."))] for title in self.groups}
        own = [
            ("company", _("Company")), ("fit", _("Fit")), ("engagement", _("Engagement")), ("owner", _("Owner")), ("seen", _("Last seen")),
            ("created", _("Created")), ("temperature", _("Temperature")), ("buying_stage", _("Buying stage")),
            *((its.choice.name.partition(".")[2], its.choice.title) for its in self.held),
        ]  # fmt: skip
        return {_("Vaglio"): [Choice(name, title, "text") for name, title in own]} | {
            title: group for title, group in fields.items() if group
        }


def offer(held: Iterable[Held] = ()) -> Offer:
    """Return what this installation has; ``held``: what apps above let be asked besides."""
    held = tuple(held)
    versions = list(live_versions())
    found = [document_of(version.text) for version in versions]
    read = [document.inputs for document in found]
    acts = sorted({name for each in read for name in each.activities})
    fields = fields_of_each("lead", "account")
    known = list_names()
    lists = sorted({*with_members(known), *(name for each in found for name in each.lists())})
    groups = {
        _("Lead"): [
            *_fields("lead", fields["lead"], (each.fields for each in read)),
            Choice("record.created", _("Created"), "instant"),
            *(its.choice for its in held),
        ],
        _("Company"): _fields("account", fields["account"], (each.account_fields for each in read)),
        _("Activity"): [Choice(f"activity.{ANY}", _("Any activity"), "activity"), *(_act(name) for name in acts)],
        _("List"): [_list(name) for name in lists],
        _("File"): _files(),
        _("Score"): [Choice(f"score.{name}", _plain(name), kind) for name, kind in _SCORED.items()],
        _("Model"): [Choice(f"model.{document.name}", document.title or _plain(document.name), "word") for document in found],
    }
    former = tuple(_list(name) for name in known if name not in lists)
    return Offer(versions, {title: group for title, group in groups.items() if group}, held, former)


def _files() -> list[Choice]:
    """Return the files that were brought in; of those of one name each with when that was."""
    files = list(started_imports()[:FILES])
    named = Counter(each.file_name for each in files)
    whens = {each.pk: f", {date_format(localtime(each.started_at), 'j M Y, H:i')}" for each in files if named[each.file_name] > 1}
    return [Choice(f"file.{each.pk}", each.file_name + whens.get(each.pk, ""), "file") for each in files]


def _fields(subject: str, known: Mapping[str, Definition], read: Iterable[Mapping[str, str]]) -> list[Choice]:
    """Return the fields of a kind of record: defined ones, and those that models read though nobody defined them."""
    defined = {name: each for name, each in known.items() if not each.is_retired}
    found = {
        name: Choice(f"{subject}.{name}", each.label, _kind(each.kind), each.choices, field_kind=each.kind)
        for name, each in defined.items()
    }
    for names in read:
        for name, kind in names.items():
            found.setdefault(name, Choice(f"{subject}.{name}", _plain(name), _kind(kind), field_kind=kind))
    if subject == "account":
        for name, title in (("name", _("Name")), ("domain", _("Domain"))):
            found[name] = Choice(f"account.{name}", title, "text")
    return sorted(found.values(), key=lambda each: each.title.lower())


def _kind(kind: str) -> str:
    return _KINDS.get(kind, kind)


def _list(name: str) -> Choice:
    return Choice(f"list.{name}", _plain(name), "list")


def _act(name: str) -> Choice:
    return Choice(f"activity.{name}", _plain(name), "activity")


def _plain(name: str) -> str:
    return name.replace("_", " ")


def named(condition: Condition) -> str:
    """Return the name in addresses of what a condition asks about."""
    return f"{condition.subject}.{condition.name}"
