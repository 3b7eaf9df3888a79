"""Whom a model rates, where ratings lead and what it promises are changed in the form of its rules, too."""

from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.test_model_tune import PART, TUNE, as_shown, newest
from tests.server.web.test_models import text_of
from tests.server.world import MODEL, make_live
from vaglio.document import loads as document_of
from vaglio.terms import RATINGS

BARE = MODEL.split("ratings:")[0].split("promises:")[0]
TERMS = """\
audience: {field: country, in: [IT, RO]}
exclude:
  - {id: competitor, list: competitors}   # agreed in May
  - {id: small_firm, when: {field: employees, below: 5}}
journey:
  - {stage: awareness, any: [{activity: page_viewed}]}
  - {stage: decision, within: 60d, any: [{activity: page_viewed, where: {path: /pricing}}]}
potential: {field: employees, bands: [{below: 50, value: 4000}, {from: 50, value: 25000}]}
ratings:
  sales: [A1, A2, B1]   # what sales has hours for
  nurture: {hot_start: [A3, B2, C1], long_term: [A4, B3, B4, C2, C3, C4, D1, D2]}
  none: [D3, D4]
promises:
  horizon: 90d
  expect: {A1: {accepted: 60%}, A2: {accepted: 45%}}
  first_response: {A1: 1h, A2: 4h}
  share: {A1: {at_most: 7%}}
  review_by: 2027-03-31
"""
TEXT = BARE.replace("fields: {", "fields: {country: string, ") + TERMS


@pytest.fixture
def marta(tables: Any) -> Any:
    return signed_in(make_people()["marta"])


def changed(client: Any, given: dict[str, str], text: str = TEXT) -> list[tuple[str, str]]:
    """Return the lines that keeping the form changes, each before and after."""
    make_live(text)
    said = text_of(client.post(TUNE, as_shown(client.get(TUNE).content.decode()) | given, follow=True).content.decode())
    assert "small version 2 is kept as a draft" in said, said
    before, after = text.splitlines(), newest().text.splitlines()
    assert len(before) == len(after)
    return [(old.strip(), new.strip()) for old, new in zip(before, after, strict=True) if old != new]


ON_LINES = """\
audience:
  field: country
  in:
    - IT   # since May
    - RO
ratings:
  sales:
    # whom sales has hours for
    - A1
    - A2
  nurture:
    hot:
      - B1
      - C2
promises:
  first_response:
    A1: 1h
  share:
    A1:
      at_most: 7%
"""


def test_terms_on_lines_of_their_own_are_changed_as_those_in_brackets_are(marta: Any) -> None:
    make_live(TEXT.split("audience:")[0] + ON_LINES)
    given = {"leads_to.A1": "none", "leads_to.A2": "none", "leads_to.A3": "hot", "promises.first_response.A1": "",
             "promises.share.A1.at_most": "", "audience.in": "Germany, Romania"}  # fmt: skip
    part = marta.post(TUNE, as_shown(marta.get(TUNE).content.decode()) | given, headers=PART).content.decode()
    assert "fault" not in text_of(part)
    marta.post(TUNE, as_shown(marta.get(TUNE).content.decode()) | given)
    assert (
        newest().text.split("audience:")[1]
        == """
  field: country
  in:
    - DE
    - RO
ratings:
  sales:
    # whom sales has hours for
      []
  nurture:
    hot:
      - B1
      - C2
      - A3
  none: [A1, A2]
promises:
  first_response:
    {}
  share:
    {}
"""
    )


def test_what_this_form_cannot_change_is_named(marta: Any) -> None:
    make_live(TEXT.replace("A1: 1h", "A1: &soon 1h").replace("A2: 4h", "A2: *soon"))
    given = {"promises.first_response.A1": "2h", "promises.horizon": "60d", "leads_to.A3": "sales"}
    part = text_of(marta.post(TUNE, as_shown(marta.get(TUNE).content.decode()) | given, headers=PART).content.decode())
    assert "1 fault A1: Answered within it is written in a way in which this form cannot change it by itself change it in the text" in part


def test_lists_that_only_the_text_can_tell_from_sales_are_left_to_it(marta: Any) -> None:
    make_live(f"{BARE}ratings: {{nurture: {{sales: [B1]}}}}\n")
    assert "leads_to." not in marta.get(TUNE).content.decode()


