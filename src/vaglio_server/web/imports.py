"""Bringing in files: upload, which column is what, what that would do, how far it is, and what could not be taken."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vaglio_server.imports.actions import keep_file, map_columns, start_import
from vaglio_server.imports.logic.headings import EXTERNAL_ID, own_name
from vaglio_server.imports.logic.sheets import BadFile
from vaglio_server.imports.models import Import, ImportState
from vaglio_server.imports.queries import Preview, choices, imports, preview, refused_rows
from vaglio_server.refused import Refused
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.files import csv_file
from vaglio_server.web.undoing import taken_back
from vaglio_server.web.words import SYSTEMS, plain

SHOWN = 50


@allowed(*MARKETERS)
def import_list(request: Signed) -> HttpResponse:
    """Show what was brought in, and take another file."""
    if request.method != "POST":
        return render(request, "imports/import_list.html", {"imports": imports()[:SHOWN]})
    file = request.FILES.get("file")
    if file is None or file.file is None:
        messages.error(request, _("Choose a file first."))
        return redirect("import-list")
    try:
        made = keep_file(file=file.file, file_name=str(file.name), user=request.user, at=datetime.now(UTC))
    except BadFile as error:
        messages.error(request, f"{file.name}: {error}")
        return redirect("import-list")
    return redirect("import-detail", made.pk)


@allowed(*MARKETERS)
def import_detail(request: Signed, import_id: int) -> HttpResponse:
    """Show an import: before it runs its columns and what they would do, then how far it is and what came of it."""
    each = get_object_or_404(imports(), pk=import_id)
    found: dict[str, Any] = {"each": each, "system": SYSTEMS.get(each.system, "")}
    if each.state == ImportState.READY:
        shown = preview(each)
        titles = {name: _("Id in the other system") if name == EXTERNAL_ID else _(title) for name, title in choices()}
        found |= {"preview": shown, "columns": _columns(shown, titles), "fields": _fields(shown, titles)}
        return render(request, "imports/import_ready.html", found)
    found |= {"percent": 100 * each.rows_read // max(1, each.rows), "is_running": each.state == ImportState.RUNNING, **taken_back(each)}
    return render(request, "imports/_import_result.html" if request.headers.get("HX-Request") else "imports/import_result.html", found)


def _columns(shown: Preview, titles: dict[str, str]) -> list[dict[str, Any]]:
    """Return each column with what it can be: a field that is there, one of its own, or nothing."""
    found = []
    for column in shown.columns:
        own = column.field if column.field and column.field not in titles else own_name(column.heading)
        extra = [(own, _("new field: {name}").format(name=plain(own)))] if own and own not in titles else []
        found.append({"column": column, "choices": [*extra, *titles.items()]})
    return found


def _fields(shown: Preview, titles: dict[str, str]) -> list[tuple[str, str]]:
    """Return the fields that some of the people shown have a value for, with what they are called."""
    found = [column.field for column in shown.columns if column.field and any(column.field in each.values for each in shown.people)]
    return [(field, titles.get(field) or plain(field)) for field in found[:8]]


@allowed(*MARKETERS)
@require_POST
def import_columns(request: Signed, import_id: int) -> HttpResponse:
    """Say which column is what, and look at it again, or start."""
    each = get_object_or_404(Import, pk=import_id)
    chosen = [request.POST.get(f"column{place}") or None for place in range(len(each.heading))]
    now, by = datetime.now(UTC), request.user.username
    try:
        map_columns(each=each, columns=chosen, by=by, at=now)
        if "start" in request.POST:
            start_import(each=each, by=by, at=now)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("import-detail", each.pk)


@allowed(*MARKETERS)
def import_refused(request: Signed, import_id: int) -> StreamingHttpResponse:
    """Give the rows that could not be taken as CSV, to be mended and brought in again: as they were, with the line and the reason."""
    each = get_object_or_404(Import, pk=import_id)
    rows = ([*row.cells, str(row.line), row.reason] for row in refused_rows(each))
    return csv_file(f"refused-{each.pk}", [*each.heading, "Vaglio: line", "Vaglio: reason"], rows)
