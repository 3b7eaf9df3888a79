"""Notes on any record; their author or an administrator takes them away."""

import pytest

from tests.server.web.people import make_people
from tests.server.world import AT, audited, make_account, make_contact, make_opportunity
from vaglio_server.crm.actions import FaultyValues, NotYours, add_note, remove_note
from vaglio_server.crm.models import Lead, Note
from vaglio_server.crm.queries import notes_on
from vaglio_server.refused import Refused

pytestmark = pytest.mark.usefixtures("tables")


def test_it_works() -> None:
    acme = make_account()
    records = [acme, make_contact(), make_opportunity(acme), Lead.objects.create(created_at=AT)]
    for record in records:
        add_note(about=record, text=" called twice \n", by="luca", at=AT)
        (note,) = notes_on(record)
        assert (note.text, note.by, note.at) == ("called twice", "luca", AT)
    assert audited("add_note") == [("luca", f"{type(each).__name__.lower()}:{each.pk}") for each in records]


def test_a_note_that_was_removed_is_kept_and_not_shown() -> None:
    people, acme = make_people(), make_account()
    mine, other = (add_note(about=acme, text=text, by="luca", at=AT) for text in ("mine", "other"))
    remove_note(note=mine, user=people["luca"], at=AT)
    remove_note(note=other, user=people["ada"], at=AT)
    assert not notes_on(acme).exists() and Note.objects.count() == 2
    assert audited("remove_note") == [("luca", f"note:{mine.pk}"), ("ada", f"note:{other.pk}")]
    with pytest.raises(Refused, match="removed already"):
        remove_note(note=mine, user=people["ada"], at=AT)


def test_it_requires_its_author_or_an_administrator() -> None:
    people = make_people()
    note = add_note(about=make_account(), text="mine", by="luca", at=AT)
    for name in ("irina", "marta", "vera"):
        with pytest.raises(NotYours, match="luca wrote this note"):
            remove_note(note=note, user=people[name], at=AT)
    assert Note.objects.get().removed_at is None


@pytest.mark.parametrize("text", ["", " \n", "x" * 10_001, "a\x00b"])
def test_it_rejects_what_says_nothing_or_too_much(text: str) -> None:
    with pytest.raises(FaultyValues, match="text: "):
        add_note(about=make_account(), text=text, by="luca", at=AT)
    assert not Note.objects.exists()
