"""What the workers do: what waits for them, what they are at, and whether any of them lives."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vaglio_server.imports.models import Import, ImportState
from vaglio_server.imports.queries import named_in, running_imports
from vaglio_server.scoring.queries import Worker, due_now, last_recheck, workers
from vaglio_server.studies.queries import unfinished
from vaglio_server.tracking.queries import waiting_deliveries
from vaglio_server.users.models import MARKETERS
from vaglio_server.web.access import Signed, allowed
from vaglio_server.web.words import ago, count

PATIENCE = timedelta(seconds=30)  # what waits longer is waited for
RECHECKED_EACH = timedelta(days=2)


@dataclass(frozen=True)
class Job:
    """One kind of work: how it stands in a word (``mark``: good, bad or none of both), and in a sentence."""

    title: str
    mark: str
    word: str
    sentence: str
    address: str | None = None
    percent: int | None = None


@allowed(*MARKETERS)
def job_list(request: Signed) -> HttpResponse:
    """Show what waits and what runs; the page asks for itself again while it is looked at."""
    now, living = datetime.now(UTC), workers()
    found = {
        "jobs": [_workers(living), _requests(now, living), _scores(now, living), *_imports(living), _studies(living), _recheck(now)],
        "workers": living,
    }
    return render(request, "jobs/_job_rows.html" if "HX-Request" in request.headers else "jobs/job_list.html", found)


def _workers(living: list[Worker]) -> Job:
    if not living:
        return Job(
            _("Workers"), "bad", _("none lives"), _("Nothing is taken and nothing is scored until one runs: vaglio serve --role worker")
        )
    sentence = ngettext("%(n)s worker is connected.", "%(n)s workers are connected.", len(living)) % {"n": len(living)}
    return Job(_("Workers"), "good", _("good"), sentence)


def _waits(since: datetime, now: datetime, living: list[Worker]) -> tuple[str, str]:
    """Return mark and word for something that has been waiting since an instant."""
    if not living:
        return "bad", _("waiting, and nobody works")
    return ("", _("waiting")) if since < now - PATIENCE else ("good", _("being worked on"))


def _requests(now: datetime, living: list[Worker]) -> Job:
    title, waiting = _("Requests from senders"), waiting_deliveries()
    if waiting.since is None:
        return Job(title, "good", _("good"), _("None waits to be taken."))
    said = ngettext("%(n)s waits; it came %(ago)s.", "%(n)s wait; the first came %(ago)s.", waiting.requests)
    mark, word = _waits(waiting.since, now, living)
    return Job(title, mark, word, said % {"n": count(waiting.requests), "ago": ago(waiting.since)})


def _scores(now: datetime, living: list[Worker]) -> Job:
    title, due = _("Leads to be scored"), due_now(now)
    if due.since is None:
        return Job(title, "good", _("good"), _("Every score is of what is known now."))
    said = ngettext("%(n)s lead is due; it became so %(ago)s.", "%(n)s leads are due; the first became so %(ago)s.", due.leads)
    mark, word = _waits(due.since, now, living)
    return Job(title, mark, word, said % {"n": count(due.leads), "ago": ago(due.since)})


def _imports(living: list[Worker]) -> list[Job]:
    running = list(running_imports())
    if not running:
        return [Job(_("Files being brought in"), "good", _("good"), _("None."), reverse("import-list"))]
    mark, word = ("good", _("running")) if living else ("bad", _("waiting, and nobody works"))
    return [_import(each, mark, word) for each in running]


def _import(each: Import, mark: str, word: str) -> Job:
    address = reverse("import-detail", args=(each.pk,))
    if each.state == ImportState.UNDOING:
        named = named_in(each)
        said = _("{done} of {all} are taken back.").format(done=count(named.leads - named.waiting), all=count(named.leads))
        return Job(each.file_name, mark, word, said, address, 100 * (named.leads - named.waiting) // max(1, named.leads))
    said = _("{read} of {rows} rows are read.").format(read=count(each.rows_read), rows=count(each.rows))
    return Job(each.file_name, mark, word, said, address, 100 * each.rows_read // max(1, each.rows))


def _studies(living: list[Worker]) -> Job:
    """Return what is counted or compared."""
    title, waiting = _("Models counted and compared"), list(unfinished())
    if not waiting:
        return Job(title, "good", _("good"), _("None waits."), reverse("model-list"))
    first = waiting[0]
    mark, word = ("good", _("running")) if living else ("bad", _("waiting, and nobody works"))
    said = ngettext(
        "%(n)s waits or runs; the first was asked for %(ago)s.", "%(n)s wait or run; the first was asked for %(ago)s.", len(waiting)
    )
    address = reverse("model-detail", args=(first.version.scoring_model.name,))
    return Job(title, mark, word, said % {"n": len(waiting), "ago": ago(first.asked_at)}, address, int(100 * first.done_share))


def _recheck(now: datetime) -> Job:
    title, last = _("Stored scores worked out again"), last_recheck()
    if last is None:
        return Job(
            title, "", _("not yet"), _("A worker does so each day, for the first time after an hour: a thousand of them, from the facts.")
        )
    checked, different = last.detail["checked"], len(last.detail["different"])
    if different:
        said = _("{n} of {all} came out otherwise {ago}: an error of Vaglio's own, please report it with the entry in the audit trail.")
        return Job(title, "bad", _("came out otherwise"), said.format(n=count(different), all=count(checked), ago=ago(last.at)))
    said = _("{all} of them {ago}; every one came out as it was stored.").format(all=count(checked), ago=ago(last.at))
    return Job(title, "", _("long ago"), said) if last.at < now - RECHECKED_EACH else Job(title, "good", _("good"), said)
