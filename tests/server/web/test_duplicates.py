"""The page of duplicates: pairs side by side, merged one by one and in bulk, undone, and by whom."""

import re
from typing import Any

import pytest

from tests.server.duplicates.test_decisions import made_and_searched, pairs, work
from tests.server.kept import kept
from tests.server.web.people import make_people as make_users
from tests.server.web.people import signed_in
from tests.server.world import audited, leads

pytestmark = pytest.mark.usefixtures("tables")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def marta(tables: Any) -> Any:
    return signed_in(kept(_found)["marta"])


def _found() -> dict[str, Any]:
    made_and_searched(3)
    return make_users()


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_pairs_are_shown_side_by_side_with_why(marta: Any, django_assert_max: Any) -> None:
    with django_assert_max(24):
        page = marta.get("/duplicates")
    assert page.status_code == 200
    said = text(page)
    assert "3 pairs may be one person" in said and "same mobile number" in said and "same surname" in said and "other mail address" in said
    assert "w1@vexor1.ro" in said and "p1@gmail.com" in said and "6 leads looked through" in said
    assert page.content.decode().count('class="differs"') >= 3


def test_names_stand_before_what_matters_less(marta: Any) -> None:
    said = text(marta.get("/duplicates"))
    assert said.index("same surname") < said.index("same first name") < said.index("same mobile number") < said.index("other mail address")


def test_pairs_are_read_page_by_page_also_when_the_last_was_decided_on(marta: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vaglio_server.web.duplicates.PAGE", 2)
    first = marta.get("/duplicates")
    surest = re.findall(r'<article[^>]* id="pair(\d+)"', first.content.decode())
    assert len(surest) == 2 and f"?after={surest[-1]}" in first.content.decode() and "The surest again" not in text(first)
    marta.post(f"/duplicates/{surest[-1]}/dismiss")
    second = marta.get(f"/duplicates?after={surest[-1]}")
    (left,) = re.findall(r'<article[^>]* id="pair(\d+)"', second.content.decode())
    assert left not in surest and "The next ones" not in text(second) and "The surest again" in text(second)
    assert len(re.findall("<article", marta.get("/duplicates?after=x").content.decode())) == 2


def test_a_pair_is_merged_into_the_one_chosen_and_undone(marta: Any) -> None:
    pair = pairs()[0]
    answer = marta.post(f"/duplicates/{pair.pk}/merge", {f"stays{pair.pk}": pair.other_id}, headers=HTMX)
    assert "are one lead now" in text(answer) and "Undo" in text(answer) and "<html" not in answer.content.decode()
    assert leads()["w1@vexor1.ro"].merged_into_id == pair.other_id
    assert "2 pairs may be one person" in text(answer) and "Merged 1" in text(answer)  # what the page says of all follows
    assert answer.content.decode().count('hx-swap-oob="true"') == 2
    again = text(marta.post(f"/duplicates/{pair.pk}/merge", headers=HTMX))
    assert "somebody decided on this pair meanwhile" in again and "Undo" not in again
    said = text(marta.post(f"/duplicates/{pair.pk}/undo", follow=True))
    assert "are to be looked at again" in said and "3 pairs may be one person" in said
    assert audited("merge_leads")[0][0] == "marta"


def test_a_pair_is_not_the_same(marta: Any) -> None:
    pair = pairs()[1]
    said = text(marta.post(f"/duplicates/{pair.pk}/dismiss", follow=True))
    assert "stay two leads" in said and "2 pairs may be one person" in said and len(pairs("different")) == 1
    assert "to be looked at again" in text(marta.post(f"/duplicates/{pair.pk}/undo", follow=True))


def test_a_bulk_says_how_many_before_it_merges_and_is_undone(marta: Any) -> None:
    chosen = [pair.pk for pair in pairs()[:2]]
    keep = pairs()[0]
    asked = {"pair": chosen, f"stays{keep.pk}": keep.other_id}
    page = marta.post("/duplicates/bulk", asked)
    assert "Merge 2 pairs?" in text(page) and "more like these" not in text(page) and len(pairs()) == 3
    assert f'name="stays{keep.pk}" value="{keep.other_id}"' in page.content.decode()
    said = text(marta.post("/duplicates/bulk", asked | {"meant": "2"}, follow=True))
    assert "2 pairs are being merged" in said and "Merging: 0 of 2 pairs" in said
    assert work() == 2 and leads()["w1@vexor1.ro"].merged_into_id == keep.other_id
    said = text(marta.get("/duplicates"))
    assert "2 pairs merged together" in said and "Undo all" in said
    marta.post(f"/duplicates/bulk/{pairs('merged')[0].bulk_id}/undo")
    assert work() == 2 and "2 pairs, undone" in text(marta.get("/duplicates")) and len(pairs()) == 3


def test_the_surest_are_merged_together_only_when_so_many_are_meant(marta: Any) -> None:
    from vaglio_server.duplicates.models import Pair

    first, *_rest = pairs()
    Pair.objects.filter(pk=first.pk).update(probability=0.95)
    assert "Merge 2 pairs?" in text(marta.post("/duplicates/bulk", {"sure": "1"}))
    assert "Merge 2 pairs?" in text(marta.post("/duplicates/bulk", {"sure": "1", "meant": "3"})) and len(pairs("asked")) == 0
    marta.post("/duplicates/bulk", {"sure": "1", "meant": "2"})
    assert len(pairs("asked")) == 2 and [pair.pk for pair in pairs()] == [first.pk]


def test_a_search_is_asked_for_shown_and_stopped(marta: Any) -> None:
    from vaglio_server.duplicates.models import Search

    said = text(marta.post("/duplicates/search", follow=True))
    assert "Looking through all leads: 0%" in said and "Stop" in said
    assert "being looked for already" in text(marta.post("/duplicates/search", follow=True))
    Search.objects.filter(state="running").update(done_share=0.42)
    fragment = marta.get("/duplicates", headers=HTMX).content.decode()
    assert "42%" in fragment and "<html" not in fragment
    assert "The last search was stopped" in text(marta.post("/duplicates/stop", follow=True))


@pytest.mark.parametrize("asked", [{}, {"pair": ["x", "9" * 30, "-1"]}, {"pair": ["\x00"], "meant": "\ud800".encode("utf-8", "replace")}])
def test_it_rejects_what_chooses_nothing(marta: Any, asked: dict[str, Any]) -> None:
    assert "Choose some pairs first" in text(marta.post("/duplicates/bulk", asked, follow=True))
    for address in ("merge", "dismiss", "undo"):
        assert marta.post(f"/duplicates/{'9' * 18}/{address}").status_code == 404
        assert marta.post(f"/duplicates/{'9' * 40}/{address}").status_code == 404
    assert marta.post(f"/duplicates/bulk/{'9' * 40}/undo").status_code == 404


@pytest.mark.parametrize("name", ["luca", "vera"])
def test_it_requires_a_marketer(marta: Any, name: str) -> None:
    from vaglio_server.users.models import User

    client, pair = signed_in(User.objects.get(username=name)), pairs()[0]
    assert client.get("/duplicates").status_code == 403
    for address in ("search", "stop", "bulk", f"{pair.pk}/merge", f"{pair.pk}/dismiss", f"{pair.pk}/undo", "bulk/1/undo"):
        assert client.post(f"/duplicates/{address}").status_code == 403
        assert marta.get(f"/duplicates/{address}").status_code == 405
    assert "Duplicates" not in client.get("/").content.decode()
