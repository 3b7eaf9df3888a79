"""Conversions double-clicked, retried and at once: exactly as many contacts as people, no company twice, nothing half made.

``make test`` does a few; ``make drill`` does VAGLIO_CONVERSIONS.
"""

import os
import random
import threading
from collections import Counter
from collections.abc import Callable
from queue import Empty, Queue
from typing import Any

import pytest

from tests.server.lifecycle.world import NOW, live
from tests.server.web.people import make_people
from tests.server.world import AT, make_account
from vaglio_server.lifecycle.actions import Into, Wish, convert_lead

pytestmark = pytest.mark.usefixtures("tables")
LEADS = int(os.environ.get("VAGLIO_CONVERSIONS", "60"))
WORKERS = 6
WAYS = {"clicks": 2, "retries": 3, "both": 4}  # how often each lead is asked for


def many(number: int) -> list[int]:
    """Make leads, three to a company: some with its mail address, some who only say what it is called; some of it is there already."""
    from vaglio_server.crm.models import Lead

    def fields(n: int) -> dict[str, Any]:
        firm, is_private = n // 3, n % 3 == 2
        mail = f"p{n}@gmail.com" if is_private else f"p{n}@firm{firm}.example"
        return {"first_name": f"Name{n}", "last_name": f"Last{n}", "email": mail, "company": f"Firm{firm} {'SpA' if n % 2 else 'S.p.A.'}"}

    for firm in range(0, number // 3, 5):
        make_account(name=f"Firm{firm}", domain=f"firm{firm}.example")
    made = Lead.objects.bulk_create(Lead(created_at=AT, fields=fields(n)) for n in range(number))
    return [each.pk for each in made]


def asked(leads: list[int]) -> list[tuple[int, str]]:
    """Return which lead is asked for by which key, in an order in which the same ones meet."""
    draw, found = random.Random(6), []
    for lead in leads:
        way = draw.choice(list(WAYS))
        keys = [f"{lead}-{0 if way == 'retries' else draw.randrange(2)}" for _ in range(WAYS[way])]
        found += [(lead, key) for key in keys]
    for start in range(0, len(found), 40):  # what is asked together runs at once, in any order
        part = found[start : start + 40]
        draw.shuffle(part)
        found[start : start + 40] = part
    return found


def at_once(work: "Queue[tuple[int, str]]", do: Callable[[int, str], None]) -> list[BaseException]:
    from django.db import connection

    failed: list[BaseException] = []

    def run() -> None:
        try:
            while True:
                do(*work.get_nowait())
        except Empty:
            pass
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return failed


def test_each_lead_becomes_one_contact_at_one_company() -> None:
    from vaglio_server.crm.logic.companies import bare
    from vaglio_server.crm.models import Account, Contact, FieldChange, Lead, Opportunity, OpportunityContact
    from vaglio_server.lifecycle.models import Conversion, Happening, StageMove

    people = make_people()
    live()
    leads = many(LEADS)
    said: dict[int, set[int]] = {lead: set() for lead in leads}
    work: Queue[tuple[int, str]] = Queue()
    for each in asked(leads):
        work.put(each)
    count = work.qsize()

    def do(number: int, key: str) -> None:
        lead = Lead.objects.get(pk=number)
        wish = Wish(sale={"amount": "10", "currency": "EUR"}) if number % 4 else Wish(account=Into(name=""))
        said[number].add(convert_lead(lead=lead, wish=wish, seller=people["luca"], key=key, at=NOW).contact_id)

    assert at_once(work, do) == []
    assert all(len(each) == 1 for each in said.values())  # whoever asked was told the same
    assert Contact.objects.count() == Conversion.objects.count() == LEADS and count > 2 * LEADS
    assert set(Contact.objects.values_list("lead", flat=True)) == set(leads)
    names = Counter(tuple(bare(name)) for name in Account.objects.values_list("name", flat=True))
    assert len(names) == -(-LEADS // 3) and set(names.values()) == {1}  # no company twice
    assert not Contact.objects.filter(account=None).exists() and not Lead.objects.filter(account=None).exists()
    sales = Opportunity.objects.count()
    assert (
        sales
        == OpportunityContact.objects.count()
        == Conversion.objects.exclude(opportunity=None).count()
        == sum(1 for n in leads if n % 4)
    )
    assert not Account.objects.filter(contacts=None).exists()  # no orphan of one that failed half way
    assert Happening.objects.filter(kind="lead.converted").count() == LEADS
    moves = Counter(StageMove.objects.values_list("verb", flat=True))
    assert moves == {"accept": LEADS, "convert": sales, "sales_qualify": LEADS - sales}
    assert FieldChange.objects.filter(contact__isnull=False, field="lead_id").count() == LEADS
