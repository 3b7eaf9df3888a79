"""Tokens are made, used and revoked."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.server.users.test_block_user import called
from tests.server.web.people import make_people
from tests.server.world import AT, audited
from vaglio_server.refused import Refused
from vaglio_server.users.actions import create_token, note_used, revoke_token
from vaglio_server.users.models import ApiToken
from vaglio_server.users.queries import token_of, tokens_seen_by

pytestmark = pytest.mark.usefixtures("tables")


def test_it_works() -> None:
    people = make_people()
    token, text = create_token(user=people["luca"], name=" ware  house ", scope="read", by="luca", at=AT)
    assert (token.name, token.last_used_at) == ("ware house", None)
    assert called(text) == 200
    used = ApiToken.objects.get().last_used_at
    assert used is not None and datetime.now(UTC) - used < timedelta(minutes=1)
    revoke_token(token=token, by="ada", at=AT)
    assert (called(text), token_of(text)) == (401, None)
    assert audited("revoke_token") == [("ada", f"token:{token.pk}")]


def test_its_use_is_written_down_seldom() -> None:
    token = create_token(user=make_people()["luca"], name="x", scope="read", by="luca", at=AT)[0]
    assert note_used(token=token, at=AT)
    token.refresh_from_db()
    assert not note_used(token=token, at=AT + timedelta(minutes=9))
    assert note_used(token=token, at=AT + timedelta(minutes=10))


def test_administrators_look_after_all_and_others_after_their_own() -> None:
    people = make_people()
    for name in ("luca", "vera"):
        create_token(user=people[name], name=name, scope="read", by=name, at=AT)
    revoke_token(token=ApiToken.objects.get(name="vera"), by="vera", at=AT)
    seen = {name: [each.name for each in tokens_seen_by(people[name])] for name in ("ada", "luca", "marta")}
    assert seen == {"ada": ["luca", "vera"], "luca": ["luca"], "marta": []}


def test_it_rejects_what_does_not_fit() -> None:
    luca = make_people()["luca"]
    for name, scope, said in (("", "read", "a token has 1 to 100"), ("x" * 101, "read", "a token has"), ("x", "all", "no scope")):
        with pytest.raises(Refused, match=said):
            create_token(user=luca, name=name, scope=scope, by="luca", at=AT)
    assert not ApiToken.objects.exists()


def test_it_requires_a_token_that_still_opens_something() -> None:
    token = create_token(user=make_people()["luca"], name="x", scope="read", by="luca", at=AT)[0]
    revoke_token(token=token, by="luca", at=AT)
    with pytest.raises(Refused, match="revoked already"):
        revoke_token(token=token, by="luca", at=AT + timedelta(days=1))
    assert ApiToken.objects.get().revoked_at == AT
