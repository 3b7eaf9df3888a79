"""Accounts are made and edited; leads who work there follow."""

import threading
from typing import Any

import pytest

from tests.server.crm.test_accounts import identify
from tests.server.world import AT, MODEL, audited, history, leads, make_account, make_live, make_source, send, told
from vaglio.dates import to_microseconds
from vaglio_server.crm.actions import DomainTaken, FaultyValues, edit_account
from vaglio_server.crm.models import Account, Lead
from vaglio_server.crm.queries import values_at

pytestmark = pytest.mark.usefixtures("tables")
TIERED = MODEL.replace("  activities:", "  account_fields: {segment: string, domain: string}\n  activities:").replace(
    "  letters:",
    """    - {id: tier, kind: fields, field: account.segment, points: 25, bands: [{equals: gold, award: 100%}]}
    - {id: own, kind: fields, field: account.domain, points: 50, bands: [{equals: acme.example, award: 100%}]}
  letters:""",
)  # fmt: skip


def edit(account: Any, **values: Any) -> Any:
    return edit_account(account=account, told=told(("name", "domain"), values), by="test", at=AT)


def test_it_works() -> None:
    acme = make_account(employees=90, city=None)
    assert (acme.name, acme.domain, acme.fields) == (
        "Acme", "acme.example", {"name": "Acme", "domain": "acme.example", "employees": 90}
    )  # fmt: skip
    edited = edit(acme, name="Acme SpA", employees="120", city="Milano", segment=" ")
    assert Account.objects.get() == edited and edited.fields["city"] == "Milano"
    edit(edited, city=None, employees=120)
    assert history(acme) == [
        ("name", "Acme"), ("domain", "acme.example"), ("employees", 90),
        ("name", "Acme SpA"), ("employees", 120), ("city", "Milano"), ("city", None),
    ]  # fmt: skip
    assert "city" not in Account.objects.get().fields
    subject = f"account:{acme.pk}"
    assert (audited("create_account"), audited("edit_account")) == ([("test", subject)], [("test", subject)] * 2)


def test_what_changes_nothing_leaves_no_trace() -> None:
    acme = make_account(employees=90)
    source = make_source()
    send(source, identify("anna", "anna@acme.example"))
    Lead.objects.update(due_at=None)
    edit(acme, name="Acme", employees=90.0, city=None)
    assert len(history(acme)) == 3 and audited("edit_account") == []
    assert Lead.objects.get().due_at is None


def test_values_are_known_from_their_instants() -> None:
    acme = make_account(employees=90)
    made = Account.objects.get().created_at
    edit(acme, employees=120, name="Acme SpA")
    assert values_at(acme, made) == {"name": "Acme", "domain": "acme.example", "employees": 90}
    later = edit(acme, employees=None)
    at = later.field_changes.order_by("-known_at").first().known_at
    assert values_at(acme, at) == {"name": "Acme SpA", "domain": "acme.example"}


def test_it_rejects_every_faulty_value_at_once_and_writes_nothing() -> None:
    acme = make_account()
    with pytest.raises(FaultyValues) as found:
        edit(acme, name=" ", domain="gmail.com", employees="many", colour="red", city="Roma")
    assert [fault.partition(":")[0] for fault in found.value.faults] == ["name", "domain", "employees", "colour"]
    with pytest.raises(FaultyValues) as found:
        make_account(name=None)
    assert found.value.faults == ("name: cannot be without a value; give one",)
    assert Account.objects.count() == 1 and len(history(acme)) == 2


def test_it_rejects_the_domain_of_another_account() -> None:
    acme, beta = make_account(), make_account(name="Beta", domain="beta.example")
    for attempt in (lambda: edit(beta, domain="www.acme.example"), lambda: make_account(name="Second")):
        with pytest.raises(DomainTaken, match=f"acme.example is the domain of account {acme.pk}"):
            attempt()
    assert edit(beta, domain=None).domain is None
    assert "domain" not in Account.objects.get(pk=beta.pk).fields


