"""What has grown old is deleted: requests as they came, people of whom nothing is heard, devices nobody is known by; all others stay."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.imports.test_imports import mapped, marta, run, upload  # noqa: F401
from tests.server.privacy.test_erasing import CANARY, FILE, MAIL, everything, hits, identify, plant, score
from tests.server.web.people import make_people
from tests.server.web.reading import read
from tests.server.world import AT, audited, leads, make_contact, make_live, make_source, post, send, take

pytestmark = pytest.mark.usefixtures("tables")
BOB = "bob@nest.example"
VISIT = {"type": "page", "anonymousId": "nobody-device", "context": {"page": {"path": "/pricing"}}}


def later(months: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=30.5 * months)


def keep(requests: int | None, people: int | None) -> None:
    from vaglio_server.privacy.actions import set_retention

    set_retention(requests_months=requests, people_months=people, by="ada", at=AT)


def delete(at: datetime) -> Counter[str]:
    from vaglio_server.privacy.actions import delete_old

    return sum(delete_old(at=at), Counter[str]())


def two_leads() -> Any:
    """Make two leads and somebody nobody knows; return the source."""
    site = make_source()
    send(site, identify(MAIL, "canary-1", first_name="Canary"), identify(BOB, "bob", first_name="Bob"), VISIT)
    return site


def age(months: int, *models: Any) -> None:
    """Move everything that is stored back in time, as if it had been so long ago; who is signed in stays so."""
    from django.apps import apps
    from django.contrib.sessions.models import Session
    from django.db import connection
    from django.db.models import DateTimeField

    with connection.cursor() as cursor:
        for model in models or set(apps.get_models()) - {Session}:
            columns = [f.column for f in model._meta.concrete_fields if isinstance(f, DateTimeField)]
            if columns:
                moved = ", ".join(f"{name} = {name} - interval '{months} months'" for name in columns)
                cursor.execute(f'UPDATE "{model._meta.db_table}" SET {moved}')


def test_who_is_quiet_goes_whole_and_the_others_stay() -> None:
    from vaglio_server.crm.models import Erasure
    from vaglio_server.tracking.models import Activity, Identity

    make_live()
    site = two_leads()
    score()
    age(30)
    send(site, {"type": "track", "userId": "bob", "event": "Demo Requested"})
    score()
    keep(13, 24)
    done = delete(later(0))
    assert done["crm_lead"] == 1 and done["devices"] == 1 and done["requests"] == 1
    assert set(leads()) == {BOB} and hits() == []
    assert [each for each in everything() if "nobody-device" in each[1]] == []
    assert Activity.objects.count() == 1 and Identity.objects.filter(value="bob").exists()
    assert {each.is_by_age for each in Erasure.objects.all()} == {True}
    assert audited("delete_old") == [("worker", "retention")]
    assert delete(later(0)) == Counter()
    # Nobody is kept out: who comes again is somebody new.
    send(site, identify(MAIL, "canary-1"))
    assert set(leads()) == {BOB, MAIL}


def test_everything_is_kept_until_somebody_decides_otherwise() -> None:
    from vaglio_server.privacy.actions import begin_deleting

    two_leads()
    before = len(everything())
    assert not begin_deleting(at=later(400)) and delete(later(400)) == Counter() and len(everything()) == before
    keep(None, None)
    assert not begin_deleting(at=later(400)) and delete(later(400)) == Counter() and set(leads()) == {MAIL, BOB}


def _changed(lead: Any) -> None:
    from vaglio_server.tracking.actions import edit_lead

    edit_lead(lead=lead, fields={"phone": "1"}, by="marta", at=datetime.now(UTC))


def _noted(lead: Any) -> None:
    from vaglio_server.crm.actions import add_note

    add_note(about=lead, text="She called", by="luca", at=datetime.now(UTC))


def _given(lead: Any) -> None:
    from vaglio_server.crm.actions import assign_leads
    from vaglio_server.users.models import User

    assign_leads(leads=[lead.pk], owner=User.objects.get(username="luca"), by="marta", at=datetime.now(UTC))


def _listed(lead: Any) -> None:
    from vaglio_server.crm.actions import add_list_member

    add_list_member(name="targets", lead=lead, by="marta", at=datetime.now(UTC))


def _in_campaign(lead: Any) -> None:
    from vaglio_server.campaigns.actions import add_members, create_campaign

    now = datetime.now(UTC)
    add_members(campaign=create_campaign(values={"name": "Fair"}, by="marta", at=now), leads=[lead.pk], contacts=[], by="marta", at=now)


def _came_to_an_end(lead: Any) -> None:
    from vaglio_server.crm.actions import Became, record_outcome
    from vaglio_server.crm.models import Fate

    record_outcome(lead=lead, became=Became(Fate.LOST, occurred_at=datetime.now(UTC)), by="events", at=datetime.now(UTC))


def _was_won_long_ago(lead: Any) -> None:
    from vaglio_server.crm.models import LeadOutcome

    _came_to_an_end(lead)
    LeadOutcome.objects.update(outcome="won", occurred_at=AT - timedelta(days=2000), known_at=AT - timedelta(days=2000))


def _named_by_a_sender(lead: Any) -> None:
    """Nothing new is said, as by a nightly synchronisation."""
    from vaglio_server.tracking.models import Source

    send(Source.objects.get(), identify(MAIL, "canary-1", first_name="Canary"))


def _contact_with_the_address(lead: Any) -> None:
    make_contact(email=MAIL.upper())


def _sent_a_form(lead: Any) -> None:
    """It waits to be confirmed by mail."""
    from tests.server.forms.making import make_form
    from tests.server.forms.making import send as submit

    submit(make_form(is_double_opt_in=True), email=MAIL)


def _merged_with_somebody_of_late(lead: Any) -> None:
    from vaglio_server.tracking.actions import merge_leads, put_lead

    put_lead(user_id="late", fields={"email": "late@nest.example"}, by="ada", at=datetime.now(UTC))
    merge_leads(lead=lead, other=leads()["late@nest.example"], by="marta", at=datetime.now(UTC))


HEARD = (
    _changed, _noted, _given, _listed, _in_campaign, _came_to_an_end,
    _was_won_long_ago, _named_by_a_sender, _contact_with_the_address, _sent_a_form,
    _merged_with_somebody_of_late,
)  # fmt: skip


@pytest.mark.parametrize("happens", HEARD)
def test_who_was_heard_of_stays(happens: Any) -> None:
    make_people()
    two_leads()
    age(30)
    happens(leads()[MAIL])
    keep(24, 24)
    assert delete(later(0))["crm_lead"] == 1 and MAIL in leads() and BOB not in leads()
    assert not leads()[MAIL].fields.get("erased") and leads()[MAIL].fields["first_name"] == "Canary"


def test_what_machines_and_vaglio_do_is_nothing_heard() -> None:
    from vaglio_server.tracking.models import Delivery

    make_live()
    site = two_leads()
    score()
    age(30)
    post(site, "track", {"userId": "canary-1", "event": "Email Link Clicked", "context": {"userAgent": "Googlebot/2.1"}})
    take()
    age(2, Delivery)  # the request is no more of the last days
    score()
    keep(24, 24)
    delete(later(0))
    assert leads() == {} and {table for table, _row in hits()} == {"tracking_delivery"}  # which have a period of their own


def test_all_that_can_be_stored_of_somebody_goes(marta_brought: Any) -> None:
    """Whoever became a contact stays; without that, nothing of them is left but what they sent, which has its own period."""
    from vaglio_server.crm.models import Contact

    age(30)
    keep(13, 24)
    delete(later(0))
    assert MAIL.split("@")[0] in str([each.fields for each in Contact.objects.all()])


@pytest.fixture
def marta_brought(tables: Any) -> Any:
    """She, through every door."""
    from tests.server.web.people import signed_in

    people = make_people()
    make_live()
    client = signed_in(people["marta"])
    plant(client)
    return client


def test_requests_are_emptied_and_nothing_counts_twice() -> None:
    from vaglio_server.tracking.models import Activity, Delivery, RefusedEvent

    site = make_source()
    call = {"type": "track", "userId": "canary-1", "event": "Demo Requested", "messageId": "once"}
    send(site, call)
    post(site, "track", {"userId": "canary-1", "event": "Form Submitted", "properties": {"form": "canary", "duration": -5}})
    take()
    assert RefusedEvent.objects.count() == 1
    age(14)
    send(site, identify(BOB, "bob"))
    post(site, "track", call | {"userId": "waits", "messageId": "waits"})  # nobody has taken it yet
    keep(13, None)
    assert delete(later(0)) == Counter({"requests": 2, "tracking_refusedevent": 1})
    assert [bytes(each.body) == b"" for each in Delivery.objects.order_by("pk")] == [True, True, False, False]
    assert not RefusedEvent.objects.exists() and not [row for _table, row in everything() if "duration" in row]
    take()
    send(site, call)
    assert Activity.objects.filter(event__message_id="once").count() == 1
    assert delete(later(14))["requests"] == 3 and CANARY not in str([bytes(each.body) for each in Delivery.objects.all()])


def test_rows_of_files_go_and_what_they_were_refused_for_stays(marta: Any) -> None:  # noqa: F811
    from vaglio_server.imports.models import Import, RefusedRow

    assert upload(marta, "Email\nwaits@nest.example\n").state == "ready"
    made = upload(marta, FILE)
    mapped(marta, made)
    run()
    assert RefusedRow.objects.exists() and "many" in str(Import.objects.get(pk=made.pk).reasons)
    age(14)
    other = upload(marta, "Email\nof.late@nest.example\n")
    keep(13, None)
    done = delete(later(0))
    assert done["rows of files"] == 1 and done["files"] == 1 and not RefusedRow.objects.exists()
    assert {each.pk for each in Import.objects.all()} == {made.pk, other.pk}
    page = read(marta.get(f"/imports/{made.pk}"))
    assert "were deleted on" in page and "refused.csv" not in page and "1 row" in page
    assert "many" not in str(Import.objects.get(pk=made.pk).reasons) and delete(later(0)) == Counter()


def test_one_that_nobody_takes_is_kept_with_all_after_it() -> None:
    from vaglio_server.tracking.models import Delivery

    site = make_source()
    post(site, "track", {"userId": "a", "event": "x", "messageId": "1"})
    keep(13, None)
    assert delete(later(20)) == Counter()
    take()
    assert delete(later(20))["requests"] == 1 and Delivery.objects.filter(body=b"").count() == 1


def test_the_rest_of_the_scores_replay_and_colleagues_are_scored_again() -> None:
    from vaglio_server.crm.models import Lead

    make_live()
    site = two_leads()
    score()
    age(30)
    send(site, {"type": "track", "userId": "bob", "event": "Demo Requested"})
    score()
    assert Lead.objects.get(pk=leads()[BOB].pk).due_at is None
    keep(24, 24)
    delete(later(0))
    assert Lead.objects.get(pk=leads()[BOB].pk).due_at is not None  # they are of one company
    score()
    from vaglio_server.scoring.actions import recheck
    from vaglio_server.scoring.scorers import a_scorer

    with a_scorer() as scorer:
        found = recheck(scorer=scorer, sample=100, by="ada", at=datetime.now(UTC))
    assert found.checked and found.different == []


@pytest.mark.parametrize(("requests", "people", "said"), [
    (1, None, "requests as they came: 1 months; keep them from 2 to 240 months, or for ever"),
    (None, 2, "people nothing is heard of: 2 months; keep them from 3"),
    (241, None, "241 months"),
    (25, 24, "keep them no longer than people, at most 24 months"),
    (None, 24, "keep them no longer than people, at most 24 months"),
])  # fmt: skip
def test_it_rejects_periods_that_cannot_be(requests: int | None, people: int | None, said: str) -> None:
    from vaglio_server.privacy.models import Retention
    from vaglio_server.refused import Refused

    with pytest.raises(Refused, match=said):
        keep(requests, people)
    assert not Retention.objects.exists()


def test_it_is_begun_by_one_worker_from_a_day_after_it_was_decided() -> None:
    from vaglio_server.privacy.actions import begin_deleting

    keep(13, 24)
    assert audited("set_retention") == [("ada", "retention")]
    assert not begin_deleting(at=AT + timedelta(hours=23))
    assert begin_deleting(at=AT + timedelta(hours=24))
    assert not begin_deleting(at=AT + timedelta(hours=24, minutes=5))  # another worker


def test_it_ends_when_it_is_decided_otherwise_meanwhile() -> None:
    from vaglio_server.privacy.actions import delete_old
    from vaglio_server.tracking.models import Delivery

    two_leads()
    keep(13, 24)
    age(30)
    run = delete_old(at=later(0))
    while not next(run)["crm_lead"]:
        pass
    keep(None, None)
    assert list(run) == [] and Delivery.objects.filter(body=b"").count() == 0 and audited("delete_old") == [("worker", "retention")]


def test_the_worker_deletes_a_little_at_a_time() -> None:
    from vaglio_server.config.retaining import Retaining

    two_leads()
    keep(13, 24)
    age(30)
    worker, steps = Retaining(), 0
    while worker.step():
        steps += 1
    assert steps >= 3 and leads() == {}  # requests, people, devices
    assert worker.step() == 0


@pytest.mark.parametrize(("now", "months", "then"), [
    ("2026-03-31", 1, "2026-02-28"), ("2024-03-31", 1, "2024-02-29"), ("2026-01-15", 13, "2024-12-15"), ("2026-12-01", 12, "2025-12-01"),
])  # fmt: skip
def test_months_are_those_of_the_calendar(now: str, months: int, then: str) -> None:
    from vaglio_server.privacy.queries import months_before

    assert months_before(datetime.fromisoformat(now), months) == datetime.fromisoformat(then)


def test_the_commands_say_decide_and_delete(tables: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    from tests.cli.company import vaglio

    assert vaglio("retention", "show").stdout.splitlines()[1] == "people nothing is heard of are kept for ever"
    two_leads()
    age(30)
    wrong = vaglio("retention", "set", "--people", "24")
    assert wrong.returncode == 2 and "no longer than people" in wrong.stderr and len(wrong.stderr.splitlines()) == 1
    assert vaglio("retention", "set", "--requests", "2", "--people", "24").stdout == "kept: requests for 2 months, people for 24 months\n"
    assert "older than that: requests 1, leads at most 2, devices nobody is known by 1" in vaglio("retention", "show").stdout
    monkeypatch.setattr("sys.stdin", io.StringIO())  # nobody answers
    assert vaglio("retention", "run").returncode != 0 and len(leads()) == 2
    assert vaglio("retention", "run", "--yes").stdout.startswith("deleted: requests 1, leads 2, devices 1; rows in all ")
    assert leads() == {}
