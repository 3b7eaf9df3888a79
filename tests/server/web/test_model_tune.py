"""Points, windows and thresholds are changed in a form: the rest of the text stays as it was, and what is kept is a draft."""

import re
from decimal import Decimal
from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.test_models import text_of
from tests.server.world import MODEL, make_live

TUNE = "/models/small/tune?version=1"
PART = {"HX-Request": "true"}
# Layouts that people write: a rule over several lines, remarks, quotes, a group, shares.
WRITTEN = """\
format: 1
name: small
inputs: {fields: {job_title: string, employees: integer}, activities: {page_viewed: {path: string}, form_submitted: {form: string}}}
profile:
  groups: {who: {at_most: 90}}
  rules:
    # Who decides.
    - id: boss
      kind: fields   # by words
      field: job_title
      points: 60     # agreed in May
      group: who
      bands: [{any_word: [chief, "cto"], award: 100%}, {any_word: [head], award: 50%}]
    - {id: size, kind: fields, field: employees, points: 40, bands: [{from: 50}]}
  letters: {A: 75, B: 50, C: 25}
engagement:
  rules:
    - {id: pricing, kind: activity, activity: page_viewed, points: 30, half_life: 14d, within: 90d}
    - id: demo
      kind: activity
      activity: form_submitted
      points: 50
      within: 60d
  digits: {1: 75, 2: 50, 3: 25}
"""


@pytest.fixture
def marta(tables: Any) -> Any:
    people = make_people()
    return signed_in(people["marta"])


def as_shown(page: str) -> dict[str, str]:
    """Return what a browser would send of the form as it is."""
    form = page[page.index('<form class="stack"') : page.index("</form>", page.index('<form class="stack"'))]
    return dict(re.findall(r'<input class="form-control" name="([^"]+)" value="([^"]*)"', form))


def newest() -> Any:
    from vaglio_server.scoring.models import ModelVersion

    return ModelVersion.objects.order_by("-id")[0]


def test_only_what_is_set_is_another_in_the_text(marta: Any) -> None:
    make_live(WRITTEN)
    given = as_shown(marta.get(TUNE).content.decode())
    assert given["profile.rules.0.points"] == "60" and given["engagement.rules.0.within"] == "90d" and given["profile.at_most"] == ""
    given |= {
        "profile.rules.0.points": "55.5",
        "profile.rules.0.bands.1.award": "40",
        "profile.groups.who.at_most": "80",
        "profile.letters.B": "45",
        "engagement.rules.0.half_life": "7d",
        "engagement.rules.0.at_most": "90",
        "engagement.rules.1.within": "",
    }
    page = text_of(marta.post(TUNE, given, follow=True).content.decode())
    assert "small version 2 is kept as a draft" in page
    expected = WRITTEN
    for before, after in (
        ("points: 60 ", "points: 55.5 "),
        ("award: 50%", "award: 40%"),
        ("who: {at_most: 90}", "who: {at_most: 80}"),
        ("B: 50,", "B: 45,"),
        ("half_life: 14d, within: 90d}", "half_life: 7d, within: 90d, at_most: 90}"),
        ("      within: 60d\n", ""),
    ):
        expected = expected.replace(before, after)
    assert newest().text == expected


def test_rules_are_taken_out(marta: Any) -> None:
    make_live(WRITTEN)
    given = as_shown(marta.get(TUNE).content.decode()) | {
        "out.profile.rules.1": "yes",
        "out.engagement.rules.1": "yes",
        "engagement.rules.1.points": "7",
    }
    marta.post(TUNE, given)
    gone = "    - {id: size, kind: fields, field: employees, points: 40, bands: [{from: 50}]}\n"
    demo = "    - id: demo\n      kind: activity\n      activity: form_submitted\n      points: 50\n      within: 60d\n"
    assert newest().text == WRITTEN.replace(gone, "").replace(demo, "")


