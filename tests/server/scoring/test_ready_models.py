"""The ready models leave out whom somebody called spam."""

from pathlib import Path
from typing import Any

import pytest

from vaglio.document import load

MODELS = Path(__file__).parents[3] / "models"


@pytest.mark.parametrize("name", ["consulting", "education", "manufacturing"])
def test_spam_is_left_out(scorer: Any, name: str) -> None:
    from tests.server.world import leads, make_live, make_source, send
    from vaglio_server.crm.models import ListMember
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.models import Score

    make_live((MODELS / f"{name}.yaml").read_text(encoding="utf-8"))
    people = (
        {"type": "identify", "userId": who, "traits": {"email": f"{who}@acme.example", "country": "IT"}} for who in ("anna", "spammer")
    )
    send(make_source(), *people)
    ListMember.objects.create(list="spam", lead=leads()["spammer@acme.example"], known_at="2026-10-01T00:00:00Z")
    score_due(scorer=scorer, limit=10)
    found = {score.lead.name: score.excluded_by for score in Score.objects.select_related("lead")}
    assert found == {"anna@acme.example": None, "spammer@acme.example": "spam"}


def test_the_model_of_the_design_is_unchanged() -> None:
    assert [each.list for each in load(MODELS / "b2b_software.yaml").exclude] == ["competitors", None]
