"""Everything that is stored of a person, table by table, as a person may have it in their hands."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Model, QuerySet

from vaglio_server.crm.models import Contact, Lead, LeadOrder, LeadWords
from vaglio_server.duplicates.models import Pair
from vaglio_server.forms.models import Submission
from vaglio_server.imports.actions.erasing import rows_naming
from vaglio_server.imports.queries.erased import is_of_row
from vaglio_server.privacy.queries.explained import explanations
from vaglio_server.privacy.queries.people import Person, submissions_of
from vaglio_server.tracking.logic.blanking import Sent
from vaglio_server.tracking.models import Delivery, Identity, Match, Merge, SaidAlike
from vaglio_server.tracking.queries import all_calls_of
from vaglio_server.users.models import AuditEntry

Rows = list[dict[str, Any]]
# What only repeats the rest for a search, or says of others that they may be the same; a merge with somebody else that was undone, too.
LEFT_OUT: tuple[type[Model], ...] = (LeadOrder, LeadWords, Match, Pair, SaidAlike)


def told_of(person: Person, now: datetime) -> dict[str, Rows]:
    """Return everything that is stored of a person, by the name of its table: their records and what hangs on them, to the last row.

    Found by following who refers to whom, so that no table is forgotten; ``requests`` are their calls as they came,
    ``explanations`` why they are rated as they are ``now``.
    """
    found = {model: rows for model, rows in hanging_on(person).items() if model not in LEFT_OUT}
    found[Merge] = set(Merge.objects.filter(lead__in=person.leads, other__in=person.leads).values_list("pk", flat=True))
    told = {_name(model): _rows(model, rows) for model, rows in found.items()}
    told["requests"] = _requests(person)
    told["rows_of_files"] = _rows_of_files(person)
    told["explanations"] = explanations(person, now)
    told["trail"] = [_row(each) for each in trail_of(person).order_by("id")]
    return {name: rows for name, rows in sorted(told.items()) if rows}


def hanging_on(person: Person) -> dict[type[Model], set[Any]]:
    """Return the rows of every table that are a person's, or refer to one that is, however far."""
    found: dict[type[Model], set[Any]] = {
        Lead: set(person.leads), Contact: set(person.contacts), Identity: set(person.identities),
        Submission: set(submissions_of(person).values_list("pk", flat=True)),
    }  # fmt: skip
    new = {model: set(rows) for model, rows in found.items()}
    while any(new.values()):
        new = _referring(new, found)
        for model, rows in new.items():
            found.setdefault(model, set()).update(rows)
    return found


def _referring(new: dict[type[Model], set[Any]], found: dict[type[Model], set[Any]]) -> dict[type[Model], set[Any]]:
    """Return the rows that refer to some, without those that were found before; those of other people are not theirs."""
    more: dict[type[Model], set[Any]] = {}
    for model in apps.get_models():
        if model in (Lead, Contact, Identity):
            continue
        for field in model._meta.fields:
            referred = new.get(field.remote_field.model, set()) if isinstance(field, models.ForeignKey) else set()
            if referred:
                rows = set(model._default_manager.filter(**{f"{field.name}__in": referred}).values_list("pk", flat=True))
                more.setdefault(model, set()).update(rows - found.get(model, set()))
    return more


def trail_of(person: Person) -> "QuerySet[AuditEntry]":
    """Return the entries of the trail that are about somebody."""
    mine = [f"lead:{lead}" for lead in person.leads] + [f"contact:{contact}" for contact in person.contacts]
    return AuditEntry.objects.filter(subject__in=mine)


def _requests(person: Person) -> Rows:
    places = all_calls_of(person.keys).places
    rows = []
    for each in Delivery.objects.filter(pk__in=places).select_related("source").order_by("pk").iterator(chunk_size=100):
        said = {"received_at": each.received_at, "source": each.source.name, "kind": each.kind}
        sent = Sent(bytes(each.body), each.kind)
        rows += [said | {"call": sent.call(place)} for place in sorted(places[each.pk])]
    return rows


def _rows_of_files(person: Person) -> Rows:
    found = [row for row in rows_naming(person.naming) if is_of_row(row.of, row.cells, person.keys)]
    return [{"file": row.of.file_name, "line": row.line, "reason": row.reason, "cells": row.cells} for row in found]


def _name(model: type[Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def _rows(model: type[Model], numbers: Collection[Any]) -> Rows:
    return [_row(each) for each in model._default_manager.filter(pk__in=numbers).order_by("pk")]


def _row(each: Model) -> dict[str, Any]:
    """Return a row by its columns, without what the database works out for its searches."""
    return {
        field.attname: field.value_from_object(each)
        for field in each._meta.concrete_fields
        if not isinstance(field, models.GeneratedField | models.BinaryField)
    }


def cells(rows: Collection[dict[str, Any]]) -> Iterator[list[Any]]:
    """Return rows as those of a sheet, the first of them what their columns are called."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    yield names
    for row in rows:
        yield [value.isoformat() if isinstance(value := row.get(name), datetime) else value for name in names]
