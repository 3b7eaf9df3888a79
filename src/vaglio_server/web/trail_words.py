"""What stands in the audit trail, in words: verbs, whom they were done to, and what else is known of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from vaglio_server.users.models import AuditEntry
from vaglio_server.web.trail_detail import CALLED, TABLES, called_in, detail
from vaglio_server.web.words import plain
from vaglio_server.web.writers import Writer, writers

VERBS: dict[str, str | Promise] = {
    "activate_version": gettext_lazy("made a model live"),
    "add_leads_to_list": gettext_lazy("put leads on"),
    "add_list_member": gettext_lazy("put on a list"),
    "add_members": gettext_lazy("added members to a campaign"),
    "add_note": gettext_lazy("wrote a note on"),
    "ask_again": gettext_lazy("sent once more the mail to confirm"),
    "assign_account": gettext_lazy("gave to a seller the company"),
    "assign_leads": gettext_lazy("gave leads to"),
    "bring_back_refused": gettext_lazy("brought back what was put away of"),
    "block_user": gettext_lazy("blocked"),
    "accept_lead": gettext_lazy("accepted"),
    "breach_clock": gettext_lazy("found the promised answer late to"),
    "bring_activities": gettext_lazy("brought in activities from"),
    "bring_leads": gettext_lazy("brought in"),
    "bring_outcomes": gettext_lazy("brought in what became of"),
    "carry_signatures": gettext_lazy("brought back with its signatures a version of"),
    "change_field": gettext_lazy("changed a field"),
    "change_user": gettext_lazy("changed role or team of"),
    "change_view": gettext_lazy("renamed or shared a view of leads:"),
    "delete_old": gettext_lazy("deleted what was older than it is to be kept:"),
    "discard_version": gettext_lazy("discarded a draft of"),
    "compare_versions": gettext_lazy("compared two versions of"),
    "disqualify_lead": gettext_lazy("disqualified"),
    "erase_person": gettext_lazy("erased a person:"),
    "give_out_person": gettext_lazy("gave out all that is known of"),
    "let_in": gettext_lazy("let in again somebody who was erased:"),
    "pause_clock": gettext_lazy("stopped the clock of"),
    "recycle_lead": gettext_lazy("gave back to marketing"),
    "reject_lead": gettext_lazy("handed back"),
    "reopen_lead": gettext_lazy("opened again"),
    "resume_clock": gettext_lazy("let the clock run on of"),
    "qualify_lead": gettext_lazy("sent to sales"),
    "withdraw_lead": gettext_lazy("took back from sales, as its rating fell,"),
    "win_lead": gettext_lazy("made a customer"),
    "lose_lead": gettext_lazy("gave back to marketing, as the sale was lost,"),
    "resume_lead": gettext_lazy("put back into its sale"),
    "step_back_lead": gettext_lazy("took out of a sale"),
    "route_leads": gettext_lazy("gave to sellers by itself"),
    "sales_qualify_lead": gettext_lazy("called sales qualified"),
    "keep_learned": gettext_lazy("kept what was learned as a draft of"),
    "prove_version": gettext_lazy("had a version held against history of"),
    "stop_proof": gettext_lazy("stopped what held a version against history of"),
    "change_routing_rule": gettext_lazy("changed the routing rule"),
    "create_routing_rule": gettext_lazy("made the routing rule"),
    "hand_on_leads": gettext_lazy("gave to others the leads of"),
    "keep_calendar": gettext_lazy("kept the calendar"),
    "move_routing_rule": gettext_lazy("changed the place of the routing rule"),
    "remove_calendar": gettext_lazy("removed the calendar"),
    "remove_routing_rule": gettext_lazy("removed the routing rule"),
    "remind_owners": gettext_lazy("reminded the owners of"),
    "give_opinion": gettext_lazy("gave a second opinion on"),
    "postpone_lead": gettext_lazy("postponed"),
    "show_lead_again": gettext_lazy("showed at once, put off before:"),
    "say_next_step": gettext_lazy("said the next step of"),
    "set_mails": gettext_lazy("chose the mails of"),
    "set_retention": gettext_lazy("decided how long things are kept:"),
    "set_queue": gettext_lazy("said how leads are shared in"),
    "set_seller": gettext_lazy("said how leads come to"),
    "count_version": gettext_lazy("had leads counted by"),
    "change_endpoint": gettext_lazy("changed who is told by webhooks:"),
    "make_endpoint": gettext_lazy("had another system told by webhooks:"),
    "remove_endpoint": gettext_lazy("removed who was told by webhooks:"),
    "replay_delivery": gettext_lazy("sent a webhook again to"),
    "replay_failed": gettext_lazy("sent webhooks again to"),
    "rotate_secret": gettext_lazy("made another secret for"),
    "send_test": gettext_lazy("sent a test to"),
    "switch_endpoint": gettext_lazy("switched webhooks on or off for"),
    "convert_lead": gettext_lazy("converted"),
    "unaccept_lead": gettext_lazy("took back the acceptance of"),
    "unconvert": gettext_lazy("put back from a conversion"),
    "undo_conversion": gettext_lazy("undid the conversion of"),
    "set_pipeline": gettext_lazy("set up a pipeline:"),
    "move_pipeline": gettext_lazy("moved a pipeline:"),
    "set_loss_reasons": gettext_lazy("said why sales are lost:"),
    "remove_pipeline": gettext_lazy("removed a pipeline:"),
    "set_mapping": gettext_lazy("said which fields of leads become which of"),
    "create_account": gettext_lazy("made a company"),
    "create_campaign": gettext_lazy("made a campaign"),
    "create_contact": gettext_lazy("made a contact"),
    "create_form": gettext_lazy("made a form:"),
    "create_opportunity": gettext_lazy("made an opportunity"),
    "create_source": gettext_lazy("made a source"),
    "create_team": gettext_lazy("made a team"),
    "create_token": gettext_lazy("made a token"),
    "create_user": gettext_lazy("made a user"),
    "define_field": gettext_lazy("defined a field"),
    "delete_form": gettext_lazy("deleted a form:"),
    "discard_import": gettext_lazy("threw away a file that was never brought in:"),
    "dismiss_match": gettext_lazy("said it is not the same person as another:"),
    "empty_list": gettext_lazy("took everybody off"),
    "edit_account": gettext_lazy("changed a company"),
    "edit_campaign": gettext_lazy("changed a campaign"),
    "edit_contact": gettext_lazy("changed a contact"),
    "edit_lead": gettext_lazy("changed a lead"),
    "edit_leads": gettext_lazy("changed one field of"),
    "edit_opportunity": gettext_lazy("changed an opportunity"),
    "finish_undo": gettext_lazy("has taken back"),
    "export_leads": gettext_lazy("took away a file of"),
    "join": gettext_lazy("set a password by a link"),
    "join_identity": gettext_lazy("added what is known of"),
    "keep_file": gettext_lazy("uploaded a file"),
    "make_link": gettext_lazy("made a link to set a password for"),
    "map_columns": gettext_lazy("said what the columns are of"),
    "merge_leads": gettext_lazy("merged another lead into"),
    "part_identity": gettext_lazy("took something apart from"),
    "push_model": gettext_lazy("uploaded a version of a model"),
    "put_contacts": gettext_lazy("brought in or wrote to"),
    "put_lead": gettext_lazy("wrote a lead"),
    "rate_again": gettext_lazy("rates again, who had objected,"),
    "recheck": gettext_lazy("worked out again stored"),
    "record_outcome": gettext_lazy("said what became of"),
    "remove_leads_from_list": gettext_lazy("took leads off"),
    "remove_list_member": gettext_lazy("took off a list"),
    "remove_member": gettext_lazy("removed a member of a campaign"),
    "remove_note": gettext_lazy("removed a note"),
    "remove_opportunity_contact": gettext_lazy("took a contact out of an opportunity"),
    "remove_second_factor": gettext_lazy("took away the second factor of"),
    "remove_team": gettext_lazy("removed a team"),
    "remove_view": gettext_lazy("removed a view of leads:"),
    "rename_list": gettext_lazy("renamed a list, now"),
    "rename_team": gettext_lazy("renamed a team"),
    "renew_key": gettext_lazy("gave a new key to"),
    "mend_refused": gettext_lazy("put right a refused call of"),
    "put_all_refused_away": gettext_lazy("put away refused calls of"),
    "put_away_refused": gettext_lazy("put away a refused call of"),
    "replay_all_refused": gettext_lazy("tried again what was refused in"),
    "replay_refused": gettext_lazy("tried again what was refused in"),
    "retire_field": gettext_lazy("retired a field"),
    "revoke_token": gettext_lazy("revoked a token"),
    "say_holds": gettext_lazy("said what is in"),
    "unify_countries": gettext_lazy("brought countries into one form:"),
    "say_countries": gettext_lazy("said which countries are meant by"),
    "say_owners": gettext_lazy("said whether owners are replaced by"),
    "say_known": gettext_lazy("said what becomes of people known already in"),
    "say_list": gettext_lazy("said the list for those in"),
    "remark_on_version": gettext_lazy("said something of a version of"),
    "restore_version": gettext_lazy("took back a discarded draft of"),
    "say_orders": gettext_lazy("said how days are written in"),
    "save_view": gettext_lazy("kept a view of leads:"),
    "score_past": gettext_lazy("scored past instants with a model"),
    "set_account": gettext_lazy("said the company of"),
    "set_member_status": gettext_lazy("changed a member of a campaign"),
    "set_opportunity_contact": gettext_lazy("said who has a say in an opportunity"),
    "sign_version": gettext_lazy("signed a version of"),
    "start_import": gettext_lazy("started an import of"),
    "stop_study": gettext_lazy("stopped a count or a comparison of"),
    "take_back_contacts": gettext_lazy("took back"),
    "take_back_outcomes": gettext_lazy("took back what became of"),
    "switch_source": gettext_lazy("switched a source on or off"),
    "unblock_user": gettext_lazy("let in again"),
    "unsign_version": gettext_lazy("took back a signature of"),
    "undo_import": gettext_lazy("asked to take back a file:"),
    "undo_merge": gettext_lazy("undid a merge into"),
    "ask_bulk": gettext_lazy("asked to merge many pairs:"),
    "ask_search": gettext_lazy("asked to look for duplicates:"),
    "confirm_mark": gettext_lazy("said it was a machine:"),
    "confirm_submission": gettext_lazy("confirmed by mail"),
    "decide_suspicion": gettext_lazy("decided whether this is a person:"),
    "delete_refused": gettext_lazy("deleted what was refused of"),
    "delete_submission": gettext_lazy("deleted"),
    "dismiss_pair": gettext_lazy("said it is not the same person as another:"),
    "forget_unconfirmed": gettext_lazy("forgot what nobody confirmed:"),
    "mark_bursts": gettext_lazy("marked as the work of machines"),
    "mark_pattern": gettext_lazy("named a machine:"),
    "release_refused": gettext_lazy("released what was refused of"),
    "release_submission": gettext_lazy("released"),
    "stop_rating": gettext_lazy("rates no more, who objected,"),
    "stop_search": gettext_lazy("stopped looking for duplicates:"),
    "switch_page_tracking": gettext_lazy("switched page views on or off for"),
    "undo_bulk": gettext_lazy("undid the merges of"),
    "undo_mark": gettext_lazy("said these were people:"),
    "undo_name": gettext_lazy("took back the name of a machine:"),
    "undo_pair": gettext_lazy("undid a decision about"),
    "update_form": gettext_lazy("changed a form:"),
}
SUBJECTS: dict[str, str | Promise] = {
    "account": gettext_lazy("Company"),
    "bulk": gettext_lazy("Merge of many"),
    "calendar": gettext_lazy("Calendar"),
    "campaign": gettext_lazy("Campaign"),
    "contact": gettext_lazy("Contact"),
    "delivery": gettext_lazy("Request"),
    "endpoint": gettext_lazy("Webhook"),
    "field": gettext_lazy("Field"),
    "form": gettext_lazy("Form"),
    "import": gettext_lazy("File"),
    "lead": gettext_lazy("Lead"),
    "list": gettext_lazy("List"),
    "mark": gettext_lazy("Mark"),
    "model": gettext_lazy("Model"),
    "note": gettext_lazy("Note"),
    "opportunity": gettext_lazy("Opportunity"),
    "pipeline": gettext_lazy("Pipeline"),
    "routing_rule": gettext_lazy("Routing rule"),
    "search": gettext_lazy("Search"),
    "source": gettext_lazy("Source"),
    "submission": gettext_lazy("Submission"),
    "team": gettext_lazy("Team"),
    "token": gettext_lazy("Token"),
    "user": gettext_lazy("User"),
    "view": gettext_lazy("View"),
}
_PAGES: dict[str, tuple[str, Callable[[Any], tuple[Any, ...]]]] = {
    "account": ("account-detail", lambda account: (account.pk,)),
    "contact": ("contact-detail", lambda contact: (contact.pk,)),
    "lead": ("lead-detail", lambda lead: (lead.pk,)),
    "opportunity": ("opportunity-detail", lambda opportunity: (opportunity.pk,)),
    "user": ("user-detail", lambda user: (user.pk,)),
    "source": ("source-detail", lambda source: (source.pk,)),
    "import": ("import-detail", lambda each: (each.pk,)),
    "model": ("model-detail", lambda model: (model.name,)),
    "endpoint": ("webhook-detail", lambda endpoint: (endpoint.pk,)),
    "field": ("field-detail", lambda field: (field.subject, field.name)),
    "form": ("form-detail", lambda form: (form.pk,)),
    "calendar": ("routing-calendar", lambda calendar: (calendar.pk,)),
    "routing_rule": ("routing-list", lambda _rule: ()),
    "team": ("user-list", lambda _team: ()),
}
_TOGETHER: dict[str, str | Promise] = {
    "contacts": gettext_lazy("contacts"),
    "deliveries": gettext_lazy("requests"),
    "erased": gettext_lazy("no name is kept"),
    "leads": gettext_lazy("leads"),
    "loss_reasons": gettext_lazy("the reasons"),
    "machines": gettext_lazy("activities"),
    "retention": gettext_lazy("by the periods of Retention"),
    "scores": gettext_lazy("scores"),
    "submissions": gettext_lazy("submissions"),
}


@dataclass(frozen=True)
class Told:
    """An entry as a page says it; ``login``: how who did it signs in; ``address``: where its subject is looked at, if anywhere."""

    at: datetime
    by: Writer
    login: str
    done: str
    subject: str
    address: str | None
    detail: str


def lines(entries: Iterable[AuditEntry]) -> list[Told]:
    """Return entries in words, with one question for each kind of subject."""
    rows = list(entries)
    named = _named({entry.subject for entry in rows})
    by = writers(entry.by for entry in rows)
    called = called_in(entry.detail for entry in rows)
    return [Told(entry.at, by[entry.by], entry.by, done(entry.verb), *named[entry.subject], detail(entry.detail, called)) for entry in rows]


def done(verb: str) -> str:
    """Return what a verb is in words; one that has none yet is spelled out."""
    return str(VERBS.get(verb) or plain(verb))


def _named(subjects: set[str]) -> dict[str, tuple[str, str | None]]:
    """Return how subjects are called, and where they are looked at."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for subject in subjects:
        kind, _colon, number = subject.partition(":")
        if kind in TABLES and number.isdigit():
            numbers[kind].add(int(number))
    rows = {f"{kind}:{row.pk}": row for kind, some in numbers.items() for row in TABLES[kind]._default_manager.filter(pk__in=some)}
    return {subject: _one(subject, rows.get(subject)) for subject in subjects}


def _one(subject: str, row: Any) -> tuple[str, str | None]:
    kind, colon, number = subject.partition(":")
    if row is None:
        return (f"{SUBJECTS.get(kind, plain(kind))} {number}" if colon else str(_TOGETHER.get(subject, subject))), None
    return CALLED.get(kind, str)(row), _address(kind, row)


def _address(kind: str, row: Any) -> str | None:
    if kind not in _PAGES or getattr(row, "taken_back_at", None) is not None:  # its page is no more
        return None
    page, arguments = _PAGES[kind]
    try:
        return reverse(page, args=arguments(row))
    except NoReverseMatch:
        return None
