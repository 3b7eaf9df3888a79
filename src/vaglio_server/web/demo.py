"""The demo's own pages: the mails it sent, and time that passes by a click; there are none on any other server."""

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from vaglio_server.lifecycle.actions import begin_day, let_time_pass
from vaglio_server.web.access import EVERYBODY, Signed, allowed

SHOWN = 100
HOUR_SECONDS = 3600


@dataclass(frozen=True)
class Letter:
    """A mail that was sent."""

    to: str
    subject: str
    text: str
    at: datetime


def _only_here() -> None:
    if not settings.DEMO:
        raise Http404("this is not the demo")


@allowed(*EVERYBODY)
def demo_mails(request: Signed) -> HttpResponse:
    """Show the mails that the demo sent, the newest first."""
    _only_here()
    folder = Path(settings.DEMO_MAILS)
    return render(request, "demo/mail_list.html", {"letters": [_letter(each) for each in sorted(folder.glob("*.eml"))[: -SHOWN - 1 : -1]]})


def _letter(file: Path) -> Letter:
    read = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    body = read.get_body(("plain",))
    at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return Letter(str(read["To"]), str(read["Subject"]), body.get_content() if body is not None else "", at)


@allowed(*EVERYBODY)
@require_POST
def demo_pass(request: Signed) -> HttpResponse:
    """Let an hour of working time pass, or a day begin."""
    _only_here()
    now = datetime.now(UTC)
    if "day" in request.POST:
        count = begin_day(at=now)
        messages.info(request, ngettext("{n} seller gets a summary.", "{n} sellers get a summary.", count).format(n=count))
    else:
        steps = let_time_pass(seconds=HOUR_SECONDS, at=now)
        said = ngettext("{n} step was taken for what is late.", "{n} steps were taken for what is late.", steps).format(n=steps)
        messages.info(request, f"{_('An hour of working time has passed.')} {said}")
    return redirect("inbox")
