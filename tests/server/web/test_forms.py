"""Making forms in pages: who may, what is said where something cannot be, and that nothing a visitor sends is an error of ours."""

import gzip
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.forms.making import WHO, filled_in, make_form, send, states, submissions, visitor
from tests.server.web.people import make_hours, make_people, signed_in
from tests.server.world import AT, audited, leads, make_source, take


@pytest.fixture
def people(tables: Any) -> dict[str, Any]:
    return make_people()


@pytest.fixture
def marta(people: Any) -> Any:
    return signed_in(people["marta"])


def told(form: Any, **changes: str) -> dict[str, str]:
    """Return what the editor of a form sends."""
    from vaglio_server.forms.queries import consent_now

    text = consent_now(form)
    found = {part: str(getattr(form, part)) for part in ("name", "slug", "title", "intro", "button", "thanks", "redirect_to")}
    found |= {"consent": text.text if text else "", "count": str(len(form.fields)), "do": "save", "origins": "\n".join(form.origins)}
    found |= {"is_open": "on"} if form.is_open else {}
    for place, each in enumerate(form.asked):
        is_own = each.name == "message"
        found |= {f"f{place}_label": each.label, f"f{place}_name": "-" if is_own else each.name, f"f{place}_widget": each.widget}
        found |= ({f"f{place}_required": "on"} if each.is_required else {}) | ({f"f{place}_own": each.name} if is_own else {})
        found |= {f"f{place}_choices": "\n".join(each.choices)}
    return found | changes


def edit(client: Any, form: Any, **changes: str) -> Any:
    answer = client.post(f"/forms/{form.pk}/edit", told(form, **changes))
    form.refresh_from_db()
    return answer


@pytest.mark.parametrize("start", ["contact", "download", "webinar"])
def test_every_start_is_a_form_that_works(marta: Any, start: str) -> None:
    from vaglio_server.forms.models import Form

    answer = marta.post("/forms", {"start": start})
    form = Form.objects.get()
    assert (answer["Location"], form.slug, form.is_open) == (f"/forms/{form.pk}/edit", start, True)
    assert edit(marta, form)["Location"] == f"/forms/{form.pk}"  # as it comes it can be saved
    assert send(form).status_code == 303
    take()
    assert list(leads()) == ["nina@acme.example"]
    assert [by for by, _form in audited("create_form") + audited("update_form")] == ["marta", "marta"]
    shown = marta.get("/forms").content.decode()
    assert f"/forms/{form.pk}" in shown
    assert "nina@acme.example" in marta.get(f"/forms/{form.pk}").content.decode()


def test_what_is_changed_is_what_visitors_see(marta: Any) -> None:
    form = make_form()
    edit(marta, form, title="Other words", f4_name="industry", f4_label="Your trade", f4_widget="choice", f4_choices="Bank\nShop\n\nBank",
         f6_label="Tell us more", consent="New words", origins="https://www.acme.example/\nhttps://b.example")  # fmt: skip
    page = visitor().get(f"/f/{form.public_id}").content.decode()
    assert all(part in page for part in ("Other words", "Your trade", "<option>Bank</option>", "<option>Shop</option>", "New words"))
    assert (form.asked[4].choices, form.asked[6].name, form.asked[6].label) == (("Bank", "Shop"), "message", "Tell us more")
    assert (form.origins, form.consent_texts.count()) == (["https://www.acme.example", "https://b.example"], 2)


def test_questions_move_without_anything_being_kept(marta: Any) -> None:
    form = make_form()
    turned, as_before = ["Last name", "First name"], ["First name", "Last name"]
    for do, order in (("down-0", turned), ("up-1", turned), ("remove-0", ["Last name", "Work email"]), ("up-0", as_before),
                      ("down-99", as_before), ("jump", as_before)):  # fmt: skip
        page = edit(marta, form, do=do).content.decode()
        assert [page.split(f'name="f{place}_label" value="')[1].split('"')[0] for place in range(2)] == order, do
    assert 'name="count" value="8"' in edit(marta, form, do="add").content.decode()
    assert (form.asked[0].label, len(form.asked)) == ("First name", 7)


