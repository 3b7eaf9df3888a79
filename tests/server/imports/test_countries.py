"""Countries in files: one form however they are written, unknown ones kept, named with rows, and given a meaning by hand only."""

import json
from typing import Any

from tests.server.imports.test_contacts import SALESFORCE
from tests.server.imports.test_imports import mapped, marta, run, state, upload  # noqa: F401
from tests.server.imports.test_undo import brought, undo
from tests.server.web.reading import read
from tests.server.world import audited, leads, make_source, send

FILE = "Email,Country\n" + "".join(
    f"{who}@acme.example,{said}\n"
    for who, said in (
        ("anna", "Italy"), ("bob", "Italia"), ("carla", "it "), ("dan", "Italy (IT)"), ("eva", "Deutschland"), ("fred", "U.S.A."),
        ("gaia", "Itlay"), ("hugo", "Itlay"), ("ida", "Congo"), ("jan", "Atlantis"), ("kim", ""),
    )
)  # fmt: skip


def countries() -> dict[str, str | None]:
    return {mail.partition("@")[0]: lead.fields.get("country") for mail, lead in leads().items()}


def told(mail: str) -> list[tuple[Any, str | None]]:
    from vaglio_server.crm.queries import history_of

    rows = history_of(leads()[mail], field="country").order_by("known_at", "id")
    return [(change.value, change.written) for change in rows]


def test_a_file_needs_nothing_done_to_its_countries(marta: Any) -> None:  # noqa: F811
    from vaglio_server.tracking.models import Delivery

    made = upload(marta, FILE)
    page = read(marta.get(f"/imports/{made.pk}"))
    assert "Countries that are not known" in page
    assert '>Itlay</span><small class="soft">2 rows</small>' in page and '>Atlantis</span><small class="soft">1 row</small>' in page
    assert '<optgroup label="Perhaps"><option value="IT">Italy</option></optgroup>' in page
    assert '<option value="CD">Congo - Kinshasa</option><option value="CG">Congo - Brazzaville</option></optgroup>' in page
    assert "<td>Italy</td>" in page  # the first leads, as they will be
    mapped(marta, made)
    run()
    assert state(made) == ("done", 11, 11, 0, 0)
    assert countries() == {
        "anna": "IT", "bob": "IT", "carla": "IT", "dan": "IT", "eva": "DE", "fred": "US",
        "gaia": "Itlay", "hugo": "Itlay", "ida": "Congo", "jan": "Atlantis", "kim": None,
    }  # fmt: skip
    assert made.unknown_countries == {"Itlay": [2, 0], "Congo": [1, 0], "Atlantis": [1, 0]}
    page = read(marta.get(f"/imports/{made.pk}"))
    assert "where=lead.country:is:Itlay" in page and "2 rows" in page
    assert "gaia@acme.example" in read(marta.get("/leads?where=lead.country:is:Itlay"))
    assert told("dan@acme.example") == [("IT", "Italy (IT)")] and told("gaia@acme.example") == [("Itlay", None)]
    sent = json.loads(bytes(Delivery.objects.get().body))["batch"]
    assert [call["traits"].get("country") for call in sent] == [line.partition(",")[2].strip() or None for line in FILE.splitlines()[1:]]


def test_somebody_says_what_an_unknown_one_means(marta: Any) -> None:  # noqa: F811
    made = upload(marta, FILE)
    says = {"column0": "email", "column1": "country", "country_text": ["Itlay", "Congo", "Atlantis"], "country_code": ["IT", "CG", ""]}
    marta.post(f"/imports/{made.pk}/columns", says | {"look": ""})
    page = read(marta.get(f"/imports/{made.pk}"))
    assert '<option value="IT" selected>Italy</option>' in page and '<option value="CG" selected>Congo - Brazzaville</option>' in page
    marta.post(f"/imports/{made.pk}/columns", says | {"country_code": ["IT", "XX", ""], "start": ""})
    assert state(made)[0] == "ready"  # XX is no country
    mapped(marta, made)
    run()
    made.refresh_from_db()
    assert {who: countries()[who] for who in ("gaia", "hugo", "ida", "jan")} == {"gaia": "IT", "hugo": "IT", "ida": "CG", "jan": "Atlantis"}
    assert told("gaia@acme.example") == [("IT", "Itlay")]
    assert made.unknown_countries == {"Atlantis": [1, 0]}
    assert audited("say_countries") == [("marta", f"import:{made.pk}")]
    send(make_source(), {"type": "identify", "traits": {"email": "gaia@acme.example", "country": "Itlay"}})
    assert countries()["gaia"] == "Itlay"  # it was said of the file alone


def test_the_same_in_other_words_changes_nothing_and_taking_it_back_gives_what_was(marta: Any) -> None:  # noqa: F811
    send(make_source(), {"type": "identify", "traits": {"email": "anna@acme.example", "country": "France"}})
    first = brought(marta, "Email,Country\nanna@acme.example,ITA\n")
    brought(marta, "Email,Country\nanna@acme.example,Italien\n")
    assert told("anna@acme.example") == [("FR", "France"), ("IT", "ITA")]
    undo(first)
    assert countries() == {"anna": "FR"}


def test_companies_and_contacts_too(marta: Any) -> None:  # noqa: F811
    from vaglio_server.crm.models import Account, Contact

    brought(marta, "Account Name,Website,Billing Country\nAcme,acme.example,România\nZeta,zeta.example,Atlantis\n")
    assert {each.name: each.fields["country"] for each in Account.objects.all()} == {"Acme": "RO", "Zeta": "Atlantis"}
    made = upload(marta, SALESFORCE.replace('"Italy"', '"Itlay"'))
    page = read(marta.get(f"/imports/{made.pk}"))
    assert "Countries that are not known" in page
    mapped(marta, made)
    run()
    made.refresh_from_db()
    assert list(made.unknown_countries) == ["Itlay"]
    assert Contact.objects.get(fields__email="anna.rossi@acme.example").fields["country"] == "Itlay"
