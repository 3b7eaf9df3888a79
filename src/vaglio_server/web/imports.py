"""Bringing in files: upload, which column is what, what that would do, how far it is, and what could not be taken."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from vaglio_server.crm.models import FieldKind
from vaglio_server.imports.actions import (
    discard_import,
    keep_file,
    map_columns,
    say_countries,
    say_holds,
    say_known,
    say_list,
    say_orders,
    say_owners,
    start_import,
)
from vaglio_server.imports.logic.days import BY_HAND, BY_USE, BY_VALUES
from vaglio_server.imports.logic.fact_headings import CURRENCY, LOST_AT, OUTCOME, REASON, VALUE, WON_AT
from vaglio_server.imports.logic.headings import ACTIVITY_ID, ACTIVITY_TYPE, EXTERNAL_ID, LIST, OCCURRED_AT, OURS, OWNER, own_name
from vaglio_server.imports.logic.sheets import BadFile
from vaglio_server.imports.models import GUESSED, Holds, Import, ImportState
from vaglio_server.imports.queries import Preview, choices, imports, preview, refused_rows
from vaglio_server.imports.queries.rows import SUBJECT_OF, fields_in
from vaglio_server.refused import Refused
from vaglio_server.users.models import MARKETERS
from vaglio_server.views.queries import lists_in_use
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.audience import unrated_by
from vaglio_server.web.files import csv_file, xlsx_file
from vaglio_server.web.import_result import again, what_came
from vaglio_server.web.import_rows import first_rows, heads_of
from vaglio_server.web.import_words import WORDS, came_of, lost_of
from vaglio_server.web.undoing import taken_back
from vaglio_server.web.words import SYSTEMS, plain

SHOWN = 50
DRAFT = "import-draft-"  # of a session: columns, and kinds of new fields, as somebody chose them and something was refused
LISTED = (Holds.COMPANIES, Holds.MEMBERS)  # rows that are put on lists
SKIPPED = (Holds.LEADS, Holds.CONTACTS)  # rows of people who can be skipped where they are known already


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
    found: dict[str, Any] = {"each": each, "system": SYSTEMS.get(each.system, ""), "words": WORDS[each.holds], "came_of": came_of(each)}
    if each.state == ImportState.READY:
        _as_chosen(each, request.session.get(f"{DRAFT}{each.pk}"))
        shown = preview(each)
        titles = {name: str(_OWN_TITLES[name]) if not title else _(title) for name, title in choices(each)}
        columns = _columns(each, shown, titles)
        found |= {
            "preview": shown,
            "fit": each.rows - (shown.refused if shown.looked_at >= each.rows else 0),
            "columns": columns,
            "heads": heads_of(columns),
            "first": first_rows(each, shown),
            **again(shown.again, len(shown.again)),
            "kinds": Holds.choices,
            "orders": _orders(each),
            "has_list": each.holds in LISTED,
            "says_owners": each.holds == Holds.LEADS and OWNER in each.columns,
            "lists": lists_in_use(),
            "unrated": unrated_by({name for name in each.columns if name}) if each.holds == Holds.LEADS and shown.new else None,
        }
        return render(request, "imports/import_ready.html", found)
    may_list = each.holds == Holds.LEADS and each.state == ImportState.DONE and each.rows_new + each.rows_known > 0
    found |= {"percent": 100 * each.rows_read // max(1, each.rows), "is_running": each.state == ImportState.RUNNING,
              "strangers": _unknown(each.strangers), "unknown_countries": _unknown(each.unknown_countries),
              "may_list": may_list, "lists": lists_in_use() if may_list else [], **taken_back(each), **what_came(each)}  # fmt: skip
    return render(request, "imports/_import_result.html" if request.headers.get("HX-Request") else "imports/import_result.html", found)


def _as_chosen(each: Import, draft: dict[str, Any] | None) -> None:
    """Let a file look as somebody chose it; kinds that its columns cannot be of are left."""
    if draft is not None:
        each.columns = draft["columns"]
        kinds = {place: kind for place, kind in draft["kinds"].items() if kind in dict(_kinds(each, int(place)))}
        each.kinds |= {place: each.kinds[place] | {"kind": kind} for place, kind in kinds.items()}


def _unknown(noted: dict[str, list[int]]) -> list[dict[str, Any]]:
    """Return what rows call owners or countries and nothing here is called, with how many rows; the most named first."""
    found = [{"name": name, "rows": rows, "is_shared": bool(is_shared)} for name, (rows, is_shared) in noted.items()]
    return sorted(found, key=lambda its: (not its["name"], -its["rows"], its["name"]))


# What columns can be that are no fields.
_OWN_TITLES = {
    EXTERNAL_ID: gettext_lazy("Id in the other system"),
    "email": gettext_lazy("Email"),
    ACTIVITY_TYPE: gettext_lazy("What was done"),
    OCCURRED_AT: gettext_lazy("When"),
    ACTIVITY_ID: gettext_lazy("Id of the activity"),
    "name": gettext_lazy("Name"),
    "domain": gettext_lazy("Domain"),
    LIST: gettext_lazy("List it is put on"),
    OWNER: gettext_lazy("Owner, by name or mail address"),
    OUTCOME: gettext_lazy("What became of them"),
    WON_AT: gettext_lazy("When it was won"),
    LOST_AT: gettext_lazy("When it was lost"),
    VALUE: gettext_lazy("Amount"),
    CURRENCY: gettext_lazy("Currency"),
    REASON: gettext_lazy("Reason"),
}


def _orders(each: Import) -> list[dict[str, Any]]:
    """Return the columns with days such as 03/04/2026 that are read as days, with how they are read and why."""
    fields = fields_in(each) if each.holds in SUBJECT_OF else {}
    whys = {
        BY_VALUES: _("its values tell: some can be read one way only"),
        BY_USE: _("its values do not tell; the day is first in Europe"),
        BY_HAND: _("you said so"),
    }
    columns = [(int(place), each.columns[int(place)], found) for place, found in each.orders.items()]
    rows = [(place, found) for place, name, found in columns if name is not None and (name not in fields or fields[name].kind == "date")]
    return [
        {"place": place, "heading": each.heading[place], "order": found["order"],
         "why": _("some values can be read one way only, some the other; those that do not fit are refused") if found.get("is_mixed")
         else whys[found["by"]]}
        for place, found in rows
    ]  # fmt: skip


def _columns(each: Import, shown: Preview, titles: dict[str, str]) -> list[dict[str, Any]]:
    """Return each column with what it can be: a field that is there, a new one and what that holds, or nothing."""
    found, fields = [], fields_in(each) if each.holds in SUBJECT_OF else {}
    for column in shown.columns:
        own = column.field if column.field and column.field not in titles else own_name(column.heading)
        new = _("a property: {name}") if each.holds == Holds.ACTIVITIES else _("new field: {name}")
        own = own if each.holds == Holds.ACTIVITIES or each.holds in SUBJECT_OF else ""
        is_new = bool(own) and own not in titles
        found.append({"column": column, "choices": [*([(own, new.format(name=plain(own)))] if is_new else []), *titles.items()],
                      "kinds": _kinds(each, column.place) if is_new and each.holds in SUBJECT_OF else [],
                      "kind": each.kind_of(column.place), "is_new": is_new and column.field == own,
                      "lost": lost_of(each, column.place, fields[column.field].kind) if column.field in fields else []})  # fmt: skip
    return found


def _kinds(each: Import, place: int) -> list[tuple[str, str]]:
    """Return what a new field of a column can hold, with what its values look like; a choice where they are few."""
    found = each.kinds.get(str(place))
    if found is None:
        return []
    values, alike = len(found["values"]), _("{kind}, as its values look")
    choice = ngettext("Choice of its {n} value", "Choice of its {n} values", values).format(n=values)
    return [
        (kind, choice if kind == "choice" else alike.format(kind=title) if kind == found["guess"] and kind in GUESSED else str(title))
        for kind, title in FieldKind.choices if kind != "choice" or values
    ]  # fmt: skip


@allowed(*MARKETERS)
@require_POST
def import_columns(request: Signed, import_id: int) -> HttpResponse:
    """Say what the file holds, which column is what and how its days are written, and look at it again, or start."""
    each = get_object_or_404(Import, pk=import_id)
    chosen = [request.POST.get(f"column{place}") or None for place in range(len(each.heading))]
    now, by = datetime.now(UTC), request.user.username
    kinds = {place: request.POST[f"kind{place}"] for place in each.kinds if f"kind{place}" in request.POST}
    draft = f"{DRAFT}{each.pk}"
    try:
        if request.POST.get("holds", each.holds) != each.holds:
            say_holds(each=each, what=request.POST["holds"], said=chosen if "column0" in request.POST else (), by=by, at=now)
            request.session.pop(draft, None)  # the columns are mapped anew
            return redirect("import-detail", each.pk)
        request.session[draft] = {"columns": chosen, "kinds": kinds}  # so that what is refused is shown as it was chosen, to be mended
        _say_rest(request, each, now)
        map_columns(each=each, columns=chosen, kinds=kinds, by=by, at=now)
        del request.session[draft]
        if "start" in request.POST:
            start_import(each=each, by=by, at=now)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("import-detail", each.pk)


def _say_rest(request: Signed, each: Import, now: datetime) -> None:
    """Say what does not hang on the columns, so that it is kept where these are refused."""
    by = request.user.username
    say_orders(each=each, chosen={place: request.POST[f"order{place}"] for place in each.orders if f"order{place}" in request.POST},
               by=by, at=now)  # fmt: skip
    if each.holds in SKIPPED:
        skips = {f"skips_{name}": request.POST.get(name) == "skip" for name in ("known", "alike")}
        say_known(each=each, **skips, by=by, at=now)
    if texts := request.POST.getlist("country_text"):
        say_countries(each=each, meant=dict(zip(texts, request.POST.getlist("country_code"), strict=False)), by=by, at=now)
    if "owners" in request.POST and each.holds == Holds.LEADS:
        say_owners(each=each, replaces=request.POST["owners"] == "replace", by=by, at=now)
    if each.holds in LISTED:
        say_list(each=each, name=request.POST.get("list_name", ""), by=by, at=now)


@allowed(*MARKETERS)
@require_POST
def import_discard(request: Signed, import_id: int) -> HttpResponse:
    """Throw away a file that was never brought in."""
    each = get_object_or_404(Import, pk=import_id)
    try:
        discard_import(each=each, by=request.user.username, at=datetime.now(UTC))
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("import-detail", import_id)
    messages.info(request, _("{file} is thrown away; nothing of it was brought in.").format(file=each.file_name))
    return redirect("import-list")


@allowed(*MARKETERS)
def import_refused(request: Signed, import_id: int) -> StreamingHttpResponse | FileResponse:
    """Give the rows that could not be taken, or not whole, with line and reason: as they were, in a file like the one they came in."""
    each = get_object_or_404(Import, pk=import_id)
    rows = (
        [*row.cells, str(row.line), _("taken without: {cells}").format(cells=row.reason) if row.is_taken else row.reason]
        for row in refused_rows(each)
    )
    heading = [*each.heading, *OURS]
    if each.kind == "xlsx":
        return xlsx_file(f"refused-{each.pk}", heading, rows)
    return csv_file(f"refused-{each.pk}", heading, rows, delimiter=each.delimiter, encoding=each.encoding)