def test_while_it_is_typed_what_changes_is_said_and_nothing_is_kept(marta: Any) -> None:
    make_live()
    given = as_shown(marta.get(TUNE).content.decode())
    assert "They say the same" in text_of(marta.post(TUNE, given, headers=PART).content.decode())
    part = text_of(marta.post(TUNE, given | {"profile.rules.0.points": "50"}, headers=PART).content.decode())
    assert "boss" in part and "60 → 50" in part
    part = text_of(marta.post(TUNE, given | {"profile.letters.B": "80"}, headers=PART).content.decode())
    assert "Thresholds of fit" in part and "A begins at 75 points, below B at 80" in part
    assert newest().number == 1


def test_bands_are_called_by_what_they_ask_and_an_empty_box_says_what_it_means(marta: Any) -> None:
    from django.conf import settings

    from vaglio_server.scoring.engine import document_of
    from vaglio_server.web.model_tune_form import form_of

    make_live()
    page = marta.get(TUNE).content.decode()
    assert 'placeholder="no limit"' in page and 'placeholder="never"' in page
    text = (settings.READY_MODELS / "b2b_software.yaml").read_text(encoding="utf-8")
    titles = [place.title for side in form_of(document_of(text)) for row in side.rows for place in row.places]
    assert "Band 1: chief, …" in titles and "Band 2: administrator" in titles and "Band 1: from 4" in titles


def test_what_is_doubtful_is_said_beside_what_changes(marta: Any) -> None:
    weighed = MODEL.replace("points: 60", "weight: 60").replace("points: 40", "weight: 40")
    make_live(weighed)
    given = as_shown(marta.get(TUNE).content.decode())
    assert "100" not in text_of(marta.post(TUNE, given, headers=PART).content.decode())
    part = text_of(marta.post(TUNE, given | {"profile.rules.0.weight": "50"}, headers=PART).content.decode())
    assert "60 → 50" in part and "doubt" in part and "100" in part


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("profile.rules.0.points", "many", "write a number such as 30 or 2.5"),
        ("profile.rules.0.points", "", "this cannot be empty"),
        ("profile.rules.0.points", "1e5", "write a number"),
        ("profile.rules.0.points", "٣", "write a number"),
        ("profile.rules.0.bands.0.award", "120%", "write a share such as 60%"),
        ("engagement.rules.0.within", "90 days", "write a number and a unit"),
        ("engagement.rules.0.half_life", "0d", "write a number and a unit"),
        ("engagement.rules.2.bands.0.points", "x", "write a number"),
    ],
)
def test_what_cannot_be_is_said_beside_its_box_and_not_lost(marta: Any, name: str, typed: str, said: str) -> None:
    make_live()
    given = as_shown(marta.get(TUNE).content.decode())
    assert name in given
    part = text_of(marta.post(TUNE, given | {name: typed}, headers=PART).content.decode())
    assert "1 fault" in part and said in part
    page = marta.post(TUNE, given | {name: typed}).content.decode()
    assert f'id="wrong-{name}"' in page and said in text_of(page) and (not typed or f'value="{typed}"' in page)
    assert newest().number == 1


def test_what_is_typed_in_a_rule_that_is_taken_out_is_no_fault(marta: Any) -> None:
    make_live()
    given = as_shown(marta.get(TUNE).content.decode()) | {"profile.rules.1.points": "many", "out.profile.rules.1": "yes"}
    assert "kept as a draft" in marta.post(TUNE, given, follow=True).content.decode()
    assert "id: size" not in newest().text and "id: boss" in newest().text


def test_what_only_the_whole_shows_to_be_wrong_is_said_as_of_a_text(marta: Any) -> None:
    make_live()
    given = as_shown(marta.get(TUNE).content.decode()) | {"profile.letters.A": "10"}
    page = text_of(marta.post(TUNE, given).content.decode())
    assert "fault" in page and newest().number == 1


