"""Who was erased is not taken in again, through whatever door, until they ask for it or an administrator lets them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.forms.making import make_form
from tests.server.forms.making import send as submit
from tests.server.imports.test_imports import mapped, marta, run, upload  # noqa: F401
from tests.server.privacy.test_erasing import MAIL, hits, identify, score
from tests.server.world import AT, activities_of, leads, make_account, make_contact, make_live, make_source, post, send, take

pytestmark = pytest.mark.usefixtures("tables")


def erased(**who: Any) -> Any:
    from vaglio_server.privacy.actions import erase
    from vaglio_server.privacy.queries import person_of

    return erase(person=person_of(**(who or {"email": MAIL})), by="ada", at=datetime.now(UTC))


@pytest.fixture
def site(tables: Any) -> Any:
    """A source, of which she was known once and is no more."""
    source = make_source()
    send(source, identify(MAIL, "canary-1"), identify("bob@nest.example", "bob"))
    erased()
    assert hits() == []
    return source


def test_events_are_refused_and_nothing_they_say_is_kept(site: Any) -> None:
    from vaglio_server.tracking.actions import replay_all_refused
    from vaglio_server.tracking.models import RefusedEvent

    page = {"type": "page", "anonymousId": "canary-1-device", "properties": {"path": "/pricing"}}
    send(site, identify(MAIL, "other-id"), identify("bob@nest.example", "bob", title="CTO"), page, {**page, "anonymousId": "bob-device"})
    assert hits() == [] and set(leads()) == {"bob@nest.example"}
    assert leads()["bob@nest.example"].fields["job_title"] == "CTO" and activities_of(leads()["bob@nest.example"]) == ["page_viewed"]
    refused = RefusedEvent.objects.order_by("id")
    said = "it was of somebody who was erased; what it said was not kept"
    assert [(each.place, each.reason) for each in refused] == [(0, said), (2, said)]
    replay_all_refused(reason="", up_to=refused[1].pk, by="ada", at=datetime.now(UTC))
    take()
    assert hits() == [] and set(leads()) == {"bob@nest.example"}


def test_rows_of_files_are_refused_and_their_cells_are_not_kept(site: Any, marta: Any) -> None:  # noqa: F811
    from vaglio_server.imports.models import RefusedRow

    body = f"Email,First name\n{MAIL},Canary\ndan@nest.example,Dan\n"
    made = upload(marta, body)
    mapped(marta, made)
    run()
    assert set(leads()) == {"bob@nest.example", "dan@nest.example"} and hits() == []
    assert [(each.line, each.reason, each.cells) for each in RefusedRow.objects.all()] == [
        (2, "it is of somebody who was erased, so what it says was not kept", ["", ""])
    ]


@pytest.mark.parametrize("door", ["put", "edit", "contact", "edit_contact"])
def test_nobody_writes_them_down_by_hand(site: Any, door: str) -> None:
    from vaglio_server.crm.actions import Told, edit_contact
    from vaglio_server.refused import Refused
    from vaglio_server.tracking.actions import edit_lead, put_lead

    bob = leads()["bob@nest.example"]
    with pytest.raises(Refused, match="whoever this is was erased"):
        if door == "put":
            put_lead(user_id=None, fields={"email": MAIL.title()}, by="ada", at=AT)
        elif door == "edit":
            edit_lead(lead=bob, fields={"email": MAIL}, by="ada", at=AT)
        elif door == "contact":
            make_contact(email=MAIL.upper())
        else:
            edit_contact(contact=make_contact(), told=Told(fields={"email": MAIL}), by="ada", at=AT)
    assert hits() == []


@pytest.mark.parametrize("asks", [True, False])
def test_who_fills_in_a_form_is_let_in_again_once_they_confirm(site: Any, asks: bool) -> None:
    """Anybody can type her address, so she is asked by mail, whether the form asks others or not."""
    from vaglio_server.crm.models import ErasedKey
    from vaglio_server.forms.actions import confirm_submission
    from vaglio_server.forms.models import Submission

    submit(make_form(is_double_opt_in=asks), email=MAIL.title(), first_name="Canary")
    take()
    assert MAIL not in leads() and Submission.objects.get().state == "waiting" and Submission.objects.get().mail.email == MAIL
    assert ErasedKey.objects.out().count() == 3
    confirm_submission(submission=Submission.objects.get(), at=datetime.now(UTC))
    take()
    assert leads()[MAIL].fields["first_name"] == "Canary" and not ErasedKey.objects.out().exists()
    assert activities_of(leads()[MAIL]) == ["form_submitted"]  # what she did before is gone
    send(site, identify(MAIL, "canary-1"))  # by all her keys
    assert len(leads()) == 2


def test_colleagues_are_scored_again_and_what_counted_her_is_no_fault(tables: Any, scorer: Any) -> None:
    from vaglio_server.scoring.actions import recheck

    make_live(
        """
