"""The text of mails to those who sell, made when they are sent, of what is so then."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.core.mail import EmailMessage
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.models import About, Notice, SlaClock, Stage
from vaglio_server.lifecycle.queries import IN_SALES, Due, due_of, has_waiting, inbox, without_next_step

MOST = 20  # leads in a summary


def says_something(notice: Notice, at: datetime) -> bool:
    """Return whether a mail has anything to say still: leads that were answered meanwhile are no news."""
    if notice.about == About.DIGEST:
        return bool(has_waiting(notice.user, at) or without_next_step(notice.user, at, 1))
    return bool(_leads(notice))


def letter(notice: Notice, address: str, at: datetime) -> EmailMessage:
    """Return a mail as it is sent."""
    subject, body = _summary(notice, address, at) if notice.about == About.DIGEST else _news(notice, address, at)
    host = urlsplit(address).hostname or "vaglio"
    headers = {"Message-ID": f"<notice-{notice.pk}-{notice.created_at:%Y%m%d%H%M%S}@{host}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(subject=" ".join(subject.split())[:200], body=body, to=[notice.user.email], headers=headers)


def _leads(notice: Notice) -> list[Lead]:
    """Return the leads of a mail that wait for an answer, or to be taken on; of news to their owner, those that are theirs still."""
    also: dict[str, tuple[Stage, ...]] = {About.ASSIGNED: (Stage.SALES_QUALIFIED,), About.REMINDER: IN_SALES}
    stages = (Stage.MARKETING_QUALIFIED, *also.get(notice.about, ()))
    found = Lead.objects.present().filter(pk__in=notice.leads, standing__stage__in=stages)
    if notice.about != About.ESCALATED:
        found = found.filter(owner=notice.user)
    return list(found.select_related("account", "owner").order_by("rank", "id"))


def _news(notice: Notice, address: str, at: datetime) -> tuple[str, str]:
    leads = _leads(notice)
    due = _due(leads, at)
    first = _called(leads[0])
    if notice.about == About.ASSIGNED:
        count = ngettext("{first} is yours", "{n} leads are yours, {first} first", len(leads)).format(first=first, n=len(leads))
        opening = _("Now yours, the first to call first:")
    elif notice.about == About.REMINDER:
        count = ngettext("A reminder: {first}", "A reminder: {n} leads, {first} first", len(leads)).format(first=first, n=len(leads))
        opening = _("These lie idle with you. Answer them, say what you do next, or hand them back:")
    elif notice.about == About.LATE:
        count = ngettext("Late: {first}", "Late: {n} leads, {first} first", len(leads)).format(first=first, n=len(leads))
        opening = _("The promised answer to these is late; after twice the time they go to somebody else:")
    else:
        count = ngettext("Your team is late: {first}", "Your team is late with {n} leads", len(leads)).format(first=first, n=len(leads))
        opening = _("Nobody of your team has answered these in half as much time again as was promised:")
    lines = [_line(each, due.get(each.pk), address, notice) for each in leads]
    return count, "\n\n".join([_hello(notice), opening, *lines, _closing(address)])


def _summary(notice: Notice, address: str, at: datetime) -> tuple[str, str]:
    waits, idle = inbox(notice.user, at, MOST + 1), without_next_step(notice.user, at, MOST + 1)
    waiting, late = waits.rows, waits.late
    parts = [_hello(notice)]
    if waiting:
        parts.append(ngettext("{n} lead waits for your answer:", "{n} leads wait for your answer:", len(waiting)).format(n=_upto(waiting)))
        parts += [_line(each.lead, each.due, address, notice) for each in waiting[:MOST]]
    if idle:
        parts.append(
            ngettext("{n} lead in work has no next step:", "{n} leads in work have no next step:", len(idle)).format(n=_upto(idle))
        )
        parts += [_line(each, None, address, notice) for each in idle[:MOST]]
    subject = ngettext("{n} lead waits for you", "{n} leads wait for you", len(waiting)).format(n=_upto(waiting))
    subject = subject if waiting else _("Leads in work without a next step")
    if late:
        subject += ngettext(", {n} is late", ", {n} are late", late).format(n=late)
    return subject, "\n\n".join([*parts, _closing(address)])


def _upto(rows: Sequence[object]) -> str:
    return str(len(rows)) if len(rows) <= MOST else _("more than {n}").format(n=MOST)


def _due(leads: Iterable[Lead], at: datetime) -> dict[int, Due]:
    owners = {each.pk: each.owner_id for each in leads}
    return due_of(list(SlaClock.objects.filter(lead__in=owners, ended_at=None).prefetch_related("pauses")), owners, at)


def _line(lead: Lead, due: Due | None, address: str, notice: Notice) -> str:
    """Return a lead in lines: its rating, who it is, by when to answer, and where it is found."""
    of = ", ".join(str(part) for part in (lead.fields.get("job_title"), lead.account) if part)
    lines = [f"{lead.rating or '–'}  {_called(lead)}" + (f" ({of})" if of else "")]
    if due is not None:
        until = date_format(due.due_at.astimezone(due.zone), "l j F, H:i")
        lines.append((_("    late since {until}") if due.is_late else _("    to answer by {until}")).format(until=until))
    if notice.about == About.ESCALATED and lead.owner is not None:
        lines.append(_("    with {owner}").format(owner=lead.owner.called))
    return "\n".join([*lines, f"    {address}/leads/{lead.pk}"])


def _called(lead: Lead) -> str:
    return " ".join(str(lead).split())[:100]


def _hello(notice: Notice) -> str:
    return _("Hello {name},").format(name=notice.user.first_name or notice.user.called)


def _closing(address: str) -> str:
    return _("Answer them in your inbox: {link}\nWhich of these mails you get, you choose there, too.").format(link=f"{address}/inbox")
