"""Erasing a person: planted through every door, nothing of them is left in any table; what others said beside them is as it was."""

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.server.forms.making import make_form
from tests.server.forms.making import send as submit
from tests.server.imports.test_imports import mapped, marta, run, upload  # noqa: F401
from tests.server.lifecycle.test_convert import convert
from tests.server.world import AT, leads, make_contact, make_live, make_source, post, send, take

pytestmark = pytest.mark.usefixtures("tables")
CANARY = "canary"  # stands in every value of hers, and in nothing else
MAIL = "canary.anna@nest.example"
CANARY_MAIL = MAIL.upper()
NOTE = "Bob asks {}; he is the one to call."
FILE = (
    "Email,First name,Phone,Employees,Contact ID\n"
    "canary.anna@nest.example,Canary,canary-77,90,canary-crm-7\nbob@nest.example,Bob,1,20,crm-8\n"
    "canary.anna@nest.example,Canary,canary-78,many,canary-crm-7\n"
)


def everything() -> list[tuple[str, str]]:
    """Return every row of every table as a text, with the name of its table; bytes are read as texts."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_question_for_everything())
        return [(table, str(row)) for table, row in cursor.fetchall()]


@lru_cache
def _question_for_everything() -> str:
    """Return one question, for two for each of a hundred tables take a quarter of a second."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relname, array_agg(attname::text) FILTER (WHERE atttypid = 'bytea'::regtype)
            FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT attisdropped GROUP BY relname ORDER BY relname"""
        )
        tables = cursor.fetchall()
    assert len(tables) > 90
    read = {table: "".join(f" || ' ' || coalesce(encode({name}, 'escape'), '')" for name in names or ()) for table, names in tables}
    return " UNION ALL ".join(f"SELECT '{table}', t::text{columns} FROM \"{table}\" AS t" for table, columns in read.items())


def hits() -> list[tuple[str, str]]:
    return [(table, row) for table, row in everything() if CANARY in row.lower()]


def score() -> None:
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.scorers import a_scorer

    with a_scorer() as scorer:
        while score_due(scorer=scorer, limit=100):
            pass


def identify(email: str, user: str, **traits: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "anonymousId": f"{user}-device", "traits": {"email": email, **traits}}


def plant(client: Any) -> None:
    """Bring her in by events, a file, a form and by hand, and have everything happen to her that can."""
    from vaglio_server.campaigns.actions import add_members, create_campaign
    from vaglio_server.crm.actions import add_list_member, add_note, assign_leads, edit_contact
    from vaglio_server.crm.actions.records import Told
    from vaglio_server.crm.models import Contact, Lead
    from vaglio_server.tracking.actions import edit_lead, merge_leads, put_lead, suspect
    from vaglio_server.users.models import User
    from vaglio_server.views.models import SavedView

    site = make_source()
    luca = User.objects.get(username="luca")
    page = {"type": "page", "anonymousId": "canary-device", "context": {"page": {"path": "/pricing", "referrer": "https://canary.example"}}}
    bob = identify("bob@nest.example", "bob", title="CTO")
    send(
        site,
        page,
        bob,
        identify(MAIL.upper(), "canary-1", title="Chief Canary", employees=90, last_name="Doe") | {"anonymousId": "canary-device"},
    )
    # Refused; beside others', with a context of hers; and with her user id written otherwise, which is all there is of her in the request.
    post(site, "track", {"userId": "canary-1", "event": "Form Submitted", "properties": {"form": "canary", "duration": -5}})
    track = {"type": "track", "userId": "canary-1", "event": "x"}
    post(site, "batch", {"context": {"traits": {"email": MAIL}}, "batch": [bob, page, track]})
    escaped = json.dumps({"writeKey": site.write_key, "userId": "canary-1", "traits": {"last_name": "canary"}}).replace("-1", "\\u002d1")
    post(site, "identify", escaped)
    post(site, "group", {"userId": "canary-1", "groupId": "nest", "traits": {"name": "Nest"}})
    take()
    made = upload(client, FILE)
    mapped(client, made)
    run()
    form = make_form(is_double_opt_in=True)
    submit(form, email=MAIL, first_name="Canary", message="I am canary")
    put_lead(user_id="canary-2", fields={"email": "canary.home@nest.example", "first_name": "Canary"}, by="ada", at=AT)
    score()
    anna, home = leads()[MAIL], leads()["canary.home@nest.example"]
    merge_leads(lead=anna, other=home, by="marta", at=AT)
    edit_lead(lead=anna, fields={"email": "canary.new@nest.example", "phone": "canary-80"}, by="marta", at=AT)
    assign_leads(leads=[anna.pk], owner=luca, by="marta", at=AT)
    add_note(about=Lead.objects.get(pk=anna.pk), text="Canary called", by="luca", at=AT)
    add_list_member(name="targets", lead=anna, by="marta", at=AT)
    fair = create_campaign(values={"name": "Fair"}, by="marta", at=AT)
    suspect(leads=[anna.pk], fastest={}, at=AT)
    score()
    conversion = convert(Lead.objects.get(pk=anna.pk), luca)
    contact = Contact.objects.get(pk=conversion.contact_id)
    edit_contact(contact=contact, told=Told(fields={"phone": "canary-79"}), by="luca", at=AT)
    add_note(about=contact, text="canary again", by="luca", at=AT)
    add_members(campaign=fair, leads=[anna.pk], contacts=[contact.pk], by="marta", at=AT)
    make_contact(first_name="Canary", email="CANARY.new@nest.example")
    for about in (contact.account, conversion.opportunity, leads()["bob@nest.example"]):
        add_note(about=about, text=NOTE.format(CANARY_MAIL), by="luca", at=AT)
    add_note(about=contact.account, text="Bob works with Canary Doe.", by="luca", at=AT)
    for name, condition in (("Hers", f"lead.email:is:{MAIL}"), ("Of nobody", "lead.email:is:bob@nest.example"), (MAIL, "")):
        SavedView.objects.create(owner=luca, name=name, query=urlencode({"where": condition, "columns": "name"}), created_at=AT)


def test_nothing_of_her_is_left_in_any_table_and_others_are_as_they_were(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.models import Lead, Note
    from vaglio_server.privacy.actions import erase
    from vaglio_server.privacy.queries import person_of
    from vaglio_server.tracking.models import Activity
    from vaglio_server.views.models import SavedView

    make_live()
    plant(marta)
    before = {table for table, _row in hits()}
    assert len(before) >= 15, sorted(before)
    bob = leads()["bob@nest.example"]
    of_bob = Activity.objects.filter(identity__links__lead=bob).count()
    done = erase(person=person_of(email=MAIL), by="ada", at=datetime.now(UTC))
    for each in hits():
        print(each)
    assert hits() == []
    assert done.rows["crm_lead"] == 2 and done.rows["crm_contact"] == 2 and done.rows["tracking_activity"] > 1
    assert [each.pk for each in Lead.objects.all()] == [bob.pk]
    assert Activity.objects.filter(identity__links__lead=bob).count() == of_bob
    # What others wrote stays, without her.
    assert sorted(Note.objects.values_list("text", flat=True)) == [*[NOTE.format("(erased)")] * 3, "Bob works with (erased)."]
    views = dict(SavedView.objects.values_list("name", "query"))
    assert views["Hers"] == urlencode({"where": "lead.email:is:(erased)", "columns": "name"})
    assert "bob%40nest.example" in views["Of nobody"] and "(erased)" in views
    assert (done.rows["notes of others"], done.rows["kept views"]) == (4, 2)