def test_leads_are_scored_again_and_their_past_replays() -> None:
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.engine import Instants, document_of
    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.scorers import a_scorer

    version = make_live(TIERED)
    send(make_source(), identify("anna", "anna@acme.example"), identify("cat", "cat@beta.example"))
    with a_scorer() as scorer:
        score_due(scorer=scorer, limit=100)
        assert leads()["anna@acme.example"].profile_millipoints == 50_000
        acme = Account.objects.get(domain="acme.example")
        edit(acme, segment="gold")
        assert Lead.objects.filter(due_at__isnull=False).count() == 1
        score_due(scorer=scorer, limit=100)
        assert leads()["anna@acme.example"].profile_millipoints == 75_000
        edit(acme, domain="acme.co.uk")
        score_due(scorer=scorer, limit=100)
        assert leads()["anna@acme.example"].profile_millipoints == 25_000
        stored = list(Score.objects.filter(lead=leads()["anna@acme.example"]).order_by("as_of"))
        assert [each.profile_millipoints for each in stored] == [50_000, 75_000, 25_000]
        for each in stored:
            us = to_microseconds(each.as_of)
            again = scorer.replay(document_of(version.text), each.lead_id, Instants(us, us))
            assert again["profile_millipoints"] == each.profile_millipoints


def test_who_works_there_stays_and_later_leads_join_by_the_new_domain() -> None:
    source = make_source()
    send(source, identify("anna", "anna@acme.example"))
    acme = Account.objects.get()
    edit(acme, domain="acme.co.uk")
    send(source, identify("bob", "bob@mail.acme.co.uk"), identify("cat", "cat@acme.example"))
    found = leads()
    assert found["anna@acme.example"].account_id == found["bob@mail.acme.co.uk"].account_id == acme.pk
    assert found["cat@acme.example"].account_id != acme.pk


def test_nobody_joins_an_account_unseen_while_it_is_edited() -> None:
    """A lead that joins while the edit waits for the lock on knowledge is scored with what the edit wrote."""
    from django.db import connection, transaction

    from vaglio_server.crm.actions.knowledge import STAFF

    source = make_source()
    acme = make_account()

    def join() -> None:
        send(source, identify("anna", "anna@acme.example"))
        connection.close()

    with transaction.atomic():
        edit(acme, segment="gold")
        joining = threading.Thread(target=join)
        joining.start()
        with connection.cursor() as cursor:
            waits = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {STAFF} AND NOT granted"
            for _ in range(500):
                cursor.execute(f"SELECT pg_sleep(0.01), ({waits})")
                if cursor.fetchone()[1]:
                    break
            else:
                raise AssertionError("the lead joins without waiting")
        assert not Lead.objects.filter(account=acme).exists()
    joining.join(30)
    assert Lead.objects.get().account_id == acme.pk


def test_who_gets_a_company_waits_for_those_who_write_to_it_and_never_in_a_circle() -> None:
    """What comes in holds the lock on knowledge and takes the company's row last; whoever gives it to a seller must not hold that row."""
    from django.db import connection, transaction

    from tests.server.web.people import make_people
    from vaglio_server.crm.actions import assign_account
    from vaglio_server.crm.actions.knowledge import lock_leads, now_known

    acme, luca = make_account(), make_people()["luca"]
    failed: list[Exception] = []

    def give() -> None:
        try:
            assign_account(account=acme, owner=luca, by="test", at=AT)
        except Exception as error:
            failed.append(error)
        connection.close()

    with transaction.atomic(), connection.cursor() as cursor:
        lock_leads(cursor, [], accounts=[acme.pk])
        now_known(cursor)
        giving = threading.Thread(target=give)
        giving.start()
        for _ in range(500):
            cursor.execute("SELECT pg_sleep(0.01), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)")
            if cursor.fetchone()[1]:
                break
        else:
            raise AssertionError("the company is given without waiting")
        Account.objects.filter(pk=acme.pk).update(name="Acme AG")
    giving.join(30)
    acme.refresh_from_db()
    assert (failed, acme.owner, acme.name) == ([], luca, "Acme AG")
