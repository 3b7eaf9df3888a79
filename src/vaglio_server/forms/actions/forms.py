"""Making and changing forms; a changed consent text is a new version."""

import hashlib
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from vaglio_server.crm.queries import fields_of
from vaglio_server.forms.logic.drafts import Draft, Faults, faults_of
from vaglio_server.forms.models import ConsentText, Form
from vaglio_server.forms.queries import consent_now
from vaglio_server.refused import Refused
from vaglio_server.tracking.actions import create_source
from vaglio_server.tracking.models import Source
from vaglio_server.users.actions import audit

SOURCE = "Forms"
ONE_SOURCE = 730_431  # an advisory lock: whoever makes the first form makes the source
_PARTS = ("name", "slug", "title", "intro", "button", "thanks", "redirect_to", "is_double_opt_in", "is_open")


class BadForm(Refused):
    """A form cannot be so; ``faults`` has every reason by its place."""

    def __init__(self, faults: Faults) -> None:
        super().__init__("the form cannot be so: " + " ".join([*faults.parts.values(), *faults.fields.values()]))
        self.faults = faults


@transaction.atomic
def create_form(*, draft: Draft, can_mail: bool, by: str, at: datetime) -> Form:
    """Make a form.

    Raises
    ------
    BadForm
        Something of it cannot be.
    """
    _check(draft, can_mail)
    form = Form(source=_source(by, at), created_at=at)
    _write(form, draft)
    _keep_consent(form, draft.consent, by, at)
    audit(by=by, verb="create_form", subject=f"form:{form.pk}", at=at, name=draft.name)
    return form


@transaction.atomic
def update_form(*, form: Form, draft: Draft, can_mail: bool, by: str, at: datetime) -> Form:
    """Change a form; what was sent before stays as it was, with the consent text it was sent under.

    Raises
    ------
    BadForm
        Something of it cannot be.
    Refused
        It is deleted.
    """
    _check(draft, can_mail)
    held = _held(form)
    _write(held, draft)
    version = _keep_consent(held, draft.consent, by, at)
    audit(by=by, verb="update_form", subject=f"form:{form.pk}", at=at, name=draft.name, consent_version=version)
    return held


@transaction.atomic
def delete_form(*, form: Form, by: str, at: datetime) -> Form:
    """Delete a form: it takes nothing more and is in no list. What was sent by it stays, with the consent texts, as do the leads.

    Raises
    ------
    Refused
        It is deleted already.
    """
    held = _held(form)
    held.deleted_at, held.deleted_by, held.is_open = at, by, False
    held.save(update_fields=["deleted_at", "deleted_by", "is_open"])
    audit(by=by, verb="delete_form", subject=f"form:{held.pk}", at=at, name=held.name)
    return held


def _held(form: Form) -> Form:
    held = Form.objects.select_for_update().get(pk=form.pk)
    if held.deleted_at is not None:
        raise Refused(_("the form {name} is deleted; make another one").format(name=held.name))
    return held


def count_view(*, form: Form) -> None:
    """Count that a form was shown, without a word of to whom."""
    Form.objects.filter(pk=form.pk).update(shown_count=F("shown_count") + 1)


def _check(draft: Draft, can_mail: bool) -> None:
    faults = faults_of(draft, fields_of("lead"), can_mail=can_mail)
    if faults:
        raise BadForm(faults)


def _source(by: str, at: datetime) -> Source:
    """Return the source of all forms."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_SOURCE])
    return Source.objects.filter(name=SOURCE).order_by("id").first() or create_source(name=SOURCE, by=by, at=at)


def _write(form: Form, draft: Draft) -> None:
    for part in _PARTS:
        setattr(form, part, getattr(draft, part))
    form.fields, form.origins = draft.kept_fields(), list(draft.origins)
    form.save(force_insert=form.pk is None, update_fields=None if form.pk is None else [*_PARTS, "fields", "origins"])


def _keep_consent(form: Form, text: str, by: str, at: datetime) -> int:
    """Keep a consent text as a new version unless it is what visitors agree to already; return the version."""
    now = consent_now(form)
    if now is not None and now.text == text:
        return now.version
    digest = hashlib.sha256(text.encode()).hexdigest()
    version = (now.version if now is not None else 0) + 1
    ConsentText.objects.create(form=form, version=version, text=text, fingerprint=digest, known_at=at, by=by)
    return version
