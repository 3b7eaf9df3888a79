"""How two documents differ, in words: each change with what it is about and each setting that differs."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.studies.logic.changes import Change, changes
from vaglio_server.web.audience import audience_words, left_out_words
from vaglio_server.web.sentences import said
from vaglio_server.web.words import plain


@dataclass(frozen=True)
class Told:
    """A change, what it is about, and of each setting that differs: what it is, before and after."""

    change: Change
    about: str
    settings: list[tuple[str, str, str]]
    before: str
    after: str


def told_changes(before: ModelDocument, after: ModelDocument) -> list[Told]:
    """Return how two documents differ."""
    return [
        Told(change, _about(change), _settings(change, before, after), said(change.before, before), said(change.after, after))
        for change in changes(before, after)
    ]


def _about(change: Change) -> str:
    """Return what a change is about, in words."""
    if change.name:
        return plain(change.name)
    words = {
        "profile": _("Fit"), "engagement": _("Engagement"), "audience": _("Who is scored"), "exclude": _("Who is left out"),
        "inputs": _("What it reads"), "ratings": _("Where ratings lead"), "promises": _("Promises"), "journey": _("Buying stages"),
        "rank": _("Order of calling"), "minimum_coverage": _("Least evidence"), "title": _("Title"), "description": _("Description"),
    }  # fmt: skip
    return words.get(change.section, plain(change.section).capitalize())


def _settings(change: Change, before: ModelDocument, after: ModelDocument) -> list[tuple[str, str, str]]:
    """Return each setting that differs: what it is in words, before and after."""
    if change.section == "audience":
        return [(_("only where"), audience_words(before), audience_words(after))]
    if change.section == "exclude":
        old, new = dict(left_out_words(before)), dict(left_out_words(after))
        return [(name, old.get(name, ""), new.get(name, "")) for name in {**old, **new} if old.get(name) != new.get(name)]
    words = {
        "points": _("points"), "weight": _("weight"), "within": _("looks back"), "half_life": _("halves every"), "fade": _("fades over"),
        "at_most": _("at most"), "once_per": _("once per"), "at_least": _("at least"), "letters": _("letter"), "digits": _("digit"),
        "any_word": _("has one of the words"), "bands": _("band"), "award": _("share of the points"), "group": _("group"),
    }  # fmt: skip
    return [(" ".join(words.get(each, plain(each)) for each in part.name), part.before, part.after) for part in change.parts]
