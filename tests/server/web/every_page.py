"""Every page that can be opened by its address, in the made company, where each has something to show."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import empty_tables
from tests.server.forms.making import make_form
from tests.server.forms.making import send as send_form
from tests.server.web.people import signed_in
from tests.server.world import AT, make_account, make_contact, make_field, send

MODEL = (Path(__file__).parents[3] / "models/b2b_software.yaml").read_text(encoding="utf-8")
# What is no page of its own: fragments, files, and what only takes something.
NO_PAGES = {
    *(
        "lead-filter",
        "lead-count",
        "lead-bulk",
        "lead-bulk-undo",
        "lead-bulk-value",
        "lead-export",
        "view-save",
        "view-change",
        "view-remove",
        "lead-why",
        "lead-outlook",
        "lead-field",
    ),
    *("lead-timeline", "lead-merge", "lead-not-same", "lead-unmerge", "lead-part", "account-lists", "import-columns", "import-refused"),
    *(
        "form-preview",
        "submission-decide",
        "submissions-decide",
        "form-script",
        "page-script",
        "form-delete",
        "duplicate-search",
        "duplicate-stop",
    ),
    *("duplicate-bulk", "duplicate-bulk-undo", "duplicate-merge", "duplicate-dismiss", "duplicate-undo", "model-choose", "source-key"),
    *(
        "source-pages",
        "refused-replay",
        "refused-bulk",
        "refused-put-away",
        "refused-bring-back",
        "form-nowhere",
        "user-link",
        "user-block",
        "user-unblock",
        "user-second-factor",
        "team-create",
        "team-change",
    ),
    *("token-revoke", "suspicious-decide", "machine-decide", "machine-mark", "machine-people", "demo-sign-in"),
    *("import-undo", "import-discard", "model-count", "model-everybody", "model-try-activity", "model-try-lead"),
    *("model-compare-start", "model-compare-stop"),
    *("model-prove", "model-prove-stop", "model-keep", "model-sign", "model-unsign", "model-live"),
    *("model-discard", "model-restore", "model-remark"),
    *(
        "contact-field",
        "contact-timeline",
        "lead-do",
        "inbox-accept",
        "inbox-undo",
        "inbox-reject",
        "inbox-mails",
        "lead-menu",
        "lead-change",
        "lead-alike",
    ),
    *(
        "account-owner",
        "user-leads",
        "routing-move",
        "routing-remove",
        "routing-team",
        "routing-calendar-remove",
        "inbox-mails",
        *("demo-pass", "idle-mend", "inbox-opinion", "routing-mails"),
    ),
    *("conversion-undo", "opportunity-do", "pipeline-move", "pipeline-remove", "loss-reason-list"),
    "model-compare",  # there is something to compare once there are two versions
    "handed-figures",
    *("nurture-export", "webhook-do", "webhook-replay"),
    *("person-give-out", "person-erase", "person-let-in", "person-objects", "retention-set"),
    *("form-confirm", "invited", "welcome"),  # pages by a link that holds once; other tests open them
}
CLICK: dict[str, Any] = {"type": "track", "userId": "s1", "event": "Email Link Clicked", "properties": {"url": "https://x.example/"}}


def make_everything(leads: int) -> None:
    """Make the company, and something to show for the pages that would be empty."""
    from vaglio_server.config import company
    from vaglio_server.users.actions import create_token
    from vaglio_server.users.models import User

    empty_tables()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(company, "EVERY", timedelta(days=180))
        patch.setattr(company, "LATELY", (timedelta(days=3),))
        source = company.make_company(leads=leads, model=MODEL, now=datetime.now(UTC), said=lambda text: None)
    make_field("lead", "tier", "choice", ("Gold", "Silver"))
    make_sale(make_contact(city="Torino"))
    _on_a_list()
    users = {user.username: user for user in User.objects.all()}
    create_token(user=users["ada"], name="warehouse", scope="read", by="ada", at=AT)
    _told_of_everything()
    send_form(make_form(name="Contact us", slug="contact"))
    file = io.BytesIO(b"Email;First Name\nnew@file.example;Nora\nno address;Otto\n")
    file.name = "fair.csv"
    assert signed_in(users["marta"]).post("/imports", {"file": file}).status_code == 302
    suspect = {"email": "asdf@mailinator.com", "firstName": "asdf", "lastName": "qwer"}
    send(source, {"type": "track", "userId": "u1"}, {"type": "identify", "userId": "s1", "traits": suspect},
         CLICK | {"context": {"userAgent": "curl/8.5.0"}},
         *({"type": "identify", "userId": f"kim-{n}", "traits": {"firstName": "Kim", "lastName": n}} for n in ("One", "Two")),
         {"type": "alias", "userId": "kim-Two", "previousId": "kim-One"})  # fmt: skip


def _on_a_list() -> None:
    """Put the first to call on a list, and the company they work at."""
    from vaglio_server.crm.actions import add_list_member
    from vaglio_server.crm.models import Lead

    lead = Lead.objects.exclude(account=None).select_related("account").order_by("rank", "id")[0]
    for member in ({"lead": lead}, {"account": lead.account}):
        add_list_member(name="fair_visitors", **member, by="marta", at=AT)


def _told_of_everything() -> None:
    """Have another system told, of which some was taken and some not."""
    from vaglio_server.connectors.actions import NewEndpoint, make_endpoint, send_test
    from vaglio_server.connectors.models import WebhookDelivery

    told = NewEndpoint("Mail system", "https://hooks.example.com/vaglio", ("nurture.entered", "nurture.left"))
    endpoint, _secret = make_endpoint(told=told, by="ada", at=AT)
    for status, state in ((200, "delivered"), (500, "failed")):
        made = send_test(endpoint=endpoint, by="ada", at=AT)
        WebhookDelivery.objects.filter(pk=made.pk).update(
            state=state, status=status, attempts=1, next_at=None, tried_at=AT, took_ms=31, answer="thanks"
        )


def make_sale(contact: Any) -> None:
    """Make an opportunity at a pipeline's first stage, in which a contact has a say."""
    from vaglio_server.crm.actions import Told
    from vaglio_server.lifecycle.actions import open_opportunity

    told = Told({"name": "Suite", "amount": "1500", "currency": "EUR"}, {}, {"account": make_account(domain="suite.example")})
    open_opportunity(told=told, contact=contact, by="test", at=AT)


