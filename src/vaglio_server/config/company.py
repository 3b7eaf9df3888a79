"""The made company: a year of leads and activities, the scores they had, two sales teams, and a user per role."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q
from pyarrow import parquet

from vaglio.demo import make
from vaglio_server.config.statistics import look_at_tables
from vaglio_server.crm.actions import Became, Brought, assign_leads, bring_leads, bring_outcomes
from vaglio_server.crm.models import Lead
from vaglio_server.lifecycle.actions import Hours, Ruling, Sharing, create_rule, keep_calendar, set_queue, take_crossings
from vaglio_server.lifecycle.logic.stages import Policy
from vaglio_server.lifecycle.queries import bounds_of, driving_document
from vaglio_server.scoring.actions import activate_version, push_model, score_due, score_past, score_run, sign_version
from vaglio_server.scoring.engine import Scorer
from vaglio_server.scoring.models import Side
from vaglio_server.tracking.actions import Done, bring_activities, create_source
from vaglio_server.tracking.models import Source
from vaglio_server.users.actions import create_user
from vaglio_server.users.models import Role, User

BY = "demo"
_PAID_IN = "EUR"  # what its sales are worth
PEOPLE = (
    ("ada", "Ada Conti", Role.ADMINISTRATOR, None),
    ("marta", "Marta Ferri", Role.MARKETING, None),
    ("luca", "Luca Rinaldi", Role.SALES, "Team South"),
    ("irina", "Irina Popa", Role.SALES, "Team South"),
    ("jonas", "Jonas Weber", Role.SALES, "Team North"),
    ("sofia", "Sofia Lindt", Role.SALES, "Team North"),
    ("vera", "Vera Neri", Role.READ_ONLY, None),
)
PAST = timedelta(days=360)
EVERY = timedelta(days=15)  # between the instants at which the past is scored
LATELY = tuple(timedelta(days=days) for days in (13, 11, 9, 8, 7, 6, 5, 4, 3, 2, 1))  # and nearer to now
NORTH = ("DE", "NO")
OWNED = ("A1", "A2", "B1", "A3", "B2")
_LEAD_FIELDS = ("first_name", "last_name", "email", "job_title", "country", "industry", "employees", "lead_source", "is_suspicious")
_PROPERTIES = ("path", "form", "content_type", "minutes", "campaign")


def make_company(*, leads: int, model: str, now: datetime, said: Callable[[str], None]) -> Source:
    """Make the company in an empty database, and return the source its visitors come by."""
    since = now - timedelta(days=420)
    said("making people and a model")
    users = [_user(name, called, role, team, now) for name, called, role, team in PEOPLE]
    sellers = [user for user in users if user.role == Role.SALES]
    called = {user.username: user for user in users}
    _rule_sales(called, now)
    source = create_source(name="website", by=BY, at=now)
    version = push_model(text=model, by=BY, at=now)
    for side, name in ((Side.MARKETING, "marta"), (Side.SALES, "irina")):
        sign_version(version=version, side=side, user=called[name], at=now)
    said(f"making {leads:,} leads and a year of activities")
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), leads=leads, until=now, format="parquet")
        ids = _bring(Path(folder), source, since, now)
    look_at_tables()
    said("scoring the year that lies behind them")
    with closing(Scorer(settings.DATABASES["default"])) as scorer:
        activate_version(version=version, by=BY, at=now)
        score_past(version=version, instants=_instants(now), scorer=scorer, by=BY, at=now)
        while score_run(scorer=scorer, limit=10_000) or score_due(scorer=scorer, limit=10_000):
            pass
    _assign(sellers, now)
    while take_crossings(limit=500, policy=Policy(), at=now):  # the rest is given as rules say
        pass
    look_at_tables()
    said(f"{len(ids):,} leads are scored")
    return source


def _user(name: str, called: str, role: Role, team: str | None, now: datetime) -> User:
    user = create_user(name=name, email=f"{name}@vela-suite.example", password=None, role=role, team=team, by=BY, at=now)
    user.first_name, user.last_name = called.split(" ")
    user.save()
    return user


def _rule_sales(people: dict[str, User], now: datetime) -> None:
    """Say when they work, who leads each team, and where leads go."""
    week = [*["9:00-13:00, 14:00-18:00"] * 5, "", ""]
    keep_calendar(calendar=None, says=Hours("Vela office", "Europe/Rome", week, is_default=True), by=BY, at=now)
    for leader, others in (("irina", "luca"), ("sofia", "jonas")):
        team = people[others].team
        if team is not None:
            set_queue(team=team, says=Sharing(people[leader]), by=BY, at=now)
    north = [f"lead.country:is:{code}" for code in NORTH]
    create_rule(says=Ruling("Germany and Norway", north, team=people["jonas"].team), by=BY, at=now)
    create_rule(says=Ruling("All other countries", team=people["luca"].team), by=BY, at=now)


def _instants(now: datetime) -> list[datetime]:
    return [now - PAST + EVERY * step for step in range(PAST // EVERY)] + [now - ago for ago in LATELY]


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    yield from parquet.read_table(folder / f"{name}.parquet").to_pylist()


def _bring(folder: Path, source: Source, since: datetime, now: datetime) -> dict[str, int]:
    leads = list(_rows(folder, "leads"))
    brought = Brought(
        accounts=[(row["account_id"], row["name"], row["domain"], _kept(row, ("industry", "employees", "country", "segment")))
                  for row in _rows(folder, "accounts")],
        leads=[(row["lead_id"], row["account_id"], row["created_at"], _kept(row, _LEAD_FIELDS)) for row in leads],
        changes=[(row["lead_id"], row["field"], row["value"], row["known_at"]) for row in _rows(folder, "field_changes")],
        members=[(row["list"], *_member(row), _midnight(row["from"]), _midnight(row["to"])) for row in _rows(folder, "lists")],
    )  # fmt: skip
    ids = bring_leads(brought=brought, since=since, by=BY, at=now)
    bring_activities(
        source=source,
        people={ids[row["lead_id"]]: (row["lead_id"], row["created_at"]) for row in leads},
        done=[_done(row, ids[row["lead_id"]]) for row in _rows(folder, "activities")],
        by=BY,
        at=now,
    )
    bring_outcomes(became=[(ids[row["lead_id"]], _became(row)) for row in _rows(folder, "outcomes")], by=BY, at=now)
    return ids


def _kept(row: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names if row[name] is not None}


def _member(row: dict[str, Any]) -> tuple[str | None, str | None]:
    return (row["member_id"], None) if row["member_type"] == "lead" else (None, row["member_id"])


def _midnight(day: Any) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None


def _became(row: dict[str, Any]) -> Became:
    currency = _PAID_IN if row["value"] is not None else None
    return Became(row["outcome"], row["occurred_at"], row["reason"], row["value"], currency)


def _done(row: dict[str, Any], lead: int) -> Done:
    machine = row["machine_known_at"] if row["is_machine"] else None
    return Done(lead, row["message_id"], row["activity_type"], row["occurred_at"], row["received_at"],
                machine or (row["received_at"] if row["is_machine"] else None), _kept(row, _PROPERTIES))  # fmt: skip


def _assign(sellers: list[User], now: datetime) -> None:
    """Give the leads that matter, and that sales has not to answer just now, to sellers in turn, so that each has as many good ones."""
    unanswered = Q(rating__in=bounds_of(driving_document()).enter, outcomes=None)
    worth = list(Lead.objects.filter(rating__in=OWNED).exclude(unanswered).order_by("rank", "id").values_list("id", flat=True))
    for place, seller in enumerate(sellers):
        assign_leads(leads=worth[place :: len(sellers)], owner=seller, by=BY, at=now)