@pytest.mark.parametrize(("changes", "said"), [
    ({"title": ""}, "Say it in up to 200 characters."),
    ({"slug": "Not a name"}, "small letters, digits"),
    ({"thanks": ""}, "Say thank you"),
    ({"redirect_to": "javascript:alert(1)"}, "Give a whole address"),
    ({"redirect_to": "https://a.example;script-src *"}, "Give a whole address"),
    ({"redirect_to": "//a.example"}, "Give a whole address"),
    ({"origins": "www.acme.example"}, "One site a line"),
    ({"origins": "https://a.example;default-src"}, "One site a line"),
    ({"origins": "https://*"}, "One site a line"),
    ({"f2_name": "first_name"}, "This is asked above already."),
    ({"f2_name": "company"}, "Ask for the mail address"),
    ({"f0_label": ""}, "Say what is asked"),
    ({"f4_widget": "choice"}, "Give from 1 to 60 choices"),
    ({"f4_name": "owner_id"}, "This cannot be asked"),
    ({"f4_name": "is_suspicious"}, "This cannot be asked"),
    ({"f4_name": "-", "f4_label": "Form"}, "Give the question a name"),
    ({"f6_own": "__"}, "Give the question a name"),
    ({"is_double_opt_in": "on"}, "set EMAIL_URL"),
    ({"consent": "x" * 5_001}, "At most 5,000 characters fit."),
])  # fmt: skip
def test_it_rejects_what_cannot_be_and_keeps_what_was_typed(marta: Any, changes: dict[str, str], said: str) -> None:
    form = make_form()
    answer = edit(marta, form, intro="typed meanwhile", **changes)
    page = answer.content.decode()
    assert (answer.status_code, said in page, "typed meanwhile" in page) == (422, True, True), said
    assert form.intro != "typed meanwhile"


def test_the_preview_is_what_visitors_would_see(marta: Any) -> None:
    form = make_form()
    page = marta.post(f"/forms/{form.pk}/preview", told(form, title="<b>Bold</b>")).content.decode()
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert form.consent_texts.count() == 1


def test_it_says_where_no_mail_can_be_sent(marta: Any) -> None:
    from django.test import override_settings

    form = make_form(is_double_opt_in=True)
    assert "EMAIL_URL is not set" in marta.get(f"/forms/{form.pk}").content.decode()
    with override_settings(CAN_MAIL=True):
        assert "EMAIL_URL" not in marta.get(f"/forms/{form.pk}").content.decode() + marta.get(f"/forms/{form.pk}/edit").content.decode()


def test_when_somebody_agreed_is_said_with_the_zone(marta: Any) -> None:
    make_hours("Asia/Tokyo")
    form = make_form()
    send(form)
    (sent,) = submissions()
    page = marta.get(f"/forms/{form.pk}/submissions/{sent.pk}").content.decode()
    at = sent.received_at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert f"agreed to on {at:%-d %b %Y, %H:%M:%S} (JST)" in page
    for word in ("(UTC)", "(GMT)"):
        assert word not in page + marta.get("/fields").content.decode()
    assert "(JST)" in marta.get("/fields").content.decode()


def test_refused_submissions_are_seen_released_and_deleted(marta: Any) -> None:
    form = make_form()
    send(form, url="x")
    send(form, url="x", email="spam@acme.example")
    first, second = submissions()
    page = marta.get(f"/forms/{form.pk}?state=refused").content.decode()
    assert "a field that only programs see was filled in" in page
    detail = marta.get(f"/forms/{form.pk}/submissions/{first.pk}").content.decode()
    assert all(part in detail for part in ("A demo, please", "Release it", first.consent_fingerprint, "Version 1"))
    marta.post(f"/forms/{form.pk}/submissions/{first.pk}/decide", {"do": "release"})
    marta.post(f"/forms/{form.pk}/submissions/{second.pk}/decide", {"do": "delete"})
    assert states() == [("taken", "honeypot")]
    answer = marta.post(f"/forms/{form.pk}/submissions/{first.pk}/decide", {"do": "release"}, follow=True)
    assert "only what was refused" in answer.content.decode()
    assert marta.get(f"/forms/{form.pk + 1}/submissions/{first.pk}").status_code == 404


