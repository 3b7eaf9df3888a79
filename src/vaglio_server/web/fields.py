"""Fields: those every record has, and those people define."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vaglio_server.crm.actions import FaultyValues, NewField, change_field, define_field, retire_field
from vaglio_server.crm.logic.standard import SUBJECTS, columns, shipped
from vaglio_server.crm.models import FieldDefinition, FieldKind, Subject
from vaglio_server.crm.queries import Held, values_held
from vaglio_server.imports.logic.headings import own_name
from vaglio_server.refused import Refused
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.words import count

# What no person defines, beside the kinds that they can choose.
KINDS = {
    **dict(FieldKind.choices),
    "amount": gettext_lazy("Amount"),
    "domain": gettext_lazy("Domain"),
    "country": gettext_lazy("Country"),
    "text": FieldKind.STRING.label,
}


@dataclass(frozen=True)
class Shown:
    """A field as the list has it; ``held``: how many records hold a value, in words."""

    name: str
    label: str
    kind: str
    choices: list[str]
    held: str
    is_retired: bool = False


@allowed(*MARKETERS)
def field_list(request: Signed) -> HttpResponse:
    """Show the fields of one kind of record, and define another."""
    subject = request.GET.get("of", "")
    subject = subject if subject in SUBJECTS else SUBJECTS[0]
    given: dict[str, str] = {}
    faults: tuple[str, ...] = ()
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in ("label", "name", "kind", "choices")}
        try:
            made = define_field(field=_wanted(subject, given), by=request.user.username, at=datetime.now(UTC))
            messages.info(
                request, _("{label} is there. Forms, files and models can use it as {name}.").format(label=made.label, name=made.name)
            )
            return redirect("field-detail", subject, made.name)
        except FaultyValues as refused:
            faults = refused.faults
        except Refused as refused:
            faults = (str(refused),)
    held = values_held(subject)
    found = {
        "subject": subject,
        "subjects": Subject.choices,
        "own": _own(subject, held),
        "shipped": _shipped(subject, held),
        "held": held,
        "now": datetime.now(UTC),
        "kinds": FieldKind.choices,
        "given": given,
        "faults": faults,
    }
    return render(request, "fields/field_list.html", found)


def _wanted(subject: str, given: dict[str, str]) -> NewField:
    """Return the field somebody wants; without a name it is called as its label is spelled in models."""
    return NewField(
        subject, given["name"].strip() or own_name(given["label"]) or "", given["label"], given["kind"], _lines(given["choices"])
    )


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _own(subject: str, held: Held) -> list[Shown]:
    ordered = sorted(FieldDefinition.objects.filter(subject=subject), key=lambda field: (field.retired_at is not None, field.label.lower()))
    return [
        Shown(each.name, each.label, each.get_kind_display(), each.choices, _held(held, each.name), each.retired_at is not None)
        for each in ordered
    ]


def _shipped(subject: str, held: Held) -> list[Shown]:
    own = [Shown(each.name, _(each.label), str(KINDS[each.kind]), [], "") for each in columns(subject).values()]
    ships = shipped(subject).values()
    return own + [Shown(each.name, _(each.label), str(KINDS[each.kind]), [], _held(held, each.name)) for each in ships]


def _held(held: Held, name: str) -> str:
    number = held.counts.get(name, 0)
    return _("about {n}").format(n=count(_rounded(number))) if held.is_estimate else count(number)


def _rounded(number: int) -> int:
    """Return an estimate without digits it does not know."""
    return int(float(f"{number:.2g}"))


@allowed(*MARKETERS)
def field_detail(request: Signed, subject: str, name: str) -> HttpResponse:
    """Show a field that somebody defined; call it otherwise, give it more choices, take it out of use, bring it back."""
    field = get_object_or_404(FieldDefinition, subject=subject.replace("\x00", ""), name=name.replace("\x00", ""))
    if request.method == "POST":
        try:
            messages.info(request, _change(request, field))
        except Refused as refused:
            messages.error(request, str(refused))
        return redirect("field-detail", subject, name)
    held = values_held(field.subject)
    return render(request, "fields/field_detail.html", {"field": field, "held": _held(held, field.name), "now": datetime.now(UTC)})


def _change(request: Signed, field: FieldDefinition) -> str:
    by, now = request.user.username, datetime.now(UTC)
    if "retire" in request.POST:
        retire_field(field=field, by=by, at=now)
        return _("Nobody writes to it any more. What it held stays.")
    if "restore" in request.POST:
        define_field(field=NewField(field.subject, field.name, field.label, field.kind, field.choices), by=by, at=now)
        return _("It is in use again.")
    change_field(field=field, label=request.POST.get("label", ""), choices=_lines(request.POST.get("choices", "")), by=by, at=now)
    return _("Saved.")
