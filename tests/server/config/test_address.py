"""Links of mails lead to where Vaglio is served."""

from pathlib import Path

import pytest

from tests.server.forms.sink import sink
from tests.server.lifecycle.world import live, rated
from tests.server.running import running, wait_for
from tests.server.web.people import make_people
from vaglio_server.config import env

pytestmark = pytest.mark.usefixtures("tables")


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, "http://localhost:8000"),
        ({"VAGLIO_HOSTS": "vaglio.acme.example,localhost"}, "http://vaglio.acme.example:8000"),
        ({"VAGLIO_HOSTS": "vaglio.acme.example", "VAGLIO_PROXIES": "1"}, "http://vaglio.acme.example"),
        ({"VAGLIO_HOSTS": ".acme.example", "VAGLIO_HTTPS": "1"}, "https://acme.example"),
        ({"VAGLIO_ADDRESS": "https://leads.acme.example/"}, "https://leads.acme.example"),
    ],
)
def test_where_people_open_it(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], address: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert env.address() == address


def test_a_mail_leads_to_the_port_on_which_it_is_served(tables: Path) -> None:
    make_people()
    live()
    rated("A1")
    with sink() as mailbox, running(tables, processes=1, EMAIL_URL=f"smtp://127.0.0.1:{mailbox.port}") as server:
        wait_for(lambda: len(mailbox.letters) > 0, 30)
        here = server.address.replace("127.0.0.1", "localhost")
    assert f"{here}/" in mailbox.letters[0].get_content()
