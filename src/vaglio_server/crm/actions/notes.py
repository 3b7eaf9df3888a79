"""Notes: what people write about records."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.actions.records import FaultyValues, subject_of
from vaglio_server.crm.logic.fields import Definition, Unfit, check
from vaglio_server.crm.models import Note
from vaglio_server.crm.queries import Record
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit
from vaglio_server.users.models import User

LONGEST = 10_000  # characters
_TEXT = Definition("text", "", "text", is_needed=True)


class NotYours(Refused):
    """Somebody else wrote it."""


@transaction.atomic
def add_note(*, about: Record, text: str, by: str, at: datetime) -> Note:
    """Write a note about a record; the audit trail says that it was written, not what.

    Raises
    ------
    FaultyValues
        It says nothing, or too much.
    """
    try:
        kept = check(_TEXT, text)
        if len(kept) > LONGEST:
            raise Unfit(_("has {kept:,} characters; {longest:,} fit").format(kept=len(kept), longest=LONGEST))
    except Unfit as error:
        raise FaultyValues([f"text: {error}"]) from error
    subject = subject_of(about)
    note = Note.objects.create(**{subject: about}, text=kept, at=at, by=by)
    audit(by=by, verb="add_note", subject=f"{subject}:{about.pk}", at=at, note=note.pk)
    return note


@transaction.atomic
def remove_note(*, note: Note, user: User, at: datetime) -> Note:
    """Take a note away: it stays in the database and is shown to nobody.

    Raises
    ------
    NotYours, Refused
        Who wrote it and administrators may; it was removed already.
    """
    held = Note.objects.select_for_update().get(pk=note.pk)
    if not held.removable_by(user):
        raise NotYours(_("{by} wrote this note; they or an administrator may remove it").format(by=held.by))
    if held.removed_at is not None:
        raise Refused(_("this note was removed already"))
    held.removed_at, held.removed_by = at, user.username
    held.save()
    audit(by=user.username, verb="remove_note", subject=f"note:{held.pk}", at=at)
    return held
