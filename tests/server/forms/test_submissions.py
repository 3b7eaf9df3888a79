"""What visitors send: rated leads, each once, and nothing lost."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.server.forms.making import CONSENT, change, filled_in, make_form, policy, send, shown_page, states, submissions, visitor
from tests.server.world import AT, activities_of, audited, leads, make_live, take


def test_a_submission_becomes_a_rated_lead(scorer: Any) -> None:
    from vaglio_server.scoring.actions import score_due
    from vaglio_server.tracking.models import Activity

    make_live()
    form = make_form()
    answer = send(form)
    assert (answer.status_code, answer["Location"]) == (303, f"/f/{form.public_id}/done")
    assert "reply within a working day" in visitor().get(answer["Location"]).content.decode()
    assert leads() == {}  # the web process only keeps it
    take()
    score_due(scorer=scorer, limit=10)
    nina = leads()["nina@acme.example"]
    assert nina.fields == {"first_name": "Nina", "last_name": "Rossi", "email": "nina@acme.example", "company": "Acme", "job_title": "CTO",
                           "employees": 90}  # fmt: skip
    assert (nina.rating, activities_of(nina)) == ("A2", ["form_submitted"])
    assert Activity.objects.get().properties == {"form": "demo", "message": "A demo, please", "consent_version": 1}
    assert Activity.objects.get().occurred_at == submissions()[0].received_at


def test_what_somebody_wants_stands_in_the_timeline_of_the_lead(tables: Any) -> None:
    from tests.server.web.people import make_people, signed_in

    people = make_people()
    send(make_form(), message="A <b>demo</b> for ninety, please")
    take()
    nina = leads()["nina@acme.example"]
    type(nina).objects.update(owner=people["luca"])
    page = signed_in(people["luca"]).get(f"/leads/{nina.pk}").content.decode()
    assert "demo · message: A &lt;b&gt;demo&lt;/b&gt; for ninety, please" in page  # where a seller sees it, who sees no submission


def test_a_whole_number_may_have_cents_of_zero(tables: Any) -> None:
    assert send(make_form(), employees="1.250,00").status_code == 303
    take()
    assert leads()["nina@acme.example"].fields["employees"] == 1250


def test_sent_twice_it_counts_once(tables: Any) -> None:
    form = make_form()
    told = filled_in(form)
    assert [visitor().post(f"/f/{form.public_id}", told).status_code for _ in range(3)] == [303] * 3
    take()
    assert (states(), len(leads()), activities_of(leads()["nina@acme.example"])) == ([("taken", "")], 1, ["form_submitted"])
    # Back, and a mistake mended on the same page: that is something else, and not lost.
    assert visitor().post(f"/f/{form.public_id}", told | {"field_email": "nina.rossi@acme.example"}).status_code == 303
    assert len(submissions()) == 2


def test_two_clicks_at_the_same_time_count_once(tables: Any) -> None:
    from django.db import connection

    form = make_form()
    told, heard = filled_in(form), []
    gate = threading.Barrier(6)

    def click() -> None:
        gate.wait()
        heard.append(visitor().post(f"/f/{form.public_id}", told).status_code)
        connection.close()

    clicks = [threading.Thread(target=click) for _ in range(6)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    take()
    assert (heard, states(), len(leads())) == ([303] * 6, [("taken", "")], 1)


def test_taken_twice_by_workers_it_has_its_effects_once(tables: Any) -> None:
    from vaglio_server.tracking.models import Activity, Delivery

    send(make_form())
    take()
    first = Delivery.objects.get()
    Delivery.objects.create(source=first.source, kind=first.kind, body=bytes(first.body), received_at=AT)
    take()
    assert (Activity.objects.count(), len(leads())) == (1, 1)


def test_a_whole_number_is_taken_with_its_thousands_and_another_that_can_be_two_is_asked_for(tables: Any) -> None:
    from vaglio_server.forms.logic.drafts import FormField
    from vaglio_server.forms.logic.starts import STARTS

    form = make_form(fields=(*STARTS["contact"].fields, FormField("worth", "Worth", "number")))
    page = send(form, employees="1,500", field_worth="1.500").content.decode()
    assert "Please write 1500 or 1.5." in page.split('id="vf-fault-worth">')[1].split("<")[0] and 'id="vf-fault-employees"' not in page
    assert send(form, employees="1,500", field_worth="1500").status_code == 303
    take()
    assert leads()["nina@acme.example"].fields["employees"] == 1500


@pytest.mark.parametrize(("changes", "said", "about"), [
    ({"email": ""}, "Please fill this in.", "email"),
    ({"email": "nina at acme"}, "no mail address", "email"),
    ({"first_name": "   "}, "Please fill this in.", "first_name"),
    ({"employees": "many"}, "Please give a number", "employees"),
    ({"company": "x" * 501}, "too long: it has 501 characters, and 500 fit", "company"),
    ({"message": "A demo, please " + "x" * 1_000_000}, "too long: it has 1,000,015 characters, and 5,000 fit", "message"),
    ({"job_title": "a\x00b"}, "cannot be read", "job_title"),
])  # fmt: skip
def test_it_rejects_what_does_not_fit_beside_the_question(tables: Any, changes: dict[str, str], said: str, about: str) -> None:
    answer = send(make_form(), **changes)
    page = answer.content.decode()
    assert answer.status_code == 422
    fault = page.split(f'id="vf-fault-{about}">')[1].split("<")[0]
    assert said in fault
    assert f'aria-describedby="vf-fault-{about}"' in page
    assert "A demo, please" in page  # what was typed is still there
    assert "checked" in page.split('name="agreed"')[1].split(">")[0]
    assert (states(), leads()) == ([], {})


def test_all_faults_come_at_once_and_the_page_can_be_sent_again(tables: Any) -> None:
    form = make_form()
    answer = send(form, email="nobody", first_name="", company="")
    assert answer.content.decode().count("vf-fault-") == 6  # each is said, and said to be of its question
    change(form, consent="Another text.")
    again = filled_in(form) | {"page": shown_page(answer)}
    assert visitor().post(f"/f/{form.public_id}", again).status_code == 303
    assert states() == [("taken", "")]  # a correction may be quick
    assert submissions()[0].agreed_to.version == 1  # and agrees to what was on the page


def test_it_requires_consent_where_there_is_a_text_and_keeps_the_version(tables: Any) -> None:
    form = make_form()
    told = filled_in(form)
    del told["agreed"]
    answer = visitor().post(f"/f/{form.public_id}", told)
    assert (answer.status_code, "Please tick this" in answer.content.decode(), states()) == (422, True, [])
    old_page = filled_in(form)
    change(form, consent="Another text.")
    assert visitor().post(f"/f/{form.public_id}", old_page).status_code == 303  # opened before the text changed
    assert send(form, email="b@acme.example").status_code == 303
    first, second = submissions()
    assert [(each.agreed_to.version, each.agreed_to.text) for each in (first, second)] == [(1, CONSENT), (2, "Another text.")]
    assert first.consent_fingerprint == first.agreed_to.fingerprint != second.consent_fingerprint
    change(form, title="Other words, the same consent")
    assert form.consent_texts.count() == 2
    change(form, consent="")
    told = filled_in(form, email="c@acme.example")
    del told["agreed"]
    assert visitor().post(f"/f/{form.public_id}", told).status_code == 303
    assert submissions()[-1].agreed_to is None


def test_programs_are_thanked_and_kept_aside(tables: Any) -> None:
    form = make_form()
    bot = send(form, url="http://spam.example")
    fast = send(form, ago=0.5, email="fast@acme.example")
    assert [each.status_code for each in (bot, fast)] == [303, 303]
    take()
    assert (states(), leads()) == ([("refused", "honeypot"), ("refused", "too_fast")], {})


def test_a_page_of_ones_own_making_is_not_taken(tables: Any) -> None:
    form, other = make_form(), make_form(slug="other")
    for page in ("", "made up", filled_in(other)["page"], filled_in(form, ago=3 * 86400)["page"], filled_in(form)["page"][:-2]):
        answer = visitor().post(f"/f/{form.public_id}", filled_in(form) | {"page": page})
        assert (answer.status_code, "once more" in answer.content.decode(), "A demo, please" in answer.content.decode()) == (
            422,
            True,
            True,
        )
    assert states() == []


def test_too_many_from_one_network_wait_and_nothing_of_them_is_lost(tables: Any) -> None:
    from vaglio_server.forms.models import Knock
    from vaglio_server.forms.queries import KEPT, PER_NETWORK

    form = make_form()
    for number in range(PER_NETWORK):
        assert send(form, email=f"v{number}@acme.example").status_code == 303
    answer = send(form, email="late@acme.example")
    assert (answer.status_code, answer["Retry-After"]) == (429, "600")
    assert "Please try again in ten minutes" in answer.content.decode()
    assert states()[-1] == ("refused", "too_many")
    assert send(form, visitor("192.0.2.8"), email="other@acme.example").status_code == 303  # another network
    assert not any("192.0.2" in each.network for each in Knock.objects.all())
    Knock.objects.bulk_create(Knock(form=form, network=Knock.objects.order_by("id")[0].network, at=datetime.now(UTC))
                              for _ in range(PER_NETWORK * KEPT))  # fmt: skip
    count = len(submissions())
    assert send(form, email="flood@acme.example").status_code == 429
    assert len(submissions()) == count  # a flood is not written down


def test_who_came_in_a_crowd_is_taken_when_they_try_again_as_they_were_asked_to(tables: Any) -> None:
    from vaglio_server.forms.models import Knock
    from vaglio_server.forms.queries import PER_NETWORK

    form = make_form()
    for number in range(PER_NETWORK):
        send(form, email=f"v{number}@acme.example")
    told = filled_in(form)
    first = visitor().post(f"/f/{form.public_id}", told)
    assert (first.status_code, states()[-1]) == (429, ("refused", "too_many"))
    assert 'value="A demo, please"' in first.content.decode()  # nothing has to be typed again
    assert visitor().post(f"/f/{form.public_id}", told).status_code == 429
    Knock.objects.update(at=datetime.now(UTC) - timedelta(minutes=11))
    assert [visitor().post(f"/f/{form.public_id}", told).status_code for _ in range(2)] == [303, 303]
    assert (states()[-1], len(states())) == (("taken", ""), PER_NETWORK + 1)
    take()
    assert activities_of(leads()["nina@acme.example"]) == ["form_submitted"]


def test_too_many_of_one_form_wait_wherever_they_come_from(tables: Any) -> None:
    from vaglio_server.forms.models import Knock
    from vaglio_server.forms.queries import PER_FORM

    form, other, now = make_form(), make_form(slug="other"), datetime.now(UTC)
    Knock.objects.bulk_create(Knock(form=form, network=f"n{each}", at=now - timedelta(minutes=9)) for each in range(PER_FORM))
    assert (send(form).status_code, send(other).status_code) == (429, 303)
    Knock.objects.update(at=now - timedelta(minutes=11))
    assert send(form, email="b@acme.example").status_code == 303


def test_addresses_are_believed_of_our_own_proxies_only(tables: Any) -> None:
    from django.test import RequestFactory, override_settings

    from vaglio_server.forms.logic.networks import digest_of, network_of
    from vaglio_server.web.visitors import address_of

    asked = RequestFactory(REMOTE_ADDR="10.0.0.1").get("/", headers={"X-Forwarded-For": "6.6.6.6, 192.0.2.9"})
    assert address_of(asked) == "10.0.0.1"
    with override_settings(PROXIES=1):
        assert address_of(asked) == "192.0.2.9"
        assert address_of(RequestFactory(REMOTE_ADDR="10.0.0.1").get("/")) == "10.0.0.1"
    with override_settings(PROXIES=3):
        assert address_of(asked) == "10.0.0.1"
    assert network_of("2001:db8:1:2:aaaa::1") == network_of("2001:db8:1:2:bbbb::9") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.9") == "192.0.2.9"
    assert digest_of("192.0.2.9", "key", AT) == digest_of("192.0.2.9", "key", AT + timedelta(hours=1))
    assert digest_of("192.0.2.9", "key", AT) != digest_of("192.0.2.9", "key", AT + timedelta(days=1))
    assert digest_of("192.0.2.9", "key", AT) != digest_of("192.0.2.9", "other", AT)


def test_what_was_refused_can_be_released_once_and_what_was_not_cannot(tables: Any) -> None:
    from vaglio_server.forms.actions import release_submission
    from vaglio_server.refused import Refused

    send(make_form(), url="x")
    each = submissions()[0]
    release_submission(submission=each, here="", by="marta", at=AT)
    take()
    assert (states(), list(leads())) == ([("taken", "honeypot")], ["nina@acme.example"])
    with pytest.raises(Refused, match="only what was refused"):
        release_submission(submission=each, here="", by="marta", at=AT)
    assert audited("release_submission") == [("marta", f"submission:{each.pk}")]


def test_what_was_sent_can_be_forgotten(tables: Any) -> None:
    from vaglio_server.forms.actions import delete_submission, release_submission
    from vaglio_server.refused import Refused

    send(make_form(), url="x")
    each = submissions()[0]
    delete_submission(submission=each, by="marta", at=AT)
    assert (states(), audited("delete_submission")) == ([], [("marta", f"submission:{each.pk}")])
    with pytest.raises(Refused, match="deleted"):
        release_submission(submission=each, here="", by="marta", at=AT)


def test_a_form_is_framed_by_its_sites_only_and_everything_else_by_nobody(tables: Any) -> None:
    form = make_form()
    for address in (f"/f/{form.public_id}", f"/f/{form.public_id}/done", "/accounts/login/"):
        answer = visitor().get(address)
        assert (policy(answer)["frame-ancestors"], answer["X-Frame-Options"]) == ("'none'", "DENY"), address
    change(form, origins=("https://www.acme.example", "https://*.acme.example"))
    for address in (f"/f/{form.public_id}", f"/f/{form.public_id}/done?embed=light", f"/f/{form.public_id}/almost"):
        answer = visitor().get(address)
        assert policy(answer)["frame-ancestors"] == "https://www.acme.example https://*.acme.example"
        assert "X-Frame-Options" not in answer
        assert answer.cookies == {}
    for answer in (send(form), send(form, email="")):
        assert policy(answer)["frame-ancestors"] == "https://www.acme.example https://*.acme.example"
        assert policy(answer)["default-src"] == "'self'"
        assert answer.cookies == {}
    confirm = visitor().get("/f/confirm/1:nothing")
    assert (confirm.status_code, confirm["X-Frame-Options"]) == (404, "DENY")
    assert visitor().get("/accounts/login/")["X-Frame-Options"] == "DENY"


def test_it_goes_on_to_the_page_that_was_named(tables: Any) -> None:
    form = make_form(redirect_to="https://www.acme.example/thanks?a=1")
    answer = send(form)
    assert answer["Location"] == "https://www.acme.example/thanks?a=1"
    assert policy(answer)["form-action"] == "'self' https://www.acme.example"
    inside = visitor().post(f"/f/{form.public_id}?embed=dark", filled_in(form, email="b@acme.example"))
    assert inside["Location"] == f"/f/{form.public_id}/done?embed=dark"
    assert "data-go" in visitor().get(inside["Location"]).content.decode()


def test_a_closed_form_and_one_that_is_not_there(tables: Any) -> None:
    form = make_form(is_open=False)
    assert (visitor().get(f"/f/{form.public_id}").status_code, send(form).status_code) == (410, 410)
    assert visitor().get(f"/f/{'x' * 22}").status_code == 404
    for nowhere in (f"/f/{'x' * 22}", f"/f/{'x' * 22}/done", f"/f/{form.pk}", f"/f/{form.public_id}x/y", "/f/"):
        answer = visitor().get(nowhere)
        page = answer.content.decode()
        assert (answer.status_code, "There is no form here" in page, "Vaglio" in page) == (404, True, False), nowhere
    assert states() == []


def test_of_what_is_far_too_long_it_is_said_how_much_fits(tables: Any) -> None:
    form = make_form()
    answer = send(form, message="x" * 2_200_000)
    assert (answer.status_code, "up to 24 KB" in answer.content.decode(), "data-back" in answer.content.decode()) == (413, True, True)
    assert states() == []


def test_showing_is_counted(tables: Any) -> None:
    form = make_form()
    for _ in range(3):
        visitor().get(f"/f/{form.public_id}")
    visitor().head(f"/f/{form.public_id}")
    form.refresh_from_db()
    assert form.shown_count == 3


def test_the_browser_that_agreed_to_page_views_is_the_leads(tables: Any) -> None:
    from tests.server.world import post

    form = make_form()
    post(form.source, "page", {"anonymousId": "device-7", "properties": {"path": "/pricing"}})
    send(form, anonymous_id="device-7")
    send(form, email="b@acme.example", anonymous_id="not <an> id")
    take()
    assert activities_of(leads()["nina@acme.example"]) == ["page_viewed", "form_submitted"]
    assert [each.anonymous_id for each in submissions()] == ["device-7", ""]


def test_what_nobody_confirmed_is_forgotten_and_who_knocked(tables: Any) -> None:
    from vaglio_server.forms.actions import forget_old
    from vaglio_server.forms.models import ConfirmationMail, Knock, Submission

    send(make_form(is_double_opt_in=True))
    send(make_form(slug="b"), email="b@acme.example")
    now = datetime.now(UTC)
    assert forget_old(unconfirmed_days=30, at=now + timedelta(days=29)) == 0
    assert (len(submissions()), Knock.objects.count()) == (2, 0)
    assert forget_old(unconfirmed_days=30, at=now + timedelta(days=31)) == 1
    assert (states(), ConfirmationMail.objects.count()) == ([("taken", "")], 0)
    assert Submission.objects.get().email == "b@acme.example"


def test_all_answers_together_fit_an_event(tables: Any) -> None:
    from vaglio_server.forms.logic.drafts import FormField

    many = tuple(FormField(f"own_{n}", f"Own {n}", "lines") for n in range(9))
    form = make_form(fields=(FormField("email", "Mail", is_required=True), *many))
    told = filled_in(form) | {f"field_own_{n}": "ș" * 5_000 for n in range(9)}
    assert visitor().post(f"/f/{form.public_id}", told).status_code == 422
    told |= {f"field_own_{n}": "ș" * 1_200 for n in range(9)}
    assert visitor().post(f"/f/{form.public_id}", told).status_code == 303
    take()
    assert list(leads()) == ["nina@acme.example"]


def test_choices_boxes_days_and_fields_of_ones_own(tables: Any) -> None:
    from tests.server.world import make_field
    from vaglio_server.forms.logic.drafts import FormField
    from vaglio_server.tracking.models import Activity

    make_field("lead", "tier", "choice", ("gold", "silver"))
    make_field("lead", "since", "date")
    form = make_form(fields=(
        FormField("email", "Mail", is_required=True), FormField("tier", "Tier", "choice", choices=("gold", "silver")),
        FormField("since", "Since", "date"), FormField("newsletter", "News", "yes_no"),
        FormField("terms", "Terms", "yes_no", is_required=True),
    ))  # fmt: skip
    said = {"field_tier": "bronze", "field_since": "yesterday"}
    page = visitor().post(f"/f/{form.public_id}", filled_in(form) | said).content.decode()
    assert all(part in page for part in ("choose one of these", "Please give a day", "Please tick this"))
    said = {"field_tier": "gold", "field_since": "2020-01-31", "field_terms": "true"}
    assert visitor().post(f"/f/{form.public_id}", filled_in(form) | said).status_code == 303
    take()
    assert leads()["nina@acme.example"].fields == {"email": "nina@acme.example", "tier": "gold", "since": "2020-01-31"}
    assert Activity.objects.get().properties == {"form": "demo", "newsletter": False, "terms": True, "consent_version": 1}
