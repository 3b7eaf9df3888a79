"""Mails to sellers: each once, of what is so still when they are sent; none is lost where the server is away."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.forms.sink import Sink, sink
from tests.server.kept import kept
from tests.server.lifecycle.world import NOW, crosses, people_and_model, rated, take

pytestmark = pytest.mark.usefixtures("tables")
ADDRESS = "https://vaglio.acme.example"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def mailbox(tables: Any) -> Iterator[Sink]:
    from django.test import override_settings

    with sink() as kept, override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=kept.port, DEFAULT_FROM_EMAIL="Vaglio <v@acme.example>"):
        yield kept


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    return kept(people_and_model)


def tell(at: datetime = NOW) -> int:
    """Write down whom to tell and send it all, as a worker does; return how many mails were tried."""
    from vaglio_server.lifecycle.actions import send_next_notice, write_notices

    while write_notices(can_mail=True, at=at):
        pass
    count = 0
    while send_next_notice(address=ADDRESS, at=at):
        count += 1
    return count


def got(mailbox: Sink) -> list[tuple[str, str]]:
    return [(str(each["To"]).partition("@")[0], str(each["Subject"])) for each in mailbox.letters]


def test_a_lead_that_comes_is_told_once(people: dict[str, Any], mailbox: Sink) -> None:
    lead = rated("A1", owner=None)
    type(lead).objects.filter(pk=lead.pk).update(fields={"first_name": "Anna", "last_name": "Rossi", "job_title": "CTO"})
    take()
    assert (tell(), tell()) == (1, 0)
    lead.refresh_from_db()
    (letter,) = mailbox.letters
    assert (letter["To"], letter["Subject"]) == (lead.owner.email, "Anna Rossi is yours")
    text = letter.get_content()
    assert "A1  Anna Rossi (CTO)" in text and "to answer by Friday 2 October, 11:00" in text
    assert f"{ADDRESS}/leads/{lead.pk}" in text and f"{ADDRESS}/inbox" in text


def test_many_that_come_at_once_are_one_mail(people: dict[str, Any], mailbox: Sink) -> None:
    for _ in range(9):
        rated("A1")
    take()
    assert tell() == 3
    assert {subject.partition(", ")[0] for _to, subject in got(mailbox)} == {"3 leads are yours"}


def test_what_was_answered_meanwhile_is_no_news(people: dict[str, Any], mailbox: Sink) -> None:
    from vaglio_server.lifecycle.actions import accept_lead

    lead = rated("A1", owner=None)
    take()
    lead.refresh_from_db()
    accept_lead(lead=lead, seller=lead.owner, at=NOW)
    tell()
    assert mailbox.letters == []


def test_who_wants_none_gets_none_and_nobody_is_told_what_they_did_themselves(people: dict[str, Any], mailbox: Sink) -> None:
    from vaglio_server.lifecycle.actions import assign_by_hand, set_mails

    leads = [rated("A1", owner=people["irina"]) for _ in range(3)]
    take()
    set_mails(user=people["luca"], mails="digest", by="luca", at=NOW)
    assign_by_hand(leads=[leads[0].pk], owner=people["luca"], by="marta", at=NOW)
    assign_by_hand(leads=[leads[1].pk], owner=people["jonas"], by="jonas", at=NOW)
    assign_by_hand(leads=[leads[2].pk], owner=people["jonas"], by="marta", at=NOW)
    tell()
    assert [to for to, _subject in got(mailbox)] == ["jonas"]


def test_the_owner_and_then_the_leader_are_told_what_is_late(people: dict[str, Any], mailbox: Sink) -> None:
    from vaglio_server.lifecycle.actions import find_breaches
    from vaglio_server.lifecycle.models import Queue

    Queue.objects.create(team=people["luca"].team, leader=people["irina"])
    lead = rated("A1", owner=people["luca"])
    take()
    for minutes in (61, 91):
        find_breaches(at=NOW + timedelta(minutes=minutes))
        tell(NOW + timedelta(minutes=minutes))
    name = lead.fields["email"]
    assert got(mailbox) == [("luca", f"{name} is yours"), ("luca", f"Late: {name}"), ("irina", f"Your team is late: {name}")]
    assert "with luca" in mailbox.letters[2].get_content()
    find_breaches(at=NOW + timedelta(minutes=121))
    tell(NOW + timedelta(minutes=121))
    assert got(mailbox)[3:] == [("irina", f"{name} is yours")]


def test_whose_a_lead_is_already_is_told_that_it_reached_sales(people: dict[str, Any], mailbox: Sink) -> None:
    lead = rated("C3", owner=people["luca"])
    take()
    tell()
    assert mailbox.letters == []
    crosses(lead, "A1")
    take(NOW + DAY)
    tell(NOW + DAY)
    assert got(mailbox) == [("luca", f"{lead.fields['email']} is yours")]


def test_a_leader_who_reads_the_rest_in_the_morning_is_told_at_once_what_is_late(people: dict[str, Any], mailbox: Sink) -> None:
    from vaglio_server.lifecycle.actions import find_breaches, set_mails
    from vaglio_server.lifecycle.models import Queue

    Queue.objects.create(team=people["luca"].team, leader=people["irina"])
    set_mails(user=people["irina"], mails="digest", by="irina", at=NOW)
    set_mails(user=people["luca"], mails="none", by="luca", at=NOW)
    lead = rated("A1", owner=people["luca"])
    take()
    find_breaches(at=NOW + timedelta(minutes=91))
    tell(NOW + timedelta(minutes=91))
    assert got(mailbox) == [("irina", f"Your team is late: {lead.fields['email']}")]


def test_what_is_theirs_already_is_no_news(people: dict[str, Any], mailbox: Sink) -> None:
    from vaglio_server.lifecycle.actions import assign_by_hand
    from vaglio_server.lifecycle.models import Happening

    leads = [rated("C3", owner=people["luca"]), rated("C3", owner=people["jonas"])]
    assign_by_hand(leads=[each.pk for each in leads], owner=people["luca"], by="marta", at=NOW)
    told = lambda: list(Happening.objects.filter(kind="lead.assigned").order_by("id").values_list("lead", "detail__owner_id"))  # noqa: E731
    assert told() == [(leads[1].pk, people["luca"].pk)]
    assign_by_hand(leads=[leads[0].pk], owner=None, by="marta", at=NOW)
    assert told()[1:] == [(leads[0].pk, None)]  # other systems know whose it is no more
    tell()
    assert mailbox.letters == []  # neither is with sales


def test_each_morning_once_what_waits(people: dict[str, Any], mailbox: Sink) -> None:
    from vaglio_server.lifecycle.actions import accept_lead, write_summaries
    from vaglio_server.lifecycle.models import BusinessCalendar, Seller

    week = [[[540, 1080]]] * 5 + [[], []]
    york = BusinessCalendar.objects.create(name="York", timezone="America/New_York", week=week)
    Seller.objects.create(user=people["jonas"], calendar=york)
    rated("A1", owner=people["luca"])
    accepted, theirs = rated("B1", owner=people["luca"]), rated("A1", owner=people["jonas"])
    take(NOW - DAY)
    accept_lead(lead=accepted, seller=people["luca"], at=NOW - DAY)
    tell(NOW - DAY)
    mailbox.letters.clear()
    friday = datetime(2026, 10, 2, tzinfo=UTC)
    assert write_summaries(at=friday + 8 * HOUR) == 0
    assert write_summaries(at=friday + 9.5 * HOUR) == 1  # Irina has nothing, in New York it is night
    assert write_summaries(at=friday + 10 * HOUR) == 0
    assert write_summaries(at=friday + 14 * HOUR) == 1
    tell(friday + 14 * HOUR)
    assert got(mailbox) == [("luca", "1 lead waits for you, 1 is late"), ("jonas", "1 lead waits for you, 1 is late")]
    text = mailbox.letters[0].get_content()
    assert "1 lead in work has no next step:" in text and f"/leads/{accepted.pk}" in text and str(theirs) not in text
    assert write_summaries(at=friday + DAY + 9.5 * HOUR) == 0  # Saturday


def test_a_server_that_is_away_loses_nothing(people: dict[str, Any], mailbox: Sink) -> None:
    from vaglio_server.lifecycle.actions import send_again
    from vaglio_server.lifecycle.models import Notice

    rated("A1", owner=None)
    take()
    mailbox.answer = "451 later"
    assert tell() == 1
    kept = Notice.objects.get()
    assert "451" in kept.error and kept.sent_at is None and kept.next_at == NOW + timedelta(minutes=1)
    for day in range(1, 9):
        tell(NOW + day * DAY)
    assert Notice.objects.get().next_at is None and mailbox.letters == []  # given up, and seen
    mailbox.answer = ""
    assert send_again(at=NOW + 9 * DAY) == 1
    assert tell(NOW + 9 * DAY) == 1 and len(mailbox.letters) == 1
    assert Notice.objects.get().error == ""
    assert send_again(at=NOW + 9 * DAY) == 0


def test_without_a_mail_server_nobody_waits(people: dict[str, Any]) -> None:
    from vaglio_server.lifecycle.actions import write_notices
    from vaglio_server.lifecycle.models import Happening, Notice

    rated("A1")
    take()
    assert write_notices(can_mail=False, at=NOW) == 3
    assert not Notice.objects.exists() and not Happening.objects.filter(mails_wait=True).exists()
