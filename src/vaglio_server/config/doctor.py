"""What a deployment needs to work, checked one by one; each finding says what to do."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db import connection

from vaglio_server.config import env
from vaglio_server.connectors.queries import troubled
from vaglio_server.database import is_read_only
from vaglio_server.lifecycle.queries import unsent
from vaglio_server.scoring.queries import due_now, last_recheck, live_versions
from vaglio_server.tracking.models import Delivery, Source
from vaglio_server.tracking.queries import open_refused
from vaglio_server.users.models import Role, User

PATIENCE = timedelta(minutes=1)
LEAST_FREE = 2 * 1024**3  # bytes


@dataclass(frozen=True)
class Finding:
    """One check: what was found, and what to do where it is not well (empty where it is)."""

    said: str
    mend: str = ""


def examine(now: datetime) -> Iterator[Finding]:
    """Check everything, the foundations first."""
    for check in (
        _demo,
        _durable,
        _room,
        _administrator,
        _model,
        _source,
        _worker,
        _scores,
        _rechecked,
        _refused,
        _address,
        _mails,
        _webhooks,
    ):
        yield check(now)


def _setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        found: str = cursor.fetchone()[0]
        return found


def _demo(_now: datetime) -> Finding:
    is_demo = env.VAGLIO_DEMO.read() == "1"
    return (
        Finding("anybody comes in as anybody: this is the demo", "unset VAGLIO_DEMO") if is_demo else Finding("signing in takes a password")
    )


def _durable(_now: datetime) -> Finding:
    weak = [name for name in ("synchronous_commit", "fsync", "full_page_writes") if _setting(name) in {"off", "local"}]
    where = "private" if env.private_folder() else "your own"
    if is_read_only():
        why = "a standby, or default_transaction_read_only is on: see that DATABASE_URL names the one that is written to"
        return Finding(f"PostgreSQL ({where}) takes nothing: it is read-only", why)
    if weak:
        return Finding(f"PostgreSQL ({where}) may lose what was acknowledged", f"switch {', '.join(weak)} on")
    return Finding(f"PostgreSQL {_setting('server_version')} ({where}) keeps what it acknowledges")


def _room(_now: datetime) -> Finding:
    folder = env.home()
    if not folder.exists():
        return Finding("no data folder yet")
    free = shutil.disk_usage(folder).free
    return Finding(
        f"{free / 1024**3:.0f} GB free in {folder}", "make room: a full disk stops the intake (503)" if free < LEAST_FREE else ""
    )


def _administrator(_now: datetime) -> Finding:
    count = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).count()
    return Finding(f"{count} administrators", "" if count else "vaglio user create NAME --role administrator")


def _model(_now: datetime) -> Finding:
    names = [f"{version} ({'signed' if version.signed_at else 'unsigned'})" for version in live_versions()]
    if not names:
        return Finding("no model is live, so nobody has a rating", "vaglio push MODEL --activate")
    return Finding(f"live: {', '.join(names)}")


def _source(_now: datetime) -> Finding:
    count = Source.objects.filter(is_active=True).count()
    return Finding(f"{count} sources may send events", "" if count else "vaglio source create NAME")


def _worker(now: datetime) -> Finding:
    waiting = Delivery.objects.filter(is_open=True, received_at__lt=now - PATIENCE).count()
    if waiting:
        return Finding(
            f"{waiting} requests wait for more than a minute", "no worker runs, or it fails: vaglio serve --role worker, and see its log"
        )
    return Finding("no request waits for a worker")


def _scores(now: datetime) -> Finding:
    late = due_now(now - PATIENCE).leads
    return Finding(f"{late} leads are due for more than a minute", "see the worker's log" if late else "")


def _rechecked(now: datetime) -> Finding:
    last = last_recheck()
    if last is None:
        return Finding("no stored score was worked out again yet; a worker does so each day")
    said = (
        f"{last.detail['checked']} stored scores worked out again on {last.at:%Y-%m-%d}, {len(last.detail['different'])} came out otherwise"
    )
    wrong = "report this error of Vaglio's own with the scores named in the audit trail" if last.detail["different"] else ""
    return Finding(said, wrong or ("see the worker's log: it does so each day" if last.at < now - timedelta(days=3) else ""))


def _refused(now: datetime) -> Finding:
    count = open_refused().filter(refused_at__gt=now - timedelta(days=1)).count()
    return Finding(f"{count} events refused within a day", "see which and why on the page /refused" if count else "")


def _address(_now: datetime) -> Finding:
    here = env.address()
    if env.mail() is None:
        return Finding("sellers get no mails: EMAIL_URL names no server that sends them")
    is_local = urlsplit(here).hostname in {"localhost", "127.0.0.1", "::1"}
    return Finding(f"links of mails to sellers lead to {here}", "set VAGLIO_ADDRESS to where people open Vaglio" if is_local else "")


def _mails(now: datetime) -> Finding:
    found = unsent(now)
    if not found.count:
        return Finding("no mail to a seller failed of late")
    mend = "see EMAIL_URL; those given up can be tried again on the page /routing"
    return Finding(f"{found.count} mails to sellers could not be sent, {found.given_up} are given up: {found.why}", mend)


def _webhooks(_now: datetime) -> Finding:
    found = troubled()
    said = f"{len(found)} webhooks fail or were switched off by that: {', '.join(each.name for each in found)}"
    return Finding(said, "see what they answer on the page /webhooks") if found else Finding("no webhook fails")