def every_page() -> dict[str, str]:
    """Return the address of each page by its name; asked before a browser starts, which allows no questions of the database beside it."""
    from django.urls import reverse

    from vaglio_server.web.urls import urlpatterns

    pages = {"second-factor": "/accounts/2fa/", "field-detail": "/fields/lead/tier", "lead-with-match": f"/leads/{_kim().pk}",
             "list-change": "/lists/change?list=fair_visitors", "list-empty": "/lists/empty?list=fair_visitors",
             "companies-on-list": "/companies?list=fair_visitors"}  # fmt: skip
    for pattern in urlpatterns:
        if pattern.name is not None and pattern.name not in NO_PAGES | pages.keys():
            asked = pattern.pattern.regex.groupindex
            pages[pattern.name] = reverse(pattern.name, kwargs={name: value for name, value in _arguments().items() if name in asked})
    return pages


def _kim() -> Any:
    from vaglio_server.crm.models import Lead

    return Lead.objects.get(fields__last_name="One")


def _arguments() -> dict[str, Any]:
    from vaglio_server.connectors.models import Endpoint
    from vaglio_server.crm.models import Contact, Lead, Opportunity, Pipeline
    from vaglio_server.forms.models import Submission
    from vaglio_server.imports.models import Import
    from vaglio_server.lifecycle.models import BusinessCalendar, RoutingRule
    from vaglio_server.scoring.models import ScoringModel
    from vaglio_server.tracking.models import RefusedEvent, Source
    from vaglio_server.users.models import User

    lead = Lead.objects.exclude(account=None).order_by("rank", "id")[0]
    submission = Submission.objects.select_related("form").get()
    return {
        "lead_id": lead.pk, "account_id": lead.account_id, "import_id": Import.objects.get().pk, "form_id": submission.form_id,
        "submission_id": submission.pk, "public_id": submission.form.public_id, "name": ScoringModel.objects.get().name,
        "source_id": Source.objects.order_by("id")[0].pk, "user_id": User.objects.get(username="luca").pk,
        "rule_id": RoutingRule.objects.order_by("id")[0].pk, "calendar_id": BusinessCalendar.objects.get().pk,
        "endpoint_id": Endpoint.objects.get().pk, "track": "hot_start",
        "opportunity_id": Opportunity.objects.get().pk, "pipeline_id": Pipeline.objects.get().pk,
        "contact_id": Contact.objects.get().pk, "refused_id": RefusedEvent.objects.order_by("id")[0].pk,
    }  # fmt: skip
