"""Fields that people define."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class FieldKind(models.TextChoices):
    """What values a field takes."""

    STRING = "string", _("Text")
    INTEGER = "integer", _("Whole number")
    NUMBER = "number", _("Number")
    BOOLEAN = "boolean", _("Yes or no")
    DATE = "date", _("Day")
    CHOICE = "choice", _("Choice")


class Subject(models.TextChoices):
    """What has fields."""

    LEAD = "lead", _("Lead")
    CONTACT = "contact", _("Contact")
    ACCOUNT = "account", _("Account")
    OPPORTUNITY = "opportunity", _("Opportunity")


class FieldDefinition(models.Model):
    """A field that somebody defined, beside those that ship with Vaglio. Its name and kind stay: history was written by them."""

    subject = models.CharField(max_length=20, choices=Subject)
    name = models.TextField()
    label = models.TextField()
    kind = models.CharField(max_length=10, choices=FieldKind)
    choices = ArrayField(models.TextField(), default=list)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        """A name is of one field; a field with choices has some."""

        constraints: ClassVar = [
            models.UniqueConstraint(name="field_once", fields=["subject", "name"]),
            models.CheckConstraint(name="choices_of_choice", condition=Q(kind="choice") ^ Q(choices=[])),
            models.CheckConstraint(name="field_of_subject", condition=Q(subject__in=Subject.values)),
        ]

    def __str__(self) -> str:
        return f"{self.subject}.{self.name}"
