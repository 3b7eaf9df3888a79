"""Every address says who may use it, and keeps to it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.web.people import signed_in
from tests.server.world import HOST, leads

# Open on purpose, each with the reason.
OPEN = {
    "welcome": "a link that only the terminal has shown decides, and only before there is a user",
    "invited": "a signed link that an administrator gave decides, once",
    "intake": "the write key decides",
    "source_config": "the write key decides",
    "no_address": "says only that there is no such address",
    "alive": "says only that the process lives",
    "ready": "says only whether the database answers",
    "demo_sign_in": "answers 404 on any server but the demo",
    "form_page": "visitors fill it in; its address is not guessed, and it gives nothing away",
    "form_done": "says thank you",
    "form_almost": "says that a mail is on its way",
    "form_confirm": "the signature in the link decides",
    "form_nowhere": "says that there is no form",
    "form_script": "puts a public form into a site; the same for everybody",
    "page_script": "the same for everybody",
}
# For whom pages are that are not for administrators and marketing: whoever opens one to others says so here.
ALL, KEEPERS, ANSWERERS = "administrator marketing read_only sales", "administrator marketing sales", "administrator sales"
OTHERS = {
    ALL: """account-detail account-list activity-list contact-detail contact-field contact-list contact-timeline demo-mails demo-pass home
        idle-list inbox lead-count lead-detail lead-export lead-field lead-filter lead-list lead-outlook lead-timeline lead-why list-list
        model-compare model-detail model-evidence model-learn model-list model-sign model-try model-try-activity model-try-lead
        model-unsign opportunity-detail opportunity-list priority token-list token-revoke view-change view-remove view-save""",
    KEEPERS: """account-edit account-lists account-new idle-mend lead-alike lead-bulk lead-bulk-undo lead-bulk-value lead-change lead-do
        lead-menu lead-merge lead-new lead-not-same lead-part lead-unmerge model-remark opportunity-do opportunity-new""",
    "administrator marketing read_only": "handed-figures handed-list nurture-detail nurture-export nurture-list",
    ANSWERERS: "conversion-undo inbox-accept inbox-reject inbox-undo lead-convert",
    "sales": "inbox-mails inbox-opinion",
    "administrator": """audit-list person person-erase person-give-out person-let-in person-objects retention retention-set setting-list
        team-change team-create user-block user-detail user-leads user-link user-list user-second-factor user-unblock webhook-detail
        webhook-do webhook-list webhook-replay""",
}
SIGNING_IN = ("allauth.account.", "allauth.mfa.")  # who signs in is not yet anybody; the rest of them ask for a sign-in themselves


def addresses(patterns: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from addresses(pattern.url_patterns, here)
        else:
            yield here, pattern.callback


def every_address() -> list[tuple[str, Any]]:
    from django.urls import get_resolver

    return list(addresses(get_resolver().url_patterns))


def test_every_address_has_an_access_rule() -> None:
    found = every_address()
    assert len(found) > 30
    without = []
    for address, view in found:
        module = getattr(getattr(view, "view_class", getattr(view, "func", view)), "__module__", "")
        if hasattr(view, "access") or getattr(view, "__name__", "") in OPEN or module.startswith(SIGNING_IN) or module.startswith("ninja."):
            continue
        without.append(address)
    assert without == []


def test_each_page_is_for_whom_it_is_said_to_be() -> None:
    from django.urls import get_resolver

    def named(patterns: Any) -> Iterator[tuple[str, Any]]:
        for each in patterns:
            yield from named(each.url_patterns) if hasattr(each, "url_patterns") else [(each.name, each.callback)]

    said = {name: roles for roles, names in OTHERS.items() for name in names.split()}
    found = {name: " ".join(sorted(view.access)) for name, view in named(get_resolver().url_patterns) if name and hasattr(view, "access")}
    assert found == {name: said.get(name, "administrator marketing") for name in found} and said.keys() <= found.keys()


def test_every_route_of_the_api_asks_for_a_token() -> None:
    from vaglio_server.api.api import api

    for _prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                assert operation.auth_callbacks or api.auth, path


PAGES = ("/", "/leads", "/leads/{lead}", "/leads/{lead}/why", "/leads/{lead}/timeline", "/models", "/models/small",
         "/accounts/password/change/", "/accounts/2fa/", "/accounts/2fa/totp/activate/")  # fmt: skip


def test_nobody_sees_a_page_without_signing_in(company: Any) -> None:
    from django.test import Client

    lead = leads()["anna@acme.example"].pk
    for page in PAGES:
        answer = Client(headers=HOST).get(page.format(lead=lead))
        assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"), page


@pytest.mark.parametrize("name", ["ada", "marta", "luca", "vera"])
def test_every_role_sees_the_pages(company: dict[str, Any], name: str) -> None:
    client = signed_in(company[name])
    lead = leads()["anna@acme.example"].pk
    for page in PAGES[:7]:
        answer = client.get(page.format(lead=lead), follow=True)
        assert answer.status_code == 200, page


def test_sellers_see_their_own_leads_and_their_teams(company: dict[str, Any]) -> None:
    anna, bruno = (leads()[f"{name}@acme.example"].pk for name in ("anna", "bruno"))
    for name, sees in (("luca", {anna}), ("irina", {anna}), ("jonas", {bruno}), ("marta", {anna, bruno})):
        client = signed_in(company[name])
        for lead in (anna, bruno):
            for part in ("", "/why", "/timeline"):
                assert client.get(f"/leads/{lead}{part}").status_code == (200 if lead in sees else 404), (name, lead, part)
        shown = client.get("/leads").content.decode()
        assert {lead for lead in (anna, bruno) if f'"/leads/{lead}"' in shown} == sees


def test_a_user_without_a_known_role_is_kept_out(company: dict[str, Any]) -> None:
    from vaglio_server.users.models import User

    User.objects.filter(username="vera").update(role="visitor")
    assert signed_in(User.objects.get(username="vera")).get("/leads").status_code == 403


def test_whom_a_page_is_not_for_is_told_for_whom_it_is_and_whom_to_ask(company: dict[str, Any]) -> None:
    page = signed_in(company["luca"]).get("/imports").content.decode()
    assert "This is for the roles Administrator and Marketing; yours is Sales. Ask ada or marta." in page and '<a href="/">Home</a>' in page
    page = signed_in(company["marta"]).get("/webhooks").content.decode()
    assert "This is for the role Administrator; yours is Marketing. Ask ada." in page


def test_one_click_sign_in_is_for_the_demo_only(company: dict[str, Any], settings: Any = None) -> None:
    from django.test import Client, override_settings

    client = Client(headers=HOST)
    assert client.post("/demo/sign-in", {"user": "ada"}).status_code == 404
    with override_settings(DEMO=True):
        assert client.get("/demo/sign-in").status_code == 405
        assert client.post("/demo/sign-in", {"user": "nobody"}).status_code == 404
        assert client.post("/demo/sign-in", {"user": "ada"})["Location"] == "/"
        assert client.get("/").status_code == 200