format: 1
name: together
inputs: {fields: {job_title: string}, activities: {form_submitted: {form: string}}}
profile: {rules: [], letters: {A: 75, B: 50, C: 25}}
engagement:
  rules:
    - {id: team, kind: engaged_colleagues, activities: [form_submitted], within: 30d, bands: [{at_least: 1, points: 40}]}
  digits: {1: 75, 2: 50, 3: 25}
"""
    )
    site = make_source()
    make_account(name="Nest", domain="nest.example")
    send(site, identify(MAIL, "canary-1"), identify("bob@nest.example", "bob"))
    send(site, {"type": "track", "userId": "canary-1", "event": "Form Submitted", "properties": {"form": "demo"}})
    score()
    assert leads()["bob@nest.example"].engagement_millipoints == 40_000
    erased()
    score()
    assert leads()["bob@nest.example"].engagement_millipoints == 0
    found = recheck(scorer=scorer, sample=100, by="ada", at=datetime.now(UTC) + timedelta(days=2))
    assert found.checked >= 2 and found.different == []


def test_what_comes_in_while_it_is_looked_for_is_found_too(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is stored after the requests were looked through, and before anything is locked."""
    from vaglio_server.privacy.actions import erasing

    site = make_source()
    send(site, identify(MAIL, "canary-1"))
    looked = erasing.deliveries_naming

    def late(*arguments: Any, **named: Any) -> Any:
        found = looked(*arguments, **named)
        if not named:
            send(site, identify(MAIL, "canary-1", city="Canary Wharf"))
        return found

    monkeypatch.setattr(erasing, "deliveries_naming", late)
    erased()
    assert hits() == []


def test_an_open_request_is_emptied_and_taken_for_nothing(tables: Any) -> None:
    site = make_source()
    send(site, identify(MAIL, "canary-1"))
    post(site, "batch", {"batch": [identify(MAIL, "canary-1", city="Canary Wharf"), identify("bob@nest.example", "bob")]})
    erased()
    assert hits() == []
    take()
    assert hits() == [] and set(leads()) == {"bob@nest.example"}


def test_the_body_of_a_batch_keeps_what_others_sent_to_the_letter() -> None:
    from vaglio_server.crm.logic.erased import Naming
    from vaglio_server.tracking.logic.blanking import Sent, blanked

    bob = '{ "userId":"bob", "n": 12345678901234567890.0, "deep": ' + "[" * 3000 + "]" * 3000 + ', "x": "canary-11" }'
    around = '{"writeKey":"k","context":{"page":{"url":"/a"},"by":"canary-1"}, "batch": [{"userId": "canary-1"} , '
    body = (around + bob + "]}").encode()
    her = Naming(frozenset({"canary-1"}))
    left = blanked(body, "batch", {0}, her).decode()
    assert left == around.replace('{"userId": "canary-1"}', '{"erased": true}').replace(
        '{"page":{"url":"/a"},"by":"canary-1"}', ' {"page": {"url": "/a"}, "by": ""}'
    ) + bob + "]}"  # fmt: skip
    assert Sent(body, "batch").call(1) == bob
    assert json.loads(blanked(body, "batch", {0, 1}, her)) == {"batch": [{"erased": True}, {"erased": True}]}
    assert json.loads(blanked(b'{"userId": "canary-1"', "identify", {0}, her)) == {"erased": True}
    assert json.loads(blanked(b'[{"userId": "a"}, {"userId": "canary-1"}]', "batch", {1}, her)) == [{"userId": "a"}, {"erased": True}]
    assert Sent(b'{"writeKey": "secret", "userId": "a"}', "identify").call(0) == '{"userId": "a"}'


