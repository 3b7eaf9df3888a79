"""Whom a model rates: said where leads have no rating for it, and widened to everybody without touching the rest of its text."""

from pathlib import Path
from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.web.reading import read
from tests.server.world import leads, make_live, make_source, send

READY = Path(__file__).parents[3] / "models"
ENTERPRISE = (READY / "b2b_software.yaml").read_text(encoding="utf-8")
ANNA = {
    "type": "identify",
    "userId": "anna",
    "traits": {"email": "anna@acme.example", "title": "CTO", "employees": 300, "country": "Spain"},
}


def score() -> None:
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.scorers import a_scorer

    with a_scorer() as scorer:
        while score_due(scorer=scorer, limit=1000):
            pass


@pytest.mark.parametrize("file", ["b2b_software", "consulting", "manufacturing", "education"])
def test_only_the_audience_goes_from_a_text(file: str) -> None:
    from vaglio.document import loads
    from vaglio_server.scoring.logic.audience import without_audience

    text = (READY / f"{file}.yaml").read_text(encoding="utf-8")
    bare = without_audience(text)
    assert loads(bare) == loads(text).model_copy(update={"audience": None})
    gone = [line for line in text.splitlines() if line not in bare.splitlines()]
    assert all("audience" in line or line.startswith(("#", " ")) for line in gone)
    assert len(gone) <= 2
    assert without_audience(bare) == bare


@pytest.mark.parametrize(
    ("audience", "said"),
    [
        ("{field: country, in: [IT, RO]}", "country is one of Italy, Romania"),
        ("{field: account.country, equals: Atlantis}", "the company's country is Atlantis"),
        ("{not: {field: country, in: [US, CA]}}", "country is none of United States, Canada"),
        ("{not: {field: country, equals: US}}", "not (country is United States)"),
        ("{all: [{field: country, known: true}, {any: [{field: employees, from: 50}, {field: account.industry, equals: software}]}]}",
         "country is filled in and (employees is at least 50 or the company's industry is software)"),
    ],
)  # fmt: skip
def test_an_audience_is_said_in_words(audience: str, said: str) -> None:
    import yaml

    from vaglio.condition import Condition
    from vaglio_server.web.audience import condition_words

    assert condition_words(Condition.model_validate(yaml.safe_load(audience))) == said


def test_the_ready_models_say_whom_they_rate_and_everybody_comes_first(tables: Any) -> None:
    page = read(signed_in(make_people()["marta"]).get("/models"))
    assert page.count('value="everybody" checked') == 3  # of four: the fourth rates everybody anyway
    assert "only leads where country is one of Italy, Romania, Germany" in page


@pytest.mark.parametrize(("chosen", "rated"), [("everybody", True), ("named", False)])
def test_a_ready_model_rates_everybody_or_whom_it_names(tables: Any, chosen: str, rated: bool) -> None:
    marta = signed_in(make_people()["marta"])
    send(make_source(), ANNA)
    assert marta.post("/models/ready/b2b_software", {"audience": chosen}).status_code == 302
    score()
    assert (leads()["anna@acme.example"].rating is not None) is rated


def test_pages_say_why_a_lead_has_no_rating_and_the_way_out(tables: Any) -> None:
    people = make_people()
    marta, luca = signed_in(people["marta"]), signed_in(people["luca"])
    make_live(ENTERPRISE)
    send(make_source(), ANNA)
    score()
    anna = leads()["anna@acme.example"]
    assert anna.rating is None
    why = read(marta.get(f"/leads/{anna.pk}/why"))
    assert "rates only leads where <b>country is one of Italy, Romania, Germany</b>" in why
    assert "<dt>country</dt><dd>Spain (ES)</dd>" in why and "Say it" not in why
    assert "The model rates only leads where country is one of Italy, Romania, Germany." in read(marta.get("/"))
    page = read(marta.get("/models/enterprise_suite"))
    assert "Only leads where <b>country is one of Italy, Romania, Germany</b>" in page
    assert "competitor (is on the list competitors), spam (is suspicious: yes)" in page
    assert "Rate everybody" not in read(luca.get("/models/enterprise_suite"))
    assert luca.post("/models/enterprise_suite/everybody").status_code == 403
    assert marta.post("/models/nothing/everybody").status_code == 404

    assert "version 2 is live and rates everybody" in read(marta.post("/models/enterprise_suite/everybody", follow=True))
    score()
    assert leads()["anna@acme.example"].rating is not None
    page = read(marta.get("/models/enterprise_suite"))
    assert "Everybody." in page
    assert "Rate everybody" not in page
    assert "The model rates only leads where" not in read(marta.get("/"))


