"""Forms, and visitors who fill them in."""

import re
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.server.world import AT, HOST

WHO = {"first_name": "Nina", "last_name": "Rossi", "email": "nina@acme.example", "company": "Acme", "job_title": "CTO", "employees": "90",
       "message": "A demo, please"}  # fmt: skip
CONSENT = "I agree that you write to me."


def make_form(**changes: Any) -> Any:
    """Make the form to contact us."""
    from vaglio_server.forms.actions import create_form
    from vaglio_server.forms.logic.starts import STARTS

    draft = replace(STARTS["contact"], **{"slug": "demo", "consent": CONSENT} | changes)
    return create_form(draft=draft, can_mail=True, by="test", at=AT)


def change(form: Any, **changes: Any) -> Any:
    from vaglio_server.forms.actions import update_form
    from vaglio_server.forms.queries import consent_now

    text = consent_now(form)
    assert text is not None
    return update_form(form=form, draft=replace(form.draft(text.text), **changes), can_mail=True, by="test", at=datetime.now(UTC))


def visitor(address: str = "192.0.2.7", **headers: str) -> Any:
    from django.test import Client

    return Client(headers=HOST | headers, REMOTE_ADDR=address)


def page_of(form: Any, ago: float = 30) -> str:
    """Return what a page opened some seconds ago holds."""
    from vaglio_server.forms.queries import consent_now
    from vaglio_server.web.public_forms import _PAGES

    text = consent_now(form)
    ms = int((datetime.now(UTC) - timedelta(seconds=ago)).timestamp() * 1000)
    return _PAGES.sign(f"{form.public_id}.{secrets.token_urlsafe(12)}.{text.pk if text else 0}.{ms}")


def filled_in(form: Any, ago: float = 30, **changes: str) -> dict[str, str]:
    """Return what a browser sends; a name with a field of that name changes an answer, others are sent as they are."""
    told = {f"field_{name}": value for name, value in WHO.items()} | {"page": page_of(form, ago), "agreed": "true", "url": ""}
    return told | {(f"field_{name}" if name in WHO else name): value for name, value in changes.items()}


def send(form: Any, client: Any = None, ago: float = 30, **changes: str) -> Any:
    return (client or visitor()).post(f"/f/{form.public_id}", filled_in(form, ago, **changes))


def submissions(**those: Any) -> list[Any]:
    from vaglio_server.forms.models import Submission

    return list(Submission.objects.filter(**those).order_by("id"))


def states() -> list[tuple[str, str]]:
    return [(each.state, each.reason) for each in submissions()]


def shown_page(answer: Any) -> str:
    """Return what an answer's page says of itself, to be sent with the answers."""
    found = re.search(r'name="page" value="([^"]+)"', answer.content.decode())
    assert found is not None
    return found[1]


def policy(answer: Any) -> dict[str, str]:
    """Return the security policy of an answer by its parts."""
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: value for name, _space, value in parts}
