"""What sales does with leads by the API, and what it is told of them: the same roles as on the pages."""

from datetime import timedelta
from typing import Any

import pytest

from tests.server.api.test_leads import get
from tests.server.api.test_stages import call, token_of
from tests.server.lifecycle.world import live, rated, take
from tests.server.web.people import make_people
from tests.server.world import audited, make_account

pytestmark = pytest.mark.usefixtures("tables")


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    live()
    return make_people()


def now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def count_of_queries(path: str, key: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        assert get(path, key).status_code == 200
    return len(asked)


def test_a_lead_says_whose_it_is_and_where_it_stands_for_many_at_once(people: dict[str, Any]) -> None:
    account, key = make_account(), token_of(people["ada"])
    mine, idle = rated("A1", owner=people["luca"], account=account), rated("C4", account=account)
    take()
    told = {each["id"]: (each["owner"], each["stage"]) for each in get("leads", key).json()["leads"]}
    assert told == {mine.pk: ("luca", "marketing_qualified"), idle.pk: (None, "inquiry")}
    detail = get(f"leads/{mine.pk}", key).json()
    assert (detail["owner"], detail["stage"]) == ("luca", "marketing_qualified")
    those = {each["id"]: (each["owner"], each["stage"]) for each in get(f"accounts/{account.pk}", key).json()["leads"]}
    assert those == told
    (waiting,) = get("inbox", key).json()
    assert (waiting["lead"]["owner"], waiting["lead"]["stage"]) == told[mine.pk]
    paths = ("leads", f"accounts/{account.pk}", "inbox")
    few = [count_of_queries(path, key) for path in paths]
    for _ in range(6):
        rated("A2", owner=people["jonas"], account=account)
    take()
    assert [count_of_queries(path, key) for path in paths] == few


def test_a_lead_is_given_to_a_seller_and_to_nobody(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    marta, luca, vera = (token_of(people[name]) for name in ("marta", "luca", "vera"))
    here = f"leads/{lead.pk}/owner"
    assert call("put", here, {"owner": "irina"}, key=vera).status_code == 403
    assert call("put", here, {"owner": "jonas"}, key=luca).status_code == 404  # of another team
    assert call("put", here, {"owner": "irina"}, key=luca).json()["owner"] == "irina"
    assert call("put", here, {"owner": "jonas"}, key=marta).json()["owner"] == "jonas"
    for nobody in ("marta", "nobody", "a\x00b"):
        assert call("put", here, {"owner": nobody}, key=marta).status_code == 404
    assert call("put", here, {"owner": "luca"}, key=luca).status_code == 404  # it is another team's now
    assert call("put", here, {"owner": None}, key=marta).json()["owner"] is None
    assert call("put", here, {}, key=marta).status_code == 422
    assert [by for by, _subject in audited("assign_leads")] == ["luca", "marta", "marta"]


def test_a_lead_that_waits_is_postponed_and_one_in_work_has_a_next_step(people: dict[str, Any]) -> None:
    lead = rated("A1", owner=people["luca"])
    take(now())
    luca, jonas, marta = (token_of(people[name]) for name in ("luca", "jonas", "marta"))
    later = now() + timedelta(days=3)
    until, here = {"until": later.isoformat()}, f"leads/{lead.pk}"
    assert call("post", f"{here}/postpone", until, key=marta).status_code == 403
    assert call("post", f"{here}/postpone", until, key=jonas).status_code == 404
    assert call("post", f"{here}/postpone", {"until": "2026-01-01T00:00:00Z"}, key=luca).status_code == 409
    said = call("post", f"{here}/postpone", until, key=luca).json()
    assert said["postponed_until"].startswith(later.isoformat()[:19]) and get("inbox", luca).json() == []
    step = {"step": "show the suite", "at": later.isoformat()}
    assert call("put", f"{here}/next-step", step, key=luca).status_code == 409  # nobody has taken it on
    call("post", f"{here}/accept", key=luca)
    assert call("put", f"{here}/next-step", step, key=marta).status_code == 403
    assert call("put", f"{here}/next-step", {"step": "call"}, key=luca).status_code == 409  # without a day
    said = call("put", f"{here}/next-step", step, key=luca).json()
    assert (said["next_step"], said["next_step_at"][:19]) == ("show the suite", later.isoformat()[:19])
    assert get(f"{here}/stage", luca).json()["next_step"] == "show the suite"
    none = call("put", f"{here}/next-step", {"step": ""}, key=luca).json()
    assert (none["next_step"], none["next_step_at"]) == ("", None)
