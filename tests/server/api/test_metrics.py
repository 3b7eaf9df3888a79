"""What Prometheus reads."""

from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from tests.server.api.test_leads import token
from tests.server.world import HOST, make_live, make_source, post, send
from vaglio_server.users.models import Role


def test_figures_are_for_who_has_a_token_and_name_nobody(tables: Any) -> None:
    from django.test import Client

    source = make_source()
    make_live()
    send(source, {"type": "identify", "userId": "anna", "traits": {"email": "anna@acme.example"}})
    post(source, "track", {"userId": "anna", "event": "Form Submitted"})
    client = Client(headers=HOST)
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"authorization": f"Bearer {token(role=Role.SALES)}"}).status_code == 403
    answer = client.get("/metrics", headers={"authorization": f"Bearer {token()}"})
    text = answer.content.decode()
    found = {sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples}
    assert found["vaglio_intake_waiting_requests"] == 1 and found["vaglio_leads_due"] == 1
    assert found["vaglio_intake_requests_last_hour"] == 2 and found["vaglio_leads"] == 1
    assert found["vaglio_scores_total"] == 0
    assert "anna" not in text and "acme" not in text
