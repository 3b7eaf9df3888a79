"""Leads, accounts, contacts, opportunities, their lists, what is written about them, and what became of leads."""

from vaglio_server.crm.models.among import among
from vaglio_server.crm.models.erased import ErasedKey, Erasure, accounts_ever
from vaglio_server.crm.models.fields import FieldDefinition, FieldKind, Subject
from vaglio_server.crm.models.lists import ListMember
from vaglio_server.crm.models.notes import Note
from vaglio_server.crm.models.objections import Objection
from vaglio_server.crm.models.opportunities import (
    LossReason,
    Opportunity,
    OpportunityContact,
    OpportunityQuerySet,
    Outcome,
    Pipeline,
    PipelineStage,
)
from vaglio_server.crm.models.order import LeadOrder
from vaglio_server.crm.models.outcomes import Fate, LeadOutcome
from vaglio_server.crm.models.owners import OwnerChange
from vaglio_server.crm.models.records import (
    LONGEST_FACET,
    PRESENT,
    RARE,
    UNKNOWN_LAST,
    UNRANKED,
    Account,
    Contact,
    ContactQuerySet,
    FieldChange,
    Lead,
    LeadQuerySet,
    LeadWords,
    OwnedQuerySet,
    Words,
    called,
    few_named,
    one_of,
    seen_by,
    unranked,
)

__all__ = [
    "LONGEST_FACET",
    "PRESENT",
    "RARE",
    "UNKNOWN_LAST",
    "UNRANKED",
    "Account",
    "Contact",
    "ContactQuerySet",
    "ErasedKey",
    "Erasure",
    "Fate",
    "FieldChange",
    "FieldDefinition",
    "FieldKind",
    "Lead",
    "LeadOrder",
    "LeadOutcome",
    "LeadQuerySet",
    "LeadWords",
    "ListMember",
    "LossReason",
    "Note",
    "Objection",
    "Opportunity",
    "OpportunityContact",
    "OpportunityQuerySet",
    "Outcome",
    "OwnedQuerySet",
    "OwnerChange",
    "Pipeline",
    "PipelineStage",
    "Subject",
    "Words",
    "accounts_ever",
    "among",
    "called",
    "few_named",
    "one_of",
    "seen_by",
    "unranked",
]
