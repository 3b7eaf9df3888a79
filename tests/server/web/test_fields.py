"""The page of fields."""

import re
from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.world import make_account, make_field

pytestmark = pytest.mark.usefixtures("tables")
NEW = {"label": "Contract ends", "name": "", "kind": "date", "choices": ""}


def rows(client: Any, subject: str) -> dict[str, tuple[str, str]]:
    """Return kind and how many records hold a value, by label."""
    page = read(client.get(f"/fields?of={subject}"))
    found = re.findall(r'<td class="person">(?:<a[^>]*>)?([^<]*)<.*?</td><td>([^<]*)</td>.*?<td class="num">([^<]*)</td>', page, re.DOTALL)
    return {label: (kind, held) for label, kind, held in found}


def test_it_works() -> None:
    from vaglio_server.crm.models import FieldDefinition

    marta = signed_in(make_people()["marta"])
    answer = marta.post("/fields?of=account", NEW)
    assert answer["Location"] == "/fields/account/contract_ends"
    marta.post("/fields?of=account", {"label": "Tier", "name": "our_tier", "kind": "choice", "choices": "Gold\n\n Silver \n"})
    tier = FieldDefinition.objects.get(name="our_tier")
    assert (tier.label, tier.kind, tier.choices) == ("Tier", "choice", ["Gold", "Silver"])
    make_account(our_tier="gold", city="Roma")
    make_account(domain="b.example", our_tier="Silver", contract_ends="2027-01-01")
    make_account(domain="c.example")
    found = rows(marta, "account")
    assert (found["Tier"], found["Contract ends"], found["City"]) == (("Choice", "2"), ("Day", "1"), ("Text", "1"))
    assert "Tier" not in rows(marta, "lead")
    assert "over all 3 records" in read(marta.get("/fields?of=account"))


def test_a_field_is_changed_retired_and_brought_back() -> None:
    from vaglio_server.crm.models import FieldDefinition

    marta, tier = signed_in(make_people()["marta"]), make_field("lead", "tier", "choice", ("Gold",))
    address = "/fields/lead/tier"
    assert "Saved" in read(marta.post(address, {"label": "Our tier", "choices": "Silver"}, follow=True))
    tier.refresh_from_db()
    assert (tier.label, tier.choices) == ("Our tier", ["Gold", "Silver"])
    page = read(marta.post(address, {"retire": "1"}, follow=True))
    assert "Use it again" in page and "retired" in read(marta.get("/fields"))
    assert FieldDefinition.objects.get().retired_at is not None
    assert "in use again" in read(marta.post(address, {"restore": "1"}, follow=True))
    assert FieldDefinition.objects.get().retired_at is None
    assert "There is already" in read(marta.post(address, {"restore": "1"}, follow=True)).replace("there is", "There is")


def test_it_rejects_what_does_not_fit_and_keeps_what_was_typed() -> None:
    from vaglio_server.crm.models import FieldDefinition

    marta = signed_in(make_people()["marta"])
    for wrong, faults in (({"label": ""}, 2), ({"kind": "colour"}, 1), ({"kind": "choice"}, 1), ({"name": "Not So"}, 1),
                          ({"name": "email"}, 1), ({"label": "x" * 101, "kind": "x"}, 3), ({"label": "a\x00"}, 2),
                          ({"choices": "a"}, 1)):  # fmt: skip
        page = read(marta.post("/fields?of=lead", NEW | wrong))
        listed = re.search(r'<ul class="faulty.*?</ul>', page, re.DOTALL)
        assert listed is not None and 1 <= listed[0].count("<li>") <= faults, wrong
        if "label" not in wrong:
            assert 'value="Contract ends"' in page
    assert not FieldDefinition.objects.exists()
    make_field("lead", "tier")
    assert "alert-danger" in read(marta.post("/fields/lead/tier", {"label": " "}, follow=True))
    assert "alert-danger" in read(marta.post("/fields/lead/tier", {"label": "x", "choices": "a"}, follow=True))
    for gone in ("/fields/lead/none", "/fields/none/tier", "/fields/lead/%00", "/fields/lead/email"):
        assert marta.get(gone).status_code == 404
    assert marta.get("/fields?of=none").status_code == marta.get("/fields?of=%00").status_code == 200


def test_it_requires_marketing() -> None:
    from vaglio_server.crm.models import FieldDefinition

    people = make_people()
    make_field("lead", "tier")
    for name in ("luca", "vera"):
        client = signed_in(people[name])
        for page in ("/fields", "/fields/lead/tier"):
            assert (client.get(page).status_code, client.post(page, NEW | {"retire": "1"}).status_code) == (403, 403)
    assert FieldDefinition.objects.get().retired_at is None
    assert signed_in(people["ada"]).get("/fields").status_code == 200


def test_where_there_are_many_records_they_are_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.server.world import AT
    from vaglio_server.crm import queries
    from vaglio_server.crm.models import Account

    rows = (Account(name=f"a{n}", fields={"city": "Roma"} | ({"state": "LI"} if n % 4 == 0 else {}), created_at=AT) for n in range(8_000))
    Account.objects.bulk_create(rows, batch_size=2_000)
    exact = queries.values_held("account")
    assert (exact.counts, exact.looked_at, exact.is_estimate) == ({"city": 8_000, "state": 2_000}, 8_000, False)
    monkeypatch.setattr(queries, "COUNTED_BYTES", 400_000)  # a third of them
    some = queries.values_held("account")
    assert some.is_estimate and 500 < some.looked_at < 6_000
    assert abs(some.counts["city"] - 8_000) < 3_000
    assert abs(some.counts["state"] / some.counts["city"] - 0.25) < 0.05
    page = read(signed_in(make_people()["marta"]).get("/fields?of=account"))
    assert "about" in page and "from a sample of" in page
