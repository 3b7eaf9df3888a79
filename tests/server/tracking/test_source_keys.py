"""The key of a source is renewed, switched off and on."""

from typing import Any

import pytest

from tests.server.web.people import make_people, signed_in
from tests.server.world import AT, audited, make_source, post
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import renew_key, switch_source
from vaglio_server.tracking.models import Source

pytestmark = pytest.mark.usefixtures("tables")
CALL = {"userId": "anna", "event": "Seen"}


def sent(source: Any) -> int:
    return int(post(source, "track", CALL).status_code)


def test_it_works_at_once() -> None:
    old = make_source()
    new = renew_key(source=old, by="marta", at=AT)
    assert new.write_key != old.write_key and len(new.write_key) == 27
    assert (sent(old), sent(new)) == (401, 200)
    switch_source(source=new, is_active=False, by="marta", at=AT)
    assert sent(new) == 401
    switch_source(source=new, is_active=True, by="marta", at=AT)
    assert sent(new) == 200
    assert audited("renew_key") == [("marta", f"source:{old.pk}")]
    assert len(audited("switch_source")) == 2


def test_it_rejects_what_is_so_already() -> None:
    with pytest.raises(Refused, match="valid already"):
        switch_source(source=make_source(), is_active=True, by="marta", at=AT)


def test_by_the_page_it_requires_marketing() -> None:
    people, source = make_people(), make_source()
    address = f"/sources/{source.pk}/key"
    for name in ("luca", "vera"):
        assert signed_in(people[name]).post(address, {"renew": "1"}).status_code == 403
    assert Source.objects.get().write_key == source.write_key
    marta = signed_in(people["marta"])
    page = marta.post(address, {"renew": "1"}, follow=True).content.decode()
    assert Source.objects.get().write_key in page and source.write_key not in page
    page = marta.post(address, {"off": "1"}, follow=True).content.decode()
    assert "switched off" in page and not Source.objects.get().is_active
    assert "switched off already" in marta.post(address, {"off": "1"}, follow=True).content.decode()
    marta.post(address, {"on": "1"})
    assert Source.objects.get().is_active
    assert marta.get(address).status_code == 405
    assert marta.post("/sources/99999/key", {"on": "1"}).status_code == 404
