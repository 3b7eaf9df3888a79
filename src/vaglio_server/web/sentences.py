"""Rules' sentences for people who never saw a model's text: names as words, lengths of time spelled out, and what of a lead they ask."""

import re

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vaglio.condition import FieldInput, condition_expr, leaves
from vaglio.rule import Rule
from vaglio.rules.fields import Fields
from vaglio.rules.list_member import ListMember
from vaglio.terms import AXES
from vaglio_server.crm.models import Lead
from vaglio_server.scoring.engine import ModelDocument
from vaglio_server.web.words import MINUS, plain, shown_beside

_LENGTH = re.compile(r"\b(every|for|within|inside|after|over|than) (\d+)([smhd])\b")
_MINUS = re.compile(r"(^|\botherwise )-(?=\d)")  # of points: as figures beside the sentence have it
_OF_ACCOUNT = re.compile(r"\baccount\.(\w+)")


def said(sentence: str, document: ModelDocument) -> str:
    """Return a rule's sentence as people say it: ``page_viewed for 90d`` is ``page viewed for 90 days``; values stay as they are."""
    told = _OF_ACCOUNT.sub(lambda found: _("the company's {field}").format(field=plain(found[1])), _MINUS.sub(rf"\1{MINUS}", sentence))
    told = _LENGTH.sub(lambda found: f"{found[1]} {_length(int(found[2]), found[3])}", told)
    names = _names(document)
    return names.sub(lambda found: plain(found[0]), told) if names else told


def _names(document: ModelDocument) -> re.Pattern[str] | None:
    """Return what finds the names that a document gives to fields, activities, properties and lists."""
    read = document.inputs
    lists = [str(rule.list) for axis in AXES for rule in document.axis(axis).rules if isinstance(rule, ListMember)]
    found = {*read.fields, *read.account_fields, *read.activities, *read.property_types(), *lists}
    spelled = sorted((name for name in found if "_" in name), key=len, reverse=True)
    return re.compile(rf"(?<![\w/.-])(?:{'|'.join(map(re.escape, spelled))})(?![\w/-])") if spelled else None


def _length(n: int, unit: str) -> str:
    words = {
        "s": ngettext("{n} second", "{n} seconds", n),
        "m": ngettext("{n} minute", "{n} minutes", n),
        "h": ngettext("{n} hour", "{n} hours", n),
        "d": ngettext("{n} day", "{n} days", n),
    }
    return words[unit].format(n=n)


def facts_asked(rule: Rule | None, lead: Lead) -> list[tuple[str, str]]:
    """Return, of each field that a rule about facts asks for, what is known of a lead; nothing of rules about activities."""
    if not isinstance(rule, Fields):
        return []
    inputs = dict.fromkeys(leaf.input for band in rule.bands for leaf in leaves(condition_expr(band, rule.field)))
    return [(field_called(field), shown_beside(known_of(lead, field), field.name) or _("not known")) for field in inputs]


def field_called(field: FieldInput) -> str:
    """Return what a field is called in a sentence."""
    return _("the company's {field}").format(field=plain(field.name)) if field.of_account else plain(field.name)


def known_of(lead: Lead, field: FieldInput) -> object:
    """Return the value of a field of a lead, or of its company."""
    if field.of_account:
        return lead.account.fields.get(field.name) if lead.account else None
    return lead.fields.get(field.name)
