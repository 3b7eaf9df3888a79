"""Every write to CRM records, one file per concept; :mod:`vaglio_server.crm.actions.knowledge` says in which order locks are taken."""

from vaglio_server.crm.actions.accounts import DomainTaken, create_account, edit_account, make_account_of
from vaglio_server.crm.actions.contacts import create_contact, edit_contact
from vaglio_server.crm.actions.countries import unify_countries
from vaglio_server.crm.actions.erased import WasErased, let_in, refuse_erased
from vaglio_server.crm.actions.fields import FieldTaken, NewField, change_field, define_field, retire_field
from vaglio_server.crm.actions.knowledge import (
    KNOWLEDGE,
    Change,
    column_text,
    copy_rows,
    lock_leads,
    lock_places,
    lock_staff,
    make_due,
    now_known,
    write_changes_of_each,
)
from vaglio_server.crm.actions.leads import (
    Brought,
    Learned,
    bring_leads,
    learn,
    learn_account,
    make_accounts,
    refuse_gone,
    set_account,
    set_account_of,
)
from vaglio_server.crm.actions.lists import (
    add_leads_to_list,
    add_list_member,
    end_entries,
    put_on_lists,
    remove_leads_from_list,
    remove_list_member,
)
from vaglio_server.crm.actions.loss_reasons import set_loss_reasons
from vaglio_server.crm.actions.many_contacts import SaidOfContact, hold_contacts, put_contacts, take_back_contacts
from vaglio_server.crm.actions.notes import NotYours, add_note, remove_note
from vaglio_server.crm.actions.opportunities import (
    create_opportunity,
    edit_opportunity,
    placed,
    remove_opportunity_contact,
    set_opportunity_contact,
)
from vaglio_server.crm.actions.outcomes import Became, bring_outcomes, put_outcome, record_outcome, record_outcomes, take_back_outcomes
from vaglio_server.crm.actions.owners import OWNER, assign_account, assign_leads, owner_before, write_owners
from vaglio_server.crm.actions.pipelines import (
    first_ending_stage,
    first_open_stage,
    first_pipeline,
    move_pipeline,
    remove_pipeline,
    set_pipeline,
)
from vaglio_server.crm.actions.placing import Place, place_lead
from vaglio_server.crm.actions.records import FaultyValues, Fitting, Told, put
from vaglio_server.crm.actions.taking_back import ACCOUNT, take_back_accounts, take_back_leads, write_back

__all__ = [
    "ACCOUNT",
    "KNOWLEDGE",
    "OWNER",
    "Became",
    "Brought",
    "Change",
    "DomainTaken",
    "FaultyValues",
    "FieldTaken",
    "Fitting",
    "Learned",
    "NewField",
    "NotYours",
    "Place",
    "SaidOfContact",
    "Told",
    "WasErased",
    "add_leads_to_list",
    "add_list_member",
    "add_note",
    "assign_account",
    "assign_leads",
    "bring_leads",
    "bring_outcomes",
    "change_field",
    "column_text",
    "copy_rows",
    "create_account",
    "create_contact",
    "create_opportunity",
    "define_field",
    "edit_account",
    "edit_contact",
    "edit_opportunity",
    "end_entries",
    "first_ending_stage",
    "first_open_stage",
    "first_pipeline",
    "hold_contacts",
    "learn",
    "learn_account",
    "let_in",
    "lock_leads",
    "lock_places",
    "lock_staff",
    "make_account_of",
    "make_accounts",
    "make_due",
    "move_pipeline",
    "now_known",
    "owner_before",
    "place_lead",
    "placed",
    "put",
    "put_contacts",
    "put_on_lists",
    "put_outcome",
    "record_outcome",
    "record_outcomes",
    "refuse_erased",
    "refuse_gone",
    "remove_leads_from_list",
    "remove_list_member",
    "remove_note",
    "remove_opportunity_contact",
    "remove_pipeline",
    "retire_field",
    "set_account",
    "set_account_of",
    "set_loss_reasons",
    "set_opportunity_contact",
    "set_pipeline",
    "take_back_accounts",
    "take_back_contacts",
    "take_back_leads",
    "take_back_outcomes",
    "unify_countries",
    "write_back",
    "write_changes_of_each",
    "write_owners",
]
