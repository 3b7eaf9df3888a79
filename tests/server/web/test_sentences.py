"""Rules' sentences as pages say them, and what is known of a lead beside them."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.server.web.people import signed_in
from tests.server.web.test_pages import shown
from tests.server.world import leads
from vaglio.document import loads
from vaglio_server.web.sentences import said

ENTERPRISE = loads((Path(__file__).parents[3] / "models" / "b2b_software.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("+40 when job_title has the word vp", "+40 when job title has the word vp"),
        ("+10 for each page_viewed where path starts with /page_viewed, halving every 14d, for 90d",
         "+10 for each page viewed where path starts with /page_viewed, halving every 14 days, for 90 days"),
        ("+20 from 4 content_downloaded where content_type is case_study within 1d",
         "+20 from 4 content downloaded where content type is case_study within 1 day"),
        ("+5 when account.annual_revenue is at least 7", "+5 when the company's annual revenue is at least 7"),
        ("+25 when the lead or its account is on the list priority_accounts",
         "+25 when the lead or its account is on the list priority accounts"),
        ("+40 when job_title has the word vp; otherwise -20 when employees is below -5",
         "+40 when job title has the word vp; otherwise −20 when employees is below -5"),
        ("-10 after 30d without page_viewed", "−10 after 30 days without page viewed"),
        ("lost to the cap of pricing", "lost to the cap of pricing"),
    ],
)  # fmt: skip
def test_names_and_lengths_are_spelled_out_and_values_are_not(sentence: str, wanted: str) -> None:
    assert said(sentence, ENTERPRISE) == wanted


def test_no_sentence_of_a_ready_model_speaks_the_texts_names() -> None:
    for path in sorted((Path(__file__).parents[3] / "models").glob("*.yaml")):
        document = loads(path.read_text(encoding="utf-8"))
        names = {*document.inputs.fields, *document.inputs.activities, *document.inputs.property_types()}
        for axis in ("profile", "engagement"):
            for rule in document.axis(axis).rules:  # type: ignore[arg-type]
                words = set(re.findall(r"(?<![\w/])\w+", said(rule.sentence(), document)))
                assert not {name for name in words & names if "_" in name}, rule.id


def test_a_line_of_fit_shows_the_facts_that_it_asks_for(company: dict[str, Any]) -> None:
    marta, anna = signed_in(company["marta"]), leads()["anna@acme.example"]
    why = shown(marta, f"/leads/{anna.pk}/why")
    assert f"<dt>job title</dt><dd>{anna.fields['job_title']}</dd>" in why
    assert f"<dt>employees</dt><dd>{anna.fields['employees']}</dd>" in why
    assert why.count('class="facts asked"') == 2  # rules about activities ask for none
