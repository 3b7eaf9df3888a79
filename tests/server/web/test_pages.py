"""What the pages show."""

import re
from typing import Any

import pytest

from tests.server.web.people import signed_in
from tests.server.web.reading import read
from tests.server.web.test_terms import TEMPLATES
from tests.server.world import HOST, leads


def shown(client: Any, address: str, **headers: str) -> str:
    answer = client.get(address, headers=HOST | headers)
    assert answer.status_code == 200
    return str(read(answer))


def test_home_counts_ratings_and_names_what_changed(company: dict[str, Any]) -> None:
    page = shown(signed_in(company["marta"]), "/")
    assert re.search(r'href="/leads\?rating=A1"><span class="rating-name">A1</span><span class="big">1</span>', page)
    assert "Anna Tărușă" in page
    assert "unsigned" in page


def test_home_asks_for_the_moving_part_only(company: dict[str, Any]) -> None:
    part = shown(signed_in(company["marta"]), "/", **{"HX-Request": "true"})
    assert "<html" not in part and 'class="matrix"' in part


def test_the_list_is_ranked_filtered_and_searched(company: dict[str, Any]) -> None:
    client = signed_in(company["marta"])
    assert next(iter(rows(client, "/leads"))) == "Anna Tărușă"
    assert rows(client, "/leads?rating=A1") == ["Anna Tărușă"]
    assert rows(client, "/leads?rating=nonsense") == rows(client, "/leads")
    assert rows(client, f"/leads?owner={company['jonas'].pk}") == ["Bruno"]
    assert len(rows(client, "/leads?owner=none")) == 2
    # Without accents, by the start of a word, by mail address and by company.
    for text in ("tarusa", "TĂRU", "anna acme", "anna@acme.example"):
        assert rows(client, f"/leads?q={text}") == ["Anna Tărușă"], text
    assert set(rows(client, "/leads?q=acme")) == {"Anna Tărușă", "Bruno"}
    for text in ("nobody", "acme & zeta", "' | zz:*"):
        assert rows(client, "/leads", q=text) == [], text


def rows(client: Any, address: str, **asked: str) -> list[str]:
    page = read(client.get(address, asked or None, headers=HOST))
    return re.findall(r'class="person"><a href="/leads/\d+">([^<]*)</a>', page)


def test_the_list_comes_in_pages_that_join_without_gap(company: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.web import leads as page

    monkeypatch.setattr(page, "PAGE", 1)
    client = signed_in(company["marta"])
    address, found = "/leads", []
    while True:
        text = read(client.get(address, headers=HOST))
        found += re.findall(r'class="person"><a href="/leads/(\d+)"', text)
        more = re.search(r'href="(\?[^"]*cursor[^"]*)"', text)
        if more is None:
            break
        address = "/leads" + more[1].replace("&amp;", "&")
    assert len(found) == len(set(found)) == 4
    assert client.get("/leads?cursor=nonsense", headers=HOST).status_code == 400


def test_a_name_cannot_smuggle_in_markup(company: dict[str, Any]) -> None:
    carla = leads()["carla@zeta.example"].pk
    client = signed_in(company["marta"])
    for address in ("/leads", f"/leads/{carla}", f"/leads/{carla}/timeline"):
        assert "<script>alert" not in shown(client, address)


def test_why_sums_to_the_score_down_to_the_activity(company: dict[str, Any]) -> None:
    from vaglio_server.scoring.models import Score

    anna = leads()["anna@acme.example"]
    page = shown(signed_in(company["luca"]), f"/leads/{anna.pk}/why")
    sides = page.split('class="card why"')[1:]
    assert len(sides) == 2
    for side, axis in zip(sides, ("profile", "engagement"), strict=True):
        lines = [number(text) for text in re.findall(r'</svg><span class="num[^"]*">([^<]*)</span></summary>', side)]
        total = number(re.search(r'class="ms-auto total"><b>([^<]*)</b>', side)[1])  # type: ignore[index]
        assert sum(lines) == total
        for step in side.split("<details")[1:]:
            acts = [number(text) for text in re.findall(r'<li><span class="num[^"]*">([^<]*)</span>', step)]
            if acts:
                assert sum(acts) == number(re.search(r'class="num[^"]*">([^<]*)</span></summary>', step)[1])  # type: ignore[index]
        score = Score.objects.get(lead=anna)
        assert abs(total - getattr(score, f"{axis}_millipoints")) <= 2  # it fades while the test runs


def number(text: str) -> int:
    return round(float(text.replace("\u2212", "-").replace("+", "")) * 1000)


def test_the_timeline_goes_back_without_gap(company: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.web import lead as page

    monkeypatch.setattr(page, "ITEMS", 1)
    anna = leads()["anna@acme.example"].pk
    client = signed_in(company["marta"])
    address, items = f"/leads/{anna}/timeline", 0
    for _ in range(20):
        text = shown(client, address)
        items += len(re.findall(r'<li class="is-', text))
        more = re.search(r'hx-get="([^"]*before[^"]*)"', text)
        if more is None:
            break
        address = more[1].replace("&amp;", "&")
    assert items >= 4  # a rating, two activities, what became known
    assert shown(client, f"/leads/{anna}/timeline?before=nonsense")


def test_the_model_page_says_each_rule_in_a_sentence(company: dict[str, Any]) -> None:
    page = shown(signed_in(company["vera"]), "/models/small")
    assert "+30 for each page viewed where path starts with /pricing, halving every 14 days, for 90 days" in page
    assert "unsigned" in page and "live since" in page and "version 1" in page
    assert signed_in(company["vera"]).get("/models/none", headers=HOST).status_code == 404


def test_pages_ask_the_database_a_bounded_number_of_times(company: dict[str, Any], django_assert_max: Any) -> None:
    client = signed_in(company["marta"])
    anna = leads()["anna@acme.example"].pk
    shown(client, "/lists")  # the first page of somebody writes that they were seen
    for address, most in (("/", 18), ("/leads", 16), (f"/leads/{anna}", 24), ("/models/small", 12)):
        with django_assert_max(most):
            shown(client, address)


def test_no_page_loads_more_script_than_it_may() -> None:
    import gzip
    from pathlib import Path

    from vaglio_server import web

    built = Path(web.__file__).parent / "built"
    sizes = {file.name: len(gzip.compress(file.read_bytes())) for file in built.glob("*.js")}
    own = {name: sizes.pop(name) for name in ("course.js", "editor.js")}  # each on one page
    assert sum(sizes.values()) < 60_000 and max(own.values()) < 200_000, sizes | own


def test_a_list_that_is_read_out_stays_a_list() -> None:
    """With another role its items belong to nothing."""
    for path in TEMPLATES.rglob("*.html"):
        assert not re.findall(r"<[uo]l\b[^>]*\brole=\"(?!list)[^>]*>", path.read_text(encoding="utf-8")), path