def test_many_refused_are_released_or_deleted_by_their_reason(marta: Any) -> None:
    form, other = make_form(), make_form(slug="other")
    for n in range(3):
        send(form, ago=0.1, email=f"fast{n}@acme.example")
        send(form, url="x", email=f"bot{n}@acme.example")
    send(other, url="x")
    newest = submissions(form=form)[-1].pk
    send(form, url="x", email="newer@acme.example")
    page = marta.get(f"/forms/{form.pk}?state=refused").content.decode()
    assert "Release all 7" in page and "filled in faster than anybody types" in page
    some = marta.get(f"/forms/{form.pk}?state=refused&reason=too_fast").content.decode()
    assert ("Release all 3" in some, some.count("sent-row")) == (True, 3)
    address, told = f"/forms/{form.pk}/submissions/decide", {"up_to": newest}
    assert "3 submissions are released" in marta.post(address, told | {"reason": "too_fast", "do": "release"}, follow=True).content.decode()
    assert "3 submissions are deleted" in marta.post(address, told | {"reason": "", "do": "delete"}, follow=True).content.decode()
    take()
    assert sorted(leads()) == [f"fast{n}@acme.example" for n in range(3)]
    assert [each.email for each in submissions(state="refused")] == ["nina@acme.example", "newer@acme.example"]
    assert audited("release_refused") == audited("delete_refused") == [("marta", f"form:{form.pk}")]
    for wrong in ({}, told | {"do": "x"}, told | {"do": "delete", "reason": "x"}, {"do": "delete", "up_to": "x"}):
        assert "Choose what to do" in marta.post(address, wrong, follow=True).content.decode()
    assert len(submissions()) == 5


def test_a_submission_shows_answers_as_asked_and_its_lead(marta: Any) -> None:
    form = make_form()
    send(form)
    take()
    each, lead = submissions()[0], leads()["nina@acme.example"]
    page = marta.get(f"/forms/{form.pk}/submissions/{each.pk}").content.decode()
    assert f'href="/leads/{lead.pk}"' in page
    asked = [page.index(f"<dt>{label}</dt>") for label in ("First name", "Last name", "Work email", "Company", "Job title")]
    assert asked == sorted(asked)
    # Nobody rates it and nobody will: that is said, instead of a rating that seems on its way.
    assert "…</b>" in marta.get(f"/forms/{form.pk}").content.decode()
    type(lead).objects.update(due_at=None)
    live = marta.get(f"/forms/{form.pk}").content.decode()
    assert "…</b>" not in live and "no live model rates such leads" in live


def test_what_is_pasted_works_with_any_title_and_can_be_copied(marta: Any) -> None:
    from html import unescape
    from html.parser import HTMLParser

    form = make_form(title='Say "hi" & <win>', origins=("https://acme.example",))
    page = marta.get(f"/forms/{form.pk}").content.decode()
    assert page.count("data-copy=") == 3
    found: list[Any] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attrs: found.append((tag, dict(attrs)))  # type: ignore[method-assign]
    parser.feed(unescape(page.split('<pre id="embed-code">')[1].split("</pre>")[0]))  # as the browser shows it, and it is copied
    ((tag, attributes),) = found
    assert (tag, attributes["data-title"]) == ("script", form.title)
    assert unescape(page.split('<pre id="link-code">')[1].split("</pre>")[0]).endswith("&lt;win&gt;</a>")


