"""Writing down whom to tell by mail, and telling them: of leads that came, of promises that are late, and each morning what waits."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions.letters import letter, says_something
from vaglio_server.lifecycle.logic.working_time import Calendar
from vaglio_server.lifecycle.models import About, Happening, Kind, Notice, Step, Wanted
from vaglio_server.lifecycle.queries import calendars_of, has_waiting, selling_users, wants, without_next_step
from vaglio_server.mailing import attempt
from vaglio_server.refused import Refused
from vaglio_server.users.actions import audit
from vaglio_server.users.models import User

AT_ONCE = 500  # happenings looked at
MOST_IN_ONE = 50  # leads of a mail; more than anybody reads
NOT_BEFORE = time(6)  # a summary comes as the day's work begins, at night for nobody
MORNING = timedelta(hours=4)  # after it begins; later a summary is of no use
KEPT = timedelta(days=30)
REMINDED = timedelta(hours=12)  # so long nobody is reminded again of the same lead
# Who gets which mails: that a team is late is for its leader to know at once, also for one who reads the rest in the morning.
_WANTS: dict[str, tuple[str, ...]] = {
    About.ASSIGNED: (Wanted.EACH,), About.LATE: (Wanted.EACH,), About.ESCALATED: (Wanted.EACH, Wanted.DIGEST)
}  # fmt: skip


@transaction.atomic
def write_notices(*, can_mail: bool, at: datetime) -> int:
    """Write down whom to tell of what happened, each once, and return how much was looked at; without a mail server nobody is told."""
    happened = list(Happening.objects.filter(mails_wait=True).select_for_update(skip_locked=True).order_by("id")[:AT_ONCE])
    if happened and can_mail:
        Notice.objects.bulk_create(_notices(happened, at))
    Happening.objects.filter(pk__in=[each.pk for each in happened]).update(mails_wait=False)
    return len(happened)


def _notices(happened: Sequence[Happening], at: datetime) -> list[Notice]:
    found = [(each, *to) for each in happened if (to := _to(each)) is not None]
    asked = {user for _each, user, _about in found}
    users = {each.pk: each for each in User.objects.filter(pk__in=asked, is_active=True).exclude(email="").select_related("selling")}
    told: dict[tuple[int, str], list[int]] = {}
    for each, user, about in found:
        if user in users and wants(users[user]) in _WANTS[about] and each.detail.get("by") != users[user].username:
            told.setdefault((user, about), []).append(each.lead_id)
    return [
        Notice(user_id=user, about=about, leads=list(dict.fromkeys(leads))[:MOST_IN_ONE], created_at=at, next_at=at)
        for (user, about), leads in told.items()
    ]


def _to(happening: Happening) -> tuple[int, str] | None:
    """Return who is told of something, and as what; None: nobody is."""
    detail = happening.detail
    if happening.kind == Kind.ASSIGNED:
        return detail["owner_id"], About.ASSIGNED
    about = {Step.OWNER: About.LATE, Step.LEADER: About.ESCALATED}.get(detail.get("step", ""))
    if happening.kind == Kind.ESCALATED and about is not None and detail["to_id"] is not None:
        return detail["to_id"], about
    return None


@transaction.atomic
def write_summaries(*, at: datetime) -> int:
    """Write down the summaries of the sellers whose working day begins, one a day, and return how many."""
    sellers = [each for each in selling_users() if each.email and wants(each) != Wanted.NONE]
    calendars = calendars_of([each.pk for each in sellers])
    days = {each.pk: day for each in sellers if (day := _morning(calendars[each.pk], at)) is not None}
    had = set(Notice.objects.filter(user__in=days, day__in=set(days.values())).values_list("user", "day"))
    due = [each for each in sellers if each.pk in days and (each.pk, days[each.pk]) not in had]
    new = [each for each in due if has_waiting(each, at) or without_next_step(each, at, 1)]
    made = [Notice(user=each, about=About.DIGEST, day=days[each.pk], created_at=at, next_at=at) for each in new]
    return len(Notice.objects.bulk_create(made, ignore_conflicts=True))


def _morning(calendar: Calendar, at: datetime) -> date | None:
    """Return the day whose work begins just now, where somebody works by a calendar; None: none does."""
    day = at.astimezone(calendar.zone).date()
    begins = calendar.begins(day)
    if begins is None:
        return None
    first = max(begins, datetime.combine(day, NOT_BEFORE, calendar.zone))
    return day if first <= at < first + MORNING else None


@transaction.atomic
def remind(*, leads: Sequence[int], by: str, at: datetime) -> int:
    """Remind the owners of leads that lie idle by mail, one each, and return how many owners that is.

    Raises
    ------
    Refused
        None of them has an owner with a mail address who wants mails, or all were reminded just now.
    """
    owned = Lead.objects.present().filter(pk__in=leads, owner__is_active=True).exclude(owner__email="")
    owned = owned.exclude(owner__selling__mails=Wanted.NONE)
    # Held, so that who asks twice at once is told the second time that it was done.
    held = owned.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk", "owner", "rank")
    rows = sorted(held, key=lambda each: (each[2], each[0]))
    lately = Notice.objects.filter(about=About.REMINDER, created_at__gt=at - REMINDED, leads__overlap=list(leads))
    told = {(user, lead) for user, those in lately.values_list("user", "leads") for lead in those}
    by_owner: dict[int, list[int]] = {}
    if not rows:
        raise Refused(_("Nobody can be reminded: these leads have no owner with a mail address who wants mails"))
    for lead, owner, _rank in rows:
        if (owner, lead) not in told:
            by_owner.setdefault(owner, []).append(lead)
    if not by_owner:
        raise Refused(_("their owners were reminded today already"))
    made = [Notice(user_id=owner, about=About.REMINDER, leads=those[:MOST_IN_ONE], created_at=at, next_at=at)
            for owner, those in by_owner.items()]  # fmt: skip
    Notice.objects.bulk_create(made)
    audit(by=by, verb="remind_owners", subject="leads", at=at, leads=list(leads), owners=sorted(by_owner))
    return len(made)


@transaction.atomic
def send_next_notice(*, address: str, at: datetime) -> int:
    """Send the mail that is due first, and return how many were tried."""
    due = Notice.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_at__lte=at)
    notice = due.select_related("user").order_by("next_at", "pk").first()
    if notice is None:
        return 0
    if not notice.user.is_active or not says_something(notice, at):
        notice.next_at = None
    else:
        attempt(notice, lambda: letter(notice, address, at), f"mail {notice.pk} to user {notice.user_id}", at)
    notice.save()
    return 1


@transaction.atomic
def send_again(*, at: datetime) -> int:
    """Have mails tried again that could not be sent, those given up of late too, and return how many."""
    failed = Notice.objects.filter(sent_at=None, created_at__gte=at - KEPT).exclude(error="")
    return failed.update(next_at=at, tries=0)


def forget_notices(*, at: datetime) -> int:
    """Forget mails that were sent or given up long ago, and return how many."""
    return Notice.objects.filter(created_at__lt=at - KEPT, next_at=None).delete()[0]
