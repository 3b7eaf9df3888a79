"""The page of all lists: who is on each, what reads it; renamed, emptied, and made by a new name."""

import re
from typing import Any

import pytest

from tests.server.web.people import signed_in
from tests.server.web.reading import read
from tests.server.world import AT, HOST, MODEL, audited, leads, make_account, make_live, make_source, send

pytestmark = pytest.mark.usefixtures("tables")
READING = MODEL.replace("name: small", "name: small\ntitle: Small firms", 1).replace(
    "  letters:", "    - {id: wanted, kind: list_member, list: key_targets, points: 25}\n  letters:"
)


@pytest.fixture
def listed(people: dict[str, Any]) -> Any:
    """Anna, Luca's, and Bruno, nobody's, on the list of targets with Acme, where Bruno works."""
    from vaglio_server.crm.actions import add_list_member, assign_leads

    acme = make_account()
    send(
        make_source(),
        *({"type": "identify", "userId": mail, "traits": {"email": mail}} for mail in ("anna@z.example", "bruno@acme.example")),
    )
    anna, bruno = leads()["anna@z.example"], leads()["bruno@acme.example"]
    assign_leads(leads=[anna.pk], owner=people["luca"], by="test", at=AT)
    for member in ({"lead": anna}, {"lead": bruno}, {"account": acme}):
        add_list_member(name="key_targets", **member, by="test", at=AT)
    return acme


def row(page: str, name: str) -> str:
    """Return what the page says of a list, in words."""
    found = next(each for each in re.findall(r'<tr class="lead">.*?</tr>', page, re.DOTALL) if f'class="name">{name}</span>' in each)
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def on(name: str) -> int:
    from vaglio_server.crm.models import ListMember

    return ListMember.objects.filter(list=name, to_at=None).count()


def test_it_says_who_is_on_each_and_what_reads_it(people: dict[str, Any], listed: Any) -> None:
    make_live(READING)
    marta = signed_in(people["marta"])
    page = read(marta.get("/lists"))
    assert row(page, "key targets").startswith("key targets key_targets 2 leads on key targets 1 companies on key targets Small firms")
    assert 'href="/models/small"' in page and "where=list.key_targets:on:" in page and "/companies?list=key_targets" in page
    assert " 1 leads on" in row(read(signed_in(people["luca"]).get("/lists")), "key targets")  # of those whom he may see
    assert "/leads/" in read(marta.get("/leads?where=list.key_targets:on:"))
    companies = read(marta.get("/companies?list=key_targets"))
    assert f"/companies/{listed.pk}" in companies and "Those on the list key targets" in companies
    assert f"/companies/{listed.pk}" in read(marta.get("/companies?list=key_targets&q=acm"))
    assert "No company is called so." in read(marta.get("/companies?list=key_targets&q=zeta"))
    assert "No company is on this list." in read(marta.get("/companies?list=other"))


def test_a_list_that_a_model_reads_is_shown_though_nobody_was_ever_on_it(people: dict[str, Any]) -> None:
    make_live(READING)
    assert "0 0 Small firms never" in row(read(signed_in(people["marta"]).get("/lists")), "key targets")


def test_it_is_renamed_and_kept_views_follow(people: dict[str, Any], listed: Any) -> None:
    from vaglio_server.views.actions import save_view

    asked = "where=list.key_targets%3Aon%3A&where=lead.country%3Aknown%3A&sort=name"
    view = save_view(owner=people["luca"], name="Mine", query=asked, is_shared=False, at=AT)
    other = save_view(owner=people["luca"], name="Other", query="where=list.key%3Aoff%3A", is_shared=False, at=AT)
    marta = signed_in(people["marta"])
    assert "Rename it" in read(marta.get("/lists/change?list=key_targets"))
    page = read(marta.post("/lists/change?list=key_targets", {"to": "Wanted  Firms"}, headers=HOST, follow=True))
    assert "called wanted firms now; 2 leads and 1 company moved with it. 1 view that asks for it follows." in page
    assert (on("key_targets"), on("wanted_firms")) == (0, 3) and "Nobody is on these any more" in page
    view.refresh_from_db(), other.refresh_from_db()
    assert (view.query, other.query) == (asked.replace("key_targets", "wanted_firms"), "where=list.key%3Aoff%3A")
    assert audited("rename_list") == [("marta", "list:wanted_firms")] and audited("change_view") == [("marta", f"view:{view.pk}")]
    trail = read(signed_in(people["ada"]).get("/audit"))
    assert "renamed a list, now List wanted_firms" in re.sub(r"<[^>]+>", "", trail)


def test_it_rejects_another_name_where_a_live_model_reads_it(people: dict[str, Any], listed: Any) -> None:
    make_live(READING)
    marta = signed_in(people["marta"])
    page = read(marta.get("/lists/change?list=key_targets"))
    assert "A live model reads it by this name" in page and "Small firms" in page and "Rename it" not in page
    answer = marta.post("/lists/change?list=key_targets", {"to": "wanted"}, headers=HOST)
    assert answer.status_code == 422 and "The live model Small firms reads the list key targets" in read(answer) and on("key_targets") == 3
    assert audited("rename_list") == []


