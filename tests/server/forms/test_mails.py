"""Double opt-in: nothing counts before its sender confirmed it, by a button and not by a look."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.server.forms.making import change, filled_in, make_form, send, states, submissions, visitor
from tests.server.forms.sink import Sink, sink
from tests.server.world import AT, audited, leads, take
from vaglio.errors import VaglioError


@pytest.fixture
def mailbox(tables: Any) -> Iterator[Sink]:
    from django.test import override_settings

    with sink() as kept, override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=kept.port, DEFAULT_FROM_EMAIL="Acme <hello@acme.example>"):
        yield kept


def sent(after: timedelta = timedelta(0)) -> int:
    """Send what is due, as a worker does; return how many were tried."""
    from vaglio_server.forms.actions import send_next_mail

    count = 0
    while send_next_mail(at=datetime.now(UTC) + after):
        count += 1
    return count


def path_of(link: str) -> str:
    return urlsplit(link).path


def test_it_counts_once_it_is_confirmed(mailbox: Sink) -> None:
    form = make_form(is_double_opt_in=True)
    answer = send(form)
    assert answer["Location"] == f"/f/{form.public_id}/almost"
    assert "Open the link in it" in visitor().get(answer["Location"]).content.decode()
    take()
    assert (states(), leads(), mailbox.letters) == ([("waiting", "")], {}, [])
    assert (sent(), sent()) == (1, 0)
    (letter,) = mailbox.letters
    assert (letter["To"], letter["From"], letter["Subject"]) == (
        "nina@acme.example",
        "Acme <hello@acme.example>",
        "Please confirm: Talk to us",
    )
    link = mailbox.link()
    assert link.startswith("http://localhost/f/confirm/")
    page = visitor().get(path_of(link))
    assert "Yes, that was me" in page.content.decode()
    take()
    assert (states(), leads()) == ([("waiting", "")], {})  # a scanner looked, too
    for _ in range(2):
        assert "reply within a working day" in visitor().post(path_of(link)).content.decode()
    take()
    assert (states(), list(leads())) == ([("taken", "")], ["nina@acme.example"])
    assert audited("confirm_submission") == [("visitor", f"submission:{submissions()[0].pk}")]
    assert "Yes, that was me" not in visitor().get(path_of(link)).content.decode()


def test_a_link_of_ones_own_making_confirms_nothing(mailbox: Sink) -> None:
    send(make_form(is_double_opt_in=True))
    sent()
    path, number = path_of(mailbox.link()), submissions()[0].pk
    assert f"/{number}." in path
    for tried in (
        f"/f/confirm/{number}",
        f"/f/confirm/{number}:x",
        path[:-1],
        path.replace(f"/{number}.", f"/{number + 1}."),
        "/f/confirm/\x00",
    ):
        assert visitor().post(tried).status_code == 404, tried
    page = visitor().get(path[:-1]).content.decode()
    assert "copy all of it from the mail" in page and "Vaglio" not in page  # whose server it is says nothing to a visitor
    assert states() == [("waiting", "")]


def test_a_link_of_a_mail_sent_before_links_named_the_form_confirms(mailbox: Sink) -> None:
    from vaglio_server.forms.actions.mails import SIGNER

    send(make_form(is_double_opt_in=True))
    assert visitor().post(f"/f/confirm/{SIGNER.sign(str(submissions()[0].pk))}").status_code == 200
    assert states() == [("taken", "")]


def test_a_link_to_what_was_deleted_says_so(mailbox: Sink) -> None:
    from vaglio_server.forms.actions import delete_submission

    form = make_form(is_double_opt_in=True)
    send(form)
    sent()
    delete_submission(submission=submissions()[0], by="marta", at=AT)
    for answer in (visitor().get(path_of(mailbox.link())), visitor().post(path_of(mailbox.link()))):
        page = answer.content.decode()
        assert (answer.status_code, "fill in the form again" in page, f'href="/f/{form.public_id}"' in page) == (410, True, True)
    change(form, is_open=False)
    assert "/f/" not in visitor().get(path_of(mailbox.link())).content.decode().split("<main")[1]  # a closed form leads nowhere


def test_a_mail_server_that_fails_is_tried_again_and_the_others_have_their_turn(mailbox: Sink) -> None:
    from vaglio_server.forms.models import ConfirmationMail

    mailbox.answer = "451 later, please"
    form = make_form(is_double_opt_in=True)
    send(form)
    send(form, email="b@acme.example")
    assert (sent(), sent()) == (2, 0)
    assert "later, please" in ConfirmationMail.objects.order_by("id")[0].error
    mailbox.answer = ""
    assert (sent(timedelta(seconds=50)), sent(timedelta(minutes=1, seconds=10))) == (0, 2)
    assert sorted(letter["To"] for letter in mailbox.letters) == ["b@acme.example", "nina@acme.example"]
    assert [each.error for each in ConfirmationMail.objects.all()] == ["", ""]


def test_it_is_given_up_in_the_end(mailbox: Sink) -> None:
    from vaglio_server.forms.models import ConfirmationMail
    from vaglio_server.mailing import AFTER_MINUTES

    mailbox.answer = "550 no such person"
    send(make_form(is_double_opt_in=True))
    tries = sum(sent(timedelta(days=day)) for day in range(1, 20))
    assert tries == len(AFTER_MINUTES) + 1
    mail = ConfirmationMail.objects.get()
    assert (mail.next_at, mail.sent_at, "no such person" in mail.error) == (None, None, True)


def test_who_has_not_confirmed_is_asked_once_more(mailbox: Sink) -> None:
    from vaglio_server.forms.actions import ask_again
    from vaglio_server.forms.models import ConfirmationMail
    from vaglio_server.refused import Refused

    send(make_form(is_double_opt_in=True))
    sent()
    each, here, later = submissions()[0], "http://localhost/f/confirm/", datetime.now(UTC) + timedelta(minutes=11)
    with pytest.raises(Refused, match="less than ten minutes ago"):
        ask_again(submission=each, here=here, by="marta", at=datetime.now(UTC))
    ConfirmationMail.objects.update(next_at=None, sent_at=None, tries=8, error="away")  # given up
    ask_again(submission=each, here=here, by="marta", at=later)
    assert sent(timedelta(minutes=11)) == 1
    first, second = mailbox.letters
    assert first["Message-ID"] != second["Message-ID"]  # or mail programs hide it
    visitor().post(path_of(mailbox.link()))
    assert (states(), audited("ask_again")) == ([("taken", "")], [("marta", f"submission:{each.pk}")])
    with pytest.raises(Refused, match="only who has not confirmed"):
        ask_again(submission=each, here=here, by="marta", at=later)


def test_a_worker_cut_off_before_it_could_say_so_sends_the_same_mail_again(mailbox: Sink) -> None:
    from django.db import InterfaceError, OperationalError, connection

    told = connection.settings_dict

    def cut() -> None:
        mailbox.then = lambda: None
        with psycopg.connect(host=told["HOST"], user=told["USER"], dbname=told["NAME"]) as other:
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'")

    send(make_form(is_double_opt_in=True))
    mailbox.then = cut
    with pytest.raises((OperationalError, InterfaceError)):
        sent()
    connection.close()
    assert (sent(), sent()) == (1, 0)
    first, second = mailbox.letters
    assert first["Message-ID"] == second["Message-ID"]


def test_no_mail_goes_out_for_what_was_never_kept(mailbox: Sink) -> None:
    from django.db import transaction

    form = make_form(is_double_opt_in=True)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        send(form)
        _ = 1 / 0
    assert (sent(), mailbox.letters, states()) == (0, [], [])


def test_nobodys_mailbox_is_filled(mailbox: Sink) -> None:
    from vaglio_server.forms.queries import MAILS_A_DAY

    form = make_form(is_double_opt_in=True)
    for _ in range(MAILS_A_DAY + 1):
        send(form)
    assert [state for state, _reason in states()] == ["waiting"] * MAILS_A_DAY + ["refused"]
    assert (states()[-1][1], sent()) == ("too_many_mails", MAILS_A_DAY)


def test_what_was_refused_is_asked_to_confirm_when_it_is_released(mailbox: Sink) -> None:
    from vaglio_server.forms.actions import release_submission

    send(make_form(is_double_opt_in=True), url="x")
    assert (states(), sent()) == ([("refused", "honeypot")], 0)
    release_submission(submission=submissions()[0], here="http://localhost/f/confirm/", by="marta", at=datetime.now(UTC))
    assert ([each.state for each in submissions()], sent()) == (["waiting"], 1)
    visitor().post(path_of(mailbox.link()))
    take()
    assert list(leads()) == ["nina@acme.example"]


def test_addresses_no_mail_can_go_to_keep_nobody_waiting(mailbox: Sink) -> None:
    form = make_form(is_double_opt_in=True)
    for address in ("a,b@c.example", "<x@y.example>", "ü@ö.example", "a;b@c.example", '"q"@c.example', "x@" + "y" * 80 + ".example"):
        assert visitor().post(f"/f/{form.public_id}", filled_in(form, email=address)).status_code in {303, 422}
    send(form)
    sent()
    assert "nina@acme.example" in [letter["To"] for letter in mailbox.letters]


def test_no_confirmation_is_asked_for_where_no_mail_can_be_sent(tables: Any) -> None:
    from dataclasses import replace

    from vaglio_server.forms.actions import BadForm, update_form

    form = make_form()
    with pytest.raises(BadForm, match="EMAIL_URL"):
        update_form(form=form, draft=replace(form.draft(""), is_double_opt_in=True), can_mail=False, by="test", at=AT)
    assert change(form, is_double_opt_in=True).is_double_opt_in


@pytest.mark.parametrize(("address", "found"), [
    ("smtp+tls://me:p%40ss@mail.acme.example", ("mail.acme.example", 587, "me", "p@ss", True, False)),
    ("smtps://mail.acme.example", ("mail.acme.example", 465, "", "", False, True)),
    ("smtp://127.0.0.1:2525", ("127.0.0.1", 2525, "", "", False, False)),
])  # fmt: skip
def test_the_mail_server_is_read(monkeypatch: pytest.MonkeyPatch, address: str, found: tuple[Any, ...]) -> None:
    from dataclasses import astuple

    from vaglio_server.config import env

    monkeypatch.setenv("EMAIL_URL", address)
    server = env.mail()
    assert server is not None
    assert astuple(server) == found


@pytest.mark.parametrize("address", ["mail.acme.example", "http://x:25", "smtp://", "smtp://x:port"])
def test_it_rejects_what_is_no_mail_server(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    from vaglio_server.config import env

    monkeypatch.setenv("EMAIL_URL", address)
    with pytest.raises(VaglioError, match="EMAIL_URL"):
        env.mail()