def test_forms_made_from_one_start_have_names_of_their_own(marta: Any) -> None:
    from vaglio_server.forms.models import Form

    for _n in range(3):
        marta.post("/forms", {"start": "webinar"})
    assert [(form.name, form.slug) for form in Form.objects.order_by("id")] == [
        ("Webinar", "webinar"), ("Webinar 2", "webinar_2"), ("Webinar 3", "webinar_3"),
    ]  # fmt: skip


def test_the_list_has_pages_and_asks_few_questions(marta: Any, django_assert_max: Any) -> None:
    from vaglio_server.forms.models import Submission

    form = make_form()
    send(form)
    first = submissions()[0]
    Submission.objects.bulk_create(
        Submission(form=form, fingerprint=str(n), answers=WHO | {"email": f"n{n}@b.example"}, state="taken", received_at=first.received_at)
        for n in range(60)
    )  # fmt: skip
    with django_assert_max(12):
        page = marta.get(f"/forms/{form.pk}").content.decode()
    assert page.count("sent-row") == 50
    earlier = page.split("cursor=")[1].split('"')[0]
    assert marta.get(f"/forms/{form.pk}?cursor={earlier}").content.decode().count("sent-row") == 11
    assert marta.get(f"/forms/{form.pk}?cursor=x&state=x").status_code == 200


@pytest.mark.parametrize("name", ["luca", "vera", None])
def test_it_requires_a_marketer(people: Any, name: str | None) -> None:
    form = make_form()
    send(form, url="x")
    each = submissions()[0]
    client = signed_in(people[name]) if name else visitor()
    for address in ("/forms", f"/forms/{form.pk}", f"/forms/{form.pk}/edit", f"/forms/{form.pk}/submissions/{each.pk}"):
        assert client.get(address).status_code == (403 if name else 302), address
    for address in (f"/forms/{form.pk}/edit", f"/forms/{form.pk}/preview", f"/forms/{form.pk}/submissions/{each.pk}/decide"):
        assert client.post(address, {"do": "release"}).status_code == (403 if name else 302), address
    assert states() == [("refused", "honeypot")]


def test_page_views_are_off_until_somebody_switches_them_on(marta: Any) -> None:
    source = make_source()
    page = marta.get(f"/sources/{source.pk}").content.decode()
    assert "Off unless you switch it on" in page
    scripts = Path(__file__).parents[3] / "src/vaglio_server/web/scripts"
    on, off = (scripts / "pages.js").read_bytes(), (scripts / "no_pages.js").read_bytes()

    def script(key: str) -> bytes:
        answer = visitor().get("/t.js", {"key": key})
        assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript; charset=utf-8")
        return bytes(answer.content)

    assert script(source.write_key) == off
    marta.post(f"/sources/{source.pk}/pages", {"on": "1"})
    assert script(source.write_key) == on
    assert (script("nobody's"), script(""), script("\x00"), script("ș\ud800".encode("utf-8", "replace").decode())) == (off,) * 4
    marta.post(f"/sources/{source.pk}/pages", {"on": "0"})
    assert script(source.write_key) == off
    type(source).objects.update(tracks_pages=True, is_active=False)
    assert script(source.write_key) == off
    assert [by for by, _source in audited("switch_page_tracking")] == ["marta", "marta"]
    assert len(gzip.compress(on)) < 2048


_TEXTS = st.text(max_size=40) | st.sampled_from(
    ["\x00", "\ud800", "9" * 400, "1e999", "-0", "nan", "٣", "a@b.c", "true", "<script>", "=1+1"]
)