@pytest.mark.parametrize(("track", "name"), [("日本", "track"), ("Клиенты", "track_2")])
def test_a_list_in_other_letters_has_a_name_of_its_own(marta: Any, track: str, name: str) -> None:
    text = TEXT.replace("hot_start", "track") if name != "track" else TEXT
    make_live(text)
    marta.post(TUNE, as_shown(marta.get(TUNE).content.decode()) | {"leads_to.A4": "new track", "new_track": track})
    assert f"{name}: [A4]}}" in newest().text


def test_where_ratings_lead_is_chosen(marta: Any) -> None:
    given = {"leads_to.A3": "sales", "leads_to.B1": "hot_start", "leads_to.D3": "long_term"}
    assert changed(marta, given) == [
        ("sales: [A1, A2, B1]   # what sales has hours for", "sales: [A1, A2, A3]   # what sales has hours for"),
        (
            "nurture: {hot_start: [A3, B2, C1], long_term: [A4, B3, B4, C2, C3, C4, D1, D2]}",
            "nurture: {hot_start: [B2, C1, B1], long_term: [A4, B3, B4, C2, C3, C4, D1, D2, D3]}",
        ),
        ("none: [D3, D4]", "none: [D4]"),
    ]


def test_a_rating_leads_to_a_new_nurture_list(marta: Any) -> None:
    given = {"leads_to.A4": "new track", "new_track": "Chief officers"}
    assert changed(marta, given) == [
        (
            "nurture: {hot_start: [A3, B2, C1], long_term: [A4, B3, B4, C2, C3, C4, D1, D2]}",
            "nurture: {hot_start: [A3, B2, C1], long_term: [B3, B4, C2, C3, C4, D1, D2], chief_officers: [A4]}",
        )
    ]


@pytest.mark.parametrize(
    ("track", "said"),
    [("", "what the new nurture list is called"), ("…", "is called"), ("Hot start", "one of this name"), ("None", "of this name")],
)
def test_a_new_list_needs_a_name_of_its_own(marta: Any, track: str, said: str) -> None:
    make_live(TEXT)
    given = as_shown(marta.get(TUNE).content.decode()) | {"leads_to.A4": "new track", "new_track": track}
    assert said in text_of(marta.post(TUNE, given, headers=PART).content.decode())
    page = marta.post(TUNE, given).content.decode()
    assert 'id="wrong-new-track"' in page and newest().number == 1


def test_a_model_that_says_nothing_of_ratings_gets_all_at_once(marta: Any) -> None:
    make_live(BARE)
    assert "not said" in marta.get(TUNE).content.decode()
    marta.post(TUNE, {"leads_to.A1": "sales", "leads_to.A2": "new track", "leads_to.D4": "none", "new_track": "Reads"})
    assert newest().text.rstrip().endswith("ratings: {sales: [A1], none: [D4], nurture: {reads: [A2]}}")


def test_nothing_is_another_where_nothing_was_chosen_and_what_is_no_choice_is_none(marta: Any) -> None:
    make_live(TEXT)
    given = as_shown(marta.get(TUNE).content.decode()) | {"leads_to.A1": "sales", "leads_to.B4": "nowhere", "leads_to.E9": "sales"}
    assert "They say the same" in text_of(marta.post(TUNE, given, headers=PART).content.decode())


HOT = "temperature: {hot: [A1, A2, B1], warm: [A3, B2, C1], cold: rest}"


def test_how_hot_a_rating_is_is_chosen_and_what_takes_the_rest_goes_on_doing_so(marta: Any) -> None:
    given = {"temperature.A2": "warm", "temperature.C1": "cold", "temperature.D1": "hot"}
    assert changed(marta, given, f"{TEXT}{HOT}   # agreed in May\n") == [
        (f"{HOT}   # agreed in May", "temperature: {hot: [A1, B1, D1], warm: [A3, B2, A2], cold: rest}   # agreed in May")
    ]


