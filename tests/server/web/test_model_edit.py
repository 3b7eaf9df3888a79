"""The text of a model is changed in the browser: faults stand with their lines, changes in words, and what is kept is a draft."""

import time
from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.test_models import text_of
from tests.server.world import MODEL, make_live

EDIT = "/models/small/edit?version=1"
PART = {"HX-Request": "true"}


@pytest.fixture
def marta(tables: Any) -> Any:
    people = make_people()
    make_live()
    return signed_in(people["marta"])


def drafts() -> list[tuple[str, int, str]]:
    from vaglio_server.scoring.models import ModelVersion

    return [(each.scoring_model.name, each.number, each.by) for each in ModelVersion.objects.filter(live_from=None).order_by("id")]


def test_the_page_holds_the_text_and_a_nonce_for_the_styles_of_its_editor(marta: Any) -> None:
    answer = marta.get(EDIT)
    page = answer.content.decode()
    assert "id: pricing" in page and "small version 1" in page and "With another name it is a model of its own" in page
    nonce = page.split('data-nonce="')[1].split('"')[0]
    assert nonce and f"style-src 'self' 'nonce-{nonce}'" in answer["Content-Security-Policy"]
    assert "nonce" not in marta.get("/models/small")["Content-Security-Policy"]


def test_while_it_is_typed_faults_stand_with_their_lines(marta: Any) -> None:
    wrong = MODEL.replace("half_life: 14d", "half_life: soon").replace("points: 50, within", "pionts: 50, within")
    part = marta.post(EDIT, {"text": wrong}, headers=PART).content.decode()
    lines = wrong.splitlines()
    bad = [number for number, line in enumerate(lines, 1) if "soon" in line or "pionts" in line]
    assert "<html" not in part and "faults" in text_of(part)
    for number in bad:
        assert f'data-line="{number}"' in part
    assert drafts() == []


def test_while_it_is_typed_changes_stand_in_words(marta: Any) -> None:
    part = text_of(marta.post(EDIT, {"text": MODEL.replace("points: 60", "points: 55")}, headers=PART).content.decode())
    assert "What changes" in part and "boss" in part and "60 → 55" in part
    same = text_of(marta.post(EDIT, {"text": MODEL + "# a remark\n"}, headers=PART).content.decode())
    assert "They say the same" in same
    other = text_of(marta.post(EDIT, {"text": MODEL.replace("name: small", "name: other")}, headers=PART).content.decode())
    assert "a model of its own, other" in other
    assert drafts() == []


def test_what_is_kept_is_a_draft_with_lines_as_they_were(marta: Any) -> None:
    from vaglio_server.scoring.models import ModelVersion

    changed = MODEL.replace("points: 60", "points: 55")
    page = text_of(marta.post(EDIT, {"text": changed.replace("\n", "\r\n")}, follow=True).content.decode())
    assert "small version 2 is kept as a draft" in page and "Make it live" in page
    assert drafts() == [("small", 2, "marta")] and ModelVersion.objects.get(number=2).text == changed
    again = text_of(marta.post(EDIT, {"text": changed}, follow=True).content.decode())
    assert "Nothing is new: small version 2 says the same." in again and len(drafts()) == 1


def test_a_text_with_faults_is_not_kept_and_not_lost(marta: Any) -> None:
    wrong = MODEL.replace("kind: fields", "kind: fiels", 1) + "# what I wrote\n"
    page = marta.post(EDIT, {"text": wrong}).content.decode()
    assert "# what I wrote" in page and 'data-unsaved="now"' in page and "1 fault" in text_of(page)
    for text in ("", "\x00", "a: [", "- 1", "x" * 100_000):
        answer = marta.post(EDIT, {"text": text})
        assert answer.status_code == 422 and "fault" in text_of(answer.content.decode())
    assert drafts() == []


def test_another_name_is_another_model_beside_it(marta: Any) -> None:
    page = text_of(marta.post(EDIT, {"text": MODEL.replace("name: small", "name: other")}, follow=True).content.decode())
    assert "other version 1 is kept as a draft" in page
    assert drafts() == [("other", 1, "marta")]


def test_only_marketing_writes(marta: Any) -> None:
    from vaglio_server.users.models import User

    for name in ("luca", "vera"):
        client = signed_in(User.objects.get(username=name))
        assert client.get(EDIT).status_code == 403 and client.post(EDIT, {"text": MODEL}).status_code == 403
        assert "Change it" not in client.get("/models/small").content.decode()


def test_a_model_that_was_never_live_is_found_in_the_list(marta: Any) -> None:
    assert marta.get("/models")["Location"] == "/models/small"
    assert ">Models</a>" not in marta.get("/models/small").content.decode()
    marta.post(EDIT, {"text": MODEL.replace("name: small", "name: other")})
    marta.post(EDIT, {"text": MODEL.replace("points: 60", "points: 55")})
    page = marta.get("/models").content.decode()
    said = text_of(page)
    assert 'href="/models/other"' in page and "other version 1 draft" in said and "draft unsigned other" in said
    assert "small version 1, live since" in said and "version 2 is a draft" in said
    assert 'href="/models">Models</a>' in marta.get("/models/small").content.decode()


def test_of_very_many_faults_the_first_are_named(marta: Any) -> None:
    wrong = MODEL + "".join(f"key{number}: 1\n" for number in range(150))
    page = marta.post(EDIT, {"text": wrong}, headers=PART).content.decode()
    assert "150 faults" in text_of(page) and page.count("data-line=") == 100 and "and 50 more" in text_of(page)


def test_what_is_typed_does_not_push_out_what_is_live(marta: Any) -> None:
    from vaglio_server.scoring.engine import document_of

    marta.post(EDIT, {"text": MODEL}, headers=PART)
    kept = document_of.cache_info().currsize
    for number in range(3):
        marta.post(EDIT, {"text": f"{MODEL}# {number}\n"}, headers=PART)
    assert document_of.cache_info().currsize == kept


def test_a_text_of_a_thousand_rules_is_told_at_once(tables: Any) -> None:
    from vaglio_server.scoring.engine import read_document
    from vaglio_server.web.change_words import told_changes

    rules = "".join(
        f"    - {{id: r{n}, kind: fields, field: job_title, points: 6, bands: [{{any_word: [chief], award: 100%}}]}}\n" for n in range(1000)
    )
    before, after = read_document(MODEL), read_document(MODEL.replace("  letters:", f"{rules}  letters:"))
    began = time.process_time()
    assert len(told_changes(before, after)) == 1000
    assert time.process_time() - began < 1.5  # 0.3; each rule asked for all others, 4