@given(st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_a_visitor_sends_is_an_error_of_ours(tables: Any, data: st.DataObject) -> None:
    from vaglio_server.forms.models import Form, Knock
    from vaglio_server.tracking.models import RefusedEvent

    Knock.objects.all().delete()
    form = Form.objects.first() or make_form()
    names = [*filled_in(form), "field_unknown", "anonymous_id", "embed", "csrfmiddlewaretoken"]
    sent = filled_in(form) | data.draw(st.dictionaries(st.sampled_from(names), _TEXTS, max_size=6))
    for name in data.draw(st.sets(st.sampled_from(names), max_size=3)):
        sent.pop(name, None)
    body = {name: value.encode("utf-8", "surrogatepass") for name, value in sent.items()}
    embed = data.draw(st.sampled_from(["", "?embed", "?embed=light", "?embed=%00", "?a=%ff"]))
    answer = visitor().post(f"/f/{form.public_id}{embed}", urlencode(body), content_type="application/x-www-form-urlencoded")
    assert answer.status_code in {303, 422}
    if answer.status_code == 303:
        take()
        assert RefusedEvent.objects.count() == 0


@pytest.mark.parametrize(("body", "kind"), [
    (b"\xff\xfe", "application/x-www-form-urlencoded; charset=utf-16"),
    (b"a=1", "application/x-www-form-urlencoded; charset=nothing"),
    (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    (b"x", "multipart/form-data"),
    (b"{}", "application/json"),
    (b"&" * 5_000, "application/x-www-form-urlencoded"),
    (b"a=" + b"x" * 3_000_000, "application/x-www-form-urlencoded"),
    (b"page=%00&field_email=%ED%A0%80", "application/x-www-form-urlencoded"),
])  # fmt: skip
def test_nor_is_a_request_that_is_none(tables: Any, body: bytes, kind: str) -> None:
    form = make_form()
    assert visitor().generic("POST", f"/f/{form.public_id}", body, content_type=kind).status_code in {400, 413, 422}
    assert states() == []


def test_put_is_not_taken(tables: Any) -> None:
    form = make_form()
    assert visitor().put(f"/f/{form.public_id}").status_code == 405


def test_a_deleted_form_is_gone_and_what_was_sent_by_it_stays(people: dict[str, Any], marta: Any) -> None:
    form = make_form(name="Old fair")
    old_page = filled_in(form)
    send(form)
    take()
    assert signed_in(people["luca"]).post(f"/forms/{form.pk}/delete").status_code == 403
    assert marta.get(f"/forms/{form.pk}/delete").status_code == 405
    assert "Delete it now" in marta.get(f"/forms/{form.pk}").content.decode()
    assert marta.post(f"/forms/{form.pk}/delete")["Location"] == "/forms"
    assert audited("delete_form") == [("marta", f"form:{form.pk}")]
    table, _, deleted = marta.get("/forms").content.decode().partition("1 deleted form")
    assert (f"/forms/{form.pk}" in table, f"/forms/{form.pk}" in deleted) == (False, True)
    for address in ("", "/done", "/almost", "?embed=dark"):
        answer = visitor().get(f"/f/{form.public_id}{address}")
        assert (answer.status_code, "This form is gone" in answer.content.decode()) == (410, True), address
    assert visitor().get(f"/f/{form.public_id}.js").status_code == 410
    assert visitor().post(f"/f/{form.public_id}", old_page | {"field_email": "late@acme.example"}).status_code == 410
    assert (states(), list(leads())) == ([("taken", "")], ["nina@acme.example"])
    kept = marta.get(f"/forms/{form.pk}").content.decode()
    assert "Deleted on" in kept and "nina@acme.example" in kept and "Delete it now" not in kept
    assert marta.get(f"/forms/{form.pk}/submissions/{submissions()[0].pk}").status_code == 200


def test_it_rejects_a_change_of_what_is_deleted(marta: Any) -> None:
    from vaglio_server.forms.actions import update_form
    from vaglio_server.refused import Refused

    form = make_form()
    for said in ("is deleted. What was sent", "is deleted; make another one"):
        marta.post(f"/forms/{form.pk}/delete")
        assert said in marta.get("/forms").content.decode()
    assert edit(marta, form, name="Back again")["Location"] == f"/forms/{form.pk}"
    with pytest.raises(Refused, match="deleted"):
        update_form(form=form, draft=form.draft(""), can_mail=True, by="marta", at=AT)
    assert (form.name, len(audited("delete_form")), audited("update_form")) == ("Contact us", 1, [])
