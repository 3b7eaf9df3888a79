"""What was stored of a made company, through merges, joins taken apart and lists, comes again from the API and from ``vaglio score``.

``VAGLIO_COMPANY`` sets how many leads there are, ``VAGLIO_PAIRS`` of how many at past instants the API is asked (``make drill``: 5,000
and 1,000).
"""

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from tests.server.api.test_leads import get, token
from tests.server.conftest import empty_tables
from tests.server.world import AT, make_live, post, send
from vaglio.cli.main import app
from vaglio_server.users.models import Role

LEADS = int(os.environ.get("VAGLIO_COMPANY", "150"))
PAIRS = int(os.environ.get("VAGLIO_PAIRS", "15"))
MODELS = Path(__file__).parents[2] / "models"
SAID = (
    *("profile_millipoints", "engagement_millipoints", "rating", "temperature", "buying_stage"),
    *("potential", "coverage", "flags", "excluded_by", "probability"),
)
DRAW = random.Random(8)


@pytest.fixture(scope="module")
def company(database: Path) -> Any:
    """A company with two models, after a day on which everything happened that can happen to a lead."""
    from vaglio_server.config import company
    from vaglio_server.scoring.scorers import a_scorer

    empty_tables()
    with pytest.MonkeyPatch.context() as patch:
        if LEADS < 1_000:
            patch.setattr(company, "EVERY", timedelta(days=120))
            patch.setattr(company, "LATELY", (timedelta(days=3),))
        source = company.make_company(
            leads=LEADS, model=(MODELS / "b2b_software.yaml").read_text(encoding="utf-8"), now=datetime.now(UTC), said=lambda text: None
        )
    make_live((MODELS / "manufacturing.yaml").read_text(encoding="utf-8"))
    with a_scorer() as scorer:
        _score(scorer)
        for happens in (_events, _merges, _events, _parts, _lists, _events):
            happens(source)
            _score(scorer)
    return source


def _score(scorer: Any) -> None:
    from vaglio_server.scoring.actions import score_due, score_run

    while score_run(scorer=scorer, limit=10_000) or score_due(scorer=scorer, limit=10_000):
        pass


def _drawn(count: int = 8) -> list[Any]:
    from vaglio_server.crm.models import Lead

    return DRAW.sample(list(Lead.objects.present().order_by("pk")), count)


def _events(source: Any) -> None:
    from vaglio_server.tracking.queries import identities_of_lead

    said = []
    for lead in _drawn(30):
        who = {"userId": next(each.identity.value for each in identities_of_lead(lead) if each.identity.kind != "anonymous_id")}
        device = {"anonymousId": f"device {DRAW.randrange(20)}"}
        when = {"timestamp": (datetime.now(UTC) - timedelta(days=DRAW.randrange(40))).isoformat()}
        said += [
            {"type": "page", "properties": {"path": DRAW.choice(["/pricing", "/product", "/blog"])}, **when, **DRAW.choice([who, device])},
            {"type": "track", "event": "Form Submitted", "properties": {"form": "demo"}, **who, **device},
            {"type": "identify", "traits": {"employees": DRAW.choice([5, 80, 900]), "title": DRAW.choice(["CTO", "Clerk"])}, **who},
        ]
    for start in range(0, len(said), 50):
        send(source, *said[start : start + 50])


def _merges(_source: Any) -> None:
    from vaglio_server.tracking.actions import merge_leads, undo_merge

    leads = _drawn(20)
    made = [merge_leads(lead=one, other=other, by="test", at=AT) for one, other in zip(leads[:10], leads[10:], strict=True)]
    for merge in made[:4]:
        undo_merge(merge=merge, by="test", at=AT)


def _parts(_source: Any) -> None:
    from vaglio_server.tracking.actions import part_identity
    from vaglio_server.tracking.models import IdentityLink

    for link in IdentityLink.objects.filter(ended_at=None, identity__kind="anonymous_id").select_related("identity")[:5]:
        part_identity(identity=link.identity, by="test", at=AT)