def test_a_model_that_says_nothing_of_temperatures_says_it_of_those_chosen_alone(marta: Any) -> None:
    make_live(TEXT)
    assert "not said" in marta.get(TUNE).content.decode()
    marta.post(TUNE, as_shown(marta.get(TUNE).content.decode()) | {"temperature.A1": "hot", "temperature.B1": "warm"})
    assert newest().text == f"{TEXT}temperature: {{hot: [A1], warm: [B1], cold: []}}\n"
    assert document_of(newest().text).temperature.of("D4") is None
    shown = marta.get("/models/small/tune?version=2").content.decode()
    marta.post("/models/small/tune?version=2", as_shown(shown) | {f"temperature.{rating}": "cold" for rating in RATINGS})
    assert newest().text == f"{TEXT}temperature: {{hot: [], warm: [], cold: [{', '.join(RATINGS)}]}}\n"


def test_a_temperature_that_was_not_written_is(marta: Any) -> None:
    make_live(f"{TEXT}temperature: {{hot: [A1]}}\n")  # the others are cold
    marta.post(TUNE, as_shown(marta.get(TUNE).content.decode()) | {"temperature.A2": "warm", "temperature.A1": "cold"})
    assert newest().text == f"{TEXT}temperature: {{hot: [], warm: [A2]}}\n"


def test_what_changes_in_temperatures_and_the_order_of_calling_is_said(marta: Any) -> None:
    make_live(TEXT)
    given = as_shown(marta.get(TUNE).content.decode()) | {"temperature.A1": "hot", "rank": "b1 a1, A2"}
    part = text_of(marta.post(TUNE, given, headers=PART).content.decode())
    assert "Order of calling" in part and "Temperature" in part and "fault" not in part, part


def test_whom_sales_calls_first_is_changed_and_forgotten(marta: Any) -> None:
    make_live(TEXT)
    given = as_shown(marta.get(TUNE).content.decode())
    marta.post(TUNE, given | {"rank": "b1 A1,  a2"})
    assert newest().text == f"{TEXT}rank: [B1, A1, A2]\n"
    shown = as_shown(marta.get("/models/small/tune?version=2").content.decode())
    assert shown["rank"] == "B1, A1, A2"
    marta.post("/models/small/tune?version=2", shown | {"rank": ""})
    assert newest().text == TEXT


def test_whom_it_rates_is_changed_and_who_was_left_out_comes_back(marta: Any) -> None:
    given = {"audience.in": "Italy, Romania, Germany", "exclude.1.when.below": "10"}
    assert changed(marta, given) == [
        ("audience: {field: country, in: [IT, RO]}", "audience: {field: country, in: [IT, RO, DE]}"),
        ("- {id: small_firm, when: {field: employees, below: 5}}", "- {id: small_firm, when: {field: employees, below: 10}}"),
    ]


def test_an_exclusion_and_the_audience_are_taken_out(marta: Any) -> None:
    make_live(TEXT)
    given = as_shown(marta.get(TUNE).content.decode()) | {"out.exclude.0": "yes", "out.audience": "yes", "audience.in": "nonsense, "}
    part = text_of(marta.post(TUNE, given, headers=PART).content.decode())
    assert "Who is scored" in part and "Who is left out" in part
    marta.post(TUNE, given)
    gone = "audience: {field: country, in: [IT, RO]}\n", "  - {id: competitor, list: competitors}   # agreed in May\n"
    assert newest().text == TEXT.replace(gone[0], "").replace(gone[1], "")


def test_promises_are_changed_made_and_taken_back(marta: Any) -> None:
    given = {
        "promises.first_response.A1": "30m", "promises.first_response.B1": "2d", "promises.expect.A2.accepted": "",
        "promises.expect.B1.won": "10", "promises.share.A1.at_most": "", "promises.review_by": "2027-06-30", "promises.horizon": "",
    }  # fmt: skip
    make_live(TEXT)
    marta.post(TUNE, as_shown(marta.get(TUNE).content.decode()) | given)
    made = newest().text
    assert made.count("\n") == TEXT.count("\n") - 1 and "horizon" not in made
    for line in ("expect: {A1: {accepted: 60%}, A2: {}, B1: {won: 10%}}", "first_response: {A1: 30m, A2: 4h, B1: 2d}", "share: {}"):
        assert line in made


