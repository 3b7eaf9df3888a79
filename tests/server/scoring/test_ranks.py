"""The server lists leads in the order in which the engine ranks them."""

from typing import Any

from tests.server.world import MODEL, make_live, make_source, send

WORTH = MODEL.replace(
    "profile:\n", "potential: {field: employees, bands: [{below: 20, value: 0}, {from: 20, below: 50, value: -5}]}\nprofile:\n", 1
)
EMPLOYEES: dict[str, dict[str, int]] = {"none": {}, "negative": {"employees": 30}, "zero": {"employees": 10}, "other": {}}


def test_a_potential_that_nobody_knows_comes_last(scorer: Any) -> None:
    from vaglio.plan import Instants
    from vaglio.scoring import score_tables
    from vaglio_server.crm.models import Lead
    from vaglio_server.crm.queries import page_of_leads
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.scoring.engine import Asked, document_of

    source, version = make_source(), make_live(WORTH)
    send(source, *({"type": "identify", "userId": name, "traits": {"email": f"{name}@{name}.example"} | traits}
                   for name, traits in EMPLOYEES.items()))  # fmt: skip
    score_due(scorer=scorer, limit=100)
    document = document_of(version.text)
    with scorer.snapshot() as snapshot:
        engine, facts = scorer._loaded("many", scorer._facts(snapshot, document, Asked(None)))
        scores, _lines = score_tables(engine, document, facts, Instants(snapshot.at_us, snapshot.at_us))
    ranked = [int(row["lead_id"]) for row in sorted(scores.to_pylist(), key=lambda row: row["rank"])]
    found: list[int] = []
    cursor: str | None = None
    for _page in range(len(EMPLOYEES)):  # one by one: each page begins where a cursor says
        page = page_of_leads(Lead.objects.all(), cursor=cursor, limit=1)
        found += [lead.pk for lead in page.leads]
        cursor = page.next_cursor
    mails = dict(Lead.objects.values_list("pk", "fields__email"))
    assert [mails[pk].split("@")[0] for pk in found] == ["zero", "negative", "none", "other"]
    assert found == ranked
