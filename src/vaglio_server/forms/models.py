"""Forms, the consent texts they had, and what visitors sent."""

import secrets
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vaglio_server.forms.logic.drafts import Draft, FormField, fields_of_kept
from vaglio_server.tracking.models import Source


def new_public_id() -> str:
    """Return 22 characters that nobody guesses."""
    return secrets.token_urlsafe(16)


class Form(models.Model):
    """A form that visitors fill in. ``slug``: what models call it; ``source``: whose events its submissions are.

    One that is deleted is kept for what was sent by it: it is in no list, and visitors are told that it is gone.
    """

    public_id = models.CharField(max_length=22, unique=True, default=new_public_id)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    created_at = models.DateTimeField()
    shown_count = models.BigIntegerField(default=0)
    name = models.TextField()
    slug = models.TextField()
    title = models.TextField()
    intro = models.TextField()
    fields = models.JSONField()
    button = models.TextField()
    thanks = models.TextField()
    redirect_to = models.TextField()
    is_double_opt_in = models.BooleanField()
    origins = models.JSONField()
    is_open = models.BooleanField()
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.TextField(blank=True, default="", db_default="")

    def __str__(self) -> str:
        return self.name

    @property
    def asked(self) -> tuple[FormField, ...]:
        """The questions."""
        return fields_of_kept(self.fields)

    def draft(self, consent: str) -> Draft:
        """Return what the form is made of, with the consent text it has now."""
        return Draft(
            self.name, self.slug, self.title, self.asked, self.button, self.thanks, self.intro, self.redirect_to,
            consent, self.is_double_opt_in, tuple(self.origins), self.is_open,
        )  # fmt: skip


class ConsentText(models.Model):
    """What visitors agree to: a text that never changes; another text is another version. An empty one asks for nothing."""

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="consent_texts")
    version = models.IntegerField()
    text = models.TextField()
    fingerprint = models.CharField(max_length=64)
    known_at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        """Versions are counted from 1."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["form", "version"], name="consent_version_once")]

    def __str__(self) -> str:
        return f"{self.form_id} v{self.version}"


class SubmissionState(models.TextChoices):
    """What became of a submission."""

    WAITING = "waiting", _("Waiting for confirmation")
    TAKEN = "taken", _("Taken")
    REFUSED = "refused", _("Refused")


class Reason(models.TextChoices):
    """Why a submission was not taken."""

    HONEYPOT = "honeypot", _("a field that only programs see was filled in")
    TOO_FAST = "too_fast", _("filled in faster than anybody types")
    TOO_MANY = "too_many", _("too many from one network, or of this form at once")
    TOO_MANY_MAILS = "too_many_mails", _("this address was asked to confirm several times already")


class Submission(models.Model):
    """What a visitor sent. ``fingerprint`` is of the page it was sent from and of the answers: sent twice, it counts once.

    ``agreed_to`` is the version of the consent text that was on that page (None: it asked for nothing), agreed to at ``received_at``;
    ``consent_fingerprint`` is of its words.
    """

    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="submissions")
    fingerprint = models.CharField(max_length=64)
    answers = models.JSONField()
    state = models.CharField(max_length=10, choices=SubmissionState)
    reason = models.CharField(max_length=20, choices=Reason, blank=True, default="")
    received_at = models.DateTimeField()
    agreed_to = models.ForeignKey(ConsentText, null=True, on_delete=models.PROTECT, related_name="+")
    consent_fingerprint = models.CharField(max_length=64, blank=True, default="")
    anonymous_id = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(blank=True, default="")

    class Meta:
        """Newest first is how they are read; workers look for those that wait."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["form", "fingerprint"], name="submission_once"),
            models.CheckConstraint(name="submission_state_is_one", condition=models.Q(state__in=SubmissionState.values)),
            models.CheckConstraint(name="refused_for_a_reason", condition=~models.Q(state="refused", reason="")),
        ]
        indexes: ClassVar = [
            models.Index(fields=["form", "state", "-id"], name="submission_of_form"),
            models.Index(fields=["received_at"], name="submission_waiting", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"submission {self.pk}"

    @property
    def may_come_again(self) -> bool:
        """Whether nothing spoke against it but that too many came at once."""
        return self.state == SubmissionState.REFUSED and self.reason == Reason.TOO_MANY

    @property
    def confirmed_at(self) -> datetime | None:
        """When whoever reads the address confirmed it by the link of a mail; None where they did not, or no mail asked them to."""
        return self.decided_at if self.state == SubmissionState.TAKEN and getattr(self, "mail", None) is not None else None

    @property
    def email(self) -> str:
        """The address that was given."""
        return str(self.answers.get("email", ""))


class ConfirmationMail(models.Model):
    """A mail that asks to confirm, written down with the submission and sent by a worker.

    ``here``: the address of its link, without the signature. ``next_at`` is None once there is nothing more to do.
    """

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="mail")
    email = models.TextField()
    here = models.TextField()
    created_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")

    class Meta:
        """Workers look for those to send; how many an address got is asked for each."""

        indexes: ClassVar = [
            models.Index(fields=["next_at"], name="mail_to_send", condition=models.Q(next_at__isnull=False)),
            models.Index(fields=["email", "created_at"], name="mail_of_address"),
        ]

    def __str__(self) -> str:
        return f"mail of submission {self.submission_id}"


class Knock(models.Model):
    """Somebody sent a form, from a network nobody can read back; forgotten after an hour."""

    form = models.ForeignKey(Form, on_delete=models.CASCADE, related_name="+", db_index=False)
    network = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        """Both are counted over the last minutes."""

        indexes: ClassVar = [
            models.Index(fields=["network", "at"], name="knock_network"),
            models.Index(fields=["form", "at"], name="knock_form"),
        ]

    def __str__(self) -> str:
        return f"{self.form_id} {self.at}"
