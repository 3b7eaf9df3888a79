"""Leads, accounts, contacts, opportunities, what is written about them, and what became of leads."""

from vaglio_server.crm.models.fields import FieldDefinition, FieldKind, Subject
from vaglio_server.crm.models.notes import Note
from vaglio_server.crm.models.outcomes import Fate, LeadOutcome
from vaglio_server.crm.models.records import (
    UNRANKED,
    Account,
    Contact,
    ContactQuerySet,
    FieldChange,
    Lead,
    LeadQuerySet,
    LeadWords,
    ListMember,
    Opportunity,
    OpportunityContact,
    OpportunityQuerySet,
    Outcome,
    OwnedQuerySet,
    Words,
    called,
    one_of,
    seen_by,
    unranked,
)

__all__ = [
    "UNRANKED",
    "Account",
    "Contact",
    "ContactQuerySet",
    "Fate",
    "FieldChange",
    "FieldDefinition",
    "FieldKind",
    "Lead",
    "LeadOutcome",
    "LeadQuerySet",
    "LeadWords",
    "ListMember",
    "Note",
    "Opportunity",
    "OpportunityContact",
    "OpportunityQuerySet",
    "Outcome",
    "OwnedQuerySet",
    "Subject",
    "Words",
    "called",
    "one_of",
    "seen_by",
    "unranked",
]
