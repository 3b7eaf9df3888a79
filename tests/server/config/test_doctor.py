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


def test_the_server_is_ready_while_its_database_answers() -> None:
    from django.test import Client

    assert Client().get("/readyz", headers={"host": "localhost"}).status_code == 200