def test_what_an_alias_means_too_is_left_to_the_text(marta: Any) -> None:
    make_live(MODEL.replace("letters: {A: 75, B: 50, C: 25}", "letters: {A: &high 75, B: 50, C: 25}"))
    given = as_shown(marta.get(TUNE).content.decode()) | {"profile.letters.A": "80"}
    page = text_of(marta.post(TUNE, given).content.decode())
    assert "change it in the text" in page and newest().number == 1


def test_every_ready_model_can_be_tuned(marta: Any) -> None:
    from django.conf import settings

    from vaglio_server.scoring.engine import document_of

    for file in sorted(settings.READY_MODELS.glob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        name = document_of(text).name
        make_live(text)
        address = f"/models/{name}/tune"
        given = as_shown(marta.get(address).content.decode())
        first = next(key for key in given if re.search(r"rules\.\d+(\.bands\.0)?\.points", key))
        marta.post(address, given | {first: "7"})
        draft = newest()
        assert draft.scoring_model.name == name and draft.live_from is None
        changed = [(old, new) for old, new in zip(text.splitlines(), draft.text.splitlines(), strict=True) if old != new]
        assert len(changed) == 1, (file.name, changed)


def test_a_model_of_many_rules_can_be_tuned(marta: Any) -> None:
    rule = "    - {id: p%d, kind: activity, activity: page_viewed, where: {path: /%d}, points: 1, half_life: 14d, within: 90d}\n"
    make_live(WRITTEN.replace("engagement:\n  rules:\n", "engagement:\n  rules:\n" + "".join(rule % (n, n) for n in range(300))))
    given = as_shown(marta.get(TUNE).content.decode())
    assert len(given) > 1_200
    assert "kept as a draft" in marta.post(TUNE, given | {"engagement.rules.299.points": "2"}, follow=True).content.decode()
    assert "where: {path: /299}, points: 2," in newest().text


def test_only_marketing_tunes(marta: Any) -> None:
    from vaglio_server.users.models import User

    make_live()
    for name in ("luca", "vera"):
        assert signed_in(User.objects.get(username=name)).get(TUNE).status_code == 403


def test_words_and_numbers_that_a_rule_asks_for_are_changed_and_remarks_between_them_stay(marta: Any) -> None:
    listed = """[chief, "cto",  # who signs
             vp]"""
    text = WRITTEN.replace('[chief, "cto"]', listed).replace(
        "activity: page_viewed, points", "activity: page_viewed, where: {path: {starts_with: /pricing}}, points"
    )
    make_live(text)
    page = marta.get(TUNE).content.decode()
    given = as_shown(page)
    assert given["profile.rules.0.bands.0.any_word"] == "chief, cto, vp" and "Change what it asks" in page
    given |= {
        "profile.rules.0.bands.0.any_word": "cto, vp, ceo, titolare",
        "profile.rules.1.bands.0.from": "80",
        "engagement.rules.0.where.path.starts_with": "/pricing, /quote",
    }
    part = text_of(marta.post(TUNE, given, headers=PART).content.decode())
    assert "titolare" in part and "fault" not in part
    marta.post(TUNE, given)
    after = """["cto",  # who signs
             vp, ceo, titolare]"""
    assert newest().text == text.replace(listed, after).replace("{from: 50}", "{from: 80}").replace(
        "starts_with: /pricing", "starts_with: [/pricing, /quote]"
    )


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("profile.rules.0.bands.0.any_word", " , ", "write a value"),
        ("profile.rules.0.bands.0.any_word", "", "this cannot be empty"),
        ("profile.rules.1.bands.0.from", "5,000", "without separators"),
    ],
)
def test_what_cannot_be_asked_is_said(marta: Any, name: str, typed: str, said: str) -> None:
    make_live(WRITTEN)
    given = as_shown(marta.get(TUNE).content.decode()) | {name: typed}
    assert said in text_of(marta.post(TUNE, given, headers=PART).content.decode())
    assert f'name="{name}"' in marta.post(TUNE, given).content.decode() and newest().number == 1


