"""What the server stored equals ``vaglio score`` on an export of the same facts, at each score's own instants."""

import random
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from tests.server.world import MODEL, make_live, make_source, send
from vaglio.cli.main import app
from vaglio_server.crm.models import Account, FieldChange, ListMember
from vaglio_server.scoring.actions import score_due
from vaglio_server.scoring.models import Score
from vaglio_server.scoring.scorers import a_scorer

WIDE = (
    MODEL.replace("employees: integer}", "employees: integer, newsletter: boolean, since: date, ratio: number}")
    .replace("  activities:", "  account_fields: {tier: string}\n  activities:")
    .replace("  letters:", """    - {id: reader, kind: fields, field: newsletter, points: 3, bands: [{equals: true, award: 100%}]}
    - {id: old, kind: fields, field: since, points: 2, bands: [{older_than: 10d, award: 100%}]}
    - {id: share, kind: fields, field: ratio, points: 4, bands: [{from: 0.5, award: 100%}]}
    - {id: tier, kind: fields, field: account.tier, points: 7, bands: [{equals: gold, award: 100%}]}
    - {id: named, kind: list_member, list: named, points: 9, flag: named}
  letters:""")
    .replace("  digits:", "    - {id: committee, kind: engaged_colleagues, at_least: 2, within: 30d, points: 15}\n  digits:")
)  # fmt: skip


def something(draw: random.Random, person: int) -> dict[str, Any]:
    user = f"u{person}"
    if draw.random() < 0.3:
        traits = {
            "email": f"{user}@{draw.choice(['acme', 'beta'])}.example",
            "title": draw.choice(["CTO", "clerk", "", "Chief of\tstaff"]),
            "employees": draw.choice([10, 60, "70", "many", 1.5]),
            "newsletter": draw.choice([True, False, "true", 7]),
            "since": draw.choice(["2026-01-01", "2026-11-20T10:00:00Z", "soon"]),
            "ratio": draw.choice([0.5, "0.7", 0.1, "x", "NaN", "Infinity"]),
        }
        return {"type": "identify", "userId": user, "anonymousId": f"a{person}", "traits": traits}
    whose = {"userId": user} if draw.random() < 0.7 else {"anonymousId": f"a{person}"}
    if draw.random() < 0.5:
        return {"type": "page", "properties": {"path": draw.choice(["/pricing", "/pricing/a", "/home"])}, **whose}
    return {
        "type": "track",
        "event": draw.choice(["Form Submitted", "Webinar Attended"]),
        "properties": {"form": "demo", "minutes": 3},
        **whose,
    }


@pytest.mark.usefixtures("tables")
def test_stored_scores_equal_the_command_line_on_an_export(tmp_path: Path) -> None:
    draw = random.Random(3)
    source = make_source()
    make_live(WIDE)
    for _ in range(6):
        send(source, *(something(draw, draw.randrange(6)) for _ in range(8)))
        with a_scorer() as scorer:
            score_due(scorer=scorer, limit=100)
    told = CliRunner().invoke(app, ["export", "small", str(tmp_path)])
    assert told.exit_code == 0, told.output
    stored = list(Score.objects.all())
    assert len(stored) > 12
    files = [part for name in ("leads", "accounts", "activities", "field-changes", "lists")
             for part in (f"--{name}", str(tmp_path / f"{name.replace('-', '_')}.parquet"))]  # fmt: skip
    for at in sorted({score.as_of for score in stored}):
        out = tmp_path / "scores.parquet"
        asked = ["score", str(tmp_path / "model.yaml"), *files, "--as-of", at.isoformat(), "--known-at", at.isoformat(), "--out", str(out)]
        told = CliRunner().invoke(app, asked)
        assert told.exit_code == 0, told.output
        rows = {int(row["lead_id"]): row for row in parquet.read_table(out).to_pylist()}
        for score in (each for each in stored if each.as_of == at):
            for name in ("profile_millipoints", "engagement_millipoints", "rating", "coverage", "flags", "buying_stage", "excluded_by"):
                assert rows[score.lead_id][name] == getattr(score, name), (score.lead_id, at, name)
    assert FieldChange.objects.count() > Account.objects.count() > 0
    assert ListMember.objects.count() == 0
