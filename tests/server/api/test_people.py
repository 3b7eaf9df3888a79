"""One person by the API: given out, erased, let in again, by administrators alone."""

from typing import Any

import pytest

from tests.server.api.test_leads import token
from tests.server.privacy.test_erasing import MAIL, hits, identify
from tests.server.world import HOST, audited, leads, make_source, send
from vaglio_server.users.models import Role, Scope

pytestmark = pytest.mark.usefixtures("tables")


def ask(what: str, email: str = MAIL, role: Role = Role.ADMINISTRATOR) -> Any:
    from django.test import Client

    headers = HOST | {"authorization": f"Bearer {token(role, Scope.WRITE)}"}
    return Client().post(f"/api/people/{what}", {"email": email}, content_type="application/json", headers=headers)


@pytest.fixture(autouse=True)
def there(tables: Any) -> None:
    """She is a lead by events, and so is Bob."""
    send(make_source(), identify(MAIL, "canary-1", first_name="Canary"), identify("bob@nest.example", "bob"))


def test_it_works() -> None:
    told = ask("give-out", MAIL.upper()).json()
    assert told["crm_lead"][0]["fields"]["first_name"] == "Canary" and len(told["crm_lead"]) == 1
    assert [each[1] for each in audited("give_out_person")] == [f"lead:{leads()[MAIL].pk}"]
    done = ask("erase").json()
    assert done["rows"]["crm_lead"] == 1 and done["receivers"] == done["files"] == []
    assert hits() == [] and set(leads()) == {"bob@nest.example"}
    assert (ask("give-out").status_code, ask("erase").status_code) == (409, 409)
    assert ask("let-in").json() == {"keys": 3} and ask("let-in").json() == {"keys": 0}


def test_they_object_to_being_rated_and_take_it_back() -> None:
    number = leads()[MAIL].pk
    assert ask("rate-again").status_code == 409
    assert ask("stop-rating", MAIL.upper()).json() == {"leads": [number]} and ask("stop-rating").status_code == 409
    assert audited("stop_rating") == [("administrator", f"lead:{number}")]
    assert ask("rate-again").json() == {"leads": [number]}


@pytest.mark.parametrize("what", ["give-out", "erase", "let-in", "stop-rating", "rate-again"])
def test_what_is_not_done(what: str) -> None:
    for role in (Role.MARKETING, Role.SALES, Role.READ_ONLY):
        assert ask(what, role=role).status_code == 403
    assert ask(what, "anna").status_code == 422
    assert MAIL in leads()