def test_it_rejects_names_that_are_none_or_in_use(people: dict[str, Any], listed: Any) -> None:
    from vaglio_server.crm.actions import add_list_member

    add_list_member(name="friends", account=listed, by="test", at=AT)
    add_list_member(name="priority_accounts", account=listed, by="test", at=AT)
    marta = signed_in(people["marta"])
    for to, why in (("", "is no name of a list"), ("2026 fair", "is no name of a list"), ("Friends", "There is a list friends already"),
                    ("key targets", "is called key targets already")):  # fmt: skip
        answer = marta.post("/lists/change?list=key_targets", {"to": to}, headers=HOST)
        assert answer.status_code == 422 and why in read(answer), to
    answer = marta.post("/lists/change?list=priority_accounts", {"to": "top"}, headers=HOST)
    assert answer.status_code == 422 and "Vaglio itself reads it by this name" in read(answer)
    assert (on("key_targets"), on("priority_accounts")) == (3, 1)


def test_it_is_emptied_after_asking(people: dict[str, Any], listed: Any) -> None:
    make_live(READING)
    marta = signed_in(people["marta"])
    asked = read(marta.get("/lists/empty?list=key_targets"))
    assert "Take everybody off key targets?" in asked and "rated anew" in asked and on("key_targets") == 3
    page = read(marta.post("/lists/empty?list=key_targets", headers=HOST, follow=True))
    assert "2 leads and 1 company were taken off the list key targets." in page and on("key_targets") == 0
    assert audited("empty_list") == [("marta", "list:key_targets")]
    assert "Nobody is on the list" in read(marta.post("/lists/empty?list=key_targets", headers=HOST, follow=True))


def test_a_name_that_no_list_has_is_said_to_make_one(people: dict[str, Any], listed: Any) -> None:
    anna, luca, marta = leads()["anna@z.example"], signed_in(people["luca"]), signed_in(people["marta"])
    new = "There was no list {}: this made a new one."

    def said(client: Any, address: str, **told: Any) -> str:
        return read(client.post(address, told, headers=HOST, follow=True))

    assert new.format("fair visitors") in said(luca, f"/leads/{anna.pk}/do/put-on", list="Fair visitors")
    assert new[:17] not in said(luca, f"/leads/{anna.pk}/do/put-on", list="fair_visitors")
    assert new.format("fair vistors") in said(marta, "/leads/bulk", do="add", lead=anna.pk, list="fair vistors")
    assert new[:17] not in said(marta, "/leads/bulk", do="add", lead=anna.pk, list="fair visitors")
    assert new.format("firms") in said(marta, f"/companies/{listed.pk}/lists", list="firms")
    assert new[:17] not in said(marta, f"/companies/{listed.pk}/lists", list="firms")
    assert new[:17] not in said(marta, f"/companies/{listed.pk}/lists", list="priority_accounts")  # Vaglio's own
    make_live(READING.replace("key_targets", "wanted"))
    assert new[:17] not in said(marta, f"/companies/{listed.pk}/lists", list="wanted")  # a model reads it


def test_names_that_nothing_uses_are_offered_nowhere(people: dict[str, Any], listed: Any) -> None:
    from tests.server.imports.test_imports import upload
    from vaglio_server.crm.actions import empty_list, move_list

    make_live(READING.replace("list: key_targets", "list: wanted"))
    move_list(name="key_targets", to="newer", by="test", at=AT)
    anna, marta = leads()["anna@z.example"], signed_in(people["marta"])
    file = upload(marta, "Email,List\nanna@z.example,newer\n")
    places = (f"/leads/{anna.pk}/menus/lists", f"/companies/{listed.pk}", f"/imports/{file.pk}", "/leads")

    def offered(address: str) -> set[str]:
        return set(re.findall(r'<option value="(?:list\.)?(key_targets|newer|wanted)"', read(marta.get(address))))

    assert [offered(each) for each in places] == [{"newer", "wanted"}] * 4
    empty_list(name="newer", by="test", at=AT)
    assert [offered(each) for each in places] == [{"wanted"}] * 4
    assert "asks for something" not in read(marta.get("/leads?where=list.key_targets:on:"))  # a kept view may ask for it still


def test_it_requires_a_role(people: dict[str, Any], listed: Any) -> None:
    for name, changes in (("vera", 403), ("luca", 403), ("marta", 200), ("ada", 200)):
        client = signed_in(people[name])
        page = read(client.get("/lists"))
        assert "key targets" in page and ("/lists/change" in page) is (changes == 200), name
        for address in ("/lists/change?list=key_targets", "/lists/empty?list=key_targets"):
            assert client.get(address).status_code == changes, name
    assert signed_in(people["luca"]).post("/lists/empty?list=key_targets", headers=HOST).status_code == 403 and on("key_targets") == 3
    assert signed_in(people["marta"]).get("/lists/change?list=nothing").status_code == 404


def test_it_asks_a_bounded_number_of_times(people: dict[str, Any], listed: Any, django_assert_max: Any) -> None:
    client = signed_in(people["marta"])
    with django_assert_max(10):
        client.get("/lists")