def test_who_is_called_nearly_the_same_keeps_everything(tables: Any, marta: Any) -> None:  # noqa: F811
    """Keys mean somebody where they stand whole: others' rows of files, trail and requests stay, however alike."""
    from vaglio_server.imports.models import RefusedRow
    from vaglio_server.tracking.models import Delivery
    from vaglio_server.users.actions import audit
    from vaglio_server.users.models import AuditEntry

    site = make_source()
    send(site, identify("anna@nest.example", "7"), identify("joanna@nest.example", "77"))
    post(site, "track", {"userId": 7, "event": "Form Submitted", "properties": {"duration": -1, "said": "canary"}})
    post(site, "track", {"userId": "77", "event": "Form Submitted", "properties": {"duration": -1, "age": 7}})
    take()
    made = upload(marta, "Email,Employees\njoanna@nest.example,many\nanna@nest.example,many\nanna@nest.example.org,many\n")
    mapped(marta, made)
    run()
    for about in ("joanna@nest.example", "anna@nest.example"):
        audit(by="ada", verb="note", subject="x", at=AT, said=f"to {about}, twice")
    before = {each.pk: bytes(each.body) for each in Delivery.objects.all()}
    erased(email="anna@nest.example")
    assert set(leads()) == {"joanna@nest.example", "anna@nest.example.org"}
    assert [each.cells[0] for each in RefusedRow.objects.order_by("line")] == ["joanna@nest.example", "anna@nest.example.org"]
    assert list(AuditEntry.objects.filter(verb="note").order_by("id").values_list("detail", flat=True)) == [
        {"said": "to joanna@nest.example, twice"}, {"said": ""}
    ]  # fmt: skip
    after = {each.pk: bytes(each.body) for each in Delivery.objects.all()}
    assert hits() == [] and after[3] == before[3] and json.loads(after[2]) == {"erased": True}


def test_a_key_is_found_however_it_is_spelled(tables: Any) -> None:
    """Capitals beyond ASCII, escaped signs, slashes, and bodies that are no JSON, not even text."""
    from vaglio_server.tracking.models import Delivery

    site = make_source()
    send(site, identify("canàry.ö@nest.example", "canary/1"))
    bodies = (
        '{"userId":"CANARY\\/1","traits":{"email":"CANÀRY.Ö@NEST.example","x":"canary"}}',
        '{"userId":"canary\\/1","traits":{"x":"canary"}}',
        '{"traits":{"email":"can\\u00e0ry.\\u00d6\\u0040nest.example","x":"canary"}}',
        '{"email": "canàry.ö@nest.example", broken canary',
        b'{"x": "canary", "email": "can\xc3\xa0ry.\xc3\xb6@nest.example\xff"}',
    )
    for body in bodies:
        raw = body if isinstance(body, bytes) else body.encode()
        Delivery.objects.create(source=site, kind="identify", body=raw, received_at=AT)
    take()
    erased(email="canàry.ö@nest.example")
    assert hits() == []


def test_what_waits_joins_her_to_her_other_keys_whichever_comes_first(tables: Any) -> None:
    """She is known by a user id; a request nobody has taken yet gives her an address, and another names that alone. Bob's is Bob's."""
    site = make_source()
    send(site, {"type": "identify", "userId": "canary-1"}, identify("bob@nest.example", "bob"))
    post(site, "batch", {"batch": [identify(MAIL, "canary-1"), identify("bob@nest.example", "canary-1")]})
    post(site, "identify", {"traits": {"email": MAIL, "city": "Canary Wharf"}})
    lead = [each.pk for each in leads().values() if "email" not in each.fields]
    erased(leads=lead)
    take()
    assert hits() == [] and set(leads()) == {"bob@nest.example"}
    send(site, {"type": "identify", "traits": {"email": MAIL}})
    assert set(leads()) == {"bob@nest.example"}


def test_a_request_of_many_calls_that_nobody_can_read_is_looked_through_once(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vaglio_server.tracking.logic import blanking

    looked: list[int] = []
    real = blanking.batch_in
    monkeypatch.setattr(blanking, "batch_in", lambda text: looked.append(len(text)) or real(text))
    send(site, *({"x": f"a@{n}"} for n in range(300)))
    assert len(looked) == 1