@pytest.mark.parametrize(("typed", "is_rated"), [("Italy", True), ("italia", True), ("RO", True), ("Spain", False), ("Atlantis", False)])
@pytest.mark.usefixtures("tables")
def test_a_country_that_is_tried_is_read_as_one_that_comes_in(typed: str, is_rated: bool) -> None:
    marta = signed_in(make_people()["marta"])
    make_live(ENTERPRISE)
    page = read(marta.post("/models/enterprise_suite/try", {"fields.country": typed, "fields.job_title": "CTO"}))
    assert ("rating huge" in page) is is_rated and ("outside of its audience" in page) is not is_rated
    assert f'value="{typed}"' in page and ("where country is one of Italy, Romania, Germany." in page) is not is_rated


@pytest.mark.usefixtures("tables")
def test_a_form_and_a_file_say_beforehand_that_nobody_of_them_will_be_rated() -> None:
    from tests.server.imports.test_imports import upload
    from vaglio_server.forms.models import Form

    marta = signed_in(make_people()["marta"])
    marta.post("/forms", {"start": "contact"})
    form = Form.objects.get()
    bare = "Email,Company\nnina@acme.example,Acme\n"
    pages = (f"/forms/{form.pk}", f"/forms/{form.pk}/edit", f"/imports/{upload(marta, bare).pk}")
    assert not any("has no rating" in (page := read(marta.get(each))) or "have no rating" in page for each in pages)  # no model is live
    make_live(ENTERPRISE)
    whom = "rates only leads where country is one of Italy, Romania, Germany: "
    assert f"It does not ask for country, and Enterprise suite, Europe {whom}who sends it has no rating" in read(marta.get(pages[0]))
    assert f"{whom}who sends it has no rating" in read(marta.get(pages[1]))
    assert f"No column is country, and Enterprise suite, Europe {whom}new leads of this file" in read(marta.get(pages[2]))
    form.fields = [{"name": "country", "label": "Country", "widget": "line", "is_required": False, "choices": []}, *form.fields]
    form.save()
    assert not any("has no rating" in read(marta.get(each)) for each in pages[:2])
    told = upload(marta, "Email,Paese\nnina@acme.example,Italia\n", "told.csv")
    assert "will have no rating" not in read(marta.get(f"/imports/{told.pk}"))


@pytest.mark.parametrize(
    ("audience", "told", "lacked"),
    [
        ("{field: country, known: true}", (), "country"),
        ("{field: country, known: false}", (), None),
        ("{not: {field: country, equals: US}}", (), None),
        ("{field: account.country, equals: IT}", (), None),
        ("{any: [{field: country, equals: IT}, {field: industry, equals: it}]}", (), "country, industry"),
        ("{any: [{field: country, equals: IT}, {field: industry, equals: it}]}", ("industry",), None),
        ("{all: [{field: country, equals: IT}, {field: employees, from: 50}]}", ("country",), "employees"),
    ],
)
@pytest.mark.usefixtures("tables")
def test_what_an_audience_lacks_is_named(audience: str, told: tuple[str, ...], lacked: str | None) -> None:
    from vaglio_server.web.audience import unrated_by

    declared = ENTERPRISE.replace("inputs:  ", "inputs:\n  account_fields: {country: string}  ", 1)
    make_live(declared.replace("audience: {all: [{field: country, in: [IT, RO, DE]}]}", f"audience: {audience}"))
    found = unrated_by(told)
    assert (found.lacked if found else None) == lacked


@pytest.mark.usefixtures("tables")
def test_what_the_audience_asks_for_is_said_where_a_lead_has_no_rating() -> None:
    people = make_people()
    marta = signed_in(people["marta"])
    make_live(ENTERPRISE)
    send(make_source(), {"type": "identify", "userId": "eva", "traits": {"email": "eva@acme.example", "title": "CTO", "employees": 300}})
    score()
    eva = leads()["eva@acme.example"]
    made = [
        marta.post("/leads/new", {"email": f"{name}@acme.example", **more}, follow=True)
        for name, more in (("x", {}), ("y", {"country": "IT"}))
    ]
    assert ["is there, without a rating" in read(each) for each in made] == [True, False]
    assert "No live model scores this lead." in read(marta.get(f"/leads/{eva.pk}/outlook"))
    why = f"/leads/{eva.pk}/why"
    assert "Say it" not in read(signed_in(people["vera"]).get(why))
    form = read(marta.get(why)).partition('class="said-here ')[2].partition("</form>")[0]
    assert f'action="/leads/{eva.pk}/do/change"' in form and 'name="field" value="country"' in form and '<option value="IT">' in form
    assert "country is changed" in read(marta.post(f"/leads/{eva.pk}/do/change", {"field": "country", "value": "IT"}, follow=True))
    score()
    assert leads()["eva@acme.example"].rating is not None and "Say it" not in read(marta.get(why))
