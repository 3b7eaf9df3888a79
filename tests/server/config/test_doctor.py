"""The doctor names what is to be mended, and nothing else."""

from datetime import timedelta

import pytest
from django.db import connection

from tests.server.world import AT, make_live, make_source, post
from vaglio_server.config.doctor import examine
from vaglio_server.tracking.models import Delivery
from vaglio_server.users.actions import create_user

pytestmark = pytest.mark.usefixtures("tables")


def mends() -> list[str]:
    return [finding.mend for finding in examine(AT) if finding.mend]


def test_an_empty_installation_is_told_its_next_steps() -> None:
    assert mends() == ["vaglio user create NAME --role administrator", "vaglio push MODEL --activate", "vaglio source create NAME"]


def test_one_that_works_is_well_until_requests_wait() -> None:
    create_user(name="ada", email="", password=None, role="administrator", by="test", at=AT)
    make_live()
    source = make_source()
    assert mends() == []
    assert post(source, "track", {"userId": "anna", "event": "x"}).status_code == 200
    Delivery.objects.update(received_at=AT - timedelta(minutes=2))
    (mend,) = mends()
    assert "serve --role worker" in mend


def test_a_database_that_may_lose_what_it_acknowledged_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        try:
            assert "switch synchronous_commit on" in mends()
        finally:
            cursor.execute("RESET synchronous_commit")


def test_mails_that_lead_nowhere_and_those_that_could_not_be_sent_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.lifecycle.models import Notice

    ada = create_user(name="ada", email="", password=None, role="administrator", by="test", at=AT)
    make_live()
    make_source()
    monkeypatch.setenv("EMAIL_URL", "smtp://mail.example")
    assert mends() == ["set VAGLIO_ADDRESS to where people open Vaglio"]
    monkeypatch.setenv("VAGLIO_ADDRESS", "https://vaglio.acme.example")
    assert mends() == []
    Notice.objects.create(user=ada, about="assigned", created_at=AT, error="550 no such user", tries=8)
    said = [each for each in examine(AT) if each.mend]
    assert [each.said for each in said] == ["1 mails to sellers could not be sent, 1 are given up: 550 no such user"]
    assert "/routing" in said[0].mend


def test_webhooks_that_fail_are_named_and_those_that_somebody_switched_off_are_not() -> None:
    from tests.server.connectors.receiver import receiving
    from tests.server.connectors.world import make_endpoint

    create_user(name="ada", email="", password=None, role="administrator", by="test", at=AT)
    make_live()
    make_source()
    with receiving() as receiver:
        well, failing, off, gone = (make_endpoint(receiver, name=name)[0] for name in ("well", "failing", "off", "gone"))
    assert mends() == []
    for endpoint, now in (
        (failing, {"failing_since": AT}),
        (off, {"is_on": False, "why_off": "by_hand", "off_at": AT, "failing_since": AT}),
        (gone, {"is_on": False, "why_off": "gone", "off_at": AT}),
    ):
        type(well).objects.filter(pk=endpoint.pk).update(**now)
    assert [each.said for each in examine(AT) if each.mend] == ["2 webhooks fail or were switched off by that: failing, gone"]


def test_the_server_is_ready_while_its_database_answers() -> None:
    from django.test import Client

    assert Client().get("/readyz", headers={"host": "localhost"}).status_code == 200
