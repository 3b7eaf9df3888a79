"""Field mapping: which field of a lead becomes which of its contact, company and opportunity."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from vaglio_server.crm.actions import FaultyValues
from vaglio_server.crm.logic.fields import Definition
from vaglio_server.crm.logic.standard import SUBJECTS
from vaglio_server.crm.queries import fields_of_each
from vaglio_server.lifecycle.actions import set_mapping
from vaglio_server.lifecycle.logic.mapping import RECORDS, Mapped, mapping_of, targets
from vaglio_server.lifecycle.models import ConversionMapping
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.writers import writers


@dataclass(frozen=True)
class Cell:
    """Where a field of the lead goes in one kind of record: the field chosen, and whether it is written over."""

    record: str
    name: str
    chosen: str
    over: bool


@dataclass(frozen=True)
class Row:
    """A field of the lead, and where it goes."""

    field: Definition
    cells: list[Cell]


@allowed(*MARKETERS)
def mapping_page(request: Signed) -> HttpResponse:
    """Show the mapping, and change it."""
    definitions = fields_of_each(*SUBJECTS)
    faults: tuple[str, ...] = ()
    kept = ConversionMapping.objects.order_by("-pk").first()
    mapping = mapping_of(kept.rows if kept else None, definitions)
    if request.method == "POST":
        mapping = _sent(request, definitions["lead"])
        try:
            set_mapping(mapping=mapping, by=request.user.username, at=datetime.now(UTC))
            messages.success(request, _("Conversions from now on write it so."))
            return redirect("mapping")
        except FaultyValues as refused:
            faults = refused.faults
    may = targets(definitions)
    context = {
        "rows": [_row(each, mapping) for each in definitions["lead"].values() if not each.is_retired],
        "targets": {record: sorted(may[record].values(), key=lambda each: each.label.lower()) for record in RECORDS},
        "faults": faults,
        "kept": kept,
        "by": writers([kept.by])[kept.by].name if kept else None,
    }
    return render(request, "leads/mapping.html", context, status=422 if faults else 200)


def _row(field: Definition, mapping: tuple[Mapped, ...]) -> Row:
    goes = {each.record: each for each in mapping if each.source == field.name}
    return Row(field, [_cell(field.name, record, goes.get(record)) for record in RECORDS])


def _cell(source: str, record: str, goes: Mapped | None) -> Cell:
    return Cell(record, f"{source}.{record}", goes.target if goes else "", goes.overwrites if goes else False)


def _sent(request: Signed, sources: dict[str, Definition]) -> tuple[Mapped, ...]:
    """Return the mapping that the form sent."""
    return tuple(
        Mapped(source, record, target, f"over.{source}.{record}" in request.POST)
        for source in sources
        for record in RECORDS
        if (target := request.POST.get(f"{source}.{record}", ""))
    )