def test_all_that_is_offered_of_a_model_can_be_changed() -> None:
    """Every box of the models that ship, and of conditions inside conditions, sets its own value and nothing else."""
    from django.conf import settings

    from vaglio_server.scoring.engine import document_of
    from vaglio_server.scoring.logic.tuning import tuned
    from vaglio_server.web.model_tune_form import form_of

    nested = WRITTEN.replace(
        "bands: [{from: 50}]",
        "bands: [{all: [{from: 50}, {not: {any: [{field: job_title, in: [clerk, buyer]}, {field: job_title, matches: 'x|y'}]}}]}]",
    ).replace("activity: page_viewed, points", "activity: page_viewed, where: {any: [{path: /a}, {not: {path: {ends_with: /b}}}]}, points")
    texts = [path.read_text(encoding="utf-8") for path in sorted(settings.READY_MODELS.glob("*.yaml"))]
    several = 0
    for text in [*texts, nested]:
        for side in form_of(document_of(text)):
            for each in (each for row in side.rows for each in row.asks):
                several += 1
                typed = (
                    "7d" if each.was[:-1].isdigit() and each.was[-1] in "smhdw" else "7" if each.was[0].isdigit() else f"{each.was}, other"
                )
                before, after = text.split("\n"), tuned(text, {each.path: each.reader(typed)}, []).split("\n")
                assert sum(one != other for one, other in zip(before, after, strict=True)) == 1, each
    assert several > 20


def test_words_with_commas_and_what_was_learned_are_left_to_the_text() -> None:
    from vaglio_server.scoring.engine import document_of
    from vaglio_server.web.model_tune_form import form_of

    text = WRITTEN.replace('any_word: [chief, "cto"]', 'contains: ["head, sales"]').replace("{from: 50}", "{known: true}")
    profile = form_of(document_of(text))[0]
    assert [each.name for row in profile.rows for each in row.asks] == ["profile.rules.0.bands.1.any_word"]


def test_countries_are_asked_for_by_name() -> None:
    from vaglio_server.scoring.engine import document_of
    from vaglio_server.web.model_tune_form import changed, form_of

    text = (
        WRITTEN.replace("employees: integer", "country: string")
        .replace("field: employees", "field: country")
        .replace("{from: 50}", "{in: [IT]}")
    )
    name = "profile.rules.1.bands.0.in"
    assert changed(form_of(document_of(text), {name: "Italy, Germany"})) == {("profile", "rules", 1, "bands", 0, "in"): ["IT", "DE"]}


def test_words_on_lines_of_their_own_are_changed_in_a_text_and_in_a_box(marta: Any) -> None:
    words = "          - any_word:\n            - chief  # who signs\n            - cto\n            award: 100%\n"
    lines = f"\n{words}          - {{any_word: [head], award: 50%}}\n"
    text = WRITTEN.replace(' [{any_word: [chief, "cto"], award: 100%}, {any_word: [head], award: 50%}]\n', lines)
    make_live(text)
    given = as_shown(marta.get(TUNE).content.decode()) | {"profile.rules.0.bands.0.any_word": "chief\r\nceo,\r\n\r\ncfo"}
    marta.post(TUNE, given)
    assert newest().text == text.replace("            - cto\n", "            - ceo\n            - cfo\n")


def test_small_numbers_are_shown_as_people_write_them() -> None:
    from vaglio_server.scoring.engine import document_of
    from vaglio_server.web.model_tune_form import changed, form_of

    text = WRITTEN.replace("employees: integer", "employees: number").replace("{from: 50}", "{in: [0.000001, 5]}")
    name = "profile.rules.1.bands.0.in"
    assert changed(form_of(document_of(text), {name: "0.000001, 6"})) == {tuple(name_parts(name)): [Decimal("0.000001"), 6]}
    assert "without separators" in str(form_of(document_of(text), {name: "5,000"}))


def name_parts(name: str) -> list[str | int]:
    return [int(part) if part.isdigit() else part for part in name.split(".")]
