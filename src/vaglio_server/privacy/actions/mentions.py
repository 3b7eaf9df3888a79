"""What colleagues wrote beside a person's records: notes about others, and kept views. It stays, without what names the person."""

from urllib.parse import parse_qsl, urlencode

from django.db.models import Q

from vaglio_server.crm.logic.erased import Naming
from vaglio_server.crm.models import Contact, Note, accounts_ever
from vaglio_server.privacy.actions.sales import names_of, sales_of
from vaglio_server.privacy.queries import Person
from vaglio_server.views.models import SavedView


def forget_mentions(person: Person) -> dict[str, int]:
    """Take a person's keys out of notes and kept views, and their whole name out of notes on companies and opportunities that were theirs.

    Elsewhere a name alone may be somebody else's. Return how many of which these were.
    """
    named = Naming(frozenset(name for name in names_of(person) if " " in name))
    accounts = {*accounts_ever(person.leads), *Contact.objects.filter(pk__in=person.contacts).values_list("account_id", flat=True)}
    theirs = Q(account__in=accounts - {None}) | Q(opportunity__in=sales_of(person))
    notes = [*_cut_notes(Q(), person.naming), *_cut_notes(theirs, named)]
    return {"notes of others": len(set(notes)), "kept views": sum(_cut_view(view, person.naming) for view in SavedView.objects.all())}


def _cut_notes(which: Q, naming: Naming) -> list[int]:
    found = list(Note.objects.filter(which, text__iregex=naming.pattern))
    for note in found:
        Note.objects.filter(pk=note.pk).update(text=naming.cut(note.text))
    return [note.pk for note in found]


def _cut_view(view: SavedView, naming: Naming) -> bool:
    """Let a view ask for nobody where it asked for the person."""
    asked = parse_qsl(view.query, keep_blank_values=True)
    cut = [(name, naming.cut(value)) for name, value in asked]
    name = naming.cut(view.name)
    if cut == asked and name == view.name:
        return False
    query = urlencode(cut) if cut != asked else view.query
    is_taken = SavedView.objects.filter(owner=view.owner, name=name).exclude(pk=view.pk).exists()
    SavedView.objects.filter(pk=view.pk).update(query=query, name=f"{name} {view.pk}" if is_taken else name)
    return True
