"""A file of what became of leads: each once, nothing of the future, in the words of other systems, and taken back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.server.imports.test_companies import dies
from tests.server.imports.test_imports import mapped, marta, run, state, upload  # noqa: F401
from tests.server.imports.test_members import people  # noqa: F401
from tests.server.imports.test_undo import brought, score, undo
from tests.server.world import AT, leads, make_live

FILE = """Contact: Email,Stage,Close Date,Amount,Loss Reason
anna@acme.example,Closed Won,13/04/2026,"1.250,50 €",
anna@acme.example,Closed Lost,14/04/2026,,Price
bea@beta.example,Proposal,13/04/2026,,
bea@beta.example,Closed Won,01/01/2090,,
bea@beta.example,Closed Won,some day,-3,
nobody@else.example,Closed Won,13/04/2026,,
anna@acme.example,Won,13/04/2026 00:00,,said twice
"""


def known() -> list[tuple[str, str, str, str | None, str | None]]:
    from vaglio_server.crm.models import LeadOutcome

    rows = LeadOutcome.objects.present().select_related("lead").order_by("occurred_at", "pk")
    return [(each.lead.fields["email"], each.outcome, f"{each.occurred_at:%Y-%m-%d}", str(each.value) if each.value else None, each.reason)
            for each in rows]  # fmt: skip


def test_what_became_of_leads_is_brought_in_once(marta: Any, people: Any) -> None:  # noqa: F811
    made = upload(marta, FILE)
    assert (made.holds, made.columns) == ("outcomes", ["email", "outcome", "occurred_at", "value", "reason"])
    page = marta.get(f"/imports/{made.pk}").content.decode()
    for fault in ("Proposal&quot; is still open", "lies in the future", "is no time", "is no amount", "nobody is known by nobody@"):
        assert fault in page
    mapped(marta, made)
    run()
    assert state(made) == ("done", 7, 2, 1, 4)
    assert known() == [
        ("anna@acme.example", "won", "2026-04-13", "1250.50", None),
        ("anna@acme.example", "lost", "2026-04-14", None, "Price"),
    ]
    assert "2 new outcomes" in marta.get(f"/imports/{made.pk}").content.decode()
    again = brought(marta, FILE)
    assert state(again) == ("done", 7, 0, 3, 4)
    assert len(known()) == 2
    page = marta.get(f"/leads/{leads()['anna@acme.example'].pk}").content.decode()
    assert "1,250.50 EUR" in page
    assert "Price · " not in page


@pytest.mark.parametrize(
    ("heading", "row", "became"),
    [
        ("Contact ID,Email,Stage,Close Date,Amount", ",anna@acme.example,Closed Won,2026-04-13,7", ("won", "2026-04-13", "7.00")),
        ("Record ID,Email,Lifecycle Stage,Close Date", ",anna@acme.example,salesqualifiedlead,2026-04-13",
         ("accepted", "2026-04-13", None)),
        ("(Do Not Modify) Lead,Email,Status,Actual Close Date,Status Reason", ",anna@acme.example,Disqualified,2026-04-13,No budget",
         ("rejected", "2026-04-13", None)),
        ("Person - Email,Deal - Status,Deal - Won time,Deal - Lost time,Deal - Value", "anna@acme.example,Lost,,2026-04-13 10:00:00,90",
         ("lost", "2026-04-13", "90.00")),
        ("Person - Email (Work),Deal - Stage,Deal - Status,Deal - Won time,Deal - Lost time,Deal - Value",
         "anna@acme.example,Negotiation,Won,2026-04-13 10:00:00,,90", ("won", "2026-04-13", "90.00")),
        ("Indirizzo email,Fase,Data chiusura,Importo", 'anna@acme.example,Chiusa vinta,13/04/2026,"1.000,00"',
         ("won", "2026-04-13", "1000.00")),
        ("Adresa de email,Stadiu,Data închiderii,Valoare", "anna@acme.example,Pierdut,13.04.2026,5", ("lost", "2026-04-13", "5.00")),
    ],
)  # fmt: skip
def test_files_of_other_systems_and_languages(
    marta: Any, people: Any, heading: str, row: str, became: tuple[str, str, str | None]  # noqa: F811
) -> None:  # fmt: skip
    made = brought(marta, f"{heading}\n{row}\n")
    assert (made.holds, state(made)) == ("outcomes", ("done", 1, 1, 0, 0))
    assert [(outcome, at, value) for _who, outcome, at, value, _why in known()] == [became]


CURRENCIES = [
    ("Amount,Currency", "7,USD", "7.00 USD"),
    ("Amount,Currency", "7,us dollar", "7.00 USD"),
    ("Amount,Opportunity Currency", "$7,CAD", "7.00 CAD"),
    ("Importo,Valuta", "7 €,", "7.00 EUR"),
    ("Valoare,Monedă", "7,leu românesc", "7.00 RON"),
    ("Valoare", "1.250 lei", "1250.00 RON"),
    ("Amount", "£7", "7.00 GBP"),
    ("Amount", "CHF 7", "7.00 CHF"),
    ("Amount", "€7 EUR", "7.00 EUR"),
    ("Amount", "$7", "7.00 None"),
    ("Amount", "7", "7.00 None"),
    ("Amount,Currency", "7,$", "7.00 None"),
    ("Amount,Currency", ",EUR", "None None"),
    ("Amount in company currency,Currency", "7,USD", "7.00 None"),
    ("Amount in company currency,Amount,Currency", "6,7,USD", "7.00 USD"),
]


@pytest.mark.parametrize(("headings", "cells", "money"), CURRENCIES)
def test_amounts_have_the_currency_that_the_file_says(
    marta: Any, people: Any, headings: str, cells: str, money: str  # noqa: F811
) -> None:  # fmt: skip
    from vaglio_server.crm.models import LeadOutcome

    made = brought(marta, f"Email,Outcome,Close Date,{headings}\nanna@acme.example,Won,2026-04-13,{cells}\n")
    assert state(made) == ("done", 1, 1, 0, 0)
    found = LeadOutcome.objects.get()
    assert f"{found.value} {found.currency}" == money


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ("7,Taler", "&quot;Taler&quot; is no currency; use its code such as EUR, or leave the column out"),
        ("7 €,USD", "&quot;7 €&quot; is in EUR, and the column for the currency says USD"),
        ("7 Taler,EUR", "&quot;7 Taler&quot; is no amount"),
        ("€7 USD,", "&quot;€7 USD&quot; is no amount"),
    ],
)
def test_it_rejects_an_amount_of_no_currency_or_of_two(marta: Any, people: Any, cells: str, fault: str) -> None:  # noqa: F811
    made = upload(marta, f"Email,Outcome,Close Date,Amount,Currency\nanna@acme.example,Won,2026-04-13,{cells}\n")
    page = marta.get(f"/imports/{made.pk}").content.decode()
    assert fault in page and ">Currency</option>" in page


def test_a_file_without_a_time_or_an_outcome_does_not_start(marta: Any, people: Any) -> None:  # noqa: F811
    made = upload(marta, "Email,Stage,Close Date\nanna@acme.example,Won,2026-04-13\n")
    mapped(marta, made, column2="")
    assert state(made)[0] == "ready"
    marta.post(f"/imports/{made.pk}/columns", {"column0": "email", "column1": "job_title", "column2": "occurred_at"})
    made.refresh_from_db()
    assert made.columns == ["email", "outcome", None]  # job_title is nothing that such a file has


def test_taken_back_they_hold_no_more_and_nothing_past_changes(marta: Any, people: Any) -> None:  # noqa: F811

    from vaglio_server.crm.actions import Became, record_outcome
    from vaglio_server.crm.models import LeadOutcome
    from vaglio_server.scoring.actions import recheck
    from vaglio_server.scoring.scorers import a_scorer

    make_live()
    record_outcome(lead=people["anna@acme.example"], became=Became("lost", datetime(2026, 4, 14, tzinfo=UTC)), by="luca", at=AT)
    made = brought(marta, FILE)
    assert state(made) == ("done", 7, 1, 2, 4)
    score()
    assert "Outcomes the file brought" in marta.get(f"/imports/{made.pk}/undo").content.decode()
    undo(made)
    score()
    made.refresh_from_db()
    assert (made.state, known()) == ("undone", [("anna@acme.example", "lost", "2026-04-14", None, None)])
    kept = LeadOutcome.objects.exclude(taken_back_at=None).get()
    assert kept.known_at < kept.taken_back_at  # what was believed meanwhile stays known
    with a_scorer() as scorer:
        checked = recheck(scorer=scorer, sample=100, by="test", at=datetime.now(UTC))
    assert (checked.checked > 0, checked.different) == (True, [])
    assert state(brought(marta, FILE)) == ("done", 7, 1, 2, 4)
    assert len(known()) == 2


def test_a_lead_of_a_file_is_gone_once_nothing_is_said_of_it_any_more(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.models import Lead

    people_file = brought(marta, "Email,Name\nanna@acme.example,Anna\n")
    fate = brought(marta, FILE)
    undo(fate)
    undo(people_file)
    assert not Lead.objects.present().exists()


def test_a_worker_that_dies_brings_each_once(marta: Any, people: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from vaglio_server.imports.actions import Importer, Undoer, taking

    monkeypatch.setattr(taking, "ROWS", 1)
    made = upload(marta, FILE)
    mapped(marta, made)
    importer = Importer()
    assert importer.step(AT) == 1
    dies(importer, monkeypatch)
    assert len(known()) == 1
    run()
    assert state(made) == ("done", 7, 2, 1, 4)
    monkeypatch.setattr("vaglio_server.imports.actions.facts.FACTS", 1)
    undo(made, step=1)
    assert len(known()) == 1
    while Undoer().step(datetime.now(UTC)):
        pass
    assert known() == []


def test_the_api_and_exports_leave_out_what_was_taken_back(marta: Any, people: Any) -> None:  # noqa: F811
    from django.db import connection

    from vaglio_server.scoring.tables import _OUTCOMES

    made = brought(marta, FILE)
    with connection.cursor() as cursor:
        cursor.execute(_OUTCOMES)
        places = [each.name for each in cursor.description]
        rows = [dict(zip(places, row, strict=True)) for row in cursor.fetchall()]
        assert [(each["value"], each["currency"]) for each in rows] == [(1250.5, "EUR"), (None, None)]
        undo(made)
        cursor.execute(_OUTCOMES)
        assert cursor.fetchall() == []