def _lists(_source: Any) -> None:
    from vaglio_server.crm.actions import add_list_member

    for name, count in (("priority_accounts", 8), ("competitors", 3)):
        for lead in _drawn(count):
            member = {"account": lead.account} if lead.account else {"lead": lead}
            add_list_member(name=name, **member, by="test", at=AT)


def _replayed(pairs: list[Any], key: str) -> None:
    for score in pairs:
        instants = {"as_of": score.as_of.isoformat(), "known_at": score.known_at.isoformat(), "model": score.version.scoring_model.name}
        told = get(f"leads/{score.lead_id}/replay", key, **instants)
        if score.is_outside:  # it had left those whom the version scores
            assert told.status_code == 404 and "had no score" in told.json()["title"], told.content
            continue
        assert told.status_code == 200, told.content
        assert {name: told.json()[name] for name in SAID} == {name: getattr(score, name) for name in SAID}, (score.lead_id, instants)


def test_the_api_replays_what_was_stored_and_later_knowledge_changes_none(company: Any) -> None:
    from vaglio_server.scoring.models import Score

    key = token(Role.ADMINISTRATOR)
    ids = list(Score.objects.values_list("id", flat=True))
    pairs = list(Score.objects.filter(id__in=DRAW.sample(ids, min(PAIRS, len(ids)))).select_related("version__scoring_model", "lead"))
    assert len({score.as_of for score in pairs}) > 3
    _replayed(pairs, key)
    late = [{"type": "identify", "traits": {"title": "Chief of late news", "employees": 7}}]
    late += [{"type": "page", "properties": {"path": "/pricing"}, "timestamp": (AT - timedelta(days=day)).isoformat()} for day in (1, 9)]
    users = {score.lead_id: user for score in pairs for user in [_user_id(score.lead)] if user}
    for user in list(users.values())[:40]:
        assert post(company, "batch", {"batch": [each | {"userId": user} for each in late]}).status_code == 200
    send(company, {"type": "page", "userId": "nobody yet"})
    _replayed(pairs, key)


def _user_id(lead: Any) -> str | None:
    from vaglio_server.tracking.models import IdentityLink

    found = IdentityLink.objects.filter(lead=lead, ended_at=None, identity__kind="user_id").select_related("identity").first()
    return found.identity.value if found else None


def test_the_newest_score_of_every_lead_by_every_model_is_that_of_the_command_line(company: Any, tmp_path: Path) -> None:
    from django.db import connection

    from vaglio_server.scoring.models import Score
    from vaglio_server.scoring.queries import live_versions

    compared = 0
    for version in live_versions():
        folder = tmp_path / version.scoring_model.name
        told = CliRunner().invoke(app, ["export", version.scoring_model.name, str(folder)])
        connection.close()
        assert told.exit_code == 0, told.output
        newest: dict[int, Any] = {}
        for score in Score.objects.filter(version=version, lead__merged_into=None).order_by("as_of"):
            newest[score.lead_id] = score
        for at in sorted({score.as_of for score in newest.values()}):
            rows = _command_line(folder, at)
            for score in newest.values():
                if score.as_of == at and score.is_outside:
                    assert score.lead_id not in rows, (score.lead_id, at)
                elif score.as_of == at:
                    compared += 1
                    found = {name: rows[score.lead_id][name] for name in SAID}
                    assert found == {name: getattr(score, name) for name in SAID}, (score.lead_id, at)
    print(f"{compared} scores compared")
    assert compared > LEADS


def _command_line(folder: Path, at: datetime) -> dict[int, dict[str, Any]]:
    files = {name: folder / f"{name.replace('-', '_')}.parquet" for name in ("leads", "accounts", "activities", "field-changes", "lists")}
    given = [part for name, file in files.items() if file.exists() for part in (f"--{name}", str(file))]
    out = folder / "scores.parquet"
    instants = ["--as-of", at.isoformat(), "--known-at", at.isoformat()]
    told = CliRunner().invoke(app, ["score", str(folder / "model.yaml"), *given, *instants, "--out", str(out)])
    assert told.exit_code == 0, told.output
    return {int(row["lead_id"]): row for row in parquet.read_table(out).to_pylist()}