def test_the_first_promises_of_a_model_are_made(marta: Any) -> None:
    text = TEXT.split("promises:")[0]
    make_live(text)
    given = {"promises.first_response.A1": "1h", "promises.expect.A1.accepted": "60%", "promises.expect.A2.accepted": "40%",
             "promises.share.A1.at_most": "7%", "promises.review_by": "2027-06-30"}  # fmt: skip
    marta.post(TUNE, as_shown(marta.get(TUNE).content.decode()) | given)
    added = newest().text.removeprefix(text).strip()
    assert added == (
        'promises: {review_by: "2027-06-30", first_response: {A1: 1h}, expect: {A1: {accepted: 60%}, A2: {accepted: 40%}}, '
        "share: {A1: {at_most: 7%}}}"
    )


def test_stages_and_worth_are_changed(marta: Any) -> None:
    given = {"journey.1.within": "", "journey.0.at_least": "2", "journey.1.any.0.where.path": "/offer",
             "potential.bands.1.value": "30000.5", "potential.bands.0.below": "60"}  # fmt: skip
    assert changed(marta, given) == [
        ("- {stage: awareness, any: [{activity: page_viewed}]}", "- {stage: awareness, any: [{activity: page_viewed}], at_least: 2}"),
        ("- {stage: decision, within: 60d, any: [{activity: page_viewed, where: {path: /pricing}}]}",
         "- {stage: decision, any: [{activity: page_viewed, where: {path: /offer}}]}"),
        ("potential: {field: employees, bands: [{below: 50, value: 4000}, {from: 50, value: 25000}]}",
         "potential: {field: employees, bands: [{below: 60, value: 4000}, {from: 50, value: 30000.5}]}"),
    ]  # fmt: skip


def test_the_least_evidence_is_set_and_taken_back(marta: Any) -> None:
    make_live(TEXT)
    marta.post(TUNE, as_shown(marta.get(TUNE).content.decode()) | {"minimum_coverage": "40"})
    assert newest().text == f"{TEXT}minimum_coverage: 40%\n"
    shown = as_shown(marta.get("/models/small/tune?version=2").content.decode())
    assert shown["minimum_coverage"] == "40%"
    marta.post("/models/small/tune?version=2", shown | {"minimum_coverage": ""})
    assert newest().text == TEXT


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("promises.review_by", "soon", "write a day as 2026-01-31"),
        ("promises.expect.A1.accepted", "sixty", "write a share"),
        ("promises.first_response.A1", "1 hour", "write a number and a unit"),
        ("exclude.1.when.below", "few", "write a number"),
        ("exclude.1.when.below", "5.000", "write thousands without a point"),
        ("profile.rules.0.points", "5.000", "write a number such as 30 or 2.5"),
        ("promises.horizon", "٣d", "write a number and a unit"),
        ("rank", "A1, E1", "write ratings such as A1, B1, A2, each once"),
        ("rank", "A1 A1", "each once"),
        ("audience.in", "I\0T", "a sign in it that cannot be seen"),
    ],
)
def test_what_cannot_be_promised_or_asked_is_said(marta: Any, name: str, typed: str, said: str) -> None:
    make_live(TEXT)
    given = as_shown(marta.get(TUNE).content.decode()) | {name: typed}
    assert said in text_of(marta.post(TUNE, given).content.decode()) and newest().number == 1


def test_every_term_of_the_ready_models_can_be_changed() -> None:
    from django.conf import settings

    from vaglio_server.scoring.logic.tuning import tuned
    from vaglio_server.web.model_tune_form import form_of

    done = 0
    for path in sorted(settings.READY_MODELS.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        document = document_of(text)
        for each in (box for side in form_of(document)[2:] for row in side.rows for box in row.boxes):
            value = next(found for typed in ("2031-01-31", "13d", "13%", "13", "D4", "word") if (found := _read(each, typed)) is not None)
            assert document_of(tuned(text, {each.path: value}, [])) != document, each
            done += 1
    assert done > 60


def _read(box: Any, typed: str) -> Any:
    """Return what a box takes a text for; None where it does not, or where it takes any text and another fits better."""
    found = [_tried(box, each) for each in (typed, "word")]
    return found[0] if found[1] is None or typed == "word" else None


def _tried(box: Any, typed: str) -> Any:
    try:
        return box.reader(typed)
    except ValueError:
        return None
