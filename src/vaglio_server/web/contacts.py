"""Contacts: the list, searched, those of a company, and those of a file that was brought in."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render

from vaglio_server.crm.models import Account, Contact, Lead
from vaglio_server.crm.queries import page_by_id, roles_of
from vaglio_server.imports.models import Import
from vaglio_server.imports.queries import brought_contacts
from vaglio_server.tracking.queries import last_activity
from vaglio_server.web.access import EVERYBODY, Signed, allowed
from vaglio_server.web.whole_number import whole_number

PAGE = 50


@allowed(*EVERYBODY)
def contact_list(request: Signed) -> HttpResponse:
    """Show contacts, the newest first: all that a user may see, those found by their words, those at a company, or of a file."""
    text = request.GET.get("q", "").replace("\x00", "")
    given = {name: whole_number(request.GET.get(name)) for name in ("file", "account", "cursor")}
    file = Import.objects.filter(pk=given["file"] or 0).first()
    account = Account.objects.present().filter(pk=given["account"] or 0).first()
    found = Contact.objects.visible_to(request.user).found_by(text).select_related("account", "owner")
    found = found.filter(pk__in=brought_contacts(file).values("pk")) if file else found
    found = found.filter(account=account) if account else found
    page = page_by_id(found, cursor=given["cursor"], limit=PAGE, newest_first=True)
    leads = Lead.objects.visible_to(request.user).in_bulk([each.lead_id for each in page.rows if each.lead_id])
    last, roles = last_activity(list(leads.values())), roles_of(page.rows, request.user)
    asked = {"q": text, "file": given["file"], "account": given["account"], "cursor": page.next_cursor}
    shown = {
        "rows": [(each, leads.get(each.lead_id or 0), roles.get(each.pk, []), last.get(each.lead_id or 0)) for each in page.rows],
        "more": f"?{urlencode({name: value for name, value in asked.items() if value})}" if page.next_cursor else None,
        "q": text,
        "file": file,
        "account": account,
        "is_more": given["cursor"] is not None,
    }
    return render(request, "contacts/_contact_rows.html" if request.headers.get("HX-Request") else "contacts/contact_list.html", shown)
